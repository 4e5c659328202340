package console

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// restRoutes are the calendar of rest: a year at a glance, a day or a span set or taken out, a list pasted whole.
func (c *Console) restRoutes() {
	c.page("GET /settings/calendar", api.Read, func(w http.ResponseWriter, r *request) error { return c.showRest(w, r, restPage{}, nil) })
	c.page("POST /settings/calendar", api.Manage, c.changeRest)
	c.page("POST /settings/calendar/list", api.Manage, c.listRest)
}

// restPage is what the calendar of rest shows.
type restPage struct {
	Year   int
	Years  []int // before, after; 0 beyond what a calendar holds
	Months []restMonth
	Days   []store.Day // of the year
	Chosen *restDay    // the day whose form is open
	Waves  []api.Wave  // queued ones that fall on a day of rest
	List   *listedRest
	Pasted string
}

// listedRest is what a pasted list says.
type listedRest struct{ api.DayListed }

// Lines are the numbers of the lines that are wrong, in order.
func (l listedRest) Lines() (out []int) {
	for n := range l.Faults {
		if i, err := strconv.Atoi(n); err == nil {
			out = append(out, i)
		}
	}
	slices.Sort(out)
	return out
}

// restMonth is a month's weeks from Monday. Days of other months are empty.
type restMonth struct {
	First time.Time
	Weeks [][]restDay
}

// restDay is one day of the calendar.
type restDay struct {
	At    time.Time // zero: of another month
	Set   *store.Day
	Quiet bool // its weekday is one on which nothing is broadcast
	Today bool
}

// Date is the day as it is kept.
func (d restDay) Date() string { return d.At.Format(time.DateOnly) }

// Rest tells whether nothing is broadcast on the day.
func (d restDay) Rest() bool {
	if d.Set != nil {
		return d.Set.Rest
	}
	return d.Quiet
}

func (c *Console) showRest(w http.ResponseWriter, r *request, p restPage, refused error) error {
	all, err := get[[]store.Day](c, r, "/v1/days", nil)
	if err != nil {
		return err
	}
	waves, err := get[[]api.Wave](c, r, "/v1/waves", nil)
	if err != nil {
		return err
	}
	for _, one := range waves {
		if one.OpenedAt != nil || one.At == nil || one.State == store.WaveCancelled {
			continue
		}
		if i := slices.IndexFunc(all, func(d store.Day) bool { return d.Date == one.At.Format(time.DateOnly) }); i >= 0 && all[i].Rest {
			p.Waves = append(p.Waves, one)
		}
	}
	today := time.Now().In(c.Config().Zone)
	chosen, err := time.ParseInLocation(time.DateOnly, r.URL.Query().Get("day"), c.Config().Zone)
	if p.Year, _ = strconv.Atoi(r.URL.Query().Get("year")); p.Year < firstYear || p.Year > lastYear {
		p.Year = today.Year()
		if err == nil {
			p.Year = chosen.Year()
		}
	}
	p.Years = []int{p.Year - 1, p.Year + 1}
	for i, y := range p.Years {
		if y < firstYear || y > lastYear {
			p.Years[i] = 0
		}
	}
	look := func(at time.Time) restDay {
		d := restDay{At: at, Quiet: slices.Contains(c.Config().QuietDays, at.Weekday()), Today: at.Format(time.DateOnly) == today.Format(time.DateOnly)}
		if i := slices.IndexFunc(all, func(one store.Day) bool { return one.Date == d.Date() }); i >= 0 {
			d.Set = &all[i]
		}
		return d
	}
	for m := time.January; m <= time.December; m++ {
		p.Months = append(p.Months, weeksOf(p.Year, m, c.Config().Zone, look))
	}
	p.Days = slices.DeleteFunc(all, func(d store.Day) bool { return !strings.HasPrefix(d.Date, strconv.Itoa(p.Year)+"-") })
	if err == nil && chosen.Year() == p.Year {
		d := look(chosen)
		p.Chosen = &d
	}
	if refused != nil {
		return c.showError(w, r, "settings", "rest-calendar", r.say("page_settings.calendar"), p, refused)
	}
	return c.show(w, r, "settings", "rest-calendar", r.say("page_settings.calendar"), p)
}

