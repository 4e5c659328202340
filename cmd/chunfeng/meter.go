package main

import (
	"sync"
	"time"

	"chunfeng/store"
)

// meter turns the counts of lanes into bars with a rate.
type meter struct {
	mu   sync.Mutex
	seen map[string][]mark
}

type mark struct {
	at   time.Time
	done int
}

// window is the time over which a rate is taken.
const window = 3 * time.Second

func newMeter() *meter { return &meter{seen: map[string][]mark{}} }

func (m *meter) bars(all string, lanes []store.Lane, notes map[string]string) []bar {
	m.mu.Lock()
	defer m.mu.Unlock()
	sum := bar{name: all}
	out := []bar{{}}
	for _, l := range lanes {
		if l.Account == "" {
			continue // skipped before it began
		}
		b := bar{name: l.Account, total: l.Counts.Total()}
		b.done = b.total - l.Counts[store.Planned] - l.Counts[store.Sending]
		m.pace(&b)
		if b.done < b.total {
			b.note = notes[l.Account]
		}
		sum.done, sum.total = sum.done+b.done, sum.total+b.total
		out = append(out, b)
	}
	m.pace(&sum)
	out[0] = sum
	return out
}

// pace gives a bar its rate over the last seconds, and the time that is left at that rate.
func (m *meter) pace(b *bar) {
	now := time.Now()
	marks := append(m.seen[b.name], mark{now, b.done})
	for len(marks) > 2 && now.Sub(marks[0].at) > window {
		marks = marks[1:]
	}
	m.seen[b.name] = marks
	if span := now.Sub(marks[0].at).Seconds(); span > 0 {
		b.rate = float64(b.done-marks[0].done) / span
	}
	if b.rate > 0 {
		b.left = time.Duration(float64(b.total-b.done) / b.rate * float64(time.Second))
	}
}
