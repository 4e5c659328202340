// Package storetest opens throw-away ledgers for tests. Each is checked whole when its test ends: a test that leaves a
// tally, an index or a checksum wrong fails, whatever it looked at itself.
package storetest

import (
	"context"
	"testing"

	"chunfeng/store"
)

// Open opens a new ledger in a temporary folder, to be checked and closed when the test ends.
func Open(t testing.TB) *store.Store {
	t.Helper()
	return OpenDir(t, t.TempDir())
}

// OpenDir opens the ledger of a folder, to be checked and closed when the test ends.
func OpenDir(t testing.TB, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(store.Options{Dir: dir, MapSize: 1 << 26})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		Check(t, s)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Check fails the test for every law of the ledger that is broken.
func Check(t testing.TB, s *store.Store) {
	t.Helper()
	c, err := s.Check(context.Background())
	if err != nil {
		t.Error(err)
	}
	for _, b := range c.Broken {
		t.Error("ledger:", b)
	}
}
