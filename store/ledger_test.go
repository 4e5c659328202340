package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"chunfeng/bot/phone"
	"chunfeng/store"
	"chunfeng/store/storetest"
	"chunfeng/templates/words"
)

const resident = "13904331234"

func number(t testing.TB, s string) phone.Number {
	t.Helper()
	n, err := phone.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// tester is what helpers want of a test, be it one of random verbs.
type tester interface {
	Helper()
	Fatal(...any)
}

// must ends a test over an error.
func must(t tester) func(error) {
	return func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}

// approved is a wave that was added, and approved by somebody else.
func approved(t tester, s *store.Store, w store.Wave) store.Wave {
	t.Helper()
	w, _, err := s.AddWave(w, "kim")
	if err == nil {
		w, err = s.ApproveWave(w.ID, w.Hash, "li", true)
	}
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// openOne opens a wave of one delivery, for the first group through a01.
func openOne(t testing.TB, s *store.Store) {
	t.Helper()
	w := approved(t, s, store.Wave{Schedule: "S1", At: time.Now(), Hash: "h"})
	c := store.Content{Kind: store.Text, Body: []byte("x")}
	if _, err := s.OpenWave(store.Opening{Wave: w.ID, Hash: "h", Contents: []store.Content{c}, Rows: func(yield func(store.Row) bool) {
		yield(store.Row{Group: 1, Account: "a01", Content: store.HashContent(c.Kind, "", c.Body)})
	}}); err != nil {
		t.Fatal(err)
	}
}

// signedUp makes a ledger with one account, one group, one batch and one sign-up.
func signedUp(t *testing.T, s *store.Store) store.Signup {
	t.Helper()
	must := must(t)
	_, err := s.AddAccount("a01", "", "t")
	must(err)
	_, err = s.StartSession("a01", "e1", 5, "nick")
	must(err)
	_, err = s.PutGroups([]store.Group{{Code: "G1", Name: "g", Language: "zh"}}, "t")
	must(err)
	_, _, err = s.AddBatch(store.Batch{Name: "b", FileHash: "f", Employers: 1}, []store.Vacancy{{Employer: store.Both{Zh: "春风饭店"}, Phones: []phone.Number{number(t, "04332512345")}}}, "t")
	must(err)
	must(s.Bind("a01", "e1", store.Binding{Group: 1, UserName: "@@1", State: store.Bound, Evidence: "name"}))
	fresh, err := s.Receive("a01", "e1", []store.Inbound{{MsgID: "m1", UserName: "@@1", Raw: []byte("张三 " + resident)}}, []byte("cursor1"))
	must(err)
	if fresh != 1 {
		t.Fatal("kept", fresh)
	}
	fresh, err = s.Receive("a01", "e1", []store.Inbound{{MsgID: "m1", UserName: "@@1", Raw: []byte("张三 " + resident)}}, []byte("cursor2"))
	must(err)
	if fresh != 0 {
		t.Fatal("a message that came again was kept again")
	}
	added, err := s.Register(1, store.Disposition{State: store.ReplyDone, Intent: "signup", Group: 1, Signups: []store.Signup{{
		Group: 1, Name: "张三", Phone: number(t, resident), Vacancies: []string{"A001"}, Batch: "A"}},
		Answer: &store.Answer{Group: 1, Account: "a01", Notice: "v1", Content: store.Content{Kind: store.Text, Body: []byte("张三，已收到")}}})
	must(err)
	if len(added) != 1 {
		t.Fatalf("added %v", added)
	}
	return added[0]
}

func TestNoNumberInTheFile(t *testing.T) {
	dir := t.TempDir()
	s := storetest.OpenDir(t, dir)
	signedUp(t, s)
	for _, name := range []string{store.DatabaseFile, store.KeyFile} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{resident, "3904331234", "张三", "2512345"} {
			if bytes.Contains(b, []byte(secret)) {
				t.Errorf("%s holds %q in the clear", name, secret)
			}
		}
	}
	if info, _ := os.Stat(filepath.Join(dir, store.KeyFile)); info.Mode().Perm() != 0o600 {
		t.Errorf("the key file's mode is %v", info.Mode())
	}
	found, err := s.SignupsByPhone(number(t, "+86 139 0433 1234"))
	if err != nil || len(found) != 1 || found[0].Name != "张三" {
		t.Errorf("not found by its number: %v %v", found, err)
	}
}

func TestSamePersonAgainIsOneSignup(t *testing.T) {
	s := storetest.Open(t)
	first := signedUp(t, s)
	if _, err := s.Receive("a01", "e1", []store.Inbound{{MsgID: "m2", UserName: "@@1", Raw: []byte("x")}}, nil); err != nil {
		t.Fatal(err)
	}
	added, err := s.Register(2, store.Disposition{State: store.ReplyDone, Intent: "signup", Group: 1, Signups: []store.Signup{{
		Group: 1, Phone: number(t, resident), Vacancies: []string{"A002"}, Batch: "A"}}})
	if err != nil || len(added) != 0 {
		t.Fatal(added, err)
	}
	n, err := s.Signup(first.ID)
	if err != nil || strings.Join(n.Vacancies, " ") != "A001 A002" || len(n.Others) != 1 {
		t.Errorf("%+v %v", n, err)
	}
	if _, err := s.Register(2, store.Disposition{State: store.ReplyDone}); !errors.Is(err, words.Refuse("store.reply_done")) {
		t.Errorf("a reply was registered twice: %v", err)
	}
}

func TestWithdrawalErasesThePerson(t *testing.T) {
	s := storetest.Open(t)
	n := signedUp(t, s)
	if _, err := s.SetSignup(n.ID, store.SignupWithdrawn, "", "li"); err != nil {
		t.Fatal(err)
	}
	n, err := s.Signup(n.ID)
	if err != nil || n.Phone.Reveal() != "" || n.Name != "" || n.Status != store.SignupWithdrawn {
		t.Errorf("%+v %v", n, err)
	}
	if r, err := s.Reply(1); err != nil || r.Raw != nil {
		t.Errorf("the reply still holds the number: %q %v", r.Raw, err)
	}
	d, err := s.Delivery("answers.1")
	if err != nil || d.State != store.Skipped {
		t.Errorf("the acknowledgement still waits: %+v %v", d, err)
	}
	if c, err := s.Content(d.Content); err != nil || c.Body != nil {
		t.Errorf("the acknowledgement still names the person: %q %v", c.Body, err)
	}
	if found, err := s.SignupsByPhone(number(t, resident)); err != nil || len(found) != 0 {
		t.Errorf("still found: %v %v", found, err)
	}
}

func TestFlippedBitIsSeen(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	signedUp(t, s)
	s.Close()
	db, err := bolt.Open(filepath.Join(dir, store.DatabaseFile), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte("groups"))
		k, v := b.Cursor().First()
		bad := append([]byte(nil), v...)
		bad[len(bad)/2] ^= 4
		return b.Put(append([]byte(nil), k...), bad)
	})
	if err != nil {
		t.Fatal(err)
	}
	db.Close()
	s, err = store.Open(store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Group("G1"); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("a group with a flipped bit was read: %v", err)
	}
	if c, err := s.Check(t.Context()); err != nil || c.OK {
		t.Errorf("the check saw nothing: %+v %v", c, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	made := func(t *testing.T) string {
		dir := t.TempDir()
		s, err := store.Open(store.Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
		return dir
	}
	for name, c := range map[string]struct {
		spoil func(dir string) error
		key   string
	}{
		"empty file": {func(d string) error { return os.Truncate(filepath.Join(d, store.DatabaseFile), 0) }, "store.empty_file"},
		"not a database": {func(d string) error {
			return os.WriteFile(filepath.Join(d, store.DatabaseFile), bytes.Repeat([]byte("no"), 9000), 0o600)
		}, "store.damaged"},
		"no key":     {func(d string) error { return os.Remove(filepath.Join(d, store.KeyFile)) }, "store.key_missing"},
		"broken key": {func(d string) error { return os.WriteFile(filepath.Join(d, store.KeyFile), []byte("x"), 0o600) }, "store.key_damaged"},
		"another key": {func(d string) error {
			return os.WriteFile(filepath.Join(d, store.KeyFile), []byte("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"), 0o600)
		}, "store.wrong_key"},
		"another program's": {func(d string) error {
			if err := os.Remove(filepath.Join(d, store.DatabaseFile)); err != nil {
				return err
			}
			db, err := bolt.Open(filepath.Join(d, store.DatabaseFile), 0o600, nil)
			if err != nil {
				return err
			}
			defer db.Close()
			return db.Update(func(tx *bolt.Tx) error { _, err := tx.CreateBucket([]byte("photos")); return err })
		}, "store.not_ours"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := made(t)
			if err := c.spoil(dir); err != nil {
				t.Fatal(err)
			}
			s, err := store.Open(store.Options{Dir: dir})
			if err == nil {
				s.Close()
			}
			if !errors.Is(err, words.Refuse(c.key)) {
				t.Errorf("got %v, want %s", err, c.key)
			}
		})
	}
	t.Run("in use", func(t *testing.T) {
		s := storetest.Open(t)
		if _, err := store.Open(store.Options{Dir: s.Dir()}); !errors.Is(err, store.ErrInUse) {
			t.Errorf("a second process may: %v", err)
		}
	})
}

// TestOneVerbsFailureIsItsOwn has verbs share commits: those that are refused must not undo the others.
func TestOneVerbsFailureIsItsOwn(t *testing.T) {
	s := storetest.Open(t)
	var wg sync.WaitGroup
	errs := make([]error, 200)
	for i := range errs {
		wg.Go(func() {
			name := "a" + string(rune('a'+i%100))
			_, errs[i] = s.AddAccount(name, "", "t")
		})
	}
	wg.Wait()
	ok := 0
	for _, err := range errs {
		if err == nil {
			ok++
		} else if !errors.Is(err, words.Refuse("store.account_exists")) {
			t.Error(err)
		}
	}
	all, err := s.Accounts()
	if err != nil || ok != 100 || len(all) != 100 {
		t.Errorf("%d added, %d there: %v", ok, len(all), err)
	}
}

func TestHalfOpenedWaveIsDropped(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddAccount("a01", "", "t"); err != nil {
		t.Fatal(err)
	}
	w := approved(t, s, store.Wave{Schedule: "S1", At: time.Now(), Hash: "h"})
	c := store.Content{Kind: store.Text, Body: []byte("x")}
	row := store.Row{Account: "a01", Content: store.HashContent(c.Kind, "", c.Body)}
	_, err = s.OpenWave(store.Opening{Wave: w.ID, Hash: "h", Contents: []store.Content{c}, Rows: func(yield func(store.Row) bool) {
		for i := range 12000 {
			row.Group = uint32(i + 1)
			yield(row)
		}
		yield(store.Row{Account: "nobody", Content: row.Content}) // the last commit fails: as after a crash, the rows lie there
	}})
	if err == nil {
		t.Fatal("opened for an account that is not there")
	}
	if v, err := s.Wave(w.ID); err != nil || v.Opening {
		t.Errorf("an opening that failed is not over: %+v %v", v, err)
	}
	s.Close()
	s = storetest.OpenDir(t, dir)
	v, err := s.Wave(w.ID)
	if err != nil || v.State != store.WaveApproved || v.Opening {
		t.Fatalf("%+v %v", v, err)
	}
	if p, err := s.Deliveries(w.Number, store.Filter{Start: true}); err != nil || len(p.Deliveries) != 0 {
		t.Fatalf("%d rows are left: %v", len(p.Deliveries), err)
	}
	row.Group = 1
	if _, err := s.OpenWave(store.Opening{Wave: w.ID, Hash: "h", Contents: []store.Content{c}, Rows: func(yield func(store.Row) bool) { yield(row) }}); err != nil {
		t.Fatal(err)
	}
}

func TestRetentionErasesWhoSignedUp(t *testing.T) {
	s := storetest.Open(t)
	n := signedUp(t, s)
	if a, b, err := s.Expire(time.Now().Add(-time.Hour)); err != nil || a+b != 0 {
		t.Fatalf("erased %d and %d too early: %v", a, b, err)
	}
	if a, _, err := s.Expire(time.Now().Add(time.Hour)); err != nil || a != 1 {
		t.Fatalf("erased %d: %v", a, err)
	}
	if n, err := s.Signup(n.ID); err != nil || n.Phone.Reveal() != "" {
		t.Errorf("%+v %v", n, err)
	}
	if r, err := s.Reply(1); err != nil || r.Raw != nil {
		t.Errorf("the message is still there: %v", err)
	}
}
