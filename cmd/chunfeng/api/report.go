package api

import (
	"slices"
	"strings"
	"time"

	"chunfeng/store"
	"chunfeng/templates/place"
)

// WaveReport is what became of a wave.
type WaveReport struct {
	Wave
	Reasons  []ReasonCount  `json:"reasons"` // of what was skipped, failed or is unknown
	Counties []CountyReport `json:"counties"`
	Accounts []Lane         `json:"accounts"`
	Groups   int            `json:"groups"` // that got at least one message, as far as is known
	Hours    []HourReport   `json:"hours"`
	Signups  int            `json:"signups"`
	SignupReport
}

// ReasonCount counts deliveries by state and reason.
type ReasonCount struct {
	State  store.State  `json:"state"`
	Reason store.Reason `json:"reason"`
	Count  int          `json:"count"`
}

// CountyReport is one county's share of a wave.
type CountyReport struct {
	County  string      `json:"county"`
	Total   int         `json:"total"`
	Tally   store.Tally `json:"tally"`
	Groups  int         `json:"groups"`  // that got at least one message, as far as is known
	Signups int         `json:"signups"` // that answer this wave
}

// Lane is one account's share of a wave.
type Lane struct {
	Account string      `json:"account"`
	Total   int         `json:"total"`
	Tally   store.Tally `json:"tally"`
	FirstAt *time.Time  `json:"first_at"`
	LastAt  *time.Time  `json:"last_at"`
}

// SeasonReport is everything at once.
type SeasonReport struct {
	Groups   int            `json:"groups"`
	Reached  int            `json:"reached"` // groups that got at least one message of some wave
	Days     []HourReport   `json:"days"`
	Counties []SeasonCounty `json:"counties"`
	Batches  []SeasonBatch  `json:"batches"`
	Waves    []Wave         `json:"waves"`
	Tally    store.Tally    `json:"tally"` // of all waves together
	Answers  store.Tally    `json:"answers"`
	Signups  int            `json:"signups"`
	People   int            `json:"people"` // different telephone numbers that were not withdrawn
	Statuses map[string]int `json:"statuses"`
	Gaps     int            `json:"gaps"` // times in which an account heard nothing, not yet read by hand
	Review   int            `json:"review"`
	SignupReport
}

// SeasonCounty is one county over the season.
type SeasonCounty struct {
	County  string `json:"county"`
	Groups  int    `json:"groups"`
	Bound   int    `json:"bound"`
	Reached int    `json:"reached"` // that got at least one message of some wave
	Signups int    `json:"signups"`
}

// SeasonBatch is one batch over the season.
type SeasonBatch struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Employers int    `json:"employers"`
	Vacancies int    `json:"vacancies"`
	Open      int    `json:"open"`
	Filled    int    `json:"filled"`
	Signups   int    `json:"signups"`
	Hired     int    `json:"hired"`
}

