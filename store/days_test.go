package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"chunfeng/store"
	"chunfeng/store/storetest"
)

func TestDays(t *testing.T) {
	s := storetest.Open(t)
	national := store.Day{Date: "2026-10-01", Rest: true, Name: store.Both{Zh: "国庆节", Ko: "국경절"}}
	swapped := store.Day{Date: "2026-09-27", Name: store.Both{Zh: "调休"}}
	changed := s.Changed()
	if err := s.SetDays([]store.Day{national, swapped}, "kim"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-changed:
	default:
		t.Error("who waits for work was not told that the calendar changed")
	}
	look := func(want ...store.Day) {
		t.Helper()
		got, err := s.Days()
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	}
	look(swapped, national)
	if got, want := newest(t, s), "kim day.set 2026-10-01 rest 국경절"; got != want {
		t.Errorf("the trail says %q, want %q", got, want)
	}
	for _, c := range []struct {
		why, key string
		days     []store.Day
	}{
		{"a date that is none", "store.bad_day", []store.Day{{Date: "2026-02-29", Rest: true}}},
		{"a date in another form", "store.bad_day", []store.Day{{Date: "2026/10/01", Rest: true}}},
		{"a slip of the pen", "store.bad_day", []store.Day{{Date: "0226-10-01", Rest: true}}},
		{"a name of two lines", "store.bad_day_name", []store.Day{{Date: "2026-05-01", Name: store.Both{Ko: "로동절\nx"}}}},
		{"a date twice; the good one is not kept either", "store.day_twice", []store.Day{{Date: "2026-05-01", Rest: true}, {Date: "2026-05-02"}, {Date: "2026-05-01"}}},
	} {
		refusedAs(t, s.SetDays(c.days, "kim"), c.key, c.why)
	}
	look(swapped, national)
	national.Rest = false
	if err := s.SetDays([]store.Day{national, swapped}, "li"); err != nil {
		t.Fatal(err)
	}
	if got, want := newest(t, s), "li day.set 2026-10-01 work 국경절"; got != want {
		t.Errorf("the trail says %q, want %q: only what changed is told", got, want)
	}
	look(swapped, national)
	if err := s.RemoveDays([]string{"2026-09-27"}, "li"); err != nil {
		t.Fatal(err)
	}
	if got, want := newest(t, s), "li day.remove 2026-09-27 work 调休"; got != want {
		t.Errorf("the trail says %q, want %q", got, want)
	}
	refusedAs(t, s.RemoveDays([]string{"2026-09-27"}, "li"), "store.no_day", "it is gone")
	refusedAs(t, s.RemoveDays([]string{"2026-10-01", "2026-10-02"}, "li"), "store.no_day", "one of them is not there: all or none")
	look(national)
}
