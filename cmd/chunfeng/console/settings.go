package console

import (
	"net/http"
	"slices"
	"strings"

	"chunfeng/cmd/chunfeng/api"
)

// settingsRoutes are what is set where the work is done: the pace, the quiet times, the calendar and the templates.
func (c *Console) settingsRoutes() {
	c.page("GET /settings", api.Read, func(w http.ResponseWriter, r *request) error { return c.showSettings(w, r, nil, nil) })
	c.page("POST /settings", api.Manage, c.changeSettings)
	c.restRoutes()
	c.templateRoutes()
}

// settingsPage is what the settings show.
type settingsPage struct {
	api.Settings
	Typed  map[string]string // what was typed into a form that was refused or is to be confirmed
	Faults map[string]string // what is wrong with it, by key
	// What was typed is quicker than is polite: say so once more, with how long it would take.
	Confirm *api.SettingsTrial
}

// Shown is what stands in a field: what was typed, else what is in force.
func (p settingsPage) Shown(s api.Setting) string {
	if v, ok := p.Typed[s.Key]; ok {
		return v
	}
	return s.Value
}

// FaultOf is what is wrong with what was typed, else with what is kept.
func (p settingsPage) FaultOf(s api.Setting) string {
	if said := p.Faults[s.Key]; said != "" {
		return said
	}
	return s.Fault
}

// Asked tells whether a key would be quicker by what was typed.
func (p settingsPage) Asked(key string) bool {
	return p.Confirm != nil && slices.Contains(p.Confirm.Quicker, key)
}

// settingsPart is what belongs together on the page.
type settingsPart struct {
	Name   string
	Values []api.Setting
}

// Parts are the settings by what they are about, in the order of the day's work; what can only be set on the machine is last.
func (p settingsPage) Parts() []settingsPart {
	parts := []settingsPart{{Name: "quiet"}, {Name: "text"}, {Name: "media"}, {Name: "accounts"}, {Name: "waves"}, {Name: "machine"}}
	for _, s := range p.Values {
		at := len(parts) - 1
		for i, starts := range [][]string{{"quiet_"}, {"pacing.text."}, {"pacing.media."}, {"pacing."}, {"approval", "group_daily_limit", "wave.", "replies."}} {
			if slices.ContainsFunc(starts, func(start string) bool { return strings.HasPrefix(s.Key, start) }) {
				at = i
				break
			}
		}
		parts[at].Values = append(parts[at].Values, s)
	}
	return slices.DeleteFunc(parts, func(p settingsPart) bool { return len(p.Values) == 0 })
}

// Choices are the values that a setting may be given here, where they are few; nil for a field to write into.
func (p settingsPage) Choices(s api.Setting) []string {
	switch s.Key {
	case "approval":
		if s.Value != "second_person" {
			return []string{s.Value, "second_person"} // the way to more care is open
		}
		return []string{"second_person"}
	case "replies.acknowledge":
		return []string{"each", "batched", "none"}
	case "pacing.warm_up":
		return []string{"true", "false"}
	}
	return nil
}

func (c *Console) showSettings(w http.ResponseWriter, r *request, confirm *api.SettingsTrial, refused error) error {
	v, err := get[api.Settings](c, r, "/v1/settings", nil)
	if err != nil {
		return err
	}
	p := settingsPage{Settings: v, Confirm: confirm}
	if refused != nil || confirm != nil {
		p.Typed = map[string]string{}
		for _, s := range v.Values {
			if r.PostForm.Has(s.Key) {
				p.Typed[s.Key] = r.PostForm.Get(s.Key)
			}
		}
		// What was typed was typed over the settings of that time.
		p.Version = r.PostForm.Get("version")
	}
	if refused != nil {
		problem := api.ProblemOf(refused, r.Caller.Lang)
		if problem.Key == "api.settings_changed" {
			p.Version = v.Version // they were told: what they decide now, they decide over these
		}
		if p.Faults = problem.Fields; len(p.Faults) > 0 {
			refused = &api.Problem{Kind: problem.Kind, Text: r.say("page_settings.refused", len(p.Faults))}
		}
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
		if typed := strings.TrimSpace(r.PostForm.Get(s.Key)); s.Can && r.PostForm.Has(s.Key) && typed != s.Value {
			set[s.Key] = typed
		}
	}
	if key := r.PostForm.Get("default"); key != "" {
		set = map[string]string{key: ""} // as if it had never been set here
	}
	if len(set) == 0 {
		c.tell(r, r.say("page_settings.same"))
		return c.back(w, r, "/settings")
	}
	change := api.SettingsChange{Set: set, Version: r.PostForm.Get("version"), Confirm: r.PostForm.Get("confirm") != ""}
	trial, err := post[api.SettingsTrial](c, r, "/v1/settings/try", change)
	if err != nil {
		return c.showSettings(w, r, nil, err)
	}
	if len(trial.Faults) == 0 && len(trial.Quicker) > 0 && !change.Confirm {
		c.forms.again(r.PostForm.Get(formToken))
		return c.showSettings(w, r, &trial, nil)
	}
	done, err := post[api.SettingsChanged](c, r, "/v1/settings", change)
	if err != nil {
		return c.showSettings(w, r, nil, err)
	}
	var names []string
	for _, key := range done.Changed {
		for _, s := range done.Values {
			if s.Key == key {
				names = append(names, named(r.Caller.Lang, "setting.", key)+" "+s.Value)
			}
		}
	}
	c.tell(r, r.say("page_settings.changed", strings.Join(names, ", ")))
	for _, s := range done.Warnings {
		c.tell(r, s)
	}
	return c.back(w, r, "/settings")
}
