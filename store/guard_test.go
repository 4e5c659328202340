package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"chunfeng/store"
	"chunfeng/store/storetest"
	"chunfeng/templates/words"
)

// shelf is a ledger with one delivery that waits.
func shelf(t *testing.T, dir string) {
	t.Helper()
	s, err := store.Open(store.Options{Dir: dir, MapSize: 1 << 24})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.PutGroups([]store.Group{{Code: "G1", Name: "g", County: "yanji"}}, "t"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddAccount("a01", "", "t"); err != nil {
		t.Fatal(err)
	}
	openOne(t, s)
}

// sends tells whether the ledger of a folder grants a claim, and what it says else.
func sends(t *testing.T, dir string) *words.Refusal {
	t.Helper()
	s := storetest.OpenDir(t, dir)
	d, found, _, err := s.Next("a01", true, time.Now())
	if err != nil || !found {
		t.Fatal(found, err)
	}
	_, _, err = s.Claim(d, 0, nil)
	if err != nil && !errors.Is(err, store.ErrDisarmed) {
		t.Fatal(err)
	}
	if (err == nil) != (s.Disarmed() == nil) {
		t.Fatalf("claims say %v, the ledger says %v", err, s.Disarmed())
	}
	return s.Disarmed()
}

func copyAll(t *testing.T, from, to string, names ...string) {
	t.Helper()
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestGuard(t *testing.T) {
	const db, keyFile, placeFile = store.DatabaseFile, store.KeyFile, store.PlaceFile
	for _, c := range []struct {
		why  string
		do   func(t *testing.T, dir string) string // answers the folder to open
		want string                                // the reason; empty: it sends
	}{
		{"opened again and again", func(t *testing.T, dir string) string {
			for range 3 {
				s, err := store.Open(store.Options{Dir: dir})
				if err != nil {
					t.Fatal(err)
				}
				s.Close()
			}
			return dir
		}, ""},
		{"its folder is renamed", func(t *testing.T, dir string) string {
			to := filepath.Join(t.TempDir(), "moved")
			if err := os.Rename(dir, to); err != nil {
				t.Fatal(err)
			}
			return to
		}, ""},
		{"a backup in an empty folder", func(t *testing.T, dir string) string {
			to := t.TempDir()
			copyAll(t, dir, to, db, keyFile)
			return to
		}, "store.place_missing"},
		{"the whole folder is copied", func(t *testing.T, dir string) string {
			to := t.TempDir()
			copyAll(t, dir, to, db, keyFile, placeFile)
			return to
		}, "store.place_copied"},
		{"an older copy is written over it", func(t *testing.T, dir string) string {
			old := t.TempDir()
			copyAll(t, dir, old, db)
			s, err := store.Open(store.Options{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			s.Close()
			copyAll(t, old, dir, db) // the same inode
			return dir
		}, "store.place_older"},
		{"a backup of the same run is written over it", func(t *testing.T, dir string) string {
			s, err := store.Open(store.Options{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if _, err := s.Backup(&b); err != nil {
				t.Fatal(err)
			}
			s.Close()
			if err := os.WriteFile(filepath.Join(dir, db), b.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			return dir
		}, "store.place_older"},
		{"a copy that somebody took of the open file is written over it", func(t *testing.T, dir string) string {
			s, err := store.Open(store.Options{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			old := t.TempDir()
			copyAll(t, dir, old, db)
			if _, err := s.PutGroups([]store.Group{{Code: "G2", Name: "g", County: "yanji"}}, "t"); err != nil {
				t.Fatal(err)
			}
			s.Close()
			copyAll(t, old, dir, db)
			return dir
		}, "store.place_older"},
		{"a copy is put in its place", func(t *testing.T, dir string) string {
			spare := filepath.Join(dir, "spare")
			b, err := os.ReadFile(filepath.Join(dir, db))
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(os.WriteFile(spare, b, 0o600), os.Rename(spare, filepath.Join(dir, db))); err != nil {
				t.Fatal(err)
			}
			return dir
		}, "store.place_copied"},
		{"another ledger's place", func(t *testing.T, dir string) string {
			other := t.TempDir()
			shelf(t, other)
			copyAll(t, other, dir, placeFile)
			return dir
		}, "store.place_other"},
		{"a place that cannot be read", func(t *testing.T, dir string) string {
			if err := os.WriteFile(filepath.Join(dir, placeFile), []byte("{"), 0o600); err != nil {
				t.Fatal(err)
			}
			return dir
		}, "store.place_other"},
		{"the place alone was put back", func(t *testing.T, dir string) string {
			old := t.TempDir()
			copyAll(t, dir, old, placeFile)
			for range 3 {
				s, err := store.Open(store.Options{Dir: dir})
				if err != nil {
					t.Fatal(err)
				}
				s.Close()
			}
			copyAll(t, old, dir, placeFile)
			return dir
		}, "store.place_behind"},
	} {
		t.Run(c.why, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			shelf(t, dir)
			dir = c.do(t, dir)
			got := sends(t, dir)
			switch {
			case c.want == "" && got != nil:
				t.Error("it is disarmed:", got)
			case c.want != "" && (got == nil || got.Args[0].(words.Text).Key != c.want):
				t.Errorf("%v, want %s", got, c.want)
			}
		})
	}
}

// TestCrashWhileSettling: the program ended between the database and the file.
func TestCrashWhileSettling(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	shelf(t, dir)
	old := t.TempDir()
	copyAll(t, dir, old, store.PlaceFile)
	s, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	copyAll(t, old, dir, store.PlaceFile)
	if r := sends(t, dir); r != nil {
		t.Error("a crash while it was opened disarms it:", r)
	}
}

func TestArm(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	shelf(t, dir)
	to := t.TempDir()
	copyAll(t, dir, to, store.DatabaseFile, store.KeyFile)
	s, err := store.Open(store.Options{Dir: to})
	if err != nil {
		t.Fatal(err)
	}
	if s.Disarmed() == nil {
		t.Fatal("a copy sends")
	}
	if err := s.Arm("kim"); err != nil || s.Disarmed() != nil {
		t.Fatal(err)
	}
	if err := s.Arm("kim"); !errors.Is(err, words.Refuse("store.is_armed")) {
		t.Error("armed twice:", err)
	}
	s.Close()
	if r := sends(t, to); r != nil {
		t.Error("it forgot that it was armed:", r)
	}
}

func TestRestoredStaysDisarmed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	shelf(t, dir)
	s, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Disarm(); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if r := sends(t, dir); r == nil || r.Args[0].(words.Text).Key != "store.place_restored" {
		t.Error("a restored ledger sends:", r)
	}
}
