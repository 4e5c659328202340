package broadcast

import (
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"chunfeng/templates/words"
)

// Cron is a recurring time: five fields (minute, hour, day, month, weekday), or @daily and the like, in a time zone. It is
// arithmetic only: which occurrence was dealt with is in the ledger.
type Cron struct{ spec *cron.SpecSchedule }

// ParseCron takes a spec. It refuses one that never occurs, and "@every", which has no time of its own and would move with
// every restart.
func ParseCron(spec string, zone *time.Location) (c Cron, err error) {
	spec = strings.TrimSpace(spec)
	bad := func(err error) (Cron, error) {
		return Cron{}, words.Refuse("broadcast.bad_cron", spec).Of(words.Usage).Because(err)
	}
	// The library takes a zone in front of the spec, and panics when nothing follows it.
	if strings.Contains(spec, "TZ=") || zone == nil {
		return bad(nil)
	}
	parsed, err := cron.ParseStandard(spec)
	if err != nil {
		return bad(err)
	}
	s, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return bad(nil)
	}
	s.Location = zone
	// It looks five years ahead, far enough for a 29 February.
	if s.Next(time.Date(2025, 1, 1, 0, 0, 0, 0, zone)).IsZero() {
		return Cron{}, words.Refuse("broadcast.cron_never", spec).Of(words.Usage)
	}
	return Cron{s}, nil
}

// Next is the first occurrence after a moment. A time that the clock shows twice, when it is put back in autumn, occurs the
// first time alone: groups must not get a wave again an hour later.
func (c Cron) Next(after time.Time) time.Time {
	t := c.spec.Next(after)
	for !t.IsZero() && shownBefore(t, c.spec.Location) {
		t = c.spec.Next(t)
	}
	return t
}

// shownBefore tells whether the clock of a zone showed the same time half an hour, an hour or two before: by so much clocks
// were ever put back in one night.
func shownBefore(t time.Time, zone *time.Location) bool {
	const clock = "2006-01-02 15:04:05"
	now := t.In(zone).Format(clock)
	for _, back := range []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour} {
		if t.Add(-back).In(zone).Format(clock) == now {
			return true
		}
	}
	return false
}

// between lists the occurrences after one moment and up to another. Only the newest most are kept; passed counts all.
func (c Cron) between(after, upTo time.Time, most int) (newest []time.Time, passed int) {
	for t := c.Next(after); !t.IsZero() && !t.After(upTo); t = c.Next(t) {
		passed++
		if newest = append(newest, t); len(newest) > most {
			newest = newest[1:]
		}
	}
	return newest, passed
}
