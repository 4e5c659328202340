package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"chunfeng/store"
	"chunfeng/templates/words"
)

func TestDue(t *testing.T) {
	zone := time.FixedZone("bureau", 8*3600)
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
		must(t, err)
		return v
	}
	for _, c := range []struct {
		why, now, last, next string
		at, every            time.Duration
	}{
		{"daily, in the afternoon", "2026-03-02 15:00", "2026-03-02 03:30", "2026-03-03 03:30", 210 * time.Minute, 24 * time.Hour},
		{"daily, before the first of the day", "2026-03-02 03:29", "2026-03-01 03:30", "2026-03-02 03:30", 210 * time.Minute, 24 * time.Hour},
		{"on the minute it is due", "2026-03-02 03:30", "2026-03-02 03:30", "2026-03-03 03:30", 210 * time.Minute, 24 * time.Hour},
		{"four a day", "2026-03-02 15:29", "2026-03-02 09:30", "2026-03-02 15:30", 210 * time.Minute, 6 * time.Hour},
		{"before the first of the day the last of the day before counts", "2026-03-02 01:00", "2026-03-01 21:30", "2026-03-02 03:30", 210 * time.Minute, 6 * time.Hour},
		{"a round that does not fill the day is cut short by the next day's first", "2026-03-02 21:00", "2026-03-02 20:00", "2026-03-03 00:00", 0, 10 * time.Hour},
	} {
		last, next := Rule{At: c.at, Every: c.every, Zone: zone}.Due(at(c.now).UTC())
		if !last.Equal(at(c.last)) || !next.Equal(at(c.next)) {
			t.Errorf("%s: %v and %v", c.why, last, next)
		}
	}
}

func TestExpired(t *testing.T) {
	now := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	const id, other = "00112233aabbccdd", "ffffffffffffffff"
	day := func(d int) string { return fileName(id, now.AddDate(0, 0, -d)) }
	for _, c := range []struct {
		why   string
		files []string
		keep  time.Duration
		most  int
		want  []string
	}{
		{"older than the rule", []string{day(1), day(29), day(31), day(40)}, 30 * 24 * time.Hour, 0, []string{day(40), day(31)}},
		{"more than so many", []string{day(1), day(2), day(3)}, 30 * 24 * time.Hour, 2, []string{day(3)}},
		{"the newest stays whatever its age: it is all there is", []string{day(400)}, 30 * 24 * time.Hour, 1, nil},
		{"and when the clock jumped a year ahead", []string{day(400), day(401)}, time.Hour, 0, []string{day(401)}},
		{"another ledger's backups in the same folder", []string{day(1), fileName(other, now.AddDate(-1, 0, 0))}, time.Hour, 1, nil},
		{"files that only look like one", []string{day(1), day(40) + ".txt", "x" + day(40), "chunfeng-" + id + "-20260231T000000Z.age", "notes"}, time.Hour, 1, nil},
	} {
		r := Rule{Folder: t.TempDir(), Keep: c.keep, Copies: c.most}
		for _, f := range c.files {
			must(t, os.WriteFile(filepath.Join(r.Folder, f), nil, 0o600))
		}
		// A folder by such a name is not a backup.
		must(t, os.Mkdir(filepath.Join(r.Folder, fileName(id, now.AddDate(-5, 0, 0))), 0o700))
		got, err := Expired(r, id, now)
		must(t, err)
		var names []string
		for _, f := range got {
			names = append(names, filepath.Base(f))
		}
		if d := cmp.Diff(c.want, names); d != "" {
			t.Errorf("%s: %s", c.why, d)
		}
	}
}

