package templates

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"chunfeng/templates/words"
)

// with answers a folder that holds one template.
func with(name, text string) fstest.MapFS { return fstest.MapFS{name: {Data: []byte(text)}} }

// changed answers a built-in template with something in it replaced.
func changed(t *testing.T, name, old, new string) string {
	t.Helper()
	b, err := builtin.ReadFile("files/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(b, []byte(old)) {
		t.Fatalf("%s does not hold %q", name, old)
	}
	return strings.Replace(string(b), old, new, 1)
}

// nested are n blocks each of which calls the one before it four times, and writes nothing.
func nested(n int) string {
	var b strings.Builder
	b.WriteString(`{{define "b0"}}{{end}}`)
	for i := range n {
		fmt.Fprintf(&b, `{{define "b%d"}}`+strings.Repeat(`{{template "b%d" .}}`, 4)+`{{end}}`, i+1, i, i, i, i)
	}
	return b.String()
}

func TestLoadRefuses(t *testing.T) {
	for _, c := range []struct {
		file, text string
		key        string
		says       []string
		why        string
	}{
		{"digest.tmpl", changed(t, "digest.tmpl", "{{.Employer}}", "{{.Company}}"),
			"templates.unknown_field", []string{"digest.tmpl", "line 20", "Company", "Employer, Post"}, "a field that never was"},
		{"digest.tmpl", changed(t, "digest.tmpl", "{{if .Shortened}}", "{{if gt .Part 7}}{{.Wrong}}{{end}}{{if .Shortened}}"),
			"templates.unknown_field", []string{".tmpl, line 11", "Wrong"}, "in a branch that is hardly ever taken"},
		{"digest.tmpl", changed(t, "digest.tmpl", "{{if .Shortened}}", "{{if or .Part (and .Of .Wrong)}}{{end}}{{if .Shortened}}"),
			"templates.unknown_field", []string{"Wrong"}, "behind operands that decide"},
		{"digest.tmpl", changed(t, "digest.tmpl", "{{if .Shortened}}", "{{with .Part}}{{else}}{{.Wrong}}{{end}}{{if .Shortened}}"),
			"templates.unknown_field", []string{"Wrong"}, "in the other branch of a with"},
		{"digest.tmpl", changed(t, "digest.tmpl", "{{if .Shortened}}", "{{range .Vacancies}}{{end}}{{if .Shortened}}"),
			"templates.loop", []string{"line 11"}, "there is nothing to walk"},
		{"digest.tmpl", changed(t, "digest.tmpl", "{{.Pay}}", "{{slice .Pay 0 1}}"),
			"templates.malformed", []string{"slice"}, "it fails where a vacancy has no such text"},
		{"digest.tmpl", "{{define \"ko\"}}\n\n{{if .Part}", "templates.malformed", []string{"line 3"}, "an open brace"},
		{"digest.tmpl", "{{define \"ko\"}}{{shout .Name}}{{end}}", "templates.malformed", []string{"shout"}, "no such function"},
		{"digest.tmpl", "Hello", "templates.block_missing", []string{`"ko"`}, "no blocks at all"},
		{"gig.tmpl", changed(t, "digest.tmpl", `{{define "vacancy zh"}}`, `{{define "vacancy_zh"}}`),
			"templates.block_missing", []string{"gig.tmpl", `"vacancy zh"`}, "a further digest is held to the same"},
		{"digest.tmpl", changed(t, "digest.tmpl", "“수신거부”라고", ""), "templates.left_out", []string{"수신거부"}, "no way out"},
		{"gig.tmpl", changed(t, "digest.tmpl", "“退订”", ""), "templates.left_out", []string{"gig.tmpl", "退订"}, "no way out"},
		{"digest.tmpl", changed(t, "digest.tmpl", "\n{{.Vacancies}}", ""), "templates.left_out", []string{".Vacancies"}, "tells no vacancy"},
		{"list.tmpl", changed(t, "list.tmpl", "{{.Code}}", ""), "templates.left_out", []string{".Code"}, "tells no code"},
		{"consent.tmpl", changed(t, "consent.tmpl", "只用于{{or .Bureau \"就业服务部门\"}}为您介绍工作，", "由{{or .Bureau \"就业服务部门\"}}"), "templates.notice_lacks", []string{"zh"}, "no purpose"},
		{"consent.tmpl", changed(t, "consent.tmpl", "保存{{.}}天后删除", "会删除"), "templates.notice_lacks", []string{"zh"}, "no end"},
		{"acknowledge.tmpl", changed(t, "acknowledge.tmpl", "{{.Consent}}", ""), "templates.left_out", []string{".Consent"}, "no notice"},
		{"acknowledge-many.tmpl", changed(t, "acknowledge-many.tmpl", "{{.People}}", ""), "templates.left_out", []string{".People"}, "nobody named"},
		{"consent.tmpl", changed(t, "consent.tmpl", "“취소”라고", ""), "", nil, "취소하고 is still there"},
		{"consent.tmpl", changed(t, "consent.tmpl", "“取消”", ""), "templates.left_out", []string{"取消"}, "no way to withdraw"},
		{"digest.tmpl", "\xb0\xa1\xb3\xaa", "templates.not_utf8", []string{"UTF-8"}, "EUC-KR"},
		{"digest.tmpl", strings.Repeat("x", maxFile+1), "templates.too_big", []string{"64"}, "a file dropped by mistake"},
		{"digest.tmpl", changed(t, "digest.tmpl", "{{.Pay}}", "{{if .Pay}}{{range 999999999}}{{end}}{{end}}"), "templates.loop", nil, "as good as endless"},
		{"digest.tmpl", changed(t, "digest.tmpl", "{{.Pay}}", `{{printf "%500000s" .Pay}}`), "templates.malformed", []string{"three digits"}, "writes far too much"},
		{"digest.tmpl", changed(t, "digest.tmpl", "{{.Pay}}", `{{template "vacancy ko" .}}`), "templates.calls_itself", []string{"line 19", "vacancy ko"}, "calls itself"},
		{"digest.tmpl", nested(40) + changed(t, "digest.tmpl", "{{.Pay}}", `{{template "b40" .}}`), "templates.too_much", []string{"b"}, "a million million runs that write nothing"},
		{"digest.tmpl", changed(t, "digest.tmpl", "{{.Pay}}", "{{$x := .Pay}}"+strings.Repeat(`{{$x = printf "%s%s" $x $x}}`, 40)), "templates.malformed", []string{"32 KB"}, "twice as long forty times"},
		{"digest.tmpl", changed(t, "digest.tmpl", "{{.Pay}}", "{{$x := .Pay}}"+strings.Repeat(`{{$x = particle $x $x}}`, 40)), "templates.malformed", []string{"32 KB"}, "the same by a particle"},
		{"digest.tmpl", changed(t, "digest.tmpl", "{{.Pay}}", "{{$x := .Pay}}"+strings.Repeat(`{{$x = html (print $x $x)}}`, 20)), "templates.malformed", []string{"32 KB"}, "and by html"},
		{"digest.tmpl", changed(t, "digest.tmpl", "{{.Pay}}", strings.Repeat(`{{printf "%d" 1}}`, 60)), "templates.too_much", nil, "function after function"},
		{"digest.tmpl", changed(t, "digest.tmpl", "{{.Pay}}", `{{printf "%[1]s%1000s" .Pay}}`), "templates.malformed", []string{"three digits"}, "a wide field"},
		{"digest.tmpl", changed(t, "digest.tmpl", "{{.Pay}}", `{{printf "%*d" 100000000 1}}`), "templates.malformed", []string{"from an argument"}, "a width from elsewhere"},
		{"digest.tmpl", changed(t, "digest.tmpl", "{{.Pay}}", `{{printf "`+strings.Repeat("%999d", 300)+`" 1}}`), "templates.malformed", []string{"32 KB"}, "many wide fields"},
		{"digest.tmpl", changed(t, "digest.tmpl", "{{.Pay}}", strings.Repeat(`{{with ""}}{{else}}`, 60)+"x"+strings.Repeat("{{end}}", 60)), "", nil, "deep, and not more than its length"},
		{"digest.tmpl", changed(t, "digest.tmpl", "{{.Pay}}", strings.Repeat(`{{if 1}}`, 3000)+"x"+strings.Repeat("{{end}}", 3000)), "templates.too_much", nil, "too deep"},
	} {
		start := time.Now()
		_, err := Load(with(c.file, c.text))
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%s: looking at it took %v", c.why, took)
		}
		if c.key == "" {
			if err != nil {
				t.Errorf("%s: %v", c.why, err)
			}
			continue
		}
		if !errors.Is(err, words.Refuse(c.key)) {
			t.Errorf("%s: got %v, want %s", c.why, err, c.key)
			continue
		}
		refusal := err.(*words.Refusal)
		if refusal.Kind != words.Settings {
			t.Errorf("%s: kind %q", c.why, refusal.Kind)
		}
		for _, l := range words.Languages() {
			said := refusal.In(l)
			if strings.Contains(said, "%!") || !strings.Contains(said, c.file) {
				t.Errorf("%s: %s", c.why, said)
			}
		}
		for _, s := range c.says {
			if !strings.Contains(err.Error(), s) {
				t.Errorf("%s: %q does not say %q", c.why, err, s)
			}
		}
	}
}

