package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
)

// queued queues and approves a wave of a batch.
func (b *bureau) queued(batch string, more ...string) (w api.Wave) {
	b.t.Helper()
	b.run(&w, append([]string{"wave", "queue", batch}, more...)...)
	b.run(nil, "wave", "approve", w.ID, "--hash", w.Hash)
	return w
}

// each pauses or resumes every account.
func (b *bureau) each(verb string, accounts int) {
	b.t.Helper()
	for i := range accounts {
		b.run(nil, "account", verb, fmt.Sprintf("a%02d", i+1))
	}
}

// finished waits for the end of a wave.
func (b *bureau) finished(id string) {
	b.t.Helper()
	b.until(30*time.Second, func() bool {
		var w api.Wave
		b.run(&w, "wave", "show", id)
		return w.State == store.WaveFinished
	})
}

// arrived counts the messages of residents' groups.
func (b *bureau) arrived() int { return len(b.sim.Arrivals()) }

// TestRestoreDrill is the day on which the machine is lost, with real processes: a season under way, a backup that the daemon
// makes by itself, sends that the backup does not know of, an empty disk, a restore. Restored, it sends nothing and logs
// no account in, whatever it is told, until a person has looked and armed it; then it works.
func TestRestoreDrill(t *testing.T) {
	const accounts, groups = 2, 20
	begun := time.Now()
	b := newBureau(t, accounts, groups, 5)
	vault := t.TempDir()
	var pair struct{ Recipient string }
	key := filepath.Join(t.TempDir(), "backup.key")
	b.run(&pair, "backup", "keygen", key)
	book := filepath.Join(t.TempDir(), "batch.csv")
	if err := os.WriteFile(book, []byte("用人单位,岗位,工资,县市\n长白山梨园饭店,服务员,4000-5000,延吉市\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.run(nil, "batch", "import", book, "--name", "spring")
	b.run(nil, "batch", "approve", "A")

	b.start()
	b.online()
	first := b.queued("A")
	b.finished(first.ID)
	b.until(30*time.Second, func() bool {
		var all []any
		b.run(&all, "signup", "list")
		return len(all) == groups/5
	})
	// This one waits when the backup is made, and goes out behind it.
	b.each("pause", accounts)
	second := b.queued("A")
	b.stop()

	// From here on the daemon makes backups, the first one at once.
	b.env = append(b.env, "CHUNFENG_BACKUP__FOLDER="+vault, "CHUNFENG_BACKUP__RECIPIENTS="+pair.Recipient, "CHUNFENG_BACKUP__KEEP=30d")
	b.start()
	var made api.Backups
	b.until(30*time.Second, func() bool {
		b.run(&made, "backup", "list")
		return made.Last != nil
	})
	if made.Last.Deliveries != 2*groups+made.Last.Signups || made.Last.Signups != groups/5 || made.Next == nil || made.Old {
		t.Errorf("%+v", made)
	}
	b.each("resume", accounts)
	b.online()
	b.finished(second.ID)
	before := b.arrived()
	b.stop()
	for _, a := range b.sim.Accounts() {
		a.Kick()
	}

	// The machine is lost.
	if err := os.RemoveAll(b.data); err != nil {
		t.Fatal(err)
	}
	var back restored
	b.run(&back, "restore", made.Last.File, "--identity", key)
	if !back.Checked.OK || back.Checked.Deliveries != made.Last.Deliveries {
		t.Errorf("%+v", back)
	}
	b.start()
	var found []api.Finding
	b.until(10*time.Second, func() bool { return dialDaemon(filepath.Join(b.data, socketName)) != nil })
	b.each("resume", accounts) // somebody is in a hurry
	for wait := time.Now().Add(3 * time.Second); time.Now().Before(wait); time.Sleep(100 * time.Millisecond) {
		for _, a := range b.sim.Accounts() {
			if a.LoggedIn() {
				t.Fatal("a restored ledger logged an account in:", a)
			}
		}
	}
	if n := b.arrived(); n != before {
		t.Fatalf("a restored ledger sent %d messages", n-before)
	}
	if out, err := b.try("doctor"); err == nil || !strings.Contains(out, "chunfeng arm") {
		t.Error("the doctor does not say that it is not armed:", out)
	}
	if out, err := b.try("backup", "now"); err == nil {
		t.Error("a copy makes backups beside those of the true ledger:", out)
	}

	// A person looks: the second wave has arrived, though this ledger does not know. So it is cancelled, and then armed.
	b.run(nil, "wave", "cancel", second.ID)
	b.run(nil, "arm")
	b.online()
	third := b.queued("A")
	b.finished(third.ID)
	b.until(10*time.Second, func() bool { return b.arrived() >= before+groups })
	got, want := map[string]int{}, map[string]int{}
	for _, a := range b.sim.Arrivals() {
		got[a.Group]++
	}
	for _, g := range b.sim.Groups() {
		want[g.ID()] = 3
	}
	b.mu.Lock()
	for _, group := range b.said {
		want[group]++ // who wrote was answered once
	}
	b.mu.Unlock()
	if d := cmp.Diff(want, got); d != "" {
		t.Error("messages by group:", d)
	}
	b.run(&found, "doctor")
	var c store.Checked
	b.run(&c, "check")
	b.stop()
	if !c.OK {
		t.Error(c.Broken)
	}
	t.Logf("proof: a backup of %d deliveries and %d sign-ups, made and sealed by a daemon in %.2f s, restored into an empty folder", made.Last.Deliveries, made.Last.Signups, made.Last.Seconds)
	t.Logf("proof: 3 s with the restored daemon running and its accounts resumed: no message, no account logged in; after arm all %d groups were reached", groups)
	t.Logf("the drill took %v", time.Since(begun).Round(time.Second))
}

// try runs a command that may fail and answers what it said.
func (b *bureau) try(args ...string) (string, error) {
	cmd := b.command(args...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}
