package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"chunfeng/bot/phone"
)

// must ends a test over an error.
func must(t testing.TB) func(error) {
	return func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}

// someLedger makes a ledger with something in most of its tables, and answers its folder.
func someLedger(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	s, err := Open(Options{Dir: dir, MapSize: 1 << 26})
	if err != nil {
		t.Fatal(err)
	}
	must := must(t)
	number := func(i int) phone.Number {
		n, err := phone.Parse(fmt.Sprintf("1394433%04d", i))
		must(err)
		return n
	}
	for i, name := range []string{"a01", "a02"} {
		_, err := s.AddAccount(name, "", "kim")
		must(err)
		_, err = s.StartSession(name, "e1", int64(i+5), "nick")
		must(err)
	}
	var groups []Group
	for i := range 300 {
		groups = append(groups, Group{Code: fmt.Sprintf("G%03d", i), Name: fmt.Sprintf("residents of lane %d", i), Language: "zh", County: "延吉市"})
	}
	_, err = s.PutGroups(groups, "kim")
	must(err)
	_, _, err = s.AddBatch(Batch{Name: "b", FileHash: "f", Employers: 1}, []Vacancy{{Employer: Both{Zh: "春风饭店"}, Phones: []phone.Number{number(9999)}}}, "kim")
	must(err)
	for i := range 20 {
		user := fmt.Sprintf("@@%d", i+1)
		must(s.Bind("a01", "e1", Binding{Group: uint32(i + 1), UserName: user, State: Bound, Evidence: "name"}))
		_, err := s.Receive("a01", "e1", []Inbound{{MsgID: fmt.Sprint("m", i), UserName: user, Raw: []byte("张三 1394433")}}, []byte("cursor"))
		must(err)
		_, err = s.Register(uint64(i+1), Disposition{State: ReplyDone, Intent: "signup", Group: uint32(i + 1), Signups: []Signup{{
			Group: uint32(i + 1), Name: "张三", Phone: number(i), Vacancies: []string{"A001"}, Batch: "A"}},
			Answer: &Answer{Group: uint32(i + 1), Account: "a01", Notice: "v1", Content: Content{Kind: Text, Body: []byte("张三，已收到")}}})
		must(err)
	}
	for i := range 5 {
		must(s.Revealed("wave", "calling the applicants", "kim", uint64(i+1), uint64(i+11)))
	}
	w, _, err := s.AddWave(Wave{Schedule: "S1", At: time.Now(), Hash: "h"}, "kim")
	must(err)
	_, err = s.ApproveWave(w.ID, "h", "li", true)
	must(err)
	c := Content{Kind: Text, Body: []byte("x")}
	w, err = s.OpenWave(Opening{Wave: w.ID, Hash: "h", Contents: []Content{c}, Rows: func(yield func(Row) bool) {
		for i := range 300 {
			if !yield(Row{Group: uint32(i + 1), Account: []string{"a01", "a02"}[i/150], Kind: Text, Content: HashContent(c.Kind, c.Name, c.Body)}) {
				return
			}
		}
	}})
	must(err)
	for i := range 100 {
		d, found, _, err := s.Next("a01", true, time.Now())
		must(err)
		if !found {
			t.Fatal("nothing to claim")
		}
		d, a, err := s.Claim(d, d.Content, nil)
		must(err)
		o := []Outcome{Taken, NotSent, Refused, NotKnown, Taken}[i%5]
		_, err = s.Settle(d.Wave, d.Seq, a.ClientID, Settlement{Outcome: o, ServerID: fmt.Sprint(i), After: time.Now().Add(time.Hour)})
		must(err)
	}
	must(s.Close())
	return dir
}

