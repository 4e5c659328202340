package disk

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// sector is what a disk writes whole or not at all, in bytes.
const sector = 512

// root is the inode of the top folder.
const root = 1

// inode is a file or a folder.
type inode struct {
	mode uint32
	data []byte
	kids map[string]uint64 // of a folder
}

// Image is what lies on a disk.
type Image struct {
	inodes map[uint64]*inode
	next   uint64
}

func newImage() *Image {
	return &Image{inodes: map[uint64]*inode{root: {mode: syscall.S_IFDIR | 0o700, kids: map[string]uint64{}}}, next: root + 1}
}

func (m *Image) clone() *Image {
	c := &Image{inodes: make(map[uint64]*inode, len(m.inodes)), next: m.next}
	for n, i := range m.inodes {
		c.inodes[n] = &inode{i.mode, slices.Clone(i.data), maps.Clone(i.kids)}
	}
	return c
}

type kind uint8

const (
	opWrite kind = iota
	opTruncate
	opName   // child gets a name in the folder
	opUnname // a name is gone
	opRename // name becomes to
	opMake   // an inode is made; it has no name yet
	opSync
)

// op is one line of the record: about a file (write, truncate), a folder (name, unname, rename) or either (make, sync).
type op struct {
	kind     kind
	ino      uint64
	off      int64 // of a write; the size of a truncate
	data     []byte
	name, to string
	child    uint64
	mode     uint32
}

func (m *Image) apply(o op) {
	i := m.inodes[o.ino]
	switch o.kind {
	case opMake:
		m.inodes[o.ino] = &inode{mode: o.mode}
		if o.mode&syscall.S_IFDIR == syscall.S_IFDIR {
			m.inodes[o.ino].kids = map[string]uint64{}
		}
		m.next = max(m.next, o.ino+1)
	case opWrite:
		i.grow(int(o.off) + len(o.data))
		copy(i.data[o.off:], o.data)
	case opTruncate:
		if int(o.off) < len(i.data) {
			i.data = i.data[:o.off:o.off]
		}
		i.grow(int(o.off))
	case opName:
		i.kids[o.name] = o.child
	case opUnname:
		delete(i.kids, o.name)
	case opRename:
		if n, ok := i.kids[o.name]; ok || o.child != 0 {
			if !ok {
				n = o.child
			}
			delete(i.kids, o.name)
			i.kids[o.to] = n
		}
	}
}

func (i *inode) grow(n int) {
	if n <= len(i.data) {
		return
	}
	if n > cap(i.data) {
		bigger := make([]byte, len(i.data), max(n, 2*len(i.data)))
		copy(bigger, i.data)
		i.data = bigger
	}
	i.data = i.data[:n]
}

// Replay goes through the record of a disk and says at each moment what is safe and what is not yet.
type Replay struct {
	safe    *Image
	pending map[uint64][]op
	log     []op
	at      int
}

// To goes on to the moment at which n things had been recorded.
func (r *Replay) To(n int) {
	for ; r.at < min(n, len(r.log)); r.at++ {
		r.step(r.log[r.at])
	}
}

func (r *Replay) step(o op) {
	switch o.kind {
	case opMake:
		r.safe.apply(o)
	case opSync:
		for _, p := range r.pending[o.ino] {
			r.safe.apply(p)
		}
		delete(r.pending, o.ino)
	default:
		r.pending[o.ino] = append(r.pending[o.ino], o)
	}
}