func TestLoadOverrides(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	windows := "\uFEFF" + strings.ReplaceAll(changed(t, "digest.tmpl", "招聘信息", "春风送岗"), "\n", "\r\n")
	write("digest.tmpl", windows)
	write("gig.tmpl", changed(t, "digest.tmpl", "招聘信息", "零工信息"))
	write(".digest.tmpl.swp", "an editor's")
	write(".#gig.tmpl", "another editor's")
	write("README.txt", "not a template {{")
	built, s := set(t), (*Set)(nil)
	s, err := Load(os.DirFS(folder))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"digest": "【春风送岗】", "gig": "【零工信息】"} {
		parts, err := s.Digest(name, Chinese, example(3), Limits{})
		if err != nil || !strings.HasPrefix(parts[0].Text, want) || strings.Contains(parts[0].Text, "\r") {
			t.Errorf("%s: %v %v", name, parts, err)
		}
	}
	if built.Hash("digest") == s.Hash("digest") || built.Hash("list") != s.Hash("list") || s.Hash("none") != "" {
		t.Error("a hash stands for a template's text")
	}
	if got := strings.Join(s.Digests(), " "); got != "digest gig" {
		t.Errorf("digests: %s", got)
	}
	notice := func(s *Set) string {
		text, err := s.Notice(Chinese, Data{Kept: 180})
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	if notice(built) != notice(s) || !strings.Contains(notice(s), "180天") {
		t.Errorf("the notice was not touched: %q", notice(s))
	}
	unix, err := Load(with("digest.tmpl", strings.ReplaceAll(strings.TrimPrefix(windows, "\uFEFF"), "\r\n", "\n")))
	if err != nil || unix.Hash("digest") != s.Hash("digest") {
		t.Errorf("the same text saved by another editor is the same version: %v", err)
	}
	other, err := Load(with("consent.tmpl", changed(t, "consent.tmpl", "您的电话", "你的电话")))
	if err != nil || notice(other) == notice(s) {
		t.Errorf("another notice, another text: %v", err)
	}
	if _, err := Load(os.DirFS(filepath.Join(folder, "absent"))); err != nil {
		t.Errorf("a folder that is not there: %v", err)
	}
}