func (a *API) reportRoutes() {
	a.on(Read, "GET /v1/reports/wave/{id}", func(r request) (any, error) {
		w, err := a.store.Wave(r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		return a.reportWave(w, r.Caller)
	}).says("Reports what became of a wave.").answers(WaveReport{})
	a.on(Read, "GET /v1/reports/wave/{id}/export", func(r request) (any, error) {
		w, err := a.store.Wave(r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		v, err := a.reportWave(w, r.Caller)
		if err != nil {
			return nil, err
		}
		return a.exportReport(r, "wave-"+w.ID, v.rows(r.Lang))
	}).says("Writes a wave's report as a table.").exports()
	a.on(Read, "GET /v1/reports/season", func(r request) (any, error) { return a.reportSeason(r.Caller) }).
		says("Reports the season: groups, batches, waves and sign-ups.").answers(SeasonReport{})
	a.on(Read, "GET /v1/reports/season/export", func(r request) (any, error) {
		v, err := a.reportSeason(r.Caller)
		if err != nil {
			return nil, err
		}
		return a.exportReport(r, "season", v.rows(r.Lang))
	}).says("Writes the season's report as a table.").exports()
}

// counties answers every registered group's county by its number.
func (a *API) counties() (homes, error) {
	var out homes
	err := a.store.EachGroup(func(g store.Group) bool {
		out.set(g.Number, g.County)
		return true
	})
	return out, err
}

// byCounty orders counties as the prefecture lists them, those that it does not know last.
func byCounty(x, y string) int {
	order := func(code string) int {
		for i, c := range place.All() {
			if c.Code == code {
				return i
			}
		}
		return len(place.All())
	}
	if d := order(x) - order(y); d != 0 {
		return d
	}
	return strings.Compare(x, y)
}

func (a *API) reportWave(w store.Wave, c Caller) (WaveReport, error) {
	out := WaveReport{Wave: a.viewWave(w), Reasons: []ReasonCount{}, Counties: []CountyReport{}, Accounts: []Lane{}}
	of, err := a.counties()
	if err != nil {
		return out, err
	}
	n, err := a.countWave(w, of, c)
	if err != nil {
		return out, err
	}
	out.Groups, out.Hours = n.groups, a.hours(n.hours)
	counties := n.counties
	out.SignupReport, err = a.countSignups(of, c, func(s store.Signup) bool { return w.Number != store.Answers && s.Wave == w.Number }, func(s store.Signup) {
		out.Signups++
		n.county(of.of(s.Group)).Signups++
	})
	if err != nil {
		return out, err
	}
	for _, one := range counties {
		out.Counties = append(out.Counties, *one)
	}
	slices.SortFunc(out.Counties, func(x, y CountyReport) int { return byCounty(x.County, y.County) })
	for r, n := range n.reasons {
		r.Count = n
		out.Reasons = append(out.Reasons, r)
	}
	slices.SortFunc(out.Reasons, func(x, y ReasonCount) int {
		if x.Count != y.Count {
			return y.Count - x.Count
		}
		return strings.Compare(string(x.Reason), string(y.Reason))
	})
	out.Accounts, err = a.viewLanes(w)
	return out, err
}

func (a *API) viewLanes(w store.Wave) ([]Lane, error) {
	lanes, err := a.store.Lanes(w.Number)
	out := []Lane{}
	for _, l := range lanes {
		if w.Held() {
			l.Counts[store.Held], l.Counts[store.Planned] = l.Counts[store.Planned], 0
		}
		out = append(out, Lane{l.Account, l.Counts.Total(), l.Counts, a.moment(l.FirstAt), a.moment(l.LastAt)})
	}
	return out, err
}

func (a *API) reportSeason(c Caller) (out SeasonReport, err error) {
	out = SeasonReport{Counties: []SeasonCounty{}, Batches: []SeasonBatch{}, Waves: []Wave{}, Statuses: map[string]int{}}
	bound, err := a.bound()
	if err != nil {
		return out, err
	}
	counties, of := map[string]*SeasonCounty{}, homes{}
	err = a.store.EachGroup(func(g store.Group) bool {
		of.set(g.Number, g.County)
		if !c.Sees(g.County) {
			return true
		}
		one, ok := counties[g.County]
		if !ok {
			one = &SeasonCounty{County: g.County}
			counties[g.County] = one
		}
		out.Groups++
		one.Groups++
		if bound.has(g.Number) {
			one.Bound++
		}
		return true
	})
	if err != nil {
		return out, err
	}
	batches := map[string]*SeasonBatch{}
	all, err := a.store.Batches()
	if err != nil {
		return out, err
	}
	for _, b := range all {
		v, err := a.viewBatch(b)
		if err != nil {
			return out, err
		}
		one := &SeasonBatch{ID: b.ID, Name: b.Name, Employers: b.Employers, Vacancies: b.Vacancies, Open: v.Open}
		vacancies, err := a.store.Vacancies(b.ID)
		if err != nil {
			return out, err
		}
		for _, v := range vacancies {
			if v.State == store.VacancyFilled {
				one.Filled++
			}
		}
		batches[b.ID] = one
	}
	people := map[string]bool{}
	out.SignupReport, err = a.countSignups(of, c, func(store.Signup) bool { return true }, func(n store.Signup) {
		out.Signups++
		out.Statuses[string(n.Status)]++
		if number := n.Phone.Reveal(); number != "" {
			people[number] = true
		}
		if one, ok := counties[of.of(n.Group)]; ok {
			one.Signups++
		}
		if b, ok := batches[n.Batch]; ok {
			b.Signups++
			if n.Status == store.SignupHired {
				b.Hired++
			}
		}
	})
	if err != nil {
		return out, err
	}
	out.People = len(people)
	for _, b := range all {
		out.Batches = append(out.Batches, *batches[b.ID])
	}
	waves, err := a.store.Waves(false)
	if err != nil {
		return out, err
	}
	waves = slices.DeleteFunc(waves, func(w store.Wave) bool { return w.Test })
	for _, w := range waves {
		v := a.viewWave(w)
		out.Waves = append(out.Waves, v)
		for s, n := range v.Tally {
			out.Tally[s] += n
		}
	}
	if err := a.reachSeason(waves, of, c, counties, &out); err != nil {
		return out, err
	}
	for _, one := range counties {
		out.Counties = append(out.Counties, *one)
	}
	slices.SortFunc(out.Counties, func(x, y SeasonCounty) int { return byCounty(x.County, y.County) })
	answers, err := a.store.WaveNumber(store.Answers)
	if err != nil {
		return out, err
	}
	out.Answers = answers.View()
	gaps, err := a.store.Gaps(true)
	if err != nil {
		return out, err
	}
	out.Gaps = len(gaps)
	out.Review, err = a.reviewCount(c)
	return out, err
}

// reviewCount is how many replies wait for a person.
func (a *API) reviewCount(c Caller) (n int, err error) {
	err = a.repliesNeed(c, func(_, _ string, count int, _ string, _ time.Time) { n = count })
	return n, err
}
