package store

import (
	"fmt"
	"math"
	"slices"
)

// logReader reads one page of the log in one transaction.
type logReader struct {
	s    *Store
	t    *txn
	f    LogFilter
	page *LogPage
	book *countyPage
	age  int // of the summaries, from before the book was read
	left int // what the page may still look at

	// The filter, made ready.
	only     *uint32 // the one wave
	account  uint32  // its number
	allowed  []bool  // counties by number; nil: any
	wanted   uint64  // their bits
	from, to uint64  // microseconds

	wave  Wave // the wave at hand
	found bool // it was read
}

// prepare resolves the names of the filter. empty: nothing can match.
func (r *logReader) prepare() (empty bool, err error) {
	f := r.f
	if f.Wave != "" {
		n, err := r.t.waveNumber(f.Wave)
		if err != nil {
			return false, err
		}
		r.only = &n
	}
	if f.Account != "" {
		if r.account, err = r.t.accountNumber(f.Account); err != nil {
			return false, err
		}
	}
	if f.Counties != nil {
		r.allowed = make([]bool, len(r.book.ids)+1)
		for _, c := range f.Counties {
			if id, ok := r.book.ids[c]; ok {
				r.allowed[id] = true
				r.wanted |= countyBit(id)
			}
		}
		if len(f.Counties) == 0 {
			return true, nil
		}
	}
	r.from, r.to = micros(f.From), uint64(math.MaxUint64)
	if !f.To.IsZero() {
		r.to = micros(f.To)
	}
	return false, nil
}

// county tells whether a group's county was asked for.
func (r *logReader) county(group uint32) (bool, error) {
	if id := int(r.book.number(group)); id > 0 {
		return id < len(r.allowed) && r.allowed[id], nil
	}
	// It was imported this moment, or its record is damaged.
	var g Group
	if _, err := r.t.get(bGroups, k32(group), &g); err != nil {
		return false, err
	}
	return slices.Contains(r.f.Counties, g.County), nil
}

// run goes through the waves from a place on.
func (r *logReader) run(at logPlace) error {
	for wave, from := at.wave, at.seq; ; from = 0 {
		n, more, err := r.next(wave)
		if err != nil || !more {
			return err
		}
		if n != wave {
			from = 0
		}
		done, err := r.through(n, from)
		if err != nil || done || n == 0 {
			return err
		}
		if r.left -= costWave; r.left <= 0 {
			r.page.Next = logPlace{n - 1, 0}.cursor()
			return nil
		}
		wave = n - 1
	}
}

// next answers the newest wave up to a number that may have rows which match.
func (r *logReader) next(upTo uint32) (n uint32, more bool, err error) {
	if r.only != nil {
		return *r.only, *r.only <= upTo, nil
	}
	b, prefix, before := bTallies, key(nil), key(nil)
	if r.f.Group != 0 {
		b, prefix = bHistory, k32(r.f.Group)
	}
	if upTo < math.MaxUint32 {
		before = append(k32(), prefix...).u32(upTo + 1)
	}
	err = r.t.eachBack(b, prefix, before, func(k, _ []byte) (bool, error) {
		n, more = u32at(k, len(prefix)), true
		return false, nil
	})
	return n, more && (n != Answers || r.f.Answers), err
}

// through goes through one wave from a place on. done: the page is complete.
func (r *logReader) through(n, from uint32) (done bool, err error) {
	r.found = false
	var all Tally
	if _, err := r.t.get(bTallies, k32(n), &all); err != nil {
		return false, err
	}
	c := all
	if all.Total() == 0 {
		return false, nil // queued, or being opened
	}
	if r.f.Account != "" && n != Answers {
		l := Lane{}
		if _, err := r.t.get(bLanes, k32(n, r.account), &l); err != nil {
			return false, err
		}
		c = l.Counts
	}
	state, left := -1, c.Total()
	if s := r.f.State; s != nil {
		if *s == Held || *s == Planned {
			if err := r.read(n); err != nil {
				return false, err
			}
			if r.wave.Held() != (*s == Held) {
				return false, nil
			}
			state = int(Planned)
		} else {
			state = int(*s)
		}
		left = c[state]
	}
	if left == 0 {
		return false, nil
	}
	if !r.f.To.IsZero() && n != Answers {
		if err := r.read(n); err != nil {
			return false, err
		}
		if !r.wave.CreatedAt.Before(r.f.To) {
			return false, nil
		}
	}
	switch {
	case r.f.Group != 0:
		return r.index(n, state, bHistory, k32(r.f.Group, n), from)
	case state == int(Sending):
		return r.index(n, state, bOpen, k32(n), from)
	case state >= 0 && hasIndex(State(state)) && all[state] < all.Total()/costLookUp:
		return r.index(n, state, bMarked, k32(n).u8(uint8(state)), from)
	}
	return r.scan(n, state, left, from)
}

// read reads the record of a wave, once.
func (r *logReader) read(n uint32) (err error) {
	if !r.found {
		r.wave, err = r.t.wave(n)
		r.found = err == nil
	}
	return err
}

