package store

import (
	"sort"
	"strings"
	"time"
)

// EventFilter chooses lines of the audit trail. The zero filter chooses the newest.
type EventFilter struct {
	Who    string    // the person, in any case; empty: anybody
	What   string    // how the name of the deed begins: "wave." or "wave.approve"; empty: anything
	On     string    // what it was done to, in any case; empty: anything
	Since  time.Time // not before; zero: from the beginning
	Until  time.Time // before; zero: to the end
	Before uint64    // the page begins behind this line, which is newer; 0: with the newest
	Limit  int       // 0: 50
}

// EventPage is a part of the audit trail, the newest line first. Next is the EventFilter.Before of the page behind it; More
// says that there may be one.
type EventPage struct {
	Events []Event `json:"events"`
	Next   uint64  `json:"next,omitempty"`
	More   bool    `json:"more"`
}

// DamagedEvent stands for a line that cannot be read, in every page: nobody knows what it said.
const DamagedEvent = "audit.damaged"

// clockSlack is how far a clock that was set may have put lines out of the order of their times.
const clockSlack = 24 * time.Hour

// Events reads a page of the audit trail. A page may be short, even empty, and More still true: ask again from Next.
func (s *Store) Events(f EventFilter) (p EventPage, err error) {
	if f.Limit <= 0 {
		f.Limit = 50
	}
	err = s.view(func(t *txn) error {
		var before key
		if f.Before > 0 {
			before = k64(f.Before)
		}
		if !f.Until.IsZero() {
			if n := t.eventsUntil(f.Until.Add(clockSlack)); f.Before == 0 || n < f.Before {
				before = k64(n)
			}
		}
		seen := 0
		return t.eachBack(bAudit, nil, before, func(k, v []byte) (bool, error) {
			var e Event
			if unframe(k, v, &e) != nil {
				// The lines around it can be read, and VerifyAudit tells of it.
				e = Event{Number: u64at(k, 0), What: DamagedEvent}
				p.Events = append(p.Events, e)
			} else if e.At.Before(f.Since.Add(-clockSlack)) && !f.Since.IsZero() {
				p.More = false
				return false, nil
			}
			if e.What != DamagedEvent && f.matches(e) {
				p.Events = append(p.Events, e)
			}
			seen++
			p.Next = e.Number
			p.More = e.Number > 1 && (len(p.Events) == f.Limit || seen == look)
			return !p.More, nil
		})
	})
	return p, err
}

// eventsUntil is the first line later than a time, found by halves: a trail of years is not read for a month long ago.
func (t *txn) eventsUntil(at time.Time) uint64 {
	return 1 + uint64(sort.Search(int(t.lastEvent().Number), func(i int) bool {
		var e Event
		found, err := t.get(bAudit, k64(uint64(i)+1), &e)
		return err == nil && found && e.At.After(at)
	}))
}

func (f EventFilter) matches(e Event) bool {
	return (f.Who == "" || strings.EqualFold(e.Who, f.Who)) && strings.HasPrefix(e.What, f.What) && (f.On == "" || strings.EqualFold(e.On, f.On)) &&
		!e.At.Before(f.Since) && (f.Until.IsZero() || e.At.Before(f.Until))
}
