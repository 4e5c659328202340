package store

import (
	"math"
	"strings"
)

// pointers holds each entry of an index against the record that it points to. An entry has no checksum, and a lane that
// follows a wrong one would tell a group what is meant for another.
func (k *checker) pointers() error {
	for _, x := range []struct {
		b    bucket
		well func(at, v []byte) bool
	}{
		{bGroupCodes, func(at, v []byte) bool { g, ok := k.group(v); return ok && g.Code == string(at) }},
		{bPhrases, func(at, v []byte) bool {
			g, ok := k.group(v)
			return ok && strings.ToUpper(g.Pairing) == string(at)
		}},
		{bBatchFiles, func(at, v []byte) bool {
			var b Batch
			found, err := k.t.get(bBatches, key(v), &b)
			return err == nil && found && b.FileHash == string(at)
		}},
		{bWaveIDs, func(at, v []byte) bool { w, ok := k.wave(v); return ok && w.ID == string(at) }},
		{bOccurs, func(at, v []byte) bool {
			w, ok := k.wave(v)
			return ok && string(key(w.Schedule).u8(0).time(w.At)) == string(at)
		}},
		{bActive, func(at, _ []byte) bool {
			w, ok := k.wave(at)
			return ok && !w.State.Over()
		}},
		{bHashes, func(at, v []byte) bool {
			var c Content
			found, err := k.t.get(bContents, key(v), &c)
			return err == nil && found && len(v) == 4 && c.Hash == string(at) && c.Number == u32at(v, 0)
		}},
		{bBoundNames, func(at, v []byte) bool {
			if len(at) < 4 || len(v) != 4 {
				return false
			}
			var b Binding
			found, err := k.t.get(bBindings, k32(u32at(at, 0), u32at(v, 0)), &b)
			return err == nil && found && b.State == Bound && b.UserName == string(at[4:])
		}},
		{bReplyIDs, func(at, v []byte) bool {
			r, account, ok := k.reply(v)
			return ok && string(k32(account).str(r.MsgID)) == string(at)
		}},
		{bInbox, func(at, _ []byte) bool {
			if len(at) != 13 {
				return false
			}
			r, account, ok := k.reply(at[5:])
			return ok && (r.State == ReplyNew || r.State == ReplyWaiting) && string(inboxKey(r, account)) == string(at)
		}},
		{bReview, func(at, _ []byte) bool { r, _, ok := k.reply(at); return ok && r.State == ReplyReview }},
		{bByPhone, func(at, _ []byte) bool {
			n, ok := k.person(at)
			return ok && string(n.Lookup)+string(k64(n.Number)) == string(at)
		}},
		{bShown, func(at, v []byte) bool {
			if len(at) != 16 || len(v) > 0 && string(v) != string(k32(checksum(key(at), nil))) { // the oldest have none
				return false
			}
			var e Event
			found, err := k.t.get(bAudit, key(at[8:]), &e)
			return err == nil && found && e.What == "signup.reveal"
		}},
		{bByGroup, func(at, _ []byte) bool {
			n, ok := k.person(at)
			return ok && string(k32(n.Group).u64(n.Number)) == string(at)
		}},
	} {
		err := k.t.each(x.b, nil, nil, func(at, v []byte) (bool, error) {
			if !x.well(at, v) {
				k.broken("index %s: the entry %x points to nothing of its kind", x.b, at)
			}
			return true, k.ctx.Err()
		})
		if err != nil {
			return err
		}
	}
	// In these the key says all.
	for _, b := range []bucket{bActive, bOpen, bAccepted, bQueue, bMarked, bHistory, bInbox, bReview, bByPhone, bByGroup} {
		err := k.t.each(b, nil, nil, func(at, v []byte) (bool, error) {
			if len(v) > 0 {
				k.broken("index %s: the entry %x holds %d bytes, and none belong there", b, at, len(v))
			}
			return true, k.ctx.Err()
		})
		if err != nil {
			return err
		}
	}
	return k.numbers()
}

// numbers holds how many entries there are, and how far each table has counted: a number given twice would write one record
// over another.
func (k *checker) numbers() error {
	count := func(b bucket) (n int) {
		_ = k.t.each(b, nil, nil, func(_, _ []byte) (bool, error) { n++; return true, nil })
		return n
	}
	running := 0
	_ = k.t.each(bWaves, nil, nil, func(at, _ []byte) (bool, error) {
		if w, ok := k.wave(at); ok && !w.State.Over() {
			running++
		}
		return true, nil
	})
	for _, x := range []struct {
		b    bucket
		want int
	}{{bGroupCodes, count(bGroups)}, {bPhrases, count(bGroups)}, {bWaveIDs, count(bWaves)}, {bOccurs, count(bWaves)}, {bActive, running}, {bByGroup, count(bSignups)}} {
		if got := count(x.b); got != x.want {
			k.broken("index %s has %d entries, the records ask for %d", x.b, got, x.want)
		}
	}
	for _, b := range []bucket{bGroups, bWaves, bContents, bReplies, bSignups} {
		last, _ := k.t.in(b).Cursor().Last()
		var highest uint64
		switch len(last) {
		case 4:
			highest = uint64(u32at(last, 0))
		case 8:
			highest = u64at(last, 0)
		}
		if got := k.t.in(b).Sequence(); got != highest {
			k.broken("table %s has counted to %d, its last record is %d", b, got, highest)
		}
	}
	// These count for records that lie elsewhere, or that may be gone: not to have counted too few is what matters.
	accounts := uint64(0)
	_ = k.t.each(bAccounts, nil, nil, func(at, v []byte) (bool, error) {
		var a Account
		if unframe(at, v, &a) == nil {
			accounts = max(accounts, uint64(a.Number))
		}
		return true, nil
	})
	answers := uint64(0)
	_ = k.t.eachBack(bDeliveries, k32(Answers), nil, func(at, _ []byte) (bool, error) { answers = uint64(u32at(at, 4)); return false, nil })
	for b, least := range map[bucket]uint64{bAccounts: accounts, bDeliveries: answers} {
		if got := k.t.in(b).Sequence(); got < least || got > math.MaxUint32 {
			k.broken("table %s has counted to %d, its last record is %d", b, got, least)
		}
	}
	return k.ctx.Err()
}

func (k *checker) group(number []byte) (g Group, ok bool) {
	found, err := k.t.get(bGroups, key(number), &g)
	return g, err == nil && found && len(number) == 4 && g.Number == u32at(number, 0)
}

func (k *checker) wave(number []byte) (w Wave, ok bool) {
	if len(number) != 4 {
		return w, false
	}
	w, err := k.t.wave(u32at(number, 0))
	return w, err == nil
}

func (k *checker) reply(number []byte) (r Reply, account uint32, ok bool) {
	found, err := k.t.get(bReplies, key(number), &r)
	if err != nil || !found {
		return r, 0, false
	}
	account, err = k.t.accountNumber(r.Account)
	return r, account, err == nil
}

// person reads the sign-up whose number ends a key.
func (k *checker) person(at []byte) (n Signup, ok bool) {
	if len(at) < 8 {
		return n, false
	}
	found, err := k.t.get(bSignups, key(at[len(at)-8:]), &n)
	return n, err == nil && found
}
