package store

// The counters of a wave and of its lanes change with every verb, and many verbs share a commit: within a transaction
// they are changed in memory and written once, before it is committed. Who reads them in the same transaction reads
// these.
type counts struct {
	tallies map[uint32]*Tally
	lanes   map[[2]uint32]*Lane
}

// tally answers a wave's counters, to be changed in place.
func (t *txn) tally(wave uint32) (*Tally, error) {
	if c := t.counts.tallies[wave]; c != nil {
		return c, nil
	}
	c := &Tally{}
	if _, err := t.get(bTallies, k32(wave), c); err != nil {
		return nil, err
	}
	if t.counts.tallies == nil {
		t.counts.tallies = map[uint32]*Tally{}
	}
	t.counts.tallies[wave] = c
	t.writes++
	return c, nil
}

// lane answers an account's share of a wave, to be changed in place; a new one when the account had none.
func (t *txn) lane(wave, number uint32, account string) (*Lane, error) {
	k := [2]uint32{wave, number}
	if l := t.counts.lanes[k]; l != nil {
		return l, nil
	}
	l := &Lane{Wave: wave, Account: account}
	if _, err := t.get(bLanes, k32(wave, number), l); err != nil {
		return nil, err
	}
	if t.counts.lanes == nil {
		t.counts.lanes = map[[2]uint32]*Lane{}
	}
	t.counts.lanes[k] = l
	t.writes++
	return l, nil
}

// writeCounts puts the counters into the transaction.
func (t *txn) writeCounts() error {
	for wave, c := range t.counts.tallies {
		if err := t.put(bTallies, k32(wave), c); err != nil {
			return err
		}
	}
	for k, l := range t.counts.lanes {
		if err := t.put(bLanes, k32(k[0], k[1]), l); err != nil {
			return err
		}
	}
	return nil
}
