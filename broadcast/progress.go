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

// Progress is how far a wave came, lane by lane.
type Progress struct {
	Wave      store.Wave
	Done      int           // deliveries that the machine moves no more, or that were accepted
	PerMinute float64       // of this wave, by all lanes in the last minute
	Left      time.Duration // until the last lane is done with it and with the waves before it, by the forecast's arithmetic; 0: done or not known
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
	p := Progress{Wave: w}
	shares, err := d.desk.Store.Lanes(w.Number)
	if err != nil {
		return p, err
	}
	quiet, err := d.desk.Planner.Calendar()
	if err != nil {
		return p, err
	}
	ahead, err := d.ahead(w)
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
			one.PerMinute, one.Left, one.Status = l.measure(open, ahead[s.Account], s, quiet)
			p.PerMinute += one.PerMinute
			p.Left = max(p.Left, one.Left)
		}
		p.Lanes = append(p.Lanes, one)
	}
	return p, nil
}

// steps is how many messages ahead a lane's end is computed; beyond that it is reckoned in proportion.
const steps = 5000

// ahead counts by account what of earlier waves goes out first: a lane takes the older wave's messages before the newer's.
func (d *Dispatcher) ahead(w store.Wave) (map[string]int, error) {
	all, err := d.desk.Store.Waves(true)
	if err != nil {
		return nil, err
	}
	out := map[string]int{}
	for _, one := range all {
		if one.Number >= w.Number || one.State != store.WaveRunning {
			continue
		}
		shares, err := d.desk.Store.Lanes(one.Number)
		if err != nil {
			return nil, err
		}
		for _, s := range shares {
			out[s.Account] += s.Counts[store.Planned] + s.Counts[store.Sending]
		}
	}
	return out, nil
}

// measure answers a lane's rate in one wave, and how long it still needs for what is open of it behind what is ahead.
func (l *lane) measure(open, ahead int, s store.Lane, quiet Quiet) (perMinute float64, left time.Duration, now Status) {
	l.mu.Lock()
	defer l.mu.Unlock()
	since := time.Since(l.begun)
	perMinute, now = l.meters.perMinute(s.Wave, since), l.status
	if open == 0 {
		return perMinute, 0, now
	}
	all, at := open+ahead, l.now()
	if l.pacer.Text.Unlimited() && l.pacer.Media.Unlimited() {
		if rate := l.meters.together(since); rate > 0 {
			left = time.Duration(float64(all) / rate * float64(time.Minute))
		}
		return perMinute, left, now
	}
	r := run{pacer: newPacer(l.pacer.Pacing, *l.pacer.saved(at), instant{at.wall, at.wall}, mean), quiet: quiet, at: at.wall}
	n := min(all, steps)
	r.media = min(s.Pictures, open) * n / all
	for range n - r.media {
		r.text()
	}
	r.flush()
	left = r.at.Sub(at.wall)
	return perMinute, time.Duration(float64(left) * float64(all) / float64(n)), now
}
