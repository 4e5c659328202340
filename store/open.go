package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"chunfeng/templates/words"
)

// chunk is how many rows of a wave are written in one commit while it opens: a million must not lie in memory at once.
const chunk = 5000

// Row is one delivery of a wave that opens.
type Row struct {
	Group   uint32
	Part    uint8
	Account string
	Content string // the hash of one of the opening's contents; empty for what is skipped
	Kind    Kind
	Skip    Reason // not empty: it is skipped, and why
	Canary  bool
}

// Opening is what an approved wave becomes.
type Opening struct {
	Wave      string
	Hash      string // the hash that was approved: another one is refused
	HoldUntil time.Time
	Expires   time.Time
	Forecast  time.Time // when it will be done, for whoever watches whether it is behind; zero: nobody reckoned
	Contents  []Content
	Rows      iter.Seq[Row] // the rows of one account one behind the other, in the order in which they go out
}

// HashContent is the hash by which a content is known.
func HashContent(kind Kind, name string, body []byte) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%s\x00", kind, name)
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

// OpenWave writes every delivery of an approved wave and then lets it hold or run. Until its last commit nothing of it is
// to be seen or claimed; an error or a crash before that leaves an approved wave that is opened again.
func (s *Store) OpenWave(o Opening) (out Wave, err error) {
	n, err := s.beginOpening(o)
	if err != nil {
		return Wave{}, err
	}
	defer func() {
		if err != nil {
			// If even this does not reach the disk, the next start does it.
			err = errors.Join(err, s.dropOpening(n))
		}
	}()
	contents, err := s.PutContents(o.Contents)
	if err != nil {
		return Wave{}, err
	}
	w := opener{s: s, wave: n, contents: contents}
	for row := range o.Rows {
		if err := w.add(row); err != nil {
			return Wave{}, err
		}
	}
	return w.finish(o)
}

func (s *Store) beginOpening(o Opening) (n uint32, err error) {
	err = s.update(housekeeping, func(t *txn) error {
		if n, err = t.waveNumber(o.Wave); err != nil {
			return err
		}
		w, err := t.wave(n)
		switch {
		case err != nil:
			return err
		case w.State != WaveApproved:
			return words.Refuse("store.wave_not_approved", w.ID, w.State).Of(words.Conflict)
		case w.Hash != o.Hash:
			return words.Refuse("store.other_hash", w.ID, o.Hash, w.Hash).Of(words.Conflict)
		case w.Opening:
			return words.Refuse("store.wave_opening", w.ID).Of(words.Conflict)
		}
		w.Opening = true
		t.after = append(t.after, func() { t.s.zones.begin(n) })
		return t.putWave(w)
	})
	return n, err
}

