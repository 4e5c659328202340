package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"os"
	"runtime/debug"
	"syscall"
	"time"
)

// examine reads a database from front to back before bbolt opens it, and refuses one whose pages are damaged: bbolt follows
// whatever a page says, and ends the process where that leads nowhere. What is no database at all is left to bbolt to refuse.
//
// It holds every page that can be reached to its form: where it lies, its kind, its bounds, the order of its keys and their
// place between those of the page above, and that no page is used twice. What the entries say is left to Check, so that a
// ledger with a damaged record can still be read by whoever must save what is in it. While it reads it has bbolt's lock, so
// that nobody writes.
func examine(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return nil // to be refused by whoever opens it for good
	}
	defer f.Close()
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
		switch {
		case err == nil:
		case time.Since(start) > lockWait:
			return ErrInUse
		default:
			continue
		}
		break
	}
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return nil
	}
	readThrough(f)
	data, err := syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("map the database: %w", err)
	}
	defer syscall.Munmap(data)
	return examineBytes(data)
}

// readThrough reads the file once from front to back: pages then come from memory instead of in random order from a cold
// disk, which at a million records is 0.2 s instead of 6 s.
func readThrough(f *os.File) {
	buf := make([]byte, 1<<20)
	for {
		if _, err := f.Read(buf); err != nil {
			return
		}
	}
}

// The form of bbolt's file, in the machine's own order of bytes. It begins with two meta pages, of which the one with the
// higher transaction counts: after the header each holds magic, version, page size, flags (4 bytes each), root, sequence,
// free list, the number of pages, transaction and a checksum (8 bytes each). The file is always grown before a meta page
// speaks of the new pages.
const (
	pageHeader  = 16 // its number (8), kind (2), how many elements (2), how many pages it spills over (4)
	pageElement = 16
	metaBytes   = 64
	metaMagic   = 0xED0CDAED
	kindBranch  = 1
	kindLeaf    = 2
	isBucket    = 1 // of an element of a leaf
	deepest     = 64
)

var native = binary.NativeEndian

// examiner walks the pages of a database.
type examiner struct {
	data  []byte
	page  uint64 // size in bytes
	pages uint64 // in use
	seen  []bool
}

func examineBytes(data []byte) (err error) {
	// A disk that cannot give a page back faults; here, and only here, that is an answer.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: a page cannot be read: %v", ErrDamaged, p)
		}
	}()
	x := &examiner{data: data}
	root, ok := x.meta()
	if !ok {
		return nil
	}
	if need := x.pages * x.page; x.pages > uint64(len(data)) || uint64(len(data)) < need {
		return fmt.Errorf("%w: the file has %d bytes of %d", ErrDamaged, len(data), need)
	}
	x.seen = make([]bool, x.pages)
	return x.walk(root, "", nil, nil, 0)
}

// meta finds the meta page that counts. ok is false when there is none.
func (x *examiner) meta() (root uint64, ok bool) {
	var last uint64
	look := func(at uint64) (size uint32) {
		if uint64(len(x.data)) < at+pageHeader+metaBytes {
			return 0
		}
		b := x.data[at+pageHeader:][:metaBytes]
		if native.Uint32(b) != metaMagic {
			return 0
		}
		sum := fnv.New64a()
		sum.Write(b[:56])
		size = native.Uint32(b[8:])
		if sum.Sum64() != native.Uint64(b[56:]) || size == 0 {
			return 0
		}
		if tx := native.Uint64(b[48:]); !ok || tx > last {
			last, ok = tx, true
			root, x.pages, x.page = native.Uint64(b[16:]), native.Uint64(b[40:]), uint64(size)
		}
		return size
	}
	second := look(0)
	if second == 0 {
		second = uint32(os.Getpagesize())
	}
	look(uint64(second))
	return root, ok
}

