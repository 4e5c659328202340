package store

import "errors"

// ShrinkLog has the log work with stretches and pages of a few rows, so that small ledgers reach what large ones do. What
// was summarised before is forgotten.
func (s *Store) ShrinkLog(stretch uint32, budget int) {
	s.zones.rows, s.zones.waves, s.logBudget = stretch, nil, budget
}

// Alike answers a name that a summary cannot tell from another.
func Alike(name, prefix string) string {
	for n := 0; ; n++ {
		if like := prefix + string(rune('a'+n%26)) + string(rune('a'+n/26)); nameBit(like) == nameBit(name) {
			return like
		}
	}
}

// Schema answers the schema of the tables that this program writes.
func (s *Store) Schema() int { return schema }

// AsNewer marks the ledger of a folder as one that a newer program wrote.
func AsNewer(dir string) error {
	s, err := Open(Options{Dir: dir, MapSize: 1 << 24})
	if err != nil {
		return err
	}
	err = s.update(housekeeping, func(t *txn) error {
		var m meta
		if _, err := t.get(bMeta, key("meta"), &m); err != nil {
			return err
		}
		m.Schema = schema + 1
		return t.put(bMeta, key("meta"), m)
	})
	return errors.Join(err, s.Close())
}
