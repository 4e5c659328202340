package store

import (
	"crypto/sha256"
	"fmt"
	"time"

	"chunfeng/templates/words"
)

// Invitation is a link that lets somebody choose a password once. The token in the link is never stored.
type Invitation struct {
	Hash      []byte    `cbor:"1,keyasint" json:"-"`              // SHA-256 of the token
	User      string    `cbor:"2,keyasint,omitempty" json:"user"` // whose link it is; empty: it makes the first admin
	Expires   time.Time `cbor:"3,keyasint" json:"expires"`
	CreatedBy string    `cbor:"4,keyasint,omitempty" json:"created_by"`
	CreatedAt time.Time `cbor:"5,keyasint" json:"created_at"`
}

// noInvitation says of every link that does not work the same: who guesses learns nothing.
func noInvitation() error { return words.Refuse("users.no_invitation").Of(words.Missing) }

// Invite keeps an invitation in the place of an earlier one for the same person. CreatedBy and CreatedAt are the ledger's.
// One for a first admin is refused once there is anybody, one for a person who is disabled or not there always.
func (s *Store) Invite(i Invitation, who string) error {
	if len(i.Hash) != sha256.Size {
		return fmt.Errorf("the hash of an invitation has %d bytes, want %d", len(i.Hash), sha256.Size)
	}
	return s.update(housekeeping, func(t *txn) error {
		i := i
		if i.User == "" {
			if k, _ := t.in(bUsers).Cursor().First(); k != nil {
				return words.Refuse("users.first_done").Of(words.Conflict)
			}
		} else {
			u, err := t.user(i.User)
			if err != nil {
				return err
			}
			if u.Disabled {
				return words.Refuse("users.disabled", u.Name).Of(words.Conflict)
			}
			i.User = u.Name
		}
		if err := t.dropInvitations(func(old Invitation) bool { return old.User == i.User }); err != nil {
			return err
		}
		i.CreatedBy, i.CreatedAt = who, now()
		if err := t.put(bInvites, i.Hash, i); err != nil {
			return err
		}
		return t.audit(who, "user.invite", i.User, "until "+i.Expires.UTC().Format(time.RFC3339))
	})
}

// dropInvitations deletes those that are meant.
func (t *txn) dropInvitations(meant func(Invitation) bool) error {
	all, err := records[Invitation](t, bInvites, nil)
	if err != nil {
		return err
	}
	for _, i := range all {
		if meant(i) {
			if err := t.del(bInvites, i.Hash); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *txn) invitation(hash []byte, at time.Time) (i Invitation, err error) {
	found, err := t.get(bInvites, hash, &i)
	if err == nil && (!found || !at.Before(i.Expires)) {
		err = noInvitation()
	}
	return i, err
}

// Invitation answers the invitation of a token's hash when it can still be used.
func (s *Store) Invitation(hash []byte, at time.Time) (i Invitation, err error) {
	err = s.view(func(t *txn) error { i, err = t.invitation(hash, at); return err })
	return i, err
}

// UseInvitation lets change set the password, and whatever else is a person's own choice, of the invited person, and
// deletes the invitation in the same commit. Role, county and whether the person may sign in stay as they are; the first
// admin is made with a name of the person's choosing. Of two who follow one link at once the second is refused. change
// may be called twice: it must not do slow or outward work.
func (s *Store) UseInvitation(hash []byte, at time.Time, change func(*User) error) (u User, err error) {
	err = s.update(housekeeping, func(t *txn) error {
		i, err := t.invitation(hash, at)
		if err != nil {
			return err
		}
		if u, err = t.invited(i, change); err != nil {
			return err
		}
		return t.del(bInvites, i.Hash)
	})
	return u, err
}

func (t *txn) invited(i Invitation, change func(*User) error) (User, error) {
	if i.User == "" {
		if k, _ := t.in(bUsers).Cursor().First(); k != nil {
			return User{}, noInvitation()
		}
		u := User{Role: RoleAdmin}
		if err := change(&u); err != nil {
			return u, err
		}
		if u.Password == "" {
			return u, words.Refuse("users.no_password").Of(words.Usage)
		}
		u.Role, u.County, u.Disabled = RoleAdmin, "", false
		return t.addUser(u, u.Name)
	}
	return t.changeUser(i.User, i.User, "user.password", func(u *User) error {
		was := *u
		if u.Disabled {
			return noInvitation()
		}
		if err := change(u); err != nil {
			return err
		}
		if u.Password == "" || u.Password == was.Password {
			return words.Refuse("users.no_password").Of(words.Usage)
		}
		u.Role, u.County, u.Disabled = was.Role, was.County, was.Disabled
		return nil
	})
}
