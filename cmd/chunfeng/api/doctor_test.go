package api

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/store"
	"chunfeng/store/storetest"
	"chunfeng/templates/words"
)

// found lists the findings by their word.
func found(all []Finding) map[string]string {
	out := map[string]string{}
	for _, f := range all {
		out[f.What] = f.Level
	}
	return out
}

// TestDoctorSeesTheClock writes into a ledger in another year and looks at it in this one.
func TestDoctorSeesTheClock(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC)))
		s, err := store.Open(store.Options{Dir: dir, MapSize: 1 << 24})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.AddAccount("a01", "", "t"); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	})
	a := newAPI(t)
	all, err := Ask[[]Finding](context.Background(), a, kim, "GET", "/v1/doctor", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := found(all); got["clock_back"] != "" || got["checked"] != "ok" {
		t.Errorf("of a new ledger: %v", got)
	}
	a.store = storetest.OpenDir(t, dir)
	if all, err = Ask[[]Finding](context.Background(), a, kim, "GET", "/v1/doctor", nil, nil); err != nil {
		t.Fatal(err)
	}
	if got := found(all); got["clock_back"] != "bad" {
		t.Errorf("of a ledger of the year 2090: %v", got)
	}
}

// TestExamine looks at a folder from outside: others may read in it, and something is not there.
func TestExamine(t *testing.T) {
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{store.KeyFile: 0o644, SocketFile: 0o666, store.DatabaseFile: 0o600} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	modes := 0
	for _, f := range Examine(words.Korean, dir) {
		if f.What == "mode" {
			modes++
		}
	}
	if modes != 3 { // the folder, the key and the socket
		t.Errorf("%d files are open to others, not 3: %v", modes, Examine(words.English, dir))
	}
	if err := os.Remove(filepath.Join(dir, store.KeyFile)); err != nil {
		t.Fatal(err)
	}
	if got := found(Examine(words.Chinese, dir)); got["key_missing"] != "bad" || got["keep_key"] != "" {
		t.Errorf("without the key: %v", got)
	}
}
