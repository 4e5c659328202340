package api

import (
	"slices"
	"time"

	"chunfeng/store"
)

// HourReport is what was settled within an hour, or for a season within a day: deliveries by the state that they are in
// now, at the time at which they last changed. What still waits is not among them.
type HourReport struct {
	From  *time.Time  `json:"from"`
	Tally store.Tally `json:"tally"`
}

// waveCount is a wave's deliveries, counted once through.
type waveCount struct {
	counties map[string]*CountyReport
	reasons  map[ReasonCount]int
	reached  groupSet // those that got at least one message, as far as is known
	groups   int      // how many those are
	hours    map[time.Time]*store.Tally
}

func (n *waveCount) county(code string) *CountyReport {
	c, ok := n.counties[code]
	if !ok {
		c = &CountyReport{County: code}
		n.counties[code] = c
	}
	return c
}

// countWave counts a wave's deliveries to the groups that the caller may see. It reads every row: some 0.3 s for a hundred
// thousand.
func (a *API) countWave(w store.Wave, of homes, c Caller) (*waveCount, error) {
	n := &waveCount{counties: map[string]*CountyReport{}, reasons: map[ReasonCount]int{}, hours: map[time.Time]*store.Tally{}}
	for f := (store.Filter{Start: true, Limit: PageLimit}); ; f.Start = false {
		page, err := a.store.Deliveries(w.Number, f)
		if err != nil {
			return nil, err
		}
		for _, d := range page.Deliveries {
			if c.Sees(of.of(d.Group)) {
				n.add(d, w, of.of(d.Group), a.local(d.Updated))
			}
		}
		f.After = page.Next
		if !page.More {
			return n, nil
		}
	}
}

func (n *waveCount) add(d store.Delivery, w store.Wave, code string, at time.Time) {
	c, state := n.county(code), d.State
	if state == store.Planned && w.Held() {
		state = store.Held
	}
	c.Total++
	c.Tally[state]++
	if (state == store.Sent || state == store.Accepted) && n.reached.add(d.Group) {
		c.Groups++
		n.groups++
	}
	if state == store.Skipped || state == store.Failed || state == store.Unknown {
		n.reasons[ReasonCount{State: state, Reason: d.Reason}]++
	}
	if state == store.Planned || state == store.Held || state == store.Sending {
		return
	}
	hour := at.Truncate(time.Hour) // the bureau's zone is a whole number of hours from UTC, or the hours stand a little off
	if n.hours[hour] == nil {
		n.hours[hour] = &store.Tally{}
	}
	n.hours[hour][state]++
}

// hours lays counts out in order, with the empty hours between them as far as two days: a plot of a wave that paused over
// a week-end need not be mostly nothing.
func (a *API) hours(counts map[time.Time]*store.Tally) []HourReport {
	return a.steps(counts, 48, func(t time.Time) time.Time { return t.Add(time.Hour) })
}

func (a *API) steps(counts map[time.Time]*store.Tally, most int, next func(time.Time) time.Time) []HourReport {
	var at []time.Time
	for t := range counts {
		at = append(at, t)
	}
	slices.SortFunc(at, time.Time.Compare)
	out := []HourReport{}
	for i, t := range at {
		if i > 0 {
			gap := next(at[i-1])
			for k := 0; k < most && gap.Before(t); k++ {
				out = append(out, HourReport{a.moment(gap), store.Tally{}})
				gap = next(gap)
			}
		}
		out = append(out, HourReport{a.moment(t), *counts[t]})
	}
	return out
}

// reachSeason counts over all waves which groups were reached, and what was settled on which day.
func (a *API) reachSeason(waves []store.Wave, of homes, c Caller, counties map[string]*SeasonCounty, out *SeasonReport) error {
	reached, days := groupSet{}, map[time.Time]*store.Tally{}
	for _, w := range waves {
		n, err := a.countWave(w, of, c)
		if err != nil {
			return err
		}
		for g, was := range n.reached {
			if !was || !reached.add(uint32(g)) {
				continue
			}
			out.Reached++
			if one := counties[of.of(uint32(g))]; one != nil {
				one.Reached++
			}
		}
		for hour, t := range n.hours {
			day := time.Date(hour.Year(), hour.Month(), hour.Day(), 0, 0, 0, 0, hour.Location())
			if days[day] == nil {
				days[day] = &store.Tally{}
			}
			for s, k := range t {
				days[day][s] += k
			}
		}
	}
	out.Days = a.steps(days, 31, func(t time.Time) time.Time { return t.AddDate(0, 0, 1) })
	return nil
}
