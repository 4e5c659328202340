package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chunfeng/store"
	"chunfeng/store/storetest"
)

// ordered adds a schedule in a state: recurring, or once for the empty cron.
func ordered(t testing.TB, s *store.Store, cron, state string) store.Schedule {
	t.Helper()
	c, err := s.AddSchedule(store.Schedule{Cron: cron, Zone: "Asia/Shanghai", Hash: "h", Plan: store.Plan{Batch: "A"}}, "kim")
	if err == nil && state != "draft" {
		c, err = s.SetSchedule(c.ID, state, "h", "li")
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestRecurringIsWhatSchedulesSay holds what is remembered of recurring schedules against all schedules, after every change, and
// in another store that remembers nothing.
func TestRecurringIsWhatSchedulesSay(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(5, 5))
	states := []string{"draft", "approved", "ended", "cancelled"}
	var ids []string
	same := func(after string) {
		t.Helper()
		all, err := s.Schedules()
		if err != nil {
			t.Fatal(err)
		}
		want := slices.DeleteFunc(all, func(c store.Schedule) bool { return c.Cron == "" || c.State != "draft" && c.State != "approved" })
		got, err := s.Recurring()
		if d := cmp.Diff(slices.Clip(want), got, cmp.Transformer("len0", func(c []store.Schedule) []store.Schedule { return append([]store.Schedule{}, c...) })); err != nil || d != "" {
			t.Fatalf("after %s: %v\n%s", after, err, d)
		}
	}
	same("nothing")
	for i := range 200 {
		what := "an order"
		if rng.IntN(2) == 0 && len(ids) > 0 {
			id, state := ids[rng.IntN(len(ids))], states[1+rng.IntN(3)]
			_, err := s.SetSchedule(id, state, []string{"h", "other"}[rng.IntN(2)], "li") // some are refused
			what = fmt.Sprint(id, " to ", state, ": ", err)
		} else {
			ids = append(ids, ordered(t, s, []string{"", "0 9 * * 1"}[rng.IntN(2)], "draft").ID)
		}
		if rng.IntN(3) > 0 || i == 199 {
			same(what)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = storetest.OpenDir(t, dir)
	same("another start")
}

// TestRecurringBesideOrders looks while others order and end: nobody who looks after an order was answered misses it.
func TestRecurringBesideOrders(t *testing.T) {
	s := storetest.Open(t)
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			for range 30 {
				c, err := s.AddSchedule(store.Schedule{Cron: "0 9 * * 1", Zone: "Asia/Shanghai", Hash: "h"}, "kim")
				if err != nil {
					t.Error(err)
					return
				}
				has := func() bool {
					all, err := s.Recurring()
					return err == nil && slices.ContainsFunc(all, func(one store.Schedule) bool { return one.ID == c.ID })
				}
				if !has() {
					t.Errorf("%s was ordered and is not there", c.ID)
				}
				if _, err := s.SetSchedule(c.ID, "cancelled", "", "kim"); err != nil || has() {
					t.Errorf("%s was cancelled and is there still: %v", c.ID, err)
				}
			}
		})
	}
	work.Wait()
}

// TestRecurringCostsWhatIsInForce: a look takes no more memory, and so reads no more records, after years of orders.
func TestRecurringCostsWhatIsInForce(t *testing.T) {
	costs := func(over int) float64 {
		s := storetest.Open(t)
		for range 3 {
			ordered(t, s, "0 9 * * 1", "approved")
		}
		for i := range over {
			ordered(t, s, []string{"", "0 9 * * 1"}[i%2], "ended")
		}
		return testing.AllocsPerRun(20, func() {
			if all, err := s.Recurring(); err != nil || len(all) != 3 {
				t.Fatal(len(all), err)
			}
		})
	}
	few, many := costs(2), costs(200)
	if many > few+6 { // one record takes ten, a page more on the way to one takes one
		t.Errorf("with 200 schedules that are over a look takes %.0f pieces of memory, with 2 of them %.0f", many, few)
	}
	t.Logf("a look at 3 schedules in force takes %.0f pieces of memory beside 2 that are over, %.0f beside 200", few, many)
}

// BenchmarkRecurring is what a pass of the scheduler reads when three schedules are in force of two thousand that ever were.
func BenchmarkRecurring(b *testing.B) {
	s := storetest.Open(b)
	for i := range 2000 {
		state := "ended"
		if i < 3 {
			state = "approved"
		}
		ordered(b, s, "0 9 * * 1", state)
	}
	for what, look := range map[string]func() ([]store.Schedule, error){"in force": s.Recurring, "all": s.Schedules} {
		b.Run(what, func(b *testing.B) {
			for b.Loop() {
				if _, err := look(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
