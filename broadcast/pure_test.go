package broadcast

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chunfeng/store"
)

func TestQuiet(t *testing.T) {
	zone := time.FixedZone("CST", 8*3600)
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	at := func(z *time.Location, s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04:05", s, z)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct {
		quiet      string
		zone       *time.Location
		at, opened string
		why        string
	}{
		{"20:30-08:30", zone, "2026-11-22 20:29:59", "2026-11-22 20:29:59", "the last second before it"},
		{"20:30-08:30", zone, "2026-11-22 20:30:00", "2026-11-23 08:30:00", "its first moment is quiet"},
		{"20:30-08:30", zone, "2026-11-22 00:00:00", "2026-11-22 08:30:00", "behind midnight"},
		{"20:30-08:30", zone, "2026-11-22 08:29:59", "2026-11-22 08:30:00", "its last second"},
		{"20:30-08:30", zone, "2026-11-22 08:30:00", "2026-11-22 08:30:00", "its end is open"},
		{"12:00-14:00", zone, "2026-11-22 13:00:00", "2026-11-22 14:00:00", "within one day"},
		{"12:00-14:00", zone, "2026-11-22 15:00:00", "2026-11-22 15:00:00", "behind one of the day"},
		{"20:30-08:30", zone, "2026-12-31 23:00:00", "2027-01-01 08:30:00", "over the year's end"},
		{"20:30-08:30", zone, "2028-02-28 23:00:00", "2028-02-29 08:30:00", "into a 29 February"},
		{"00:00-06:00", zone, "2026-11-22 00:00:00", "2026-11-22 06:00:00", "from midnight"},
		{"20:00-00:00", zone, "2026-11-22 22:00:00", "2026-11-23 00:00:00", "to midnight"},
		{"22:00-03:30", berlin, "2026-03-28 23:00:00", "2026-03-29 03:30:00", "the night that loses an hour"},
		{"22:00-03:30", berlin, "2026-10-24 23:00:00", "2026-10-25 03:30:00", "the night that has one twice"},
		{"", zone, "2026-11-22 02:00:00", "2026-11-22 02:00:00", "none"},
	} {
		q, err := ParseQuiet(c.quiet, c.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := q.Open(at(c.zone, c.at)), at(c.zone, c.opened); !got.Equal(want) {
			t.Errorf("%s at %s: opens %v, want %v: %s", c.quiet, c.at, got, want, c.why)
		}
	}
	for _, bad := range []string{"noon", "20:30", "25:00-08:00", "20:30-08:60", "-"} {
		if _, err := ParseQuiet(bad, zone); err == nil {
			t.Errorf("%q is taken for quiet hours", bad)
		}
	}
}

func TestCron(t *testing.T) {
	zone := time.FixedZone("CST", 8*3600)
	for _, bad := range []string{"", "* * * *", "@every 5m", "TZ=", "CRON_TZ=UTC", "TZ=UTC 0 9 * * *", "0 9 30 2 *", "61 * * * *", "@never", "0 9 * * * *"} {
		if _, err := ParseCron(bad, zone); err == nil {
			t.Errorf("%q is taken for a recurring time", bad)
		}
	}
	for _, c := range []struct{ spec, from, want, why string }{
		{"30 9 * * 1-5", "2026-11-20 09:30", "2026-11-23 09:30", "from Friday over the weekend, not the same moment again"},
		{"0 9 29 2 *", "2026-11-22 00:00", "2028-02-29 09:00", "a 29 February"},
		{"@daily", "2026-11-22 00:00", "2026-11-23 00:00", "a name"},
	} {
		s, err := ParseCron(c.spec, zone)
		if err != nil {
			t.Fatal(err)
		}
		from, _ := time.ParseInLocation("2006-01-02 15:04", c.from, zone)
		if got := s.Next(from).In(zone).Format("2006-01-02 15:04"); got != c.want {
			t.Errorf("%s after %s: %s, want %s: %s", c.spec, c.from, got, c.want, c.why)
		}
	}
}

func FuzzCron(f *testing.F) {
	for _, s := range []string{"30 9 * * 1-5", "@daily", "TZ=", "*/0 * * * *", "0-59/7 * ? JAN SUN", "1-2-3 * * * *", "CRON_TZ=Asia/Shanghai 0 9 * * *"} {
		f.Add(s)
	}
	zone := time.FixedZone("CST", 8*3600)
	f.Fuzz(func(t *testing.T, spec string) {
		c, err := ParseCron(spec, zone)
		if err != nil {
			return
		}
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, zone)
		if n := c.Next(at); !n.After(at) {
			t.Errorf("%q: the occurrence after %v is %v", spec, at, n)
		}
	})
}

