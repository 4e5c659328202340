package broadcast

import (
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// TestsADay is the most tests that one group gets in a day: its residents read them.
const TestsADay = 3

// Test queues, for staff to look at it, what a plan would say to one group: a wave of its own to that group alone, which
// nobody else approves and which does not hold. It goes ahead of what waits, but not in the quiet hours or on a day of
// rest, and not at all when no daemon takes it up within minutes.
//
// The residents of the group read it as they read any wave. So a test is not held back by the broadcasts that a group may
// have in a day, or staff could not look twice; but it counts as one of them: a wave for which there is then no room comes
// to that group on another day, which its plan says. Everything else is as for any wave: an unapproved batch is refused.
func (p *Planner) Test(plan store.Plan, group, who string) (q Queued, err error) {
	at := time.Now().Truncate(time.Second)
	plan.Audience, plan.Hold, plan.Canary, plan.Observe = store.Audience{Groups: []string{group}}, 0, 0, 0
	plan.Missed = store.MissedSkip
	if q.Preview, err = p.Plan(plan, at); err != nil {
		return q, err
	}
	if b := q.Preview.Batch; b.State != store.BatchApproved {
		return q, words.Refuse("broadcast.batch_not_approved", b.ID).Of(words.Conflict)
	}
	tests, err := p.tests(at)
	if err != nil {
		return q, err
	}
	if n := tests[group]; n >= TestsADay {
		return q, words.Refuse("broadcast.too_many_tests", group, n).Of(words.Conflict)
	}
	plan = q.Preview.Plan
	if q.Schedule, err = p.Store.AddSchedule(store.Schedule{Plan: plan, Zone: p.Zone.String(), Hash: q.Preview.Hash, At: at}, who); err != nil {
		return q, err
	}
	q.Wave, _, err = p.Store.AddWave(store.Wave{
		Schedule: q.Schedule.ID, At: at, Plan: plan, Hash: q.Preview.Hash, State: store.WaveApproved, ApprovedAt: time.Now(), ApprovedBy: who, Test: true,
	}, who)
	if err != nil {
		return q, err
	}
	q.Schedule, err = p.Store.SetSchedule(q.Schedule.ID, "ended", "", who)
	return q, err
}

// tests counts, by the group's code, the tests of a moment's day that reached their group, or may, or still will.
func (p *Planner) tests(at time.Time) (map[string]int, error) {
	waves, err := p.Store.Waves(false)
	if err != nil {
		return nil, err
	}
	out := map[string]int{}
	today := dayStart(at, p.Zone)
	for _, w := range waves {
		open := w.OpenedAt.IsZero() && w.State == store.WaveApproved
		reached := w.Counts[store.Planned]+w.Counts[store.Sending]+w.Counts[store.Accepted]+w.Counts[store.Sent]+w.Counts[store.Unknown]+w.Counts[store.Recalled] > 0
		if w.Test && !w.CreatedAt.Before(today) && w.CreatedAt.Before(nextDay(at, p.Zone)) && (open || reached) {
			out[w.Plan.Audience.Groups[0]]++
		}
	}
	return out, nil
}

// tested finds the groups of a plan whose day is full with the tests of the day on which it starts: they get it another
// day.
func (p *Planner) tested(v *Preview) error {
	if p.GroupDaily <= 0 {
		return nil
	}
	tests, err := p.tests(v.start())
	if err != nil || len(tests) == 0 {
		return err
	}
	full := map[uint32]bool{}
	for code, n := range tests {
		if n >= p.GroupDaily {
			g, err := p.Store.Group(code)
			if err != nil {
				return err
			}
			full[g.Number] = true
		}
	}
	for i := range v.targets {
		if t := &v.targets[i]; t.skip == 0 && full[t.group] {
			t.later = true
			v.Tested++
		}
	}
	return nil
}
