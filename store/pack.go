package store

import (
	"encoding/binary"
	"errors"
	"time"
)

// The records that change with every message are packed by hand: a delivery in a fifth of the time of a general
// encoding, and in half the bytes. A packed record is its length and its fields in a fixed order; a later version adds
// fields at the end, and a record that ends before a field leaves it zero.

// packed is a record that packs itself.
type packed interface {
	pack(p *packer)
	unpack(p *unpacker)
}

type packer struct{ b []byte }

func (p *packer) uint(n uint64)      { p.b = binary.AppendUvarint(p.b, n) }
func (p *packer) time(t time.Time)   { p.uint(micros(t)) }
func (p *packer) str(s string)       { p.uint(uint64(len(s))); p.b = append(p.b, s...) }
func (p *packer) bits(flags ...bool) { p.uint(flagBits(flags)) }
func (p *packer) counts(c Tally) {
	p.uint(uint64(len(c)))
	for _, n := range c {
		p.uint(uint64(n))
	}
}

func flagBits(flags []bool) (n uint64) {
	for i, f := range flags {
		if f {
			n |= 1 << i
		}
	}
	return n
}

// unpacker walks over packed fields. Behind the end it reads zero.
type unpacker struct {
	b   []byte
	bad bool
}

func (p *unpacker) uint() uint64 {
	if len(p.b) == 0 {
		return 0
	}
	if c := p.b[0]; c < 0x80 {
		p.b = p.b[1:]
		return uint64(c)
	}
	v, n := binary.Uvarint(p.b)
	if n <= 0 {
		p.bad, p.b = true, nil
		return 0
	}
	p.b = p.b[n:]
	return v
}

func (p *unpacker) time() time.Time {
	if n := p.uint(); n > 0 {
		return time.UnixMicro(int64(n))
	}
	return time.Time{}
}

// bytes answers a text where it lies: it is good as long as what is unpacked.
func (p *unpacker) bytes() []byte {
	n := p.uint()
	if n > uint64(len(p.b)) {
		p.bad, p.b = true, nil
		return nil
	}
	b := p.b[:n]
	p.b = p.b[n:]
	return b
}

func (p *unpacker) str() string { return string(p.bytes()) }

func (p *unpacker) bits(flags ...*bool) {
	n := p.uint()
	for i, f := range flags {
		*f = n&(1<<i) != 0
	}
}

func (p *unpacker) counts() (c Tally) {
	n := p.uint()
	if n > uint64(len(p.b)) {
		p.bad = true
		return c
	}
	for i := range n {
		if v := int(p.uint()); i < uint64(len(c)) {
			c[i] = v
		}
	}
	return c
}

var errUnpack = errors.New("a packed record is cut short")

func packRecord(r packed) []byte {
	p := packer{make([]byte, 0, 192)}
	r.pack(&p)
	return append(binary.AppendUvarint(make([]byte, 0, len(p.b)+3), uint64(len(p.b))), p.b...)
}

func unpackRecord(b []byte, r packed) error {
	n, k := binary.Uvarint(b)
	if k <= 0 || n > uint64(len(b)-k) {
		return errUnpack
	}
	p := unpacker{b: b[k : k+int(n)]}
	if r.unpack(&p); p.bad {
		return errUnpack
	}
	return nil
}

func (d *Delivery) pack(p *packer) {
	p.uint(uint64(d.Wave))
	p.uint(uint64(d.Seq))
	p.uint(uint64(d.Group))
	p.uint(uint64(d.Part))
	p.str(d.Account)
	p.uint(uint64(d.Content))
	p.uint(uint64(d.State))
	p.str(string(d.Reason))
	p.time(d.After)
	p.time(d.Updated)
	p.uint(d.Reply)
	p.str(string(d.Kind))
	p.str(d.Note)
	p.bits(d.Queued, d.Canary)
	p.uint(uint64(len(d.Attempts)))
	for _, a := range d.Attempts {
		p.uint(uint64(a.ClientID))
		p.str(a.Account)
		p.time(a.At)
		p.time(a.Ended)
		p.uint(uint64(a.Outcome))
		p.str(string(a.Reason))
		p.str(a.ServerID)
		p.str(a.Detail)
		p.uint(uint64(a.Content))
	}
}

// roomForAttempt is what a packed attempt needs that the server took, the account's name apart: client id 9 bytes, two
// times of 8, server id of 19 digits and its length, content 3, and one each for five short or empty fields.
const roomForAttempt = 9 + 2*8 + 20 + 3 + 5

func (d *Delivery) unpack(p *unpacker) {
	d.Wave, d.Seq, d.Group, d.Part = uint32(p.uint()), uint32(p.uint()), uint32(p.uint()), uint8(p.uint())
	d.Account, d.Content, d.State, d.Reason = p.str(), uint32(p.uint()), State(p.uint()), Reason(p.str())
	d.After, d.Updated, d.Reply = p.time(), p.time(), p.uint()
	d.Kind, d.Note = Kind(p.str()), p.str()
	p.bits(&d.Queued, &d.Canary)
	n := p.uint()
	p.bad = p.bad || n > uint64(len(p.b)) || d.State >= states
	if p.bad {
		return
	}
	d.Attempts = nil
	if n > 0 {
		d.Attempts = make([]Attempt, n, n+1)
	}
	for i := range d.Attempts {
		a := &d.Attempts[i]
		a.ClientID, a.Account, a.At, a.Ended = int64(p.uint()), p.str(), p.time(), p.time()
		a.Outcome, a.Reason, a.ServerID, a.Detail, a.Content = Outcome(p.uint()), Reason(p.str()), p.str(), p.str(), uint32(p.uint())
	}
}

func (c *Tally) pack(p *packer)     { p.counts(*c) }
func (c *Tally) unpack(p *unpacker) { *c = p.counts() }

func (l *Lane) pack(p *packer) {
	p.uint(uint64(l.Wave))
	p.str(l.Account)
	p.uint(uint64(l.From))
	p.uint(uint64(l.To))
	p.uint(uint64(l.Next))
	p.counts(l.Counts)
	p.time(l.FirstAt)
	p.time(l.LastAt)
	p.uint(uint64(l.Pictures))
}

func (l *Lane) unpack(p *unpacker) {
	l.Wave, l.Account, l.From, l.To, l.Next = uint32(p.uint()), p.str(), uint32(p.uint()), uint32(p.uint()), uint32(p.uint())
	l.Counts, l.FirstAt, l.LastAt, l.Pictures = p.counts(), p.time(), p.time(), int(p.uint())
}
