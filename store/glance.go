package store

// glance is what the log filters by, read off a packed delivery without decoding the rest: no memory is taken, and what
// it points to is good only until the transaction ends.
type glance struct {
	group   uint32
	account []byte
	state   State
	reason  []byte
	updated uint64 // in microseconds
}

// read takes a row as it lies in the ledger, and answers false when it cannot be read so: unframe then says why. The
// order of the fields is that of Delivery.pack; its first ten never change.
func (g *glance) read(v []byte) bool {
	if len(v) < 6 || v[0] != format {
		return false
	}
	p := unpacker{b: v[1 : len(v)-4]}
	n := p.uint()
	if p.bad || n > uint64(len(p.b)) {
		return false
	}
	p.b = p.b[:n]
	p.uint() // wave
	p.uint() // place
	g.group = uint32(p.uint())
	p.uint() // part
	g.account = p.bytes()
	p.uint() // content
	g.state = State(p.uint())
	g.reason = p.bytes()
	p.uint() // not before
	g.updated = p.uint()
	return !p.bad && g.state < states
}
