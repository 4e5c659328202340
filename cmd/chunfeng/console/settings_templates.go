package console

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/templates"
	"chunfeng/templates/words"
)

// templateRoutes are the templates of the messages to residents: written, looked at while they are written, compared and
// restored.
func (c *Console) templateRoutes() {
	c.page("GET /settings/templates", api.Read, func(w http.ResponseWriter, r *request) error {
		all, err := get[[]api.TemplateFile](c, r, "/v1/templates/files", nil)
		if err != nil {
			return err
		}
		return c.show(w, r, "settings", "templates", r.say("page_settings.templates"), all)
	})
	c.page("GET /settings/templates/{template}", api.Read, func(w http.ResponseWriter, r *request) error { return c.showTemplate(w, r, nil, nil) })
	c.page("POST /settings/templates/{template}", api.Manage, c.saveTemplate)
	c.draft("POST /settings/templates/{template}/preview", api.Manage, c.previewTemplate)
}

// templatePage is what one template shows.
type templatePage struct {
	api.TemplateFile
	Text     string // in the editor
	Note     string // beside it
	Restored string // the version that was put into the editor, in words
	Trial    templateTrial
	Against  *comparison
}

// templateTrial is what the text in the editor would come to.
type templateTrial struct {
	api.TemplateTrial
	Around []numbered // the line that is wrong, with its neighbours
}

// numbered is a line with its number.
type numbered struct {
	Number int
	Text   string
	Wrong  bool
}

// comparison is two texts of a template beside each other.
type comparison struct {
	Left, Right string // as the query names them: a version's number, built-in, now
	Rows        []diffRow
	Same        bool
}

// text answers one text of a template, by its name in a query: a version's number, "built-in", or "now".
func (f templatePage) text(name string) (string, bool) {
	switch {
	case name == "now":
		return f.TemplateFile.Text, true
	case name == "built-in" && f.BuiltIn != "":
		return f.BuiltIn, true
	}
	n, err := strconv.ParseUint(name, 10, 32)
	i := slices.IndexFunc(f.Versions, func(v api.TemplateVersion) bool { return v.Number == uint32(n) })
	if err != nil || i < 0 {
		return "", false
	}
	return f.Versions[i].Text, true
}

// Texts names all of them, the newest first.
func (f templatePage) Texts() []string {
	out := []string{"now"}
	for _, v := range f.Versions {
		out = append(out, strconv.FormatUint(uint64(v.Number), 10))
	}
	if f.BuiltIn != "" {
		out = append(out, "built-in")
	}
	return out
}

// showTemplate shows a template; typed is what stands in the editor where that was changed.
func (c *Console) showTemplate(w http.ResponseWriter, r *request, typed *string, refused error) error {
	f, err := get[api.TemplateFile](c, r, "/v1/templates/files/"+seg(r.PathValue("template")), nil)
	if err != nil {
		return err
	}
	p := templatePage{TemplateFile: f, Text: f.Text}
	if f.Text == "" {
		p.Text = f.BuiltIn // the file cannot be read: this is what to begin anew from
	}
	q := r.URL.Query()
	if text, ok := p.text(q.Get("restore")); ok {
		p.Text, p.Restored = text, textName(r.Caller.Lang, q.Get("restore"))
		p.Note = r.say("page_settings.again", p.Restored)
	}
	if typed != nil {
		p.Text, p.Note, p.Restored = *typed, r.PostForm.Get("note"), ""
	}
	left, ok1 := p.text(q.Get("left"))
	right, ok2 := p.text(q.Get("right"))
	if ok1 && ok2 {
		p.Against = &comparison{Left: q.Get("left"), Right: q.Get("right"), Rows: beside(diff(left, right)), Same: left == right}
	}
	if r.Caller.May(api.Manage) {
		if p.Trial, err = c.tryTemplate(r, p.Text); err != nil {
			return err
		}
	}
	if refused != nil {
		return c.showError(w, r, "settings", "template", f.Name, p, refused)
	}
	return c.show(w, r, "settings", "template", f.Name, p)
}

