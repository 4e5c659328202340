package broadcast

import (
	"slices"
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// due opens an approved wave whose time has come, or deals with it by its policy when that is long past.
func (s *Scheduler) due(w store.Wave, now time.Time) error {
	if w.Opening {
		return nil
	}
	// A wave that was approved after its time was wanted then: it is late from its approval on.
	wanted := maxTime(w.At, w.ApprovedAt)
	if w.Plan.Missed != store.MissedLate && w.Plan.Missed != "" && now.Sub(wanted) > s.desk.Late {
		s.desk.Event(Event{Wave: w.ID, Alert: true, What: words.T("broadcast.wave_missed", w.ID)})
		if w.Plan.Missed == store.MissedAsk {
			_, err := s.desk.Store.VoidApproval(w.ID, w.Hash, "broadcast.missed")
			return ignoreConflict(err)
		}
		_, err := s.desk.Store.CancelWave(w.ID, "broadcast.missed", "")
		return ignoreConflict(err)
	}
	return s.open(w, now)
}

// open plans a wave again and opens it when that is, to the byte, what was approved.
func (s *Scheduler) open(w store.Wave, now time.Time) error {
	v, fleet, err := s.desk.Planner.plan(w.Plan, w.At)
	switch {
	case err != nil && !refused(err):
		return err
	case err != nil:
		return s.void(w, w.Hash, "broadcast.not_plannable", err)
	case v.Batch.State != store.BatchApproved:
		return s.void(w, v.Hash, "broadcast.batch_draft", nil)
	case v.Hash != w.Hash:
		return s.void(w, v.Hash, "broadcast.plan_changed", nil)
	}
	hold := time.Time{}
	if w.Plan.Hold > 0 {
		hold = now.Add(w.Plan.Hold)
	}
	quiet, err := s.desk.Planner.Calendar()
	if err != nil {
		return err
	}
	// Reckoned anew: the accounts are not as free now as they were when it was approved.
	v.Forecast = s.desk.Planner.forecast(v, fleet, quiet, maxTime(now, hold))
	opened, err := s.desk.Store.OpenWave(v.Opening(w.ID, hold))
	if err == nil && w.Test {
		// Somebody waits to look at it: out of its lane's turn, into the queue that goes first.
		err = s.eachPlanned(opened, "", func(d store.Delivery) error {
			return s.desk.Store.Defer(d.Wave, d.Seq, "", now, store.ReasonNone)
		})
	}
	if err = ignoreConflict(err); err == nil {
		s.desk.Event(Event{Wave: w.ID, What: words.T("broadcast.opened", w.ID, v.Reached, v.Deliveries)})
	}
	return err
}

func (s *Scheduler) void(w store.Wave, hash, why string, cause error) error {
	s.desk.Event(Event{Wave: w.ID, Alert: true, What: words.T("broadcast.voided", w.ID, words.T(why)), Err: cause})
	_, err := s.desk.Store.VoidApproval(w.ID, hash, why)
	return ignoreConflict(err)
}

// expire skips what is left of a wave whose last vacancy ran out. Lanes do the same; this is for those that stand still.
func (s *Scheduler) expire(w store.Wave, now time.Time) error {
	if w.Expires.IsZero() || now.Before(w.Expires) || w.Counts[store.Planned] == 0 {
		return nil
	}
	return s.eachPlanned(w, "", func(d store.Delivery) error {
		return s.desk.Store.Skip(d.Wave, d.Seq, store.ReasonExpired)
	})
}

// eachPlanned visits what a wave still plans, of one account or of all.
func (s *Scheduler) eachPlanned(w store.Wave, account string, visit func(store.Delivery) error) error {
	planned := store.Planned
	f := store.Filter{State: &planned, Account: account, Start: true, Limit: 500}
	for {
		p, err := s.desk.Store.Deliveries(w.Number, f)
		if err != nil {
			return err
		}
		for _, d := range p.Deliveries {
			if err := ignoreConflict(visit(d)); err != nil {
				return err
			}
		}
		if !p.More {
			return nil
		}
		f.Start, f.After = false, p.Next
	}
}

// orphans finds what accounts without a lane still have to send, because they were removed: others that are in the groups
// take over, or it is skipped.
func (s *Scheduler) orphans(w store.Wave, now time.Time) error {
	lanes, err := s.desk.Store.Lanes(w.Number)
	if err != nil {
		return err
	}
	for _, l := range lanes {
		if l.Account == "" || l.Counts[store.Planned] == 0 || s.served(l.Account) {
			continue
		}
		_, err := s.desk.Store.Account(l.Account)
		if err == nil || !refused(err) {
			continue // it is only stopping, or starting
		}
		err = s.eachPlanned(w, l.Account, func(d store.Delivery) error {
			if other, ok := s.desk.other(d.Group, l.Account); ok {
				return s.desk.Store.Defer(d.Wave, d.Seq, other, now, store.ReasonNoAccount)
			}
			return s.desk.Store.Skip(d.Wave, d.Seq, store.ReasonNoAccount)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// trouble pauses a wave in which too much fails.
func (s *Scheduler) trouble(w store.Wave, now time.Time) error {
	if s.passed == nil {
		s.passed = map[uint32]int{}
	}
	bad := w.Counts[store.Failed] + w.Counts[store.Unknown]
	tried := bad + w.Counts[store.Accepted] + w.Counts[store.Sent]
	since := bad - s.passed[w.Number]
	if since < s.desk.Trouble || since*10 < tried || w.Counts[store.Planned] == 0 {
		return nil
	}
	s.passed[w.Number] = bad
	return s.pause(w, "broadcast.trouble")
}

func (s *Scheduler) pause(w store.Wave, why string) error {
	s.desk.Event(Event{Wave: w.ID, Alert: true, What: words.T("broadcast.paused", w.ID, words.T(why))})
	_, err := s.desk.Store.MoveWave(w.ID, store.WavePaused, why, "")
	return ignoreConflict(err)
}

// The reasons for which a canary pauses its wave.
const (
	canaryTrouble = "broadcast.canary_trouble"
	canaryNone    = "broadcast.canary_none"
)

// canary lets the rest of a wave go when its first groups were watched long enough and nothing was wrong.
func (s *Scheduler) canary(w store.Wave, now time.Time) error {
	if w.Plan.Canary == 0 || w.CanaryDone {
		return nil
	}
	rows, err := s.canaries(w)
	if err != nil {
		return err
	}
	sent, last, open := 0, w.OpenedAt, false
	for _, d := range rows {
		if n := len(d.Attempts); n > 0 {
			last = maxTime(last, d.Attempts[n-1].Ended)
		}
		doubtful := slices.ContainsFunc(d.Attempts, func(a store.Attempt) bool {
			return a.Outcome == store.TakenBack || a.Reason == store.ReasonTooOften
		})
		switch d.State {
		case store.Failed, store.Unknown:
			return s.pause(w, canaryTrouble)
		case store.Accepted, store.Sent:
			sent++
		case store.Planned, store.Sending:
			open = true
		}
		if doubtful {
			return s.pause(w, canaryTrouble)
		}
	}
	switch {
	case open:
		return nil
	case sent == 0:
		return s.pause(w, canaryNone)
	case now.Sub(last) < w.Plan.Observe:
		return nil
	}
	_, err = s.desk.Store.PassCanary(w.ID)
	return ignoreConflict(err)
}

// canaries lists the rows of the first groups: they stand at the beginning of each account's run.
func (s *Scheduler) canaries(w store.Wave) (out []store.Delivery, err error) {
	lanes, err := s.desk.Store.Lanes(w.Number)
	if err != nil {
		return nil, err
	}
	for _, l := range lanes {
		if l.Account == "" || l.To == l.From {
			continue
		}
		f := store.Filter{Start: l.From == 0, After: l.From - 1, Limit: int(min(l.To-l.From, 100))}
		for more := true; more; {
			p, err := s.desk.Store.Deliveries(w.Number, f)
			if err != nil {
				return nil, err
			}
			more = p.More
			for _, d := range p.Deliveries {
				if !d.Canary || d.Seq >= l.To {
					more = false
					break
				}
				out = append(out, d)
			}
			f.Start, f.After = false, p.Next
		}
	}
	return out, nil
}

// Resume lets a paused wave go on: into its hold if that is not over, else on its way. Who resumes what a canary paused has
// looked at it, and the rest goes.
func (d *Dispatcher) Resume(waveID, who string) (store.Wave, error) {
	w, err := d.desk.Store.Wave(waveID)
	if err != nil {
		return w, err
	}
	if w.Why == canaryTrouble || w.Why == canaryNone {
		if _, err := d.desk.Store.PassCanary(w.ID); err != nil {
			return w, err
		}
	}
	to := store.WaveRunning
	if w.HoldUntil.After(time.Now()) {
		to = store.WaveHolding
	}
	return d.desk.Store.MoveWave(waveID, to, "", who)
}
