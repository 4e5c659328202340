package broadcast

import (
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// Order is what staff ask for: a plan with a time, once or recurring.
type Order struct {
	Plan store.Plan
	At   time.Time // once; zero: now
	Cron string    // recurring; At means nothing then
	// Expect is how many groups whoever orders it saw that it reaches; another number is refused. 0: any number will do.
	Expect int
}

// Queued is what became of an order.
type Queued struct {
	Schedule store.Schedule
	Wave     store.Wave // of an order for once; its hash is what must be approved
	Preview  *Preview   // as it would be now, or at the first occurrence
}

// Queue plans an order and stores it as a draft: for once as a wave, recurring as a schedule. Nothing is sent before
// somebody approves the hash. A batch that is not approved is refused.
//
// The approval of a recurring order covers what its occurrences will say: a changed text or group makes no draft of them,
// for the batch, the plan, the time and the template are what was approved.
func (p *Planner) Queue(o Order, who string) (q Queued, err error) {
	now := time.Now()
	at, cron := o.At.Truncate(time.Second), Cron{}
	if o.At.IsZero() {
		at = now.Truncate(time.Second)
	}
	if o.Cron != "" {
		if cron, err = ParseCron(o.Cron, p.Zone); err != nil {
			return q, err
		}
		upcoming, err := p.Upcoming(cron, o.Plan.Missed, now, 1)
		if err != nil {
			return q, err
		}
		if len(upcoming) == 0 {
			return q, words.Refuse("broadcast.cron_rests", o.Cron).Of(words.Usage)
		}
		at = upcoming[0]
	}
	if q.Preview, err = p.Plan(o.Plan, at); err != nil {
		return q, err
	}
	plan := q.Preview.Plan
	if b := q.Preview.Batch; b.State != store.BatchApproved {
		return q, words.Refuse("broadcast.batch_not_approved", b.ID).Of(words.Conflict)
	}
	if o.Expect != 0 && o.Expect != q.Preview.Reached {
		return q, words.Refuse("wave.other_groups", o.Expect, q.Preview.Reached).Of(words.Conflict)
	}
	c := store.Schedule{Plan: plan, Zone: p.Zone.String(), Hash: q.Preview.Hash}
	if o.Cron == "" {
		c.At = at
	} else {
		c.Cron = o.Cron
		if c.Hash, err = p.Standing(plan, o.Cron); err != nil {
			return q, err
		}
	}
	if q.Schedule, err = p.Store.AddSchedule(c, who); err != nil || o.Cron != "" {
		return q, err
	}
	q.Wave, _, err = p.Store.AddWave(store.Wave{Schedule: q.Schedule.ID, At: at, Plan: plan, Hash: q.Preview.Hash}, who)
	if err != nil {
		return q, err
	}
	// Its one occurrence is a wave now.
	q.Schedule, err = p.Store.SetSchedule(q.Schedule.ID, "ended", "", who)
	return q, err
}

// Standing is the hash of a recurring order: all that does not change from one occurrence to the next.
func (p *Planner) Standing(plan store.Plan, spec string) (string, error) {
	set, err := p.Templates()
	if err != nil {
		return "", err
	}
	b, err := p.Store.Batch(plan.Batch)
	if err != nil {
		return "", err
	}
	s := newSum(b, plan, time.Time{}, set.Hash(plan.Template))
	s.text2(spec, p.Zone.String())
	return s.text(), nil
}
