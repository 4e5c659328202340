package store

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
