package store

import (
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Imported counts what an import of the registry did.
type Imported struct {
	Added     int `json:"added"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
}

// PutGroups adds groups by their code and brings known ones up to the given values; state and pairing phrase of a known
// group stay. All or none.
func (s *Store) PutGroups(groups []Group, who string) (n Imported, err error) {
	err = s.update(housekeeping, func(t *txn) error {
		n = Imported{}
		counties, moved := map[uint32]string{}, false
		for _, g := range groups {
			if num := t.in(bGroupCodes).Get([]byte(g.Code)); num != nil {
				var old Group
				if _, err := t.get(bGroups, key(num), &old); err != nil {
					return err
				}
				g.Number, g.State, g.StateWhy, g.Pairing, g.Updated, g.Without = old.Number, old.State, old.StateWhy, old.Pairing, old.Updated, old.Without
				if reflect.DeepEqual(normal(g), normal(old)) {
					n.Unchanged++
					continue
				}
				n.Changed++
				if g.County != old.County {
					counties[g.Number], moved = g.County, true
				}
			} else {
				seq, err := t.next(bGroups)
				if err != nil {
					return err
				}
				g.Number, g.State, n.Added = uint32(seq), GroupActive, n.Added+1
				g.Pairing = g.Code + "-" + phrase()
				counties[g.Number] = g.County
				if err := t.set(bGroupCodes, key(g.Code), k32(g.Number)); err != nil {
					return err
				}
				if err := t.set(bPhrases, key(strings.ToUpper(g.Pairing)), k32(g.Number)); err != nil {
					return err
				}
			}
			g.Updated = now()
			if err := t.put(bGroups, k32(g.Number), g); err != nil {
				return err
			}
		}
		t.wakes()
		t.after = append(t.after, func() { t.s.noteCounties(counties, moved) })
		return t.audit(who, "group.import", "", fmt.Sprintf("%d added, %d changed", n.Added, n.Changed))
	})
	return n, err
}

func normal(g Group) Group {
	if len(g.Tags) == 0 {
		g.Tags = nil
	}
	return g
}

// phrase makes the secret half of a pairing phrase: five characters that cannot be mistaken for one another.
func phrase() string {
	b := make([]byte, 4)
	rand.Read(b)
	return base32.NewEncoding("23456789ABCDEFGHJKLMNPQRSTUVWXYZ").EncodeToString(b)[:5]
}

// Group answers a group by its code.
func (s *Store) Group(code string) (g Group, err error) {
	err = s.view(func(t *txn) error { g, err = t.groupOf(code); return err })
	return g, err
}

func (t *txn) groupOf(code string) (g Group, err error) {
	num := t.in(bGroupCodes).Get([]byte(code))
	if num == nil {
		return g, notFound("group", code)
	}
	_, err = t.get(bGroups, key(num), &g)
	return g, err
}

// GroupNumber answers a group by its number in the ledger.
func (s *Store) GroupNumber(n uint32) (g Group, err error) {
	err = s.view(func(t *txn) error { return t.need(bGroups, k32(n), &g, "group", fmt.Sprint(n)) })
	return g, err
}

// GroupByPhrase answers the group that a pairing phrase belongs to.
func (s *Store) GroupByPhrase(phrase string) (g Group, found bool, err error) {
	err = s.view(func(t *txn) error {
		num := t.in(bPhrases).Get([]byte(strings.ToUpper(phrase)))
		if num == nil {
			return nil
		}
		found, err = t.get(bGroups, key(num), &g)
		return err
	})
	return g, found, err
}

// EachGroup visits every group in the order of import, in short transactions of a thousand, so that a slow visitor holds
// nothing up. It ends when visit answers false.
func (s *Store) EachGroup(visit func(Group) bool) error {
	from := uint32(0)
	return eachPage(s, visit, func(t *txn) (page []Group, err error) {
		err = t.each(bGroups, nil, k32(from), func(k, v []byte) (bool, error) {
			var g Group
			if err := decode(bGroups, k, v, &g); err != nil {
				return false, err
			}
			page, from = append(page, g), g.Number+1
			return len(page) < 1000, nil
		})
		return page, err
	})
}

// SetGroup moves a group to a state with the reason for people.
func (s *Store) SetGroup(code string, state GroupState, why, who string) (g Group, err error) {
	err = s.update(housekeeping, func(t *txn) error {
		if g, err = t.groupOf(code); err != nil {
			return err
		}
		return t.setGroup(&g, state, why, who)
	})
	return g, err
}

func (t *txn) setGroup(g *Group, state GroupState, why, who string) error {
	if g.State == state && (state != GroupActive || len(g.Without) == 0) {
		return nil
	}
	if g.State, g.StateWhy, g.Updated = state, why, now(); state == GroupActive {
		g.Without = nil
	}
	if err := t.put(bGroups, k32(g.Number), g); err != nil {
		return err
	}
	t.wakes()
	return t.audit(who, "group."+string(state), g.Code, why)
}

// LeaveOut has a group left out of kinds of notice, by their templates' names, beside those that it is left out of already.
// Resuming the group lifts it.
func (s *Store) LeaveOut(code string, kinds []string, why, who string) (g Group, err error) {
	err = s.update(housekeeping, func(t *txn) error {
		if g, err = t.groupOf(code); err != nil {
			return err
		}
		before := len(g.Without)
		for _, k := range kinds {
			if !slices.Contains(g.Without, k) {
				g.Without = append(g.Without, k)
			}
		}
		if len(g.Without) == before {
			return nil
		}
		g.StateWhy, g.Updated = why, now()
		if err := t.put(bGroups, k32(g.Number), g); err != nil {
			return err
		}
		t.wakes()
		return t.audit(who, "group.leave_out", g.Code, strings.Join(kinds, " ")+": "+why)
	})
	return g, err
}
