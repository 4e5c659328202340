package store

import (
	"bytes"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"
)

// txn is a transaction of the ledger. It counts its writes, so that a verb that refused before it wrote can be answered
// without undoing the others in the same commit.
type txn struct {
	*bolt.Tx
	s      *Store
	writes int
	after  []func()         // run when the commit is on disk
	b      [64]*bolt.Bucket // opened buckets, by index
	woken  bool
	counts counts
	moved  map[Moved]uint64

	registry bool // groups, bindings or sketches were written
	waits    bool // the review queue or gaps were written
}

func (t *txn) in(b bucket) *bolt.Bucket {
	i := t.s.index[b]
	if t.b[i] == nil {
		t.b[i] = t.Bucket([]byte(b))
		if b.ordered() {
			t.b[i].FillPercent = brim
		}
	}
	return t.b[i]
}

// get decodes a record; found is false where there is none.
func (t *txn) get(b bucket, k key, record any) (found bool, err error) {
	v := t.in(b).Get(k)
	if v == nil {
		return false, nil
	}
	err = decode(b, k, v, record)
	return err == nil, err
}

// need decodes a record; where there is none it refuses, by the kind of thing and its name.
func (t *txn) need(b bucket, k key, record any, what, name string) error {
	found, err := t.get(b, k, record)
	if err == nil && !found {
		err = notFound(what, name)
	}
	return err
}

// decode reads a record of a bucket; what is wrong with it is told with its place.
func decode(b bucket, k, v []byte, record any) error {
	if err := unframe(k, v, record); err != nil {
		return damaged(b, k, err)
	}
	return nil
}

func damaged(b bucket, k []byte, err error) error { return fmt.Errorf("%s %x: %w", b, k, err) }

func (t *txn) put(b bucket, k key, record any) error {
	step := 0
	if d, ok := record.(*Delivery); ok {
		step = grain
		t.s.zones.note(d, t.s.book.page.Load().mark(d.Group), t.ID())
	}
	v, err := frame(k, record, step)
	if err != nil {
		return err
	}
	return t.set(b, k, v)
}

// set writes raw bytes: an index entry.
func (t *txn) set(b bucket, k key, v []byte) error {
	t.writes++
	t.registry, t.waits = t.registry || b.registry(), t.waits || b.waits()
	return t.in(b).Put(k, v)
}

func (t *txn) del(b bucket, k key) error {
	t.writes++
	t.registry, t.waits = t.registry || b.registry(), t.waits || b.waits()
	return t.in(b).Delete(k)
}

// next gives the next number of a table, from 1.
func (t *txn) next(b bucket) (uint64, error) {
	t.writes++
	return t.in(b).NextSequence()
}

// each walks the keys that begin with prefix, from the key from on when that is not nil.
func (t *txn) each(b bucket, prefix, from key, visit func(k, v []byte) (more bool, err error)) error {
	c := t.in(b).Cursor()
	start := prefix
	if from != nil {
		start = from
	}
	for k, v := c.Seek(start); k != nil && bytes.HasPrefix(k, prefix); k, v = c.Next() {
		more, err := visit(k, v)
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// eachBack walks the keys that begin with prefix from the last to the first, only those before the key before when
// that is not nil.
func (t *txn) eachBack(b bucket, prefix, before key, visit func(k, v []byte) (more bool, err error)) error {
	c := t.in(b).Cursor()
	end := []byte(before)
	if before == nil {
		end = upTo(prefix)
	}
	var k, v []byte
	if end == nil {
		k, v = c.Last()
	} else if k, v = c.Seek(end); k == nil {
		k, v = c.Last()
	}
	if k != nil && end != nil && bytes.Compare(k, end) >= 0 {
		k, v = c.Prev()
	}
	for ; k != nil && bytes.HasPrefix(k, prefix); k, v = c.Prev() {
		more, err := visit(k, v)
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// now is the time of a commit, as precise as it is stored.
func now() time.Time { return time.Now().Truncate(time.Microsecond) }

// view runs a reading transaction.
func (s *Store) view(fn func(*txn) error) error {
	return s.db.View(func(tx *bolt.Tx) error { return fn(&txn{Tx: tx, s: s}) })
}

// eachPage visits page after page until a page is empty or visit answers false. Each is read in a transaction of its own,
// so that a slow visitor holds nothing up.
func eachPage[T any](s *Store, visit func(T) bool, read func(*txn) ([]T, error)) error {
	for {
		var page []T
		err := s.view(func(t *txn) (err error) { page, err = read(t); return err })
		if err != nil || len(page) == 0 {
			return err
		}
		for _, one := range page {
			if !visit(one) {
				return nil
			}
		}
	}
}

// records decodes every record under a prefix.
func records[T any](t *txn, b bucket, prefix key) ([]T, error) {
	var out []T
	err := t.each(b, prefix, nil, func(k, v []byte) (bool, error) {
		var r T
		if err := decode(b, k, v, &r); err != nil {
			return false, err
		}
		out = append(out, r)
		return true, nil
	})
	return out, err
}
