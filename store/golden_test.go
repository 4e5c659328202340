package store_test

import (
	"bytes"
	"compress/gzip"
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

// goldens are the schemas of which a database lies in testdata: every one that a released program wrote.
var goldens = []string{"schema1", "schema2"}

// TestMakeGolden writes the golden database of the present schema, once for each, when its tables are settled: GOLDEN=1.
func TestMakeGolden(t *testing.T) {
	if os.Getenv("GOLDEN") == "" {
		t.Skip("GOLDEN=1 writes testdata anew")
	}
	dir := filepath.Join(t.TempDir(), "data")
	s, err := store.Open(store.Options{Dir: dir, MapSize: 1 << 24})
	if err != nil {
		t.Fatal(err)
	}
	signedUp(t, s)
	if _, err := s.AddAccount("a02", "", "kim"); err != nil {
		t.Fatal(err)
	}
	openOne(t, s)
	name := fmt.Sprintf("schema%d", s.Schema())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{store.DatabaseFile: name + ".db.gz", store.KeyFile: name + ".key.gz"} {
		b, err := os.ReadFile(filepath.Join(dir, from))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
		z.Write(b)
		z.Close()
		if err := os.WriteFile(filepath.Join("testdata", to), out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestEverySchemaHasAGolden: whoever raises the schema leaves a database of it, so that the next one can be held to it.
func TestEverySchemaHasAGolden(t *testing.T) {
	if now := storetest.Open(t).Schema(); now != len(goldens) {
		t.Errorf("the schema is %d, goldens go to %d: GOLDEN=1 go test ./store -run TestMakeGolden, and list it", now, len(goldens))
	}
}

// asWritten holds what a golden ledger holds: a group, a sign-up by its reply, a wave, the audit trail.
func asWritten(t *testing.T, s *store.Store) {
	t.Helper()
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
}

// TestGoldensOpen brings up a database of every schema, then opens it as it was left. What was brought up is kept as it was.
func TestGoldensOpen(t *testing.T) {
	for i, name := range goldens {
		t.Run(name, func(t *testing.T) {
			dir := golden(t, name)
			for n := range 2 {
				s, err := store.Open(store.Options{Dir: dir, MapSize: 1 << 26})
				if err != nil {
					t.Fatal(err)
				}
				if why := s.Disarmed(); why != nil && i == 0 {
					t.Error("an upgrade disarmed the ledger:", why)
				}
				asWritten(t, s)
				if _, err := s.AddAccount(fmt.Sprintf("b%d", n), "", "kim"); err != nil {
					t.Error(err)
				}
				if _, err := s.Users(); err != nil {
					t.Error(err)
				}
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
			}
			noScratch(t, dir)
			_, err := os.Stat(filepath.Join(dir, store.DatabaseFile+"."+name))
			if older := i+1 < len(goldens); (err == nil) != older {
				t.Errorf("its copy of before: %v", err)
			}
		})
	}
	t.Logf("proof: %d golden databases, one of each schema, opened with the same content", len(goldens))
}

// TestWayBack: the copy of before the upgrade is whole, is known as a copy, and goes after a week.
func TestWayBack(t *testing.T) {
	dir := golden(t, "schema1")
	was, err := os.ReadFile(filepath.Join(dir, store.DatabaseFile))
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(store.Options{Dir: dir, MapSize: 1 << 26})
	if err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(dir, store.DatabaseFile+".schema1")
	info, err := os.Stat(kept)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatal(info, err)
	}
	if gone, err := s.DropOlder(info.ModTime().Add(store.OlderKept - time.Minute)); err != nil || len(gone) > 0 {
		t.Error("it went within the week:", gone, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// bbolt writes both of its meta pages anew into a copy; everything behind them is as it was.
	now, err := os.ReadFile(kept)
	if err != nil || len(now) > len(was) || !bytes.Equal(now[8192:], was[8192:len(now)]) {
		t.Errorf("%d bytes of %d: %v", len(now), len(was), err)
	}
	if err := os.WriteFile(filepath.Join(dir, store.DatabaseFile), now, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err = store.Open(store.Options{Dir: dir, MapSize: 1 << 26})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.Disarmed() == nil {
		t.Error("the copy of before the upgrade sends again what was sent since")
	}
	asWritten(t, s)
	if gone, err := s.DropOlder(time.Now().Add(store.OlderKept + time.Hour)); err != nil || len(gone) != 1 {
		t.Error("it is kept for ever:", gone, err)
	}
}

// TestNoRoomForTheWayBack: without the copy nothing is brought up.
func TestNoRoomForTheWayBack(t *testing.T) {
	disk, from := t.TempDir(), golden(t, "schema1")
	info, err := os.Stat(filepath.Join(from, store.DatabaseFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("none", disk, "tmpfs", 0, fmt.Sprintf("size=%d", info.Size()+64<<10)); err != nil {
		t.Skip("a small disk cannot be mounted here (that takes root):", err)
	}
	t.Cleanup(func() { syscall.Unmount(disk, syscall.MNT_DETACH) })
	copyAll(t, from, disk, store.DatabaseFile, store.KeyFile)
	fill, err := os.Create(filepath.Join(disk, "fill"))
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = fill.Write(make([]byte, 4096))
	}
	fill.Close()
	_, err = store.Open(store.Options{Dir: disk, MapSize: 1 << 20})
	refusedAs(t, err, "backup.older_not_kept", "the disk is full")
	was, errA := os.ReadFile(filepath.Join(from, store.DatabaseFile))
	now, errB := os.ReadFile(filepath.Join(disk, store.DatabaseFile))
	if errA != nil || errB != nil || !bytes.Equal(was, now) {
		t.Error("the database was changed all the same", errA, errB)
	}
}

// TestDowngrade: what a newer program wrote is refused, with the way back, and stays as it is.
func TestDowngrade(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	shelf(t, dir)
	if err := store.AsNewer(dir); err != nil {
		t.Fatal(err)
	}
	was, err := os.ReadFile(filepath.Join(dir, store.DatabaseFile))
	if err != nil {
		t.Fatal(err)
	}
	_, err = store.Open(store.Options{Dir: dir, MapSize: 1 << 24})
	if !errors.Is(err, store.ErrNewer) {
		t.Fatal("opened:", err)
	}
	for _, l := range []words.Lang{words.English, words.Korean, words.Chinese} {
		if said := words.SayError(l, err); !strings.Contains(said, "chunfeng.db.schemaN") || !strings.Contains(said, "chunfeng arm") {
			t.Errorf("%s does not say the way back: %s", l, said)
		}
	}
	if now, err := os.ReadFile(filepath.Join(dir, store.DatabaseFile)); err != nil || !bytes.Equal(was, now) {
		t.Error("it was changed:", err)
	}
}

// TestMigrateHelper is the process that TestMigrationKilled kills.
func TestMigrateHelper(t *testing.T) {
	dir := os.Getenv("MIGRATE_HELPER")
	if dir == "" {
		t.Skip("it is started by TestMigrationKilled")
	}
	if err := os.WriteFile(filepath.Join(dir, "begun"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(store.Options{Dir: dir, MapSize: 1 << 24})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	os.WriteFile(filepath.Join(dir, "ended"), nil, 0o600)
	select {}
}

// TestMigrationKilled kills an upgrade with SIGKILL at seeded moments: afterwards the ledger opens, with what it held.
// MIGRATE_KILLS says how often.
func TestMigrationKilled(t *testing.T) {
	kills := 12
	fmt.Sscan(os.Getenv("MIGRATE_KILLS"), &kills)
	rng := rand.New(rand.NewPCG(15, 15))
	untouched, copied, ended := 0, 0, 0
	for range kills {
		dir := golden(t, "schema1")
		was, err := os.ReadFile(filepath.Join(dir, store.DatabaseFile))
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(os.Args[0], "-test.run", "^TestMigrateHelper$")
		cmd.Env = append(os.Environ(), "MIGRATE_HELPER="+dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		exists := func(name string) bool { _, err := os.Stat(filepath.Join(dir, name)); return err == nil }
		for begun := time.Now(); !exists("begun"); time.Sleep(100 * time.Microsecond) {
			if time.Since(begun) > 20*time.Second {
				t.Fatal("it never began")
			}
		}
		time.Sleep(time.Duration(rng.IntN(60_000)) * time.Microsecond)
		cmd.Process.Signal(syscall.SIGKILL)
		cmd.Wait()
		now, err := os.ReadFile(filepath.Join(dir, store.DatabaseFile))
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case exists("ended"):
			ended++
		case exists(store.DatabaseFile + ".schema1"):
			copied++
		case bytes.Equal(was, now):
			untouched++
		}
		s, err := store.Open(store.Options{Dir: dir, MapSize: 1 << 24})
		if err != nil {
			t.Fatal(err)
		}
		asWritten(t, s)
		if why := s.Disarmed(); why != nil {
			t.Error("an upgrade that was killed disarmed the ledger:", why)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if !exists(store.DatabaseFile + ".schema1") {
			t.Error("there is no way back")
		}
		noScratch(t, dir)
	}
	t.Logf("proof: %d upgrades killed with SIGKILL: %d before anything was written, %d between the copy of the old file and the end, %d behind it; each opened with the same content and a way back", kills, untouched, copied, ended)
}
