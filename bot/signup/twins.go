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

// twins know a message again that another of the bureau's accounts in the same group heard too. The accounts have no id
// in common for it, so the words are counted: the second time that an account brings them stands for the second time that
// they were said. They are kept in memory: after a restart a question may be answered by two accounts, once.
type twins struct {
	said map[[32]byte]*saying
}

type saying struct {
	last  time.Time
	heard map[string][]uint64 // by account: the numbers of the replies
}

func newTwins() *twins { return &twins{map[[32]byte]*saying{}} }

// again tells whether another account brought the same before. Asked twice about one reply it answers the same.
func (t *twins) again(reply store.Reply, group uint32, in Inbound) bool {
	if group == 0 || in.Room == "" {
		return false
	}
	now := time.Now()
	for k, s := range t.said {
		if now.Sub(s.last) > twinLife {
			delete(t.said, k)
		}
	}
	k := sha256.Sum256(append(binary.BigEndian.AppendUint32(nil, group), in.Text...))
	s := t.said[k]
	if s == nil {
		s = &saying{heard: map[string][]uint64{}}
		t.said[k] = s
	}
	s.last = now
	at := slices.Index(s.heard[reply.Account], reply.Number)
	if at < 0 {
		at = len(s.heard[reply.Account])
		s.heard[reply.Account] = append(s.heard[reply.Account], reply.Number)
	}
	for account, heard := range s.heard {
		if account != reply.Account && len(heard) > at {
			return true
		}
	}
	return false
}
