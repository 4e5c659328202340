package disk_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"chunfeng/store/storetest/disk"
)

// write is os.WriteFile with a sync of the file and one of the folder, where they are asked for.
func write(t *testing.T, path, text string, sync, folder bool) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if sync {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	if folder {
		d, err := os.Open(filepath.Dir(path))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(d.Sync(), d.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestForgets: what was synced with its name stays over every cut, what was not is lost over some, and nothing else appears.
func TestForgets(t *testing.T) {
	dir := t.TempDir()
	d := disk.Mount(t, dir, nil)
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	top, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(top.Sync(), top.Close()); err != nil {
		t.Fatal(err)
	}
	at := func(name string) string { return filepath.Join(dir, "data", name) }
	write(t, at("kept"), "old", true, true)
	write(t, at("nameless"), "synced, its folder not", true, false)
	write(t, at("empty"), "its name alone", false, false)
	write(t, at(".new"), "new", true, false)
	if err := os.Rename(at(".new"), at("kept")); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(at("kept")); err != nil || string(b) != "new" {
		t.Fatalf("what is written is seen at once: %q %v", b, err)
	}
	r := d.Replay()
	r.To(d.Recorded())
	seen := map[string]int{}
	for seed := range uint64(300) {
		m := r.Cut(rand.New(rand.NewPCG(seed, 1)))
		for _, name := range []string{"kept", "nameless", "empty"} {
			b, found := m.Bytes("data", name)
			if !found {
				seen[name+" is gone"]++
			} else {
				seen[name+": "+string(b)]++
			}
		}
	}
	for _, must := range []string{"kept: old", "kept: new", "nameless is gone", "nameless: synced, its folder not", "empty is gone", "empty: ", "empty: its name alone"} {
		if seen[must] == 0 {
			t.Errorf("no cut left this: %s", must)
		}
		delete(seen, must)
	}
	for what, n := range seen {
		t.Errorf("%d cuts left this: %s", n, what)
	}
	if err := os.MkdirAll(filepath.Join(dir, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	left := d.Pull(rand.New(rand.NewPCG(1, 1)))
	again := disk.Mount(t, dir, left)
	if _, err := os.Stat(at("kept")); err != nil {
		t.Errorf("after the cut: %v", err)
	}
	for _, c := range []struct {
		set  func(bool)
		want syscall.Errno
	}{{again.Fill, syscall.ENOSPC}, {again.Lock, syscall.EROFS}, {again.FailSync, syscall.EIO}} {
		c.set(true)
		f, err := os.OpenFile(at("kept"), os.O_WRONLY, 0)
		if err == nil {
			_, err = f.Write(make([]byte, 10))
			err = errors.Join(err, f.Sync(), f.Close())
		}
		if !errors.Is(err, c.want) {
			t.Errorf("%v, want %v", err, c.want)
		}
		c.set(false)
		write(t, at("kept"), "again", true, true)
	}
}
