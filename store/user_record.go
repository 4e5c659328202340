package store

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"chunfeng/templates/place"
	"chunfeng/templates/words"
)

// User is a person who works with the console. Nobody is ever removed, for the audit trail speaks of them; who left is
// disabled.
type User struct {
	Number     uint32    `cbor:"1,keyasint" json:"-"`                    // given in the order of joining, from 1
	Name       string    `cbor:"2,keyasint" json:"name"`                 // the login name: ASCII letters, digits, - _ . , at most 32 bytes; unique without regard to case
	Label      string    `cbor:"3,keyasint" json:"label"`                // how the person is called: 김영희
	Role       Role      `cbor:"4,keyasint" json:"role"`                 //
	County     string    `cbor:"5,keyasint,omitempty" json:"county"`     // a code of the prefecture's table; empty: the whole prefecture
	Lang       string    `cbor:"6,keyasint,omitempty" json:"lang"`       // ko, zh or en; empty: not chosen
	Password   string    `cbor:"-" json:"-"`                             // an encoded argon2id hash, sealed at rest; empty: nobody can sign in by this name
	Disabled   bool      `cbor:"7,keyasint,omitempty" json:"disabled"`   //
	CreatedAt  time.Time `cbor:"8,keyasint" json:"created_at"`           //
	CreatedBy  string    `cbor:"9,keyasint,omitempty" json:"created_by"` //
	PasswordAt time.Time `cbor:"10,keyasint,omitzero" json:"password_at,omitzero"`
	SeenAt     time.Time `cbor:"11,keyasint,omitzero" json:"seen_at,omitzero"` // of the last request, to the minute
	Second     Second    `cbor:"-" json:"-"`                                   // sealed at rest
}

// Second is a person's second factor: a secret that a telephone shares, from which it makes a code each half minute. The
// zero Second is none.
type Second struct {
	Secret string    `cbor:"1,keyasint"`           // in base 32, as authenticator apps take it
	Step   int64     `cbor:"2,keyasint,omitempty"` // the half minute of the last code that was taken: no code is taken twice
	Spare  string    `cbor:"3,keyasint,omitempty"` // hashes of the codes for the day on which the telephone is lost, in hex, with spaces between
	Since  time.Time `cbor:"4,keyasint,omitzero"`
}

// userRecord is a User as it is stored.
type userRecord struct {
	User   User   `cbor:"1,keyasint"`
	Sealed []byte `cbor:"2,keyasint,omitempty"` // userSealed, or User.Password alone as it was before there were second factors
}

// userSealed is what must not be read from the file.
type userSealed struct {
	Password string `cbor:"1,keyasint,omitempty"`
	Second   Second `cbor:"2,keyasint,omitzero"`
}

// longestName and longestLabel are in bytes; a label of ten Korean syllables has thirty.
const (
	longestName  = 32
	longestLabel = 100
)

// encodedPassword begins every password that the ledger takes, so that none is kept in the clear by mistake.
const encodedPassword = "$argon2id$"

// userKey is where a login name lies, whatever its case.
func userKey(name string) key { return key(strings.ToLower(name)) }

// able tells whether the person can sign in and manage people: one such at least must stay.
func (u User) able() bool { return u.Role == RoleAdmin && !u.Disabled && u.Password != "" }

// check holds a person's record against what is allowed.
func (u User) check() error {
	if !loginName(u.Name) {
		return words.Refuse("users.bad_name", u.Name)
	}
	if u.Label == "" || len(u.Label) > longestLabel || !printable(u.Label) {
		return words.Refuse("users.bad_label", u.Label)
	}
	if !u.Role.known() {
		return words.Refuse("users.bad_role", string(u.Role))
	}
	if _, ok := place.ByCode(u.County); !ok && u.County != "" {
		return words.Refuse("users.bad_county", u.County)
	}
	if l, ok := words.ParseLang(u.Lang); u.Lang != "" && (!ok || string(l) != u.Lang) {
		return words.Refuse("users.bad_lang", u.Lang)
	}
	if u.Password != "" && !strings.HasPrefix(u.Password, encodedPassword) {
		return fmt.Errorf("the password of %s is not encoded", u.Name)
	}
	return nil
}

// loginName holds a name to ASCII: it can be typed on every keyboard, and no two of them look alike but differ.
func loginName(s string) bool {
	for i, c := range s {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && (i == 0 || !strings.ContainsRune("-_.", c)) {
			return false
		}
	}
	return s != "" && len(s) <= longestName
}

// printable tells whether a text is one line of what can be seen, without spaces around it.
func printable(s string) bool {
	if !utf8.ValidString(s) || strings.TrimSpace(s) != s {
		return false
	}
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// differences says for the audit trail what a change changed, never a secret.
func (u User) differences(was User) string {
	var out []string
	tell := func(what, before, after string) {
		if before != after {
			out = append(out, fmt.Sprintf("%s %q → %q", what, before, after))
		}
	}
	tell("label", was.Label, u.Label)
	tell("role", string(was.Role), string(u.Role))
	tell("county", was.County, u.County)
	tell("lang", was.Lang, u.Lang)
	if was.Password != u.Password {
		out = append(out, "password")
	}
	if was.Second.Secret != u.Second.Secret {
		out = append(out, map[bool]string{true: "second factor", false: "no second factor"}[u.Second.Secret != ""])
	}
	if was.Disabled != u.Disabled {
		out = append(out, map[bool]string{true: "disabled", false: "enabled"}[u.Disabled])
	}
	return strings.Join(out, "; ")
}