// TestTakeAndPutBack: what was copied comes back whole, from the sealed file alone and only with the private key.
func TestTakeAndPutBack(t *testing.T) {
	s := ledger(t, 2, 20)
	r, id := rule(t)
	own := filepath.Join(s.Dir(), templatesFolder)
	must(t, os.Mkdir(own, 0o700))
	must(t, os.WriteFile(filepath.Join(own, "digest.tmpl"), []byte("{{.Name}}"), 0o600))
	must(t, os.WriteFile(filepath.Join(own, ".digest.tmpl.123"), []byte("half written"), 0o600))
	b := take(t, s, r)
	info, err := os.Stat(b.File)
	must(t, err)
	if info.Mode().Perm() != 0o600 || info.Size() != b.Bytes || len(b.SHA256) != 64 || b.Deliveries != 20 || filepath.Dir(b.File) != r.Folder {
		t.Errorf("%+v %v", b, info)
	}
	sealed, err := os.ReadFile(b.File)
	must(t, err)
	if bytes.Contains(sealed, []byte("vacancies")) || bytes.Contains(sealed, []byte("yanji")) || bytes.Contains(sealed, []byte("SQLite")) {
		t.Error("the sealed file shows what is in it")
	}
	if n := bytes.Count(sealed, []byte("-> X25519 ")); n != 2 {
		t.Errorf("it is sealed for %d keys: one recipient, and the one it was read back with", n)
	}
	dir, checked, err := putBack(t, b.File, id)
	must(t, err)
	if !checked.OK || checked.Deliveries != 20 {
		t.Errorf("%+v", checked)
	}
	if got, err := os.ReadFile(filepath.Join(dir, templatesFolder, "digest.tmpl")); err != nil || string(got) != "{{.Name}}" {
		t.Errorf("the bureau's template: %q %v", got, err)
	}
	if left := hidden(t, filepath.Join(dir, templatesFolder)); len(left) > 0 {
		t.Error("a file that was being written came with it:", left)
	}
	stranger, err := age.GenerateX25519Identity()
	must(t, err)
	if to, _, err := putBack(t, b.File, stranger); !errors.Is(err, ErrNotOpened) {
		t.Error("another key opens it:", err)
	} else if _, err := os.Stat(to); err == nil {
		t.Error("a restore that failed left its folder")
	}
}

// TestPutBackIntoAFolderThatIsThere: who may write to that folder alone, as the service's own account, restores too; and
// nothing is written over.
func TestPutBackIntoAFolderThatIsThere(t *testing.T) {
	s := ledger(t, 2, 20)
	r, id := rule(t)
	b := take(t, s, r)
	fill := func(file string) func(string) ([]string, error) {
		return func(dir string) ([]string, error) {
			f, err := os.Open(file)
			must(t, err)
			defer f.Close()
			return Unseal(f, []age.Identity{id}, dir)
		}
	}
	dir := t.TempDir()
	must(t, os.Chmod(dir, 0o755))
	_, _, err := Restore(t.Context(), dir, fill(b.File))
	must(t, err)
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Error(info, err)
	}
	if left := hidden(t, dir); len(left) > 0 {
		t.Error("left behind:", left)
	}
	again, err := store.Open(store.Options{Dir: dir})
	must(t, err)
	if again.Disarmed() == nil {
		t.Error("it is armed")
	}
	must(t, again.Close())
	if _, _, err := Restore(t.Context(), dir, fill(b.File)); !errors.Is(err, words.Refuse("cmd.not_empty")) {
		t.Error("it was restored over a ledger:", err)
	}

	// A file that ends early, or was changed, leaves the folder empty.
	sealed, err := os.ReadFile(b.File)
	must(t, err)
	for why, broken := range map[string][]byte{
		"cut short":       sealed[:len(sealed)/2],
		"one bit flipped": append(append(append([]byte{}, sealed[:len(sealed)/2]...), sealed[len(sealed)/2]^1), sealed[len(sealed)/2+1:]...),
		"no sealed file":  []byte("hello"),
	} {
		file, empty := filepath.Join(t.TempDir(), "x.age"), t.TempDir()
		must(t, os.WriteFile(file, broken, 0o600))
		if _, _, err := Restore(t.Context(), empty, fill(file)); err == nil {
			t.Errorf("%s: it was restored", why)
		}
		if left, _ := os.ReadDir(empty); len(left) > 0 {
			t.Errorf("%s: %v was left", why, left)
		}
	}
}

