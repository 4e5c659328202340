package store

import "time"

// NoticeWithin is how long after it accepted a message WeChat may still say in the chat that it was too often and the message
// did not arrive: people saw it within ten seconds; the rest is for clocks that differ.
const NoticeWithin = 15 * time.Second

// confirmMost is how many acceptances one commit settles.
const confirmMost = 1000

// Due says which acceptances count as sent at a moment.
type Due struct {
	Before time.Time // those of up to this
	// Ahead is where a time to come begins: what was accepted behind it is due too, for the clock ran ahead, and was put back
	// longer ago than Notice before Before. The zero time leaves that for later.
	Ahead time.Time
	// Heard answers until when an account has heard all that the server had to say, zero when it does not hear now: an
	// acceptance counts once its account has heard for Notice after it. nil: all have.
	Heard  func(account string) (until time.Time)
	Notice time.Duration
	// GivenUp are those of before this whose account has not heard: they become Unknown.
	GivenUp time.Time
}

// decide answers what a due acceptance becomes, Accepted for nothing yet.
func (d Due) decide(at time.Time, account string) State {
	if at.After(d.Before) {
		at = d.Before.Add(-d.Notice) // at the latest
	}
	switch {
	case d.Heard == nil || !d.Heard(account).Before(at.Add(d.Notice)):
		return Sent
	case at.Before(d.GivenUp):
		return Unknown
	}
	return Accepted
}

// ConfirmDue makes Sent what was accepted and not contradicted, and Unknown what nobody can have heard a contradiction of; at
// most a thousand, and answers how many. next is when the oldest that is left was accepted, zero when none is. It reads what
// is due alone; what waits for its account to hear is read each time.
func (s *Store) ConfirmDue(due Due) (n int, next time.Time, err error) {
	// Most looks find nothing due: they cost no commit.
	err = s.view(func(t *txn) error {
		list, left, err := t.confirmable(due, 1)
		n, next = len(list), left
		return err
	})
	if err != nil || n == 0 {
		return 0, next, err
	}
	err = s.update(outcomes, func(t *txn) error {
		list, left, err := t.confirmable(due, confirmMost)
		if err != nil {
			return err
		}
		n, next = len(list), left
		for _, one := range list {
			if err := t.confirm(one.Delivery, one.to); err != nil {
				return err
			}
		}
		return nil
	})
	return n, next, err
}

// decision is a delivery and what becomes of it.
type decision struct {
	Delivery
	to State
}

// confirm moves what was accepted to Sent, or to Unknown because nobody heard.
func (t *txn) confirm(d Delivery, to State) error {
	if to == Unknown {
		return t.move(&d, Unknown, ReasonUnheard)
	}
	return t.move(&d, to, ReasonNone)
}

// confirmable lists what is due and decided, at most so many, and answers when the oldest of the others was accepted.
func (t *txn) confirmable(due Due, most int) (list []decision, left time.Time, err error) {
	look := func(at time.Time, d Delivery) bool {
		if to := due.decide(at, d.Account); to != Accepted {
			list = append(list, decision{d, to})
		} else if left.IsZero() {
			left = at
		}
		return len(list) < most
	}
	next, err := t.accepted(time.Time{}, due.Before, look)
	ahead := !due.Ahead.IsZero() && !next.IsZero()
	if left.IsZero() && !(ahead && next.After(due.Ahead)) {
		left = next
	}
	if err != nil || !ahead {
		return list, left, err
	}
	_, err = t.accepted(due.Ahead.Add(time.Microsecond), time.Time{}, look)
	return list, left, err
}

// accepted visits what was accepted from a moment to another, zero for no bound, the oldest first and until told to stop, and
// answers when the first behind that was accepted, zero when there is none or the visits were stopped.
func (t *txn) accepted(from, to time.Time, visit func(at time.Time, d Delivery) (more bool)) (next time.Time, err error) {
	var start key
	if !from.IsZero() {
		start = k64(micros(from))
	}
	err = t.each(bAccepted, nil, start, func(k, _ []byte) (bool, error) {
		at := time.UnixMicro(int64(u64at(k, 0)))
		if !to.IsZero() && at.After(to) {
			next = at
			return false, nil
		}
		d, err := t.delivery(u32at(k, 8), u32at(k, 12))
		return err == nil && visit(at, d), err
	})
	return next, err
}

// unheard makes Unknown those of an account's messages that were accepted since a time and before its present session.
func (t *txn) unheard(account string, since time.Time) error {
	a, err := t.account(account)
	if err != nil {
		return err
	}
	var list []Delivery
	if _, err := t.accepted(since, a.OnlineSince, func(_ time.Time, d Delivery) bool {
		if d.Account == account {
			list = append(list, d)
		}
		return true
	}); err != nil {
		return err
	}
	for _, d := range list {
		if err := t.confirm(d, Unknown); err != nil {
			return err
		}
	}
	return nil
}
