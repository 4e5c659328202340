package api

import (
	"strings"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// Order is what somebody asks to have planned or queued.
type Order struct {
	Batch    string         `json:"batch"`
	Template string         `json:"template,omitempty"`
	Audience store.Audience `json:"audience,omitzero"`
	Parts    int            `json:"parts,omitempty"`
	Hold     string         `json:"hold,omitempty"` // a length of time; empty: the configuration's
	Canary   int            `json:"canary,omitempty"`
	Observe  string         `json:"observe,omitempty"`
	Missed   store.Missed   `json:"missed,omitempty"`
	At       string         `json:"at,omitempty"`   // empty: now
	Cron     string         `json:"cron,omitempty"` // instead of At
	// Expect is how many groups were seen to be reached, when it is queued: another number is refused. 0: whatever it is.
	Expect int `json:"expect,omitempty"`

	Form        string `json:"form,omitempty"` // text, poster or both; empty: text
	PosterURL   string `json:"poster_url,omitempty"`
	PosterPages int    `json:"poster_pages,omitempty"` // the most pictures a group gets; 0: one
}

// justPast is how long a moment may be over and still be meant: a minute as people write it is.
const justPast = 2 * time.Minute

// plan reads an order into a plan and its time.
func (a *API) plan(c Caller, o Order) (p store.Plan, at time.Time, err error) {
	p = store.Plan{
		Batch: o.Batch, Template: o.Template, Audience: o.Audience, Parts: o.Parts, Canary: o.Canary, Missed: o.Missed, Hold: a.Config().Hold,
		Form: store.Form(o.Form), PosterURL: o.PosterURL, PosterPages: o.PosterPages,
	}
	for _, d := range []struct {
		flag, written string
		to            *time.Duration
	}{{"--hold", o.Hold, &p.Hold}, {"--observe", o.Observe, &p.Observe}} {
		if d.written == "" {
			continue
		}
		v, err := time.ParseDuration(d.written)
		if err != nil || v < 0 {
			return p, at, words.Refuse("cmd.bad_duration", d.flag, d.written).Of(words.Usage)
		}
		*d.to = v
	}
	if p.Missed == "" {
		// Who queues one wave wants it sent, late rather than never; of a series the next one comes anyway.
		p.Missed = store.MissedLate
		if o.Cron != "" {
			p.Missed = store.MissedSkip
		}
	}
	if at, err = a.parseTime("--at", o.At); err != nil {
		return p, at, err
	}
	if at.Before(a.now().Add(-justPast)) {
		// Most likely another year was meant, and “late” would send it at once.
		return p, at, words.Refuse("cmd.past_time", "--at", o.At).Of(words.Usage)
	}
	p.Audience, err = a.bounded(c, o.Audience)
	return p, at, err
}

// parseTime takes a moment as people write it, in the bureau's time zone; nothing is now.
func (a *API) parseTime(flag, s string) (time.Time, error) {
	now := a.now()
	s = strings.TrimSpace(s)
	if s == "" {
		return now.Truncate(time.Microsecond), nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.In(now.Location()), nil
	}
	for _, form := range []string{"2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		if t, err := time.ParseInLocation(form, s, now.Location()); err == nil {
			return t, nil
		}
	}
	if t, err := time.Parse("15:04", s); err == nil {
		next := time.Date(now.Year(), now.Month(), now.Day(), t.Hour(), t.Minute(), 0, 0, now.Location())
		if !next.After(now) {
			next = next.AddDate(0, 0, 1)
		}
		return next, nil
	}
	if d, err := time.ParseDuration(strings.TrimPrefix(s, "+")); err == nil && strings.HasPrefix(s, "+") && d >= 0 {
		return now.Add(d).Truncate(time.Second), nil
	}
	return time.Time{}, words.Refuse("cmd.bad_time", flag, s).Of(words.Usage)
}

// queue stores an order as a draft. Where nobody else must approve, queueing is approving.
func (a *API) queue(r request, o Order) (any, error) {
	p, at, err := a.plan(r.Caller, o)
	if err != nil {
		return nil, err
	}
	if o.At == "" {
		at = time.Time{}
	}
	if !a.Config().SecondPerson {
		if err := a.noticeGiven(p); err != nil {
			return nil, err
		}
	}
	planner, err := a.Planner()
	if err != nil {
		return nil, err
	}
	q, err := planner.Queue(broadcast.Order{Plan: p, At: at, Cron: o.Cron, Expect: o.Expect}, r.Name)
	if err != nil {
		return nil, err
	}
	self := q.Wave.ID
	if o.Cron != "" {
		self = q.Schedule.ID
	}
	forecast, err := a.viewPlan(r, q.Preview, self)
	if err != nil {
		a.log.Warn().Err(err).Msg("what else goes out on these days cannot be told") // it is queued all the same
	}
	if o.Cron != "" {
		s := q.Schedule
		if !a.Config().SecondPerson {
			if s, err = a.store.SetSchedule(s.ID, "approved", s.Hash, r.Name); err != nil {
				return nil, err
			}
		}
		return QueuedSchedule{a.viewSchedule(s), forecast}, nil
	}
	w := q.Wave
	if !a.Config().SecondPerson {
		if w, err = a.store.ApproveWave(w.ID, w.Hash, r.Name, false); err != nil {
			return nil, err
		}
	}
	return QueuedWave{a.viewWave(w), forecast}, nil
}

// QueuedWave is a wave as it was queued, with what is expected of it.
type QueuedWave struct {
	Wave
	Forecast Plan `json:"forecast"`
}

// QueuedSchedule is a recurring order as it was queued, with what is expected of its next occurrence.
type QueuedSchedule struct {
	Schedule
	Forecast Plan `json:"forecast"`
}