// TestTakeRefuses: no file, and a reason.
func TestTakeRefuses(t *testing.T) {
	s := ledger(t, 1, 5)
	r, _ := rule(t)
	missing := r
	missing.Folder = filepath.Join(r.Folder, "not", "mounted")
	if _, err := Take(t.Context(), s, missing); !errors.Is(err, words.Refuse("backup.no_folder")) {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(r.Folder, "not")); err == nil {
		t.Error("the folder of a disk that is not mounted was made")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Take(ended, s, r); !errors.Is(err, context.Canceled) {
		t.Error("told to stop, it went on:", err)
	}
	if all, _ := os.ReadDir(r.Folder); len(all) > 0 || len(hidden(t, s.Dir())) > 0 {
		t.Error("left behind:", all, hidden(t, s.Dir()))
	}
}

// TestDamagedLedgerIsNoBackup: the copy breaks a law, so it never gets a name.
func TestDamagedLedgerIsNoBackup(t *testing.T) {
	s := ledger(t, 1, 5)
	r, _ := rule(t)
	file := filepath.Join(s.Dir(), store.DatabaseFile)
	b, err := os.ReadFile(file)
	must(t, err)
	i := bytes.LastIndex(b, []byte("group 3"))
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	must(t, err)
	defer f.Close()
	for at := bytes.Index(b, []byte("group 3")); ; {
		_, err := f.WriteAt([]byte("gruop 3"), int64(at))
		must(t, err)
		if at == i {
			break
		}
		at += 1 + bytes.Index(b[at+1:], []byte("group 3"))
	}
	if _, err := Take(t.Context(), s, r); !errors.Is(err, words.Refuse("backup.copy_broken")) {
		t.Error("a backup of a damaged ledger was made:", err)
	}
	if all, _ := os.ReadDir(r.Folder); len(all) > 0 {
		t.Error(all)
	}
}

// TestReadBack: a file that does not hold what was sealed is refused, whatever the disk said when it was written.
func TestReadBack(t *testing.T) {
	s := ledger(t, 1, 5)
	_, id := rule(t)
	dir := t.TempDir()
	_, err := copyLedger(t.Context(), s, dir)
	must(t, err)
	var whole bytes.Buffer
	held, err := seal(&whole, []age.Recipient{id.Recipient()}, dir, s.Dir())
	must(t, err)
	other := content{}
	for name := range held {
		other[name] = [32]byte{1}
	}
	for _, c := range []struct {
		why  string
		with func(b []byte) []byte
		held content
		good bool
	}{
		{"as it was written", func(b []byte) []byte { return b }, held, true},
		{"a bit of it turned", func(b []byte) []byte { b[len(b)/2] ^= 1; return b }, held, false},
		{"its end is missing", func(b []byte) []byte { return b[:len(b)-1] }, held, false},
		{"something stands behind it", func(b []byte) []byte { return append(b, 0) }, held, false},
		{"it is whole and holds something else", func(b []byte) []byte { return b }, other, false},
		{"it is whole and lacks a file", func(b []byte) []byte { return b }, content{}, false},
	} {
		sum := sha256.Sum256(whole.Bytes())
		f, err := os.CreateTemp(t.TempDir(), "x")
		must(t, err)
		_, err = f.Write(c.with(bytes.Clone(whole.Bytes())))
		must(t, err)
		if err := readBack(t.Context(), f, id, sum[:], c.held); (err == nil) != c.good || !c.good && !errors.Is(err, words.Refuse("backup.sealed_wrong")) {
			t.Errorf("%s: %v", c.why, err)
		}
		must(t, f.Close())
	}
}

// TestSweep: a plain copy that a killed run left goes with the next one; a run that is under way keeps its own.
func TestSweep(t *testing.T) {
	s := ledger(t, 1, 5)
	r, _ := rule(t)
	left, err := Scratch(s.Dir())
	must(t, err)
	must(t, os.WriteFile(filepath.Join(left, store.DatabaseFile), []byte("plain"), 0o600))
	part := filepath.Join(r.Folder, partPrefix+"1")
	must(t, os.WriteFile(part, []byte("half"), 0o600))
	must(t, os.WriteFile(filepath.Join(r.Folder, ".other"), nil, 0o600))
	working, err := Scratch(s.Dir())
	must(t, err)
	old := time.Now().Add(-2 * leftAfter)
	must(t, os.Chtimes(left, old, old))
	must(t, os.Chtimes(part, old, old))
	must(t, os.Chtimes(filepath.Join(r.Folder, ".other"), old, old))
	take(t, s, r)
	if got := hidden(t, s.Dir()); len(got) != 1 || filepath.Join(s.Dir(), got[0]) != working {
		t.Error("in the data folder:", got)
	}
	if got := hidden(t, r.Folder); strings.Join(got, " ") != ".other" {
		t.Error("in the folder of the backups:", got)
	}
}
