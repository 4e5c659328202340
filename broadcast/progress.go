package broadcast

import (
	"time"

	"chunfeng/store"
)

// LaneState says what a lane is doing.
type LaneState string

// The states of a lane.
const (
	LaneIdle     LaneState = "idle"
	LaneSending  LaneState = "sending"
	LaneWaiting  LaneState = "waiting" // for its pace: Status.For
	LaneQuiet    LaneState = "quiet"   // quiet hours, or a day of rest
	LaneOffline  LaneState = "offline"
	LaneStopped  LaneState = "stopped" // the platform forbade it
	LanePaused   LaneState = "paused"  // by staff
	LaneNoLedger LaneState = "no_ledger"
)

// Status is what a lane is doing at the moment.
type Status struct {
	State LaneState `json:"state"`
	For   Wait      `json:"for,omitempty"`
	Until time.Time `json:"until,omitzero"`
}

// say notes what the lane is doing, and answers what it was doing before.
func (l *lane) say(s Status) (before LaneState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before, l.status = l.status.State, s
	return before
}

// tally counts what was accepted on a day.
type tally struct {
	day string
	n   int
}

func (t *tally) add(at time.Time) {
	if day := at.Format(time.DateOnly); day != t.day {
		*t = tally{day: day}
	}
	t.n++
}

// SentToday tells how many messages of an account were accepted today: since the program started, and where the account is
// paced since the day began.
func (d *Dispatcher) SentToday(account string) int {
	l := d.lane(account)
	if l == nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.day.day != time.Now().In(l.pacer.Zone).Format(time.DateOnly) {
		return 0
	}
	return l.day.n
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

// Progress is how far a wave came, lane by lane.
type Progress struct {
	Wave      store.Wave
	Done      int // deliveries that the machine moves no more, or that were accepted
	Total     int
	PerMinute float64       // of all lanes in the last minute, whatever they sent
	Left      time.Duration // until the last lane is done, by the forecast's arithmetic; 0: done or not known
	Lanes     []LaneProgress
}

// LaneProgress is one account's share.
type LaneProgress struct {
	Account   string
	Done      int
	Total     int
	Counts    store.Tally
	PerMinute float64
	Left      time.Duration
	Status    Status
}

// Progress answers how far a wave came.
func (d *Dispatcher) Progress(waveID string) (Progress, error) {
	w, err := d.desk.Store.Wave(waveID)
	if err != nil {
		return Progress{}, err
	}
	p := Progress{Wave: w, Total: w.Total}
	shares, err := d.desk.Store.Lanes(w.Number)
	if err != nil {
		return p, err
	}
	quiet, err := d.desk.Planner.Calendar()
	if err != nil {
		return p, err
	}
	for _, s := range shares {
		open := s.Counts[store.Planned] + s.Counts[store.Sending]
		one := LaneProgress{Account: s.Account, Counts: s.Counts, Total: s.Counts.Total(), Done: s.Counts.Total() - open}
		p.Done += one.Done
		if s.Account == "" {
			continue
		}
		if l := d.lane(s.Account); l != nil {
			one.PerMinute, one.Left, one.Status = l.measure(open, s, quiet)
			p.PerMinute += one.PerMinute
			p.Left = max(p.Left, one.Left)
		}
		p.Lanes = append(p.Lanes, one)
	}
	return p, nil
}

// steps is how many messages ahead a lane's end is computed; beyond that it is reckoned in proportion.
const steps = 5000

// measure answers a lane's rate and how long it still needs for a number of messages.
func (l *lane) measure(open int, s store.Lane, quiet Quiet) (perMinute float64, left time.Duration, now Status) {
	l.mu.Lock()
	defer l.mu.Unlock()
	perMinute, now = l.meter.perMinute(time.Since(l.begun)), l.status
	if open == 0 {
		return perMinute, 0, now
	}
	at := l.now()
	if l.pacer.Text.Unlimited() && l.pacer.Media.Unlimited() {
		if perMinute > 0 {
			left = time.Duration(float64(open) / perMinute * float64(time.Minute))
		}
		return perMinute, left, now
	}
	r := run{pacer: newPacer(l.pacer.Pacing, *l.pacer.saved(at), instant{at.wall, at.wall}, mean), quiet: quiet, at: at.wall}
	n := min(open, steps)
	r.media = min(s.Pictures, open) * n / open
	for range n - r.media {
		r.text()
	}
	r.flush()
	left = r.at.Sub(at.wall)
	return perMinute, time.Duration(float64(left) * float64(open) / float64(n)), now
}
