package store

import "time"

// Made answers when the ledger was made.
func (s *Store) Made() (time.Time, error) {
	m, err := s.readMeta()
	return m.Made, err
}
