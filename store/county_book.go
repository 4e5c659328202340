package store

import (
	"encoding/binary"
	"maps"
	"sync/atomic"
)

// countyBook remembers the county of every group, two bytes each, because the log filters deliveries by it and a
// delivery does not hold it. It is read from the registry when the ledger opens (1 ms for 2,971 groups, 0.3 s for a
// million), and the writer brings it up to each import that is on disk.
type countyBook struct{ page atomic.Pointer[countyPage] }

// countyPage is the book at one moment. It is never changed once others can see it.
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

func (p *countyPage) set(group uint32, county []byte) {
	id, ok := p.ids[string(county)]
	if !ok {
		id = uint16(len(p.ids) + 1)
		p.ids[string(county)] = id
	}
	for int(group) >= len(p.of) {
		p.of = append(p.of, 0)
	}
	p.of[group] = id
}

// mark is the bit of a group's county in the summary of a stretch of rows; a group that is not known might be of any.
func (p *countyPage) mark(group uint32) uint64 {
	if id := p.number(group); id > 0 {
		return countyBit(id)
	}
	return ^uint64(0)
}

func countyBit(id uint16) uint64 { return 1 << min(id-1, 63) }

// readCounties reads the book. A damaged group is left out: whoever comes upon it reads its record and is told.
func (s *Store) readCounties() error {
	p := &countyPage{ids: map[string]uint16{}}
	err := s.view(func(t *txn) error {
		return t.each(bGroups, nil, nil, func(k, v []byte) (bool, error) {
			if unframe(k, v, nil) != nil {
				return true, nil
			}
			if county, ok := countyIn(v[1 : len(v)-4]); ok {
				p.set(u32at(k, 0), county)
				return true, nil
			}
			var g Group
			if unframe(k, v, &g) == nil {
				p.set(u32at(k, 0), []byte(g.County))
			}
			return true, nil
		})
	})
	s.book.page.Store(p)
	return err
}

// noteCounties follows an import that is on disk; it is the writer's alone. moved tells that a group that was known has
// another county now.
func (s *Store) noteCounties(changed map[uint32]string, moved bool) {
	old := s.book.page.Load()
	p := &countyPage{of: append(make([]uint16, 0, len(old.of)+len(changed)), old.of...), ids: maps.Clone(old.ids)}
	for group, county := range changed {
		p.set(group, []byte(county))
	}
	s.book.page.Store(p)
	if moved {
		s.zones.forget()
	}
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
