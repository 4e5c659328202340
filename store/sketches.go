package store

import "slices"

// Learned is a sketch with the chat that it was learned from.
type Learned struct {
	UserName string
	Sketch   Sketch
}

// SaveSketch remembers how to know groups again, as an account's session saw them. What was learned from a chat that the
// group is not bound to any more is left out: a person may have said meanwhile that it is another one. What persons ruled
// out stays as it is.
func (s *Store) SaveSketch(account, epoch string, learned ...Learned) error {
	return s.update(housekeeping, func(t *txn) error {
		a, err := t.session(account, epoch)
		if err != nil {
			return err
		}
		for _, l := range learned {
			b, found, err := t.binding(a, l.Sketch.Group)
			if err != nil {
				return err
			}
			if !found || b.State != Bound || b.UserName != l.UserName {
				continue
			}
			var old Sketch
			if _, err := t.get(bSketches, k32(l.Sketch.Group), &old); err != nil {
				return err
			}
			l.Sketch.Not = old.Not
			if err := t.put(bSketches, k32(l.Sketch.Group), l.Sketch); err != nil {
				return err
			}
		}
		return nil
	})
}

// notMost is how many names of chats that persons ruled out are remembered of a group, the newest first.
const notMost = 8

// unlearn forgets how a group was known, after a person's decision: it may have been learned from a chat that is not the
// group. Names that were ruled out are remembered, so that a name alone does not bind the group to such a chat again.
func (t *txn) unlearn(group uint32, not []string) error {
	var k Sketch
	found, err := t.get(bSketches, k32(group), &k)
	if err != nil || !found && len(not) == 0 {
		return err
	}
	k = Sketch{Group: group, Not: k.Not}
	for _, n := range not {
		k.Not = append([]string{n}, slices.DeleteFunc(k.Not, func(old string) bool { return old == n })...)
	}
	if k.Not = k.Not[:min(len(k.Not), notMost)]; len(k.Not) == 0 {
		return t.del(bSketches, k32(group))
	}
	return t.put(bSketches, k32(group), k)
}

// Sketches answers what is remembered of every group, by group.
func (s *Store) Sketches() (map[uint32]Sketch, error) {
	out := map[uint32]Sketch{}
	err := s.view(func(t *txn) error {
		all, err := records[Sketch](t, bSketches, nil)
		for _, k := range all {
			out[k.Group] = k
		}
		return err
	})
	return out, err
}

// HashName is the keyed hash under which a member's name is remembered in a sketch: the name itself is not kept, so the
// hash stays the same through every rotation.
func (s *Store) HashName(name string) uint64 { return u64at(s.sealer.lasting("name\x00"+name), 0) }
