package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"chunfeng/store"
	"chunfeng/store/storetest"
	"chunfeng/templates/words"
)

// TestCompactRemovesWhatWasErased: what a resident wrote stands in a free page of the file after it was erased, and nowhere
// after the compaction.
func TestCompactRemovesWhatWasErased(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	file := filepath.Join(dir, store.DatabaseFile)
	s, err := store.Open(store.Options{Dir: dir, MapSize: 1 << 24})
	if err != nil {
		t.Fatal(err)
	}
	n := signedUp(t, s)
	r, err := s.Reply(1)
	if err != nil || len(r.Sealed) < 20 {
		t.Fatal(r.Sealed, err)
	}
	sealed := r.Sealed
	if _, err := s.SetSignup(n.ID, store.SignupWithdrawn, "", "li"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	holds := func() bool {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(b, sealed)
	}
	if !holds() {
		t.Fatal("the erased bytes are gone before the compaction: this test shows nothing")
	}
	c, err := store.Compact(t.Context(), dir)
	if err != nil || !c.Checked.OK || c.Checked.Signups != 1 {
		t.Fatalf("%+v %v", c, err)
	}
	if holds() {
		t.Error("the file still holds the erased message")
	}
	if info, err := os.Stat(file); err != nil || info.Size() != c.After || c.After >= c.Before || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v: %+v", info, err, c)
	}
	noScratch(t, dir)
	again := storetest.OpenDir(t, dir)
	if why := again.Disarmed(); why != nil {
		t.Error("a compacted ledger is taken for a copy:", why)
	}
	if got, err := again.Signup(n.ID); err != nil || got.Status != store.SignupWithdrawn {
		t.Errorf("%+v %v", got, err)
	}
}

func noScratch(t *testing.T, dir string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		if strings.HasPrefix(e.Name(), ".chunfeng-") {
			t.Errorf("%s was left behind", e.Name())
		}
	}
}

// TestCompactRefuses: nothing is changed where it may not work, and the sentence says why.
func TestCompactRefuses(t *testing.T) {
	for _, c := range []struct {
		why, want string
		prepare   func(t *testing.T, dir string)
	}{
		{"a daemon holds the folder", "store.in_use", func(t *testing.T, dir string) {
			s, err := store.Open(store.Options{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
		}},
		{"a copy: its new file might be taken for the one that is missed", "store.disarmed", func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, store.PlaceFile)); err != nil {
				t.Fatal(err)
			}
		}},
		{"a law is broken: the evidence must stay", "backup.compact_broken", func(t *testing.T, dir string) {
			flip(t, filepath.Join(dir, store.DatabaseFile), []byte("yanji"))
		}},
		{"no ledger, and none is made", "store.no_folder", func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, store.DatabaseFile)); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(c.why, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			shelf(t, dir)
			c.prepare(t, dir)
			_, err := store.Compact(t.Context(), dir)
			refusedAs(t, err, c.want, c.why)
			noScratch(t, dir)
		})
	}
}

