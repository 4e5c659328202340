package store_test

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"chunfeng/store"
	"chunfeng/store/storetest"
)

// golden unpacks a database that an earlier version of the program wrote.
func golden(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	for from, to := range map[string]string{name + ".db.gz": store.DatabaseFile, name + ".key.gz": store.KeyFile} {
		f, err := os.Open(filepath.Join("testdata", from))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, to), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestSchema1Opens brings up a database from before there were users: a group, a sign-up by its reply, a wave that ran,
// seven lines in the audit trail.
func TestSchema1Opens(t *testing.T) {
	dir := golden(t, "schema1")
	for range 2 { // brought up, then as it was left
		s, err := store.Open(store.Options{Dir: dir, MapSize: 1 << 26})
		if err != nil {
			t.Fatal(err)
		}
		storetest.Check(t, s)
		n, err := s.Signup("N1")
		if err != nil || n.Name != "张三" || n.Phone.Reveal() != number(t, resident).Reveal() {
			t.Errorf("%+v %v", n, err)
		}
		w, err := s.Wave("2026-001")
		if err != nil || w.Total != 1 {
			t.Errorf("%+v %v", w, err)
		}
		v, err := s.VerifyAudit(t.Context())
		if err != nil || !v.OK || v.Lines < 7 {
			t.Errorf("the trail: %+v %v", v, err)
		}
		if _, err := s.AddAccount("b"+string(rune('0'+v.Lines%10)), "", "kim"); err != nil {
			t.Error(err)
		}
		if _, err := s.Users(); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
