package store

import (
	"fmt"

	"chunfeng/templates/words"
)

// HandOverPlan tells what handing an account's groups to another one would do.
type HandOverPlan struct {
	From, To   Account // as they are: whoever hands over to an account that is offline should see it
	Groups     int     // groups that would move
	Deliveries int     // planned deliveries that would move with them
	Sending    int     // deliveries of those groups that are on the wire: they stay and end as they end
	Missing    int     // groups of From that To is not in: they stay, with what is planned for them
	NotIn      []Group // those, at most notInMost of them
}

// notInMost is how many groups that stay are listed.
const notInMost = 1000

// PlanHandOver works out what HandOver would do at this moment. It writes nothing.
func (s *Store) PlanHandOver(from, to string) (p HandOverPlan, err error) {
	h := handOver{s: s, from: from, to: to}
	if p.From, p.To, err = h.accounts(); err != nil {
		return p, err
	}
	bound, all := map[uint32]bool{}, map[uint32]bool{}
	bindings, err := s.Bindings(to)
	if err != nil {
		return p, err
	}
	for _, b := range bindings {
		if b.State == Bound {
			bound[b.Group] = true
		}
	}
	homes, err := h.homes()
	if err != nil {
		return p, err
	}
	for _, g := range homes {
		all[g] = true
	}
	for w := (laneWalk{}); !w.over; {
		err := s.view(func(t *txn) error {
			rows, err := t.walkPlanned(&w, p.From.Number, from, chunk)
			for _, d := range rows {
				all[d.Group] = true
				if bound[d.Group] {
					p.Deliveries++
				}
			}
			return err
		})
		if err != nil {
			return p, err
		}
	}
	err = s.view(func(t *txn) error {
		return t.each(bOpen, nil, nil, func(k, _ []byte) (bool, error) {
			d, err := t.delivery(u32at(k, 0), u32at(k, 4))
			if d.Account == from && bound[d.Group] {
				p.Sending++
			}
			return true, err
		})
	})
	if err != nil {
		return p, err
	}
	for g := range all {
		if bound[g] {
			p.Groups++
		}
	}
	p.Missing = len(all) - p.Groups
	if p.Missing == 0 {
		return p, nil
	}
	return p, s.EachGroup(func(g Group) bool {
		if all[g.Number] && !bound[g.Number] {
			p.NotIn = append(p.NotIn, g)
		}
		return len(p.NotIn) < min(p.Missing, notInMost)
	})
}

// HandOver gives the groups of one account to another that is in them: those that the registry gives to from, and those
// for which from has something planned, as far as to is bound to them in its present session. The registry names to from
// then on, and what is planned, also what waits for a time or under a wave that is held, goes out through to. A delivery
// that is on the wire stays; none goes out twice, for a delivery has one account at a time and a claim is refused to any
// other.
//
// It is refused when there is nothing to move. Groups that to is not in stay as they are, and so do the deliveries of a wave
// that is being opened at this moment. Up to a few thousand groups and deliveries are moved in one commit. More take
// several: when one of them fails, what was moved before stays moved, and calling again goes on.
func (s *Store) HandOver(from, to, who string) (groups, deliveries int, err error) {
	h := handOver{s: s, from: from, to: to}
	a, _, err := h.accounts()
	if err != nil {
		return 0, 0, err
	}
	plan, err := s.PlanHandOver(from, to)
	switch {
	case err != nil:
		return 0, 0, err
	case plan.Groups == 0 && plan.Missing == 0:
		return 0, 0, words.Refuse("handover.nothing", from).Of(words.Conflict)
	case plan.Groups == 0:
		return 0, 0, words.Refuse("handover.not_in", to, plan.Missing, from).Of(words.Conflict)
	}
	homes, err := h.homes()
	if err != nil {
		return 0, 0, err
	}
	moved := map[uint32]bool{}
	for at := (laneWalk{}); !at.over; {
		// A commit may be made twice: what it tells the outside is set anew each time.
		var next laneWalk
		var left []uint32
		var now map[uint32]bool
		n := 0
		err := s.update(housekeeping, func(t *txn) (err error) {
			next, left, now, n = at, homes, map[uint32]bool{}, 0
			if left, err = h.moveHomes(t, left, now); err != nil || len(left) > 0 {
				return err
			}
			rows, err := t.walkPlanned(&next, a.Number, from, chunk)
			if err != nil {
				return err
			}
			for i := range rows {
				ok, err := h.moveRow(t, &rows[i])
				if err != nil {
					return err
				}
				if ok {
					now[rows[i].Group] = true
					n++
				}
			}
			if !next.over {
				return nil
			}
			t.wakes()
			for g := range moved {
				now[g] = true
			}
			return t.audit(who, "account.hand_over", from, fmt.Sprintf("%s: %d groups, %d deliveries", to, len(now), deliveries+n))
		})
		if err != nil {
			return len(moved), deliveries, err
		}
		at, homes, deliveries = next, left, deliveries+n
		for g := range now {
			moved[g] = true
		}
	}
	return len(moved), deliveries, nil
}

