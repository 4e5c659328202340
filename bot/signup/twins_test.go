package signup

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/store"
)

// TestTwins holds what counts as heard by another account before.
func TestTwins(t *testing.T) {
	type heard struct {
		after   time.Duration
		account string
		reply   uint64
		text    string
		again   bool
	}
	for _, c := range []struct {
		why string
		all []heard
	}{
		{"the second account brings what the first did", []heard{{0, "a", 1, "hi", false}, {0, "b", 2, "hi", true}}},
		{"one account hears it twice, for it was said twice, and so does the other", []heard{{0, "a", 1, "hi", false}, {0, "a", 2, "hi", false}, {0, "b", 3, "hi", true}, {0, "b", 4, "hi", true}, {0, "b", 5, "hi", false}}},
		{"asked twice about one reply it answers the same", []heard{{0, "a", 1, "hi", false}, {0, "a", 1, "hi", false}, {0, "b", 2, "hi", true}, {0, "b", 2, "hi", true}, {0, "b", 3, "hi", false}}},
		{"nine minutes later it is known, though everything was heard since", []heard{{0, "a", 1, "hi", false}, {9 * time.Minute, "c", 2, "else", false}, {0, "b", 3, "hi", true}}},
		{"across the moment at which the old are put away", []heard{{0, "c", 1, "else", false}, {8 * time.Minute, "a", 2, "hi", false}, {4 * time.Minute, "b", 3, "hi", true}}},
		{"eleven minutes later it was said anew", []heard{{0, "a", 1, "hi", false}, {11 * time.Minute, "b", 2, "hi", false}}},
		{"other words are other words", []heard{{0, "a", 1, "hi", false}, {0, "b", 2, "hi!", false}}},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newTwins()
			for i, h := range c.all {
				time.Sleep(h.after)
				if got := w.again(store.Reply{Account: h.account, Number: h.reply}, 1, Inbound{Room: "@@1", Text: h.text}); got != h.again {
					t.Errorf("%s: the %dth answers %v", c.why, i+1, got)
				}
			}
		})
	}
}

// TestTwinsAreFew holds that a flood of messages is not remembered whole, and that each costs the same however many came
// before it.
func TestTwinsAreFew(t *testing.T) {
	w := newTwins()
	for n := range 3 * twinsMost {
		w.again(store.Reply{Account: "a", Number: uint64(n + 1)}, 1, Inbound{Room: "@@1", Text: fmt.Sprint(n)})
		if len(w.said)+len(w.old) > twinsMost {
			t.Fatalf("%d messages are remembered", len(w.said)+len(w.old))
		}
	}
	if !w.again(store.Reply{Account: "b", Number: 1 << 30}, 1, Inbound{Room: "@@1", Text: fmt.Sprint(3*twinsMost - 100)}) {
		t.Error("what came a moment ago is not known again")
	}
}
