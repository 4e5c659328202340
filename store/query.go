package store

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ID is the delivery's id by numbers, for logs and the check; people see DeliveryID.
func (d Delivery) ID() string { return fmt.Sprintf("%d.%d", d.Wave, d.Seq) }

// DeliveryID is the id that people see: the wave's id and the place in it, "2026-012.17".
func DeliveryID(waveID string, seq uint32) string { return fmt.Sprintf("%s.%d", waveID, seq) }

// page reads deliveries in the order of their keys.
func (t *txn) page(prefix, from key, limit int) (out []Delivery, err error) {
	err = t.each(bDeliveries, prefix, from, func(k, v []byte) (bool, error) {
		var d Delivery
		if err := decode(bDeliveries, k, v, &d); err != nil {
			return false, err
		}
		out = append(out, d)
		return len(out) < limit, nil
	})
	return out, err
}

// marked reads deliveries of a wave in one of the states that have an index.
func (t *txn) marked(wave uint32, s State, from *uint32, limit int) (out []Delivery, err error) {
	var start key
	if from != nil {
		start = k32(wave).u8(uint8(s)).u32(*from)
	}
	err = t.each(bMarked, k32(wave).u8(uint8(s)), start, func(k, _ []byte) (bool, error) {
		d, err := t.delivery(wave, u32at(k, 5))
		out = append(out, d)
		return len(out) < limit, err
	})
	return out, err
}

// Delivery answers a delivery by the id that people see.
func (s *Store) Delivery(id string) (d Delivery, err error) {
	waveID, seq, ok := cutID(id)
	if !ok {
		return d, notFound("delivery", id)
	}
	err = s.view(func(t *txn) error {
		n, err := t.waveNumber(waveID)
		if err != nil {
			return notFound("delivery", id)
		}
		if d, err = t.delivery(n, seq); err != nil {
			return notFound("delivery", id)
		}
		return nil
	})
	return d, err
}

func cutID(id string) (wave string, seq uint32, ok bool) {
	wave, rest, ok := strings.Cut(id, ".")
	n, err := strconv.ParseUint(rest, 10, 32)
	return wave, uint32(n), ok && err == nil
}

// Filter chooses deliveries of one wave. The zero Filter chooses all of them.
type Filter struct {
	State   *State
	Account string
	Group   uint32 // 0: any
	Part    uint8  // 0: any
	After   uint32 // the page begins behind this place
	Start   bool   // the page begins with the wave's first; After means nothing
	Limit   int    // 0: 50
}

// look is how many rows one page may look at before it ends short: a page stays quick however rare what it seeks is.
const look = 20000

// Page is a part of a listing. Next is the Filter.After of the page behind it; More says that there may be one.
type Page struct {
	Deliveries []Delivery
	Next       uint32
	More       bool
}

// Deliveries reads a page of a wave's deliveries in the order of their places. A page may be short, even empty, and More
// still true: ask again from Next.
func (s *Store) Deliveries(wave uint32, f Filter) (p Page, err error) {
	if f.Limit <= 0 {
		f.Limit = 50
	}
	from := f.After + 1
	if f.Start {
		from = 0
	}
	seen := 0
	take := func(d Delivery) bool {
		seen++
		p.Next = d.Seq
		if f.matches(d) {
			p.Deliveries = append(p.Deliveries, d)
		}
		p.More = len(p.Deliveries) == f.Limit || seen == look
		return !p.More
	}
	err = s.view(func(t *txn) error {
		switch {
		case f.Group != 0:
			return t.each(bHistory, k32(f.Group, wave), k32(f.Group, wave, from), func(k, _ []byte) (bool, error) {
				d, err := t.delivery(wave, u32at(k, 8))
				return err == nil && take(d), err
			})
		case f.State != nil && hasIndex(*f.State):
			return t.each(bMarked, k32(wave).u8(uint8(*f.State)), k32(wave).u8(uint8(*f.State)).u32(from), func(k, _ []byte) (bool, error) {
				d, err := t.delivery(wave, u32at(k, 5))
				return err == nil && take(d), err
			})
		}
		return t.each(bDeliveries, k32(wave), k32(wave, from), func(k, v []byte) (bool, error) {
			var d Delivery
			if err := decode(bDeliveries, k, v, &d); err != nil {
				return false, err
			}
			return take(d), nil
		})
	})
	return p, err
}

