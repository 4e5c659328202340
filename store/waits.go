package store

import (
	"maps"
	"time"
)

// Waits counts the commits that wrote the review queue or gaps, since the ledger was opened. Who counts what waits for a
// person need not count again while it stays.
func (s *Store) Waits() uint64 { return s.waits.Load() }

// InReview is what of the review queue came from one county.
type InReview struct {
	Count  int
	Newest time.Time // when the newest of them was received
}

// Review counts the replies that wait for a person by their group's county, "" for groups that are not known. Nothing
// sealed is opened.
func (s *Store) Review() (map[string]InReview, error) {
	out, county := map[string]InReview{}, s.County()
	err := s.view(func(t *txn) error {
		return t.each(bReview, nil, nil, func(k, _ []byte) (bool, error) {
			var r Reply
			if _, err := t.get(bReplies, key(k), &r); err != nil {
				return false, err
			}
			of := county(r.Group)
			n := out[of]
			if n.Count++; r.At.After(n.Newest) {
				n.Newest = r.At
			}
			out[of] = n
			return true, nil
		})
	})
	return out, err
}

// County answers what tells the county of a group by its number, as the registry has it at this moment; "" where the group
// is not known. It costs no transaction.
func (s *Store) County() func(group uint32) string {
	p := s.book.page.Load()
	names := make([]string, len(p.ids)+1)
	for name, id := range maps.All(p.ids) {
		names[id] = name
	}
	return func(group uint32) string { return names[p.number(group)] }
}
