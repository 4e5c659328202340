package store

import (
	"fmt"
	"time"

	"chunfeng/templates/words"
)

// delivery reads a delivery within a transaction.
func (t *txn) delivery(wave, seq uint32) (d Delivery, err error) {
	found, err := t.get(bDeliveries, k32(wave, seq), &d)
	if err == nil && !found {
		err = notFound("delivery", fmt.Sprintf("%d.%d", wave, seq))
	}
	return d, err
}

// name is the delivery's id as people see it.
func (t *txn) name(d Delivery) string {
	w, err := t.wave(d.Wave)
	if err != nil {
		return d.ID()
	}
	return DeliveryID(w.ID, d.Seq)
}

// move is the one place where a delivery changes its state: it holds the table, moves the tallies and the indexes, and
// writes the row.
func (t *txn) move(d *Delivery, to State, why Reason) error {
	from := d.State
	if !may(from, to) {
		return words.Refuse("store.no_move", t.name(*d), from, to).Of(words.Conflict)
	}
	if err := t.unmark(d); err != nil {
		return err
	}
	d.State, d.Reason, d.Updated = to, why, now()
	if to != Planned {
		d.After = time.Time{}
	}
	if err := t.mark(d); err != nil {
		return err
	}
	if err := t.put(bDeliveries, k32(d.Wave, d.Seq), d); err != nil {
		return err
	}
	c, err := t.tally(d.Wave)
	if err != nil {
		return err
	}
	c[from]--
	c[to]++
	if from != to {
		if t.moved == nil {
			t.moved = map[Moved]uint64{}
		}
		t.moved[Moved{to, why}]++
	}
	if err := t.moveLane(d, from, to); err != nil {
		return err
	}
	if to == Planned && d.Wave != Answers {
		w, err := t.wave(d.Wave)
		if err != nil {
			return err
		}
		if w.State == WaveCancelled {
			// It was on the wire when the wave was cancelled, and did not arrive.
			return t.move(d, Cancelled, ReasonNone)
		}
	}
	if err := t.settleWave(d.Wave, *c); err != nil {
		return err
	}
	if d.Wave == Answers && (from == Sending || to == Planned) {
		return t.finishErasing(d)
	}
	return nil
}

// unmark takes a delivery out of the indexes of the state that it leaves.
func (t *txn) unmark(d *Delivery) error {
	switch d.State {
	case Planned:
		return t.leaveQueue(d)
	case Accepted:
		return t.del(bAccepted, acceptedKey(d))
	case Sending, Sent:
		return nil
	}
	return t.del(bMarked, k32(d.Wave).u8(uint8(d.State)).u32(d.Seq))
}

// mark puts a delivery into the indexes of the state that it now has.
func (t *txn) mark(d *Delivery) error {
	switch d.State {
	case Planned:
		return t.joinQueue(d)
	case Accepted:
		return t.set(bAccepted, acceptedKey(d), nil)
	case Sending, Sent:
		return nil
	}
	return t.set(bMarked, k32(d.Wave).u8(uint8(d.State)).u32(d.Seq), nil)
}

func acceptedKey(d *Delivery) key {
	return k64(micros(d.Attempts[len(d.Attempts)-1].Ended)).u32(d.Wave).u32(d.Seq)
}

func (t *txn) queueKey(d *Delivery) (key, error) {
	n, err := t.accountNumber(d.Account)
	class := classBulk
	switch {
	case d.Wave == Answers:
		class = classAnswer
	case d.Kind.Media():
		class = classMedia
	}
	return k32(n).u8(class).time(d.After).u32(d.Wave).u32(d.Seq), err
}

func (t *txn) joinQueue(d *Delivery) error {
	d.Queued = true
	// The ledger counts microseconds. Cut short, a wait would be over before it is, and its lane would put it off again at once.
	if cut := d.After.Truncate(time.Microsecond); cut.Before(d.After) {
		d.After = cut.Add(time.Microsecond)
	}
	k, err := t.queueKey(d)
	if err != nil {
		return err
	}
	t.wakes()
	return t.set(bQueue, k, nil)
}

func (t *txn) leaveQueue(d *Delivery) error {
	if !d.Queued {
		return nil
	}
	k, err := t.queueKey(d)
	if err != nil {
		return err
	}
	d.Queued = false
	return t.del(bQueue, k)
}

// moveLane keeps an account's share of a wave: its counts, its position, and when it claimed first and last. An account's
// first claim may be the wave's.
func (t *txn) moveLane(d *Delivery, from, to State) error {
	if d.Wave == Answers {
		return nil
	}
	first := false
	err := t.changeLane(d, func(l *Lane) {
		l.Counts[from]--
		l.Counts[to]++
		if d.Kind.Media() {
			if from == Planned {
				l.Pictures--
			}
			if to == Planned {
				l.Pictures++
			}
		}
		if d.Seq == l.Next && d.Seq < l.To {
			l.Next++
		}
		if to == Sending {
			if l.LastAt = d.Updated; l.FirstAt.IsZero() {
				l.FirstAt, first = d.Updated, true
			}
		}
	})
	if err != nil || !first {
		return err
	}
	w, err := t.waveRecord(d.Wave)
	if err != nil || !w.FirstAt.IsZero() {
		return err
	}
	w.FirstAt = d.Updated
	return t.put(bWaves, k32(w.Number), w)
}

// countLane counts a delivery into or out of its account's share, when it is handed over.
func (t *txn) countLane(d Delivery, by int) error {
	if d.Wave == Answers {
		return nil
	}
	return t.changeLane(&d, func(l *Lane) {
		l.Counts[d.State] += by
		if d.State == Planned && d.Kind.Media() {
			l.Pictures += by
		}
		if by < 0 && d.Seq == l.Next {
			l.Next++ // or every look of the lane that gave it away would pass over it anew
		}
	})
}

func (t *txn) changeLane(d *Delivery, change func(*Lane)) error {
	n := uint32(0)
	if d.Account != "" {
		var err error
		if n, err = t.accountNumber(d.Account); err != nil {
			return err
		}
	}
	l, err := t.lane(d.Wave, n, d.Account)
	if err == nil {
		change(l)
	}
	return err
}

// recover settles what the end of the program left: attempts on the wire are Unknown, half-opened waves are dropped, and
// half-cancelled ones cancelled.
func (s *Store) recover() error {
	for {
		n := 0
		err := s.update(outcomes, func(t *txn) error {
			n = 0
			var rows []Delivery
			err := t.each(bOpen, nil, nil, func(k, _ []byte) (bool, error) {
				d, err := t.delivery(u32at(k, 0), u32at(k, 4))
				rows = append(rows, d)
				return len(rows) < most, err
			})
			if err != nil {
				return err
			}
			for _, d := range rows {
				n++
				a := &d.Attempts[len(d.Attempts)-1]
				a.Ended, a.Outcome, a.Reason = now(), NotKnown, ReasonCrash
				if err := t.del(bOpen, k32(d.Wave, d.Seq)); err != nil {
					return err
				}
				if err := t.move(&d, Unknown, ReasonCrash); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
	}
	waves, err := s.Waves(false)
	if err != nil {
		return err
	}
	for _, w := range waves {
		switch {
		case w.Opening:
			err = s.dropOpening(w.Number)
		case w.State == WaveCancelled && w.Counts[Planned] > 0:
			err = s.sweepCancelled(w.Number)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
