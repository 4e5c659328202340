package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"chunfeng/config"
	"chunfeng/store"
	"chunfeng/templates"
	"chunfeng/templates/words"
)

// Settings are the settings in force, and where each comes from.
type Settings struct {
	Version string    `json:"version"` // of what is set in the console: who changes it may say which one was seen
	Values  []Setting `json:"values"`
	Takes   Takes     `json:"takes"`
}

// Setting is one key. Who may not change settings sees those of the daily work only.
type Setting struct {
	Key     string      `json:"key"`
	Value   string      `json:"value"` // as it was written, and is in force
	Default string      `json:"default"`
	Origin  config.Kind `json:"origin"`
	From    string      `json:"from,omitempty"` // the file's path or the environment variable; for who may change settings
	Line    int         `json:"line,omitempty"`
	Can     bool        `json:"can_set"` // it can be set in the console, and the environment does not win over it
	Quicker bool        `json:"quicker"` // than the polite default
	Kept    string      `json:"kept,omitempty"`
	KeptBy  string      `json:"kept_by,omitempty"`
	KeptAt  *time.Time  `json:"kept_at,omitempty"`
	Fault   string      `json:"fault,omitempty"` // why what is kept is not in force
}

// Takes is how long a message to every group takes at a pace, by the arithmetic of the forecast: from the end of the present
// quiet time on, with all accounts past their warming up. Where there are no groups or accounts yet it is told of
// 2,971 groups and 12 accounts.
type Takes struct {
	Groups   int `json:"groups"`
	Accounts int `json:"accounts"`
	Minutes  int `json:"minutes"`
	Days     int `json:"days"` // on which something is sent
}

// SettingsChange changes settings: all of them, or none.
type SettingsChange struct {
	Set     map[string]string `json:"set"`               // by key; the empty value takes back what was set
	Version string            `json:"version,omitempty"` // of the settings that were seen; another one meanwhile is a conflict
	Confirm bool              `json:"confirm,omitempty"` // send quicker than is polite, and take the risk for the accounts
}

// SettingsChanged is what came of a change.
type SettingsChanged struct {
	Settings
	Changed  []string `json:"changed"` // keys
	Warnings []string `json:"warnings"`
	Later    []string `json:"later"` // keys that wait for the next start
}

// SettingsTrial is what would come of a change.
type SettingsTrial struct {
	Faults  map[string]string `json:"faults"`  // by key; the empty key: of the file or the environment
	Quicker []string          `json:"quicker"` // keys that would have to be confirmed
	Takes   Takes             `json:"takes"`
}

func (a *API) settingRoutes() {
	a.on(Read, "GET /v1/settings", func(r request) (any, error) { return a.settings(r) }).
		says("Answers the settings in force, where each comes from, and how long a message to every group takes at that pace.").answers(Settings{})
	a.on(Manage, "POST /v1/settings", func(r request) (any, error) { return a.changeSettings(r) }).
		says("Changes settings of the daily work, all or none, and puts them in force.").takes(SettingsChange{}).answers(SettingsChanged{})
	a.on(Manage, "POST /v1/settings/try", func(r request) (any, error) { return a.trySettings(r) }).
		says("Tells what would come of a change of settings, and changes nothing.").takes(SettingsChange{}).answers(SettingsTrial{})
}

func (a *API) settings(r request) (Settings, error) {
	all, err := a.store.Settings()
	if err != nil {
		return Settings{}, err
	}
	kept := map[string]store.Setting{}
	for _, s := range all {
		kept[s.Key] = s
	}
	cfg, settable := a.Config(), config.Settable()
	quicker, faults := cfg.Quicker(config.Default()), map[string]string{}
	for _, f := range cfg.Ignored() {
		faults[f.Key] = words.Say(r.Lang, "config."+f.Problem, append([]any{f.Key}, f.Args...)...)
	}
	out := Settings{Version: versionOf(all), Values: []Setting{}}
	for _, v := range cfg.Values() {
		own := slices.Contains(settable, v.Key)
		if !own && !r.May(Manage) {
			continue
		}
		s := Setting{Key: v.Key, Value: v.Value, Default: v.Default, Origin: v.Origin, Can: own && v.Origin != config.FromEnv, Quicker: slices.Contains(quicker, v.Key), Fault: faults[v.Key]}
		if r.May(Manage) {
			s.From, s.Line = v.From, v.Line
		}
		if k, ok := kept[v.Key]; ok {
			s.Kept, s.KeptBy, s.KeptAt = k.Value, k.Who, a.moment(k.At)
		}
		delete(faults, v.Key)
		out.Values = append(out.Values, s)
	}
	// What an older or newer version kept has no place among the others.
	for _, key := range slices.Sorted(maps.Keys(faults)) {
		if k := kept[key]; r.May(Manage) {
			out.Values = append(out.Values, Setting{Key: key, Origin: config.FromConsole, Kept: k.Value, KeptBy: k.Who, KeptAt: a.moment(k.At), Fault: faults[key]})
		}
	}
	out.Takes, err = a.takes(cfg)
	return out, err
}