// textName says one of a template's texts in words.
func textName(l words.Lang, name string) string {
	switch name {
	case "now":
		return words.Say(l, "page_settings.in_force")
	case "built-in":
		return words.Say(l, "page_settings.built_in")
	}
	return words.Say(l, "page_settings.version_n", name)
}

func (c *Console) tryTemplate(r *request, text string) (t templateTrial, err error) {
	t.TemplateTrial, err = post[api.TemplateTrial](c, r, "/v1/templates/files/"+seg(r.PathValue("template"))+"/preview", api.TemplateChange{Text: text})
	lines := strings.Split(text, "\n")
	for n := max(1, t.Line-1); t.Line > 0 && n <= min(len(lines), t.Line+1); n++ {
		t.Around = append(t.Around, numbered{n, lines[n-1], n == t.Line})
	}
	return t, err
}

// previewTemplate is the preview alone, while somebody types.
func (c *Console) previewTemplate(w http.ResponseWriter, r *request) error {
	t, err := c.tryTemplate(r, templates.Normal(r.PostForm.Get("text")))
	if err != nil {
		return err
	}
	return c.part(w, r, "template-preview", t)
}

func (c *Console) saveTemplate(w http.ResponseWriter, r *request) error {
	f := r.PostForm
	text := templates.Normal(f.Get("text"))
	if f.Get("do") == "preview" {
		c.forms.again(f.Get(formToken))
		return c.showTemplate(w, r, &text, nil)
	}
	from, _ := strconv.ParseUint(f.Get("from"), 10, 32)
	in := api.TemplateChange{Text: text, Note: strings.TrimSpace(f.Get("note")), From: uint32(from)}
	if f.Get("do") == "built-in" {
		in.Text = ""
	}
	name := r.PathValue("template")
	if _, err := post[api.TemplateFile](c, r, "/v1/templates/files/"+seg(name), in); err != nil {
		return c.showTemplate(w, r, &text, err)
	}
	c.tell(r, r.say("page_settings.template_saved", name))
	return c.back(w, r, (&url.URL{Path: "/settings/templates/" + name}).String())
}

// diffRow is a line of two texts beside each other. A number is empty where the one text has no such line.
type diffRow struct {
	Left, Right     string
	LeftNo, RightNo string
	Changed         bool
	Skipped         int // so many lines that are alike stand in its place
}

// alike is how many lines around a change are shown.
const alike = 3

// beside puts what was taken away beside what came in its place, and leaves out what is alike far from any change.
func beside(lines []diffLine) (out []diffRow) {
	var rows []diffRow
	left, right := 0, 0
	for i := 0; i < len(lines); {
		var gone, come []string
		for ; i < len(lines) && lines[i].Kind == "del"; i++ {
			gone = append(gone, lines[i].Text)
		}
		for ; i < len(lines) && lines[i].Kind == "ins"; i++ {
			come = append(come, lines[i].Text)
		}
		for j := range max(len(gone), len(come)) {
			row := diffRow{Changed: true}
			if j < len(gone) {
				left++
				row.Left, row.LeftNo = gone[j], fmt.Sprint(left)
			}
			if j < len(come) {
				right++
				row.Right, row.RightNo = come[j], fmt.Sprint(right)
			}
			rows = append(rows, row)
		}
		if len(gone)+len(come) == 0 {
			left, right = left+1, right+1
			rows = append(rows, diffRow{Left: lines[i].Text, Right: lines[i].Text, LeftNo: fmt.Sprint(left), RightNo: fmt.Sprint(right)})
			i++
		}
	}
	for i, row := range rows {
		near := slices.ContainsFunc(rows[max(0, i-alike):min(len(rows), i+alike+1)], func(r diffRow) bool { return r.Changed })
		switch last := len(out) - 1; {
		case near:
			out = append(out, row)
		case last >= 0 && out[last].Skipped > 0:
			out[last].Skipped++
		default:
			out = append(out, diffRow{Skipped: 1})
		}
	}
	return out
}
