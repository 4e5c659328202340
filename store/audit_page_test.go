package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/store"
	"chunfeng/store/storetest"
)

// day1 has a trail of four days, a line an hour: kim, Li and boss in turn.
func day1(t testing.TB, s *store.Store) (begin time.Time) {
	begin = time.Now()
	for i := range 96 {
		who := []string{"kim", "Li", "boss"}[i%3]
		var err error
		if i%2 == 0 {
			_, err = s.AddAccount(fmt.Sprintf("a%03d", i), "", who)
		} else {
			err = s.SetSettings(map[string]string{fmt.Sprintf("k%d", i%4): fmt.Sprint(i)}, who)
		}
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
	}
	return begin
}

func TestEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := storetest.Open(t)
		begin := day1(t, s)
		hours := func(h float64) time.Time { return begin.Add(time.Duration(h * float64(time.Hour))) }
		all, err := s.Events(store.EventFilter{Limit: 1000})
		if err != nil || len(all.Events) != 96 || all.More {
			t.Fatal(len(all.Events), all.More, err)
		}
		for _, c := range []struct {
			why  string
			f    store.EventFilter
			want func(store.Event) bool
		}{
			{"everything", store.EventFilter{}, func(store.Event) bool { return true }},
			{"a person, in any case", store.EventFilter{Who: "LI"}, func(e store.Event) bool { return e.Who == "Li" }},
			{"a kind of deed", store.EventFilter{What: "setting."}, func(e store.Event) bool { return strings.HasPrefix(e.What, "setting.") }},
			{"one thing, in any case", store.EventFilter{On: "K3"}, func(e store.Event) bool { return e.On == "k3" }},
			{"since an hour, that line with it", store.EventFilter{Since: hours(90)}, func(e store.Event) bool { return e.Number >= 91 }},
			{"until an hour, that line without", store.EventFilter{Until: hours(5)}, func(e store.Event) bool { return e.Number <= 5 }},
			{"a day in the middle of one person", store.EventFilter{Who: "kim", Since: hours(30), Until: hours(54)},
				func(e store.Event) bool { return e.Who == "kim" && e.Number > 30 && e.Number <= 54 }},
			{"before the beginning", store.EventFilter{Until: hours(-100)}, func(store.Event) bool { return false }},
			{"after the end", store.EventFilter{Since: hours(1000)}, func(store.Event) bool { return false }},
			{"nobody", store.EventFilter{Who: "park"}, func(store.Event) bool { return false }},
		} {
			var want []uint64
			for _, e := range all.Events {
				if c.want(e) {
					want = append(want, e.Number)
				}
			}
			for _, limit := range []int{1, 7, 1000} {
				var got []uint64
				f := c.f
				f.Limit = limit
				for pages := 0; ; pages++ {
					p, err := s.Events(f)
					if err != nil || len(p.Events) > limit || pages > 100 {
						t.Fatal(c.why, len(p.Events), pages, err)
					}
					for _, e := range p.Events {
						got = append(got, e.Number)
					}
					if !p.More {
						break
					}
					f.Before = p.Next
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s, %d a page: %v, want %v", c.why, limit, got, want)
				}
			}
		}
		if p, err := s.Events(store.EventFilter{Before: 11, Limit: 10}); err != nil || len(p.Events) != 10 || p.More {
			t.Errorf("the last page tells that nothing is behind it: %d lines, more %v, %v", len(p.Events), p.More, err)
		}
	})
}

// BenchmarkAudit is a trail of a hundred thousand lines: one page of it, and all of it verified.
func BenchmarkAudit(b *testing.B) {
	s := storetest.Open(b)
	for i := range 100 {
		m := map[string]string{}
		for j := range 1000 {
			m[fmt.Sprintf("key%04d", j)] = fmt.Sprint(i)
		}
		if err := s.SetSettings(m, "kim"); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("page", func(b *testing.B) {
		for b.Loop() {
			if p, err := s.Events(store.EventFilter{}); err != nil || len(p.Events) != 50 {
				b.Fatal(len(p.Events), err)
			}
		}
	})
	b.Run("rare", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Events(store.EventFilter{Who: "nobody"}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("verify", func(b *testing.B) {
		for b.Loop() {
			if v, err := s.VerifyAudit(b.Context()); err != nil || !v.OK {
				b.Fatal(v, err)
			}
		}
	})
	b.Run("append", func(b *testing.B) {
		m := map[string]string{}
		for i := 0; b.Loop(); i++ {
			for j := range 1000 {
				m[fmt.Sprintf("key%04d", j)] = fmt.Sprint("x", i)
			}
			if err := s.SetSettings(m, "kim"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
