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
	Kind     string            `json:"kind"`           // what it is for: digest, or the answer's own name
	Text     string            `json:"text,omitempty"` // of the bureau's own file, else the built-in one; empty where the file cannot be read
	BuiltIn  string            `json:"built_in,omitempty"`
	Own      bool              `json:"own"` // a file of the data folder is in force, not the built-in one
	Newest   uint32            `json:"newest"`
	Outside  bool              `json:"changed_outside"` // the file is not what was saved here last
	Fault    string            `json:"fault,omitempty"` // why the bureau's own file cannot be put in force
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

// TemplateTrial is what would come of a template: what it says, or why it may not be saved.
type TemplateTrial struct {
	Previews []TemplatePreview `json:"previews"` // Korean, Chinese, both; none where there is a fault
	Fault    string            `json:"fault,omitempty"`
	Line     int               `json:"line,omitempty"` // of the text that the fault is about, from 1; 0: of none alone
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
	a.on(Read, "GET /v1/templates/files", func(r request) (any, error) { return a.templateFiles(r) }).
		says("Lists the templates of the messages to residents, and which of them the bureau changed.").answers([]TemplateFile{})
	a.on(Read, "GET /v1/templates/files/{template}", func(r request) (any, error) { return a.templateFile(r.PathValue("template"), r.Lang) }).
		says("Answers a template's text in force with all its versions.").answers(TemplateFile{})
	a.on(Manage, "POST /v1/templates/files/{template}", func(r request) (any, error) { return a.saveTemplate(r) }).
		says("Saves a template after checking all of them together, and puts it in force.").takes(TemplateChange{}).answers(TemplateFile{})
	a.on(Manage, "POST /v1/templates/files/{template}/preview", func(r request) (any, error) {
		var in TemplateChange
		if err := r.json(&in); err != nil {
			return nil, err
		}
		return a.previewTemplate(r, in.Text)
	}).says("Shows what a template would make of the newest batch, in each language, or why it may not be saved; and changes nothing.").takes(TemplateChange{}).answers(TemplateTrial{})
}

func (a *API) templatePath(name string) string {
	return filepath.Join(a.templateDir(), name+".tmpl")
}

// templateFiles lists them also when one of them is broken on the disk: this is where it is mended.
func (a *API) templateFiles(r request) ([]TemplateFile, error) {
	all, err := templates.Sources(os.DirFS(a.templateDir()))
	if err != nil {
		return nil, err
	}
	out := []TemplateFile{}
	for _, one := range all {
		f, err := a.templateFile(one.Name, r.Lang)
		if words.KindOf(err) == words.Missing {
			continue // a file by a name that no template has
		}
		if err != nil {
			return nil, err
		}
		f.Text, f.BuiltIn, f.Versions = "", "", nil
		out = append(out, f)
	}
	return out, nil
}

func (a *API) templateFile(name string, l words.Lang) (TemplateFile, error) {
	f := TemplateFile{Name: name, Kind: templates.Kind(name)}
	if !templateName.MatchString(name) {
		return f, words.Refuse("api.no_template", name).Of(words.Missing)
	}
	var known bool
	f.BuiltIn, known = templates.BuiltIn(name)
	f.Text = f.BuiltIn
	own, err := templates.ReadSource(os.DirFS(a.templateDir()), name)
	var refused *words.Refusal
	switch {
	case err == nil:
		f.Text, f.Own = own, true
	case errors.Is(err, fs.ErrNotExist) && !known:
		return f, words.Refuse("api.no_template", name).Of(words.Missing)
	case errors.Is(err, fs.ErrNotExist):
	case errors.As(err, &refused):
		f.Text, f.Own, f.Fault = "", true, words.SayError(l, err)
	default:
		return f, err
	}
	if own != "" {
		// On its own, so that each broken file is told and not the first alone.
		if _, err := templates.Try(nil, map[string]string{name: own}); err != nil {
			f.Fault = words.SayError(l, err)
		}
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

// tried loads the templates as they would be with one of them changed. An empty text leaves the bureau's own one out.
func (a *API) tried(name, text string) (*templates.Set, error) {
	if text == "" {
		text, _ = templates.BuiltIn(name)
	}
	return templates.Try(os.DirFS(a.templateDir()), map[string]string{name: text})
}

func (a *API) saveTemplate(r request) (any, error) {
	var in TemplateChange
	if err := r.json(&in); err != nil {
		return nil, err
	}
	if err := r.whole(); err != nil {
		return nil, err
	}
	name := r.PathValue("template")
	in.Text = templates.Normal(in.Text)
	a.changing.Lock()
	defer a.changing.Unlock()
	was, err := a.templateFile(name, r.Lang)
	if err != nil {
		return nil, err
	}
	if was.Newest != in.From {
		return nil, words.Refuse("store.template_changed", name, was.Newest, was.by()).Of(words.Conflict)
	}
	if in.Text == "" && was.BuiltIn == "" {
		return nil, words.Refuse("api.no_built_in", name)
	}
	if _, err := a.tried(name, in.Text); err != nil {
		var refused *words.Refusal
		if errors.As(err, &refused) {
			asked := *refused // what was sent is wrong, not what this program was started with
			return nil, asked.Of(words.Usage)
		}
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
	if _, _, err := a.reload(r); err != nil {
		return nil, words.Refuse("api.kept_not_in_force").Because(err)
	}
	return a.templateFile(name, r.Lang)
}

// by is who saved the newest version.
func (f TemplateFile) by() string {
	if len(f.Versions) == 0 {
		return ""
	}
	return f.Versions[0].Who
}

// previewTemplate shows what a text would make of the newest batch, else of invented vacancies.
func (a *API) previewTemplate(r request, text string) (out TemplateTrial, err error) {
	out.Previews = []TemplatePreview{}
	name := r.PathValue("template")
	if !templateName.MatchString(name) {
		return out, words.Refuse("api.no_template", name).Of(words.Missing)
	}
	text = templates.Normal(text)
	// One at a time: who types quickly, or means ill, has one core at the most.
	a.previewing.Lock()
	defer a.previewing.Unlock()
	said, err := a.previews(name, text)
	var refused *words.Refusal
	if errors.As(err, &refused) {
		out.Fault, out.Line = words.SayError(r.Lang, err), templates.Line(err, name, text)
		return out, nil
	}
	if err == nil {
		out.Previews = said
	}
	return out, err
}

func (a *API) previews(name, text string) (out []TemplatePreview, err error) {
	set, err := a.tried(name, text)
	if err != nil {
		return nil, err
	}
	batches, err := a.store.Batches()
	if err != nil {
		return nil, err
	}
	for _, lang := range []string{templates.Korean, templates.Chinese, templates.Both} {
		said := ""
		if n := len(batches); n > 0 && slices.Contains(set.Digests(), name) {
			if said, err = a.toldOf(set, batches[n-1].ID, name, lang); err != nil {
				return nil, err
			}
		}
		if said == "" {
			parts, err := set.Show(name, lang, templates.Sample(templates.DateOf(a.now()), int(a.Config().Retention/(24*time.Hour))), templates.Limits{})
			if err != nil {
				return nil, err
			}
			said = parts[0].Text
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
