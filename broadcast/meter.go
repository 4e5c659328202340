package broadcast

import "time"

// meters count a lane's sends of the last minute wave by wave. A wave of which nothing went out for a minute is forgotten.
type meters map[uint32]*meter

// add counts a send of a wave. since is how long the lane's clock runs.
func (m meters) add(wave uint32, since time.Duration) {
	one := m[wave]
	if one == nil {
		for other, o := range m {
			if o.perMinute(since) == 0 {
				delete(m, other)
			}
		}
		one = &meter{}
		m[wave] = one
	}
	one.add(since)
}

// perMinute is how many of a wave were sent in the last minute.
func (m meters) perMinute(wave uint32, since time.Duration) float64 {
	if one := m[wave]; one != nil {
		return one.perMinute(since)
	}
	return 0
}

// together is how many of all waves were sent in the last minute.
func (m meters) together(since time.Duration) (sum float64) {
	for _, one := range m {
		sum += one.perMinute(since)
	}
	return sum
}

// meter counts the sends of the last minute, a second a cell.
type meter struct {
	cells [60]int
	last  int // the second that was counted last
	begun bool
	from  int // the first second of all
}

func (m *meter) add(since time.Duration) {
	m.turn(int(since / time.Second))
	m.cells[m.last%60]++
}

// turn empties the cells of the seconds that passed.
func (m *meter) turn(now int) {
	if !m.begun {
		m.begun, m.from, m.last = true, now, now
	}
	for i := m.last + 1; i <= now && i <= m.last+60; i++ {
		m.cells[i%60] = 0
	}
	m.last = max(m.last, now)
}

// perMinute is how many were sent in the last minute, or would have been at the rate so far when it is younger.
func (m *meter) perMinute(since time.Duration) float64 {
	if !m.begun {
		return 0
	}
	m.turn(int(since / time.Second))
	n := 0
	for _, c := range m.cells {
		n += c
	}
	return float64(n) * 60 / float64(min(60, m.last-m.from+1))
}
