package broadcast

import (
	"testing"
	"time"

	"chunfeng/store"
)

// springFestival is nine days off, and two weekend days worked for them.
func springFestival() []store.Day {
	days := []store.Day{{Date: "2026-02-14"}, {Date: "2026-02-28"}}
	for d := 15; d <= 23; d++ {
		days = append(days, store.Day{Date: time.Date(2026, 2, d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), Rest: true})
	}
	return days
}

func TestDaysOfRest(t *testing.T) {
	zone := time.FixedZone("CST", 8*3600)
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	hours, err := ParseQuiet("20:30-08:30", zone)
	if err != nil {
		t.Fatal(err)
	}
	never, err := ParseQuiet("", zone)
	if err != nil {
		t.Fatal(err)
	}
	weekends := hours.On(time.Saturday, time.Sunday)
	spring := weekends.With(springFestival())
	for _, c := range []struct {
		q              Quiet
		at, open, next string // the last of "30 9 * * *" by skip, after at
		why            string
	}{
		{hours, "2026-02-13 20:30", "2026-02-14 08:30", "2026-02-14 09:30", "no weekday is quiet"},
		{weekends, "2026-02-13 20:29", "2026-02-13 20:29", "2026-02-16 09:30", "Friday evening"},
		{weekends, "2026-02-13 20:30", "2026-02-16 08:30", "2026-02-16 09:30", "a night before two days of rest"},
		{weekends, "2026-02-14 12:00", "2026-02-16 08:30", "2026-02-16 09:30", "Saturday at noon"},
		{weekends, "2026-02-16 00:00", "2026-02-16 08:30", "2026-02-16 09:30", "the night out of the rest is still quiet"},
		{never.On(time.Saturday, time.Sunday), "2026-02-14 12:00", "2026-02-16 00:00", "2026-02-16 09:30", "without quiet hours the day begins at midnight"},
		{spring, "2026-02-14 12:00", "2026-02-14 12:00", "2026-02-24 09:30", "a Saturday that is worked"},
		{spring, "2026-02-14 20:30", "2026-02-24 08:30", "2026-02-24 09:30", "over the whole Spring Festival"},
		{spring, "2026-02-20 09:30", "2026-02-24 08:30", "2026-02-24 09:30", "a Friday of it"},
		{spring, "2026-02-28 09:00", "2026-02-28 09:00", "2026-02-28 09:30", "the other Saturday that is worked"},
		{spring, "2026-03-01 09:00", "2026-03-02 08:30", "2026-03-02 09:30", "the Sunday behind it is none"},
		{Quiet{}, "2026-02-20 03:00", "2026-02-20 03:00", "2026-02-20 09:30", "the zero value is never"},
	} {
		if got := c.q.Open(at(c.at)); !got.Equal(at(c.open)) {
			t.Errorf("at %s it opens %v, want %s: %s", c.at, got.In(zone), c.open, c.why)
		}
		spec, err := ParseCron("30 9 * * *", zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.q.Next(spec, store.MissedSkip, at(c.at)); !got.Equal(at(c.next)) {
			t.Errorf("after %s the next time is %v, want %s: %s", c.at, got.In(zone), c.next, c.why)
		}
	}
	spec, err := ParseCron("30 9 * * *", zone)
	if err != nil {
		t.Fatal(err)
	}
	if got := spring.Next(spec, store.MissedLate, at("2026-02-14 10:00")); !got.Equal(at("2026-02-24 09:30")) {
		t.Errorf("late: the time after the festival is on the day on which it would be made up for, and still %v", got.In(zone))
	}
	weekly, err := ParseCron("30 9 * * 3", zone)
	if err != nil {
		t.Fatal(err)
	}
	if got := spring.Next(weekly, store.MissedLate, at("2026-02-14 10:00")); !got.Equal(at("2026-02-24 00:00")) {
		t.Errorf("late: the Wednesday of the festival is made up for at %v", got.In(zone))
	}
	always := hours.On(time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday)
	if got := always.Next(spec, store.MissedSkip, at("2026-02-14 10:00")); !got.IsZero() {
		t.Errorf("where there is nothing but rest the next time is %v", got)
	}
	if got := always.Open(at("2026-02-14 10:00")); got.Before(at("2027-02-01 00:00")) {
		t.Errorf("where there is nothing but rest it opens %v", got)
	}
	if weekends.Rests(at("2026-02-20 09:30")) {
		t.Error("With changes the quiet time that it was asked of")
	}
}

func FuzzRest(f *testing.F) {
	f.Add("20:30-08:30", uint8(0b1100000), uint16(0b111), int64(1795348800))
	zone := time.FixedZone("CST", 8*3600)
	f.Fuzz(func(t *testing.T, s string, weekdays uint8, calendar uint16, unix int64) {
		q, err := ParseQuiet(s, zone)
		if err != nil {
			return
		}
		at := time.Unix(unix%(1<<36), 0)
		for d := range 6 { // one is left
			if weekdays&(1<<d) != 0 {
				q = q.On(time.Weekday(d))
			}
		}
		for d := range 16 {
			q = q.With([]store.Day{{Date: at.In(zone).AddDate(0, 0, d).Format(time.DateOnly), Rest: calendar&(1<<d) != 0}})
		}
		open := q.Open(at)
		if open.Before(at) || open.Sub(at) > 25*24*time.Hour || !q.Open(open).Equal(open) || q.Rests(open) {
			t.Errorf("%q at %v opens %v", s, at, open)
		}
	})
}
