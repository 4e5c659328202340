package api

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"chunfeng/store"
	"chunfeng/templates"
	"chunfeng/templates/words"
)

// TemplateFile is one template of the messages to residents.
type TemplateFile struct {
	Name     string            `json:"name"`
	Text     string            `json:"text,omitempty"` // what is in force
	BuiltIn  string            `json:"built_in,omitempty"`
	Own      bool              `json:"own"` // a file of the data folder is in force, not the built-in one
	Newest   uint32            `json:"newest"`
	Outside  bool              `json:"changed_outside"` // the file is not what was saved here last
	Versions []TemplateVersion `json:"versions,omitempty"`
}

// TemplateVersion is a template as somebody saved it.
type TemplateVersion struct {
	Number uint32     `json:"number"`
	Text   string     `json:"text"`
	At     *time.Time `json:"at"`
	Who    string     `json:"who"`
	Note   string     `json:"note,omitempty"`
}

// TemplateChange saves a template. Text empty: the built-in one is in force again.
type TemplateChange struct {
	Text string `json:"text"`
	Note string `json:"note,omitempty"`
	From uint32 `json:"from"` // the version that it was made from; another one meanwhile is a conflict
}

// TemplatePreview is what a template makes of real or invented vacancies.
type TemplatePreview struct {
	Language string `json:"language"`
	Text     string `json:"text"`
	Length   int    `json:"length"`
	Limit    int    `json:"limit"`
}

