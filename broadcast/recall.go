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

// EmergencyStop holds a wave at once, or every wave that runs when the id is empty, and takes back what can still be taken
// back: for each lane one message after the other, the newest first. What stands is what "delivery list" shows as
// accepted, sent or unknown; a correction to exactly those groups is a wave of its own.
func (d *Dispatcher) EmergencyStop(ctx context.Context, waveID, who string) (r StopReport, err error) {
	var waves []store.Wave
	if waveID != "" {
		w, err := d.desk.Store.StopWave(waveID, "broadcast.emergency", who)
		if err != nil {
			return r, err
		}
		waves = append(waves, w)
	} else {
		all, err := d.desk.Store.Waves(true)
		if err != nil {
			return r, err
		}
		for _, w := range all {
			if w.State != store.WaveRunning && w.State != store.WaveHolding {
				continue
			}
			if w, err = d.desk.Store.StopWave(w.ID, "broadcast.emergency", who); err == nil {
				waves = append(waves, w)
			} else if ignoreConflict(err) != nil {
				return r, err
			}
		}
	}
	byAccount := map[string][]store.Delivery{}
	for _, w := range waves {
		r.Waves = append(r.Waves, w.ID)
		d.settled()
		recent, err := d.recent(w)
		if err != nil {
			return r, err
		}
		for _, one := range recent {
			account := one.Attempts[len(one.Attempts)-1].Account
			byAccount[account] = append(byAccount[account], one)
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
	for _, w := range waves {
		if w, err = d.desk.Store.WaveNumber(w.Number); err != nil {
			return r, err
		}
		r.Standing += w.Counts[store.Accepted] + w.Counts[store.Sent] + w.Counts[store.Unknown]
		d.desk.Event(Event{Wave: w.ID, Alert: true, What: words.T("broadcast.stopped", w.ID, r.Recalled, len(r.Refused))})
	}
	return r, nil
}

// settled waits for the sends in hand: their outcome is on disk when it returns.
func (d *Dispatcher) settled() {
	for _, l := range d.all() {
		l.work.Lock()
		l.work.Unlock() //nolint:staticcheck // only to wait
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
	l.wire.Lock()
	defer l.wire.Unlock()
	defer func() {
		if recover() != nil {
			done = false
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, l.desk.SendTimeout)
	defer cancel()
	return r.Recall(ctx, group, a.ClientID, a.ServerID) == nil
}
