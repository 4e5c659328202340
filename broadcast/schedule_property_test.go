package broadcast_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
)

// TestSchedulesProperty lets random recurring orders live through a year and a half with a clock that stands still, jumps
// on for days, and is put back, in zones with and without summer time, over a 29 February: no occurrence becomes two waves,
// each wave lies where its spec says, and what was missed is dealt with as its policy says. SCHEDULES says how many orders
// in each zone, else four.
func TestSchedulesProperty(t *testing.T) {
	each := 4
	if s := os.Getenv("SCHEDULES"); s != "" {
		each, _ = strconv.Atoi(s)
	}
	orders, waves, passes, back, leap, switches := 0, 0, 0, 0, 0, 0
	for z, zone := range []string{"Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(uint64(z), 8))
			for range each {
				orders++
				spec, holds := drawSpec(rng)
				policy := []store.Missed{store.MissedSkip, store.MissedLate, store.MissedAsk}[rng.IntN(3)]
				w := setup(t, 1, 1, func(w *world) { w.p.Zone = loc })
				c := w.queue(broadcast.Order{Cron: spec, Plan: store.Plan{Missed: policy}})
				start := time.Now()
				now, high := start, start
				seen := map[string]bool{}
				for now.Before(start.AddDate(1, 6, 0)) {
					step := time.Duration(rng.Int64N(int64(36 * time.Hour)))
					switch rng.IntN(10) {
					case 0: // put back
						now = now.Add(-time.Duration(rng.Int64N(int64(26 * time.Hour))))
						back++
						step = 0
					case 1, 2: // off for long
						step = time.Duration(rng.Int64N(int64(40 * 24 * time.Hour)))
					case 3, 4, 5:
						// The next occurrence, right when it comes.
						next, err := broadcast.ParseCron(spec, loc)
						if err != nil {
							t.Fatal(err)
						}
						if n := next.Next(now); !n.IsZero() && n.Before(start.AddDate(2, 0, 0)) {
							step = n.Sub(now) + time.Duration(rng.Int64N(int64(4*time.Minute)))
						}
					}
					now = now.Add(step)
					passes++
					if _, err := w.d.Scheduler.Pass(context.Background(), now); err != nil {
						t.Fatal(err)
					}
					all, err := w.s.Waves(false)
					if err != nil {
						t.Fatal(err)
					}
					fresh := 0
					for _, v := range all {
						if v.Schedule != c.Schedule || seen[v.ID] {
							continue
						}
						seen[v.ID] = true
						fresh++
						waves++
						local := v.At.In(loc)
						if day := local.Format(time.DateOnly); seen[day] {
							t.Errorf("%s in %s: two waves on %s", spec, zone, day)
						} else {
							seen[day] = true
						}
						if local.Month() == time.February && local.Day() == 29 {
							leap++
						}
						if _, a := local.Add(-26 * time.Hour).Zone(); a != offset(local) {
							switches++
						}
						if !holds(local) {
							t.Errorf("%s in %s: a wave at %v", spec, zone, local)
						}
						if !v.At.After(high) && high != start {
							t.Errorf("%s in %s: a wave for %v, when %v was dealt with", spec, zone, v.At, high)
						}
						late := now.Sub(v.At)
						switch {
						case late < 0:
							t.Errorf("%s: a wave %v too early", spec, -late)
						case late > 5*time.Minute && policy == store.MissedSkip:
							t.Errorf("%s: %v late, and the policy is to skip", spec, late)
						case late > 5*time.Minute && policy == store.MissedAsk && v.State != store.WaveDraft:
							t.Errorf("%s: %v late it is %s, and the policy is to ask", spec, late, v.State)
						case late <= 5*time.Minute && v.State == store.WaveDraft:
							t.Errorf("%s: in time, and a draft", spec)
						}
					}
					if fresh > 1 {
						t.Errorf("%s: one pass made %d waves", spec, fresh)
					}
					if now.After(high) {
						high = now
					}
				}
				if err := w.s.Close(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	t.Logf("proof: %d recurring orders in four zones, a year and a half each, %d passes of the scheduler, the clock put back %d times", orders, passes, back)
	t.Logf("proof: %d waves, no occurrence twice, each as its spec and its policy for what was missed say", waves)
	t.Logf("proof: %d of them on a 29 February, %d within a day of the switch to or from summer time", leap, switches)
}

func offset(t time.Time) int {
	_, n := t.Zone()
	return n
}

// drawSpec draws a spec of at most one occurrence a day, and what holds at each. An hour that a switch of the clock leaves
// out may move by that hour.
func drawSpec(rng *rand.Rand) (string, func(time.Time) bool) {
	m, h := rng.IntN(60), rng.IntN(24)
	at := func(t time.Time) bool { return t.Minute()%30 == m%30 && (t.Hour()-h+24)%24 <= 1 }
	switch rng.IntN(5) {
	case 0:
		return fmt.Sprintf("%d %d 29 2 *", m, h), func(t time.Time) bool { return at(t) && t.Month() == time.February && t.Day() == 29 }
	case 1:
		day := rng.IntN(7)
		return fmt.Sprintf("%d %d * * %d", m, h, day), func(t time.Time) bool { return at(t) && int(t.Weekday()) == day }
	case 2:
		return fmt.Sprintf("%d %d 31 * *", m, h), func(t time.Time) bool { return at(t) && t.Day() == 31 }
	case 3:
		h = 1 + rng.IntN(2)
		return fmt.Sprintf("%d %d * 3,10,11 *", m, h), func(t time.Time) bool {
			return at(t) && (t.Month() == time.March || t.Month() == time.October || t.Month() == time.November)
		}
	}
	return fmt.Sprintf("%d %d * * *", m, h), at
}

// TestClockPutBack: the half hour that a clock shows twice brings one wave, and the day after is as ever.
func TestClockPutBack(t *testing.T) {
	for _, c := range []struct{ zone, spec, from, want string }{
		{"America/New_York", "28 1 * * *", "2000-10-28T12:00:00-04:00", "2000-10-29T01:28:00-04:00 2000-10-30T01:28:00-05:00"},
		{"Australia/Lord_Howe", "45 1 * * *", "2026-04-04T12:00:00+11:00", "2026-04-05T01:45:00+11:00 2026-04-06T01:45:00+10:30"},
		{"Asia/Shanghai", "28 1 * * *", "2026-10-24T12:00:00+08:00", "2026-10-25T01:28:00+08:00 2026-10-26T01:28:00+08:00"},
	} {
		loc, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		spec, err := broadcast.ParseCron(c.spec, loc)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339, c.from)
		if err != nil {
			t.Fatal(err)
		}
		first := spec.Next(at)
		if got := first.In(loc).Format(time.RFC3339) + " " + spec.Next(first).In(loc).Format(time.RFC3339); got != c.want {
			t.Errorf("%s: %s, want %s", c.zone, got, c.want)
		}
	}
}