// flip changes one bit of the first occurrence of some bytes in a file.
func flip(t *testing.T, path string, at []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for i := 0; ; n++ {
		j := bytes.Index(b[i:], at)
		if j < 0 {
			break
		}
		b[i+j] ^= 1
		i += j + 1
	}
	if n == 0 {
		t.Fatalf("%q is not in the file", at)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestCompactOnAFullDisk: on a disk with no room for a second file nothing is changed.
func TestCompactOnAFullDisk(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("none", disk, "tmpfs", 0, "size=2m"); err != nil {
		t.Skip("a small disk cannot be mounted here (that takes root):", err)
	}
	t.Cleanup(func() { syscall.Unmount(disk, syscall.MNT_DETACH) })
	dir := filepath.Join(disk, "data")
	shelf(t, dir)
	was, err := os.ReadFile(filepath.Join(dir, store.DatabaseFile))
	if err != nil {
		t.Fatal(err)
	}
	_, err = store.Compact(t.Context(), dir)
	refusedAs(t, err, "backup.compact_room", "2 MB are all there is")
	noScratch(t, dir)
	if now, err := os.ReadFile(filepath.Join(dir, store.DatabaseFile)); err != nil || len(now) != len(was) {
		t.Errorf("%d bytes, %d before: %v", len(now), len(was), err)
	}
	if why := sends(t, dir); why != nil {
		t.Error("it is disarmed:", why)
	}
}

// TestWhoWaitedForTheLock: a process that opened the file before the compaction put another in its place, and got the lock
// after it, must not write into the file without a name.
func TestWhoWaitedForTheLock(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	shelf(t, dir)
	path := filepath.Join(dir, store.DatabaseFile)
	held, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if err := syscall.Flock(int(held.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	opened := make(chan error, 1)
	go func() {
		s, err := store.Open(store.Options{Dir: dir})
		if err == nil {
			s.Close()
		}
		opened <- err
	}()
	for !opens(path, 2) {
		time.Sleep(time.Millisecond)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	was, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer was.Close()
	if err := errors.Join(os.WriteFile(path+".new", b, 0o600), os.Rename(path+".new", path), held.Close()); err != nil {
		t.Fatal(err)
	}
	// It may take the new file, which has the name, or be refused; the old one stays as it was.
	if err := <-opened; err != nil && !errors.Is(err, store.ErrInUse) {
		t.Error(err)
	}
	if now, err := io.ReadAll(was); err != nil || !bytes.Equal(now, b) {
		t.Errorf("it wrote into a file that has lost its name: %v", err)
	}
}

// opens tells whether this process has a file open at least n times.
func opens(path string, n int) bool {
	fds, _ := filepath.Glob("/proc/self/fd/*")
	for _, fd := range fds {
		if to, err := os.Readlink(fd); err == nil && to == path {
			n--
		}
	}
	return n <= 0
}

// TestCompactHelper is the process that TestCompactKilled kills.
func TestCompactHelper(t *testing.T) {
	dir := os.Getenv("COMPACT_HELPER")
	if dir == "" {
		t.Skip("it is started by TestCompactKilled")
	}
	for {
		if _, err := store.Compact(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCompactKilled kills compactions with SIGKILL at seeded moments: afterwards the ledger opens, is whole, holds what it
// held, and is as armed as it was. COMPACT_KILLS says how often.
func TestCompactKilled(t *testing.T) {
	kills := 12
	fmt.Sscan(os.Getenv("COMPACT_KILLS"), &kills)
	dir := filepath.Join(t.TempDir(), "data")
	s, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	openRunning(t, s, 2, 500)
	want, err := s.Check(t.Context())
	if err != nil || !want.OK {
		t.Fatal(want.Broken, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(7, 7))
	interrupted := 0
	for range kills {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestCompactHelper$")
		cmd.Env = append(os.Environ(), "COMPACT_HELPER="+dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(20+rng.IntN(120)) * time.Millisecond)
		if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal("it ended by itself:", err)
		}
		cmd.Wait()
		if left, _ := filepath.Glob(filepath.Join(dir, ".chunfeng-compact-*")); len(left) > 0 {
			interrupted++
		}
		s, err := store.Open(store.Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Check(t.Context())
		if err != nil || !got.OK || got.Deliveries != want.Deliveries {
			t.Errorf("%+v, want %+v: %v", got, want, err)
		}
		if why := s.Disarmed(); why != nil {
			t.Fatal("a compaction that was killed disarmed the ledger:", why.In(words.English))
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		noScratch(t, dir)
	}
	if interrupted == 0 {
		t.Error("no kill hit a compaction")
	}
	t.Logf("proof: %d compactions killed with SIGKILL, %d of them with the new file half made; each time the ledger opened whole, with its %d deliveries, and armed", kills, interrupted, want.Deliveries)
}
