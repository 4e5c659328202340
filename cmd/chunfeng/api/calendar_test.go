package api

import (
	"slices"
	"testing"
	"time"
)

// TestNothingOfAWaveLiesOnRest lists what lies on the days around a week-end.
func TestNothingOfAWaveLiesOnRest(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC) }
	all := []booking{
		{CalendarEvent: CalendarEvent{ID: "over the week-end", Kind: "wave"}, first: day(20), last: day(24)},
		{CalendarEvent: CalendarEvent{ID: "begun on the rest", Kind: "wave"}, first: day(21), last: day(23)},
		{CalendarEvent: CalendarEvent{ID: "order", Kind: "schedule"}, first: day(22), last: day(22)},
	}
	for _, c := range []struct {
		why  string
		day  int
		rest bool
		want []string
	}{
		{"before", 19, false, nil},
		{"Friday", 20, false, []string{"over the week-end"}},
		{"Saturday: what truly began on it", 21, true, []string{"begun on the rest"}},
		{"Sunday: an order says itself whether it keeps to rest", 22, true, []string{"order"}},
		{"Monday", 23, false, []string{"over the week-end", "begun on the rest"}},
	} {
		var got []string
		for _, b := range on(day(c.day), all, c.rest) {
			got = append(got, b.ID)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}