func (f Filter) matches(d Delivery) bool {
	return (f.State == nil || d.State == *f.State || *f.State == Held && d.State == Planned) &&
		(f.Account == "" || d.Account == f.Account) && (f.Group == 0 || d.Group == f.Group) &&
		(f.Part == 0 || d.Part == f.Part)
}

func hasIndex(s State) bool {
	switch s {
	case Failed, Unknown, Skipped, Cancelled, Recalled:
		return true
	}
	return false
}

// History lists what a group was to be told since a time, the newest first: every delivery with its state. Answers to
// its residents are not among them, nor is anything of a wave that was opened a season (100 days) before that time.
func (s *Store) History(group uint32, since time.Time) (out []Delivery, err error) {
	err = s.view(func(t *txn) error { out, err = t.history(group, since); return err })
	return out, err
}

// season is how long no wave lasts.
const season = 100 * 24 * time.Hour

func (t *txn) history(group uint32, since time.Time) (out []Delivery, err error) {
	err = t.eachBack(bHistory, k32(group), nil, func(k, _ []byte) (bool, error) {
		wave := u32at(k, 4)
		if wave == Answers {
			return false, nil // the lowest of the numbers: nothing but answers is left, and they may be thousands
		}
		d, err := t.delivery(wave, u32at(k, 8))
		if err != nil {
			return false, err
		}
		if d.Updated.Before(since) {
			// An older wave may have come to the group later than a younger one.
			w, err := t.waveRecord(wave)
			return err == nil && !w.OpenedAt.Before(since.Add(-season)), err
		}
		out = append(out, d)
		return true, nil
	})
	return out, err
}

// AcceptedSince lists the deliveries of an account ("": of all) to a group (0: to all) that were accepted since a time and are not yet
// confirmed, the newest first: what a notice in that chat can be about.
func (s *Store) AcceptedSince(account string, group uint32, since time.Time) (out []Delivery, err error) {
	err = s.view(func(t *txn) error {
		return t.eachBack(bAccepted, nil, nil, func(k, _ []byte) (bool, error) {
			if time.UnixMicro(int64(u64at(k, 0))).Before(since) {
				return false, nil
			}
			d, err := t.delivery(u32at(k, 8), u32at(k, 12))
			if err == nil && (account == "" || d.Account == account) && (group == 0 || d.Group == group) {
				out = append(out, d)
			}
			return err == nil, err
		})
	})
	return out, err
}

// SentSince lists a wave's deliveries that were taken since a time: what can still be recalled.
func (s *Store) SentSince(wave uint32, since time.Time) (out []Delivery, err error) {
	lanes, err := s.Lanes(wave)
	if err != nil {
		return nil, err
	}
	// What went out from the queue lies anywhere: as long as it is not confirmed it is found among the accepted.
	accepted, err := s.AcceptedSince("", 0, since)
	if err != nil {
		return nil, err
	}
	seen := map[uint32]bool{}
	for _, d := range accepted {
		if d.Wave == wave {
			seen[d.Seq] = true
			out = append(out, d)
		}
	}
	for _, l := range lanes {
		// A lane sends in the order of its run: the recent ones lie just before its position.
		err := s.view(func(t *txn) error {
			return t.eachBack(bDeliveries, k32(wave), k32(wave, l.Next), func(k, v []byte) (bool, error) {
				var d Delivery
				if err := decode(bDeliveries, k, v, &d); err != nil {
					return false, err
				}
				if d.Seq < l.From {
					return false, nil
				}
				if d.State == Accepted || d.State == Sent {
					if d.Attempts[len(d.Attempts)-1].At.Before(since) {
						return false, nil
					}
					if !seen[d.Seq] {
						out = append(out, d)
					}
				}
				return true, nil
			})
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// parseNumber takes "N12" or "12".
func parseNumber(id string) (uint64, bool) {
	n, err := strconv.ParseUint(strings.TrimLeft(id, "NnRr"), 10, 64)
	return n, err == nil
}
