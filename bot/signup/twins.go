package signup

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"

	"chunfeng/store"
)

// twinLife is how long a message is known again when another account brings it: longer than a session takes to be back.
const twinLife = 10 * time.Minute

// twinsMost is how many messages are known again, some 300 bytes each: ten minutes of the busiest hour that a group of
// accounts can hear are far fewer. Where there are more, the oldest of them are forgotten before their time.
const twinsMost = 1 << 16

// twins know a message again that another of the bureau's accounts in the same group heard too. The accounts have no id
// in common for it, so the words are counted: the second time that an account brings them stands for the second time that
// they were said. They are kept in memory: after a restart, or behind a flood, a question may be answered by two accounts,
// once.
type twins struct {
	said, old map[[32]byte]*saying // what was heard since a moment, and in the time before it
	since     time.Time
}

type saying struct {
	last  time.Time
	heard []hearing // one of each account that brought it
}

// hearing is how often an account brought the same words.
type hearing struct {
	account string
	times   int
	reply   uint64 // the last time
}

func newTwins() *twins { return &twins{said: map[[32]byte]*saying{}} }

// again tells whether another account brought the same before. Asked twice about one reply it answers the same.
func (t *twins) again(reply store.Reply, group uint32, in Inbound) bool {
	if group == 0 || in.Room == "" {
		return false
	}
	now := time.Now()
	if now.Sub(t.since) > twinLife || len(t.said) >= twinsMost/2 {
		t.said, t.old, t.since = map[[32]byte]*saying{}, t.said, now
	}
	k := sha256.Sum256(append(binary.BigEndian.AppendUint32(nil, group), in.Text...))
	s := t.said[k]
	if s == nil {
		if s = t.old[k]; s == nil || now.Sub(s.last) > twinLife {
			s = &saying{}
		}
		t.said[k] = s
	}
	s.last = now
	at := slices.IndexFunc(s.heard, func(h hearing) bool { return h.account == reply.Account })
	if at < 0 {
		at = len(s.heard)
		s.heard = append(s.heard, hearing{account: reply.Account})
	}
	if me := &s.heard[at]; me.reply != reply.Number {
		me.times, me.reply = me.times+1, reply.Number
	}
	return slices.ContainsFunc(s.heard, func(h hearing) bool { return h.account != reply.Account && h.times >= s.heard[at].times })
}
