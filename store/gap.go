package store

import (
	"fmt"
	"time"
)

// OpenGap records that an account stopped hearing its groups. An account has at most one open gap.
func (s *Store) OpenGap(account, why string, from time.Time) error {
	return s.update(inbound, func(t *txn) error {
		if g, err := t.openGap(account); err != nil || g != nil {
			return err
		}
		n, err := t.next(bGaps)
		if err != nil {
			return err
		}
		g := Gap{Number: n, Account: account, From: from, Why: why}
		a, err := t.account(account)
		if err != nil {
			return err
		}
		err = t.each(bBindings, k32(a.Number), nil, func(k, v []byte) (bool, error) {
			var b Binding
			if err := decode(bBindings, k, v, &b); err != nil {
				return false, err
			}
			if b.State == Bound {
				g.Groups = append(g.Groups, b.Group)
			}
			return true, nil
		})
		if err != nil {
			return err
		}
		return t.put(bGaps, k64(n), g)
	})
}

// StartStream has an account hear from a cursor that does not follow the one before: what was said in between is not replayed.
// A gap that is open stays one whatever session comes next, for that one takes up the new stream.
func (s *Store) StartStream(account string, cursor []byte) error {
	return s.update(inbound, func(t *txn) error {
		g, err := t.openGap(account)
		if err == nil && g != nil && !g.Torn {
			g.Torn = true
			err = t.put(bGaps, k64(g.Number), g)
		}
		if err != nil {
			return err
		}
		return t.putSealed(bCursors, account, cursor)
	})
}

// Torn tells whether another stream began in an account's open gap.
func (s *Store) Torn(account string) (torn bool, err error) {
	err = s.view(func(t *txn) error {
		g, err := t.openGap(account)
		torn = g != nil && g.Torn
		return err
	})
	return torn, err
}

// CloseGap records that the account hears again. lossless tells that the server replayed what was said meanwhile: then
// nothing must be read by hand and the gap is forgotten, unless it is torn. Otherwise what was accepted after unheard and before this session is
// Unknown: a notice that it did not arrive would have come when nobody heard. A zero unheard is NoticeWithin before the gap.
func (s *Store) CloseGap(account string, lossless bool, unheard time.Time) error {
	return s.update(inbound, func(t *txn) error {
		g, err := t.openGap(account)
		if err != nil || g == nil {
			return err
		}
		if lossless && !g.Torn {
			return t.del(bGaps, k64(g.Number))
		}
		g.To = now()
		if err := t.put(bGaps, k64(g.Number), g); err != nil {
			return err
		}
		if unheard.IsZero() {
			unheard = g.From.Add(-NoticeWithin)
		}
		return t.unheard(account, unheard)
	})
}

// openGap finds an account's gap that still goes on, however old: a telephone may lie in a drawer for a month while the
// others' sessions come and go. It walks over the gaps, a few thousand in a season, when a session begins or ends.
func (t *txn) openGap(account string) (found *Gap, err error) {
	err = t.eachBack(bGaps, nil, nil, func(k, v []byte) (bool, error) {
		var g Gap
		if err := decode(bGaps, k, v, &g); err != nil {
			return false, err
		}
		if g.Account == account && g.To.IsZero() {
			found = &g
		}
		return found == nil, nil
	})
	return found, err
}

// Gaps lists the gaps, the newest first; unread ones only if asked.
func (s *Store) Gaps(unread bool) (out []Gap, err error) {
	err = s.view(func(t *txn) error {
		return t.eachBack(bGaps, nil, nil, func(k, v []byte) (bool, error) {
			var g Gap
			if err := decode(bGaps, k, v, &g); err != nil {
				return false, err
			}
			if !unread || g.ReadBy == "" {
				out = append(out, g)
			}
			return len(out) < 1000, nil
		})
	})
	return out, err
}

// ReadGap records that somebody read a gap's groups by hand.
func (s *Store) ReadGap(number uint64, who string) error {
	return s.update(housekeeping, func(t *txn) error {
		var g Gap
		if err := t.need(bGaps, k64(number), &g, "gap", fmt.Sprint(number)); err != nil {
			return err
		}
		g.ReadBy = who
		if err := t.put(bGaps, k64(number), g); err != nil {
			return err
		}
		return t.audit(who, "gap.read", fmt.Sprint(number), g.Account)
	})
}
