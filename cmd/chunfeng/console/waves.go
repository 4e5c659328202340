package console

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// waveRoutes are the pages on which waves are planned, queued, approved, watched and stopped.
func (c *Console) waveRoutes() {
	c.page("GET /waves", api.Read, c.showWaves)
	c.page("GET /waves/calendar", api.Read, c.showCalendar)
	c.page("GET /waves/audience", api.Read, c.showAudience)
	c.page("GET /waves/poster", api.Read, func(w http.ResponseWriter, r *request) error {
		q := r.URL.Query()
		return api.Copy(w, r.Request, c.API, r.Caller, "/v1/batches/"+seg(q.Get("batch"))+"/poster/1", url.Values{"group": q["group"], "url": q["url"], "pages": q["pages"]})
	})
	c.page("GET /waves/{id}/pictures/{hash}", api.Read, func(w http.ResponseWriter, r *request) error {
		return api.Copy(w, r.Request, c.API, r.Caller, "/v1/waves/"+seg(r.PathValue("id"))+"/texts/"+seg(r.PathValue("hash")), nil)
	})
	c.page("GET /waves/new", api.Prepare, func(w http.ResponseWriter, r *request) error { return c.showOrder(w, r, r.URL.Query(), nil) })
	c.page("POST /waves", api.Queue, c.queueWave)
	c.page("GET /waves/{id}", api.Read, func(w http.ResponseWriter, r *request) error { return c.showWave(w, r, nil) })
	c.stream("GET /live/waves/{id}/{phase}", "wave-live", api.Read, c.watchWave)
	c.page("POST /waves/{id}/approve", api.Approve, c.approveWave)
	for verb, done := range map[string]string{"pause": "page_waves.paused", "resume": "page_waves.resumed", "cancel": "page_waves.cancelled"} {
		c.page("POST /waves/{id}/"+verb, api.Control, func(w http.ResponseWriter, r *request) error {
			v, err := post[api.Wave](c, r, "/v1/waves/"+seg(r.PathValue("id"))+"/"+verb, nil)
			if err != nil {
				return c.showWave(w, r, err)
			}
			c.tell(r, r.say(done, v.ID))
			return c.back(w, r, "/waves/"+seg(v.ID))
		})
	}
	c.page("POST /waves/{id}/recall", api.Control, c.recallWave)
	c.page("POST /waves/{id}/retry", api.Queue, c.retryWave)
	c.page("GET /waves/schedules/{id}", api.Read, func(w http.ResponseWriter, r *request) error { return c.showSchedule(w, r, nil) })
	for verb, right := range map[string]api.Right{"approve": api.Approve, "cancel": api.Control} {
		c.page("POST /waves/schedules/{id}/"+verb, right, func(w http.ResponseWriter, r *request) error {
			v, err := post[api.Schedule](c, r, "/v1/schedules/"+seg(r.PathValue("id"))+"/"+verb, hashOf(verb, r))
			if err != nil {
				return c.showSchedule(w, r, err)
			}
			c.tell(r, r.say("page_waves.schedule_"+verb, v.ID))
			return c.back(w, r, "/waves/schedules/"+seg(v.ID))
		})
	}
	c.page("GET /stop", api.Control, func(w http.ResponseWriter, r *request) error { return c.showStop(w, r, r.URL.Query().Get("wave"), nil) })
	c.page("POST /stop", api.Control, c.stop)
}

// hashOf is the body of an approval: the hash that the form was given with. Other verbs have none.
func hashOf(verb string, r *request) any {
	if verb != "approve" {
		return nil
	}
	return map[string]string{"hash": r.PostForm.Get("hash")}
}

// wavesPage is the list of waves.
type wavesPage struct {
	Waves     []api.Wave
	Schedules []api.Schedule
	Filter    url.Values
	States    []string
	Batches   []api.Batch
	First     string // the address of the first page; empty on it
	Older     string // of the next; empty at the end
}

