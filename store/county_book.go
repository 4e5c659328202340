package store

import (
	"encoding/binary"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
)

// countyBook remembers the county of every group, two bytes each, because the log filters deliveries by it and a
// delivery does not hold it. It is read from the registry when it is first asked for (0.2 s for a million groups), and
// follows every import from then on.
type countyBook struct {
	page atomic.Pointer[countyPage] // nil until it is read; never changed in place

	mu     sync.Mutex
	during map[uint32]string // what was imported while it is being read; nil when it is not
	read   sync.Mutex        // held by the one that reads it
}

// countyPage is the book at one moment.
type countyPage struct {
	of  []uint16          // by the group's number: the county's number; 0: the group is not known
	ids map[string]uint16 // the number of each county, from 1
}

func (p *countyPage) number(group uint32) uint16 {
	if int(group) < len(p.of) {
		return p.of[group]
	}
	return 0
}

// set writes down a group's county. Only who has made the page and shown it to nobody may.
func (p *countyPage) set(group uint32, county string) {
	id, ok := p.ids[county]
	if !ok {
		id = uint16(len(p.ids) + 1)
		p.ids[county] = id
	}
	for int(group) >= len(p.of) {
		p.of = append(p.of, 0)
	}
	p.of[group] = id
}

// mark is a county's bit in the summary of a stretch of rows; a group of which nothing is known might be of any.
func (p *countyPage) mark(group uint32) uint64 {
	if p == nil {
		return ^uint64(0)
	}
	id := p.number(group)
	if id == 0 {
		return ^uint64(0)
	}
	return countyBit(id)
}

func countyBit(id uint16) uint64 { return 1 << min(id-1, 63) }

// counties answers the book, and reads it first when nobody has.
func (s *Store) counties() (*countyPage, error) {
	b := &s.book
	if p := b.page.Load(); p != nil {
		return p, nil
	}
	b.read.Lock()
	defer b.read.Unlock()
	if p := b.page.Load(); p != nil {
		return p, nil
	}
	b.mu.Lock()
	b.during = map[uint32]string{}
	b.mu.Unlock()
	p := &countyPage{ids: map[string]uint16{}}
	err := s.readCounties(p)
	b.mu.Lock()
	defer b.mu.Unlock()
	if err == nil {
		for group, county := range b.during {
			p.set(group, county)
		}
		b.page.Store(p)
	}
	b.during = nil
	return p, err
}

// readCounties reads the registry in short transactions.
func (s *Store) readCounties(p *countyPage) error {
	for from, more := uint32(0), true; more; {
		err := s.view(func(t *txn) error {
			n := 0
			more = false
			return t.each(bGroups, nil, k32(from), func(k, v []byte) (bool, error) {
				if err := unframe(k, v, nil); err != nil {
					return false, fmt.Errorf("%s %x: %w", bGroups, k, err)
				}
				group := u32at(k, 0)
				if county, ok := countyIn(v[1 : len(v)-4]); ok {
					p.setRaw(group, county)
				} else {
					var g Group
					if err := unframe(k, v, &g); err != nil {
						return false, fmt.Errorf("%s %x: %w", bGroups, k, err)
					}
					p.set(group, g.County)
				}
				from = group + 1
				n++
				more = n == 20_000
				return !more, nil
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *countyPage) setRaw(group uint32, county []byte) {
	if _, ok := p.ids[string(county)]; ok && int(group) < len(p.of) {
		p.of[group] = p.ids[string(county)]
		return
	}
	p.set(group, string(county))
}

// countyIn finds the county in an encoded group without decoding it: the fourth field, behind a number and two texts.
// What is encoded otherwise is not found so.
func countyIn(b []byte) (county []byte, ok bool) {
	kind, _, b, ok := cborHead(b)
	if !ok || kind != 5 {
		return nil, false
	}
	for field := uint64(1); field <= 4; field++ {
		var n uint64
		if kind, n, b, ok = cborHead(b); !ok || kind != 0 || n != field {
			return nil, false
		}
		if kind, n, b, ok = cborHead(b); !ok {
			return nil, false
		}
		switch {
		case field == 1 && kind == 0:
		case field > 1 && kind == 3 && n <= uint64(len(b)):
			if field == 4 {
				return b[:n], true
			}
			b = b[n:]
		default:
			return nil, false
		}
	}
	return nil, false
}

// cborHead reads the head of an item of CBOR (RFC 8949, 3): its major type and its number.
func cborHead(b []byte) (kind byte, n uint64, rest []byte, ok bool) {
	if len(b) == 0 {
		return 0, 0, nil, false
	}
	kind, n = b[0]>>5, uint64(b[0]&31)
	b = b[1:]
	width := 0
	switch {
	case n < 24:
		return kind, n, b, true
	case n == 24:
		width = 1
	case n == 25:
		width = 2
	case n == 26:
		width = 4
	case n == 27:
		width = 8
	default:
		return 0, 0, nil, false
	}
	if len(b) < width {
		return 0, 0, nil, false
	}
	var long [8]byte
	copy(long[8-width:], b[:width])
	return kind, binary.BigEndian.Uint64(long[:]), b[width:], true
}

// noteCounties follows an import that is on disk. moved tells that a group that was known has another county now.
func (s *Store) noteCounties(changed map[uint32]string, moved bool) {
	b := &s.book
	b.mu.Lock()
	if b.during != nil {
		maps.Copy(b.during, changed)
	}
	if old := b.page.Load(); old != nil {
		p := &countyPage{of: append(make([]uint16, 0, len(old.of)+len(changed)), old.of...), ids: maps.Clone(old.ids)}
		for group, county := range changed {
			p.set(group, county)
		}
		b.page.Store(p)
	}
	b.mu.Unlock()
	if moved {
		s.zones.forget()
	}
}
