package store

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"time"

	"chunfeng/templates/words"
)

// LogFilter chooses deliveries of the log. The zero LogFilter chooses those of every wave, the answers to residents
// apart.
type LogFilter struct {
	Wave     string    // a wave's id; empty: every wave
	Answers  bool      // the answers to residents too, where Wave is empty
	Counties []string  // codes, of the group's county as the registry has it now; nil: any. A list that is empty and not nil chooses nothing
	Group    uint32    // 0: any
	Account  string    // who has the delivery now; empty: any
	State    *State    // as people see it: what is planned under a held wave is Held, and not Planned
	Reason   Reason    // empty: any
	From, To time.Time // when the delivery last changed: not before From, and before To; zero: whenever
	Limit    int       // rows of a page; 0: 50; at most 1,000
	Cursor   string    // the Next of the page before; empty: the first page
}

// LogRow is one delivery of the log with what a page shows beside it.
type LogRow struct {
	ID       string // as people see it: "2026-012.17"
	Wave     string // the wave's id
	State    State  // as people see it: Held where the delivery is planned and its wave is held
	Delivery Delivery
	Group    Group
}

// LogPage is a part of the log.
type LogPage struct {
	Rows []LogRow
	// Next is the cursor of what lies behind the page; empty at the end of the log.
	Next string
	// Cut tells that the page ended before it was full, because it had looked at as much as one page may: more may match
	// behind Next.
	Cut bool
	// Scanned is how many rows were looked at, whether they matched or not.
	Scanned int
}

// The sizes of a page of the log.
const (
	logLimit = 50
	logMost  = 1000
)

// logBudget is how much one page may look at before it is cut: so many rows one behind the other, which is some 25 ms. A
// row that is looked up by itself costs more of it.
const (
	logBudget  = 300_000
	costLookUp = 10
	costWave   = 20
)

// Log reads a page of the delivery log: the newest wave first, within a wave in the order of place, the answers to
// residents last.
//
// A cursor names the place behind which the page begins. Places never change and nothing is ever put before a place in
// its wave, so a cursor is good for ever: whatever changes state meanwhile, no delivery that matches all the time is
// shown twice or left out. A wave that is opened later stands before the first page. There is no cursor backwards: the
// address of a page holds its own, so that going back in the browser shows the same part again, as it is then.
//
// What cannot match is passed over by the tallies of waves and lanes, by the indexes, and by the summaries of zones. Where
// none of them helps, a page ends after logBudget, with Cut. Every row that is looked at is held against its
// checksum, so that damage cannot hide one: it is an error that names the row (ErrDamaged).
func (s *Store) Log(f LogFilter) (p LogPage, err error) {
	switch {
	case f.Limit <= 0:
		f.Limit = logLimit
	case f.Limit > logMost:
		f.Limit = logMost
	}
	at := logPlace{wave: math.MaxUint32}
	if f.Cursor != "" {
		if at, err = readCursor(f.Cursor); err != nil {
			return p, err
		}
	}
	r := logReader{s: s, f: f, page: &p, left: s.logBudget, age: s.zones.now()}
	r.book = s.book.page.Load()
	err = s.view(func(t *txn) error {
		r.t = t
		empty, err := r.prepare()
		if err != nil || empty {
			return err
		}
		return r.run(at)
	})
	if err != nil {
		return LogPage{}, err
	}
	p.Cut = p.Next != "" && len(p.Rows) < f.Limit
	return p, nil
}

// logPlace is where a page begins: with this row, or the first one behind it.
type logPlace struct{ wave, seq uint32 }

// cursor writes a place so that it can stand in an address.
func (p logPlace) cursor() string {
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, p.wave), p.seq))
}

func readCursor(c string) (logPlace, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(c)
	if err != nil || len(b) != 8 {
		return logPlace{}, words.Refuse("log.bad_cursor", clip(c, 40)).Of(words.Usage)
	}
	return logPlace{u32at(b, 0), u32at(b, 4)}, nil
}
