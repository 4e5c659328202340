package store

import (
	"errors"
	"syscall"

	bolt "go.etcd.io/bbolt"
	boltErrors "go.etcd.io/bbolt/errors"

	"chunfeng/templates/words"
)

// The file is read through a map of it in the process's address space, which bbolt makes larger when the file outgrows it: it
// gives up the old map first, and where there is no room for the new one (ulimit -v) every transaction after that fails, readers'
// as well. So it is let grow only where the room is there beforehand; a commit that wants more is refused, and all else goes on.

const (
	// spareRoom is the address space that must be left beside a map, in bytes: for the heap, and for the stacks of threads.
	spareRoom = 256 << 20

	// nearEnd is how close to the end of its map a file may come before room for the next is looked for, in bytes. bbolt makes the
	// file longer by 16 MiB at a time.
	nearEnd = 64 << 20
)

// mapOf is how much bbolt maps for a file of so many bytes: powers of two up to 1 GiB, then whole GiB.
func mapOf(size int) int {
	const step = 1 << 30
	for m := 32 << 10; m <= step; m *= 2 {
		if size <= m {
			return m
		}
	}
	return (size + step - 1) / step * step
}

// addressSpace tells whether a map of so many bytes can be had beside all that is there.
func addressSpace(size int) error {
	b, err := syscall.Mmap(-1, 0, size+spareRoom, syscall.PROT_NONE, syscall.MAP_ANON|syscall.MAP_PRIVATE|syscall.MAP_NORESERVE)
	if err != nil {
		return noRoom(size, err)
	}
	return syscall.Munmap(b)
}

// noRoom says that the database cannot be mapped.
func noRoom(size int, err error) error {
	return words.Refuse("store.no_address_space", (size+spareRoom)>>20).Because(err)
}

// fitting commits, and lets the file outgrow its map where there is room for the next one. It is the writer's own; a backup, which
// writes where the ledger stands by itself, keeps to what the writer allowed last.
func (w *writer) fitting(fn func(*bolt.Tx) error) error {
	db := w.s.db
	for next := 0; ; {
		w.mapped = max(w.mapped, mapOf(w.s.mapSize), mapOf(w.size))
		size, full := w.size, error(nil)
		if next == 0 && size+nearEnd > w.mapped {
			next = mapOf(w.mapped + 1)
		}
		most := w.mapped
		if next > w.mapped {
			if full = addressSpace(next); full == nil {
				most = next
			}
		}
		err := db.Update(func(tx *bolt.Tx) error {
			db.MaxSize, w.size = most, int(tx.Size()) // read by whoever commits, and so set under bbolt's lock of writers
			return fn(tx)
		})
		switch {
		case !errors.Is(err, boltErrors.ErrMaxSizeReached):
			return err
		case w.size > size:
			next = 0 // the last commit was larger than was known
		case full != nil:
			return full
		default:
			next = mapOf(max(next, w.mapped) + 1)
		}
	}
}