// PutContents stores contents once by their hash, which it gives them, and answers their numbers by hash.
func (s *Store) PutContents(contents []Content) (map[string]uint32, error) {
	out := map[string]uint32{}
	for part := range slices.Chunk(contents, 500) {
		err := s.update(housekeeping, func(t *txn) error {
			for _, c := range part {
				n, err := t.putContent(c)
				if err != nil {
					return err
				}
				out[HashContent(c.Kind, c.Name, c.Body)] = n
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (t *txn) putContent(c Content) (uint32, error) {
	c.Hash = HashContent(c.Kind, c.Name, c.Body)
	if v := t.in(bHashes).Get([]byte(c.Hash)); v != nil && !c.Private {
		return u32at(v, 0), nil
	}
	n, err := t.next(bContents)
	if err != nil {
		return 0, err
	}
	c.Number = uint32(n)
	k := k32(c.Number)
	if c.Private {
		// A plain hash of a few words with a name in them could be guessed; and what is erased must be nobody else's.
		c.Hash = hex.EncodeToString(t.s.sealer.hash(fmt.Sprintf("content\x00%d\x00%s", n, c.Body)))
	} else if err := t.set(bHashes, key(c.Hash), k); err != nil {
		return 0, err
	}
	c.Sealed = t.s.sealer.seal(bContents, k, c.Body)
	return c.Number, t.put(bContents, k, c)
}

func (t *txn) content(n uint32) (c Content, err error) {
	found, err := t.get(bContents, k32(n), &c)
	if err == nil && !found {
		err = notFound("content", fmt.Sprint(n))
	}
	if err == nil {
		c.Body, err = t.s.sealer.open(bContents, k32(n), c.Sealed)
	}
	return c, err
}

// Content answers a content by its number.
func (s *Store) Content(n uint32) (c Content, err error) {
	err = s.view(func(t *txn) error { c, err = t.content(n); return err })
	c.Sealed = nil // who keeps it at hand would keep it twice
	return c, err
}

// ContentByHash answers a content by its hash.
func (s *Store) ContentByHash(hash string) (c Content, found bool, err error) {
	err = s.view(func(t *txn) error {
		v := t.in(bHashes).Get([]byte(hash))
		if v == nil {
			return nil
		}
		found = true
		c, err = t.content(u32at(v, 0))
		return err
	})
	return c, found, err
}

// opener gathers rows into chunks.
type opener struct {
	s        *Store
	wave     uint32
	contents map[string]uint32
	seq      uint32
	rows     []Delivery
	tally    Tally
	lanes    []Lane
	groups   int
	shares   []Share
	share    map[uint32]int // places in shares
}

func (o *opener) add(r Row) error {
	d := Delivery{Wave: o.wave, Seq: o.seq, Group: r.Group, Part: r.Part, Account: r.Account, Kind: r.Kind, Canary: r.Canary, Updated: now()}
	if r.Skip != "" {
		d.State, d.Reason = Skipped, r.Skip
	}
	if r.Content != "" {
		n, ok := o.contents[r.Content]
		if !ok {
			return fmt.Errorf("open wave %d: row %d has a content that was not given", o.wave, o.seq)
		}
		d.Content = n
	} else if r.Skip == "" {
		return fmt.Errorf("open wave %d: row %d has neither content nor a reason to skip it", o.wave, o.seq)
	}
	if d.State == Planned {
		o.tell(d)
	}
	if n := len(o.lanes); n == 0 || o.lanes[n-1].Account != r.Account {
		for _, l := range o.lanes {
			if l.Account == r.Account {
				return fmt.Errorf("open wave %d: the rows of account %q are not one behind the other", o.wave, r.Account)
			}
		}
		o.lanes = append(o.lanes, Lane{Wave: o.wave, Account: r.Account, From: o.seq, Next: o.seq})
	}
	l := &o.lanes[len(o.lanes)-1]
	o.seq++
	l.To = o.seq
	l.Counts[d.State]++
	if d.State == Planned && d.Kind.Media() {
		l.Pictures++
	}
	o.tally[d.State]++
	if o.rows = append(o.rows, d); len(o.rows) == chunk {
		return o.flush()
	}
	return nil
}

// tell counts whom the wave tells what.
func (o *opener) tell(d Delivery) {
	if d.Part <= 1 {
		o.groups++
	}
	i, ok := o.share[d.Content]
	if !ok {
		if o.share == nil {
			o.share = map[uint32]int{}
		}
		i = len(o.shares)
		o.shares, o.share[d.Content] = append(o.shares, Share{Content: d.Content}), i
	}
	o.shares[i].Groups++
}

func (o *opener) flush() error {
	rows := o.rows
	o.rows = o.rows[:0]
	return o.s.update(housekeeping, func(t *txn) error {
		for i := range rows {
			d := &rows[i]
			if err := t.put(bDeliveries, k32(d.Wave, d.Seq), d); err != nil {
				return err
			}
			if d.State != Planned {
				if err := t.set(bMarked, k32(d.Wave).u8(uint8(d.State)).u32(d.Seq), nil); err != nil {
					return err
				}
			}
		}
		// The history has another order than the rows; written sorted, each of its pages is touched once a chunk.
		byGroup := slices.Clone(rows)
		slices.SortFunc(byGroup, func(a, b Delivery) int { return int(int64(a.Group) - int64(b.Group)) })
		for _, d := range byGroup {
			if err := t.set(bHistory, k32(d.Group, d.Wave, d.Seq), nil); err != nil {
				return err
			}
		}
		return nil
	})
}

func (o *opener) finish(op Opening) (w Wave, err error) {
	if len(o.rows) > 0 {
		if err := o.flush(); err != nil {
			return w, err
		}
	}
	err = o.s.update(housekeeping, func(t *txn) error {
		if w, err = t.wave(o.wave); err != nil {
			return err
		}
		if !w.Opening || w.State != WaveApproved {
			return words.Refuse("store.wave_not_approved", w.ID, w.State).Of(words.Conflict)
		}
		for _, l := range o.lanes {
			n := uint32(0)
			if l.Account != "" {
				if n, err = t.accountNumber(l.Account); err != nil {
					return err
				}
			}
			if err := t.put(bLanes, k32(o.wave, n), &l); err != nil {
				return err
			}
		}
		w.Opening, w.Total, w.Counts, w.OpenedAt = false, o.tally.Total(), o.tally, now()
		w.HoldUntil, w.Expires, w.State = op.HoldUntil, op.Expires, WaveHolding
		w.Groups, w.Shares, w.Forecast = o.groups, o.shares, op.Forecast
		if !op.HoldUntil.After(now()) {
			w.State = WaveRunning
		}
		if err := t.put(bTallies, k32(o.wave), &o.tally); err != nil {
			return err
		}
		if err := t.putWave(w); err != nil {
			return err
		}
		if err := t.settleWave(o.wave, o.tally); err != nil {
			return err
		}
		t.wakes()
		if err := t.audit("", "wave.open", w.ID, fmt.Sprintf("%d deliveries, %d skipped", w.Total, o.tally[Skipped])); err != nil {
			return err
		}
		w, err = t.wave(o.wave)
		return err
	})
	return w, err
}

// dropOpening removes what a crash left of a wave that was being opened.
func (s *Store) dropOpening(n uint32) error {
	for {
		more := false
		err := s.update(housekeeping, func(t *txn) error {
			more = false
			rows, err := t.page(k32(n), nil, chunk)
			if err != nil {
				return err
			}
			for _, d := range rows {
				more = true
				for b, k := range map[bucket]key{
					bDeliveries: k32(d.Wave, d.Seq),
					bMarked:     k32(d.Wave).u8(uint8(d.State)).u32(d.Seq),
					bHistory:    k32(d.Group, d.Wave, d.Seq),
				} {
					if err := t.del(b, k); err != nil {
						return err
					}
				}
			}
			if more {
				return nil
			}
			w, err := t.wave(n)
			if err != nil {
				return err
			}
			w.Opening = false
			return t.putWave(w)
		})
		if err != nil || !more {
			return err
		}
	}
}
