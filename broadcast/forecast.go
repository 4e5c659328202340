package broadcast

import (
	"time"

	"chunfeng/store"
	"chunfeng/templates/place"
)

// Forecast is when a wave would be done, by the same arithmetic that the lanes follow, with the mean of each random pause.
type Forecast struct {
	Start    time.Time // the end of the hold
	Finish   time.Time
	Days     int // calendar days on which something is sent
	Accounts []AccountForecast
	Counties []CountyForecast
}

// AccountForecast is one account's share.
type AccountForecast struct {
	Account  string
	Groups   int
	Messages int
	Pictures int // of them
	Backlog  int // messages of other waves that go first
	Today    int // sent today already, of Limit
	Limit    int // of today; 0: none

	PicturesToday, PictureLimit int       // the same of pictures, which the platform counts apart
	First                       time.Time // the first message of this wave
	Finish                      time.Time
}

// CountyForecast is when a county's last group has it.
type CountyForecast struct {
	County string // a code; empty: groups of no known county
	Groups int
	Finish time.Time
}

// mean takes the middle of a random pause.
func mean(spread time.Duration) time.Duration { return spread / 2 }

// forecast plays the wave through.
func (p *Planner) forecast(v *Preview, f *fleet, quiet Quiet, start time.Time) Forecast {
	out := Forecast{Start: start, Finish: start, Days: 1}
	var finish [256]time.Time
	var groups [256]int
	days := map[string]bool{}
	runs := make([]*run, len(f.accounts))
	observed := start
	for i, lane := range v.lanes {
		if len(lane) == 0 {
			continue
		}
		r := &run{pacer: newPacer(p.Pacing, f.paces[i], instant{start, start}, mean), quiet: quiet, at: start}
		runs[i] = r
		for range f.backlog[i].text {
			r.send(store.Text)
		}
		for range f.backlog[i].media {
			r.media++
		}
		r.flush()
		n := 0
		for ; n < len(lane) && v.targets[lane[n]].canary; n++ {
			r.post(v, lane[n], &finish)
		}
		if r.canaries = n; n > 0 && v.Plan.Canary > 0 {
			r.flush()
			if t := r.at.Add(v.Plan.Observe); t.After(observed) {
				observed = t
			}
		}
	}
	for i, lane := range v.lanes {
		r := runs[i]
		if r == nil {
			continue
		}
		if v.Plan.Canary > 0 && observed.After(r.at) {
			r.at = observed
		}
		var later []uint32
		for _, n := range lane[r.canaries:] {
			if v.targets[n].later {
				later = append(later, n)
				continue
			}
			r.post(v, n, &finish)
		}
		r.flush()
		for _, n := range later {
			r.at = maxTime(r.at, nextDay(start, p.Zone))
			r.post(v, n, &finish)
		}
		r.flush()
		for _, n := range lane {
			groups[v.targets[n].county]++
		}
		for d := range r.days {
			days[d] = true
		}
		a := AccountForecast{
			Account: v.names[i], Groups: len(lane), Messages: r.own, Pictures: r.pictures, Backlog: f.backlog[i].text + f.backlog[i].media,
			First: r.first, Finish: r.last,
		}
		now := time.Now()
		at := instant{now, now}
		fresh := newPacer(p.Pacing, f.paces[i], at, mean)
		a.Today, a.Limit = fresh.today(&fresh.state.Text, at), fresh.daily(&fresh.state.Text, p.Pacing.Text, at)
		a.PicturesToday, a.PictureLimit = fresh.today(&fresh.state.Media, at), fresh.daily(&fresh.state.Media, p.Pacing.Media, at)
		if r.last.After(out.Finish) {
			out.Finish = r.last
		}
		out.Accounts = append(out.Accounts, a)
	}
	out.Days = max(1, len(days))
	codes := []string{""}
	for _, c := range place.All() {
		codes = append(codes, c.Code)
	}
	for i, code := range codes {
		if groups[i] > 0 {
			out.Counties = append(out.Counties, CountyForecast{code, groups[i], finish[i]})
		}
	}
	return out
}

// run plays one lane through.
type run struct {
	pacer    *pacer
	quiet    Quiet
	at       time.Time // of the last message
	media    int       // pictures that wait for their pace, of the groups in waiting
	waiting  []uint8   // their counties
	finish   *[256]time.Time
	canaries int
	own      int
	pictures int // of own
	first    time.Time
	last     time.Time
	days     map[string]bool
}

// next is when a message of a kind can go.
func (r *run) next(kind store.Kind) time.Time {
	for at := r.at; ; {
		due, _ := r.pacer.due(kind, false, instant{at, at})
		open := r.quiet.Open(due)
		if open.Equal(at) {
			return at
		}
		at = open
	}
}

func (r *run) send(kind store.Kind) {
	r.at = r.next(kind)
	r.pacer.spend(kind, instant{r.at, r.at})
}

// post sends what a group gets; its pictures wait for their own pace while the texts of others go on.
func (r *run) post(v *Preview, n uint32, finish *[256]time.Time) {
	r.finish = finish
	t := v.targets[n]
	for range v.texts(t) {
		r.text()
		r.sent(t.county)
	}
	for range v.pages(t) {
		r.media++
		r.waiting = append(r.waiting, t.county)
	}
}

// text sends a text, and before it the pictures whose pace lets them.
func (r *run) text() {
	for r.media > 0 && !r.next(store.Image).After(r.next(store.Text)) {
		r.picture()
	}
	r.send(store.Text)
}

func (r *run) picture() {
	r.send(store.Image)
	r.media--
	if len(r.waiting) > r.media {
		r.pictures++
		r.sent(r.waiting[0])
		r.waiting = r.waiting[1:]
	}
}

func (r *run) flush() {
	for r.media > 0 {
		r.picture()
	}
}

// sent notes a message of this wave.
func (r *run) sent(county uint8) {
	r.own++
	if r.first.IsZero() {
		r.first = r.at
		r.days = map[string]bool{}
	}
	r.days[r.at.In(r.pacer.Zone).Format(time.DateOnly)] = true
	r.last = r.at
	if r.at.After(r.finish[county]) {
		r.finish[county] = r.at
	}
}
