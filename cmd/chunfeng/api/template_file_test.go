package api

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chunfeng/config"
	"chunfeng/templates"
	"chunfeng/templates/words"
)

// TestTemplatesWithABrokenFile mends from the console what somebody broke in the data folder by hand.
func TestTemplatesWithABrokenFile(t *testing.T) {
	a := newAPI(t)
	digest, _ := templates.BuiltIn("digest")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.MkdirAll(a.templateDir(), 0o700))
	for name, text := range map[string]string{
		"digest.tmpl": strings.ReplaceAll("\uFEFF"+digest, "\n", "\r\n"), "list.tmpl": "{{", "gig.tmpl": digest, "vacancy.tmpl": "\xff", "Notes.tmpl": digest,
	} {
		must(os.WriteFile(filepath.Join(a.templateDir(), name), []byte(text), 0o600))
	}
	all, p := told[[]TemplateFile](t, a, admin, "GET", "/v1/templates/files", nil)
	if p != nil {
		t.Fatal(p)
	}
	by := map[string]TemplateFile{}
	for _, f := range all {
		by[f.Name] = f
	}
	if by["digest"].Fault != "" || !strings.Contains(by["list"].Fault, "list.tmpl") || !strings.Contains(by["vacancy"].Fault, "UTF-8") || by["gig"].Kind != "digest" || len(all) != 11 {
		t.Errorf("%+v", all)
	}
	if f, _ := told[TemplateFile](t, a, admin, "GET", "/v1/templates/files/digest", nil); f.Text != digest {
		t.Error("a file of Notepad's is not what it says")
	}
	list, _ := templates.BuiltIn("list")
	if _, p := told[TemplateFile](t, a, admin, "POST", "/v1/templates/files/vacancy", TemplateChange{}); p == nil || !strings.Contains(p.Text, "list.tmpl") {
		t.Errorf("a file is saved beside one that is broken: %+v", p)
	}
	must(os.Remove(filepath.Join(a.templateDir(), "vacancy.tmpl")))
	// Whoever asked has left by the time the save begins to take effect.
	asked := 0
	reload := a.Options.Reload
	ctx, leave := context.WithCancel(t.Context())
	a.Options.Reload = func(c context.Context) ([]string, []config.Fault, error) {
		leave()
		if asked++; c.Err() != nil {
			return nil, nil, c.Err()
		}
		return reload(c)
	}
	f, err := Ask[TemplateFile](ctx, a, admin, "POST", "/v1/templates/files/list", nil, TemplateChange{Text: list + "\r\n{{/* mended */}}", Note: "mended"})
	if err != nil || asked != 1 || strings.Contains(f.Text, "\r") || len(f.Versions) != 2 || f.Versions[1].Text != "{{" || f.Fault != "" {
		t.Errorf("%v %+v", err, f)
	}
}

func TestTemplateTrial(t *testing.T) {
	a := newAPI(t)
	digest, _ := templates.BuiltIn("digest")
	for _, c := range []struct {
		why, text, says string
		line            int
	}{
		{"it is good", digest, "", 0},
		{"a field that is none", "\n\n" + strings.Replace(digest, "{{.Pay}}", "{{.Wage}}", 1), "Wage", 2 + 1 + strings.Count(digest[:strings.Index(digest, "{{.Pay}}")], "\n")},
		{"a loop", strings.Replace(digest, "{{.Pay}}", "\r\n{{range 9}}{{end}}", 1), "range", 2 + strings.Count(digest[:strings.Index(digest, "{{.Pay}}")], "\n")},
		{"residents are not told how to get out", strings.ReplaceAll(digest, "수신거부", ""), "수신거부", 1 + strings.Count(digest[:strings.Index(digest, `define "ko"`)], "\n")},
		{"it is not closed", digest + "{{if .Total}}", "unexpected EOF", 1 + strings.Count(digest, "\n")},
		{"nothing at all", "{{/* */}}", "block", 0},
	} {
		got, p := told[TemplateTrial](t, a, admin, "POST", "/v1/templates/files/digest/preview", TemplateChange{Text: c.text})
		if p != nil || !strings.Contains(got.Fault, c.says) || (got.Fault == "") != (c.says == "") || got.Line != c.line || (len(got.Previews) == 3) != (c.says == "") {
			t.Errorf("%s: line %d, %q, %d previews, %+v", c.why, got.Line, got.Fault, len(got.Previews), p)
		}
		now, _ := told[TemplateFile](t, a, admin, "GET", "/v1/templates/files/digest", nil)
		if _, p := told[TemplateFile](t, a, admin, "POST", "/v1/templates/files/digest", TemplateChange{Text: c.text, From: now.Newest}); (p == nil) != (c.says == "") || p != nil && p.Kind != words.Usage {
			t.Errorf("%s, saved: %+v", c.why, p)
		}
	}
}
