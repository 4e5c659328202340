package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"chunfeng/store"
)

// TestOnlyTheOwnerReads opens a folder that was unpacked for everybody to read.
func TestOnlyTheOwnerReads(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	files := []string{dir, filepath.Join(dir, store.KeyFile), filepath.Join(dir, store.DatabaseFile)}
	for _, why := range []string{"made new", "opened to others and mended"} {
		s, err := store.Open(store.Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			info, err := os.Stat(path)
			if err != nil || info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s, %s: %v %v", path, why, info.Mode(), err)
			}
			if err := os.Chmod(path, info.Mode().Perm()|0o055); err != nil {
				t.Fatal(err)
			}
		}
	}
}