// walk examines a page and those below it. Its keys lie from from up to, but not including, to; nil is no bound.
func (x *examiner) walk(n uint64, in bucket, from, to []byte, deep int) error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: page %d of %s: %s", ErrDamaged, n, nameOf(in), fmt.Sprintf(format, args...))
	}
	if n < 2 || n >= x.pages || deep > deepest {
		return bad("there is no such page")
	}
	head := x.data[n*x.page:][:pageHeader]
	spill := uint64(native.Uint32(head[12:]))
	switch {
	case native.Uint64(head) != n:
		return bad("it says that it is page %d", native.Uint64(head))
	case spill >= x.pages-n:
		return bad("it goes beyond the end")
	}
	for i := n; i <= n+spill; i++ {
		if x.seen[i] {
			return bad("it is used twice")
		}
		x.seen[i] = true
	}
	page := x.data[n*x.page : (n+spill+1)*x.page]
	if kind := native.Uint16(head[8:]); kind == kindBranch {
		return x.branch(page, in, from, to, deep, bad)
	}
	return x.leaf(page, from, to, deep, bad)
}

// keyOf cuts a key, and the value behind it, out of a page.
func keyOf(page []byte, at, pos, size, value uint64) (k, v []byte, ok bool) {
	from := at + pos
	if pos < pageElement || from > uint64(len(page)) || size > uint64(len(page))-from || value > uint64(len(page))-from-size {
		return nil, nil, false
	}
	return page[from : from+size], page[from+size : from+size+value], true
}

func (x *examiner) branch(page []byte, in bucket, from, to []byte, deep int, bad func(string, ...any) error) error {
	count := uint64(native.Uint16(page[10:]))
	if count == 0 || pageHeader+count*pageElement > uint64(len(page)) {
		return bad("a branch of %d", count)
	}
	element := func(i uint64) (k []byte, child uint64, ok bool) {
		at := pageHeader + i*pageElement
		e := page[at:]
		k, _, ok = keyOf(page, at, uint64(native.Uint32(e)), uint64(native.Uint32(e[4:])), 0)
		return k, native.Uint64(e[8:]), ok
	}
	key, child, ok := element(0)
	for i := range count {
		if !ok || from != nil && bytes.Compare(key, from) < 0 || to != nil && bytes.Compare(key, to) >= 0 {
			return bad("key %d is out of place", i)
		}
		next, end, nextOK := uint64(0), to, true
		var nextKey []byte
		if i+1 < count {
			if nextKey, next, nextOK = element(i + 1); !nextOK || bytes.Compare(key, nextKey) >= 0 {
				return bad("key %d is out of order", i+1)
			}
			end = nextKey
		}
		if err := x.walk(child, in, key, end, deep+1); err != nil {
			return err
		}
		key, child, ok = nextKey, next, nextOK
	}
	return nil
}

func (x *examiner) leaf(page []byte, from, to []byte, deep int, bad func(string, ...any) error) error {
	if kind := native.Uint16(page[8:]); kind != kindLeaf {
		return bad("its kind is %d", kind)
	}
	count := uint64(native.Uint16(page[10:]))
	if pageHeader+count*pageElement > uint64(len(page)) {
		return bad("a leaf of %d", count)
	}
	var last []byte
	for i := range count {
		at := pageHeader + i*pageElement
		e := page[at:]
		k, v, ok := keyOf(page, at, uint64(native.Uint32(e[4:])), uint64(native.Uint32(e[8:])), uint64(native.Uint32(e[12:])))
		flags := native.Uint32(e)
		switch {
		case !ok, flags > isBucket, len(k) == 0:
			return bad("entry %d goes beyond it", i)
		case i > 0 && bytes.Compare(last, k) >= 0, from != nil && bytes.Compare(k, from) < 0, to != nil && bytes.Compare(k, to) >= 0:
			return bad("entry %d is out of order", i)
		}
		last = k
		if flags == isBucket {
			if err := x.bucket(bucket(k), v, deep, bad); err != nil {
				return err
			}
		}
	}
	return nil
}

// bucket examines a table: its root page, or a small one that lies within its entry.
func (x *examiner) bucket(name bucket, v []byte, deep int, bad func(string, ...any) error) error {
	if len(v) < 16 {
		return bad("table %q has no root", name)
	}
	if root := native.Uint64(v); root != 0 {
		return x.walk(root, name, nil, nil, deep+1)
	}
	if len(v) < 16+pageHeader {
		return bad("table %q has no page", name)
	}
	return x.leaf(v[16:], nil, nil, deep+1, func(format string, args ...any) error {
		return bad("table %q: %s", name, fmt.Sprintf(format, args...))
	})
}

func nameOf(b bucket) string {
	if b == "" {
		return "the list of tables"
	}
	return "table " + string(b)
}
