package api

import (
	"cmp"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// Choices is what somebody chose, as scripts see it: lengths of time are written as the flags take them.
type Choices struct {
	Batch    string         `json:"batch"`
	Template string         `json:"template"`
	Audience store.Audience `json:"audience"`
	Parts    int            `json:"parts"`
	Hold     string         `json:"hold"`
	Canary   int            `json:"canary,omitempty"`
	Observe  string         `json:"observe,omitempty"`
	Missed   store.Missed   `json:"missed"`
	// OtherGroups is how many single groups of other counties were chosen, whose names the caller does not see.
	OtherGroups int `json:"other_groups,omitempty"`

	Form        string `json:"form"`
	PosterURL   string `json:"poster_url,omitempty"`
	PosterPages int    `json:"poster_pages,omitempty"`
}

func viewChoices(p store.Plan) Choices {
	c := Choices{
		Batch: p.Batch, Template: p.Template, Audience: p.Audience, Parts: p.Parts, Hold: p.Hold.String(), Canary: p.Canary, Missed: p.Missed,
		Form: cmp.Or(string(p.Form), "text"), PosterURL: p.PosterURL, PosterPages: p.PosterPages,
	}
	if p.Canary > 0 {
		c.Observe = p.Observe.String()
	}
	return c
}

// Plan is a wave that is not queued yet.
type Plan struct {
	Batch      string               `json:"batch"`
	Hash       string               `json:"hash"`
	At         *time.Time           `json:"at"`
	Plan       Choices              `json:"plan"`
	Groups     int                  `json:"groups"`     // that the audience chooses
	Reached    int                  `json:"reached"`    // that get it
	Deliveries int                  `json:"deliveries"` // messages for those
	Total      int                  `json:"total"`      // with a row for each group that is skipped
	Unbound    int                  `json:"unbound"`    // of those reached, that no account knows for certain now
	Skipped    map[store.Reason]int `json:"skipped"`
	Texts      int                  `json:"texts"`    // different messages, in words or drawn
	Pictures   int                  `json:"pictures"` // of Deliveries, those that are drawn
	Posters    []PosterShare        `json:"posters"`
	Expires    *time.Time           `json:"expires"`
	Start      *time.Time           `json:"start"`
	Finish     *time.Time           `json:"finish"`
	Days       int                  `json:"days"`
	Accounts   []AccountForecast    `json:"accounts"`
	Counties   []CountyForecast     `json:"counties"`
	Warnings   []string             `json:"warnings"`
	First      []WaveText           `json:"first"`              // the first message of each language, as most of its groups get it
	Collisions []Collision          `json:"collisions"`         // what else goes to some of these groups on the same days
	OverLimit  int                  `json:"over_limit"`         // groups that would get more on one of the days than a group may
	Upcoming   []time.Time          `json:"upcoming,omitempty"` // of a recurring order, the next times
	Second     bool                 `json:"second_person"`      // somebody else than who queues it must approve it
}

// PosterShare is how much of what concerns its groups is on the poster of a county and language.
type PosterShare struct {
	County   string `json:"county"`
	Language string `json:"language"`
	Pages    int    `json:"pages"`
	Told     int    `json:"told"` // vacancies on it
	Of       int    `json:"of"`   // that concern its groups
}

type AccountForecast struct {
	Account   string `json:"account"`
	Groups    int    `json:"groups"`
	Messages  int    `json:"messages"`
	Pictures  int    `json:"pictures"` // of them
	Backlog   int    `json:"backlog"`
	SentToday int    `json:"sent_today"`
	DayLimit  int    `json:"day_limit"`

	PicturesToday int `json:"pictures_today"`
	PictureLimit  int `json:"picture_limit"`

	First  *time.Time `json:"first"`
	Finish *time.Time `json:"finish"`
}

type CountyForecast struct {
	County string     `json:"county"`
	Groups int        `json:"groups"`
	Finish *time.Time `json:"finish"`
}

// planOf works out what a plan would send at a moment, as the caller sees it. self is the wave or schedule that it is of,
// which does not collide with itself; empty: none yet.
func (a *API) planOf(r request, p store.Plan, at time.Time, self string) (Plan, error) {
	planner, err := a.Planner()
	if err != nil {
		return Plan{}, err
	}
	v, err := planner.Plan(p, at)
	if err != nil {
		return Plan{}, err
	}
	return a.viewPlan(r, v, self)
}

func (a *API) viewPlan(r request, v *broadcast.Preview, self string) (Plan, error) {
	f := v.Forecast
	out := Plan{
		Batch: v.Batch.ID, Hash: v.Hash, At: a.moment(v.At), Plan: a.choicesFor(r.Caller, viewChoices(v.Plan)), Groups: v.Groups, Reached: v.Reached,
		Deliveries: v.Deliveries, Total: v.Total, Unbound: v.Unbound, Skipped: v.Skipped, Texts: len(v.Contents()), Expires: a.moment(v.Expires),
		Start: a.moment(f.Start), Finish: a.moment(f.Finish), Days: f.Days, Accounts: []AccountForecast{}, Counties: []CountyForecast{},
		Posters: []PosterShare{}, Warnings: []string{}, Second: a.Config().SecondPerson,
	}
	for _, one := range f.Accounts {
		out.Pictures += one.Pictures
		out.Accounts = append(out.Accounts, AccountForecast{
			Account: one.Account, Groups: one.Groups, Messages: one.Messages, Pictures: one.Pictures, Backlog: one.Backlog,
			SentToday: one.Today, DayLimit: one.Limit, PicturesToday: one.PicturesToday, PictureLimit: one.PictureLimit,
			First: a.moment(one.First), Finish: a.moment(one.Finish),
		})
	}
	for _, p := range v.Posters {
		out.Posters = append(out.Posters, PosterShare{p.County, p.Language, p.Pages, p.Told, p.Of})
	}
	for _, one := range f.Counties {
		out.Counties = append(out.Counties, CountyForecast{one.County, one.Groups, a.moment(one.Finish)})
	}
	for _, w := range v.Warnings {
		out.Warnings = append(out.Warnings, w.In(r.Lang))
	}
	var err error
	if out.First, err = a.firstTexts(r.Caller, v); err != nil {
		return out, err
	}
	if out.Collisions, out.OverLimit, err = a.collisions(r.Caller, v, self); err != nil {
		return out, err
	}
	if out.OverLimit > 0 {
		out.Warnings = append(out.Warnings, words.Say(r.Lang, "wave.over_limit", out.OverLimit, a.Config().GroupDailyLimit))
	}
	return out, nil
}

// upcoming is how many of the next times of a recurring order are told.
const upcoming = 5

// next lists the next times of a recurring order.
func (a *API) next(cron string, zone *time.Location, missed store.Missed) (out []time.Time, err error) {
	c, err := broadcast.ParseCron(cron, zone)
	if err != nil {
		return nil, err
	}
	planner, err := a.Planner()
	if err != nil {
		return nil, err
	}
	times, err := planner.Upcoming(c, missed, a.now(), upcoming)
	if err == nil && len(times) == 0 {
		err = words.Refuse("broadcast.cron_rests", cron).Of(words.Usage)
	}
	for _, t := range times {
		out = append(out, a.local(t))
	}
	return out, err
}

// forecast works out what an order would send, and stores nothing.
func (a *API) forecast(r request, o Order) (any, error) {
	p, at, err := a.plan(r.Caller, o)
	if err != nil {
		return nil, err
	}
	var times []time.Time
	if o.Cron != "" {
		if times, err = a.next(o.Cron, a.Config().Zone, p.Missed); err != nil {
			return nil, err
		}
		at = times[0]
	}
	out, err := a.planOf(r, p, at, "")
	out.Upcoming = times
	return out, err
}
