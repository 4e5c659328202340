package store

import (
	"encoding/json"
	"fmt"
	"slices"

	"chunfeng/bot/phone"
	"chunfeng/templates/words"
)

// person is what of a sign-up is sealed.
type person struct {
	Name  string `json:"n,omitempty"`
	Phone string `json:"p"`
	Note  string `json:"o,omitempty"` // what staff wrote about the person
}

func (t *txn) putSignup(n Signup) error {
	k := k64(n.Number)
	n.Sealed = nil
	if n.Phone.Reveal() != "" || n.Name != "" {
		plain, err := json.Marshal(person{n.Name, n.Phone.Reveal(), n.Note})
		if err != nil {
			return err
		}
		n.Sealed, n.Note = t.s.sealer.seal(bSignups, k, plain), ""
	}
	return t.put(bSignups, k, n)
}

func (t *txn) signup(number uint64) (n Signup, err error) {
	k := k64(number)
	found, err := t.get(bSignups, k, &n)
	if err == nil && !found {
		err = notFound("signup", fmt.Sprintf("N%d", number))
	}
	if err != nil {
		return n, err
	}
	plain, err := t.s.sealer.open(bSignups, k, n.Sealed)
	if err != nil || plain == nil {
		return n, err
	}
	var p person
	if err := json.Unmarshal(plain, &p); err != nil {
		return n, err
	}
	n.Name = p.Name
	if p.Note != "" {
		n.Note = p.Note
	}
	if p.Phone != "" {
		if n.Phone, err = phone.Parse(p.Phone); err != nil {
			return n, fmt.Errorf("sign-up N%d holds a number that is none", number)
		}
	}
	return n, nil
}

func (t *txn) addSignup(n Signup) (out Signup, isNew bool, err error) {
	n.Lookup = t.s.sealer.hash("phone\x00" + n.Phone.Reveal())
	same, err := t.ofPhone(n.Phone)
	if err != nil {
		return n, false, err
	}
	for _, o := range same {
		if o.Batch != n.Batch || o.Status == SignupWithdrawn {
			continue
		}
		for _, v := range n.Vacancies {
			if !slices.Contains(o.Vacancies, v) {
				o.Vacancies = append(o.Vacancies, v)
			}
		}
		if o.Name == "" {
			o.Name = n.Name
		}
		if o.Reply != n.Reply && !slices.Contains(o.Others, n.Reply) && len(o.Others) < 50 {
			o.Others = append(o.Others, n.Reply)
		}
		o.Updated = now()
		return o, false, t.putSignup(o)
	}
	number, err := t.next(bSignups)
	if err != nil {
		return n, false, err
	}
	n.Number, n.ID, n.At, n.Updated, n.Status = number, fmt.Sprintf("N%d", number), now(), now(), SignupNew
	if err := t.set(bByPhone, key(n.Lookup).u64(number), nil); err != nil {
		return n, false, err
	}
	if err := t.set(bByGroup, k32(n.Group).u64(number), nil); err != nil {
		return n, false, err
	}
	return n, true, t.putSignup(n)
}

