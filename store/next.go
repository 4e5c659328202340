package store

import (
	"time"
)

// Queue classes: answers to residents go before bulk, and pictures of it, which have a pace of their own, are kept apart.
const (
	classAnswer uint8 = iota
	classBulk
	classMedia
)

// Next answers the delivery that an account should send next, without claiming it: an answer to a resident, else one
// whose waiting time is over, else the next of the oldest running wave. When there is none, wake is the time at which
// one that waits comes due (zero: only a change brings work; see Changed). bulk false asks for answers only.
func (s *Store) Next(account string, bulk bool, at time.Time) (d Delivery, found bool, wake time.Time, err error) {
	return s.next(account, bulk, true, at)
}

// NextText is Next for an account whose pictures must wait for their pace: those that are in the queue are passed over.
func (s *Store) NextText(account string, at time.Time) (d Delivery, found bool, wake time.Time, err error) {
	return s.next(account, true, false, at)
}

func (s *Store) next(account string, bulk, media bool, at time.Time) (d Delivery, found bool, wake time.Time, err error) {
	err = s.view(func(t *txn) error {
		n, err := t.accountNumber(account)
		if err != nil {
			return err
		}
		for class := classAnswer; class <= classMedia && !found; class++ {
			switch {
			case class != classAnswer && !bulk:
				return nil
			case class == classMedia && !media:
				continue
			}
			if d, found, err = t.nextQueued(n, class, at, &wake); err != nil {
				return err
			}
		}
		if found || !bulk {
			return nil
		}
		return t.each(bActive, nil, nil, func(k, _ []byte) (bool, error) {
			var l Lane
			ok, err := t.get(bLanes, key(k).u32(n), &l)
			if err != nil || !ok || l.Next >= l.To {
				return true, err
			}
			w, err := t.wave(l.Wave)
			if err != nil || w.State != WaveRunning {
				return true, err
			}
			d, found, err = t.nextInLane(l, w)
			return !found, err
		})
	})
	return d, found, wake, err
}

func (t *txn) nextQueued(account uint32, class uint8, at time.Time, wake *time.Time) (d Delivery, found bool, err error) {
	err = t.each(bQueue, k32(account).u8(class), nil, func(k, _ []byte) (bool, error) {
		if due := time.UnixMicro(int64(u64at(k, 5))); due.After(at) {
			if wake.IsZero() || due.Before(*wake) {
				*wake = due
			}
			return false, nil
		}
		if _, err := t.get(bDeliveries, key(k[13:21]), &d); err != nil {
			return false, err
		}
		w, err := t.wave(d.Wave)
		if err != nil {
			return false, err
		}
		// What a person handed over waits here before its lane offered it: behind the canary like everybody else.
		found = w.State == WaveRunning && (w.Plan.Canary == 0 || w.CanaryDone || d.Canary)
		return !found, nil
	})
	return d, found, err
}

// nextInLane walks a lane's run from its position to the first delivery that is still its own and planned. A canary that
// is being watched keeps everybody else back.
func (t *txn) nextInLane(l Lane, w Wave) (d Delivery, found bool, err error) {
	err = t.each(bDeliveries, k32(l.Wave), k32(l.Wave, l.Next), func(k, v []byte) (bool, error) {
		if u32at(k, 4) >= l.To {
			return false, nil
		}
		d = Delivery{}
		if err := decode(bDeliveries, k, v, &d); err != nil {
			return false, err
		}
		if w.Plan.Canary > 0 && !w.CanaryDone && !d.Canary {
			return false, nil
		}
		found = d.State == Planned && d.Account == l.Account && !d.Queued
		return !found, nil
	})
	return d, found, err
}
