package broadcast

import (
	"strings"
	"time"

	"chunfeng/templates/words"
)

// Quiet is when groups are left alone: a time of day, and whole days of rest. The zero value is never.
type Quiet struct {
	from, to time.Duration // since midnight; from > to goes over midnight; equal is none
	zone     *time.Location
	weekdays [7]bool         // on which there is rest
	days     map[string]bool // by date: whether there is rest, whatever the weekday
}

// ParseQuiet takes "20:30-08:30" in a time zone; the empty string is no quiet at all.
func ParseQuiet(s string, zone *time.Location) (Quiet, error) {
	if s == "" {
		return Quiet{zone: zone}, nil
	}
	from, to, ok := strings.Cut(s, "-")
	a, err1 := time.Parse("15:04", strings.TrimSpace(from))
	b, err2 := time.Parse("15:04", strings.TrimSpace(to))
	if !ok || err1 != nil || err2 != nil || zone == nil {
		return Quiet{}, words.Refuse("broadcast.bad_quiet", s).Of(words.Settings)
	}
	clock := func(t time.Time) time.Duration {
		return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
	}
	return Quiet{from: clock(a), to: clock(b), zone: zone}, nil
}

// Open answers when groups may next be written to: the moment itself, or the end of the quiet time and the days of rest
// that it lies in. Where a year has no other days, it answers one of them.
func (q Quiet) Open(at time.Time) time.Time {
	for range 366 {
		awake := q.awake(at)
		if !q.Rests(awake) {
			return awake
		}
		at = nextDay(awake, q.zone)
	}
	return at
}

// awake is Open of the quiet time of day alone.
func (q Quiet) awake(at time.Time) time.Time {
	if q.from == q.to {
		return at
	}
	local := at.In(q.zone)
	// The quiet time that began yesterday and those that begin today and tomorrow: an hour that a change to summer time
	// leaves out or repeats is settled by the calendar, not by adding hours.
	for day := -1; day <= 1; day++ {
		begin, end := q.on(local, day, q.from), q.on(local, day, q.to)
		if q.from > q.to {
			end = q.on(local, day+1, q.to)
		}
		if !at.Before(begin) && at.Before(end) {
			return end
		}
	}
	return at
}

func (q Quiet) on(local time.Time, days int, clock time.Duration) time.Time {
	return time.Date(local.Year(), local.Month(), local.Day()+days, int(clock/time.Hour), int(clock%time.Hour/time.Minute), 0, 0, q.zone)
}

// nextDay is the first moment of the day after.
func nextDay(at time.Time, zone *time.Location) time.Time {
	local := at.In(zone)
	return time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, zone)
}

// dayStart is the first moment of the day.
func dayStart(at time.Time, zone *time.Location) time.Time {
	local := at.In(zone)
	return time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, zone)
}
