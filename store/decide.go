package store

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"chunfeng/templates/words"
)

// Doubt is a binding that a person must decide, with both sides.
type Doubt struct {
	Account    string
	Group      Group
	Binding    Binding   // its Why says why it is doubtful
	Names      []string  // names under which the group was known before, folded, the newest first
	Members    int       // how many it had when its members were last seen; 0: not known
	MembersAt  time.Time // when that was
	Candidates []Chat    // the chats that it may be
	Elsewhere  string    // an account whose session has the group for certain; empty: none has
}

// DoubtfulBindings lists the doubtful bindings of the accounts' present sessions, by account and in the order of groups.
func (s *Store) DoubtfulBindings() (out []Doubt, err error) {
	accounts, err := s.Accounts()
	if err != nil {
		return nil, err
	}
	certain := map[uint32]string{}
	for _, a := range accounts {
		err := s.view(func(t *txn) error {
			chats, err := t.chats(a)
			if err != nil {
				return err
			}
			return t.each(bBindings, k32(a.Number), nil, func(k, v []byte) (bool, error) {
				var b Binding
				if err := decode(bBindings, k, v, &b); err != nil {
					return false, err
				}
				switch {
				case b.Epoch != a.Epoch:
				case b.State == Bound:
					certain[b.Group] = a.Name
				case b.State == Quarantined:
					d, err := t.doubt(b, chats)
					if err != nil {
						return false, err
					}
					out = append(out, d)
				}
				return true, nil
			})
		})
		if err != nil {
			return nil, err
		}
	}
	for i := range out {
		out[i].Elsewhere = certain[out[i].Group.Number]
	}
	return out, nil
}

func (t *txn) doubt(b Binding, chats []Chat) (d Doubt, err error) {
	d = Doubt{Account: b.Account, Binding: b}
	if _, err := t.get(bGroups, k32(b.Group), &d.Group); err != nil {
		return d, err
	}
	var k Sketch
	if _, err := t.get(bSketches, k32(b.Group), &k); err != nil {
		return d, err
	}
	d.Names, d.Members, d.MembersAt = k.Names, k.Count, k.At
	for _, c := range chats {
		if slices.Contains(b.Candidates, c.UserName) {
			d.Candidates = append(d.Candidates, c)
		}
	}
	return d, nil
}

// Decision is what a person says of a group and an account's chats.
type Decision struct {
	Account string
	Group   uint32
	As      BindingState // Bound: the group is that chat. Gone: it is none that the account is in, and not the one it was bound to
	Chat    string       // Bound: which one, by its UserName; empty: the only candidate of a doubtful binding
	Who     string
	Why     string
}

// DecideBinding records a person's decision about a binding: a doubtful one, one that the machine found and that is wrong,
// or one for a group that the account has not been seen in. It holds for the session, whatever the account's matching
// says later; a pairing phrase decides otherwise.
//
// A group is bound only to a chat that the present session sees and that no other group has; the chat is then a
// candidate of no other. What is bound already is refused, so that two people who decide the same thing at once do not undo
// each other: who wants another chat says first that this one is gone.
//
// What was remembered of the group is forgotten and learned anew from the chat that was chosen, for the next session to
// know it by. Of chats that were ruled out the names are remembered: none of such a name is taken for the group by its name
// alone again.
func (s *Store) DecideBinding(d Decision) (b Binding, err error) {
	err = s.update(housekeeping, func(t *txn) error {
		a, err := t.account(d.Account)
		if err != nil {
			return err
		}
		if a.Epoch == "" {
			return words.Refuse("binding.no_session", d.Account).Of(words.Conflict)
		}
		var g Group
		if found, err := t.get(bGroups, k32(d.Group), &g); err != nil || !found {
			if err == nil {
				err = notFound("group", fmt.Sprint(d.Group))
			}
			return err
		}
		old, found, err := t.binding(a, d.Group)
		if err != nil {
			return err
		}
		chats, err := t.chats(a)
		if err != nil {
			return err
		}
		// A separator of arguments in what a person wrote would be taken for one when it is shown.
		b = Binding{Account: a.Name, Epoch: a.Epoch, Group: d.Group, Evidence: EvidencePerson, State: d.As, Why: clip(strings.ReplaceAll(d.Why, "|", "/"), 200), At: now()}
		switch d.As {
		case Bound:
			err = t.decideBound(a, g, old, chats, d.Chat, &b)
		case Gone:
			err = t.decideGone(g, old, found, chats, &b)
		default:
			err = words.Refuse("binding.bad_state", string(d.As)).Of(words.Usage)
		}
		if err != nil {
			return err
		}
		if err := t.bind(a, old, b); err != nil {
			return err
		}
		t.wakes()
		t.after = append(t.after, func() { t.s.decisions.Add(1) })
		return t.audit(d.Who, "binding."+string(d.As), g.Code, a.Name+": "+d.Why)
	})
	return b, err
}