// dump is everything that a database says, as a number. How far a table has counted is left to the laws: only too little harms.
func dump(path string) (sum uint64, err error) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		return 0, err
	}
	defer db.Close()
	h := fnv.New64a()
	err = db.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bolt.Bucket) error {
			if k, _ := b.Cursor().First(); k == nil {
				return nil // the name of an empty table says nothing: it is made anew
			}
			fmt.Fprintf(h, "%s\n", name)
			return b.ForEach(func(k, v []byte) error { fmt.Fprintf(h, "%x %x\n", k, v); return nil })
		})
	})
	return h.Sum64(), err
}

// TestDamage flips single bits, writes over sectors and zeroes pages all over a ledger. Whatever changes what the ledger
// says is seen before it is used, in words, and never by a fault; what lies in pages that nobody uses changes nothing.
func TestDamage(t *testing.T) {
	tries := 100
	if s := os.Getenv("DAMAGES"); s != "" {
		fmt.Sscan(s, &tries)
	}
	dir := someLedger(t)
	path := filepath.Join(dir, DatabaseFile)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := dump(path)
	if err != nil {
		t.Fatal(err)
	}
	place, err := os.ReadFile(filepath.Join(dir, PlaceFile))
	if err != nil {
		t.Fatal(err)
	}
	used := len(bytes.TrimRight(whole, "\x00"))
	rng := rand.New(rand.NewPCG(1, 9))
	seen := map[string]int{}
	for i := range tries {
		b := bytes.Clone(whole)
		at, what := rng.IntN(used), "bit"
		switch i % 4 {
		default:
			b[at] ^= 1 << rng.IntN(8)
		case 2:
			what, at = "sector", at&^511
			for j := range 512 {
				b[at+j] = byte(rng.Uint32())
			}
		case 3:
			what, at = "page", at&^4095
			clear(b[at : at+4096])
		}
		if bytes.Equal(b, whole) {
			continue
		}
		if err := errors.Join(os.WriteFile(path, b, 0o600), os.WriteFile(filepath.Join(dir, PlaceFile), place, 0o600)); err != nil {
			t.Fatal(err)
		}
		s, err := Open(Options{Dir: dir, MapSize: 1 << 26})
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("%s at %d: refused for something else: %v", what, at, err)
			}
			seen[what+" refused"]++
			continue
		}
		c, err := s.Check(context.Background())
		copied := s.Disarmed() != nil
		s.Close()
		if err != nil || !c.OK || copied {
			seen[what+" found by the laws"]++
			continue
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := dump(path); err != nil || got != want {
			t.Errorf("%s at %d: nobody saw it, and the ledger says something else: %v %s", what, at, err, first(whole, b, path))
			seen[what+" unseen"]++
			continue
		}
		seen[what+" where nothing lies"]++
	}
	sum := func(what string) int { return seen["bit "+what] + seen["sector "+what] + seen["page "+what] }
	if sum("refused") == 0 || sum("found by the laws") == 0 || sum("where nothing lies") == 0 {
		t.Errorf("a weak test: %v", seen)
	}
	t.Logf("proof: %d damages: flipped bits, sectors written over, zeroed pages", tries)
	t.Logf("proof: %d refused at once, %d found by the laws before anything is sent, %d where nothing lies; none unseen", sum("refused"), sum("found by the laws"), sum("where nothing lies"))
}

// first names the first entry in which two databases differ.
func first(whole, b []byte, path string) (out string) {
	var all [2]map[string]string
	for i, data := range [][]byte{whole, b} {
		all[i] = map[string]string{}
		if os.WriteFile(path, data, 0o600) != nil {
			return ""
		}
		db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true})
		if err != nil {
			return ""
		}
		defer db.Close()
		_ = db.View(func(tx *bolt.Tx) error {
			return tx.ForEach(func(name []byte, bk *bolt.Bucket) error {
				return bk.ForEach(func(k, v []byte) error { all[i][fmt.Sprintf("%s %x", name, k)] = string(v); return nil })
			})
		})
	}
	for k, v := range all[0] {
		if all[1][k] != v {
			return fmt.Sprintf("%s: %q became %q", k, v, all[1][k])
		}
	}
	return ""
}
