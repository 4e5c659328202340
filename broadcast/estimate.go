package broadcast

import (
	"time"

	"chunfeng/store"
)

// Estimate says how long texts to so many groups take, shared evenly among so many accounts that are past their warming up
// and have sent nothing yet, by the arithmetic of the forecast: when the last one goes out, and on how many days something
// does. It works in microseconds for each of an account's messages, so mind who may ask for how many. Without groups or
// accounts nothing is sent.
func (p *Planner) Estimate(groups, accounts int, from time.Time) (finish time.Time, days int, err error) {
	if groups <= 0 || accounts <= 0 {
		return from, 0, nil
	}
	quiet, err := p.Calendar()
	if err != nil {
		return from, 0, err
	}
	var finishes [256]time.Time
	r := &run{pacer: newPacer(p.Pacing, store.Pace{Since: from.AddDate(-1, 0, 0)}, instant{from, from}, mean), quiet: quiet, at: from, finish: &finishes}
	// They go side by side, so the one with the most groups is the last.
	for range (groups + accounts - 1) / accounts {
		r.send(store.Text)
		r.sent(0)
	}
	return r.last, len(r.days), nil
}
