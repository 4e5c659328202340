package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates"
	"chunfeng/templates/words"
)

// settingsRoutes are what is set where the work is done: the pace, the quiet times, the calendar and the templates.
func (c *Console) settingsRoutes() {
	c.page("GET /settings", api.Read, func(w http.ResponseWriter, r *request) error { return c.showSettings(w, r, false, nil) })
	c.page("POST /settings", api.Manage, c.changeSettings)
	c.page("GET /settings/calendar", api.Read, func(w http.ResponseWriter, r *request) error { return c.showRest(w, r, nil) })
	c.page("POST /settings/calendar", api.Manage, c.changeRest)
	c.page("POST /settings/calendar/{date}/remove", api.Manage, func(w http.ResponseWriter, r *request) error {
		if _, err := ask[[]store.Day](c, r, http.MethodDelete, "/v1/days/"+seg(r.PathValue("date")), nil, nil); err != nil {
			return c.showRest(w, r, err)
		}
		return c.back(w, r, "/settings/calendar")
	})
	c.page("GET /settings/templates", api.Read, func(w http.ResponseWriter, r *request) error {
		all, err := get[[]api.TemplateFile](c, r, "/v1/templates/files", nil)
		if err != nil {
			return err
		}
		return c.show(w, r, "settings", "templates", r.say("page_settings.templates"), all)
	})
	c.page("GET /settings/templates/{template}", api.Read, func(w http.ResponseWriter, r *request) error { return c.showTemplate(w, r, "", nil) })
	c.page("POST /settings/templates/{template}", api.Manage, c.saveTemplate)
}

// settingsPage is what the settings show.
type settingsPage struct {
	api.Settings
	Typed   map[string]string // what was typed into a form that was refused or is to be confirmed
	Confirm bool              // what was typed is quicker than is polite: say so once more
}

// Shown is what stands in a field: what was typed, else what is in force.
func (p settingsPage) Shown(s api.Setting) string {
	if v, ok := p.Typed[s.Key]; ok {
		return v
	}
	return s.Value
}

func (c *Console) showSettings(w http.ResponseWriter, r *request, confirm bool, refused error) error {
	v, err := get[api.Settings](c, r, "/v1/settings", nil)
	if err != nil {
		return err
	}
	p := settingsPage{Settings: v, Confirm: confirm}
	if refused != nil || confirm {
		p.Typed = map[string]string{}
		for _, s := range v.Values {
			if r.PostForm.Has(s.Key) {
				p.Typed[s.Key] = r.PostForm.Get(s.Key)
			}
		}
	}
	if refused != nil {
		return c.showError(w, r, "settings", "settings", r.say("console.nav_settings"), p, refused)
	}
	return c.show(w, r, "settings", "settings", r.say("console.nav_settings"), p)
}

func (c *Console) changeSettings(w http.ResponseWriter, r *request) error {
	now, err := get[api.Settings](c, r, "/v1/settings", nil)
	if err != nil {
		return err
	}
	set := map[string]string{}
	for _, s := range now.Values {
		if s.Can && r.PostForm.Has(s.Key) && r.PostForm.Get(s.Key) != s.Value {
			set[s.Key] = strings.TrimSpace(r.PostForm.Get(s.Key))
		}
	}
	if key := r.PostForm.Get("default"); key != "" {
		set = map[string]string{key: ""} // as if it had never been set here
	}
	if len(set) == 0 {
		return c.back(w, r, "/settings")
	}
	change := api.SettingsChange{Set: set, Version: r.PostForm.Get("version"), Confirm: r.PostForm.Get("confirm") != ""}
	trial, err := post[api.SettingsTrial](c, r, "/v1/settings/try", change)
	if err != nil {
		return c.showSettings(w, r, false, err)
	}
	if len(trial.Faults) == 0 && len(trial.Quicker) > 0 && !change.Confirm {
		return c.showSettings(w, r, true, nil)
	}
	done, err := post[api.SettingsChanged](c, r, "/v1/settings", change)
	if err != nil {
		return c.showSettings(w, r, false, err)
	}
	c.tell(r, r.say("page_settings.changed", strings.Join(done.Changed, ", ")))
	for _, s := range done.Warnings {
		c.tell(r, s)
	}
	return c.back(w, r, "/settings")
}

// restPage is what the calendar of rest shows.
type restPage struct {
	Days  []store.Day
	Waves []api.Wave // queued ones that fall on a day of rest
}