func (t *txn) decideBound(a Account, g Group, old Binding, chats []Chat, chat string, b *Binding) error {
	switch {
	case old.State == Bound:
		return words.Refuse("binding.is_bound", g.Code, old.Name, a.Name).Of(words.Conflict)
	case chat == "" && len(old.Candidates) != 1:
		return words.Refuse("binding.choose", g.Code, len(old.Candidates)).Of(words.Usage)
	case chat == "":
		chat = old.Candidates[0]
	}
	if v := t.in(bBoundNames).Get(k32(a.Number).str(chat)); v != nil {
		var other Group
		if _, err := t.get(bGroups, key(v), &other); err != nil {
			return err
		}
		return words.Refuse("binding.chat_taken", other.Code).Of(words.Conflict)
	}
	i := slices.IndexFunc(chats, func(c Chat) bool { return c.UserName == chat })
	if i < 0 {
		return words.Refuse("binding.no_chat", a.Name).Of(words.Conflict)
	}
	b.UserName, b.Name, b.Members, b.Score = chat, chats[i].Name, chats[i].Members, 1
	if err := t.dropCandidate(a, chat); err != nil {
		return err
	}
	return t.unlearn(g.Number, nil)
}

// dropCandidate takes a chat that was decided on out of the doubts about other groups.
func (t *txn) dropCandidate(a Account, chat string) error {
	all, err := records[Binding](t, bBindings, k32(a.Number))
	if err != nil {
		return err
	}
	for _, b := range all {
		i := slices.Index(b.Candidates, chat)
		if i < 0 {
			continue
		}
		b.Candidates = slices.Delete(b.Candidates, i, i+1)
		if err := t.put(bBindings, k32(a.Number, b.Group), b); err != nil {
			return err
		}
	}
	return nil
}

func (t *txn) decideGone(g Group, old Binding, found bool, chats []Chat, b *Binding) error {
	switch {
	case !found:
		return words.Refuse("binding.none", g.Code).Of(words.Missing)
	case old.State == Gone:
		return words.Refuse("binding.is_gone", g.Code).Of(words.Conflict)
	}
	b.UserName, b.Name, b.Members = old.UserName, old.Name, old.Members
	var not []string
	if old.State == Bound {
		not = append(not, old.Name)
	}
	for _, c := range chats {
		if slices.Contains(old.Candidates, c.UserName) {
			not = append(not, c.Name)
		}
	}
	return t.unlearn(g.Number, slices.DeleteFunc(not, func(n string) bool { return n == "" }))
}

// Decisions counts the decisions about bindings since the ledger was opened. Who remembers bindings reads them again when
// it has grown: a chat that a person ruled out must not be written to any more.
func (s *Store) Decisions() uint64 { return s.decisions.Load() }

// Registry counts the commits that wrote groups, bindings or what is remembered of chats, since the ledger was opened. Who
// works by all of them, which takes a walk over every group, need not read them again while it stays.
func (s *Store) Registry() uint64 { return s.registry.Load() }
