package store

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"chunfeng/templates/words"
)

// WebSession is one person signed in to the console in one browser. (Session without more is a WeChat account's.)
type WebSession struct {
	Key        string    `cbor:"1,keyasint" json:"id"` // a hash of the cookie's token, which itself is never stored, as text of at most 64 bytes
	User       string    `cbor:"2,keyasint" json:"user"`
	PasswordAt time.Time `cbor:"3,keyasint,omitzero" json:"-"` // User.PasswordAt as it was when the password was compared: after another one the session is worth nothing
	CreatedAt  time.Time `cbor:"4,keyasint" json:"created_at"`
	SeenAt     time.Time `cbor:"5,keyasint" json:"seen_at"` // of the last request, to the minute
	Expires    time.Time `cbor:"6,keyasint" json:"expires"`
	Data       []byte    `cbor:"-" json:"-"`       // whatever the console keeps in it, sealed at rest; at most 16 KiB
	Address    string    `cbor:"-" json:"address"` // from where, sealed too
	Agent      string    `cbor:"-" json:"agent"`   // what the browser calls itself, sealed too; cut to 200 bytes
}

// webRecord is a WebSession as it is stored. One that was ended stays for a while without what was sealed in it, so that
// a request that was under way does not bring it back to life.
type webRecord struct {
	Session WebSession `cbor:"1,keyasint"`
	Sealed  []byte     `cbor:"2,keyasint,omitempty"`
	Ended   time.Time  `cbor:"3,keyasint,omitzero"`
}

// webSealed is what must not be read from the file.
type webSealed struct {
	Data    []byte `cbor:"1,keyasint,omitempty"`
	Address string `cbor:"2,keyasint,omitempty"`
	Agent   string `cbor:"3,keyasint,omitempty"`
}

const (
	mostData     = 16 << 10
	longestKey   = 64
	longestAgent = 200
	seenStep     = time.Minute    // SeenAt and Expires that moved by less are not worth a commit
	endedKept    = 24 * time.Hour // longer than any request lasts

	// mostAhead is how far a session's last request may lie in the future: clocks are set a little back every day. One that lies
	// further ahead was used while the clock was wrong, and its end is as wrong as its beginning.
	mostAhead = 5 * time.Minute
)

func (s *Store) sealWeb(w WebSession) ([]byte, error) {
	b, err := encoder.Marshal(webSealed{w.Data, w.Address, w.Agent})
	return s.sealer.seal(bWebs, key(w.Key), b), err
}

