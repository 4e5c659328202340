package store

import "chunfeng/templates/words"

// session answers an account whose present session is an epoch; a verb of a session that is over is refused.
func (t *txn) session(account, epoch string) (a Account, err error) {
	if a, err = t.account(account); err == nil && a.Epoch != epoch {
		err = words.Refuse("store.other_session", account).Of(words.Conflict)
	}
	return a, err
}

// Bind records what an account's session calls groups, as the machine found it. Bindings of another epoch are refused:
// that session is over.
//
// What a person decided is not undone by matching: only a pairing phrase decides otherwise, and the end of the very chat
// that the person chose. A chat is bound to one group at most: a phrase voids what the chat was bound to before, and any
// other binding to a chat that is taken is left out. Left out means that the ledger stays as it is; the caller reads it.
func (s *Store) Bind(account, epoch string, bindings ...Binding) error {
	return s.update(housekeeping, func(t *txn) error {
		a, err := t.session(account, epoch)
		if err != nil {
			return err
		}
		for _, b := range bindings {
			b.Account, b.Epoch = account, epoch
			if b.At.IsZero() {
				b.At = now()
			}
			old, _, err := t.binding(a, b.Group)
			if err != nil {
				return err
			}
			same := old.State == Bound && b.UserName == old.UserName && (b.State == Gone || b.Evidence == EvidencePerson)
			if old.Evidence == EvidencePerson && b.Evidence != EvidencePhrase && !same {
				continue
			}
			if b.State != Bound && b.Evidence == EvidencePerson {
				b.Evidence = "" // the chat has ended; no person said that the group is none
			}
			if free, err := t.freeChat(a, b); err != nil || !free {
				if err != nil {
					return err
				}
				continue
			}
			if err := t.bind(a, old, b); err != nil {
				return err
			}
		}
		t.wakes()
		return nil
	})
}

// freeChat tells whether a binding may have its chat. A phrase takes it from another group.
func (t *txn) freeChat(a Account, b Binding) (bool, error) {
	if b.State != Bound {
		return true, nil
	}
	v := t.in(bBoundNames).Get(k32(a.Number).str(b.UserName))
	if v == nil || u32at(v, 0) == b.Group {
		return true, nil
	}
	if b.Evidence != EvidencePhrase {
		return false, nil
	}
	other, found, err := t.binding(a, u32at(v, 0))
	if err != nil || !found {
		return err == nil, err
	}
	var g Group
	if _, err := t.get(bGroups, k32(b.Group), &g); err != nil {
		return false, err
	}
	void := other
	// Whoever decided on it before, what is left is the machine's to judge.
	void.State, void.Evidence, void.Why, void.At = Quarantined, "", "binding.other_phrase | "+g.Code, now()
	return true, t.bind(a, other, void)
}

// bind writes a binding over the old one of its group, and keeps the table of names.
func (t *txn) bind(a Account, old, b Binding) error {
	for _, name := range []string{old.UserName, b.UserName} {
		k := k32(a.Number).str(name)
		if v := t.in(bBoundNames).Get(k); name != "" && v != nil && u32at(v, 0) == b.Group {
			if err := t.del(bBoundNames, k); err != nil {
				return err
			}
		}
	}
	if b.State == Bound && b.UserName != "" {
		if err := t.set(bBoundNames, k32(a.Number).str(b.UserName), k32(b.Group)); err != nil {
			return err
		}
	}
	return t.put(bBindings, k32(a.Number, b.Group), b)
}

// Binding answers what an account's present session calls a group.
func (s *Store) Binding(account string, group uint32) (b Binding, found bool, err error) {
	err = s.view(func(t *txn) error {
		a, err := t.account(account)
		if err != nil {
			return err
		}
		b, found, err = t.binding(a, group)
		return err
	})
	return b, found, err
}

func (t *txn) binding(a Account, group uint32) (b Binding, found bool, err error) {
	found, err = t.get(bBindings, k32(a.Number, group), &b)
	return b, found && b.Epoch == a.Epoch, err
}

// Bindings lists the bindings of an account's present session, in the order of group numbers.
func (s *Store) Bindings(account string) (out []Binding, err error) {
	err = s.view(func(t *txn) error {
		a, err := t.account(account)
		if err != nil {
			return err
		}
		all, err := records[Binding](t, bBindings, k32(a.Number))
		for _, b := range all {
			if b.Epoch == a.Epoch {
				out = append(out, b)
			}
		}
		return err
	})
	return out, err
}

// BoundGroup answers which group a name of an account's session is bound to.
func (s *Store) BoundGroup(account, userName string) (group uint32, found bool, err error) {
	err = s.view(func(t *txn) error {
		group, found, err = t.boundGroup(account, userName)
		return err
	})
	return group, found, err
}

func (t *txn) boundGroup(account, userName string) (uint32, bool, error) {
	a, err := t.account(account)
	if err != nil {
		return 0, false, err
	}
	v := t.in(bBoundNames).Get(k32(a.Number).str(userName))
	if v == nil {
		return 0, false, nil
	}
	return u32at(v, 0), true, nil
}
