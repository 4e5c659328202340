package api

import (
	"sync"
	"time"
)

// counted keeps what a walk through the ledger found until the ledger says that it may have changed. A walk that took long
// is not made again at once even then: it is good for twenty times as long as it took, so that pages that are made anew
// each second take a twentieth of a core at most, however large the registry; a small one is always counted as it is.
type counted[T any] struct {
	mu    sync.Mutex
	have  bool
	of    [2]uint64 // the ledger's generations when it was counted
	until time.Time
	value T
}

// quickWalk is how long a walk may take that is made again whenever something changed.
const quickWalk = 5 * time.Millisecond

// get answers what was counted, or counts it. of are the generations, read before it is called: what changes after that
// is counted the next time.
func (c *counted[T]) get(of [2]uint64, count func() (T, error)) (T, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	begun := time.Now()
	if c.have && (of == c.of || begun.Before(c.until)) {
		return c.value, nil
	}
	v, err := count()
	if err != nil {
		return v, err
	}
	c.have, c.of, c.value, c.until = true, of, v, begun
	if took := time.Since(begun); took > quickWalk {
		c.until = begun.Add(20 * took)
	}
	return v, nil
}
