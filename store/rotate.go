package store

import (
	"context"
	"fmt"
	"time"

	"chunfeng/templates/words"
)

// Keys is how the keys of the ledger stand.
type Keys struct {
	Current  int       `json:"current"`       // the number of the key that seals
	Since    time.Time `json:"since"`         // when it was made
	Old      int       `json:"old,omitempty"` // the key that is being given up; 0: there is none
	Resealed bool      `json:"resealed"`      // nothing is sealed with the old one any more, as far as this program saw
}

// Keys answers how the keys stand.
func (s *Store) Keys() Keys {
	r := s.sealer.ring.Load()
	k := Keys{Current: int(r.current().id), Since: r.current().made, Resealed: true}
	if len(r.keys) > 1 {
		k.Old, k.Resealed = int(r.keys[0].id), s.resealed.Load()
	}
	return k
}

// fixedKey is where the secret of lasting hashes lies once the key that it was derived from may go.
var fixedKey = key("fixed")

// readFixed takes up the secret of lasting hashes, if a rotation has noted it.
func (s *Store) readFixed() error {
	return s.view(func(t *txn) error {
		var r sealedRecord
		found, err := t.get(bMeta, fixedKey, &r)
		if err != nil || !found {
			return err
		}
		b, err := s.sealer.open(bMeta, fixedKey, r.Sealed)
		if err == nil {
			next := *s.sealer.ring.Load()
			next.fixed = b
			s.sealer.ring.Store(&next)
		}
		return err
	})
}

// Rotate makes a new key, which seals from the moment that it returns. The old one stays to open what it sealed: Reseal
// seals that anew, Retire then destroys the old one. It is refused while an earlier rotation is not at its end.
//
// First what must outlive the old key is noted and the trail says who asked; then the key file holds both keys, whole and
// synced; then the new one is used. A crash in between leaves a ledger that opens: with the old key alone, or with both.
func (s *Store) Rotate(who string) (Keys, error) {
	s.rotating.Lock()
	defer s.rotating.Unlock()
	was := s.sealer.ring.Load()
	if len(was.keys) > 1 {
		return s.Keys(), words.Refuse("key.rotating", was.keys[0].id).Of(words.Conflict)
	}
	line := newKeyLine(was.current().id%255 + 1)
	if err := s.noteRotation(line, who); err != nil {
		return s.Keys(), err
	}
	if err := writeKeys(s.dir, []keyLine{was.current().keyLine, line}); err != nil {
		return s.Keys(), err
	}
	err := s.takeKey(line)
	return s.Keys(), err
}

// noteRotation writes down what must outlive the old key, and who asked for the new one.
func (s *Store) noteRotation(line keyLine, who string) error {
	return s.update(housekeeping, func(t *txn) error {
		fixed := s.sealer.seal(bMeta, fixedKey, s.sealer.ring.Load().fixed)
		if err := t.put(bMeta, fixedKey, sealedRecord{fixed, now()}); err != nil {
			return err
		}
		return t.audit(who, "key.rotate", fmt.Sprint(line.id), "")
	})
}

// takeKey has the new key seal from here on. It is a verb of the writer's, so that everything sealed with the old key is on
// disk when it returns, and nothing else will be.
func (s *Store) takeKey(line keyLine) error {
	k, err := newSealKey(line)
	if err != nil {
		return err
	}
	s.resealed.Store(false)
	return s.update(housekeeping, func(t *txn) error {
		was := s.sealer.ring.Load()
		if was.current().id != line.id {
			s.sealer.ring.Store(&ring{keys: []*sealKey{was.current(), k}, fixed: was.fixed})
		}
		t.wakes()
		return nil
	})
}

// How much one commit of Reseal takes: so little that no lane feels it.
const (
	resealRows  = 200
	resealBytes = 1 << 20
)

// Reseal seals everything anew that is still sealed with the old key, in small commits beside the work of the lanes, and
// notes in the trail that it is done. It answers how many records that were, and at once when there is no old key. After a
// crash it is simply called again: what is sealed anew already is passed over.
func (s *Store) Reseal(ctx context.Context) (n int, err error) {
	s.rotating.Lock()
	defer s.rotating.Unlock()
	if k := s.Keys(); k.Old == 0 || k.Resealed {
		return 0, nil
	}
	for _, b := range sealing {
		for from := (key)(nil); ; {
			some, next, err := s.staleRows(b, from)
			if err != nil {
				return n, err
			}
			began := time.Now()
			if len(some) > 0 {
				if err := s.resealRows(b, some); err != nil {
					return n, err
				}
				n += len(some)
			}
			if next == nil {
				break
			}
			from = next
			// Half of the disk's time at most is taken from the others.
			select {
			case <-ctx.Done():
				return n, ctx.Err()
			case <-time.After(time.Since(began)):
			}
		}
	}
	err = s.update(housekeeping, func(t *txn) error {
		return t.audit("", "key.reseal", fmt.Sprint(s.Keys().Current), fmt.Sprintf("%d records", n))
	})
	s.resealed.Store(err == nil)
	return n, err
}

