package broadcast

import (
	"maps"
	"time"

	"chunfeng/store"
)

// Nothing is broadcast on a day of rest. Answers to residents go as they do in the quiet hours.
//
// What falls due on such a day waits for the next open moment: a wave opens at its time and its lanes wait. A time of a
// recurring order is another matter: after a holiday of eight days eight digests would come out one behind the other. It
// counts as missed, and its policy decides: skip passes it over, late makes up for the newest one when the rest is over,
// ask leaves that one to a person. Neither makes up for one when the order's next time is on that same day.

// On is q with rest on some weekdays too.
func (q Quiet) On(weekdays ...time.Weekday) Quiet {
	for _, d := range weekdays {
		q.weekdays[d] = true
	}
	return q
}

// With is q with a calendar, whose days count for more than their weekdays.
func (q Quiet) With(calendar []store.Day) Quiet {
	if len(calendar) > 0 {
		q.days = maps.Clone(q.days)
		if q.days == nil {
			q.days = make(map[string]bool, len(calendar))
		}
	}
	for _, d := range calendar {
		q.days[d.Date] = d.Rest
	}
	return q
}

// Rests tells whether a moment lies on a day of rest.
func (q Quiet) Rests(at time.Time) bool {
	if q.zone == nil || len(q.days) == 0 && q.weekdays == [7]bool{} {
		return false
	}
	local := at.In(q.zone)
	var date [len(time.DateOnly)]byte
	if rest, ok := q.days[string(local.AppendFormat(date[:0], time.DateOnly))]; ok {
		return rest
	}
	return q.weekdays[local.Weekday()]
}

// endOfRest answers the first moment of the day after the rest that a moment lies in; the moment itself when it is none.
func (q Quiet) endOfRest(at time.Time) time.Time {
	for n := 0; n < 366 && q.Rests(at); n++ {
		at = nextDay(at, q.zone)
	}
	return at
}

// Calendar is the planner's quiet time with the days that the ledger's calendar has now.
func (p *Planner) Calendar() (Quiet, error) {
	days, err := p.Store.Days()
	if err != nil {
		return Quiet{}, err
	}
	return p.Quiet.With(days), nil
}

// Next is the first time after a moment at which a recurring order goes out, by its policy for times on days of rest. The
// zero time: none within years.
func (q Quiet) Next(spec Cron, missed store.Missed, after time.Time) time.Time {
	at := spec.Next(after)
	for range 366 {
		switch {
		case at.IsZero() || !q.Rests(at):
			return at
		case missed == store.MissedLate || missed == store.MissedAsk:
			if made, ok := q.madeUp(spec, at); ok {
				return made
			}
		}
		at = spec.Next(nextDay(at, q.zone).Add(-time.Nanosecond))
	}
	return time.Time{}
}

// madeUp answers when a time of an order that lies on a day of rest is made up for, if it is at all.
func (q Quiet) madeUp(spec Cron, at time.Time) (time.Time, bool) {
	end := q.endOfRest(at)
	next := spec.Next(end.Add(-time.Nanosecond))
	return end, next.IsZero() || !next.Before(nextDay(end, q.zone))
}

// Upcoming lists the next times after a moment at which a recurring order goes out, by its policy for times on days of
// rest: late and ask make one of all that a rest passes over.
func (p *Planner) Upcoming(spec Cron, missed store.Missed, after time.Time, n int) (out []time.Time, err error) {
	q, err := p.Calendar()
	if err != nil {
		return nil, err
	}
	for at := q.Next(spec, missed, after); !at.IsZero() && len(out) < n; at = q.Next(spec, missed, at) {
		out = append(out, at)
	}
	return out, nil
}

// almanac keeps the calendar as it was at one state of the ledger, so that it is read once for all lanes.
type almanac struct {
	seen  <-chan struct{}
	quiet Quiet
}

// quiet answers the planner's calendar at a state of the ledger, by the channel that store.Changed gave.
func (d *desk) quiet(changed <-chan struct{}) (Quiet, error) {
	d.calendar.Lock()
	defer d.calendar.Unlock()
	if d.almanac.seen != changed {
		q, err := d.Planner.Calendar()
		if err != nil {
			return Quiet{}, err
		}
		d.almanac = almanac{changed, q}
	}
	return d.almanac.quiet, nil
}
