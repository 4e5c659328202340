package api

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chunfeng/store"
)

// TestTodayCounts follows what waits for a person as it comes and goes, for the prefecture and for one county.
func TestTodayCounts(t *testing.T) {
	a := newAPI(t)
	register(t, a, 6, map[int]store.BindingState{0: store.Bound, 1: store.Bound, 2: store.Quarantined})
	hear := func(id string, place int) {
		t.Helper()
		n, err := a.store.Receive("a1", "e", []store.Inbound{{MsgID: id, UserName: fmt.Sprint("@@", place), Raw: []byte("raw"), Class: store.ForRegistrar}}, nil)
		if err != nil || n != 1 {
			t.Fatal(n, err)
		}
		replies, err := a.store.Replies(false, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		must(t)(a.store.Register(replies[0].Number, store.Disposition{State: store.ReplyReview, Intent: "signup", Group: uint32(place + 1), Review: "signup.doubt"}))
	}
	look := func(why string, c Caller, want map[string]int) {
		t.Helper()
		got := map[string]int{}
		for _, n := range get[Today](t, a, c, "/v1/today", nil).Needs {
			if n.What == "unbound" || n.What == "review" || n.What == "gap" {
				got[n.What] = n.Count
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s, %q (-want +got):\n%s", why, c.County, d)
		}
	}
	all, yanji, tumen := staffOf(""), staffOf("yanji"), staffOf("tumen")
	look("at first", all, map[string]int{"unbound": 4})
	look("at first", yanji, map[string]int{"unbound": 1})
	hear("m1", 0)
	hear("m2", 1)
	hear("m3", 0)
	look("three replies", all, map[string]int{"unbound": 4, "review": 3})
	look("three replies", yanji, map[string]int{"unbound": 1, "review": 2})
	look("three replies", tumen, map[string]int{"unbound": 1, "review": 1})
	must(t)(nil, a.store.Bind("a1", "e", store.Binding{Group: 4, UserName: "@@3", Name: "群", State: store.Bound}))
	look("a group was found", yanji, map[string]int{"review": 2})
	must(t)(a.store.Register(1, store.Disposition{State: store.ReplyNoise, Intent: "noise", Group: 1, Decided: "kim"}))
	look("one was decided", yanji, map[string]int{"review": 1})
	must(t)(nil, a.store.OpenGap("a1", "bot.gap_session", time.Now().Add(-time.Hour)))
	must(t)(nil, a.store.CloseGap("a1", false, time.Time{}))
	look("a gap", yanji, map[string]int{"review": 1, "gap": 1})
	must(t)(nil, a.store.ReadGap(1, "kim"))
	look("it was read", yanji, map[string]int{"review": 1})
	must(t)(a.store.SetGroup("G002", store.GroupPaused, "moved", "kim"))
	look("a group was paused", all, map[string]int{"unbound": 2, "review": 2})
	must(t)(a.store.PutGroups([]store.Group{{Code: "G000", Name: "图们 就业群 0", County: "tumen", Kind: "rural", Language: "both"}}, "kim"))
	look("a group moved to another county", yanji, map[string]int{})
	look("a group moved to another county", tumen, map[string]int{"unbound": 1, "review": 2})
}

// BenchmarkTodayNeeds is the page of the day's cost a second while somebody of a county watches: counted anew, because
// something changed, and as it stands.
func BenchmarkTodayNeeds(b *testing.B) {
	for _, size := range []int{3_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			if testing.Short() && size > 100_000 {
				b.Skip("a large registry")
			}
			a := newAPI(b)
			groups := make([]store.Group, 0, size)
			for i := range size {
				groups = append(groups, store.Group{Code: fmt.Sprintf("G%07d", i), Name: fmt.Sprint("就业群 ", i), County: []string{"yanji", "tumen", "helong"}[i%3], Kind: "rural", Language: "both"})
			}
			for len(groups) > 0 {
				n := min(len(groups), 20_000)
				if _, err := a.store.PutGroups(groups[:n], "kim"); err != nil {
					b.Fatal(err)
				}
				groups = groups[n:]
			}
			needs := func(b *testing.B) {
				ignore := func(string, string, int, string, time.Time) {}
				for _, look := range []func(Caller, func(string, string, int, string, time.Time)) error{a.groupsNeed, a.repliesNeed, a.gapsNeed} {
					if err := look(staffOf("yanji"), ignore); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.Run("changed", func(b *testing.B) {
				for b.Loop() {
					a.unbound, a.inReview, a.gaps = counted[map[string]int]{}, counted[map[string]store.InReview]{}, counted[[]openGap]{}
					needs(b)
				}
			})
			b.Run("unchanged", func(b *testing.B) {
				for b.Loop() {
					needs(b)
				}
			})
		})
	}
}
