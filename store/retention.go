package store

import (
	"fmt"
	"time"
)

// Expire erases who signed up before a time, and every resident's message from before it that is still kept, whatever became
// of it. The counts and the dates stay, and so does the trail. It works in small commits, answers how many sign-ups and
// messages it erased, and notes that in the trail. Days on which nobody called it are made up by the next call.
func (s *Store) Expire(before time.Time) (signups, messages int, err error) {
	for from := uint64(0); ; {
		// A commit may be made twice: what it tells the outside is set anew each time.
		n, erased, next := 0, 0, from
		err := s.update(housekeeping, func(t *txn) error {
			n, erased, next = 0, 0, from
			var old []Signup
			err := t.each(bSignups, nil, k64(from), func(k, _ []byte) (bool, error) {
				one, err := t.signup(u64at(k, 0))
				if err != nil || one.At.After(before) {
					return false, err
				}
				n++
				next = one.Number + 1
				if one.Sealed != nil {
					old = append(old, one)
				}
				return n < most, nil
			})
			if err != nil {
				return err
			}
			for _, one := range old {
				if err := t.withdraw(one.Number, "retention"); err != nil {
					return err
				}
			}
			erased = len(old)
			return nil
		})
		if err != nil {
			return signups, messages, err
		}
		from, signups = next, signups+erased
		if n < most {
			break
		}
	}
	for from := uint64(0); ; {
		n, erased, next := 0, 0, from
		err := s.update(housekeeping, func(t *txn) error {
			n, erased, next = 0, 0, from
			var old []Reply
			err := t.each(bReplies, nil, k64(from), func(k, v []byte) (bool, error) {
				var r Reply
				if err := decode(bReplies, k, v, &r); err != nil {
					return false, err
				}
				if r.At.After(before) {
					return false, nil
				}
				n++
				next = r.Number + 1
				if r.Sealed != nil && r.Class == ForRegistrar {
					old = append(old, r)
				}
				return n < most, nil
			})
			if err != nil {
				return err
			}
			for _, r := range old {
				if r.State == ReplyNew || r.State == ReplyWaiting { // nobody read it in all that time
					if _, err := t.eraseReply(r.Number); err != nil {
						return err
					}
					continue
				}
				if r.State == ReplyReview {
					r.State, r.Review = ReplyNoise, "expired"
					if err := t.del(bReview, k64(r.Number)); err != nil {
						return err
					}
				}
				if err := t.putReply(r); err != nil { // Raw was not opened: it is written without one
					return err
				}
			}
			erased = len(old)
			return nil
		})
		if err != nil {
			return signups, messages, err
		}
		if from, messages = next, messages+erased; n < most {
			break
		}
	}
	if err := s.dropTombstones(before); err != nil || signups+messages == 0 {
		return signups, messages, err
	}
	return signups, messages, s.update(housekeeping, func(t *txn) error {
		return t.audit("", "retention.erase", before.Format(time.DateOnly), fmt.Sprintf("%d sign-ups, %d messages", signups, messages))
	})
}

// dropTombstones forgets numbers that were erased before a time: what was said before it is past its retention anyway.
func (s *Store) dropTombstones(before time.Time) error {
	old := func(t *txn) (keys []key, err error) {
		err = t.each(bErased, nil, nil, func(k, v []byte) (bool, error) {
			var stone tombstone
			if err := decode(bErased, k, v, &stone); err != nil {
				return false, err
			}
			if !stone.At.After(before) {
				keys = append(keys, append(key(nil), k...))
			}
			return true, nil
		})
		return keys, err
	}
	found := 0
	if err := s.view(func(t *txn) error { keys, err := old(t); found = len(keys); return err }); err != nil || found == 0 {
		return err
	}
	return s.update(housekeeping, func(t *txn) error {
		keys, err := old(t)
		for _, k := range keys {
			if err := t.del(bErased, k); err != nil {
				return err
			}
		}
		return err
	})
}