func (c *Console) showRest(w http.ResponseWriter, r *request, refused error) error {
	days, err := get[[]store.Day](c, r, "/v1/days", nil)
	if err != nil {
		return err
	}
	p := restPage{Days: days}
	waves, err := get[[]api.Wave](c, r, "/v1/waves", nil)
	if err != nil {
		return err
	}
	for _, one := range waves {
		if one.OpenedAt != nil || one.At == nil || one.State == store.WaveCancelled {
			continue
		}
		if i := slices.IndexFunc(days, func(d store.Day) bool { return d.Date == one.At.Format(time.DateOnly) }); i >= 0 && days[i].Rest {
			p.Waves = append(p.Waves, one)
		}
	}
	if refused != nil {
		return c.showError(w, r, "settings", "rest-calendar", r.say("page_settings.calendar"), p, refused)
	}
	return c.show(w, r, "settings", "rest-calendar", r.say("page_settings.calendar"), p)
}

// mostDays is the longest range that is put in at once.
const mostDays = 60

func (c *Console) changeRest(w http.ResponseWriter, r *request) error {
	f := r.PostForm
	from, err1 := time.Parse(time.DateOnly, f.Get("from"))
	to, err2 := time.Parse(time.DateOnly, f.Get("to"))
	if f.Get("to") == "" {
		to, err2 = from, err1
	}
	if err1 != nil || err2 != nil || to.Before(from) || to.Sub(from) > mostDays*24*time.Hour {
		return c.showRest(w, r, words.Refuse("page_settings.bad_range", mostDays).Of(words.Usage))
	}
	var in api.DaysChange
	for d := from; !d.After(to); d = d.AddDate(0, 0, 1) {
		in.Days = append(in.Days, store.Day{
			Date: d.Format(time.DateOnly), Rest: f.Get("kind") != "work", Name: store.Both{Zh: strings.TrimSpace(f.Get("zh")), Ko: strings.TrimSpace(f.Get("ko"))},
		})
	}
	if _, err := post[[]store.Day](c, r, "/v1/days", in); err != nil {
		return c.showRest(w, r, err)
	}
	c.tell(r, r.say("page_settings.days_set", len(in.Days)))
	return c.back(w, r, "/settings/calendar")
}

// templatePage is what one template shows.
type templatePage struct {
	api.TemplateFile
	Text  string // in the editor
	Trial api.TemplateTrial
	Left  uint32 // the version that is compared; 0: none
	Lines []diffLine
}

func (c *Console) showTemplate(w http.ResponseWriter, r *request, typed string, refused error) error {
	path := "/v1/templates/files/" + seg(r.PathValue("template"))
	f, err := get[api.TemplateFile](c, r, path, nil)
	if err != nil {
		return err
	}
	p := templatePage{TemplateFile: f, Text: f.Text}
	q := r.URL.Query()
	if n, err := strconv.ParseUint(q.Get("restore"), 10, 32); err == nil {
		for _, v := range f.Versions {
			if v.Number == uint32(n) {
				p.Text = v.Text
			}
		}
	}
	if q.Get("restore") == "built-in" {
		p.Text = f.BuiltIn
	}
	if typed != "" {
		p.Text = typed
	}
	if n, err := strconv.ParseUint(q.Get("compare"), 10, 32); err == nil {
		for _, v := range f.Versions {
			if v.Number == uint32(n) {
				p.Left, p.Lines = v.Number, diff(v.Text, f.Text)
			}
		}
	}
	if r.Caller.May(api.Manage) {
		if p.Trial, err = post[api.TemplateTrial](c, r, path+"/preview", api.TemplateChange{Text: p.Text}); err != nil {
			return err
		}
	}
	if refused != nil {
		return c.showError(w, r, "settings", "template", f.Name, p, refused)
	}
	return c.show(w, r, "settings", "template", f.Name, p)
}

func (c *Console) saveTemplate(w http.ResponseWriter, r *request) error {
	f := r.PostForm
	text := templates.Normal(f.Get("text"))
	if f.Get("do") == "preview" {
		c.forms.again(f.Get(formToken))
		return c.showTemplate(w, r, text, nil)
	}
	from, _ := strconv.ParseUint(f.Get("from"), 10, 32)
	in := api.TemplateChange{Text: text, Note: strings.TrimSpace(f.Get("note")), From: uint32(from)}
	if f.Get("do") == "built-in" {
		in.Text = ""
	}
	name := r.PathValue("template")
	if _, err := post[api.TemplateFile](c, r, "/v1/templates/files/"+seg(name), in); err != nil {
		return c.showTemplate(w, r, text, err)
	}
	c.tell(r, r.say("page_settings.template_saved", name))
	return c.back(w, r, (&url.URL{Path: "/settings/templates/" + name}).String())
}