// index looks up the rows that an index names behind a prefix of its keys.
func (r *logReader) index(n uint32, state int, b bucket, prefix key, from uint32) (done bool, err error) {
	var g glance
	err = r.t.each(b, prefix, append(k32(), prefix...).u32(from), func(k, _ []byte) (bool, error) {
		at := k32(n, u32at(k, len(prefix)))
		v := r.t.in(bDeliveries).Get(at)
		if v == nil {
			return false, fmt.Errorf("%s %x names a delivery that is not there: %w", b, k, ErrDamaged)
		}
		done, err = r.look(&g, state, at, v, costLookUp)
		return !done, err
	})
	return done, err
}

// scan goes through the rows themselves, stretch by stretch, until it has seen so many of the state and the account as
// there are.
func (r *logReader) scan(n uint32, state, left int, from uint32) (done bool, err error) {
	last, c, size := uint32(0), r.t.in(bDeliveries).Cursor(), r.s.zones.rows
	if err := r.t.eachBack(bDeliveries, k32(n), nil, func(k, _ []byte) (bool, error) { last = u32at(k, 4); return false, nil }); err != nil {
		return false, err
	}
	var g glance
	for stretch := from / size; stretch <= last/size && left > 0; stretch++ {
		begin := max(from, stretch*size)
		if known := r.s.zones.of(n, int(stretch)); known.known && !r.may(&known, state) {
			if r.left--; r.left <= 0 {
				r.page.Next = behind(n, stretch*size+size-1)
				return true, nil
			}
			continue
		}
		exact := emptyZone()
		for k, v := c.Seek(k32(n, begin)); k != nil && u32at(k, 0) == n && u32at(k, 4)/size == stretch; k, v = c.Next() {
			if done, err = r.look(&g, state, k, v, 1); done || err != nil {
				return done, err
			}
			exact.add(&g, r.book.mark(g.group))
			if (state < 0 || g.state == State(state)) && (r.f.Account == "" || string(g.account) == r.f.Account) {
				left--
			}
		}
		if begin == stretch*size {
			r.s.zones.learn(n, int(stretch), exact, r.t.ID(), r.age)
		}
	}
	return false, nil
}

// may tells whether a row of a stretch can match.
func (r *logReader) may(z *zone, state int) bool {
	return (state < 0 || z.states&(1<<state) != 0) &&
		(r.f.Account == "" || z.accounts&nameBit(r.f.Account) != 0) &&
		(r.f.Reason == "" || z.reasons&nameBit(r.f.Reason) != 0) &&
		(r.allowed == nil || z.counties&r.wanted != 0) &&
		z.last >= r.from && z.first < r.to
}

// look looks at one row and takes it when it matches. done: the page is complete, and Next says where it goes on.
func (r *logReader) look(g *glance, state int, k, v []byte, cost int) (done bool, err error) {
	if err = unframe(k, v, nil); err == nil && !g.read(v) {
		err = ErrDamaged
	}
	if err != nil {
		return false, damaged(bDeliveries, k, err)
	}
	r.page.Scanned++
	r.left -= cost
	match, err := r.matches(g, state)
	if err != nil {
		return false, err
	}
	if match {
		if len(r.page.Rows) == r.f.Limit {
			// It is the first of the next page: there is one.
			last := r.page.Rows[r.f.Limit-1].Delivery
			r.page.Next = behind(last.Wave, last.Seq)
			return true, nil
		}
		if err := r.take(k, v); err != nil {
			return false, err
		}
	}
	if r.left <= 0 {
		r.page.Next = behind(u32at(k, 0), u32at(k, 4))
		return true, nil
	}
	return false, nil
}

func (r *logReader) matches(g *glance, state int) (bool, error) {
	if (state < 0 || g.state == State(state)) &&
		(r.f.Account == "" || string(g.account) == r.f.Account) &&
		(r.f.Reason == "" || string(g.reason) == string(r.f.Reason)) &&
		(r.f.Group == 0 || g.group == r.f.Group) &&
		g.updated >= r.from && g.updated < r.to {
		if r.allowed == nil {
			return true, nil
		}
		return r.county(g.group)
	}
	return false, nil
}

// take decodes a row whole.
func (r *logReader) take(k, v []byte) error {
	row := LogRow{}
	if err := decode(bDeliveries, k, v, &row.Delivery); err != nil {
		return err
	}
	if err := r.read(row.Delivery.Wave); err != nil {
		return err
	}
	row.Wave, row.ID, row.State = r.wave.ID, DeliveryID(r.wave.ID, row.Delivery.Seq), row.Delivery.State
	if row.State == Planned && r.wave.Held() {
		row.State = Held
	}
	if _, err := r.t.get(bGroups, k32(row.Delivery.Group), &row.Group); err != nil {
		return err
	}
	r.page.Rows = append(r.page.Rows, row)
	return nil
}

// behind is the cursor of the page that begins behind a row; empty where nothing can be.
func behind(wave, seq uint32) string {
	if seq < math.MaxUint32 {
		return logPlace{wave, seq + 1}.cursor()
	}
	if wave == 0 {
		return ""
	}
	return logPlace{wave - 1, 0}.cursor()
}
