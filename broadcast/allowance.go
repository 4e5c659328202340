package broadcast

import (
	"time"

	"chunfeng/store"
)

// Used is what an account sent of one kind against what it may, at a moment. A cap of 0 is none.
type Used struct {
	Minute, PerMinute int       // in the last 60 seconds
	Hour, PerHour     int       // in the last 60 minutes; not counted where there is no cap
	Today, PerDay     int       // on this day of the bureau; PerDay is the cap in force: less while the account is new, half after a second signal
	FullDay           int       // the cap of an account that is neither new nor halved; 0: none
	CoolingUntil      time.Time // WeChat asked for less until then; zero: it does not
	HalvedUntil       time.Time // the day's cap is halved until then; zero: it is not
	Signals           int       // how often WeChat asked for less in the last 24 hours
}

// Allowance is what an account sent against its limits.
type Allowance struct {
	Text  Used // every message, pictures too
	Media Used // pictures and files
	Week  int  // of the warm-up, 1 to 3, with a quarter of the day's cap for each; 0: there is none, or it is over
}

// Allowance reads what an account's pacing remembers, by the arithmetic that its lane keeps to. It changes nothing. Where a
// kind has no limits at all nothing is remembered of it, and its numbers are 0.
func (p Pacing) Allowance(saved store.Pace, at time.Time) Allowance {
	now := instant{at, at}
	a := newPacer(p, saved, now, func(time.Duration) time.Duration { return 0 })
	one := func(s *store.Spent, l Limits) Used {
		u := Used{PerMinute: l.PerMinute, PerHour: l.PerHour, Today: a.today(s, now), PerDay: a.daily(s, l, now), FullDay: l.PerDay}
		for _, sent := range s.Recent {
			age := at.Sub(time.Unix(sent, 0))
			if age < time.Hour && l.PerHour > 0 { // no more is remembered than the caps look back
				u.Hour++
			}
			if age < time.Minute {
				u.Minute++
			}
		}
		if s.CoolingUntil.After(at) {
			u.CoolingUntil = s.CoolingUntil
		}
		if s.HalvedUntil.After(at) {
			u.HalvedUntil = s.HalvedUntil
		}
		for _, hit := range s.Hits {
			if at.Sub(hit) < 24*time.Hour {
				u.Signals++
			}
		}
		return u
	}
	out := Allowance{Text: one(&a.state.Text, p.Text), Media: one(&a.state.Media, p.Media)}
	if week := int(at.Sub(saved.Since)/(7*24*time.Hour)) + 1; p.WarmUp && (p.Text.PerDay > 0 || p.Media.PerDay > 0) {
		if saved.Since.IsZero() {
			out.Week = 1
		} else if week < 4 {
			out.Week = max(week, 1)
		}
	}
	return out
}
