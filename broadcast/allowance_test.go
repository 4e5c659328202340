package broadcast

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chunfeng/store"
)

// TestAllowanceIsWhatTheLaneKeeps sends with a pacer until a limit holds it, and holds what people are shown against it.
func TestAllowanceIsWhatTheLaneKeeps(t *testing.T) {
	zone := time.FixedZone("CST", 8*3600)
	begun := time.Date(2026, 11, 22, 9, 0, 0, 0, zone)
	p := Pacing{
		Text: Limits{PerMinute: 3, PerHour: 10, PerDay: 40}, Media: Limits{PerHour: 2, PerDay: 8}, WarmUp: true,
		Cooldown: []time.Duration{30 * time.Minute}, Zone: zone,
	}
	none := func(time.Duration) time.Duration { return 0 }
	a := newPacer(p, store.Pace{Account: "a"}, instant{begun, begun}, none)
	at, saved := begun, store.Pace{}
	send := func(k store.Kind) {
		t.Helper()
		due, _ := a.due(k, false, instant{at, at})
		at = due
		saved = *a.spend(k, instant{at, at})
	}
	if got := p.Allowance(saved, at); got.Text.PerDay != 10 || got.Text.FullDay != 40 || got.Week != 1 || got.Text.Today != 0 {
		t.Errorf("a new account: %+v", got)
	}
	for range 3 {
		send(store.Text)
	}
	send(store.Image)
	want := Allowance{
		Text:  Used{Minute: 1, PerMinute: 3, Hour: 4, PerHour: 10, Today: 4, PerDay: 10, FullDay: 40},
		Media: Used{Minute: 1, Hour: 1, PerHour: 2, Today: 1, PerDay: 2, FullDay: 8}, Week: 1,
	}
	if d := cmp.Diff(want, p.Allowance(saved, at)); d != "" {
		t.Error(d)
	}
	for p.Allowance(saved, at).Text.Today < 10 {
		send(store.Text)
	}
	if _, why := a.due(store.Text, false, instant{at, at}); why != WaitDay {
		t.Errorf("the cap that is shown is spent, and the lane waits for %q", why)
	}
	pace, _ := a.hit(store.Text, 0, instant{at, at})
	if got := p.Allowance(*pace, at); !got.Text.CoolingUntil.Equal(at.Add(30*time.Minute)) || got.Text.Signals != 1 || !got.Media.CoolingUntil.IsZero() {
		t.Errorf("after a signal: %+v", got)
	}
	later := at.Add(31 * time.Minute)
	pace, _ = a.hit(store.Text, 0, instant{later, later})
	if got := p.Allowance(*pace, later); got.Text.PerDay != 5 || got.Text.Signals != 2 || !got.Text.HalvedUntil.Equal(later.Add(72*time.Hour)) {
		t.Errorf("after a second signal: %+v", got)
	}
	next := begun.Add(24 * time.Hour)
	if got := p.Allowance(saved, next); got.Text.Today != 0 || got.Text.Hour != 0 {
		t.Errorf("on the next day: %+v", got)
	}
	for days, week := range map[int]int{6: 1, 7: 2, 20: 3, 21: 0, 400: 0} {
		got := p.Allowance(saved, begun.Add(time.Duration(days)*24*time.Hour))
		if caps := map[int]int{1: 10, 2: 20, 3: 30, 0: 40}; got.Text.PerDay != caps[week] || got.Week != week {
			t.Errorf("after %d days: a cap of %d, week %d, want week %d", days, got.Text.PerDay, got.Week, week)
		}
	}
	if got := (Pacing{Zone: zone}).Allowance(store.Pace{}, begun); got != (Allowance{}) {
		t.Errorf("without limits: %+v", got)
	}
}
