package console

import (
	"bytes"
	"embed"
	"html/template"
	"io"
	"net/http"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/templates/words"
)

//go:embed html
var htmlFiles embed.FS

// pages are the templates in one language.
type pages struct{ set *template.Template }

func parsePages(calls template.FuncMap) (*pages, error) {
	set, err := template.New("").Funcs(calls).ParseFS(htmlFiles, "html/*.html")
	if err != nil {
		return nil, err
	}
	return &pages{set}, nil
}

// view is what every template gets: who reads, what it shows, and what a form needs.
type view struct {
	Title  string
	Page   string // the entry of the navigation that it belongs to
	Path   string // under which this page, or the one that its form is on, can be asked for again
	Lang   words.Lang
	Name   string // of the person, empty at the sign-in
	Caller api.Caller
	Nav    []navEntry
	Said   []string // what was done just now
	Error  string   // what was refused just now
	Input  map[string][]string

	SecondOff bool // nobody is asked for a second factor here
	Passing   bool // it cannot be asked for again: a change of language would lose what it holds

	Data any
	Body template.HTML

	forms *forms
	gzip  bool // the browser takes it so
}

// Once is the token of a form; each call makes another.
func (v *view) Once() string { return v.forms.give(v.Caller.Name) }

// May tells whether the person may do something.
func (v *view) May(right string) bool { return v.Caller.May(api.Right(right)) }

// In answers what was typed into a field of the form that was refused.
func (v *view) In(field string) string {
	if all := v.Input[field]; len(all) > 0 {
		return all[0]
	}
	return ""
}

// Plots tells whether the page may hold a table that is drawn: only then the plotter is loaded.
func (v *view) Plots() bool { return v.Page == "reports" }

// navEntry is one entry of the navigation.
type navEntry struct {
	Key, Path string
	Here      bool
}

// navigation lists the pages that a person may see, in the order of the day's work.
func navigation(page string, caller api.Caller) (out []navEntry) {
	for _, e := range []struct {
		key, path string
		right     api.Right
	}{
		{"today", "/", api.Read}, {"batches", "/batches", api.Read}, {"waves", "/waves", api.Read}, {"log", "/log", api.Read}, {"groups", "/groups", api.Read},
		{"accounts", "/accounts", api.Read}, {"signups", "/signups", api.Read}, {"reports", "/reports", api.Read}, {"audit", "/audit", api.Oversee},
		{"settings", "/settings", api.Read}, {"people", "/people", api.Oversee},
	} {
		if e.key == "audit" && caller.County != "" {
			continue // it tells of the whole prefecture
		}
		if caller.May(e.right) {
			out = append(out, navEntry{e.key, e.path, e.key == page})
		}
	}
	return out
}

// look makes the view of a page.
func (c *Console) look(r *request, page, title string, data any) *view {
	v := &view{Title: title, Page: page, Path: c.again(r.Request), Lang: r.Caller.Lang, Caller: r.Caller, Data: data, forms: c.forms, gzip: takesGzip(r.Request)}
	if r.User.Name != "" && r.Caller.Half {
		v.Name = r.User.Label
	} else if r.User.Name != "" {
		v.SecondOff = !c.Config().SecondFactor
		v.Name, v.Nav = r.User.Label, navigation(page, r.Caller)
		if v.Name == "" {
			v.Name = r.User.Name
		}
	}
	return v
}

// show writes a whole page: the template of the given name inside the layout. page is its entry in the navigation.
func (c *Console) show(w http.ResponseWriter, r *request, page, name, title string, data any) error {
	v := c.look(r, page, title, data)
	v.Said = c.said(r)
	return c.write(w, http.StatusOK, name, v)
}

// showError writes a page again whose form was refused, with what was typed.
func (c *Console) showError(w http.ResponseWriter, r *request, page, name, title string, data any, refused error) error {
	if asksFresh(refused) {
		return c.showFresh(w, r, refused)
	}
	v := c.look(r, page, title, data)
	p := api.ProblemOf(refused, r.Caller.Lang)
	v.Error, v.Input = p.Text, r.PostForm
	c.forms.again(r.PostForm.Get(formToken))
	return c.write(w, p.Status(), name, v)
}

// part writes a fragment that replaces a part of a page. Its template gets the view, as a page's does.
func (c *Console) part(w http.ResponseWriter, r *request, name string, data any) error {
	var b bytes.Buffer
	v := c.look(r, "", "", data)
	if err := c.pages[v.Lang].set.ExecuteTemplate(&b, name, v); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, err := io.WriteString(w, words.Legible(b.String()))
	return err
}

// write puts a page together before anything of it goes out: a template that fails half-way is a page that says so.
func (c *Console) write(w http.ResponseWriter, status int, name string, v *view) error {
	set := c.pages[v.Lang].set
	var body, whole bytes.Buffer
	if err := set.ExecuteTemplate(&body, name, v); err != nil {
		return err
	}
	v.Body = template.HTML(body.String()) // made by our own template a moment ago, escaped there
	if err := set.ExecuteTemplate(&whole, "layout", v); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", string(v.Lang))
	w.Header().Set("Vary", "Accept-Encoding")
	b := []byte(words.Legible(whole.String()))
	if v.gzip && len(b) > packFrom {
		if packed, err := pack(b); err == nil && packed != nil {
			w.Header().Set("Content-Encoding", "gzip")
			b = packed
		}
	}
	w.WriteHeader(status)
	_, _ = w.Write(b) // whoever left does not need it
	return nil
}

// packFrom is the size of a page from which packing it saves more than it costs, in bytes. What is secret in a page, the
// tokens of its forms, is another each time, so that its packed size tells nothing about it.
const packFrom = 4 << 10

// fail says why a request was refused: as a page, or as the fragment that htmx puts where it was asked for.
func (c *Console) fail(w http.ResponseWriter, r *request, err error) {
	p := api.ProblemOf(err, r.Caller.Lang)
	if p.Kind == words.Refused && p.Key == "" {
		c.Log.Error().Err(err).Str("path", r.URL.Path).Msg("a page failed")
		p.Text = r.say("cmd.internal")
	}
	if r.PostForm != nil {
		c.forms.again(r.PostForm.Get(formToken))
	}
	if asksFresh(err) && !r.fragment() {
		if err := c.showFresh(w, r, err); err == nil {
			return
		}
	}
	v := c.look(r, "", r.say("console.refused"), p)
	if r.fragment() {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("HX-Retarget", "#said")
		w.Header().Set("HX-Reswap", "innerHTML")
		w.WriteHeader(p.Status())
		_ = c.pages[v.Lang].set.ExecuteTemplate(w, "refusal", v)
		return
	}
	if err := c.write(w, p.Status(), "error", v); err != nil {
		c.Log.Error().Err(err).Msg("the page that says what went wrong failed itself")
		http.Error(w, p.Text, p.Status())
	}
}
