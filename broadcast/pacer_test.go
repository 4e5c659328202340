package broadcast

import (
	"flag"
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chunfeng/store"
)

// TestPacingProperty lets random accounts send for days, with restarts, clocks that are put on and back, and signals, and
// holds what really went to the wire, by real time, against every limit.
// PACING says how many accounts, else a hundred.
func TestPacingProperty(t *testing.T) {
	if n := os.Getenv("PACING"); n != "" {
		was := flag.Lookup("rapid.checks").Value.String()
		if err := flag.Set("rapid.checks", n); err != nil {
			t.Fatal(err)
		}
		defer flag.Set("rapid.checks", was)
	}
	accounts, sends, restarts, jumps, signals := 0, 0, 0, 0, 0
	defer func() {
		t.Logf("proof: %d accounts with random limits: %d sends, no pause, stretch, day or cool-down broken", accounts, sends)
		t.Logf("proof: %d restarts, %d clocks set on or back, %d signs that it is too often meanwhile", restarts, jumps, signals)
	}()
	rapid.Check(t, func(t *rapid.T) {
		accounts++
		limits := func(label string) Limits {
			return Limits{
				Every:     time.Duration(rapid.IntRange(0, 90).Draw(t, label+" every")) * time.Second,
				Spread:    time.Duration(rapid.IntRange(0, 30).Draw(t, label+" spread")) * time.Second,
				PerMinute: rapid.IntRange(0, 4).Draw(t, label+" minute"),
				PerHour:   rapid.IntRange(0, 40).Draw(t, label+" hour"),
				PerDay:    rapid.IntRange(0, 100).Draw(t, label+" day"),
			}
		}
		p := Pacing{Text: limits("text"), Media: limits("media"), Cooldown: []time.Duration{30 * time.Minute, time.Hour}, Watch: 90 * time.Second, Zone: time.FixedZone("CST", 8*3600)}
		real := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
		var ahead time.Duration // of the wall clock
		begun := real
		draw := func(s time.Duration) time.Duration {
			return time.Duration(rapid.Int64Range(0, int64(s)).Draw(t, "pause"))
		}
		now := func() instant { return instant{begun.Add(real.Sub(begun)), real.Add(ahead)} }
		pacer := newPacer(p, store.Pace{Account: "a"}, now(), draw)
		saved := &store.Pace{Account: "a"}
		type sent struct {
			at    time.Time
			media bool
			day   string
		}
		var wire []sent
		var cooling [2]time.Time // of text and media, by real time
		jumped := false
		for range rapid.IntRange(1, 150).Draw(t, "steps") {
			kind := store.Text
			if rapid.IntRange(0, 4).Draw(t, "kind") == 0 {
				kind = store.Image
			}
			switch rapid.IntRange(0, 19).Draw(t, "what") {
			case 0: // a crash, and a start some time later
				restarts++
				real = real.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "down")) * time.Second)
				begun = real.Add(ahead) // the steady clock begins at what the wall says
				begunReal := real
				now = func() instant { return instant{begun.Add(real.Sub(begunReal)), real.Add(ahead)} }
				pacer = newPacer(p, *saved, now(), draw)
			case 1: // somebody sets the clock while it runs
				// Less than two seconds go unseen, and are no matter.
				by := rapid.IntRange(2, 7200).Draw(t, "clock")
				if rapid.Bool().Draw(t, "back") {
					by = -by
				}
				ahead += time.Duration(by) * time.Second
				jumped = true
				jumps++
				if pace := pacer.moved(now()); pace != nil {
					saved = pace
				}
			case 2:
				c := 0
				if kind.Media() {
					c = 1
				}
				again := pacer.class(kind).CoolingUntil.After(now().steady) // the same event, heard once more
				pace, _ := pacer.hit(kind, 0, now())
				saved = pace
				signals++
				if !again {
					cooling[c] = real.Add(30 * time.Minute)
				}
			default:
				for range 200 {
					due, _ := pacer.due(kind, false, now())
					if wait := due.Sub(now().steady); wait > 0 {
						real = real.Add(wait)
						continue
					}
					break
				}
				if due, _ := pacer.due(kind, false, now()); due.After(now().steady) {
					continue // a limit of the day that a clock put back holds up
				}
				if pace := pacer.spend(kind, now()); pace != nil {
					saved = pace
				}
				// The commit takes its time, and may die with the process before the wire.
				real = real.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "commit")) * time.Millisecond)
				if rapid.IntRange(0, 9).Draw(t, "dies") > 0 {
					pacer.wired(kind, now())
					sends++
					wire = append(wire, sent{real, kind.Media(), real.Add(ahead).In(p.Zone).Format(time.DateOnly)})
					c := 0
					if kind.Media() {
						c = 1
					}
					if real.Before(cooling[c]) {
						t.Fatalf("sent at %v although it cools down until %v", real, cooling[c])
					}
				}
			}
			real = real.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "idle")) * time.Second)
		}
		check := func(what string, l Limits, of func(sent) bool) {
			var own []sent
			days := map[string]int{}
			for _, s := range wire {
				if of(s) {
					own = append(own, s)
					days[s.day]++
				}
			}
			for i, s := range own {
				if i > 0 && s.at.Sub(own[i-1].at) < l.Every {
					t.Fatalf("%s: %v between two sends, at least %v", what, s.at.Sub(own[i-1].at), l.Every)
				}
				for _, w := range []struct {
					n       int
					stretch time.Duration
				}{{l.PerMinute, time.Minute}, {l.PerHour, time.Hour}} {
					// A claim reaches the wire up to three seconds late here, and the stretch is held to that.
					if w.n > 0 && i >= w.n && s.at.Sub(own[i-w.n].at) < w.stretch-3*time.Second {
						t.Fatalf("%s: %d sends in %v", what, w.n+1, s.at.Sub(own[i-w.n].at))
					}
				}
			}
			for day, n := range days {
				if l.PerDay > 0 && n > l.PerDay && !jumped {
					t.Fatalf("%s: %d on %s, at most %d", what, n, day, l.PerDay)
				}
			}
		}
		check("all", p.Text, func(sent) bool { return true })
		check("media", p.Media, func(s sent) bool { return s.media })
	})
}

