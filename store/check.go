package store

import (
	"context"
	"fmt"

	"chunfeng/templates/words"
)

// Checked is what a check of the whole ledger found.
type Checked struct {
	OK         bool     `json:"ok"`
	Broken     []string `json:"broken"` // each law that does not hold, with where; at most a hundred
	Waves      int      `json:"waves"`
	Deliveries int      `json:"deliveries"`
	Replies    int      `json:"replies"`
	Signups    int      `json:"signups"`
}

// Check recounts the ledger: every checksum, every tally against its rows, every index against what it points to and back,
// every attempt against its delivery. It reads everything (about a second for a million deliveries), in one reading
// transaction, and changes nothing.
func (s *Store) Check(ctx context.Context) (c Checked, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: a page cannot be read: %v", ErrDamaged, p)
		}
	}()
	c.Broken = []string{}
	k := &checker{c: &c, ctx: ctx}
	err = s.view(func(t *txn) error {
		k.t = t
		for e := range t.Check() {
			k.broken("page structure: %v", e)
		}
		for _, f := range []func() error{k.sums, k.deliveries, k.indexes, k.waves, k.replies, k.signups, k.chain, k.people, k.kept, k.alerts,
			k.sealed, k.consents, k.pointers} {
			if err := f(); err != nil {
				return err
			}
		}
		return nil
	})
	c.OK = err == nil && len(c.Broken) == 0
	return c, err
}

type checker struct {
	t   *txn
	c   *Checked
	ctx context.Context

	tallies map[uint32]*Tally
	lanes   map[[2]uint32]*Lane
	open    int
	accept  int
	queued  int
	marked  int
	history int
}

func (k *checker) broken(format string, args ...any) {
	if len(k.c.Broken) < 100 {
		k.c.Broken = append(k.c.Broken, fmt.Sprintf(format, args...))
	}
}

// framed tells of the tables whose values are records; the others are indexes.
func framed(b bucket) bool {
	switch b {
	case bMeta, bBatches, bVacancies, bGroups, bSketches, bAccounts, bSessions, bCursors, bChats, bPaces, bBindings, bSchedules, bWaves,
		bTallies, bLanes, bContents, bDeliveries, bReplies, bSignups, bGaps, bAudit, bUsers, bInvites, bWebs, bSettings, bVersions,
		bConsents, bErased, bDays, bAlerts, bHearing, bBackups:
		return true
	}
	return false
}

