package api

import (
	"slices"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// Calendar is the weeks of a month, from Monday to Sunday, with what goes out on their days.
type Calendar struct {
	Month string        `json:"month"`             // 2026-11
	Limit int           `json:"group_daily_limit"` // broadcasts a group and day; 0: no limit
	Days  []CalendarDay `json:"days"`
}

// CalendarDay is one day.
type CalendarDay struct {
	Date   string          `json:"date"` // 2026-11-22
	Other  bool            `json:"other,omitempty"`
	Rest   bool            `json:"rest"`          // nothing is broadcast
	Name   store.Both      `json:"name,omitzero"` // what the calendar calls it
	Events []CalendarEvent `json:"events"`
}

// CalendarEvent is a wave or a time of a recurring order on one day. Its groups are those of the caller's county that may be
// written to. How many days a wave takes is known when it is over; before, it is what the forecast says, and which group
// has its turn on which of them is not known: shared and over count every group on each of the days. On days of rest between
// its first and its last nothing of it goes out, so that it does not lie on them.
type CalendarEvent struct {
	ID     string     `json:"id"`
	Kind   string     `json:"kind"` // wave, schedule
	Batch  string     `json:"batch"`
	State  string     `json:"state"`
	At     *time.Time `json:"at"`    // its beginning, or the schedule's first on this day; null on a wave's later days
	Times  int        `json:"times"` // of a schedule, on this day
	Groups int        `json:"groups"`
	Shared int        `json:"shared"` // of them, those to which something else goes on this day too
	Over   int        `json:"over"`   // of them, those that would get more on this day than a group may
}

// Collision is a wave or a recurring order that goes to some of a plan's groups on one of its days.
type Collision struct {
	ID     string `json:"id"`
	Kind   string `json:"kind"`
	Batch  string `json:"batch"`
	State  string `json:"state"`
	Day    string `json:"day"` // the first on which they meet
	Groups int    `json:"groups"`
}

func (a *API) calendarRoutes() {
	a.on(Read, "GET /v1/calendar", func(r request) (any, error) { return a.calendar(r.Caller, r.URL.Query().Get("month")) }).
		says("Answers the weeks of a month with the waves and recurring orders on their days.").
		asks("month", "as 2026-11; nothing said: the present one").answers(Calendar{})
}

// booking is a wave, or a recurring order's times on one day.
type booking struct {
	CalendarEvent
	first, last time.Time // its first and last day
	whom        *crowd
}

// counts tells whether the booking takes something of its groups' day.
func (b booking) counts() bool {
	return b.State != string(store.WaveCancelled)
}

// crowd is the groups of one audience, by their numbers.
type crowd struct {
	audience store.Audience
	groups   []uint32
}

// forecasts is how many waves that did not begin are played through for a calendar; of further ones the first day is shown.
const forecasts = 10

// timesADay is how many times of one recurring order on one day are counted.
const timesADay = 24

// day is the first moment of a moment's day.
func (a *API) day(t time.Time) time.Time {
	t = a.local(t)
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

// bookings lists what lies on the days from one to before another: waves, and what recurring orders have before them.
func (a *API) bookings(c Caller, from, until time.Time) ([]booking, error) {
	var out []booking
	add := func(b booking) {
		if b.first.Before(until) && !b.last.Before(from) {
			out = append(out, b)
		}
	}
	waves, err := a.store.Waves(false)
	if err != nil {
		return nil, err
	}
	left := forecasts
	for _, w := range waves {
		first, last, err := a.daysOf(w, until, &left)
		if err != nil {
			return nil, err
		}
		add(booking{
			CalendarEvent{ID: w.ID, Kind: "wave", Batch: w.Plan.Batch, State: string(w.State), At: a.moment(w.At), Times: 1}, first, last, &crowd{audience: w.Plan.Audience},
		})
	}
	schedules, err := a.store.Recurring()
	if err != nil {
		return nil, err
	}
	quiet, err := a.quiet()
	if err != nil {
		return nil, err
	}
	for _, s := range schedules {
		cron, err := broadcast.ParseCron(s.Cron, a.zoneOf(s))
		if err != nil {
			continue // the scheduler ends it
		}
		whom := &crowd{audience: s.Plan.Audience}
		after := from.Add(-time.Nanosecond)
		if now := a.now(); now.After(after) {
			after = now
		}
		// A time on a day of rest is passed over, or moves to the first day behind it.
		next := func(after time.Time) time.Time { return quiet.Next(cron, s.Plan.Missed, after) }
		for t := next(after); !t.IsZero() && t.Before(until); {
			b := booking{CalendarEvent{ID: s.ID, Kind: "schedule", Batch: s.Plan.Batch, State: s.State, At: a.moment(t)}, a.day(t), a.day(t), whom}
			tomorrow := b.first.AddDate(0, 0, 1)
			for !t.IsZero() && t.Before(tomorrow) && b.Times < timesADay {
				b.Times++
				t = next(t)
			}
			if !t.IsZero() && t.Before(tomorrow) {
				t = next(tomorrow.Add(-time.Nanosecond))
			}
			add(b)
		}
	}
	return out, a.gather(c, out)
}

// quiet is when groups are left alone, by the settings and the calendar as they are now.
func (a *API) quiet() (broadcast.Quiet, error) {
	planner, err := a.Planner()
	if err != nil {
		return broadcast.Quiet{}, err
	}
	return planner.Calendar()
}

// daysOf answers the first and the last day of a wave.
func (a *API) daysOf(w store.Wave, until time.Time, left *int) (first, last time.Time, err error) {
	begin := w.OpenedAt
	if !w.FirstAt.IsZero() {
		begin = w.FirstAt
	}
	now := a.now()
	switch w.State {
	case store.WaveCancelled, store.WaveFinished, store.WaveFailures:
		if begin.IsZero() {
			return a.day(w.At), a.day(w.At), nil
		}
		return a.day(begin), a.day(w.FinishedAt), nil
	case store.WaveDraft, store.WaveApproved:
		if begin = w.At; begin.Before(now) {
			begin = now
		}
		if !begin.Before(until) || *left == 0 {
			return a.day(begin), a.day(begin), nil
		}
		*left--
		planner, err := a.Planner()
		if err != nil {
			return first, last, err
		}
		v, err := planner.Plan(w.Plan, w.At)
		switch {
		case err == nil:
			return a.day(v.Forecast.Start), a.day(v.Forecast.Finish), nil
		case words.KindOf(err) == words.Later:
			return first, last, err
		}
		return a.day(begin), a.day(begin), nil // it cannot be planned any more; its page says why
	}
	end := now
	if d := a.Dispatcher(); d != nil {
		p, err := d.Progress(w.ID)
		if err != nil {
			return first, last, err
		}
		end = now.Add(p.Left)
	}
	return a.day(begin), a.day(end), nil
}

// gather finds the groups of all crowds in one walk through the registry: the caller's, and only those that may be written
// to.
func (a *API) gather(c Caller, all []booking) error {
	type seeker struct {
		*crowd
		in func(store.Group) bool
	}
	var seekers []seeker
	seen := map[*crowd]bool{}
	for _, b := range all {
		if !seen[b.whom] {
			seen[b.whom] = true
			seekers = append(seekers, seeker{b.whom, broadcast.Match(b.whom.audience)})
		}
	}
	if len(seekers) == 0 {
		return nil
	}
	err := a.store.EachGroup(func(g store.Group) bool {
		if g.State != store.GroupActive || !c.Sees(g.County) {
			return true
		}
		for _, s := range seekers {
			if s.in(g) {
				s.groups = append(s.groups, g.Number)
			}
		}
		return true
	})
	for i := range all {
		all[i].Groups = len(all[i].whom.groups)
	}
	return err
}

// load counts what each group gets of some bookings.
func load(all []booking) map[uint32]int {
	out := map[uint32]int{}
	for _, b := range all {
		if b.counts() {
			for _, g := range b.whom.groups {
				out[g] += b.Times
			}
		}
	}
	return out
}

// on lists the bookings that lie on a day. A wave of several days takes nothing of a day of rest between them.
func on(day time.Time, all []booking, rests bool) (out []booking) {
	for _, b := range all {
		if b.first.After(day) || b.last.Before(day) || rests && b.Kind == "wave" && b.first.Before(day) {
			continue
		}
		out = append(out, b)
	}
	return out
}

func (a *API) calendar(c Caller, month string) (Calendar, error) {
	zone := a.Config().Zone
	first, err := time.ParseInLocation("2006-01", month, zone)
	if month == "" {
		now := a.now()
		first, err = time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, zone), nil
	}
	if err != nil {
		return Calendar{}, words.Refuse("wave.bad_month", month).Of(words.Usage)
	}
	next := first.AddDate(0, 1, 0)
	from := first.AddDate(0, 0, -int(first.Weekday()+6)%7)
	until := next.AddDate(0, 0, int(8-next.Weekday())%7)
	out := Calendar{Month: first.Format("2006-01"), Limit: a.Config().GroupDailyLimit}
	all, err := a.bookings(c, from, until)
	if err != nil {
		return out, err
	}
	quiet, err := a.quiet()
	if err != nil {
		return out, err
	}
	days, err := a.store.Days()
	if err != nil {
		return out, err
	}
	names := map[string]store.Both{}
	for _, d := range days {
		names[d.Date] = d.Name
	}
	for day := from; day.Before(until); day = day.AddDate(0, 0, 1) {
		date := day.Format(time.DateOnly)
		d := CalendarDay{Date: date, Other: day.Month() != first.Month(), Rest: quiet.Rests(day), Name: names[date], Events: []CalendarEvent{}}
		today := on(day, all, d.Rest)
		loads := load(today)
		for _, b := range today {
			e := b.CalendarEvent
			if b.Kind == "wave" && !b.first.Equal(day) {
				e.At = nil
			}
			if b.counts() {
				for _, g := range b.whom.groups {
					if loads[g] > b.Times {
						e.Shared++
					}
					if out.Limit > 0 && loads[g] > out.Limit {
						e.Over++
					}
				}
			}
			d.Events = append(d.Events, e)
		}
		slices.SortStableFunc(d.Events, func(x, y CalendarEvent) int {
			switch {
			case x.At == nil && y.At == nil:
				return 0
			case x.At == nil:
				return -1
			case y.At == nil:
				return 1
			}
			return x.At.Compare(*y.At)
		})
		out.Days = append(out.Days, d)
	}
	return out, nil
}

// collisions lists what else goes to a plan's groups on its days, and counts the groups that would get more on one of them
// than a group may.
func (a *API) collisions(c Caller, v *broadcast.Preview, self string) (out []Collision, over int, err error) {
	out = []Collision{}
	from, until := a.day(v.Forecast.Start), a.day(v.Forecast.Finish).AddDate(0, 0, 1)
	all, err := a.bookings(c, from, until)
	if err != nil {
		return out, 0, err
	}
	all = slices.DeleteFunc(all, func(b booking) bool { return b.ID == self || !b.counts() })
	mine := &crowd{audience: v.Plan.Audience}
	if err := a.gather(c, []booking{{whom: mine}}); err != nil || len(all) == 0 {
		return out, 0, err
	}
	in := map[uint32]bool{}
	for _, g := range mine.groups {
		in[g] = true
	}
	quiet, err := a.quiet()
	if err != nil {
		return out, 0, err
	}
	limit, tooMany, known := a.Config().GroupDailyLimit, map[uint32]bool{}, map[string]bool{}
	for day := from; day.Before(until); day = day.AddDate(0, 0, 1) {
		if quiet.Rests(day) {
			continue // nothing of this plan goes out either
		}
		today := on(day, all, false)
		for g, n := range load(today) {
			if in[g] && limit > 0 && n+1 > limit {
				tooMany[g] = true
			}
		}
		for _, b := range today {
			one := Collision{ID: b.ID, Kind: b.Kind, Batch: b.Batch, State: b.State, Day: day.Format(time.DateOnly)}
			for _, g := range b.whom.groups {
				if in[g] {
					one.Groups++
				}
			}
			if one.Groups > 0 && !known[b.ID] {
				known[b.ID] = true
				out = append(out, one)
			}
		}
	}
	return out, len(tooMany), nil
}