func TestCooldownLadder(t *testing.T) {
	zone := time.FixedZone("CST", 8*3600)
	p := Pacing{
		Text: Limits{Every: 15 * time.Second, PerDay: 400}, Media: Limits{Every: time.Minute, PerDay: 80}, Zone: zone, Watch: 90 * time.Second,
		Cooldown: []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour},
	}
	start := time.Date(2026, 11, 22, 9, 0, 0, 0, zone)
	at := instant{start, start}
	a := newPacer(p, store.Pace{Account: "a"}, at, mean)
	a.spend(store.Text, at)
	forward := func(d time.Duration) { at = instant{at.steady.Add(d), at.wall.Add(d)} }
	if _, third := a.hit(store.Text, 0, at); third {
		t.Error("the first is not the third")
	}
	due := func(k store.Kind, answer bool) time.Duration {
		d, _ := a.due(k, answer, at)
		return d.Sub(at.steady)
	}
	if got := due(store.Text, false); got != 30*time.Minute {
		t.Errorf("after the first signal text waits %v", got)
	}
	if got := due(store.Text, true); got != 30*time.Minute {
		t.Errorf("answers wait %v: the platform does not ask whom it was for", got)
	}
	if got := due(store.Image, false); got > time.Minute {
		t.Errorf("pictures wait %v although only text was too often", got)
	}
	a.hit(store.Text, 0, at) // the same event, heard twice
	forward(30 * time.Minute)
	if got := a.daily(&a.state.Text, p.Text, at); got != 400 {
		t.Errorf("one event heard twice halved the day to %d", got)
	}
	if got := due(store.Text, false); got != 0 {
		t.Errorf("the message on trial waits %v", got)
	}
	a.spend(store.Text, at)
	if got := due(store.Text, false); got != 90*time.Second {
		t.Errorf("behind the message on trial: %v, it is watched for 90 s", got)
	}
	forward(time.Minute)
	if _, third := a.hit(store.Text, 0, at); third {
		t.Error("the second is not the third")
	}
	if got := due(store.Text, false); got != time.Hour {
		t.Errorf("after the second signal: %v", got)
	}
	if got := a.daily(&a.state.Text, p.Text, at); got != 200 {
		t.Errorf("after the second signal in a day the limit is %d", got)
	}
	forward(time.Hour)
	a.spend(store.Text, at)
	if _, third := a.hit(store.Text, 0, at); !third {
		t.Error("people must hear of the third")
	}
	if got, want := due(store.Text, false), nextDay(at.wall, zone).Sub(at.wall); got != want {
		t.Errorf("after the third: %v, the day ends in %v", got, want)
	}
	forward(25 * time.Hour)
	a.hit(store.Text, 0, at)
	if got := due(store.Text, false); got != 30*time.Minute {
		t.Errorf("a day later the ladder begins anew, it waits %v", got)
	}
	forward(72 * time.Hour)
	if got := a.daily(&a.state.Text, p.Text, at); got != 400 {
		t.Errorf("three days later the limit is %d", got)
	}
}

func TestWarmUp(t *testing.T) {
	p := Pacing{Text: Limits{PerDay: 400}, WarmUp: true, Zone: time.UTC}
	start := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	a := newPacer(p, store.Pace{}, instant{start, start}, mean)
	a.spend(store.Text, instant{start, start})
	for _, c := range []struct{ day, want int }{{0, 100}, {6, 100}, {7, 200}, {14, 300}, {21, 400}, {300, 400}} {
		at := start.AddDate(0, 0, c.day)
		if got := a.daily(&a.state.Text, p.Text, instant{at, at}); got != c.want {
			t.Errorf("on day %d the limit is %d, want %d", c.day, got, c.want)
		}
	}
}
