package bot_test

import (
	"strconv"
	"testing"

	"chunfeng/broadcast/broadcasttest"
	"chunfeng/store"
)

// far is the world as the rules of every sender see it.
func (w *world) far() broadcasttest.Far {
	faults := map[broadcasttest.Trouble]string{
		broadcasttest.CutBefore:    "wire.refused:on=webwxsendmsg,times=1",
		broadcasttest.CutAfter:     "send.cut_after:times=1",
		broadcasttest.NoAnswer:     "send.slow:times=1",
		broadcasttest.TooOften:     "send.1205:times=1",
		broadcasttest.NoSuchTarget: "send.1204:times=1",
		broadcasttest.SessionOver:  "send.1101:times=1",
		broadcasttest.Nonsense:     "wire.html:on=webwxsendmsg,when=after,times=1",
		broadcasttest.NoID:         "send.no_msgid:times=1",
	}
	return broadcasttest.Far{
		Sender: w.acct.Sender(),
		Groups: []uint32{w.group(gid(0)).Number, w.group(gid(1)).Number, w.group(gid(2)).Number},
		// Registered and in no contact list.
		Unready: w.group("G9999").Number,
		Next: func(t broadcasttest.Trouble) {
			w.faults(faults[t])
		},
		Arrived: func(id int64) (n int) {
			for _, a := range w.sim.Arrivals() {
				if a.ClientMsgID == strconv.FormatInt(id, 10) {
					n++
				}
			}
			return n
		},
		Hold: func() (<-chan struct{}, func()) {
			h := w.sim.HoldAfter()
			reached := make(chan struct{})
			go func() { <-h.Waiting(); close(reached) }()
			return reached, h.Release
		},
	}
}

func TestSenderKeepsTheRules(t *testing.T) {
	broadcasttest.Run(t, func(t *testing.T, rule func(broadcasttest.Far) error) {
		live(t, setup{groups: 3, before: func(w *world) {
			if _, err := w.store.PutGroups([]store.Group{{Code: "G9999", Name: "보이지 않는 그룹", County: "helong", Language: "ko"}}, "test"); err != nil {
				w.t.Fatal(err)
			}
		}}, func(w *world) {
			w.settled()
			if err := rule(w.far()); err != nil {
				t.Error(err)
			}
		})
	})
}