// versionOf names what is kept at one time.
func versionOf(all []store.Setting) string {
	h := sha256.New()
	for _, s := range all {
		fmt.Fprintf(h, "%q %q %d\n", s.Key, s.Value, s.At.UnixMicro())
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// What is told of where there is nothing to tell of yet: the prefecture's whole registry, and the accounts that it takes.
const (
	usualGroups   = 2971
	usualAccounts = 12
)

func (a *API) takes(c *config.Config) (Takes, error) {
	t := Takes{}
	err := a.store.EachGroup(func(g store.Group) bool {
		if g.State == store.GroupActive {
			t.Groups++
		}
		return true
	})
	if err != nil {
		return t, err
	}
	all, err := a.store.Accounts()
	for _, one := range all {
		if !one.Paused && one.State != store.AccountStopped {
			t.Accounts++
		}
	}
	if t.Groups == 0 || t.Accounts == 0 {
		t.Groups, t.Accounts = usualGroups, usualAccounts
	}
	if err != nil {
		return t, err
	}
	p, err := a.PlannerOf(c)
	if err != nil {
		return t, err
	}
	quiet, err := p.Calendar()
	if err != nil {
		return t, err
	}
	from := quiet.Open(time.Now().In(c.Zone))
	finish, days, err := p.Estimate(t.Groups, t.Accounts, from)
	t.Minutes, t.Days = int((finish.Sub(from)+time.Minute-1)/time.Minute), days
	return t, err
}

// trial is a change that was looked at and not made.
type trial struct {
	config  *config.Config
	changes map[string]string // what is not so already
	faults  []config.Fault
	quicker []string
}

// try looks at a change. a.changing is held.
func (a *API) try(in SettingsChange) (t trial, err error) {
	all, err := a.store.Settings()
	if err != nil {
		return t, err
	}
	if in.Version != "" && in.Version != versionOf(all) {
		return t, words.Refuse("api.settings_changed").Of(words.Conflict)
	}
	kept := map[string]string{}
	for _, s := range all {
		kept[s.Key] = s.Value
	}
	t.changes = map[string]string{}
	now := a.Config()
	origins := map[string]config.Value{}
	for _, v := range now.Values() {
		origins[v.Key] = v
	}
	for key, value := range in.Set {
		value = strings.TrimSpace(value)
		if v := origins[key]; value != "" && v.Origin == config.FromEnv {
			t.faults = append(t.faults, config.Fault{Origin: config.Origin{Kind: config.FromConsole}, Key: key, Problem: "env_wins", Args: []any{v.From}})
			continue
		}
		if kept[key] != value {
			t.changes[key] = value
		}
	}
	// What is kept and not in force stands in nobody's way.
	for _, f := range now.Ignored() {
		delete(kept, f.Key)
	}
	for key, value := range t.changes {
		if kept[key] = value; value == "" {
			delete(kept, key)
		}
	}
	next, faults := a.TryConfig(kept)
	if t.faults = append(t.faults, faults...); len(t.faults) > 0 {
		return t, nil
	}
	t.config = next
	polite := next.Quicker(config.Default())
	for _, key := range next.Quicker(now) {
		if slices.Contains(polite, key) {
			t.quicker = append(t.quicker, key)
		}
	}
	return t, nil
}

func (a *API) trySettings(r request) (any, error) {
	var in SettingsChange
	if err := r.json(&in); err != nil {
		return nil, err
	}
	a.changing.Lock()
	defer a.changing.Unlock()
	t, err := a.try(in)
	out := SettingsTrial{Faults: map[string]string{}, Quicker: list(t.quicker)}
	if err != nil {
		return nil, err
	}
	for key, said := range fieldFaults(r.Lang, t.faults) {
		out.Faults[key] = said
	}
	if t.config != nil {
		out.Takes, err = a.takes(t.config)
	}
	return out, err
}

func (a *API) changeSettings(r request) (any, error) {
	var in SettingsChange
	if err := r.json(&in); err != nil {
		return nil, err
	}
	if err := r.whole(); err != nil {
		return nil, err
	}
	a.changing.Lock()
	defer a.changing.Unlock()
	t, err := a.try(in)
	switch {
	case err != nil:
		return nil, err
	case len(t.faults) > 0:
		return nil, &SettingFaults{t.faults}
	case len(t.quicker) > 0 && !in.Confirm:
		return nil, words.Refuse("api.settings_quicker", risks{t.config, t.quicker}).Of(words.Conflict)
	}
	// A template that is broken on the disk would keep the change from taking effect: that is told before it is made.
	if _, err := templates.Load(os.DirFS(a.templateDir())); err != nil {
		return nil, err
	}
	out := SettingsChanged{Changed: list(slices.Sorted(maps.Keys(t.changes))), Warnings: []string{}, Later: []string{}}
	if len(t.changes) > 0 {
		if err := a.store.SetSettings(t.changes, r.Name, t.quicker...); err != nil {
			return nil, err
		}
		later, warnings, err := a.reload(r)
		if err != nil {
			return nil, words.Refuse("api.kept_not_in_force").Because(err)
		}
		out.Later = list(later)
		for _, w := range warnings {
			out.Warnings = append(out.Warnings, SayFault(r.Lang, w))
		}
	}
	out.Settings, err = a.settings(r)
	return out, err
}

// reloadTime is how long a change may wait for the sends in hand, which end sooner by their own deadline.
const reloadTime = 45 * time.Second

// reload puts what was saved in force. It goes on when whoever asked has left.
func (a *API) reload(r request) ([]string, []config.Fault, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), reloadTime)
	defer cancel()
	return a.Reload(ctx)
}