// lookedAt is how many rows one reading transaction looks at.
const lookedAt = 2000

// staleRows answers keys of rows that are sealed with the old key, from a key on, and where to go on; nil at the end.
func (s *Store) staleRows(b bucket, from key) (some []key, next key, err error) {
	err = s.view(func(t *txn) error {
		seen, size := 0, 0
		return t.each(b, nil, from, func(k, v []byte) (bool, error) {
			if seen++; seen > lookedAt || len(some) == resealRows || size > resealBytes {
				next = append(key(nil), k...)
				return false, nil
			}
			record, sealed := sealedIn(b, k)
			if record == nil {
				return true, nil
			}
			if err := decode(b, k, v, record); err != nil {
				return false, err
			}
			if s.sealer.stale(*sealed) {
				some, size = append(some, append(key(nil), k...)), size+len(*sealed)
			}
			return true, nil
		})
	})
	return some, next, err
}

func (s *Store) resealRows(b bucket, rows []key) error {
	return s.update(housekeeping, func(t *txn) error {
		for _, k := range rows {
			if err := t.reseal(b, k); err != nil {
				return err
			}
		}
		return nil
	})
}

// reseal seals one row anew, unless somebody wrote or removed it meanwhile.
func (t *txn) reseal(b bucket, k key) error {
	record, sealed := sealedIn(b, k)
	if found, err := t.get(b, k, record); err != nil || !found || !t.s.sealer.stale(*sealed) {
		return err
	}
	if b == bSignups {
		return t.resealSignup(u64at(k, 0))
	}
	plain, err := t.s.sealer.open(b, k, *sealed)
	if err != nil {
		return err
	}
	*sealed = t.s.sealer.seal(b, k, plain)
	return t.put(b, k, record)
}

// resealSignup moves a sign-up to the new key's hash with it: at every commit it is found by one of the two.
func (t *txn) resealSignup(number uint64) error {
	n, err := t.signup(number)
	if err != nil {
		return err
	}
	if n.Lookup != nil {
		if err := t.del(bByPhone, append(key(nil), n.Lookup...).u64(number)); err != nil {
			return err
		}
		n.Lookup = t.s.sealer.hash("phone\x00" + n.Phone.Reveal())
		if err := t.set(bByPhone, append(key(nil), n.Lookup...).u64(number), nil); err != nil {
			return err
		}
	}
	return t.putSignup(n)
}

// Retire destroys the old key once nothing is sealed with it: what lies in freed pages of the file, in earlier copies of
// the database and in what a disk keeps of them cannot be read from then on, unless somebody has kept the old key file. It
// is refused while there is something left to seal anew.
func (s *Store) Retire(who string) (Keys, error) {
	s.rotating.Lock()
	defer s.rotating.Unlock()
	was := s.sealer.ring.Load()
	if len(was.keys) < 2 {
		return s.Keys(), words.Refuse("key.single", was.current().id).Of(words.Conflict)
	}
	left, err := s.countStale()
	if err != nil {
		return s.Keys(), err
	}
	if left > 0 {
		return s.Keys(), words.Refuse("key.in_use", was.keys[0].id, left).Of(words.Later)
	}
	// Said before it is done: what destroys is never without a line.
	err = s.update(housekeeping, func(t *txn) error { return t.audit(who, "key.retire", fmt.Sprint(was.keys[0].id), "") })
	if err != nil {
		return s.Keys(), err
	}
	if err := writeKeys(s.dir, []keyLine{was.current().keyLine}); err != nil {
		return s.Keys(), err
	}
	s.sealer.ring.Store(&ring{keys: []*sealKey{was.current()}, fixed: was.fixed})
	return s.Keys(), nil
}

// countStale counts what is still sealed with the old key.
func (s *Store) countStale() (n int, err error) {
	for _, b := range sealing {
		for from := (key)(nil); ; {
			some, next, err := s.staleRows(b, from)
			if err != nil {
				return n, err
			}
			n += len(some)
			if next == nil {
				break
			}
			from = next
		}
	}
	return n, nil
}
