package store

import (
	"fmt"
	"slices"
	"sync"
)

// recurring remembers which recurring schedules may still fire, so that a look at them costs what is in force, and not what
// was ever ordered: schedules are kept for good, and each wave that was ordered once leaves one. It remembers ids alone. What
// it says is held against each transaction: a schedule gets the next number of its table, so that the table's count tells
// which were added since, and one that is over stays over.
type recurring struct {
	mu   sync.Mutex
	upTo uint64   // the table's count up to which ids is whole
	ids  []string // at least those that are neither ended nor cancelled, in the order of the table
}

// inForce tells whether a schedule may still fire.
func (c Schedule) inForce() bool { return c.Cron != "" && c.State != "ended" && c.State != "cancelled" }

// Recurring lists the recurring schedules that are neither ended nor cancelled, in the order of Schedules.
func (s *Store) Recurring() (out []Schedule, err error) {
	err = s.view(func(t *txn) error {
		r := &s.recurring
		r.mu.Lock()
		defer r.mu.Unlock()
		count := t.in(bSchedules).Sequence()
		if r.ids == nil {
			out, err = records[Schedule](t, bSchedules, nil)
			out = slices.DeleteFunc(out, func(c Schedule) bool { return !c.inForce() })
		} else {
			out, err = t.recurring(r.ids, r.upTo, count)
		}
		if err != nil || count < r.upTo {
			return err // a transaction that began before the last one that looked
		}
		r.upTo, r.ids = count, make([]string, 0, len(out))
		for _, c := range out {
			r.ids = append(r.ids, c.ID)
		}
		return nil
	})
	return out, err
}

// recurring reads the schedules of ids, and those that were added between two counts of the table.
func (t *txn) recurring(ids []string, from, to uint64) (out []Schedule, err error) {
	ids = slices.Clone(ids)
	for n := from + 1; n <= to; n++ {
		ids = append(ids, fmt.Sprintf("S%d", n))
	}
	slices.Sort(ids)
	for _, id := range ids {
		var c Schedule
		found, err := t.get(bSchedules, key(id), &c)
		if err != nil {
			return nil, err
		}
		if found && c.inForce() {
			out = append(out, c)
		}
	}
	return out, nil
}
