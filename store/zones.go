package store

import (
	"math"
	"sync"
)

// zones remembers, of each stretch of a wave's rows, which states, accounts, reasons and counties occur in it and when
// the first and the last of its rows changed. The log passes over a stretch in which nothing can match: what is rare in
// a million deliveries, or is not there at all, is then found without reading them.
//
// A summary may say more than is there, never less: a writer adds to it before its commit can be seen, and only a reader
// that went through a whole stretch makes it exact again, provided that its transaction saw the last change. It is
// kept in memory alone, some 60 bytes for 1,024 rows. After a start the stretches are not known until they are read.
type zones struct {
	rows uint32 // in a stretch

	mu    sync.Mutex
	waves map[uint32]*stretches
	age   int // counts how often everything was forgotten
}

// stretches are those of one wave.
type stretches struct {
	list  []zone
	fresh bool // the wave has been written since the start, so that a stretch begins empty and is known from then on
}

// zoneRows is how many rows a stretch has: about thirty pages of the file.
const zoneRows = 1024

// zone is the summary of a stretch.
type zone struct {
	known       bool
	wrote       int // the last transaction that wrote to it
	states      uint16
	accounts    uint64 // each by the hash of its name, as are the reasons
	reasons     uint64
	counties    uint64
	first, last uint64 // Updated, in microseconds
}

// nameBit is a name's bit in a summary.
func nameBit[T ~string | ~[]byte](name T) uint64 {
	h := uint32(2166136261) // FNV-1a
	for i := range len(name) {
		h = (h ^ uint32(name[i])) * 16777619
	}
	return 1 << ((h ^ h>>6 ^ h>>16) & 63)
}

func emptyZone() zone { return zone{known: true, first: math.MaxUint64} }

func (z *zone) add(g *glance, county uint64) {
	z.states |= 1 << g.state
	z.accounts |= nameBit(g.account)
	z.reasons |= nameBit(g.reason)
	z.counties |= county
	z.first, z.last = min(z.first, g.updated), max(z.last, g.updated)
}

// at answers the stretches of a wave, at least n of them. The caller holds the lock.
func (z *zones) at(wave uint32, n int) []zone {
	w := z.waves[wave]
	if w == nil {
		if z.waves == nil {
			z.waves = map[uint32]*stretches{}
		}
		w = &stretches{}
		z.waves[wave] = w
	}
	for len(w.list) < n {
		one := zone{}
		if w.fresh {
			one = emptyZone()
		}
		w.list = append(w.list, one)
	}
	return w.list
}

// begin tells that a wave is about to be opened: it has no rows yet.
func (z *zones) begin(wave uint32) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.waves == nil {
		z.waves = map[uint32]*stretches{}
	}
	z.waves[wave] = &stretches{fresh: true}
}

// note adds a row that a transaction is about to write.
func (z *zones) note(d *Delivery, county uint64, transaction int) {
	n := int(d.Seq / z.rows)
	z.mu.Lock()
	defer z.mu.Unlock()
	one := &z.at(d.Wave, n+1)[n]
	one.wrote = transaction
	if !one.known {
		return
	}
	one.states |= 1 << d.State
	one.accounts |= nameBit(d.Account)
	one.reasons |= nameBit(d.Reason)
	one.counties |= county
	at := micros(d.Updated)
	one.first, one.last = min(one.first, at), max(one.last, at)
}

// now answers the age that learn must be told. Ask it before anything that a summary is made from is read.
func (z *zones) now() int {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.age
}

// of answers the summary of a stretch.
func (z *zones) of(wave uint32, n int) (one zone) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if w := z.waves[wave]; w != nil && n < len(w.list) {
		one = w.list[n]
	}
	return one
}

// learn takes the exact summary of a stretch from a reader that went through the whole of it in a transaction. A
// transaction that began before the last change is not believed.
func (z *zones) learn(wave uint32, n int, exact zone, transaction, age int) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if age != z.age {
		return
	}
	one := &z.at(wave, n+1)[n]
	if one.wrote > transaction {
		return
	}
	exact.wrote = one.wrote
	*one = exact
}

// forget makes every stretch unknown: what a summary was made from holds no more.
func (z *zones) forget() {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.age++
	for _, w := range z.waves {
		w.fresh = false
		for i := range w.list {
			w.list[i].known = false
		}
	}
}
