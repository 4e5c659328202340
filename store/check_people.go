package store

import "fmt"

// people holds everybody against the laws of their records.
func (k *checker) people() error {
	numbers := map[uint32]string{}
	users := map[string]User{}
	err := k.t.each(bUsers, nil, nil, func(at, v []byte) (bool, error) {
		var r userRecord
		if unframe(at, v, &r) != nil {
			return true, nil // told by sums
		}
		u, err := k.t.s.openUser(at, r)
		switch {
		case err != nil:
			k.broken("user %s: %v", u.Name, err)
		case string(userKey(u.Name)) != string(at):
			k.broken("user %s lies under the key %s", u.Name, at)
		case u.check() != nil:
			k.broken("user %s: %v", u.Name, u.check())
		case numbers[u.Number] != "":
			k.broken("users %s and %s have the number %d", numbers[u.Number], u.Name, u.Number)
		}
		numbers[u.Number] = u.Name
		users[u.Name] = u
		return true, k.ctx.Err()
	})
	if err != nil {
		return err
	}
	if err := k.webs(users); err != nil {
		return err
	}
	return k.invitations(users)
}

// webs holds each web session against the person whose it is.
func (k *checker) webs(users map[string]User) error {
	return k.t.each(bWebs, nil, nil, func(at, v []byte) (bool, error) {
		var r webRecord
		if unframe(at, v, &r) != nil {
			return true, nil // told by sums
		}
		w, name := r.Session, fmt.Sprintf("web session %.8s of %s", at, r.Session.User)
		u, there := users[w.User]
		_, err := k.t.s.openWeb(r)
		switch {
		case w.Key != string(at):
			k.broken("%s lies under another key than its own", name)
		case !there:
			k.broken("%s: there is no such user", name)
		case err != nil:
			k.broken("%s: %v", name, err)
		case r.Ended.IsZero() && !w.good(u):
			k.broken("%s goes on, but the user is disabled or has another password since", name)
		case !r.Ended.IsZero() && r.Sealed != nil:
			k.broken("%s was ended and still holds what was in it", name)
		}
		return true, k.ctx.Err()
	})
}

// invitations holds each invitation against the person whose it is.
func (k *checker) invitations(users map[string]User) error {
	seen := map[string]bool{}
	return k.t.each(bInvites, nil, nil, func(at, v []byte) (bool, error) {
		var i Invitation
		if unframe(at, v, &i) != nil {
			return true, nil // told by sums
		}
		u, there := users[i.User]
		switch {
		case string(i.Hash) != string(at):
			k.broken("the invitation of %q lies under another key than its own", i.User)
		case i.User == "" && len(users) > 0:
			k.broken("there is an invitation for a first admin, and there are %d users", len(users))
		case i.User != "" && (!there || u.Disabled):
			k.broken("there is an invitation for %q, who is disabled or not there", i.User)
		case seen[i.User]:
			k.broken("there are two invitations for %q", i.User)
		}
		seen[i.User] = true
		return true, k.ctx.Err()
	})
}

// kept holds each day, setting and version of a template against its key.
func (k *checker) kept() error {
	if err := k.t.each(bSettings, nil, nil, func(at, v []byte) (bool, error) {
		var s Setting
		if unframe(at, v, &s) == nil && (s.Key != string(at) || s.Value == "") {
			k.broken("setting %s = %q lies under the key %s", s.Key, s.Value, at)
		}
		return true, k.ctx.Err()
	}); err != nil {
		return err
	}
	last := TemplateVersion{}
	if err := k.t.each(bVersions, nil, nil, func(at, v []byte) (bool, error) {
		var t TemplateVersion
		if unframe(at, v, &t) != nil {
			return true, nil // told by sums
		}
		if t.Name != last.Name {
			last.Number = 0
		}
		if string(templateKey(t.Name).u32(t.Number)) != string(at) || t.Number != last.Number+1 {
			k.broken("version %d of template %s does not follow version %d", t.Number, t.Name, last.Number)
		}
		last = t
		return true, k.ctx.Err()
	}); err != nil {
		return err
	}
	return k.t.each(bDays, nil, nil, func(at, v []byte) (bool, error) {
		var d Day
		if unframe(at, v, &d) != nil {
			return true, nil // told by sums
		}
		if err := d.check(); err != nil || d.Date != string(at) {
			k.broken("day %s lies under the key %s: %v", d.Date, at, err)
		}
		return true, k.ctx.Err()
	})
}
