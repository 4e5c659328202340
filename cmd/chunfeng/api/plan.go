package api

import (
	"cmp"
	"net/url"
	"strconv"
	"strings"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
	"chunfeng/templates"
	"chunfeng/templates/words"
)

// Order is what somebody asks to have planned or queued.
type Order struct {
	Batch    string         `json:"batch"`
	Template string         `json:"template,omitempty"`
	Audience store.Audience `json:"audience,omitzero"`
	Parts    int            `json:"parts,omitempty"`
	Hold     string         `json:"hold,omitempty"` // a length of time; empty: the configuration's
	Canary   int            `json:"canary,omitempty"`
	Observe  string         `json:"observe,omitempty"`
	Missed   store.Missed   `json:"missed,omitempty"`
	At       string         `json:"at,omitempty"`   // empty: now
	Cron     string         `json:"cron,omitempty"` // instead of At
	// Expect is how many groups were seen to be reached, when it is queued: another number is refused. 0: whatever it is.
	Expect int `json:"expect,omitempty"`

	Form        string `json:"form,omitempty"` // text, poster or both; empty: text
	PosterURL   string `json:"poster_url,omitempty"`
	PosterPages int    `json:"poster_pages,omitempty"` // the most pictures a group gets; 0: one
}

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

// Preview is what one group would read.
type Preview struct {
	Batch    string        `json:"batch"`
	Group    string        `json:"group,omitempty"`
	Language string        `json:"language"`
	Limit    int           `json:"limit"`
	Parts    []PreviewPart `json:"parts"`
	// Concerned is how many open vacancies concern the group; what the parts do not tell of them did not fit.
	Concerned int `json:"concerned"`
}

type PreviewPart struct {
	Part      int      `json:"part"`
	Text      string   `json:"text"`
	Length    int      `json:"length"`
	Vacancies []string `json:"vacancies"`
	Hash      string   `json:"hash"`
}

// justPast is how long a moment may be over and still be meant: a minute as people write it is.
const justPast = 2 * time.Minute

// plan reads an order into a plan and its time.
func (a *API) plan(c Caller, o Order) (p store.Plan, at time.Time, err error) {
	p = store.Plan{
		Batch: o.Batch, Template: o.Template, Audience: o.Audience, Parts: o.Parts, Canary: o.Canary, Missed: o.Missed, Hold: a.Config().Hold,
		Form: store.Form(o.Form), PosterURL: o.PosterURL, PosterPages: o.PosterPages,
	}
	for _, d := range []struct {
		flag, written string
		to            *time.Duration
	}{{"--hold", o.Hold, &p.Hold}, {"--observe", o.Observe, &p.Observe}} {
		if d.written == "" {
			continue
		}
		v, err := time.ParseDuration(d.written)
		if err != nil || v < 0 {
			return p, at, words.Refuse("cmd.bad_duration", d.flag, d.written).Of(words.Usage)
		}
		*d.to = v
	}
	if p.Missed == "" {
		// Who queues one wave wants it sent, late rather than never; of a series the next one comes anyway.
		p.Missed = store.MissedLate
		if o.Cron != "" {
			p.Missed = store.MissedSkip
		}
	}
	if at, err = a.parseTime("--at", o.At); err != nil {
		return p, at, err
	}
	if at.Before(a.now().Add(-justPast)) {
		// Most likely another year was meant, and “late” would send it at once.
		return p, at, words.Refuse("cmd.past_time", "--at", o.At).Of(words.Usage)
	}
	p.Audience, err = a.bounded(c, o.Audience)
	return p, at, err
}

// parseTime takes a moment as people write it, in the bureau's time zone; nothing is now.
func (a *API) parseTime(flag, s string) (time.Time, error) {
	now := a.now()
	s = strings.TrimSpace(s)
	if s == "" {
		return now.Truncate(time.Microsecond), nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.In(now.Location()), nil
	}
	for _, form := range []string{"2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		if t, err := time.ParseInLocation(form, s, now.Location()); err == nil {
			return t, nil
		}
	}
	if t, err := time.Parse("15:04", s); err == nil {
		next := time.Date(now.Year(), now.Month(), now.Day(), t.Hour(), t.Minute(), 0, 0, now.Location())
		if !next.After(now) {
			next = next.AddDate(0, 0, 1)
		}
		return next, nil
	}
	if d, err := time.ParseDuration(strings.TrimPrefix(s, "+")); err == nil && strings.HasPrefix(s, "+") && d >= 0 {
		return now.Add(d).Truncate(time.Second), nil
	}
	return time.Time{}, words.Refuse("cmd.bad_time", flag, s).Of(words.Usage)
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

