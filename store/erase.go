package store

import (
	"fmt"
	"time"

	"chunfeng/bot/phone"
	"chunfeng/templates/words"
)

// Erasure is a person who is erased everywhere, known by the number.
type Erasure struct {
	Phone phone.Number
	// Holds tells whether a raw message holds the number: the ledger does not read messages.
	Holds func(raw []byte) bool
	Who   string
	Why   string
	Said  time.Time // when it was asked for, by the clock of who heard it; zero: now

	messages []uint64 // that hold the number, as far as they were looked through
	through  uint64   // the last of those
}

// Erased is what an erasure found.
type Erased struct {
	Signups  int `json:"signups"`  // whose name, number and note are gone
	Messages int `json:"messages"` // whose words are gone
}

// tombstone stands for a number that was erased: what was said before it is not collected again.
type tombstone struct {
	At time.Time `cbor:"1,keyasint"`
}

func (t *txn) tombstoneKey(p phone.Number) key {
	return t.s.sealer.lasting("erased\x00" + p.Reveal())
}

// Look looks through every message that is kept for the number, and answers the erasure that knows where it is. It reads
// in short transactions.
func (s *Store) Look(e Erasure) (Erasure, error) {
	e.messages, e.through = nil, 0
	err := s.EachMessage(func(r Reply) bool {
		e.through = r.Number
		if e.Holds(r.Raw) {
			e.messages = append(e.messages, r.Number)
		}
		return true
	})
	return e, err
}

// EachMessage visits every reply whose words are kept, the oldest first, in short transactions. It ends when visit answers
// false.
func (s *Store) EachMessage(visit func(Reply) bool) error {
	for from := uint64(0); ; {
		var page []Reply
		looked := 0
		err := s.view(func(t *txn) error {
			page, looked = nil, 0
			return t.each(bReplies, nil, k64(from), func(k, v []byte) (bool, error) {
				var r Reply
				if err := decode(bReplies, k, v, &r); err != nil {
					return false, err
				}
				looked++
				from = r.Number + 1
				if r.Sealed != nil {
					var err error
					if r.Raw, err = s.sealer.open(bReplies, k, r.Sealed); err != nil {
						return false, err
					}
					page = append(page, r)
				}
				return looked < 500, nil
			})
		})
		if err != nil || looked == 0 {
			return err
		}
		for _, r := range page {
			if !visit(r) {
				return nil
			}
		}
	}
}

// Erase erases a person in one commit: name, number and notes of every sign-up, the words of every message that holds the
// number, whatever became of it, and those of acknowledgements that name the person; an acknowledgement that waits is not
// sent. What stays is counts and dates, who saw the number when, and the keyed hash of the number for as long as a sign-up
// would be kept: by it a message of before that comes again is not collected again. What is said later is.
func (s *Store) Erase(e Erasure) (done Erased, err error) {
	if e, err = s.Look(e); err != nil {
		return done, err
	}
	err = s.update(housekeeping, func(t *txn) error { done, err = t.erase(e); return err })
	return done, err
}

func (t *txn) erase(e Erasure) (done Erased, err error) {
	if e.Phone.IsZero() {
		return done, words.Refuse("subject.no_number").Of(words.Usage)
	}
	of, err := t.ofPhone(e.Phone)
	if err != nil {
		return done, err
	}
	for _, n := range of {
		if err := t.withdraw(n.Number, e.Who); err != nil {
			return done, err
		}
		done.Signups++
		done.Messages += 1 + len(n.Others)
	}
	// What came in since it was looked through.
	var late []uint64
	err = t.each(bReplies, nil, k64(e.through+1), func(k, _ []byte) (bool, error) {
		r, err := t.reply(u64at(k, 0))
		if err == nil && r.Raw != nil && e.Holds(r.Raw) {
			late = append(late, r.Number)
		}
		return true, err
	})
	if err != nil {
		return done, err
	}
	for _, n := range append(e.messages, late...) {
		erased, err := t.eraseReply(n)
		if err != nil {
			return done, err
		}
		if erased {
			done.Messages++
		}
	}
	at := e.Said
	if at.IsZero() {
		at = now()
	}
	if err := t.put(bErased, t.tombstoneKey(e.Phone), tombstone{at}); err != nil {
		return done, err
	}
	return done, t.audit(e.Who, "subject.erase", "", fmt.Sprintf("%d sign-ups, %d messages; %s", done.Signups, done.Messages, e.Why))
}

// eraseReply erases what a reply says. One that nobody has dealt with yet is dealt with by that.
func (t *txn) eraseReply(n uint64) (erased bool, err error) {
	r, err := t.reply(n)
	if err != nil || r.Raw == nil {
		return false, err
	}
	switch r.State {
	case ReplyNew, ReplyWaiting:
		a, err := t.accountNumber(r.Account)
		if err != nil {
			return false, err
		}
		if err := t.del(bInbox, inboxKey(r, a)); err != nil {
			return false, err
		}
		r.State, r.Intent, r.Handled = ReplyNoise, "erased", now()
	case ReplyReview:
		if err := t.del(bReview, k64(n)); err != nil {
			return false, err
		}
		r.State, r.Review, r.Handled = ReplyNoise, "", now()
	}
	r.Raw = nil
	return true, t.putReply(r)
}

// wanted are the sign-ups of a disposition that may be collected: not those of people who were erased after it was said. A
// person who enters one by hand is told.
func (t *txn) wanted(r Reply, p Disposition) (out []Signup, err error) {
	said := p.Said
	if said.IsZero() {
		said = r.At
	}
	for _, n := range p.Signups {
		var stone tombstone
		found, err := t.get(bErased, t.tombstoneKey(n.Phone), &stone)
		if err != nil {
			return nil, err
		}
		if found && !said.After(stone.At) {
			if p.Decided != "" {
				return nil, words.Refuse("subject.was_erased", stone.At.Format("2006-01-02")).Of(words.Conflict)
			}
			continue
		}
		out = append(out, n)
	}
	return out, nil
}

// ErasedAt answers when a number was last erased; the zero time when it was not, or longer ago than sign-ups are kept.
func (s *Store) ErasedAt(p phone.Number) (at time.Time, err error) {
	err = s.view(func(t *txn) error {
		var stone tombstone
		_, err := t.get(bErased, t.tombstoneKey(p), &stone)
		at = stone.At
		return err
	})
	return at, err
}

// Shown lists the lines of the audit trail that tell to whom a sign-up's number was shown or given, the oldest first.
func (s *Store) Shown(signup uint64) (out []Event, err error) {
	err = s.view(func(t *txn) error {
		return t.each(bShown, k64(signup), nil, func(k, _ []byte) (bool, error) {
			var e Event
			found, err := t.get(bAudit, k64(u64at(k, 8)), &e)
			if found {
				out = append(out, e)
			}
			return true, err
		})
	})
	return out, err
}