func TestOneSetManyGoroutines(t *testing.T) {
	s := set(t)
	want, err := s.Digest("digest", Both, example(30), Limits{Parts: 2})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				got, err := s.Digest("digest", Both, example(30), Limits{Parts: 2})
				if err != nil || told(got) != told(want) {
					t.Error("another text for the same data", err)
				}
			}
		})
	}
	wg.Wait()
}

// FuzzLoad loads foreign bytes as a template, and holds what passes to what a digest promises.
func FuzzLoad(f *testing.F) {
	text, err := builtin.ReadFile("files/digest.tmpl")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte("{{define \"ko\"}}{{if .Part}"))
	f.Add([]byte("\xff\xfe{"))
	f.Add([]byte("{{block \"ko\" .}}{{with $x := .Vacancies}}{{$x}}{{else}}{{$x}}{{end}}수신거부{{end}}"))
	f.Add(bytes.ReplaceAll(text, []byte("{{if .Hidden}}"), []byte("{{if and .Hidden (gt .Here 1)}}")))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Load(with("digest.tmpl", string(b)))
		if err != nil {
			if r := (*words.Refusal)(nil); !errors.As(err, &r) {
				t.Errorf("not a refusal: %v", err)
			}
			return
		}
		for _, language := range []string{Korean, Chinese, Both} {
			parts, err := s.Digest(digest, language, example(9), Limits{Parts: 2})
			if r := (*words.Refusal)(nil); err != nil && !errors.As(err, &r) {
				t.Errorf("not a refusal: %v", err)
			}
			for _, p := range parts {
				if Length(p.Text) > MaxLength {
					t.Errorf("%d units", Length(p.Text))
				}
			}
		}
	})
}