// queue stores an order as a draft. Where nobody else must approve, queueing is approving.
func (a *API) queue(r request, o Order) (any, error) {
	p, at, err := a.plan(r.Caller, o)
	if err != nil {
		return nil, err
	}
	if o.At == "" {
		at = time.Time{}
	}
	if !a.Config().SecondPerson {
		if err := a.noticeGiven(p); err != nil {
			return nil, err
		}
	}
	planner, err := a.Planner()
	if err != nil {
		return nil, err
	}
	q, err := planner.Queue(broadcast.Order{Plan: p, At: at, Cron: o.Cron, Expect: o.Expect}, r.Name)
	if err != nil {
		return nil, err
	}
	self := q.Wave.ID
	if o.Cron != "" {
		self = q.Schedule.ID
	}
	forecast, err := a.viewPlan(r, q.Preview, self)
	if err != nil {
		a.log.Warn().Err(err).Msg("what else goes out on these days cannot be told") // it is queued all the same
	}
	if o.Cron != "" {
		s := q.Schedule
		if !a.Config().SecondPerson {
			if s, err = a.store.SetSchedule(s.ID, "approved", s.Hash, r.Name); err != nil {
				return nil, err
			}
		}
		return QueuedSchedule{a.viewSchedule(s), forecast}, nil
	}
	w := q.Wave
	if !a.Config().SecondPerson {
		if w, err = a.store.ApproveWave(w.ID, w.Hash, r.Name, false); err != nil {
			return nil, err
		}
	}
	return QueuedWave{a.viewWave(w), forecast}, nil
}

// QueuedWave is a wave as it was queued, with what is expected of it.
type QueuedWave struct {
	Wave
	Forecast Plan `json:"forecast"`
}

// QueuedSchedule is a recurring order as it was queued, with what is expected of its next occurrence.
type QueuedSchedule struct {
	Schedule
	Forecast Plan `json:"forecast"`
}

// shownTo is the group that something is shown for: the one named, else one of nowhere in particular, in the language
// asked for, else in its own, else in both.
func (a *API) shownTo(q url.Values) (store.Group, error) {
	lang, err := only(q, "lang", templates.Korean, templates.Chinese, templates.Both)
	if err != nil {
		return store.Group{}, err
	}
	g := store.Group{Language: lang}
	if code := q.Get("group"); code != "" {
		if g, err = a.store.Group(groupCode(code)); err != nil {
			return g, err
		}
		if lang != "" {
			g.Language = lang
		}
	} else if g.Language == "" {
		g.Language = templates.Both
	}
	return g, nil
}

// sample shows what a group would read: the group named, else one of nowhere in particular.
func (a *API) sample(r request) (any, error) {
	q := r.URL.Query()
	g, err := a.shownTo(q)
	if err != nil {
		return nil, err
	}
	planner, err := a.Planner()
	if err != nil {
		return nil, err
	}
	parts := 0
	if s := q.Get("parts"); s != "" {
		if parts, err = strconv.Atoi(s); err != nil {
			return nil, words.Refuse("cmd.bad_number", "--parts", s).Of(words.Usage)
		}
	}
	contents, err := planner.Sample(store.Plan{Batch: r.PathValue("id"), Template: q.Get("template"), Parts: parts}, g, a.now())
	if err != nil {
		return nil, err
	}
	v := Preview{Batch: strings.ToUpper(r.PathValue("id")), Group: g.Code, Language: g.Language, Limit: templates.MaxLength, Parts: []PreviewPart{}}
	for _, c := range contents {
		text := string(c.Body)
		v.Parts = append(v.Parts, PreviewPart{c.Part, text, templates.Length(text), list(c.Vacancies), c.Hash})
	}
	return v, nil
}