// ofPhone lists the sign-ups of a number, noted under whichever key.
func (t *txn) ofPhone(p phone.Number) (out []Signup, err error) {
	for _, lookup := range t.s.sealer.hashes("phone\x00" + p.Reveal()) {
		err := t.each(bByPhone, key(lookup), nil, func(k, _ []byte) (bool, error) {
			n, err := t.signup(u64at(k, len(lookup)))
			out = append(out, n)
			return true, err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// withdraw erases who a sign-up was.
func (t *txn) withdraw(number uint64, who string) error {
	n, err := t.signup(number)
	if err != nil || n.Status == SignupWithdrawn {
		return err
	}
	if err := t.del(bByPhone, append(key(nil), n.Lookup...).u64(number)); err != nil {
		return err
	}
	n.Status, n.Updated, n.Name, n.Phone, n.Lookup, n.Note = SignupWithdrawn, now(), "", phone.Number{}, nil, ""
	// The replies that it came from hold the number too.
	for _, r := range append([]uint64{n.Reply}, n.Others...) {
		if _, err := t.eraseReply(r); err != nil {
			return err
		}
	}
	if err := t.eraseAck(n.Ack); err != nil {
		return err
	}
	if err := t.putSignup(n); err != nil {
		return err
	}
	return t.audit(who, "signup.withdraw", n.ID, "")
}

// eraseAck erases the words of an acknowledgement, for they name the person; one that still waits is not sent any more.
func (t *txn) eraseAck(seq uint32) error {
	if seq == 0 {
		return nil
	}
	d, err := t.delivery(Answers, seq)
	if err != nil {
		return err
	}
	if d.State == Planned {
		if err := t.move(&d, Skipped, ReasonWithdrawn); err != nil {
			return err
		}
	}
	c, err := t.content(d.Content)
	if err != nil || !c.Private {
		return err
	}
	if d.State == Sending {
		c.Doomed = true // its words are on the wire: move erases them when that has ended
	} else {
		c.Body, c.Sealed = nil, nil
	}
	return t.put(bContents, k32(c.Number), c)
}

// finishErasing erases the words of an answer whose person was erased while it was on the wire, and has one without words
// never wait to be sent.
func (t *txn) finishErasing(d *Delivery) error {
	c, err := t.content(d.Content)
	if err != nil || !c.Private {
		return err
	}
	if c.Doomed {
		c.Body, c.Sealed, c.Doomed = nil, nil, false
		if err := t.put(bContents, k32(c.Number), c); err != nil {
			return err
		}
	}
	if d.State == Planned && c.Sealed == nil {
		return t.move(d, Skipped, ReasonWithdrawn)
	}
	return nil
}

// Signup answers a sign-up by its id, its number masked by its type.
func (s *Store) Signup(id string) (n Signup, err error) {
	number, ok := parseNumber(id)
	if !ok {
		return n, notFound("signup", id)
	}
	err = s.view(func(t *txn) error { n, err = t.signup(number); return err })
	return n, err
}

// SignupsByPhone lists the sign-ups of a number, whatever their batch.
func (s *Store) SignupsByPhone(p phone.Number) (out []Signup, err error) {
	err = s.view(func(t *txn) error {
		out, err = t.ofPhone(p)
		return err
	})
	return out, err
}

// SignupsOfGroup lists a group's sign-ups, the newest first, at most limit.
func (s *Store) SignupsOfGroup(group uint32, limit int) (out []Signup, err error) {
	err = s.view(func(t *txn) error {
		return t.eachBack(bByGroup, k32(group), nil, func(k, _ []byte) (bool, error) {
			n, err := t.signup(u64at(k, 4))
			out = append(out, n)
			return len(out) < limit, err
		})
	})
	return out, err
}

// EachSignup visits all sign-ups, the oldest first, in short transactions. It ends when visit answers false.
func (s *Store) EachSignup(visit func(Signup) bool) error {
	from := uint64(0)
	return eachPage(s, visit, func(t *txn) (page []Signup, err error) {
		err = t.each(bSignups, nil, k64(from), func(k, _ []byte) (bool, error) {
			n, err := t.signup(u64at(k, 0))
			page, from = append(page, n), n.Number+1
			return len(page) < 500, err
		})
		return page, err
	})
}

// EachSignupBack visits sign-ups, the newest first, those with a number before the one given (0: from the newest), in short
// transactions. It ends when visit answers false.
func (s *Store) EachSignupBack(before uint64, visit func(Signup) bool) error {
	var end key
	if before > 0 {
		end = k64(before)
	}
	return eachPage(s, visit, func(t *txn) (page []Signup, err error) {
		err = t.eachBack(bSignups, nil, end, func(k, _ []byte) (bool, error) {
			n, err := t.signup(u64at(k, 0))
			page, end = append(page, n), k64(n.Number)
			return len(page) < 500, err
		})
		return page, err
	})
}

// SetSignup moves a sign-up's status as calls are made; to withdrawn erases who it was.
func (s *Store) SetSignup(id string, status SignupStatus, note, who string) (Signup, error) {
	return s.changeSignup(id, func(t *txn, n *Signup) (err error) {
		if status == SignupWithdrawn {
			if err := t.withdraw(n.Number, who); err != nil {
				return err
			}
			*n, err = t.signup(n.Number)
			return err
		}
		n.Status, n.Note, n.Updated = status, note, now()
		if err := t.putSignup(*n); err != nil {
			return err
		}
		return t.audit(who, "signup.status", n.ID, string(status))
	})
}

// changeSignup changes a sign-up in one commit, and answers what it is then. One that was withdrawn is not changed any more.
func (s *Store) changeSignup(id string, change func(*txn, *Signup) error) (n Signup, err error) {
	number, ok := parseNumber(id)
	if !ok {
		return n, notFound("signup", id)
	}
	err = s.update(housekeeping, func(t *txn) error {
		if n, err = t.signup(number); err != nil {
			return err
		}
		if n.Status == SignupWithdrawn {
			return words.Refuse("store.signup_withdrawn", n.ID).Of(words.Conflict)
		}
		return change(t, &n)
	})
	return n, err
}

// Revealed records who saw full numbers, of what and why, before they are shown; and for each sign-up among them that it was
// one of those, so that a person can be told to whom the number was given.
func (s *Store) Revealed(on, purpose, who string, signups ...uint64) error {
	return s.update(housekeeping, func(t *txn) error {
		if err := t.audit(who, "signup.reveal", on, purpose); err != nil {
			return err
		}
		line := t.lastEvent().Number
		for _, n := range signups {
			k := k64(n).u64(line)
			if err := t.set(bShown, k, k32(checksum(k, nil))); err != nil { // no record points back: a wrong one would show by nothing else
				return err
			}
		}
		return nil
	})
}
