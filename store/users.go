package store

import (
	"fmt"
	"strings"

	"chunfeng/templates/words"
)

// user reads a person within a transaction.
func (t *txn) user(name string) (u User, err error) {
	k := userKey(name)
	var r userRecord
	found, err := t.get(bUsers, k, &r)
	if err == nil && !found {
		err = words.Refuse("users.missing", name).Of(words.Missing)
	}
	if err != nil {
		return u, err
	}
	return t.s.openUser(k, r)
}

func (s *Store) openUser(k key, r userRecord) (User, error) {
	b, err := s.sealer.open(bUsers, k, r.Sealed)
	if err != nil || len(b) == 0 || b[0] == '$' {
		r.User.Password = string(b)
		return r.User, err
	}
	var in userSealed
	if err := decoder.Unmarshal(b, &in); err != nil {
		return r.User, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	r.User.Password, r.User.Second = in.Password, in.Second
	return r.User, nil
}

func (t *txn) putUser(u User) error {
	k := userKey(u.Name)
	b, err := encoder.Marshal(userSealed{u.Password, u.Second})
	if err != nil {
		return err
	}
	return t.put(bUsers, k, userRecord{u, t.s.sealer.seal(bUsers, k, b)})
}

// eachUser visits everybody in the order of their names.
func (t *txn) eachUser(visit func(User) error) error {
	return t.each(bUsers, nil, nil, func(k, v []byte) (bool, error) {
		var r userRecord
		if err := unframe(k, v, &r); err != nil {
			return false, fmt.Errorf("%s %s: %w", bUsers, k, err)
		}
		u, err := t.s.openUser(k, r)
		if err == nil {
			err = visit(u)
		}
		return true, err
	})
}

// AddUser registers a person, who can sign in when Password is set, now or by an invitation later. Number, CreatedAt,
// CreatedBy and PasswordAt are the ledger's. An empty Label becomes the name. A link that waits for a first admin is
// void from then on.
func (s *Store) AddUser(u User, who string) (added User, err error) {
	err = s.update(housekeeping, func(t *txn) error { added, err = t.addUser(u, who); return err })
	return added, err
}

func (t *txn) addUser(u User, who string) (User, error) {
	if u.Label = strings.TrimSpace(u.Label); u.Label == "" {
		u.Label = u.Name
	}
	if err := u.check(); err != nil {
		return u, err
	}
	if t.in(bUsers).Get(userKey(u.Name)) != nil {
		return u, words.Refuse("users.exists", u.Name).Of(words.Conflict)
	}
	n, err := t.next(bUsers)
	if err != nil {
		return u, err
	}
	at := now()
	u.Number, u.CreatedAt, u.CreatedBy = uint32(n), at, who
	if u.Password != "" {
		u.PasswordAt = at
	}
	if err := t.putUser(u); err != nil {
		return u, err
	}
	if err := t.dropInvitations(func(i Invitation) bool { return i.User == "" }); err != nil {
		return u, err
	}
	return u, t.audit(who, "user.add", u.Name, strings.TrimSpace(string(u.Role)+" "+u.County))
}

// ChangeUser changes a person's record. what names the change in the audit trail ("user.role"). Name, number and the
// times stay the ledger's. Another role, county or password, or disabling, ends the person's web sessions in the same
// commit; disabling voids the invitation too. Nobody may take away the last admin who can sign in. A change that changes nothing leaves no trace, nor
// does the language that a person chooses for their own pages, which concerns nobody else, nor a code of the second factor that
// was taken. To lose the second factor by somebody else's hand ends the web sessions too.
func (s *Store) ChangeUser(name, who, what string, change func(*User) error) (u User, err error) {
	err = s.update(housekeeping, func(t *txn) error { u, err = t.changeUser(name, who, what, change); return err })
	return u, err
}

func (t *txn) changeUser(name, who, what string, change func(*User) error) (User, error) {
	was, err := t.user(name)
	if err != nil {
		return was, err
	}
	u := was
	if err := change(&u); err != nil {
		return was, err
	}
	u.Label = strings.TrimSpace(u.Label)
	u.Number, u.Name, u.CreatedAt, u.CreatedBy, u.PasswordAt, u.SeenAt = was.Number, was.Name, was.CreatedAt, was.CreatedBy, was.PasswordAt, was.SeenAt
	if u == was {
		return u, nil
	}
	if err := u.check(); err != nil {
		return was, err
	}
	if was.able() && !u.able() {
		if err := t.otherAdmin(was); err != nil {
			return was, err
		}
	}
	if u.Password != was.Password {
		u.PasswordAt = now()
	}
	if err := t.putUser(u); err != nil {
		return was, err
	}
	if u.Role != was.Role || u.County != was.County || u.Password != was.Password || u.Disabled || u.Second.Secret != was.Second.Secret && who != u.Name {
		if _, err := t.endWebs(u.Name); err != nil {
			return was, err
		}
	}
	if u.Disabled {
		if err := t.dropInvitations(func(i Invitation) bool { return i.User == u.Name }); err != nil {
			return was, err
		}
	}
	if other := u; who == u.Name {
		other.Lang, other.Second.Step = was.Lang, was.Second.Step
		if other == was {
			return u, nil
		}
	}
	return u, t.audit(who, what, u.Name, u.differences(was))
}

// otherAdmin refuses when nobody but one person can sign in and manage people.
func (t *txn) otherAdmin(but User) error {
	others := 0
	err := t.eachUser(func(u User) error {
		if u.able() && u.Number != but.Number {
			others++
		}
		return nil
	})
	if err == nil && others == 0 {
		err = words.Refuse("users.last_admin", but.Name).Of(words.Conflict)
	}
	return err
}

// User answers a person by the login name in any case.
func (s *Store) User(name string) (u User, err error) {
	err = s.view(func(t *txn) error { u, err = t.user(name); return err })
	return u, err
}

// Users lists everybody by login name, the disabled ones too.
func (s *Store) Users() (out []User, err error) {
	err = s.view(func(t *txn) error {
		return t.eachUser(func(u User) error { out = append(out, u); return nil })
	})
	return out, err
}