// handOver is one hand-over.
type handOver struct {
	s        *Store
	from, to string
}

func (h handOver) accounts() (from, to Account, err error) {
	if h.from == h.to {
		return from, to, words.Refuse("handover.same", h.from).Of(words.Usage)
	}
	if from, err = h.s.Account(h.from); err == nil {
		to, err = h.s.Account(h.to)
	}
	return from, to, err
}

// homes are the groups that the registry gives to the one account.
func (h handOver) homes() (out []uint32, err error) {
	err = h.s.EachGroup(func(g Group) bool {
		if g.Account == h.from {
			out = append(out, g.Number)
		}
		return true
	})
	return out, err
}

// reaches tells whether the other account is in a group now: a session may have ended since it was asked.
func (h handOver) reaches(t *txn, group uint32) (bool, error) {
	a, err := t.account(h.to)
	if err != nil {
		return false, err
	}
	b, found, err := t.binding(a, group)
	return found && b.State == Bound, err
}

// moveHomes changes the registry for as many groups as one commit takes, notes them in moved, and answers the others.
func (h handOver) moveHomes(t *txn, groups []uint32, moved map[uint32]bool) (left []uint32, err error) {
	some := groups[:min(len(groups), chunk)]
	for _, n := range some {
		var g Group
		if _, err := t.get(bGroups, k32(n), &g); err != nil {
			return nil, err
		}
		if ok, err := h.reaches(t, n); err != nil || !ok || g.Account != h.from {
			if err != nil {
				return nil, err
			}
			continue
		}
		g.Account, g.Updated = h.to, now()
		if err := t.put(bGroups, k32(n), g); err != nil {
			return nil, err
		}
		moved[n] = true
	}
	return groups[len(some):], nil
}

// moveRow gives a planned delivery to the other account, when that is in its group.
func (h handOver) moveRow(t *txn, d *Delivery) (bool, error) {
	if ok, err := h.reaches(t, d.Group); err != nil || !ok {
		return false, err
	}
	why := d.Reason
	if why == ReasonNone {
		why = ReasonHandedOver
	}
	return true, t.postpone(d, h.to, d.After, why)
}

// laneWalk is how far somebody came who goes through what an account still has to send.
type laneWalk struct {
	wave  uint32
	seq   uint32
	queue key // nil as long as the runs of the lanes are walked
	over  bool
}

// walkPlanned answers deliveries that an account still has to send, and moves w on: first those that wait in the runs of
// its lanes, wave by wave, then those in its queue. It looks at most at limit rows; w.over tells that there are no more.
func (t *txn) walkPlanned(w *laneWalk, number uint32, account string, limit int) (out []Delivery, err error) {
	if w.queue == nil {
		err := t.each(bActive, nil, k32(w.wave), func(k, _ []byte) (bool, error) {
			if n := u32at(k, 0); n != w.wave {
				w.wave, w.seq = n, 0
			}
			var l Lane
			if c := t.counts.lanes[[2]uint32{w.wave, number}]; c != nil {
				l = *c
			} else if _, err := t.get(bLanes, k32(w.wave, number), &l); err != nil {
				return false, err
			}
			if l.Counts[Planned] == 0 {
				return true, nil
			}
			w.seq = max(w.seq, l.Next)
			err := t.each(bDeliveries, k32(w.wave), k32(w.wave, w.seq), func(k, v []byte) (bool, error) {
				if u32at(k, 4) >= l.To || limit == 0 {
					return false, nil
				}
				var d Delivery
				if err := decode(bDeliveries, k, v, &d); err != nil {
					return false, err
				}
				if d.State == Planned && d.Account == account && !d.Queued {
					out = append(out, d)
				}
				w.seq = d.Seq + 1
				limit--
				return true, nil
			})
			return limit > 0, err
		})
		if err != nil || limit == 0 {
			return out, err
		}
		w.queue = k32(number)
	}
	w.over = true
	err = t.each(bQueue, k32(number), w.queue, func(k, _ []byte) (bool, error) {
		if limit == 0 {
			w.over = false
			return false, nil
		}
		d, err := t.delivery(u32at(k, len(k)-8), u32at(k, len(k)-4))
		out = append(out, d)
		w.queue = append(append(key(nil), k...), 0)
		limit--
		return true, err
	})
	return out, err
}
