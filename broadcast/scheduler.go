package broadcast

import (
	"context"
	"errors"
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// Scheduler moves waves along: it makes waves of schedules whose time came, opens those that are approved and due, lets
// them run after the hold, watches canaries and trouble, and ends what ran out. All that it remembers is in the ledger.
type Scheduler struct {
	desk   *desk
	served func(account string) bool // whether an account has a lane
	passed map[uint32]int            // failures of a wave when it last started to run
}

// The times between passes.
const (
	watchful   = 5 * time.Second       // while a wave runs: outcomes wake nobody
	longest    = time.Minute           // while nothing is due
	breathless = 50 * time.Millisecond // between two passes at least
)

// Run passes until the context ends.
func (s *Scheduler) Run(ctx context.Context) {
	for ctx.Err() == nil {
		changed := s.desk.Store.Changed()
		now := time.Now()
		next, err := s.Pass(ctx, now)
		if errors.Is(err, store.ErrClosed) {
			return
		}
		if err != nil {
			s.desk.Event(Event{Alert: true, What: words.T("broadcast.ledger", ""), Err: err})
		}
		wait := longest
		if !next.IsZero() {
			wait = min(wait, max(next.Sub(now), breathless))
		}
		pause(ctx, breathless, nil)
		if wait > breathless {
			pause(ctx, wait-breathless, changed)
		}
	}
}

// Pass does what is due at a moment, and answers when something will be due next (zero: nothing is known of).
func (s *Scheduler) Pass(ctx context.Context, now time.Time) (next time.Time, err error) {
	soon := func(t time.Time) {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	schedules, err := s.desk.Store.Recurring()
	if err != nil {
		return next, err
	}
	for _, c := range schedules {
		t, err := s.fire(c, now)
		if err != nil {
			return now.Add(retryLedger), err
		}
		soon(t)
	}
	waves, err := s.desk.Store.Waves(true)
	if err != nil {
		return next, err
	}
	// The oldest first: of two that are due at once the one that was asked for earlier opens earlier.
	for i := len(waves) - 1; i >= 0; i-- {
		if ctx.Err() != nil {
			return next, nil
		}
		t, err := s.move(waves[i], now)
		if err != nil {
			return now.Add(retryLedger), err
		}
		soon(t)
	}
	return next, nil
}

// move does what is due for one wave.
func (s *Scheduler) move(w store.Wave, now time.Time) (next time.Time, err error) {
	switch w.State {
	case store.WaveApproved:
		if w.At.After(now) {
			return w.At, nil
		}
		return time.Time{}, s.due(w, now)
	case store.WaveHolding:
		if w.HoldUntil.After(now) {
			return w.HoldUntil, nil
		}
		_, err := s.desk.Store.MoveWave(w.ID, store.WaveRunning, "", "")
		return now.Add(watchful), ignoreConflict(err)
	case store.WaveRunning:
		for _, watch := range []func(store.Wave, time.Time) error{s.expire, s.trouble, s.canary, s.orphans} {
			if err := watch(w, now); err != nil {
				return now, err
			}
		}
		return now.Add(watchful), nil
	}
	return time.Time{}, nil
}

// fire deals with the occurrences of a recurring schedule since the last that was dealt with. At most one of them becomes
// a wave: the one whose time has just come, else the newest missed one if the policy wants it. The ledger keeps the
// others as missed.
func (s *Scheduler) fire(c store.Schedule, now time.Time) (next time.Time, err error) {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		zone = s.desk.Planner.Zone
	}
	spec, err := ParseCron(c.Cron, zone)
	if err != nil {
		return next, s.end(c, "broadcast.bad_schedule", err)
	}
	last := c.Last
	if last.IsZero() {
		last = c.CreatedAt
	}
	quiet, err := s.desk.Planner.Calendar()
	if err != nil {
		return next, err
	}
	policy := c.Plan.Missed
	if policy == "" {
		policy = store.MissedSkip
	}
	if policy != store.MissedSkip && quiet.Rests(now) {
		return quiet.endOfRest(now), nil // one of all that fall into the rest goes out after it
	}
	const shown = 10
	occurred, passed := spec.between(last, now, shown)
	if passed == 0 {
		return spec.Next(maxTime(last, now)), nil
	}
	if c.State == "draft" {
		// What passes before somebody approves is nobody's to make up for.
		return spec.Next(now), s.desk.Store.SkipOccurrence(c.ID, occurred[len(occurred)-1], "not_approved")
	}
	if hash, err := s.desk.Planner.Standing(c.Plan, c.Cron); err != nil || hash != c.Hash {
		if err != nil && !refused(err) {
			return next, err
		}
		// The batch or the template is another than the one that was approved.
		return next, s.end(c, "broadcast.schedule_changed", err)
	}
	newest := occurred[len(occurred)-1]
	onTime, wanted := now.Sub(newest) <= s.desk.Late, policy != store.MissedSkip
	fires := newest
	if quiet.Rests(newest) {
		// What waited for the end of a rest says what is true then.
		onTime = false
		if made, ok := quiet.madeUp(spec, newest); ok {
			fires = made
		} else {
			wanted = false
		}
	}
	for i, at := range occurred {
		if i == len(occurred)-1 && (onTime || wanted) {
			break
		}
		why, told := store.Reason("missed"), "broadcast.occurrence_missed"
		if quiet.Rests(at) {
			why, told = "rest_day", "broadcast.occurrence_rests"
		}
		if err := s.desk.Store.SkipOccurrence(c.ID, at, why); err != nil {
			return next, err
		}
		s.desk.Event(Event{What: words.T(told, c.ID, at.In(zone).Format("2006-01-02 15:04"))})
	}
	if onTime || wanted {
		if err := s.occur(c, fires, !onTime && policy == store.MissedAsk); err != nil {
			return next, err
		}
	}
	return spec.Next(now), nil
}

// occur makes a wave of an occurrence: approved, as its schedule is, or a draft for a person to decide.
func (s *Scheduler) occur(c store.Schedule, at time.Time, ask bool) error {
	v, _, err := s.desk.Planner.plan(c.Plan, at)
	if err != nil {
		if !refused(err) {
			return err
		}
		s.desk.Event(Event{Alert: true, What: words.T("broadcast.occurrence_refused", c.ID, at.Format(time.RFC3339)), Err: err})
		return s.desk.Store.SkipOccurrence(c.ID, at, store.ReasonNothing)
	}
	w := store.Wave{Schedule: c.ID, At: at, Plan: v.Plan, Hash: v.Hash, State: store.WaveApproved, ApprovedAt: time.Now(), ApprovedBy: c.ApprovedBy}
	if ask {
		w.State, w.Why, w.ApprovedAt, w.ApprovedBy = store.WaveDraft, "broadcast.missed", time.Time{}, ""
	}
	_, _, err = s.desk.Store.AddWave(w, c.CreatedBy)
	return err
}

// end ends a schedule that cannot go on.
func (s *Scheduler) end(c store.Schedule, why string, cause error) error {
	s.desk.Event(Event{Alert: true, What: words.T(why, c.ID), Err: cause})
	_, err := s.desk.Store.SetSchedule(c.ID, "ended", "", "")
	return err
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// refused tells a refusal, which trying again does not change, from a fault of the ledger.
func refused(err error) bool {
	var r *words.Refusal
	return errors.As(err, &r) && r.Kind != words.Later
}
