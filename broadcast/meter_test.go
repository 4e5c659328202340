package broadcast

import (
	"testing"
	"time"
)

// TestMetersCountWaveByWave keeps two waves of one lane apart.
func TestMetersCountWaveByWave(t *testing.T) {
	m := meters{}
	at := func(s int) time.Duration { return time.Duration(s) * time.Second }
	for s := range 60 {
		m.add(1, at(s))
		if s%2 == 0 {
			m.add(2, at(s))
		}
	}
	if a, b, all := m.perMinute(1, at(59)), m.perMinute(2, at(59)), m.together(at(59)); a != 60 || b < 29 || b > 31 || all != a+b {
		t.Errorf("one wave at %v, the other at %v, together %v", a, b, all)
	}
	if r := m.perMinute(3, at(59)); r != 0 {
		t.Errorf("a wave of which nothing went out is at %v", r)
	}
	m.add(4, at(200))
	if len(m) != 1 {
		t.Errorf("%d waves are remembered of which nothing went out for minutes", len(m)-1)
	}
}
