package store

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"chunfeng/bot/phone"
	"chunfeng/templates/words"
)

// said is the number that the n-th resident of these tests wrote.
func said(t testing.TB, n int) phone.Number {
	t.Helper()
	p, err := phone.Parse(fmt.Sprintf("1394433%04d", n))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// peopled makes a ledger with something sealed in every table that seals, and n residents.
func peopled(t testing.TB, dir string, n int) *Store {
	t.Helper()
	s, err := Open(Options{Dir: dir, MapSize: 1 << 26})
	if err != nil {
		t.Fatal(err)
	}
	must := must(t)
	_, err = s.AddAccount("a01", "", "t")
	must(err)
	_, err = s.StartSession("a01", "e1", 5, "nick")
	must(err)
	must(s.SaveSession("a01", []byte("login")))
	_, err = s.PutGroups([]Group{{Code: "G1", Name: "g", Language: "zh"}}, "t")
	must(err)
	_, _, err = s.AddBatch(Batch{Name: "b", FileHash: "f", Employers: 1}, []Vacancy{{Employer: Both{Zh: "春风饭店"}, Phones: []phone.Number{said(t, 9999)}}}, "t")
	must(err)
	must(s.Bind("a01", "e1", Binding{Group: 1, UserName: "@@1", State: Bound, Evidence: "name"}))
	must(s.SaveChats("a01", "e1", []Chat{{UserName: "@@2", Name: "another"}}))
	u, err := s.AddUser(User{Name: "kim", Role: RoleAdmin, Password: `$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$aGFzaG9mdGhlcGFzc3dvcmQ`}, "t")
	must(err)
	must(s.SaveWebSession(WebSession{Key: "cookie", User: "kim", PasswordAt: u.PasswordAt, CreatedAt: now(), SeenAt: now(), Expires: now().Add(time.Hour), Data: []byte("data")}))
	for i := range n {
		signsUp(t, s, i)
	}
	return s
}

// signsUp has the n-th resident sign up.
func signsUp(t testing.TB, s *Store, n int) {
	t.Helper()
	p := said(t, n)
	if _, err := s.Receive("a01", "e1", []Inbound{{MsgID: fmt.Sprint("m", n), UserName: "@@1", Raw: []byte("金花 " + p.Reveal())}}, fmt.Appendf(nil, "cursor%d", n)); err != nil {
		t.Fatal(err)
	}
	waiting, err := s.NextReplies(ForRegistrar, "", 0, 1)
	if err != nil || len(waiting) != 1 {
		t.Fatal(waiting, err)
	}
	_, err = s.Register(waiting[0].Number, Disposition{State: ReplyDone, Intent: "signup", Group: 1, Signups: []Signup{{Group: 1, Name: "金花", Phone: p, Batch: "A"}},
		Answer: &Answer{Group: 1, Account: "a01", Notice: "v1", Content: Content{Kind: Text, Body: []byte("金花，已收到")}}})
	if err != nil {
		t.Fatal(err)
	}
}

// whoIsThere holds the ledger against what was put in: every law, each resident found once by the number, the login and the
// web session still good, a name hashed as before.
func whoIsThere(t *testing.T, s *Store, n int, name uint64) {
	t.Helper()
	c, err := s.Check(t.Context())
	if err != nil || !c.OK {
		t.Errorf("the ledger is broken: %v %v", c.Broken, err)
	}
	for i := range n {
		found, err := s.SignupsByPhone(said(t, i))
		if err != nil || len(found) != 1 || found[0].Name != "金花" || found[0].Phone != said(t, i) {
			t.Fatalf("resident %d is found as %v %v", i, found, err)
		}
		r, err := s.Reply(found[0].Reply)
		if err != nil || !bytes.Contains(r.Raw, []byte(said(t, i).Reveal())) {
			t.Fatalf("the message of resident %d: %q %v", i, r.Raw, err)
		}
	}
	if b, err := s.Session("a01"); err != nil || string(b) != "login" {
		t.Errorf("the login is %q %v", b, err)
	}
	if _, _, found, err := s.WebSession("cookie", now()); err != nil || !found {
		t.Errorf("the web session: %v %v", found, err)
	}
	if got := s.HashName("阿里"); got != name {
		t.Errorf("a member's name hashes to %x, before the rotation to %x", got, name)
	}
}

// TestRotation rotates, seals anew and retires while everything stays what it was; then the old key opens nothing.
func TestRotation(t *testing.T) {
	const people = 450 // more than two commits of Reseal
	dir := t.TempDir()
	s := peopled(t, dir, people)
	name := s.HashName("阿里")
	oldFile, err := os.ReadFile(filepath.Join(dir, KeyFile))
	if err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(t.TempDir(), "kept")
	if err := os.Link(filepath.Join(dir, KeyFile), kept); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Retire("kim"); words.KindOf(err) != words.Conflict {
		t.Errorf("the only key was retired: %v", err)
	}
	k, err := s.Rotate("kim")
	if err != nil || k.Current != 2 || k.Old != 1 || k.Resealed {
		t.Fatalf("%+v %v", k, err)
	}
	whoIsThere(t, s, people, name)
	crash := crashed(t, s)
	whoIsThere(t, crash, people, name)
	if err := crash.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Rotate("kim"); words.KindOf(err) != words.Conflict {
		t.Errorf("rotated twice at once: %v", err)
	}
	if _, err := s.Retire("kim"); words.KindOf(err) != words.Later {
		t.Errorf("a key that is needed was retired: %v", err)
	}
	n, err := s.Reseal(t.Context())
	if err != nil || n < 2*people {
		t.Fatal(n, err)
	}
	whoIsThere(t, s, people, name)
	if k, err = s.Retire("kim"); err != nil || k.Old != 0 {
		t.Fatalf("%+v %v", k, err)
	}
	whoIsThere(t, s, people, name)
	if b, _ := os.ReadFile(filepath.Join(dir, KeyFile)); bytes.Contains(b, bytes.Fields(oldFile)[1]) {
		t.Error("the key file still holds the old key")
	}
	if b, err := os.ReadFile(kept); err != nil || !bytes.Equal(b, oldFile) {
		t.Errorf("a link that somebody kept was written over: %q %v", b, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// Whoever has the file of today and the key of yesterday.
	other := t.TempDir()
	copyIn(t, dir, other)
	if err := os.WriteFile(filepath.Join(other, KeyFile), oldFile, 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(Options{Dir: other, MapSize: 1 << 26}); err == nil {
		s.Close()
		t.Error("the old key opens the ledger")
	}
	if s, err = Open(Options{Dir: dir, MapSize: 1 << 26}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	whoIsThere(t, s, people, name)
	t.Logf("proof: %d records sealed anew, %d residents found by their numbers after every step", n, people)
}

// TestFreedPagesAreUnreadable looks for what a withdrawn resident's records left in the freed pages of the file, and tries
// every key that is there on them.
func TestFreedPagesAreUnreadable(t *testing.T) {
	dir := t.TempDir()
	s := peopled(t, dir, 40)
	defer func() { s.Close() }()
	var sealed []byte
	k := k64(7)
	err := s.view(func(t *txn) error {
		var n Signup
		_, err := t.get(bSignups, k, &n)
		sealed = n.Sealed
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.SetSignup("N7", SignupWithdrawn, "", "li"); err != nil {
		t.Fatal(err)
	}
	file := func() []byte {
		b, err := os.ReadFile(filepath.Join(dir, DatabaseFile))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if !bytes.Contains(file(), sealed) {
		t.Skip("the freed page was written over already")
	}
	if _, err := s.sealer.open(bSignups, k, sealed); err != nil {
		t.Fatalf("before the rotation the freed bytes open: %v", err)
	}
	renewKeys(t, s)
	if _, err := s.sealer.open(bSignups, k, sealed); err == nil {
		t.Error("a record that was erased opens with the keys that are left")
	}
}

// renewKeys has everything sealed under a new key, and no other.
func renewKeys(t testing.TB, s *Store) {
	t.Helper()
	if _, err := s.Rotate("kim"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Reseal(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Retire("kim"); err != nil {
		t.Fatal(err)
	}
}

// copyIn copies the database and its keys as a power cut would leave them.
func copyIn(t *testing.T, from, to string) {
	t.Helper()
	for _, name := range []string{DatabaseFile, KeyFile} {
		b, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRotationCutShort stops a rotation after each of its steps, opens what lies on the disk then, and goes on from there to
// the end.
func TestRotationCutShort(t *testing.T) {
	const people = 30
	cut := 0
	for steps := 0; ; steps++ {
		dir := t.TempDir()
		s := peopled(t, dir, people)
		name := s.HashName("阿里")
		left := steps
		next := func() bool { left--; return left >= 0 }
		over := rotateUntil(t, s, next)
		crash := crashed(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = crash
		whoIsThere(t, s, people, name)
		if s.Keys().Old == 0 && s.Keys().Current == 1 {
			if _, err := s.Rotate("kim"); err != nil {
				t.Fatalf("after step %d: %v", steps, err)
			}
		}
		if _, err := s.Reseal(t.Context()); err != nil {
			t.Fatalf("after step %d: %v", steps, err)
		}
		if s.Keys().Old != 0 {
			if _, err := s.Retire("kim"); err != nil {
				t.Fatalf("after step %d: %v", steps, err)
			}
		}
		whoIsThere(t, s, people, name)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		cut++
		if over {
			break
		}
	}
	if cut < 12 {
		t.Errorf("only %d steps", cut)
	}
	t.Logf("proof: %d crashes, one after each step of a rotation, each went on to its end with every resident found", cut)
}

// crashed opens what a crash would leave at this moment: the files as they are, with no closing.
func crashed(t *testing.T, s *Store) *Store {
	t.Helper()
	after := t.TempDir()
	if err := s.db.View(func(tx *bolt.Tx) error { return tx.CopyFile(filepath.Join(after, DatabaseFile), 0o600) }); err != nil {
		t.Fatal(err)
	}
	keys, err := os.ReadFile(filepath.Join(s.dir, KeyFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(after, KeyFile), keys, 0o600); err != nil {
		t.Fatal(err)
	}
	crash, err := Open(Options{Dir: after, MapSize: 1 << 26})
	if err != nil {
		t.Fatalf("it does not open: %v", err)
	}
	return crash
}

// rotateUntil rotates, seals anew row by row and retires, as long as next allows another step. It answers whether it came to
// the end.
func rotateUntil(t *testing.T, s *Store, next func() bool) bool {
	t.Helper()
	must := must(t)
	was := s.sealer.ring.Load().current().keyLine
	line := newKeyLine(2)
	if !next() {
		return false
	}
	must(s.noteRotation(line, "kim"))
	if !next() {
		return false
	}
	must(writeKeys(s.dir, []keyLine{was, line}))
	if !next() {
		return false
	}
	must(s.takeKey(line))
	for _, b := range sealing {
		some, _, err := s.staleRows(b, nil)
		must(err)
		for i, k := range some {
			if i%10 == 0 && !next() {
				return false
			}
			must(s.resealRows(b, []key{k}))
		}
	}
	if !next() {
		return false
	}
	must(s.update(housekeeping, func(t *txn) error { return t.audit("kim", "key.retire", "1", "") }))
	if !next() {
		return false
	}
	must(writeKeys(s.dir, []keyLine{line}))
	return true
}

// TestRotationBesideTheLanes rotates again and again while messages come in, are registered, asked for and withdrawn: nobody
// is missed at any moment.
func TestRotationBesideTheLanes(t *testing.T) {
	dir := t.TempDir()
	s := peopled(t, dir, 100)
	defer s.Close()
	const rounds = 6
	var work sync.WaitGroup
	stop := make(chan struct{})
	added := 100
	work.Go(func() {
		for ; ; added++ {
			select {
			case <-stop:
				return
			default:
				signsUp(t, s, added)
			}
		}
	})
	looked := 0
	work.Go(func() {
		for ; ; looked++ {
			select {
			case <-stop:
				return
			default:
			}
			if found, err := s.SignupsByPhone(said(t, looked%100)); err != nil || len(found) != 1 {
				t.Errorf("resident %d was found %d times while keys changed: %v", looked%100, len(found), err)
				return
			}
		}
	})
	for range rounds {
		renewKeys(t, s)
	}
	close(stop)
	work.Wait()
	whoIsThere(t, s, added, s.HashName("阿里"))
	t.Logf("proof: %d rotations beside the work: %d residents signed up meanwhile, %d look-ups by number, none missed", rounds, added-100, looked)
}

// TestSealingIsComplete holds the list of tables that rotation goes through against the places in the sources that seal.
func TestSealingIsComplete(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	seen := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 3 {
				return true
			}
			fun, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || fun.Sel.Name != "seal" && fun.Sel.Name != "putSealed" && fun.Sel.Name != "saveSealed" {
				return true
			}
			name, ok := call.Args[0].(*ast.Ident)
			if !ok || name.Name == "b" { // handed through
				return true
			}
			seen++
			b := bucket("")
			for _, known := range buckets {
				if "b"+strings.ReplaceAll(string(known), "_", "") == strings.ToLower(name.Name) || name.Name == "bWebs" && known == bWebs {
					b = known
				}
			}
			if !slices.Contains(sealing, b) {
				t.Errorf("%s seals into %s, which a rotation would pass over: add it to sealing and sealedIn", set.Position(call.Pos()), name.Name)
			}
			return true
		})
	}
	if seen < 10 {
		t.Errorf("only %d places that seal were found", seen)
	}
}

func FuzzKeyFile(f *testing.F) {
	f.Add(formatKeys([]keyLine{{id: 1, master: make([]byte, 32)}, {id: 2, master: bytes.Repeat([]byte{7}, 32)}}))
	f.Add([]byte("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"))
	f.Add([]byte("300 x y\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		keys, ok := parseKeys(b)
		if !ok {
			return
		}
		if len(keys) == 0 || len(keys) > mostKeys {
			t.Fatalf("%d keys", len(keys))
		}
		again, ok := parseKeys(formatKeys(keys))
		if !ok || len(again) != len(keys) || again[0].id != keys[0].id || !bytes.Equal(again[0].master, keys[0].master) {
			t.Fatalf("%q is read as %v and then as %v", b, keys, again)
		}
	})
}
