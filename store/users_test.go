package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chunfeng/store"
	"chunfeng/store/storetest"
	"chunfeng/templates/words"
)

// encoded looks like what a caller makes of a password.
const encoded = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$aGFzaG9mdGhlcGFzc3dvcmQ"

// person adds somebody who can sign in.
func person(t testing.TB, s *store.Store, name string, role store.Role) store.User {
	t.Helper()
	u, err := s.AddUser(store.User{Name: name, Role: role, Password: encoded}, "root")
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// refusedAs fails unless an error is the refusal of a key.
func refusedAs(t testing.TB, err error, key, why string) {
	t.Helper()
	if !errors.Is(err, words.Refuse(key)) {
		t.Errorf("%s: %v, want %s", why, err, key)
	}
}

// newest is the newest line of the audit trail as "who what on detail".
func newest(t testing.TB, s *store.Store) string {
	t.Helper()
	p, err := s.Events(store.EventFilter{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Events) == 0 {
		return ""
	}
	e := p.Events[0]
	return strings.Join([]string{e.Who, e.What, e.On, e.Detail}, " ")
}

func TestAddUserRefuses(t *testing.T) {
	s := storetest.Open(t)
	person(t, s, "Kim.YH", store.RoleAdmin)
	for _, c := range []struct {
		why, key string
		u        store.User
	}{
		{"the name is there in another case", "users.exists", store.User{Name: "kim.yh", Role: store.RoleStaff}},
		{"no name", "users.bad_name", store.User{Role: store.RoleStaff}},
		{"a name that looks like a flag", "users.bad_name", store.User{Name: "-f", Role: store.RoleStaff}},
		{"a name with a Cyrillic letter that looks like another", "users.bad_name", store.User{Name: "kіm", Role: store.RoleStaff}},
		{"a name with a space", "users.bad_name", store.User{Name: "kim yh", Role: store.RoleStaff}},
		{"33 bytes", "users.bad_name", store.User{Name: strings.Repeat("k", 33), Role: store.RoleStaff}},
		{"a label of two lines", "users.bad_label", store.User{Name: "li", Label: "김\n영희", Role: store.RoleStaff}},
		{"a label that turns the line around", "users.bad_label", store.User{Name: "li", Label: "김\u202e영희", Role: store.RoleStaff}},
		{"no role", "users.bad_role", store.User{Name: "li"}},
		{"a role that nobody knows", "users.bad_role", store.User{Name: "li", Role: "owner"}},
		{"a county by its name", "users.bad_county", store.User{Name: "li", Role: store.RoleStaff, County: "延吉"}},
		{"a language that nobody reads here", "users.bad_lang", store.User{Name: "li", Role: store.RoleStaff, Lang: "fr"}},
		{"a locale where a language is wanted", "users.bad_lang", store.User{Name: "li", Role: store.RoleStaff, Lang: "ko_KR"}},
	} {
		_, err := s.AddUser(c.u, "root")
		refusedAs(t, err, c.key, c.why)
	}
	if _, err := s.AddUser(store.User{Name: "li", Role: store.RoleStaff, Password: "geheim"}, "root"); err == nil {
		t.Error("a password in the clear was taken")
	}
	if all, err := s.Users(); err != nil || len(all) != 1 {
		t.Errorf("a refused person was added: %v %v", all, err)
	}
}

func TestUserIsKept(t *testing.T) {
	dir := t.TempDir()
	s := storetest.OpenDir(t, dir)
	added, err := s.AddUser(store.User{Name: "Kim.YH", Label: " 김영희 ", Role: store.RoleStaff, County: "longjing", Lang: "ko", Password: encoded}, "root")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := newest(t, s), "root user.add Kim.YH staff longjing"; got != want {
		t.Errorf("the trail says %q, want %q", got, want)
	}
	found, err := s.User("kim.yh")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(added, found); d != "" {
		t.Error(d)
	}
	if found.Number != 1 || found.Label != "김영희" || found.Password != encoded || found.PasswordAt.IsZero() || found.CreatedBy != "root" {
		t.Errorf("%+v", found)
	}
	if _, err := s.User("park"); !errors.Is(err, words.Refuse("users.missing")) {
		t.Error(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, store.DatabaseFile))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(b, []byte("argon2id")) {
		t.Error("the file holds a password's hash in the clear")
	}
}

func TestChangeUser(t *testing.T) {
	s := storetest.Open(t)
	person(t, s, "root1", store.RoleAdmin)
	was := person(t, s, "kim", store.RoleStaff)
	for _, c := range []struct {
		why    string
		change func(*store.User) error
		want   string // the line in the trail
	}{
		{"several things at once, said with old and new", func(u *store.User) error { u.Role, u.County = store.RoleApprover, "yanji"; return nil },
			`root1 user.set kim role "staff" → "approver"; county "" → "yanji"`},
		{"a password is never told", func(u *store.User) error { u.Password = encoded + "x"; return nil }, "root1 user.set kim password"},
		{"disabling", func(u *store.User) error { u.Disabled = true; return nil }, "root1 user.set kim disabled"},
		{"enabling", func(u *store.User) error { u.Disabled = false; return nil }, "root1 user.set kim enabled"},
		{"nothing leaves no trace", func(*store.User) error { return nil }, "root1 user.set kim enabled"},
		{"what is the ledger's own stays", func(u *store.User) error { u.Name, u.Number, u.CreatedBy = "other", 9, "x"; return nil }, "root1 user.set kim enabled"},
	} {
		if _, err := s.ChangeUser("KIM", "root1", "user.set", c.change); err != nil {
			t.Errorf("%s: %v", c.why, err)
		}
		if got := newest(t, s); got != c.want {
			t.Errorf("%s: the trail says %q, want %q", c.why, got, c.want)
		}
	}
	u, err := s.User("kim")
	if err != nil || !u.PasswordAt.After(was.PasswordAt) || u.Number != was.Number || u.Name != "kim" {
		t.Errorf("%+v %v", u, err)
	}
	_, err = s.ChangeUser("kim", "root1", "user.set", func(u *store.User) error { u.Role, u.County = store.RoleAdmin, "nowhere"; return nil })
	refusedAs(t, err, "users.bad_county", "a change is whole or none")
	if again, _ := s.User("kim"); again != u {
		t.Errorf("a refused change left %+v", again)
	}
}

func TestLastAdminStays(t *testing.T) {
	s := storetest.Open(t)
	person(t, s, "a", store.RoleAdmin)
	disable := func(u *store.User) error { u.Disabled = true; return nil }
	demote := func(u *store.User) error { u.Role = store.RoleStaff; return nil }
	_, err := s.ChangeUser("a", "a", "user.set", disable)
	refusedAs(t, err, "users.last_admin", "disabled")
	_, err = s.ChangeUser("a", "a", "user.set", demote)
	refusedAs(t, err, "users.last_admin", "demoted")
	if _, err := s.AddUser(store.User{Name: "b", Role: store.RoleAdmin}, "a"); err != nil {
		t.Fatal(err)
	}
	_, err = s.ChangeUser("a", "a", "user.set", disable)
	refusedAs(t, err, "users.last_admin", "the other one has no password yet")
	_, err = s.ChangeUser("a", "a", "user.set", func(u *store.User) error { u.Password = ""; return nil })
	refusedAs(t, err, "users.last_admin", "without a password nobody signs in")
	person(t, s, "c", store.RoleAdmin)
	if _, err := s.ChangeUser("a", "c", "user.set", disable); err != nil {
		t.Errorf("c is an admin too: %v", err)
	}
	_, err = s.ChangeUser("c", "c", "user.set", demote)
	refusedAs(t, err, "users.last_admin", "a is disabled")
}

// FuzzUser adds whoever somebody typed: refused, or read back as it was written.
func FuzzUser(f *testing.F) {
	f.Add("kim", "김영희", "yanji", "ko", "root")
	f.Add("Kim.Y-H_1", " x ", "", "", "\xff")
	f.Add("k\x00", "\u202e", "\xff", "ko_KR", "")
	s := storetest.Open(f)
	f.Fuzz(func(t *testing.T, name, label, county, lang, who string) {
		added, err := s.AddUser(store.User{Name: name, Label: label, Role: store.RoleStaff, County: county, Lang: lang, Password: encoded}, who)
		if err != nil {
			var r *words.Refusal
			if !errors.As(err, &r) {
				t.Fatal(err)
			}
			return
		}
		if found, err := s.User(strings.ToUpper(name)); err != nil || cmp.Diff(added, found) != "" {
			t.Fatalf("%v %s", err, cmp.Diff(added, found))
		}
		if _, err := s.Users(); err != nil {
			t.Fatal(err)
		}
	})
}
