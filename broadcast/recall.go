package broadcast

import (
	"context"
	"errors"
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

// RecallReport is what the recall of a wave did.
type RecallReport struct {
	Wave     store.Wave       // as it is afterwards
	Recalled []store.Delivery // taken back
	Refused  []NotRecalled    // sent in the last two minutes, and not taken back
	TooOld   int              // sent before that: they stand
	Unknown  int              // that may stand; without the server's id nothing can be taken back
}

// NotRecalled is a message that could not be taken back, and why.
type NotRecalled struct {
	store.Delivery
	Why store.Reason
}

// The reasons for which a message is not taken back, beside those of the sender.
const (
	ReasonNoLane      store.Reason = "offline"      // the program does not work with its account
	ReasonNotRecorded store.Reason = "not_recorded" // WeChat took it back, and the ledger could not keep that
)

// RecallWindow is for how long WeChat takes a message back.
const RecallWindow = 2 * time.Minute

// JustEnded tells that a wave ended so lately that stopping it still means something: its last messages can be taken back.
func JustEnded(w store.Wave) bool {
	return (w.State == store.WaveFinished || w.State == store.WaveFailures) && time.Since(w.FinishedAt) < RecallWindow
}

// EmergencyStop holds a wave at once, or every wave that runs or ended just now when the id is empty, and takes back what can
// still be taken back: for each lane one message after the other, the newest first. What stands is what "delivery list" shows as
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
		switch {
		case JustEnded(w):
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
	taken, refused, err := d.takeBack(ctx, waves, who)
	if err != nil {
		return r, err
	}
	r.Recalled = len(taken)
	for _, one := range refused {
		r.Refused = append(r.Refused, one.Delivery)
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

// Recall takes back what a wave sent in the last two minutes, and holds it first where it still sends: others go on. A
// wave that sent nothing is refused.
func (d *Dispatcher) Recall(ctx context.Context, waveID, who string) (r RecallReport, err error) {
	w, err := d.desk.Store.Wave(waveID)
	switch {
	case err != nil:
		return r, err
	case w.Number == store.Answers:
		return r, words.Refuse("store.answers_fixed")
	case w.Counts[store.Sending]+w.Counts[store.Accepted]+w.Counts[store.Sent]+w.Counts[store.Unknown]+w.Counts[store.Recalled] == 0:
		return r, words.Refuse("broadcast.nothing_sent", w.ID, words.T("state."+string(w.State))).Of(words.Conflict)
	}
	if w.State == store.WaveRunning || w.State == store.WaveHolding {
		if w, err = d.desk.Store.MoveWave(w.ID, store.WavePaused, "broadcast.recalled", who); ignoreConflict(err) != nil {
			return r, err // it may have ended meanwhile
		}
	}
	if r.Recalled, r.Refused, err = d.takeBack(ctx, []store.Wave{w}, who); err != nil {
		return r, err
	}
	r.Wave, err = d.desk.Store.WaveNumber(w.Number)
	r.TooOld = r.Wave.Counts[store.Accepted] + r.Wave.Counts[store.Sent] - len(r.Refused)
	r.Unknown = r.Wave.Counts[store.Unknown]
	d.desk.Event(Event{Wave: w.ID, Alert: true, What: words.T("broadcast.was_recalled", w.ID, len(r.Recalled), len(r.Refused), r.TooOld)})
	return r, err
}

// RecallDelivery takes one message back. It refuses what was not sent, or was more than two minutes ago, and says why where
// WeChat or the account does not do it.
func (d *Dispatcher) RecallDelivery(ctx context.Context, id, who string) (store.Delivery, error) {
	one, err := d.desk.Store.Delivery(id)
	if err != nil {
		return one, err
	}
	if one.State != store.Accepted && one.State != store.Sent {
		return one, words.Refuse("broadcast.recall_state", id, words.T("state."+one.State.String())).Of(words.Conflict)
	}
	last := one.Attempts[len(one.Attempts)-1]
	if ago := time.Since(last.At); ago >= RecallWindow {
		return one, words.Refuse("broadcast.recall_too_old", id, last.At.In(d.desk.Planner.Zone).Format("15:04:05")).Of(words.Conflict)
	}
	ctx, cancel := atOnce(ctx)
	defer cancel()
	if _, refused := d.recallAll(ctx, last.Account, []store.Delivery{one}, who); len(refused) > 0 {
		return one, words.Refuse("broadcast.recall_refused", id, words.T("reason."+string(refused[0].Why)))
	}
	return d.desk.Store.Delivery(id)
}

// atOnce is a context for what nobody who goes away must break off half-way: it ends when WeChat takes nothing back any
// more.
func atOnce(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), RecallWindow)
}

// takeBack takes back what waves sent in the last two minutes: at once what is on disk; then what was in hand, for a send
// that hangs must not cost the others their time.
func (d *Dispatcher) takeBack(ctx context.Context, waves []store.Wave, who string) (taken []store.Delivery, refused []NotRecalled, err error) {
	ctx, cancel := atOnce(ctx)
	defer cancel()
	known := map[[2]uint32]bool{}
	for round := range 2 {
		if round > 0 {
			d.settled(ctx)
		}
		recent, err := d.recent(waves)
		if err != nil {
			return taken, refused, err
		}
		more, not := d.takeBackFrom(ctx, slices.DeleteFunc(recent, func(one store.Delivery) bool { return known[[2]uint32{one.Wave, one.Seq}] }), who)
		taken, refused = append(taken, more...), append(refused, not...)
		for _, one := range not {
			known[[2]uint32{one.Wave, one.Seq}] = true
		}
	}
	return taken, refused, nil
}

// takeBackFrom takes messages back, the accounts side by side, of each the newest first.
func (d *Dispatcher) takeBackFrom(ctx context.Context, list []store.Delivery, who string) (taken []store.Delivery, refused []NotRecalled) {
	at := func(one store.Delivery) store.Attempt { return one.Attempts[len(one.Attempts)-1] }
	slices.SortFunc(list, func(a, b store.Delivery) int { return at(b).At.Compare(at(a).At) })
	byAccount := map[string][]store.Delivery{}
	for _, one := range list {
		byAccount[at(one).Account] = append(byAccount[at(one).Account], one)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	for account, list := range byAccount {
		wg.Go(func() {
			done, not := d.recallAll(ctx, account, list, who)
			mu.Lock()
			defer mu.Unlock()
			taken, refused = append(taken, done...), append(refused, not...)
		})
	}
	wg.Wait()
	return taken, refused
}

// settled waits for the sends in hand: their outcome is on disk when it returns, unless the context ends first.
func (d *Dispatcher) settled(ctx context.Context) {
	for _, l := range d.all() {
		if l.work.take(ctx) {
			l.work.give()
		}
	}
}

// recent lists what waves sent in the last two minutes, retried, handed-over and waiting messages too.
func (d *Dispatcher) recent(waves []store.Wave) (out []store.Delivery, err error) {
	since := time.Now().Add(-RecallWindow)
	for _, w := range waves {
		sent, err := d.desk.Store.SentSince(w.Number, since)
		if err != nil {
			return nil, err
		}
		seen := map[uint32]bool{}
		for _, one := range sent {
			seen[one.Seq] = true
		}
		out = append(out, sent...)
		// The ledger finds what waited in the queue only as long as it is not confirmed.
		for _, l := range d.all() {
			for _, seq := range l.fromQueue(w.Number) {
				if seen[seq] {
					continue
				}
				seen[seq] = true
				one, err := d.desk.Store.Delivery(store.DeliveryID(w.ID, seq))
				if err != nil {
					return nil, err
				}
				if (one.State == store.Accepted || one.State == store.Sent) && one.Attempts[len(one.Attempts)-1].At.After(since) {
					out = append(out, one)
				}
			}
		}
	}
	return out, nil
}

func (d *Dispatcher) recallAll(ctx context.Context, account string, list []store.Delivery, who string) (taken []store.Delivery, refused []NotRecalled) {
	l := d.lane(account)
	var r Recaller
	if l != nil {
		r, _ = l.sender.(Recaller)
	}
	for _, one := range list {
		if r == nil {
			refused = append(refused, NotRecalled{one, ReasonNoLane})
			continue
		}
		if why := l.takeBack(ctx, r, one.Group, one.Attempts[len(one.Attempts)-1]); why != "" {
			refused = append(refused, NotRecalled{one, why})
			continue
		}
		marked, err := d.desk.Store.MarkRecalled(one.Wave, one.Seq, who)
		if err != nil {
			refused = append(refused, NotRecalled{one, ReasonNotRecorded})
			continue
		}
		taken = append(taken, marked)
	}
	return taken, refused
}

// takeBack has a message taken back, and answers why it was not.
func (l *lane) takeBack(ctx context.Context, r Recaller, group uint32, a store.Attempt) (why store.Reason) {
	if !l.wire.take(ctx) {
		return store.ReasonNotAnswered
	}
	defer l.wire.give()
	defer func() {
		if recover() != nil {
			why = ReasonPanic
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, l.desk.SendTimeout)
	defer cancel()
	err := r.Recall(ctx, group, a.ClientID, a.ServerID)
	var se *SendError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &se) && se.Reason != "":
		return se.Reason
	}
	return store.ReasonNotAnswered
}

// queued is a message that waited in the queue before it was sent.
type queued struct {
	wave, seq uint32
	at        time.Time
}

// noteQueued remembers a message that waited in the queue, as long as it can be taken back. The caller holds the lock.
func (l *lane) noteQueued(d store.Delivery) {
	now := time.Now()
	for len(l.waited) > 0 && now.Sub(l.waited[0].at) > RecallWindow {
		l.waited = l.waited[1:]
	}
	l.waited = append(l.waited, queued{d.Wave, d.Seq, now})
}

// fromQueue lists what of a wave waited in the queue and was sent lately.
func (l *lane) fromQueue(wave uint32) (seqs []uint32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, q := range l.waited {
		if q.wave == wave && time.Since(q.at) <= RecallWindow {
			seqs = append(seqs, q.seq)
		}
	}
	return seqs
}