// templateDir is the folder in which staff's own templates lie.
func (a *API) templateDir() string { return filepath.Join(a.store.Dir(), "templates") }

// whole refuses people of one county what holds for the whole prefecture.
func (r request) whole() error {
	if r.County == "" {
		return nil
	}
	return words.Refuse("api.whole_prefecture", countyText(r.County)).Of(words.Forbidden)
}

// risks says which values are quicker than polite, one after another.
type risks struct {
	config *config.Config
	keys   []string
}

// In says them in a language.
func (q risks) In(l words.Lang) string {
	values := map[string]config.Value{}
	for _, v := range q.config.Values() {
		values[v.Key] = v
	}
	var out []string
	for _, key := range q.keys {
		out = append(out, words.Say(l, "api.risk", words.T("setting."+key), values[key].Value, values[key].Default))
	}
	return strings.Join(out, words.Say(l, "api.risk_and"))
}

// SettingFaults are the faults of a change of settings, each at its key.
type SettingFaults struct{ Faults []config.Fault }

// Error implements error.
func (f *SettingFaults) Error() string { return f.In(words.English) }

// In says every fault, one a line.
func (f *SettingFaults) In(l words.Lang) string { return (&ConfigFaults{f.Faults}).In(l) }

// Fields says each fault at its key.
func (f *SettingFaults) Fields(l words.Lang) map[string]string { return fieldFaults(l, f.Faults) }

// fieldFaults says faults by the key that they are of. Those of the file and the environment stand under the empty key: who
// looks at a form cannot mend them there.
func fieldFaults(l words.Lang, faults []config.Fault) map[string]string {
	out := map[string]string{}
	for _, f := range faults {
		key, said := f.Key, words.Say(l, "config."+f.Problem, append([]any{words.T("setting." + f.Key)}, f.Args...)...)
		if f.Kind != config.FromConsole {
			key, said = "", SayFault(l, f)
		}
		if out[key] != "" {
			said = out[key] + " " + said
		}
		out[key] = said
	}
	return out
}
