package store

import (
	"time"
)

// Made answers when the ledger was made.
func (s *Store) Made() (time.Time, error) {
	m, err := s.readMeta()
	return m.Made, err
}

// LastNoted answers the time of the newest line of the audit trail or of the newest reply, whichever is later: a clock that is
// before it was put back.
func (s *Store) LastNoted() (at time.Time, err error) {
	err = s.view(func(t *txn) error {
		at = t.lastEvent().At
		return t.eachBack(bReplies, nil, nil, func(k, v []byte) (bool, error) {
			var r Reply
			if err := decode(bReplies, k, v, &r); err != nil {
				return false, err
			}
			if r.At.After(at) {
				at = r.At
			}
			return false, nil
		})
	})
	return at, err
}