var templateName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,40}$`)

func (a *API) templateFileRoutes() {
	a.on(Read, "GET /v1/templates/files", func(request) (any, error) {
		set, err := a.Templates()
		if err != nil {
			return nil, err
		}
		out := []TemplateFile{}
		for _, name := range set.Names() {
			f, err := a.templateFile(name)
			if err != nil {
				return nil, err
			}
			f.Text, f.BuiltIn, f.Versions = "", "", nil
			out = append(out, f)
		}
		return out, nil
	}).says("Lists the templates of the messages to residents, and which of them the bureau changed.").answers([]TemplateFile{})
	a.on(Read, "GET /v1/templates/files/{template}", func(r request) (any, error) { return a.templateFile(r.PathValue("template")) }).
		says("Answers a template's text in force with all its versions.").answers(TemplateFile{})
	a.on(Manage, "POST /v1/templates/files/{template}", func(r request) (any, error) { return a.saveTemplate(r) }).
		says("Saves a template after checking all of them together, and puts it in force.").takes(TemplateChange{}).answers(TemplateFile{})
	a.on(Manage, "POST /v1/templates/files/{template}/preview", func(r request) (any, error) {
		var in TemplateChange
		if err := r.json(&in); err != nil {
			return nil, err
		}
		return a.previewTemplate(r.PathValue("template"), in.Text)
	}).says("Shows what a template would make of the newest batch, in each language, and changes nothing.").takes(TemplateChange{}).answers([]TemplatePreview{})
}

func (a *API) templatePath(name string) string {
	return filepath.Join(a.store.Dir(), "templates", name+".tmpl")
}

func (a *API) templateFile(name string) (TemplateFile, error) {
	f := TemplateFile{Name: name}
	if !templateName.MatchString(name) {
		return f, words.Refuse("api.no_template", name).Of(words.Missing)
	}
	var known bool
	f.BuiltIn, known = templates.BuiltIn(name)
	f.Text = f.BuiltIn
	b, err := os.ReadFile(a.templatePath(name))
	switch {
	case err == nil:
		f.Text, f.Own = string(b), true
	case !errors.Is(err, fs.ErrNotExist):
		return f, err
	case !known:
		return f, words.Refuse("api.no_template", name).Of(words.Missing)
	}
	all, err := a.store.TemplateVersions(name + ".tmpl")
	for _, v := range all {
		f.Versions = append(f.Versions, TemplateVersion{v.Number, v.Body, a.moment(v.At), v.Who, v.Note})
	}
	if len(all) > 0 {
		f.Newest = all[0].Number
		f.Outside = all[0].Body != f.Text
	} else {
		f.Outside = f.Own
	}
	return f, err
}

// heavy are what lets a template do more than its length: calls of blocks and what puts texts together. A dozen of them
// multiply to some thousands at most; four in each of forty blocks would never end.
var heavy = regexp.MustCompile(`\b(template|block|print|printf|println|html|js|urlquery)\b|:?=`)

const heavyMost = 24

// tried loads the templates as they would be with one of them changed. An empty text leaves the bureau's own one out.
func (a *API) tried(name, text string) (*templates.Set, error) {
	if len(heavy.FindAllString(text, heavyMost+1)) > heavyMost {
		return nil, words.Refuse("api.template_heavy", heavyMost).Of(words.Usage)
	}
	dir, err := os.MkdirTemp("", "chunfeng-templates-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	own, err := filepath.Glob(a.templatePath("*"))
	if err != nil {
		return nil, err
	}
	for _, path := range own {
		if filepath.Base(path) == name+".tmpl" {
			continue
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), b, 0o600); err != nil {
			return nil, err
		}
	}
	if text != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".tmpl"), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	return templates.Load(os.DirFS(dir))
}

func (a *API) saveTemplate(r request) (any, error) {
	var in TemplateChange
	if err := r.json(&in); err != nil {
		return nil, err
	}
	name := r.PathValue("template")
	a.changing.Lock()
	defer a.changing.Unlock()
	was, err := a.templateFile(name)
	if err != nil {
		return nil, err
	}
	if was.Newest != in.From {
		return nil, words.Refuse("store.template_changed", name).Of(words.Conflict)
	}
	if in.Text == "" && was.BuiltIn == "" {
		return nil, words.Refuse("api.no_built_in", name)
	}
	if _, err := a.tried(name, in.Text); err != nil {
		return nil, err
	}
	from := in.From
	if was.Outside && was.Text != "" {
		// What somebody wrote into the file by hand is kept as a version, before it is written over.
		v, err := a.store.SaveTemplateVersion(store.TemplateVersion{Name: name + ".tmpl", Number: from, Body: was.Text, Note: words.Say(r.Lang, "api.changed_outside")}, r.Name)
		if err != nil {
			return nil, err
		}
		from = v.Number
	}
	body := in.Text
	if body == "" {
		body = was.BuiltIn
	}
	if _, err := a.store.SaveTemplateVersion(store.TemplateVersion{Name: name + ".tmpl", Number: from, Body: body, Note: in.Note}, r.Name); err != nil {
		return nil, err
	}
	if in.Text == "" {
		switch err := os.Remove(a.templatePath(name)); {
		case err == nil:
			if err := store.SyncFolder(filepath.Dir(a.templatePath(name))); err != nil {
				return nil, err
			}
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
	} else if err := a.store.WriteTemplate(name+".tmpl", []byte(body)); err != nil {
		return nil, err
	}
	if _, _, err := a.Reload(r.Context()); err != nil {
		return nil, err
	}
	return a.templateFile(name)
}

// previewTemplate shows what a text would make of the newest batch, else of an invented vacancy.
func (a *API) previewTemplate(name, text string) (any, error) {
	if !templateName.MatchString(name) {
		return nil, words.Refuse("api.no_template", name).Of(words.Missing)
	}
	set, err := a.tried(name, text)
	if err != nil {
		return nil, err
	}
	batches, err := a.store.Batches()
	if err != nil {
		return nil, err
	}
	out := []TemplatePreview{}
	for _, lang := range []string{templates.Korean, templates.Chinese, templates.Both} {
		said := ""
		if n := len(batches); n > 0 && slices.Contains(set.Digests(), name) {
			if said, err = a.toldOf(set, batches[n-1].ID, name, lang); err != nil {
				return nil, err
			}
		}
		if said == "" {
			if said, err = tell(set, name, lang, invented(a.now())); err != nil {
				return nil, err
			}
		}
		out = append(out, TemplatePreview{lang, said, templates.Length(said), templates.MaxLength})
	}
	return out, nil
}

// toldOf is the first message that a digest makes of a batch; empty where nothing of it can be told.
func (a *API) toldOf(set *templates.Set, batch, name, lang string) (string, error) {
	planner, err := a.Planner()
	if err != nil {
		return "", err
	}
	other := *planner
	other.Templates = func() (*templates.Set, error) { return set, nil }
	all, err := other.Sample(store.Plan{Batch: batch, Template: name}, store.Group{Language: lang}, a.now())
	if err != nil || len(all) == 0 {
		return "", err
	}
	return string(all[0].Body), nil
}

// invented is a batch of one vacancy, for an installation that has none yet.
func invented(now time.Time) templates.Data {
	text := func(zh, ko string) templates.Text { return templates.Text{Zh: zh, Ko: ko} }
	return templates.Data{Batch: "A", Date: templates.DateOf(now), Total: 1, Employers: 1, Kept: 180, Vacancies: []templates.Vacancy{{
		Code: "A001", Employer: text("海兰江餐厅", "해란강식당"), Post: text("服务员", "복무원"), Headcount: 2, County: "yanji",
	}}}
}

// tell has one template speak.
func tell(set *templates.Set, name, lang string, d templates.Data) (string, error) {
	p := templates.Person{Name: "김금화", Phone: "138****1234", Codes: []string{d.Vacancies[0].Code}}
	first := func(parts []templates.Part, err error) (string, error) {
		if err != nil || len(parts) == 0 {
			return "", err
		}
		return parts[0].Text, nil
	}
	switch name {
	case "acknowledge", "consent":
		return set.Acknowledge(lang, d, p)
	case "acknowledge-many":
		return first(set.AcknowledgeMany(lang, d, []templates.Person{p}, templates.Limits{}))
	case "ask-number":
		return set.AskNumber(lang, d, p)
	case "list":
		return first(set.List(lang, d, templates.Limits{}))
	case "none-found":
		return set.NoneFound(lang, d, p.Codes)
	case "opted-out":
		return set.OptedOut(lang, d)
	case "vacancy":
		return set.Vacancy(lang, d, d.Vacancies[0], templates.Limits{})
	case "withdrawn":
		return set.Withdrawn(lang, d, p)
	}
	if !slices.Contains(set.Digests(), name) {
		return "", words.Refuse("api.no_template", name).Of(words.Missing)
	}
	return first(set.Digest(name, lang, d, templates.Limits{}))
}
