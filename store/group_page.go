package store

// SeenGroup is a registered group with what the present sessions of the accounts call it, in the order of their names. A
// group that no account sees has none.
type SeenGroup struct {
	Group
	Bindings []Binding
}

// Bound tells whether some account's present session knows the group for certain.
func (g SeenGroup) Bound() bool {
	for _, b := range g.Bindings {
		if b.State == Bound {
			return true
		}
	}
	return false
}

// SeenGroups reads groups in the order of import, from a number on, at most limit, with their bindings, in one short
// transaction. It walks the registry and each account's bindings side by side: a page costs what it holds, however many
// groups there are behind it. A page of fewer than limit is the last.
func (s *Store) SeenGroups(from uint32, limit int) (out []SeenGroup, err error) {
	err = s.view(func(t *txn) error {
		err := t.each(bGroups, nil, k32(from), func(k, v []byte) (bool, error) {
			if len(out) >= limit {
				return false, nil
			}
			var g SeenGroup
			if err := decode(bGroups, k, v, &g.Group); err != nil {
				return false, err
			}
			out = append(out, g)
			return true, nil
		})
		if err != nil || len(out) == 0 {
			return err
		}
		last := out[len(out)-1].Number
		accounts, err := records[Account](t, bAccounts, nil)
		if err != nil {
			return err
		}
		for _, a := range accounts {
			if a.Removed {
				continue
			}
			at := 0
			err := t.each(bBindings, k32(a.Number), k32(a.Number, out[0].Number), func(k, v []byte) (bool, error) {
				n := u32at(k, 4)
				if n > last {
					return false, nil
				}
				for out[at].Number < n {
					at++
				}
				if out[at].Number != n {
					return true, nil
				}
				var b Binding
				if err := decode(bBindings, k, v, &b); err != nil {
					return false, err
				}
				if b.Epoch == a.Epoch {
					out[at].Bindings = append(out[at].Bindings, b)
				}
				return true, nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// GroupSignups lists a group's sign-ups, the newest first, at most limit, those before a number (0: from the newest).
func (s *Store) GroupSignups(group uint32, before uint64, limit int) (out []Signup, err error) {
	var end key
	if before > 0 {
		end = k32(group).u64(before)
	}
	err = s.view(func(t *txn) error {
		return t.eachBack(bByGroup, k32(group), end, func(k, _ []byte) (bool, error) {
			n, err := t.signup(u64at(k, 4))
			out = append(out, n)
			return len(out) < limit, err
		})
	})
	return out, err
}

// repliesLook is how many messages one page of a group's replies may look at, some 50 ms: no index leads to them, for a
// group is read a few times a season and messages are written all day.
const repliesLook = 20_000

// GroupReplies lists what a group's residents wrote and the bot keeps, the newest first, at most limit, those before a
// number (0: from the newest). Noise is left out. next is the before of the page behind; 0 at the end. A page may be
// short, even empty, and next still not 0: ask again from there.
func (s *Store) GroupReplies(group uint32, before uint64, limit int) (out []Reply, next uint64, err error) {
	var end key
	if before > 0 {
		end = k64(before)
	}
	more := false
	err = s.view(func(t *txn) error {
		looked := 0
		return t.eachBack(bReplies, nil, end, func(k, v []byte) (bool, error) {
			if more = len(out) == limit || looked == repliesLook; more {
				return false, nil
			}
			var r Reply
			if err := decode(bReplies, k, v, &r); err != nil {
				return false, err
			}
			looked++
			if r.Group == group && r.State != ReplyNoise && r.State != ReplyNotice {
				if r.Raw, err = t.s.sealer.open(bReplies, k64(r.Number), r.Sealed); err != nil {
					return false, err
				}
				out = append(out, r)
			}
			next = r.Number
			return true, nil
		})
	})
	if err != nil {
		return nil, 0, err
	}
	if !more {
		next = 0
	}
	return out, next, nil
}