func (s *Store) openWeb(r webRecord) (WebSession, error) {
	b, err := s.sealer.open(bWebs, key(r.Session.Key), r.Sealed)
	if err != nil || b == nil {
		return r.Session, err
	}
	var in webSealed
	if err := decoder.Unmarshal(b, &in); err != nil {
		return r.Session, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	w := r.Session
	w.Data, w.Address, w.Agent = in.Data, in.Address, in.Agent
	return w, nil
}

// good tells whether the session lets its person in: the password is still the one that was compared.
func (w WebSession) good(u User) bool {
	return !u.Disabled && u.Password != "" && u.PasswordAt.Equal(w.PasswordAt)
}

// ahead tells whether a session was used by a clock that ran ahead of a moment.
func (w WebSession) ahead(at time.Time) bool { return w.SeenAt.After(at.Add(mostAhead)) }

// inForce tells whether a session has neither expired at a moment nor was used by a clock that ran ahead of it.
func (w WebSession) inForce(at time.Time) bool { return at.Before(w.Expires) && !w.ahead(at) }

// sameAs tells whether saving w over a stored one would change nothing but the minute.
func (w WebSession) sameAs(old WebSession) bool {
	near := func(a, b time.Time) bool { return a.Sub(b).Abs() < seenStep }
	return strings.EqualFold(w.User, old.User) && w.PasswordAt.Equal(old.PasswordAt) && near(w.SeenAt, old.SeenAt) && near(w.Expires, old.Expires) &&
		w.Address == old.Address && w.Agent == old.Agent && bytes.Equal(w.Data, old.Data)
}

// SaveWebSession keeps a session, new or known by its Key, and notes that its person was seen. One that was ended, whose
// person was disabled or has another password since, or that was last seen more than five minutes after w.SeenAt, by a clock
// that was put back since, is refused (users.session_ended), also when a request that began before saves it now. CreatedAt is
// the first one's.
//
// It costs a commit only when something changed: Data, byte by byte, so it should be written with its parts in a fixed
// order; or SeenAt or Expires by a minute or more. A session may therefore end up to a minute early.
func (s *Store) SaveWebSession(w WebSession) error {
	if w.Key == "" || len(w.Key) > longestKey || !printable(w.Key) || len(w.Data) > mostData || w.User == "" {
		return fmt.Errorf("a web session with a key of %d bytes, %d bytes of data and the user %q", len(w.Key), len(w.Data), w.User)
	}
	w.Agent = cutText(w.Agent, longestAgent)
	w.Address = cutText(w.Address, longestAgent)
	old, found, err := s.storedWeb(w.Key)
	if err != nil || found && w.sameAs(old) {
		return err
	}
	return s.update(housekeeping, func(t *txn) error { return t.saveWeb(w) })
}

// storedWeb answers a session that was not ended, whether or not it still lets anybody in.
func (s *Store) storedWeb(k string) (w WebSession, found bool, err error) {
	err = s.view(func(t *txn) error {
		var r webRecord
		if found, err = t.get(bWebs, key(k), &r); err != nil || !found || !r.Ended.IsZero() {
			found = false
			return err
		}
		w, err = s.openWeb(r)
		return err
	})
	return w, found, err
}

func (t *txn) saveWeb(w WebSession) error {
	u, err := t.user(w.User)
	if err != nil {
		return err
	}
	var old webRecord
	found, err := t.get(bWebs, key(w.Key), &old)
	if err != nil {
		return err
	}
	w.User = u.Name
	if !w.good(u) || found && (!old.Ended.IsZero() || old.Session.User != w.User || old.Session.ahead(w.SeenAt)) {
		return words.Refuse("users.session_ended").Of(words.Conflict)
	}
	if found {
		w.CreatedAt = old.Session.CreatedAt
	}
	sealed, err := t.s.sealWeb(w)
	if err != nil {
		return err
	}
	if err := t.put(bWebs, key(w.Key), webRecord{Session: w, Sealed: sealed}); err != nil {
		return err
	}
	if since := w.SeenAt.Sub(u.SeenAt); since < seenStep && since > -mostAhead {
		return nil
	}
	u.SeenAt = w.SeenAt
	return t.putUser(u)
}

// cutText shortens a text to at most n bytes, of whole characters.
func cutText(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	return strings.ToValidUTF8(s, "")
}

// WebSession answers a session and its person, both as one moment has them; found is false for one that is not there,
// was ended, has expired, was last seen more than five minutes after that moment (the clock was put back, and the session's
// end with it lies too far ahead), or whose person was disabled or has another password since.
func (s *Store) WebSession(k string, at time.Time) (w WebSession, u User, found bool, err error) {
	err = s.view(func(t *txn) error {
		var r webRecord
		there, err := t.get(bWebs, key(k), &r)
		if err != nil || !there || !r.Ended.IsZero() || !r.Session.inForce(at) {
			return err
		}
		if u, err = t.user(r.Session.User); err != nil {
			return err
		}
		if !r.Session.good(u) {
			return nil
		}
		w, err = s.openWeb(r)
		found = err == nil
		return err
	})
	if !found {
		return WebSession{}, User{}, false, err
	}
	return w, u, true, nil
}

// WebSessions lists the sessions in force of a person, or of everybody for the empty name, those last seen first. Their
// Data is left out.
func (s *Store) WebSessions(user string, at time.Time) (out []WebSession, err error) {
	err = s.view(func(t *txn) error {
		return t.eachWeb(user, func(r webRecord) error {
			if !r.Session.inForce(at) {
				return nil
			}
			w, err := s.openWeb(r)
			w.Data = nil
			out = append(out, w)
			return err
		})
	})
	slices.SortFunc(out, func(a, b WebSession) int { return cmp.Or(b.SeenAt.Compare(a.SeenAt), strings.Compare(a.Key, b.Key)) })
	return out, err
}

// eachWeb visits the sessions that were not ended, of a person or of everybody. There are few: it reads them all.
func (t *txn) eachWeb(user string, visit func(webRecord) error) error {
	return t.each(bWebs, nil, nil, func(k, v []byte) (bool, error) {
		var r webRecord
		if err := decode(bWebs, k, v, &r); err != nil {
			return false, err
		}
		if !r.Ended.IsZero() || user != "" && !strings.EqualFold(user, r.Session.User) {
			return true, nil
		}
		return true, visit(r)
	})
}

func (t *txn) endWeb(r webRecord) error {
	r.Sealed, r.Ended = nil, now()
	return t.put(bWebs, key(r.Session.Key), r)
}

// EndWebSession signs one browser out. It is in the audit trail when somebody else than the person does it; the empty who
// is the person. A session that is not there is ended already.
func (s *Store) EndWebSession(k, who string) error {
	return s.update(housekeeping, func(t *txn) error {
		var r webRecord
		found, err := t.get(bWebs, key(k), &r)
		if err != nil || !found || !r.Ended.IsZero() {
			return err
		}
		if err := t.endWeb(r); err != nil || who == "" || strings.EqualFold(who, r.Session.User) {
			return err
		}
		return t.audit(who, "session.end", r.Session.User, "1")
	})
}

func (t *txn) endWebs(user string) (int, error) {
	var all []webRecord
	if err := t.eachWeb(user, func(r webRecord) error { all = append(all, r); return nil }); err != nil {
		return 0, err
	}
	for _, r := range all {
		if err := t.endWeb(r); err != nil {
			return 0, err
		}
	}
	return len(all), nil
}

// DropExpired deletes web sessions and invitations that are over, and answers how many of each. It is housekeeping: what
// is over is never found, dropped or not.
func (s *Store) DropExpired(at time.Time) (sessions, invitations int, err error) {
	err = s.update(housekeeping, func(t *txn) error {
		sessions, invitations = 0, 0
		webs, err := records[webRecord](t, bWebs, nil)
		if err != nil {
			return err
		}
		for _, r := range webs {
			if r.Ended.IsZero() && r.Session.inForce(at) || !r.Ended.IsZero() && at.Before(r.Ended.Add(endedKept)) {
				continue
			}
			sessions++
			if err := t.del(bWebs, key(r.Session.Key)); err != nil {
				return err
			}
		}
		return t.dropInvitations(func(i Invitation) bool {
			over := !at.Before(i.Expires)
			if over {
				invitations++
			}
			return over
		})
	})
	return sessions, invitations, err
}