func FuzzQuiet(f *testing.F) {
	f.Add("20:30-08:30", int64(1795348800))
	f.Add("00:00-00:00", int64(0))
	zone := time.FixedZone("CST", 8*3600)
	f.Fuzz(func(t *testing.T, s string, unix int64) {
		q, err := ParseQuiet(s, zone)
		if err != nil {
			return
		}
		at := time.Unix(unix%(1<<36), 0)
		open := q.Open(at)
		if open.Before(at) || open.Sub(at) > 24*time.Hour || !q.Open(open).Equal(open) {
			t.Errorf("%q at %v opens %v", s, at, open)
		}
	})
}

func TestOutcome(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	const again = 30 * time.Second
	ok := Receipt{ServerID: "7"}
	notSent := store.Attempt{Outcome: store.NotSent}
	temporary := &SendError{Reason: "dial", Certain: true, Temporary: true}
	for _, c := range []struct {
		why    string
		r      Receipt
		err    error
		before []store.Attempt
		want   store.Outcome
		reason store.Reason
		after  time.Duration
		signal Signal
	}{
		{"accepted", ok, nil, nil, store.Taken, "", 0, NoSignal},
		{"accepted without an id proves nothing", Receipt{}, nil, nil, store.NotKnown, store.ReasonNotAnswered, 0, NoSignal},
		{"a bare error ends in Unknown", ok, errors.New("reset"), nil, store.NotKnown, store.ReasonNotAnswered, 0, NoSignal},
		{"the zero SendError claims nothing", ok, &SendError{}, nil, store.NotKnown, store.ReasonNotAnswered, 0, NoSignal},
		{"uncertain is not temporary", ok, &SendError{Reason: "eof", Temporary: true}, nil, store.NotKnown, "eof", 0, NoSignal},
		{"a panic is not known", ok, fmt.Errorf("%w: x", errPanic), nil, store.NotKnown, ReasonPanic, 0, NoSignal},
		{"certain and final", ok, &SendError{Reason: "gone", Certain: true}, nil, store.Refused, "gone", 0, NoSignal},
		{"certain and temporary waits", ok, temporary, nil, store.NotSent, "dial", again, NoSignal},
		{"wrapped too", ok, fmt.Errorf("lane: %w", temporary), nil, store.NotSent, "dial", again, NoSignal},
		{"the second wait is longer", ok, temporary, []store.Attempt{notSent}, store.NotSent, "dial", 4 * again, NoSignal},
		{"the third time is the last", ok, temporary, []store.Attempt{notSent, notSent}, store.Refused, "dial", 0, NoSignal},
		{"an order to retry begins anew", ok, temporary, []store.Attempt{notSent, notSent, {Outcome: store.Refused}}, store.NotSent, "dial", again, NoSignal},
		{"not sooner than it says", ok, &SendError{Certain: true, Temporary: true, After: time.Hour, Reason: "x", Signal: TooOften}, nil, store.NotSent, "x", time.Hour, TooOften},
		{"a signal of an uncertain error is heard", ok, &SendError{Signal: LoggedOut}, nil, store.NotKnown, store.ReasonNotAnswered, 0, LoggedOut},
	} {
		s, signal := outcome(c.r, c.err, c.before, again, now)
		got := fmt.Sprint(s.Outcome, s.Reason, signal)
		if want := fmt.Sprint(c.want, c.reason, c.signal); got != want {
			t.Errorf("%s: got %s, want %s", c.why, got, want)
		}
		if c.after > 0 && !s.After.Equal(now.Add(c.after)) || c.after == 0 && !s.After.IsZero() {
			t.Errorf("%s: again after %v", c.why, s.After)
		}
	}
}

func TestMeter(t *testing.T) {
	var m meter
	if m.perMinute(time.Hour) != 0 {
		t.Error("nothing was sent")
	}
	for i := range 600 {
		m.add(time.Duration(i) * time.Second / 2)
	}
	if got := m.perMinute(299 * time.Second); got != 120 {
		t.Errorf("two a second are %v a minute", got)
	}
	if got := m.perMinute(329 * time.Second); got != 60 {
		t.Errorf("half a minute later: %v", got)
	}
	if got := m.perMinute(10 * time.Minute); got != 0 {
		t.Errorf("long after: %v", got)
	}
}

func TestShiftKeepsWhatSurvives(t *testing.T) {
	p := Pacing{Text: Limits{Every: 15 * time.Second, PerHour: 3}, Zone: time.UTC}
	begun := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	a := newPacer(p, store.Pace{Account: "a"}, instant{begun, begun}, mean)
	// The wall clock was put back an hour: what is saved is in its terms.
	now := instant{begun.Add(time.Minute), begun.Add(-59 * time.Minute)}
	saved := a.spend(store.Text, now)
	if !saved.Text.Last.Equal(now.wall) {
		t.Errorf("saved %v, the wall says %v", saved.Text.Last, now.wall)
	}
	b := newPacer(p, *saved, instant{now.wall, now.wall}, mean)
	if d := cmp.Diff(saved.Text.Recent, b.state.Text.Recent); d != "" {
		t.Error(d)
	}
}
