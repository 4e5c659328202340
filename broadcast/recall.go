package broadcast

import (
	"context"
	"slices"
	"sync"
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// StopReport is what an emergency stop did.
type StopReport struct {
	Waves    []string         // that were stopped
	Recalled int              // messages taken back
	Refused  []store.Delivery // inside the two minutes, and WeChat or the account did not take them back
	Standing int              // messages that stand in groups, or may: sent earlier, refused or unknown
}

// recallWindow is for how long WeChat takes a message back.
const recallWindow = 2 * time.Minute

// EmergencyStop holds a wave at once, or every wave that runs or ended just now when the id is empty, and takes back what can still be taken
// back: for each lane one message after the other, the newest first. What stands is what "delivery list" shows as
// accepted, sent or unknown; a correction to exactly those groups is a wave of its own.
func (d *Dispatcher) EmergencyStop(ctx context.Context, waveID, who string) (r StopReport, err error) {
	var waves []store.Wave
	all, err := d.desk.Store.Waves(false)
	if waveID != "" {
		var w store.Wave
		w, err = d.desk.Store.Wave(waveID)
		all = []store.Wave{w}
	}
	if err != nil {
		return r, err
	}
	for _, w := range all {
		// A small wave is at its end before anybody sees what is wrong with it.
		ended := (w.State == store.WaveFinished || w.State == store.WaveFailures) && time.Since(w.FinishedAt) < recallWindow
		switch {
		case ended:
		case waveID != "", w.State == store.WaveRunning, w.State == store.WaveHolding:
			w, err = d.desk.Store.StopWave(w.ID, "broadcast.emergency", who)
			if err != nil && waveID == "" && ignoreConflict(err) == nil {
				continue
			}
			if err != nil {
				return r, err
			}
		default:
			continue
		}
		waves, r.Waves = append(waves, w), append(r.Waves, w.ID)
	}
	// At once what is on disk; then what was in hand, for a send that hangs must not cost the others their two minutes.
	if err := d.takeBackRecent(ctx, waves, who, &r); err != nil {
		return r, err
	}
	d.settled(ctx)
	if err := d.takeBackRecent(ctx, waves, who, &r); err != nil {
		return r, err
	}
	for _, w := range waves {
		if w, err = d.desk.Store.WaveNumber(w.Number); err != nil {
			return r, err
		}
		r.Standing += w.Counts[store.Accepted] + w.Counts[store.Sent] + w.Counts[store.Unknown]
		d.desk.Event(Event{Wave: w.ID, Alert: true, What: words.T("broadcast.stopped", w.ID, r.Recalled, len(r.Refused))})
	}
	return r, nil
}

// takeBackRecent takes back what the waves sent in the last two minutes, the accounts side by side.
func (d *Dispatcher) takeBackRecent(ctx context.Context, waves []store.Wave, who string, r *StopReport) error {
	byAccount := map[string][]store.Delivery{}
	for _, w := range waves {
		recent, err := d.recent(w)
		if err != nil {
			return err
		}
		for _, one := range recent {
			known := slices.ContainsFunc(r.Refused, func(o store.Delivery) bool { return o.Wave == one.Wave && o.Seq == one.Seq })
			if account := one.Attempts[len(one.Attempts)-1].Account; !known {
				byAccount[account] = append(byAccount[account], one)
			}
		}
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	for account, list := range byAccount {
		slices.SortFunc(list, func(a, b store.Delivery) int {
			return b.Attempts[len(b.Attempts)-1].At.Compare(a.Attempts[len(a.Attempts)-1].At)
		})
		wg.Go(func() {
			n, refused := d.recallAll(ctx, account, list, who)
			mu.Lock()
			r.Recalled, r.Refused = r.Recalled+n, append(r.Refused, refused...)
			mu.Unlock()
		})
	}
	wg.Wait()
	return nil
}

// settled waits for the sends in hand: their outcome is on disk when it returns, unless the context ends first.
func (d *Dispatcher) settled(ctx context.Context) {
	for _, l := range d.all() {
		if l.work.take(ctx) {
			l.work.give()
		}
	}
}

// recent lists what a wave sent in the last two minutes, retried and handed-over messages too.
func (d *Dispatcher) recent(w store.Wave) ([]store.Delivery, error) {
	since := time.Now().Add(-recallWindow)
	out, err := d.desk.Store.SentSince(w.Number, since)
	if err != nil {
		return nil, err
	}
	seen := map[uint32]bool{}
	for _, one := range out {
		seen[one.Seq] = true
	}
	for _, l := range d.all() {
		more, err := d.desk.Store.AcceptedSince(l.account, 0, since)
		if err != nil {
			return nil, err
		}
		for _, one := range more {
			if one.Wave == w.Number && !seen[one.Seq] {
				seen[one.Seq] = true
				out = append(out, one)
			}
		}
	}
	return out, nil
}

func (d *Dispatcher) recallAll(ctx context.Context, account string, list []store.Delivery, who string) (n int, refused []store.Delivery) {
	l := d.lane(account)
	var r Recaller
	if l != nil {
		r, _ = l.sender.(Recaller)
	}
	for _, one := range list {
		a := one.Attempts[len(one.Attempts)-1]
		if r == nil || ctx.Err() != nil || !l.takeBack(ctx, r, one.Group, a) {
			refused = append(refused, one)
			continue
		}
		if _, err := d.desk.Store.MarkRecalled(one.Wave, one.Seq, who); err != nil {
			refused = append(refused, one)
			continue
		}
		n++
	}
	return n, refused
}

func (l *lane) takeBack(ctx context.Context, r Recaller, group uint32, a store.Attempt) (done bool) {
	if !l.wire.take(ctx) {
		return false
	}
	defer l.wire.give()
	defer func() {
		if recover() != nil {
			done = false
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, l.desk.SendTimeout)
	defer cancel()
	return r.Recall(ctx, group, a.ClientID, a.ServerID) == nil
}
