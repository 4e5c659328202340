package store

import (
	"errors"
	"fmt"
	"testing"

	bolt "go.etcd.io/bbolt"

	"chunfeng/templates/words"
)

// trail makes a ledger with ten lines in its audit trail.
func trail(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(Options{Dir: dir, MapSize: 1 << 24})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		if _, err := s.AddAccount(fmt.Sprintf("a%02d", i+1), "", "kim"); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// tamper does to the file what somebody with bbolt, this program's source and no key can do.
func tamper(t *testing.T, s *Store, do func(x *txn, b *bolt.Bucket) error) {
	t.Helper()
	if err := s.db.Update(func(tx *bolt.Tx) error {
		x := &txn{Tx: tx, s: s}
		return do(x, x.in(bAudit))
	}); err != nil {
		t.Fatal(err)
	}
}

// forge rewrites a line, its checksum right, and with anew every chain from there on.
func forge(x *txn, n uint64, anew bool, change func(*Event)) error {
	var before, e Event
	if _, err := x.get(bAudit, k64(n-1), &before); n > 1 && err != nil {
		return err
	}
	for ; ; n++ {
		e = Event{}
		if found, err := x.get(bAudit, k64(n), &e); err != nil || !found {
			return err
		}
		change(&e)
		if anew {
			e.Chain, _ = e.link(before.Chain)
		}
		if err := x.put(bAudit, k64(n), e); err != nil || !anew {
			return err
		}
		before, change = e, func(*Event) {}
	}
}

func TestVerifyAudit(t *testing.T) {
	li := func(e *Event) { e.Who = "li" }
	for _, c := range []struct {
		why     string
		do      func(x *txn, b *bolt.Bucket) error
		line    uint64
		problem AuditProblem
	}{
		{"nothing", func(*txn, *bolt.Bucket) error { return nil }, 0, ""},
		{"a line deleted", func(_ *txn, b *bolt.Bucket) error { return b.Delete(k64(4)) }, 4, AuditMissing},
		{"the first line deleted", func(_ *txn, b *bolt.Bucket) error { return b.Delete(k64(1)) }, 1, AuditMissing},
		{"the last line deleted", func(_ *txn, b *bolt.Bucket) error { return b.Delete(k64(10)) }, 10, AuditCut},
		{"the last three deleted", func(_ *txn, b *bolt.Bucket) error {
			return errors.Join(b.Delete(k64(8)), b.Delete(k64(9)), b.Delete(k64(10)))
		}, 8, AuditCut},
		{"all of it deleted", func(x *txn, _ *bolt.Bucket) error {
			if err := x.DeleteBucket([]byte(bAudit)); err != nil {
				return err
			}
			_, err := x.CreateBucket([]byte(bAudit))
			return err
		}, 1, AuditCut},
		{"a byte changed", func(_ *txn, b *bolt.Bucket) error {
			v := append([]byte(nil), b.Get(k64(5))...)
			v[9] ^= 1
			return b.Put(k64(5), v)
		}, 5, AuditDamaged},
		{"a line changed, its checksum right", func(x *txn, _ *bolt.Bucket) error { return forge(x, 5, false, li) }, 5, AuditChanged},
		{"a line changed and only its own chain made anew", func(x *txn, _ *bolt.Bucket) error {
			return forge(x, 5, false, func(e *Event) {
				var before Event
				_, _ = x.get(bAudit, k64(4), &before)
				li(e)
				e.Chain, _ = e.link(before.Chain)
			})
		}, 6, AuditChanged},
		{"a line changed and every chain behind it made anew", func(x *txn, _ *bolt.Bucket) error { return forge(x, 5, true, li) }, 10, AuditChanged},
		{"the last line changed and chained anew", func(x *txn, _ *bolt.Bucket) error { return forge(x, 10, true, li) }, 10, AuditChanged},
		{"a line inserted, those behind it moved and chained anew", func(x *txn, b *bolt.Bucket) error {
			for n := uint64(10); n >= 5; n-- {
				var e Event
				if _, err := x.get(bAudit, k64(n), &e); err != nil {
					return err
				}
				e.Number++
				if err := x.put(bAudit, k64(n+1), e); err != nil {
					return err
				}
			}
			return forge(x, 5, true, func(e *Event) { e.Number, e.Detail = 5, "inserted" })
		}, 10, AuditChanged},
		{"a line put behind the end, rightly chained", func(x *txn, _ *bolt.Bucket) error {
			last := x.lastEvent()
			e := Event{Number: 11, At: now(), Who: "li", What: "wave.approve"}
			e.Chain, _ = e.link(last.Chain)
			return x.put(bAudit, k64(11), e)
		}, 11, AuditBehind},
		{"two lines exchanged", func(x *txn, _ *bolt.Bucket) error {
			var a, b Event
			_, errA := x.get(bAudit, k64(3), &a)
			_, errB := x.get(bAudit, k64(4), &b)
			return errors.Join(errA, errB, x.put(bAudit, k64(3), b), x.put(bAudit, k64(4), a))
		}, 3, AuditChanged},
		{"the note of the end deleted with the last line", func(x *txn, b *bolt.Bucket) error {
			return errors.Join(x.del(bMeta, headKey), b.Delete(k64(10)))
		}, 9, AuditNoEnd},
		{"the note of the end written by somebody without the key", func(x *txn, b *bolt.Bucket) error {
			other, err := newSealer([]keyLine{{id: 1, master: make([]byte, 32)}})
			if err != nil {
				return err
			}
			return errors.Join(b.Delete(k64(10)), x.put(bMeta, headKey, sealedRecord{other.seal(bMeta, headKey, k64(9)), now()}))
		}, 9, AuditNoEnd},
	} {
		t.Run(c.why, func(t *testing.T) {
			dir := t.TempDir()
			s := trail(t, dir)
			tamper(t, s, c.do)
			look := func(s *Store, when string) {
				t.Helper()
				v, err := s.VerifyAudit(t.Context())
				got, want := AuditBreak{}, AuditBreak{c.line, c.problem}
				if v.Break != nil {
					got = *v.Break
				}
				if err != nil || got != want || v.OK != (c.problem == "") {
					t.Errorf("%s: %+v %+v %v, want %+v", when, v, got, err, want)
				}
				if v.OK && (v.Last != uint64(v.Lines) || len(v.Hash) != 64) {
					t.Errorf("%s: %+v", when, v)
				}
				if checked, err := s.Check(t.Context()); err != nil || checked.OK != v.OK {
					t.Errorf("%s: the check of the whole ledger says %+v %v", when, checked, err)
				}
			}
			look(s, "at once")
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s, err := Open(Options{Dir: dir, MapSize: 1 << 24})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			look(s, "opened anew")
			for i := range 3 {
				if _, err := s.AddAccount(fmt.Sprintf("b%02d", i+1), "", "kim"); err != nil {
					t.Fatal("the work must go on:", err)
				}
			}
			if v, err := s.VerifyAudit(t.Context()); err != nil || v.OK != (c.problem == "") {
				t.Errorf("when the trail has gone on, what was done no longer shows: %+v %v", v, err)
			}
		})
	}
}

// TestOlderSchemaIsNotForged cuts the trail and has the database look like one of schema 1, whose end would be adopted.
func TestOlderSchemaIsNotForged(t *testing.T) {
	dir := t.TempDir()
	s := trail(t, dir)
	tamper(t, s, func(x *txn, b *bolt.Bucket) error {
		var m meta
		if _, err := x.get(bMeta, key("meta"), &m); err != nil {
			return err
		}
		m.Schema = 1
		return errors.Join(b.Delete(k64(10)), x.del(bMeta, headKey), x.put(bMeta, key("meta"), m))
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := Open(Options{Dir: dir, MapSize: 1 << 24})
	if err == nil {
		s.Close()
	}
	if !errors.Is(err, ErrDamaged) {
		t.Errorf("%v, want ErrDamaged", err)
	}
}

func TestEventThatIsNoText(t *testing.T) {
	s := trail(t, t.TempDir())
	defer s.Close()
	if _, err := s.AddAccount("b", "", "kim\xff"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddAccount("c", "", "kim"); err != nil {
		t.Fatal("no line follows a name that is no UTF-8:", err)
	}
	if v, err := s.VerifyAudit(t.Context()); err != nil || !v.OK {
		t.Error(v, err)
	}
	p, err := s.Events(EventFilter{Limit: 2})
	if err != nil || len(p.Events) != 2 || p.Events[1].Who != "kim\uFFFD" {
		t.Error(p, err)
	}
}

func TestAuditBreakIsSaid(t *testing.T) {
	for _, p := range []AuditProblem{AuditDamaged, AuditMissing, AuditChanged, AuditCut, AuditBehind, AuditNoEnd} {
		for _, l := range words.Languages() {
			if said := (AuditBreak{7, p}).In(l); said == fmt.Sprint("audit."+string(p), 7) {
				t.Errorf("%s is not said in %s", p, l)
			}
		}
	}
}
