package backup

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"chunfeng/store"
)

// ledger opens a ledger with a running wave of n deliveries over some accounts.
func ledger(t *testing.T, accounts, n int) *store.Store {
	t.Helper()
	s, err := store.Open(store.Options{Dir: filepath.Join(t.TempDir(), "data")})
	must(t, err)
	t.Cleanup(func() { s.Close() })
	for i := range accounts {
		_, err := s.AddAccount(fmt.Sprintf("a%02d", i+1), "", "t")
		must(t, err)
	}
	groups := make([]store.Group, n)
	for i := range groups {
		groups[i] = store.Group{Code: fmt.Sprintf("G%06d", i+1), Name: fmt.Sprintf("group %d", i+1), Language: "zh", County: "yanji"}
	}
	_, err = s.PutGroups(groups, "t")
	must(t, err)
	w, _, err := s.AddWave(store.Wave{Schedule: "S1", At: time.Now(), Hash: "h"}, "kim")
	must(t, err)
	_, err = s.ApproveWave(w.ID, "h", "li", true)
	must(t, err)
	c := store.Content{Kind: store.Text, Body: []byte("vacancies of the week")}
	_, err = s.OpenWave(store.Opening{Wave: w.ID, Hash: "h", Contents: []store.Content{c}, Rows: func(yield func(store.Row) bool) {
		for i := range n {
			if !yield(store.Row{Group: uint32(i + 1), Account: fmt.Sprintf("a%02d", i*accounts/n+1), Content: store.HashContent(c.Kind, c.Name, c.Body), Part: 1, Kind: store.Text}) {
				return
			}
		}
	}})
	must(t, err)
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rule is a rule with a folder and a key of its own.
func rule(t *testing.T) (Rule, *age.X25519Identity) {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	must(t, err)
	return Rule{Folder: t.TempDir(), Recipients: []age.Recipient{id.Recipient()}, Every: 24 * time.Hour, Zone: time.UTC, Keep: 30 * 24 * time.Hour}, id
}

// take makes a backup that must be good.
func take(t *testing.T, s *store.Store, r Rule) store.BackupRun {
	t.Helper()
	b, err := Take(t.Context(), s, r)
	must(t, err)
	if !b.Good {
		t.Fatalf("%+v", b)
	}
	return b
}

// putBack restores a sealed file into a new folder.
func putBack(t *testing.T, file string, id age.Identity) (dir string, checked store.Checked, err error) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "restored")
	_, checked, err = Restore(t.Context(), dir, func(dir string) ([]string, error) {
		f, err := os.Open(file)
		must(t, err)
		defer f.Close()
		return Unseal(f, []age.Identity{id}, dir)
	})
	return dir, checked, err
}

// hidden lists what begins with a dot: what a run should have removed.
func hidden(t *testing.T, dir string) (out []string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range all {
		if strings.HasPrefix(e.Name(), ".") {
			out = append(out, e.Name())
		}
	}
	return out
}