func (c *Console) showWaves(w http.ResponseWriter, r *request) error {
	q := r.URL.Query()
	p := wavesPage{Filter: url.Values{}, States: []string{
		"active", string(store.WaveDraft), string(store.WaveApproved), string(store.WaveHolding), string(store.WaveRunning), string(store.WavePaused),
		string(store.WaveFinished), string(store.WaveFailures), string(store.WaveCancelled),
	}}
	for _, name := range []string{"state", "batch", "who"} {
		if v := strings.TrimSpace(q.Get(name)); v != "" {
			p.Filter.Set(name, v)
		}
	}
	ask := url.Values{}
	for k, v := range p.Filter {
		ask[k] = v
	}
	ask.Set("limit", strconv.Itoa(rowsShownNumber+1))
	if before := q.Get("before"); before != "" {
		ask.Set("before", before)
		p.First = "/waves?" + p.Filter.Encode()
	}
	var refused, err error
	if p.Waves, refused = get[[]api.Wave](c, r, "/v1/waves", ask); refused != nil && !known(refused) {
		return refused
	}
	if len(p.Waves) > rowsShownNumber {
		p.Waves = p.Waves[:rowsShownNumber]
		older := url.Values{"before": {p.Waves[rowsShownNumber-1].ID}}
		for k, v := range p.Filter {
			older[k] = v
		}
		p.Older = "/waves?" + older.Encode()
	}
	if p.First == "" && len(p.Filter) == 0 {
		if p.Schedules, err = get[[]api.Schedule](c, r, "/v1/schedules", nil); err != nil {
			return err
		}
	}
	if p.Batches, err = get[[]api.Batch](c, r, "/v1/batches", nil); err != nil {
		return err
	}
	if refused != nil {
		return c.showError(w, r, "waves", "waves", r.say("console.nav_waves"), p, refused)
	}
	return c.show(w, r, "waves", "waves", r.say("console.nav_waves"), p)
}

// typed refuses a form whose typed number is not the one that stood beside it. what was shown comes as the field of.
func typed(r *request) (int, error) {
	shown, err := strconv.Atoi(r.PostForm.Get("of"))
	if err != nil {
		return 0, words.Refuse("console.bad_form").Of(words.Usage)
	}
	written := r.PostForm.Get("number")
	n, err := strconv.Atoi(strings.NewReplacer(",", "", " ", "", "，", "").Replace(written))
	if err != nil || n != shown {
		return 0, words.Refuse("page_waves.other_number", strings.TrimSpace(written), shown).Of(words.Usage)
	}
	return n, nil
}

// month is a calendar as the page shows it.
type month struct {
	api.Calendar
	Begin        time.Time // its first day
	Weeks        [][]calendarDay
	Before, Next string // the addresses of the months beside it; empty where there is no moving
}

// calendarDay is a day with what is on it.
type calendarDay struct {
	api.CalendarDay
	Day   time.Time
	Today bool
	Mine  bool // the plan that is looked at goes out on it
}

// calendarOf asks for the calendar of a month, 2026-11; empty is this one. mine are the first and last day of what is
// looked at, zero for nothing.
func (c *Console) calendarOf(r *request, of string, from, to time.Time) (month, error) {
	v, err := get[api.Calendar](c, r, "/v1/calendar", url.Values{"month": {of}})
	if err != nil {
		return month{}, err
	}
	zone := c.Config().Zone
	day := func(t time.Time) string { return t.In(zone).Format(time.DateOnly) }
	m := month{Calendar: v}
	if m.Begin, err = time.ParseInLocation("2006-01", v.Month, zone); err != nil {
		return m, err
	}
	for i, d := range v.Days {
		t, err := time.ParseInLocation(time.DateOnly, d.Date, zone)
		if err != nil {
			return m, err
		}
		if i%7 == 0 {
			m.Weeks = append(m.Weeks, nil)
		}
		one := calendarDay{CalendarDay: d, Day: t, Today: d.Date == day(time.Now()), Mine: !from.IsZero() && d.Date >= day(from) && d.Date <= day(to)}
		m.Weeks[i/7] = append(m.Weeks[i/7], one)
	}
	return m, nil
}

func (c *Console) showCalendar(w http.ResponseWriter, r *request) error {
	m, err := c.calendarOf(r, r.URL.Query().Get("month"), time.Time{}, time.Time{})
	if err != nil {
		return err
	}
	m.Before, m.Next = "/waves/calendar?month="+m.Begin.AddDate(0, -1, 0).Format("2006-01"), "/waves/calendar?month="+m.Begin.AddDate(0, 1, 0).Format("2006-01")
	return c.show(w, r, "waves", "calendar", r.say("page_waves.calendar"), m)
}