// Cut answers what a power cut at this moment leaves: what was synced, and of the rest what chance kept.
func (r *Replay) Cut(rng *rand.Rand) *Image {
	out := r.safe.clone()
	for _, ino := range slices.Sorted(maps.Keys(r.pending)) {
		// Chance itself varies: often nothing or everything survives, else a part.
		keep := []float64{0, 1, 0.1, 0.5, 0.9}[rng.IntN(5)]
		lot := func() bool { return rng.Float64() < keep }
		folder := out.inodes[ino].kids != nil
		until := len(r.pending[ino])
		if folder && rng.IntN(2) == 0 {
			until, keep = rng.IntN(until+1), 1 // a journal: up to here, and nothing behind
		}
		for _, o := range r.pending[ino][:until] {
			switch {
			case o.kind != opWrite:
				if lot() {
					out.apply(o)
				}
			default:
				for _, part := range sectors(o) {
					if lot() {
						out.apply(part)
					}
				}
			}
		}
	}
	return out
}

// sectors cuts a write where the disk's sectors end.
func sectors(o op) (parts []op) {
	for from := 0; from < len(o.data); {
		to := min(len(o.data), from+sector-int((o.off+int64(from))%sector))
		p := o
		p.off, p.data = o.off+int64(from), o.data[from:to]
		parts = append(parts, p)
		from = to
	}
	return parts
}

// Loose counts what a cut at this moment may lose: sectors, and names.
func (r *Replay) Loose() (sectorsLost, names int) {
	for ino, ops := range r.pending {
		for _, o := range ops {
			switch {
			case r.safe.inodes[ino].kids != nil:
				names++
			case o.kind == opWrite:
				sectorsLost += len(sectors(o))
			}
		}
	}
	return sectorsLost, names
}

// Write puts what lies in a folder of the image into a folder of the machine's own disk that is there. A file of that name is
// written over in its place, so that it keeps its inode. rename translates an inode of the image where a file holds one in
// its field "inode", as a program writes it that wants to know a copy; nil leaves it.
func (m *Image) Write(folder, to string) error {
	at := m.inodes[root]
	if folder != "" {
		n, ok := at.kids[folder]
		if !ok {
			return nil
		}
		at = m.inodes[n]
	}
	own := map[uint64]uint64{}
	names := slices.Sorted(maps.Keys(at.kids))
	for _, name := range names {
		i, path := m.inodes[at.kids[name]], filepath.Join(to, name)
		switch i.mode & syscall.S_IFMT {
		case syscall.S_IFDIR:
			if err := os.MkdirAll(path, 0o700); err != nil {
				return err
			}
			if err := (&Image{inodes: mapRoot(m.inodes, at.kids[name])}).Write("", path); err != nil {
				return err
			}
		case syscall.S_IFREG:
			if err := os.WriteFile(path, i.data, 0o600); err != nil {
				return err
			}
			var st syscall.Stat_t
			if err := syscall.Stat(path, &st); err != nil {
				return err
			}
			own[at.kids[name]] = st.Ino
		}
	}
	for _, name := range names {
		if err := translate(filepath.Join(to, name), m.inodes[at.kids[name]].data, own); err != nil {
			return err
		}
	}
	return nil
}

// mapRoot is the same inodes, seen from another top.
func mapRoot(all map[uint64]*inode, top uint64) map[uint64]*inode {
	out := maps.Clone(all)
	out[root] = all[top]
	return out
}

// translate gives a file that speaks of another one's inode the inode of the copy.
func translate(path string, data []byte, own map[uint64]uint64) error {
	if len(data) == 0 || len(data) > 4096 || data[0] != '{' {
		return nil
	}
	var v map[string]any
	if json.Unmarshal(data, &v) != nil {
		return nil
	}
	n, ok := v["inode"].(float64)
	if !ok || own[uint64(n)] == 0 {
		return nil
	}
	v["inode"] = own[uint64(n)]
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o600)
}

// Bytes answers the content of a file in a folder of the image.
func (m *Image) Bytes(folder, name string) (b []byte, found bool) {
	n, ok := m.inodes[root].kids[folder]
	if !ok || m.inodes[n].kids == nil {
		return nil, false
	}
	if n, ok = m.inodes[n].kids[name]; !ok {
		return nil, false
	}
	return m.inodes[n].data, true
}
