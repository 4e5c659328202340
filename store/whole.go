package store

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"os"
)

// whole refuses a database whose end is missing, as a copy that broke off leaves it. bbolt maps the file and would run
// into the missing pages with a fault that no recover catches. What is no database at all is left to bbolt to refuse.
//
// bbolt's file begins with two meta pages, of which the one with the higher transaction counts: after a page header of
// 16 bytes each holds magic, version, page size, flags (4 bytes each), root, sequence, free list, the number of pages,
// transaction and a checksum (8 bytes each), in the machine's own order of bytes. The file is always grown before a meta
// page speaks of the new pages.
func whole(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return nil // to be refused by whoever opens it for good
	}
	defer f.Close()
	const header, meta, magic = 16, 64, 0xED0CDAED
	var last, need uint64
	look := func(at int64) (pageSize uint32) {
		var b [meta]byte
		if _, err := f.ReadAt(b[:], at+header); err != nil || binary.NativeEndian.Uint32(b[0:]) != magic {
			return 0
		}
		sum := fnv.New64a()
		sum.Write(b[:56])
		pageSize = binary.NativeEndian.Uint32(b[8:])
		if sum.Sum64() != binary.NativeEndian.Uint64(b[56:]) || pageSize == 0 {
			return 0
		}
		if tx := binary.NativeEndian.Uint64(b[48:]); need == 0 || tx > last {
			last, need = tx, binary.NativeEndian.Uint64(b[40:])*uint64(pageSize)
		}
		return pageSize
	}
	second := look(0)
	if second == 0 {
		second = uint32(os.Getpagesize())
	}
	look(int64(second))
	info, err := f.Stat() // afterwards, for a daemon may be growing the file
	if err != nil {
		return nil
	}
	if uint64(info.Size()) < need {
		return fmt.Errorf("%w: the file has %d bytes of %d", ErrDamaged, info.Size(), need)
	}
	return nil
}
