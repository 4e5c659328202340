package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
	"unsafe"

	bolt "go.etcd.io/bbolt"
	"golang.org/x/sys/unix"

	"chunfeng/store"
)

// start is B6: opening a ledger of a million deliveries from a disk whose pages nobody remembers.
func start(ctx context.Context, b *bench) ([]*result, error) {
	n := b.size(1_000_000, 20_000)
	dir, err := b.folder()
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := million(dir, n); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, store.DatabaseFile)
	against := "cold scan of the table"
	seconds := &result{what: "start with 1 M deliveries, cold", unit: "s", baseline: against, target: 2, atMost: true, absolute: true,
		note: "store.Open until it may be used. Before each of the two the pages of the file are dropped from memory (posix_fadvise DONTNEED) and it is checked with mincore that under 1 % is left. The scan walks every row with a bbolt cursor, as a reader would that does not read the file through first."}
	ratio := *seconds
	ratio.what, ratio.target, ratio.absolute, ratio.note = "the same, as a ratio", 0.15, false, "The same rounds."
	err = b.compare(ctx, seconds,
		func(context.Context, int) (float64, error) { return coldOpen(dir, path) },
		func(context.Context, int) (float64, error) { return coldScan(path, n) })
	ratio.ours, ratio.against, ratio.syncs = seconds.ours, seconds.against, seconds.syncs
	return []*result{seconds, &ratio}, err
}

func million(dir string, n int) error {
	s, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		return err
	}
	defer s.Close()
	if err := fill(s, 12, 2971); err != nil {
		return err
	}
	if _, err := openWave(s, 12, 2971, n); err != nil {
		return err
	}
	return s.Close()
}

func coldOpen(dir, path string) (float64, error) {
	if err := forget(path); err != nil {
		return 0, err
	}
	begin := time.Now()
	s, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		return 0, err
	}
	took := time.Since(begin).Seconds()
	return took, s.Close()
}

func coldScan(path string, n int) (float64, error) {
	if err := forget(path); err != nil {
		return 0, err
	}
	begin := time.Now()
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		return 0, err
	}
	defer db.Close()
	rows, sum := 0, byte(0)
	err = db.View(func(tx *bolt.Tx) error {
		return tx.Bucket([]byte("deliveries")).ForEach(func(k, v []byte) error {
			rows++
			sum ^= v[len(v)-1]
			return nil
		})
	})
	if err != nil {
		return 0, err
	}
	took := time.Since(begin).Seconds()
	return took, agree(fmt.Sprintf("rows of the scan (%x)", sum), rows, n)
}

// forget has the system drop a file's pages from memory, and makes sure that it did.
func forget(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return err
	}
	if err := unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED); err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	mem, err := unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return err
	}
	defer unix.Munmap(mem)
	pages := make([]byte, (len(mem)+4095)/4096)
	if _, _, e := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&mem[0])), uintptr(len(mem)), uintptr(unsafe.Pointer(&pages[0]))); e != 0 {
		return e
	}
	left := 0
	for _, p := range pages {
		left += int(p & 1)
	}
	if left > len(pages)/100 {
		return fmt.Errorf("%w: %d of %d pages stayed in memory", errVoid, left, len(pages))
	}
	return nil
}
