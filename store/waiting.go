package store

import (
	"time"
)

// Waiting is what stands in the ledger at a moment and since when. It is read in one short transaction that looks at one
// record a wave, one entry a queue and at most a few hundred records more, however many deliveries there are.
type Waiting struct {
	Counts Tally     // of every wave and of the answers; Held as people see it
	Active int       // waves that are not at their end
	Answer time.Time // since when the oldest answer to a resident is due; zero: none is
	Bulk   time.Time // since when the longest running wave with planned deliveries is open to its lanes; zero: none is
	Unread time.Time // when the oldest reply came that nobody has read; zero: all are read
	// Unknown is since when the oldest delivery of a wave is unknown, with how many of the wave are, by its id.
	Unknown map[string]Unsure
}

// Unsure is how many deliveries of a wave are unknown and since when the oldest of them is.
type Unsure struct {
	Count int
	Since time.Time
}

// lookUnknown is how many unknown deliveries of one wave are looked at for the oldest: a lane stops long before.
const lookUnknown = 200

// Waiting answers what waits at a moment.
func (s *Store) Waiting(at time.Time) (w Waiting, err error) {
	w.Unknown = map[string]Unsure{}
	err = s.view(func(t *txn) error {
		if err := t.tallies(&w); err != nil {
			return err
		}
		if err := t.active(&w); err != nil {
			return err
		}
		if w.Answer, err = t.oldestAnswer(at); err != nil {
			return err
		}
		w.Unread, err = t.oldestUnread()
		return err
	})
	return w, err
}

// tallies sums the waves' counters, and looks at those that have unknown deliveries.
func (t *txn) tallies(w *Waiting) error {
	return t.each(bTallies, nil, nil, func(k, v []byte) (bool, error) {
		var c Tally
		if err := decode(bTallies, k, v, &c); err != nil {
			return false, err
		}
		for i, n := range c {
			w.Counts[i] += n
		}
		if c[Unknown] == 0 {
			return true, nil
		}
		wave, err := t.wave(u32at(k, 0))
		if err != nil {
			return false, err
		}
		rows, err := t.marked(wave.Number, Unknown, nil, lookUnknown)
		if err != nil {
			return false, err
		}
		d := Unsure{Count: c[Unknown]}
		for _, one := range rows {
			if d.Since.IsZero() || one.Updated.Before(d.Since) {
				d.Since = one.Updated
			}
		}
		w.Unknown[wave.ID] = d
		return true, nil
	})
}

// active looks at the waves that are not at their end.
func (t *txn) active(w *Waiting) error {
	return t.each(bActive, nil, nil, func(k, _ []byte) (bool, error) {
		one, err := t.wave(u32at(k, 0))
		if err != nil {
			return false, err
		}
		w.Active++
		planned := one.Counts[Planned]
		if one.Held() {
			w.Counts[Held] += planned
			w.Counts[Planned] -= planned
		}
		if one.State != WaveRunning || planned == 0 {
			return true, nil
		}
		since := one.OpenedAt
		if one.HoldUntil.After(since) {
			since = one.HoldUntil
		}
		if w.Bulk.IsZero() || since.Before(w.Bulk) {
			w.Bulk = since
		}
		return true, nil
	})
}

// oldestAnswer is the earliest due time in the accounts' queues of answers.
func (t *txn) oldestAnswer(at time.Time) (oldest time.Time, err error) {
	accounts, err := records[Account](t, bAccounts, nil)
	if err != nil {
		return oldest, err
	}
	for _, a := range accounts {
		err := t.each(bQueue, k32(a.Number).u8(classAnswer), nil, func(k, _ []byte) (bool, error) {
			due := time.UnixMicro(int64(u64at(k, 5)))
			if u64at(k, 5) == 0 {
				// At once: since it was written.
				d, err := t.delivery(u32at(k, 13), u32at(k, 17))
				if err != nil {
					return false, err
				}
				due = d.Updated
			}
			if !due.After(at) && (oldest.IsZero() || due.Before(oldest)) {
				oldest = due
			}
			return false, nil
		})
		if err != nil {
			return oldest, err
		}
	}
	return oldest, nil
}

// How many messages in the inbox are looked at for the oldest that nobody has read: those of groups that are not bound yet
// stay in it and are passed over.
const (
	lookFront = 100
	lookBack  = 1000
)

// oldestUnread answers when the oldest resident's message came that is still new. With more than a thousand of them behind
// a hundred that wait for their group it answers for the thousandth.
func (t *txn) oldestUnread() (at time.Time, err error) {
	reply := func(k []byte) (r Reply, err error) {
		// Not opened: only when it came and its state matter.
		_, err = t.get(bReplies, k64(u64at(k, 5)), &r)
		return r, err
	}
	n := 0
	err = t.each(bInbox, key{uint8(ForRegistrar)}, nil, func(k, _ []byte) (bool, error) {
		r, err := reply(k)
		if err != nil {
			return false, err
		}
		if n++; r.State == ReplyNew {
			at = r.At
		}
		return at.IsZero() && n < lookFront, nil
	})
	if err != nil || !at.IsZero() || n < lookFront {
		return at, err
	}
	n = 0
	err = t.eachBack(bInbox, key{uint8(ForRegistrar)}, nil, func(k, _ []byte) (bool, error) {
		r, err := reply(k)
		if err != nil || r.State != ReplyNew {
			return false, err
		}
		at, n = r.At, n+1
		return n < lookBack, nil
	})
	return at, err
}