// The years that a calendar holds, as the ledger takes them.
const firstYear, lastYear = 2000, 2099

func weeksOf(year int, m time.Month, zone *time.Location, look func(time.Time) restDay) restMonth {
	out := restMonth{First: time.Date(year, m, 1, 0, 0, 0, 0, zone)}
	week := make([]restDay, (int(out.First.Weekday())+6)%7, 7)
	for at := out.First; at.Month() == m; at = at.AddDate(0, 0, 1) {
		if week = append(week, look(at)); len(week) == 7 {
			out.Weeks, week = append(out.Weeks, week), nil
		}
	}
	if len(week) > 0 {
		out.Weeks = append(out.Weeks, append(week, make([]restDay, 7-len(week))...))
	}
	return out
}

// mostDays is the longest span that is put in at once.
const mostDays = 60

func (c *Console) changeRest(w http.ResponseWriter, r *request) error {
	f := r.PostForm
	from, err1 := time.Parse(time.DateOnly, f.Get("from"))
	to, err2 := time.Parse(time.DateOnly, f.Get("to"))
	if f.Get("to") == "" {
		to, err2 = from, err1
	}
	if err1 != nil || err2 != nil || to.Before(from) || to.Sub(from) >= mostDays*24*time.Hour {
		return c.showRest(w, r, restPage{}, words.Refuse("page_settings.bad_range", mostDays).Of(words.Usage))
	}
	var in api.DayList
	var dates []string
	for d := from; !d.After(to); d = d.AddDate(0, 0, 1) {
		dates = append(dates, d.Format(time.DateOnly))
		in.Days = append(in.Days, store.Day{
			Date: d.Format(time.DateOnly), Rest: f.Get("kind") != "work", Name: store.Both{Zh: strings.TrimSpace(f.Get("zh")), Ko: strings.TrimSpace(f.Get("ko"))},
		})
	}
	path := "/settings/calendar?year=" + strconv.Itoa(from.Year())
	if f.Get("kind") != "none" {
		if _, err := post[api.DayListed](c, r, "/v1/days", in); err != nil {
			return c.showRest(w, r, restPage{}, err)
		}
		c.tell(r, r.say("page_settings.days_set", len(dates)))
		return c.back(w, r, path)
	}
	all, err := get[[]store.Day](c, r, "/v1/days", nil)
	if err != nil {
		return err
	}
	dates = slices.DeleteFunc(dates, func(date string) bool {
		return !slices.ContainsFunc(all, func(d store.Day) bool { return d.Date == date })
	})
	if len(dates) > 0 {
		if _, err := post[[]store.Day](c, r, "/v1/days/remove", api.DaysRemoval{Dates: dates}); err != nil {
			return c.showRest(w, r, restPage{}, err)
		}
	}
	c.tell(r, r.say("page_settings.days_removed", len(dates)))
	return c.back(w, r, path)
}

// listRest checks a pasted list of days as a whole, and stores it when that is asked and nothing is wrong with it.
func (c *Console) listRest(w http.ResponseWriter, r *request) error {
	in := api.DayList{Text: r.PostForm.Get("days"), Check: true}
	checked, err := post[api.DayListed](c, r, "/v1/days", in)
	if err != nil {
		return c.showRest(w, r, restPage{Pasted: in.Text}, err)
	}
	if len(checked.Faults) > 0 {
		return c.showRest(w, r, restPage{List: &listedRest{checked}, Pasted: in.Text}, words.Refuse("page_settings.list_wrong", len(checked.Faults)).Of(words.Usage))
	}
	if r.PostForm.Get("do") != "store" {
		c.forms.again(r.PostForm.Get(formToken))
		r.URL.RawQuery = "year=" + checked.Days[0].Date[:4]
		return c.showRest(w, r, restPage{List: &listedRest{checked}, Pasted: in.Text}, nil)
	}
	in.Check = false
	if _, err := post[api.DayListed](c, r, "/v1/days", in); err != nil {
		return c.showRest(w, r, restPage{}, err)
	}
	c.tell(r, r.say("page_settings.days_set", len(checked.Days)))
	return c.back(w, r, "/settings/calendar?year="+checked.Days[0].Date[:4])
}
