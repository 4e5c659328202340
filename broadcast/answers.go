package broadcast

import (
	"time"

	"chunfeng/store"
)

// answers is when a group was lately answered, oldest first.
type answers struct{ at []time.Time }

// manners keeps answers to one group apart, and drops one that would come too late to be understood.
func (l *lane) manners(d store.Delivery, now time.Time) (v verdict, err error) {
	if d.Wave != store.Answers {
		return v, nil
	}
	if d.Reply != 0 {
		r, err := l.desk.Store.Reply(d.Reply)
		if err == nil && now.Sub(r.At) > l.desk.Answers.Within {
			return verdict{skip: store.ReasonAfterExpiry}, nil
		}
	}
	limit := l.desk.Answers
	if limit.Every == 0 && limit.PerHour == 0 {
		return v, nil
	}
	a := l.answered[d.Group]
	if a == nil {
		if a, err = l.answersTo(d.Group, now); err != nil {
			return v, err
		}
		if len(l.answered) > 10_000 {
			clear(l.answered)
		}
		l.answered[d.Group] = a
	}
	for len(a.at) > 0 && now.Sub(a.at[0]) >= time.Hour {
		a.at = a.at[1:]
	}
	n := len(a.at)
	if n == 0 {
		return v, nil
	}
	free := a.at[n-1].Add(limit.Every)
	if limit.PerHour > 0 && n >= limit.PerHour {
		if t := a.at[n-limit.PerHour].Add(time.Hour); t.After(free) {
			free = t
		}
	}
	if free.After(now) {
		return verdict{until: free}, nil
	}
	return v, nil
}

// answersTo reads from the ledger when a group was answered in the last hour: a restart does not forget it.
func (l *lane) answersTo(group uint32, now time.Time) (*answers, error) {
	a := &answers{}
	f := store.Filter{Group: group, Start: true, Limit: 500}
	for {
		p, err := l.desk.Store.Deliveries(store.Answers, f)
		if err != nil {
			return nil, err
		}
		for _, d := range p.Deliveries {
			for _, t := range d.Attempts {
				if t.Outcome != store.NotSent && t.Outcome != store.Refused && now.Sub(t.At) < time.Hour {
					a.at = append(a.at, t.At)
				}
			}
		}
		if !p.More {
			return a, nil
		}
		f.Start, f.After = false, p.Next
	}
}

// noteAnswer remembers that a group was answered.
func (l *lane) noteAnswer(d store.Delivery) {
	if a := l.answered[d.Group]; d.Wave == store.Answers && a != nil {
		a.at = append(a.at, time.Now())
	}
}
