package broadcast

import (
	"testing"
	"time"
)

// TestClockAgo: after the machine's clock was set, what happened within the last minutes may bear times of before.
func TestClockAgo(t *testing.T) {
	for _, c := range []struct {
		name  string
		steps []clockSet // noticed so long ago (negative), and where the clock was before
		drift time.Duration
		ago   time.Duration // asked for is a minute
	}{
		{"nobody set it", nil, 0, time.Minute},
		{"an hour on just now: a moment ago is an hour ago", []clockSet{{-time.Second, 0}}, time.Hour, time.Hour + time.Minute},
		{"an hour on, longer ago than is asked for", []clockSet{{-2 * time.Minute, 0}}, time.Hour, time.Minute},
		{"an hour back: what bears a time to come is younger still", []clockSet{{-time.Second, 0}}, -time.Hour, time.Minute},
		{"on and back within it", []clockSet{{-20 * time.Second, 0}, {-10 * time.Second, time.Hour}}, 0, time.Minute},
		{"back and on within it", []clockSet{{-20 * time.Second, 0}, {-10 * time.Second, -time.Hour}}, 0, time.Hour + time.Minute},
	} {
		now := time.Now()
		// The clock as it is now counts as not drifted.
		k := &clock{begun: now}
		for _, s := range c.steps {
			k.steps = append(k.steps, clockSet{s.at, s.drift - c.drift})
		}
		if got := now.Sub(k.ago(time.Minute)); (got - c.ago).Abs() > time.Second {
			t.Errorf("%s: a minute ago it was %v before now, want %v", c.name, got, c.ago)
		}
	}
}