func (k *checker) sums() error {
	for _, b := range buckets {
		if !framed(b) {
			continue
		}
		err := k.t.each(b, nil, nil, func(key, v []byte) (bool, error) {
			if err := unframe(key, v, nil); err != nil {
				k.broken("%s %x: %v", b, key, err)
			}
			return true, k.ctx.Err()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (k *checker) deliveries() error {
	k.tallies, k.lanes = map[uint32]*Tally{}, map[[2]uint32]*Lane{}
	return k.t.each(bDeliveries, nil, nil, func(key, v []byte) (bool, error) {
		var d Delivery
		if unframe(key, v, &d) != nil {
			return true, nil // told by sums
		}
		k.c.Deliveries++
		if d.Wave != u32at(key, 0) || d.Seq != u32at(key, 4) {
			k.broken("delivery %s lies under the key %x", d.ID(), key)
		}
		if k.tallies[d.Wave] == nil {
			k.tallies[d.Wave] = &Tally{}
		}
		k.tallies[d.Wave][d.State]++
		account := uint32(0)
		if d.Account != "" {
			n, err := k.t.accountNumber(d.Account)
			if err != nil {
				k.broken("delivery %s belongs to account %q, which is not there", d.ID(), d.Account)
				return true, nil
			}
			account = n
		}
		lane := [2]uint32{d.Wave, account}
		if k.lanes[lane] == nil {
			k.lanes[lane] = &Lane{}
		}
		k.lanes[lane].Counts[d.State]++
		if d.State == Planned && d.Kind.Media() {
			k.lanes[lane].Pictures++
		}
		k.delivery(d)
		return true, k.ctx.Err()
	})
}

// delivery holds one row against the laws and its indexes.
func (k *checker) delivery(d Delivery) {
	has := func(b bucket, key key) bool {
		v := k.t.in(b).Get(key)
		return v != nil
	}
	flying := 0
	seen := map[int64]bool{}
	for _, a := range d.Attempts {
		if a.Outcome == InFlight {
			flying++
		}
		if seen[a.ClientID] {
			k.broken("delivery %s used the key %d twice", d.ID(), a.ClientID)
		}
		seen[a.ClientID] = true
	}
	if want := map[bool]int{true: 1, false: 0}[d.State == Sending]; flying != want {
		k.broken("delivery %s is %s with %d attempts in flight", d.ID(), d.State, flying)
	}
	switch d.State {
	case Planned:
		if d.Queued {
			k.queued++
			if q, err := k.t.queueKey(&d); err != nil || !has(bQueue, q) {
				k.broken("delivery %s waits and is not in the queue", d.ID())
			}
		} else if d.Wave == Answers {
			k.broken("answer %s is not in the queue", d.ID())
		}
	case Sending:
		k.open++
		if !has(bOpen, k32(d.Wave, d.Seq)) {
			k.broken("delivery %s is sending and not among the open attempts", d.ID())
		}
	case Accepted:
		k.accept++
		if !has(bAccepted, acceptedKey(&d)) {
			k.broken("delivery %s is accepted and nobody will confirm it", d.ID())
		}
	}
	if (d.State == Sent && d.Reason != ReasonResolved || d.State == Accepted) && d.ServerID() == "" && d.Reason != ReasonEcho {
		k.broken("delivery %s is %s without a server id", d.ID(), d.State)
	}
	if d.State == Skipped && d.Reason == ReasonNone {
		k.broken("delivery %s is skipped without a reason", d.ID())
	}
	if hasIndex(d.State) {
		k.marked++
		if !has(bMarked, k32(d.Wave).u8(uint8(d.State)).u32(d.Seq)) {
			k.broken("delivery %s is %s and not in the list of those", d.ID(), d.State)
		}
	}
	k.history++
	if !has(bHistory, k32(d.Group, d.Wave, d.Seq)) {
		k.broken("delivery %s is not in the history of its group", d.ID())
	}
}

// indexes holds the indexes' sizes against the rows: with every row found in its index, a size that differs is an entry
// that points to nothing.
func (k *checker) indexes() error {
	for _, x := range []struct {
		b    bucket
		want int
	}{{bOpen, k.open}, {bAccepted, k.accept}, {bQueue, k.queued}, {bMarked, k.marked}, {bHistory, k.history}} {
		got := 0
		if err := k.t.each(x.b, nil, nil, func(_, _ []byte) (bool, error) { got++; return true, k.ctx.Err() }); err != nil {
			return err
		}
		if got != x.want {
			k.broken("index %s has %d entries, the rows ask for %d", x.b, got, x.want)
		}
	}
	return nil
}

func (k *checker) waves() error {
	check := func(n uint32) error {
		w, err := k.t.wave(n)
		if err != nil {
			k.broken("wave %d: %v", n, err)
			return nil
		}
		counted := Tally{}
		if t := k.tallies[n]; t != nil {
			counted = *t
		}
		if w.Opening {
			return nil // its rows are not counted before the last of them is written
		}
		if counted != w.Counts {
			k.broken("wave %s: tally %v, its rows are %v", w.ID, w.Counts, counted)
		}
		if w.Total != counted.Total() {
			k.broken("wave %s: total %d, it has %d rows", w.ID, w.Total, counted.Total())
		}
		if (w.State == WaveFinished || w.State == WaveFailures) && counted.Open() > 0 {
			k.broken("wave %s is %s with %d deliveries still open", w.ID, w.State, counted.Open())
		}
		if w.State == WaveFinished && counted[Failed]+counted[Unknown] > 0 {
			k.broken("wave %s is finished, not finished_with_failures, with %d failed and %d unknown", w.ID, counted[Failed], counted[Unknown])
		}
		if n == Answers {
			return nil
		}
		lanes, err := records[Lane](k.t, bLanes, k32(n))
		if err != nil {
			return err
		}
		for _, l := range lanes {
			num := uint32(0)
			if l.Account != "" {
				if num, err = k.t.accountNumber(l.Account); err != nil {
					k.broken("wave %s has a lane of account %q, which is not there", w.ID, l.Account)
					continue
				}
			}
			got := Lane{}
			if t := k.lanes[[2]uint32{n, num}]; t != nil {
				got = *t
			}
			if got.Counts != l.Counts {
				k.broken("wave %s, account %s: counts %v, its rows are %v", w.ID, l.Account, l.Counts, got.Counts)
			}
			if got.Pictures != l.Pictures {
				k.broken("wave %s, account %s: %d pictures planned, its rows are %d", w.ID, l.Account, l.Pictures, got.Pictures)
			}
		}
		return nil
	}
	if err := check(Answers); err != nil {
		return err
	}
	return k.t.each(bWaves, nil, nil, func(key, _ []byte) (bool, error) {
		k.c.Waves++
		return true, check(u32at(key, 0))
	})
}

func (k *checker) replies() error {
	ids, waiting, review := 0, 0, 0
	if err := k.t.each(bReplies, nil, nil, func(key, _ []byte) (bool, error) {
		k.c.Replies++
		r, err := k.t.reply(u64at(key, 0))
		if err != nil {
			k.broken("reply R%d: %v", u64at(key, 0), err)
			return true, nil
		}
		switch r.State {
		case ReplyNew, ReplyWaiting:
			waiting++
		case ReplyReview:
			review++
		case ReplyNoise, ReplyNotice:
			if r.Raw != nil {
				k.broken("reply R%d is %s and still holds what was said", r.Number, r.State)
			}
		}
		return true, k.ctx.Err()
	}); err != nil {
		return err
	}
	_ = k.t.each(bReplyIDs, nil, nil, func(_, _ []byte) (bool, error) { ids++; return true, nil })
	inbox, reviews := 0, 0
	_ = k.t.each(bInbox, nil, nil, func(_, _ []byte) (bool, error) { inbox++; return true, nil })
	_ = k.t.each(bReview, nil, nil, func(_, _ []byte) (bool, error) { reviews++; return true, nil })
	if ids != k.c.Replies || inbox != waiting || reviews != review {
		k.broken("%d replies, %d message ids; %d to be read, %d in the inbox; %d doubtful, %d in the review list", k.c.Replies, ids, waiting, inbox, review, reviews)
	}
	return nil
}

func (k *checker) signups() error {
	return k.t.each(bSignups, nil, nil, func(key, _ []byte) (bool, error) {
		k.c.Signups++
		n, err := k.t.signup(u64at(key, 0))
		switch {
		case err != nil:
			k.broken("sign-up N%d: %v", u64at(key, 0), err)
		case n.Status != SignupWithdrawn && k.t.in(bByPhone).Get(append(append([]byte(nil), n.Lookup...), key...)) == nil:
			k.broken("sign-up %s is not found by its number", n.ID)
		case n.Status == SignupWithdrawn && n.Sealed != nil:
			k.broken("sign-up %s was withdrawn and still holds who it was", n.ID)
		}
		return true, k.ctx.Err()
	})
}

// chain holds each line of the audit trail against the one before.
func (k *checker) chain() error {
	v, err := k.t.verifyAudit(k.ctx)
	if v.Break != nil {
		k.broken("%s", v.Break.In(words.English))
	}
	return err
}
