package api

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chunfeng/config"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// admin is who may change settings.
var admin = Caller{Name: "an", Role: store.RoleAdmin, Lang: words.English}

// told asks for something and answers it, or the problem.
func told[T any](t *testing.T, a *API, c Caller, method, path string, body any) (T, *Problem) {
	t.Helper()
	v, err := Ask[T](t.Context(), a, c, method, path, nil, body)
	if err != nil {
		return v, ProblemOf(err, c.Lang)
	}
	return v, nil
}

// setting answers one key.
func (s Settings) setting(t *testing.T, key string) Setting {
	t.Helper()
	for _, v := range s.Values {
		if v.Key == key {
			return v
		}
	}
	t.Fatalf("no %s", key)
	return Setting{}
}

// trail lists the newest lines of the audit trail.
func trail(t *testing.T, s *store.Store, n int) (out []string) {
	t.Helper()
	p, err := s.Events(store.EventFilter{Limit: n})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range p.Events {
		out = append(out, strings.TrimSpace(strings.Join([]string{e.Who, e.What, e.On, e.Detail}, " ")))
	}
	return out
}

func TestChangeSettings(t *testing.T) {
	a := newAPI(t)
	change := func(set map[string]string, confirm bool) (SettingsChanged, *Problem) {
		return told[SettingsChanged](t, a, admin, "POST", "/v1/settings", SettingsChange{Set: set, Confirm: confirm})
	}
	before, _ := told[Settings](t, a, admin, "GET", "/v1/settings", nil)

	v, p := change(map[string]string{"pacing.text.per_day": "200", "quiet_hours": "19:00-09:00"}, false)
	if p != nil {
		t.Fatal(p)
	}
	if a.Config().Text.PerDay != 200 || a.Config().QuietHours != "19:00-09:00" {
		t.Error("a change is not in force at once")
	}
	if s := v.setting(t, "pacing.text.per_day"); s.Origin != config.FromConsole || s.Kept != "200" || s.KeptBy != "an" || !s.Can || s.Quicker || s.Default != "400" {
		t.Errorf("%+v", s)
	}
	if v.Takes.Groups != 2971 || v.Takes.Minutes <= before.Takes.Minutes {
		t.Errorf("half the pace takes %+v, before %+v", v.Takes, before.Takes)
	}

	// All faults at once, and nothing of it done.
	_, p = change(map[string]string{"pacing.text.every": "soon", "quiet_days": "someday", "listen": ":80", "approval": "none", "wave.hold": "5m"}, true)
	if p == nil || p.Status() != 400 || len(p.Fields) != 4 || p.Fields["wave.hold"] != "" || !strings.Contains(p.Fields["pacing.text.every"], "soon") {
		t.Errorf("%+v", p)
	}
	if a.Config().Hold.String() != "2m0s" {
		t.Error("one of a refused change was taken")
	}

	// Quicker than polite takes a confirmation; slower, or quicker and still polite, does not.
	quick := map[string]string{"pacing.text.every": "5s", "group_daily_limit": "3"}
	if _, p = change(quick, false); p == nil || p.Key != "api.settings_quicker" || !strings.Contains(p.Text, "5s (polite: 15s)") || !strings.Contains(p.Text, "3 (polite: 1)") || a.Config().GroupDailyLimit != 1 {
		t.Errorf("%+v", p)
	}
	if _, p = change(map[string]string{"pacing.text.per_day": "400"}, false); p != nil {
		t.Error("back to the default:", p)
	}
	if v, p = change(quick, true); p != nil || len(v.Warnings) != 2 || !v.setting(t, "pacing.text.every").Quicker {
		t.Errorf("%+v %+v", p, v.Warnings)
	}
	want := []string{"an setting.confirm group_daily_limit", "an setting.confirm pacing.text.every", `an setting.set pacing.text.every "" → "5s"`, `an setting.set group_daily_limit "" → "3"`}
	if d := cmp.Diff(want, trail(t, a.store, 4)); d != "" {
		t.Error("the trail:", d)
	}
	if _, p = change(map[string]string{"pacing.text.every": "10s"}, false); p != nil {
		t.Error("slower than now is free, though still above the polite pace:", p)
	}
	if _, p = change(map[string]string{"pacing.text.every": ""}, false); p != nil || a.Config().Text.Every.String() != "15s" {
		t.Error("what was set is taken back:", p)
	}

	// Of two people the second one is told.
	if _, p := told[SettingsChanged](t, a, admin, "POST", "/v1/settings", SettingsChange{Set: map[string]string{"wave.hold": "9m"}, Version: before.Version}); p == nil || p.Kind != words.Conflict || a.Config().Hold.String() != "2m0s" {
		t.Errorf("%+v", p)
	}
	county := admin
	county.County = "yanji"
	if _, p := told[SettingsChanged](t, a, county, "POST", "/v1/settings", SettingsChange{Set: map[string]string{"wave.hold": "9m"}}); p == nil || p.Kind != words.Forbidden || !strings.Contains(p.Text, "Yanji") {
		t.Errorf("an admin of one county changes what holds for all: %+v", p)
	}
	for path, body := range map[string]any{"/v1/templates/files/digest": TemplateChange{Text: "x"}, "/v1/days": DayList{Text: "2027-02-05 rest"}, "/v1/days/remove": DaysRemoval{Dates: []string{"2027-02-05"}}} {
		if _, p := told[any](t, a, county, "POST", path, body); p == nil || p.Kind != words.Forbidden {
			t.Errorf("an admin of one county changes %s: %+v", path, p)
		}
	}
	if trial, p := told[SettingsTrial](t, a, admin, "POST", "/v1/settings/try", SettingsChange{Set: map[string]string{"pacing.text.per_day": "40"}}); p != nil || trial.Takes.Days < 7 || a.Config().Text.PerDay != 400 {
		t.Errorf("%+v %+v", trial, p)
	}
}

