package store_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chunfeng/store"
	"chunfeng/store/storetest"
)

// signedIn saves a session of a person and answers it as it was saved.
func signedIn(t testing.TB, s *store.Store, u store.User, key string) store.WebSession {
	t.Helper()
	at := time.Now().UTC().Truncate(time.Microsecond)
	w := store.WebSession{Key: key, User: u.Name, PasswordAt: u.PasswordAt, CreatedAt: at, SeenAt: at, Expires: at.Add(30 * time.Minute),
		Data: []byte(`{"flash":"secret-data"}`), Address: "192.0.2.7", Agent: "Firefox of Kim"}
	if err := s.SaveWebSession(w); err != nil {
		t.Fatal(err)
	}
	return w
}

// isIn tells whether a key still lets somebody in.
func isIn(t testing.TB, s *store.Store, key string) bool {
	t.Helper()
	_, _, found, err := s.WebSession(key, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestWebSessionIsKept(t *testing.T) {
	dir := t.TempDir()
	s := storetest.OpenDir(t, dir)
	kim := person(t, s, "Kim", store.RoleStaff)
	want := signedIn(t, s, kim, "k1")
	w, u, found, err := s.WebSession("k1", want.SeenAt)
	if err != nil || !found {
		t.Fatal(found, err)
	}
	if d := cmp.Diff(want, w); d != "" {
		t.Error(d)
	}
	if u.Name != "Kim" || !u.SeenAt.Equal(want.SeenAt) {
		t.Errorf("the person: %+v", u)
	}
	b, err := os.ReadFile(filepath.Join(dir, store.DatabaseFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"secret-data", "192.0.2.7", "Firefox"} {
		if bytes.Contains(b, []byte(secret)) {
			t.Errorf("the file holds %q in the clear", secret)
		}
	}
	want.Data = nil
	if all, err := s.WebSessions("kim", want.SeenAt); err != nil || cmp.Diff([]store.WebSession{want}, all) != "" {
		t.Errorf("listed, without its data: %+v %v", all, err)
	}
	if all, err := s.WebSessions("kim", want.Expires); err != nil || len(all) != 0 {
		t.Errorf("listed after it expired: %+v %v", all, err)
	}
	if _, _, found, _ := s.WebSession("k1", want.Expires); found {
		t.Error("found at the moment at which it expires")
	}
	if _, _, found, err := s.WebSession("", time.Now()); found || err != nil {
		t.Error("the empty key:", found, err)
	}
}

func TestSaveWebSessionWritesOnlyWhatChanged(t *testing.T) {
	s := storetest.Open(t)
	kim := person(t, s, "kim", store.RoleStaff)
	first := signedIn(t, s, kim, "k1")
	seen := func() time.Time {
		w, _, _, err := s.WebSession("k1", first.SeenAt)
		if err != nil {
			t.Fatal(err)
		}
		return w.SeenAt
	}
	moved := func(d time.Duration) store.WebSession {
		w := first
		w.SeenAt, w.Expires = w.SeenAt.Add(d), w.Expires.Add(d)
		return w
	}
	save := func(w store.WebSession) {
		t.Helper()
		if err := s.SaveWebSession(w); err != nil {
			t.Fatal(err)
		}
	}
	save(moved(59 * time.Second))
	if !seen().Equal(first.SeenAt) {
		t.Error("59 seconds later it was written anew")
	}
	w := moved(30 * time.Second)
	w.Data = []byte("other")
	save(w)
	if !seen().Equal(w.SeenAt) {
		t.Error("other data were not written")
	}
	save(moved(90 * time.Second))
	if got := seen(); !got.Equal(first.SeenAt.Add(90 * time.Second)) {
		t.Error("a minute later it was not written:", got)
	}
	if u, _ := s.User("kim"); !u.SeenAt.Equal(first.SeenAt.Add(90 * time.Second)) {
		t.Error("the person was not seen:", u.SeenAt)
	}
	w = moved(5 * time.Minute)
	w.CreatedAt = w.CreatedAt.Add(time.Hour)
	save(w)
	if got, _, _, _ := s.WebSession("k1", first.SeenAt); !got.CreatedAt.Equal(first.CreatedAt) {
		t.Error("the time of signing in moved, and with it the absolute end")
	}
}

func TestEndedWebSessionStaysEnded(t *testing.T) {
	for _, c := range []struct {
		why string
		end func(*store.Store) error
	}{
		{"ended by a supervisor", func(s *store.Store) error { return s.EndWebSession("k1", "boss") }},
		{"signed out", func(s *store.Store) error { return s.EndWebSession("k1", "") }},
		{"another role", changed(func(u *store.User) { u.Role = store.RoleApprover })},
		{"another county", changed(func(u *store.User) { u.County = "antu" })},
		{"another password", changed(func(u *store.User) { u.Password = encoded + "x" })},
		{"disabled", changed(func(u *store.User) { u.Disabled = true })},
		{"disabled and enabled again", func(s *store.Store) error {
			if err := changed(func(u *store.User) { u.Disabled = true })(s); err != nil {
				return err
			}
			return changed(func(u *store.User) { u.Disabled = false })(s)
		}},
	} {
		s := storetest.Open(t)
		kim, li := person(t, s, "kim", store.RoleStaff), person(t, s, "li", store.RoleStaff)
		w := signedIn(t, s, kim, "k1")
		signedIn(t, s, li, "k2")
		if err := c.end(s); err != nil {
			t.Fatal(c.why, err)
		}
		if isIn(t, s, "k1") || !isIn(t, s, "k2") {
			t.Errorf("%s: kim is in: %v, li is in: %v", c.why, isIn(t, s, "k1"), isIn(t, s, "k2"))
		}
		w.SeenAt = w.SeenAt.Add(time.Hour)
		refusedAs(t, s.SaveWebSession(w), "users.session_ended", c.why+": a request that was under way saves it")
		if all, err := s.WebSessions("", time.Now()); err != nil || len(all) != 1 {
			t.Errorf("%s: listed %v %v", c.why, all, err)
		}
	}
}

// TestSessionOfAClockThatRanAhead: what was used while the clock ran ahead would live as much longer once it is put back.
func TestSessionOfAClockThatRanAhead(t *testing.T) {
	for _, c := range []struct {
		why   string
		ahead time.Duration
		in    bool
	}{
		{"the clock was set back by what clocks are set back every day", 4 * time.Minute, true},
		{"the clock ran an hour ahead", time.Hour, false},
		{"the clock ran a day ahead", 24 * time.Hour, false},
	} {
		t.Run(c.why, func(t *testing.T) {
			s := storetest.Open(t)
			w := signedIn(t, s, person(t, s, "kim", store.RoleStaff), "k1")
			wrong := w
			wrong.SeenAt, wrong.Expires = w.SeenAt.Add(c.ahead), w.Expires.Add(c.ahead)
			if err := s.SaveWebSession(wrong); err != nil {
				t.Fatal(err)
			}
			if isIn(t, s, "k1") != c.in {
				t.Errorf("is in: %v", !c.in)
			}
			if all, err := s.WebSessions("", time.Now()); err != nil || len(all) == 1 != c.in {
				t.Errorf("listed: %v %v", all, err)
			}
			late := w // by a request that was under way when the clock was put back
			late.SeenAt = time.Now()
			if err := s.SaveWebSession(late); c.in != (err == nil) {
				t.Errorf("a request that was under way saves it: %v", err)
			} else if !c.in {
				refusedAs(t, err, "users.session_ended", c.why)
			}
			if sessions, _, err := s.DropExpired(time.Now()); err != nil || sessions == 0 != c.in {
				t.Errorf("%d are dropped: %v", sessions, err)
			}
			kim, err := s.User("kim")
			if err != nil {
				t.Fatal(err)
			}
			again := signedIn(t, s, kim, "k3")
			if kim, err = s.User("kim"); err != nil || !c.in && !kim.SeenAt.Equal(again.SeenAt) {
				t.Errorf("kim signs in again and was last seen %v, want %v: %v", kim.SeenAt, again.SeenAt, err)
			}
		})
	}
}

func changed(change func(*store.User)) func(*store.Store) error {
	return func(s *store.Store) error {
		_, err := s.ChangeUser("kim", "boss", "user.set", func(u *store.User) error { change(u); return nil })
		return err
	}
}

func TestLabelAndLanguageKeepTheSession(t *testing.T) {
	s := storetest.Open(t)
	signedIn(t, s, person(t, s, "kim", store.RoleStaff), "k1")
	if err := changed(func(u *store.User) { u.Label, u.Lang = "김영희", "ko" })(s); err != nil {
		t.Fatal(err)
	}
	if !isIn(t, s, "k1") {
		t.Error("who chose a language was signed out")
	}
}

func TestSaveWebSessionRefuses(t *testing.T) {
	s := storetest.Open(t)
	kim, li := person(t, s, "kim", store.RoleStaff), person(t, s, "li", store.RoleStaff)
	w := signedIn(t, s, kim, "k1")
	old := w
	old.Key, old.PasswordAt = "k2", old.PasswordAt.Add(-time.Second)
	refusedAs(t, s.SaveWebSession(old), "users.session_ended", "a password that was changed while it was compared")
	nobody := w
	nobody.Key, nobody.User = "k3", "park"
	refusedAs(t, s.SaveWebSession(nobody), "users.missing", "a person who is not there")
	taken := w
	taken.User, taken.PasswordAt = li.Name, li.PasswordAt
	refusedAs(t, s.SaveWebSession(taken), "users.session_ended", "another person's session under the same key")
	for why, spoil := range map[string]func(*store.WebSession){
		"no person":          func(w *store.WebSession) { w.User = "" },
		"no key":             func(w *store.WebSession) { w.Key = "" },
		"a key of a book":    func(w *store.WebSession) { w.Key = strings.Repeat("k", 65) },
		"a key of raw bytes": func(w *store.WebSession) { w.Key = "\xff\x00" },
		"data without end":   func(w *store.WebSession) { w.Data = make([]byte, 16<<10+1) },
		"no password at all": func(w *store.WebSession) {
			if _, err := s.AddUser(store.User{Name: "choi", Role: store.RoleStaff}, "t"); err != nil {
				t.Fatal(err)
			}
			w.Key, w.User, w.PasswordAt = "k9", "choi", time.Time{}
		},
	} {
		bad := w
		spoil(&bad)
		if err := s.SaveWebSession(bad); err == nil {
			t.Errorf("%s was saved", why)
		}
	}
	long := w
	long.Agent = strings.Repeat("ㄱ", 1000)
	if err := s.SaveWebSession(long); err != nil {
		t.Error(err)
	}
	if got, _, _, _ := s.WebSession("k1", time.Now()); got.Agent != strings.Repeat("ㄱ", 66) {
		t.Errorf("the agent has %d bytes, want whole characters of at most 200", len(got.Agent))
	}
	if err := s.SaveWebSession(store.WebSession{}); err == nil {
		t.Error("nothing was saved")
	}
}

func TestEndingIsAudited(t *testing.T) {
	s := storetest.Open(t)
	kim := person(t, s, "kim", store.RoleStaff)
	last := newest(t, s)
	signedIn(t, s, kim, "k1")
	if err := s.EndWebSession("k1", "kim"); err != nil {
		t.Fatal(err)
	}
	if err := s.EndWebSession("gone", "boss"); err != nil {
		t.Error("one that is not there is ended already:", err)
	}
	if got := newest(t, s); got != last {
		t.Errorf("signing in and out oneself stands in the trail: %q", got)
	}
	signedIn(t, s, kim, "k2")
	if err := s.EndWebSession("k2", "boss"); err != nil {
		t.Fatal(err)
	}
	if got, want := newest(t, s), "boss session.end kim 1"; got != want {
		t.Errorf("the trail says %q, want %q", got, want)
	}
}

func TestDropExpired(t *testing.T) {
	s := storetest.Open(t)
	kim := person(t, s, "kim", store.RoleStaff)
	w := signedIn(t, s, kim, "k1")
	signedIn(t, s, kim, "k2")
	if err := s.EndWebSession("k2", ""); err != nil {
		t.Fatal(err)
	}
	if err := s.Invite(store.Invitation{Hash: hashed("t"), User: "kim", Expires: w.SeenAt.Add(2 * time.Hour)}, "boss"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		why                   string
		at                    time.Time
		sessions, invitations int
	}{
		{"nothing is over", w.SeenAt, 0, 0},
		{"the one expired; the ended one is still remembered", w.Expires, 1, 0},
		{"the invitation ran out", w.SeenAt.Add(2 * time.Hour), 0, 1},
		{"a day later no request brings the ended one back", w.SeenAt.Add(25 * time.Hour), 1, 0},
	} {
		sessions, invitations, err := s.DropExpired(c.at)
		if err != nil || sessions != c.sessions || invitations != c.invitations {
			t.Errorf("%s: %d %d %v, want %d %d", c.why, sessions, invitations, err, c.sessions, c.invitations)
		}
	}
}

// BenchmarkWebSession is what each request to the console costs: one session and its person among two hundred.
func BenchmarkWebSession(b *testing.B) {
	s := storetest.Open(b)
	for _, c := range "0123456789abcdefghij" {
		u := person(b, s, "user"+string(c), store.RoleStaff)
		for _, k := range "0123456789" {
			signedIn(b, s, u, strings.Repeat(string(c)+string(k), 20))
		}
	}
	k, at := strings.Repeat("a5", 20), time.Now()
	w, _, found, err := s.WebSession(k, at)
	if !found || err != nil {
		b.Fatal(found, err)
	}
	b.Run("find", func(b *testing.B) {
		for b.Loop() {
			if _, _, found, err := s.WebSession(k, at); !found || err != nil {
				b.Fatal(found, err)
			}
		}
	})
	b.Run("save unchanged", func(b *testing.B) {
		for b.Loop() {
			if err := s.SaveWebSession(w); err != nil {
				b.Fatal(err)
			}
		}
	})
}