func TestWhoSeesWhichSettings(t *testing.T) {
	a := newAPI(t)
	for _, c := range []struct {
		who    Caller
		listen bool
	}{{admin, true}, {clerk, false}} {
		v, p := told[Settings](t, a, c.who, "GET", "/v1/settings", nil)
		if p != nil {
			t.Fatal(p)
		}
		listen := false
		for _, s := range v.Values {
			listen = listen || s.Key == "listen"
		}
		if listen != c.listen || v.setting(t, "quiet_hours").Value == "" {
			t.Errorf("%s: %+v", c.who.Role, v)
		}
	}
}

// TestKeptValueThatBecameAFault holds that what is kept and is not in force stands in nobody's way, and is told.
func TestKeptValueThatBecameAFault(t *testing.T) {
	a := newAPI(t)
	if err := a.store.SetSettings(map[string]string{"wave.hold": "soon", "pace": "1"}, "li"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.Reload(context.Background()); err != nil {
		t.Fatal(err)
	}
	v, _ := told[Settings](t, a, admin, "GET", "/v1/settings", nil)
	if s := v.setting(t, "wave.hold"); s.Value != "2m" || s.Kept != "soon" || s.Fault == "" {
		t.Errorf("%+v", s)
	}
	if s := v.setting(t, "pace"); s.Fault == "" || s.Can {
		t.Errorf("%+v", s)
	}
	found, _ := told[[]Finding](t, a, admin, "GET", "/v1/doctor", nil)
	bad := 0
	for _, f := range found {
		if f.What == "setting" && f.Level == "bad" && strings.Contains(f.Text, "chunfeng config unset") {
			bad++
		}
	}
	if bad != 2 {
		t.Errorf("the doctor tells of %d: %v", bad, found)
	}
	if _, p := told[SettingsChanged](t, a, admin, "POST", "/v1/settings", SettingsChange{Set: map[string]string{"quiet_days": "sunday"}}); p != nil {
		t.Error("another key cannot be changed:", p)
	}
	if _, p := told[SettingsChanged](t, a, admin, "POST", "/v1/settings", SettingsChange{Set: map[string]string{"wave.hold": "", "pace": ""}}); p != nil {
		t.Error("it cannot be removed:", p)
	}
	if got, _ := a.store.Settings(); len(got) != 1 {
		t.Error(got)
	}
}

// TestSettingThatCannotBePutInForce holds that who changed something is told when it has no effect.
func TestSettingThatCannotBePutInForce(t *testing.T) {
	a := newAPI(t)
	a.Options.Reload = func(context.Context) ([]string, []config.Fault, error) { return nil, nil, errors.New("boom") }
	if _, p := told[SettingsChanged](t, a, admin, "POST", "/v1/settings", SettingsChange{Set: map[string]string{"wave.hold": "9m"}}); p == nil || p.Key != "api.kept_not_in_force" {
		t.Errorf("%+v", p)
	}
}
