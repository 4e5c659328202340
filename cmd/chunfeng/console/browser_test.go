package console

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"chunfeng/cmd/chunfeng/console/consoletest"
	"chunfeng/templates/words"
)

// sits opens a browser of the site, and signs in by the form when a name is given.
func (s *site) sits(t testing.TB, name string, o consoletest.Options) *consoletest.Tab {
	t.Helper()
	p := consoletest.Open(t, s.http.URL, o)
	if name != "" {
		p.Go("/sign-in?to=/me")
		p.Fill("[name=name]", name)
		p.Fill("[name=password]", password)
		p.Follow("main form button")
		if p.URL() != "/me" {
			t.Fatalf("the sign-in leads to %s", p.URL())
		}
	}
	return p
}

// windows are the sizes and colours in which every page is looked at, with the language that it is read in there.
func windows() map[string]consoletest.Options {
	return map[string]consoletest.Options{
		"phone":       {Width: 360, Height: 740, Languages: "ko-KR,ko,zh-CN"},
		"desk":        {Width: 1280, Languages: "zh-CN,zh"},
		"wide window": {Width: 1920, Height: 1080, Languages: "en-GB,en", Dark: true},
	}
}

// look holds a page to what every page must be: no serious fault for those who cannot see or use a mouse, not wider than
// its window, whole, and under 150,000 bytes until it is painted.
func look(t testing.TB, p *consoletest.Tab) {
	t.Helper()
	p.Axe()
	p.Fits()
	p.Whole()
	n := p.Transferred()
	t.Logf("%s: %d bytes", p.URL(), n)
	if n == 0 || n > 150_000 {
		t.Errorf("%s: %d bytes until the first paint", p.URL(), n)
	}
}

// htmlPages lists the pages of the site that a person can open without a choice: what is downloaded or streamed is none.
func (s *site) htmlPages(t testing.TB, name string) (out []string) {
	t.Helper()
	v := s.visit(t, name)
	for _, r := range s.routes {
		path, ok := strings.CutPrefix(r.pattern, "GET ")
		if !ok || strings.Contains(path, "{") {
			continue
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		q, err := http.NewRequestWithContext(ctx, http.MethodGet, s.http.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := v.http.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close() // a stream would never end
		if res.StatusCode == http.StatusOK && strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
			out = append(out, path)
		}
	}
	return out
}

// TestPagesInABrowser looks at each page that an administrator can open without a choice, in every window and language.
// A page that needs something to show is looked at where its own test is.
func TestPagesInABrowser(t *testing.T) {
	s := newSite(t)
	paths := s.htmlPages(t, "admin")
	if len(paths) < 2 {
		t.Fatalf("only %v are pages", paths)
	}
	for name, o := range windows() {
		t.Run(name, func(t *testing.T) {
			lang := words.Preferred(o.Languages)
			p := s.sits(t, "", o)
			p.Go("/sign-in?to=/me")
			look(t, p)
			if got := p.Text("h1"); got != words.Say(lang, "console.sign_in") {
				t.Errorf("the sign-in is headed %q", got)
			}
			p = s.sits(t, "admin", o)
			p.Follow("[name=lang][value=" + string(lang) + "]")
			if p.Count("html[lang="+string(lang)+"]") != 1 {
				t.Errorf("the page is not in the language that was chosen, %s", lang)
			}
			for _, path := range paths {
				p.Go(path)
				look(t, p)
			}
			p.Expect(http.StatusNotFound)
			p.Go("/no-such-page")
			look(t, p)
		})
	}
}

// TestSignInByKeyboard signs in, chooses a language and signs out without a mouse, at a phone's width and without scripts.
func TestSignInByKeyboard(t *testing.T) {
	s := newSite(t)
	for name, o := range map[string]consoletest.Options{"scripts": {Width: 360, Height: 740}, "no scripts": {NoScript: true}} {
		t.Run(name, func(t *testing.T) {
			p := s.sits(t, "", o)
			p.Go("/me?x=1") // leads to the sign-in, and back
			p.TabTo("[name=name]")
			p.Type("staff")
			p.Press(kb.Tab)
			p.Type("a wrong password")
			p.Expect(http.StatusUnauthorized)
			p.Leads(func() { p.Press(kb.Enter) })
			p.WaitText("[role=alert]", words.Say(words.English, "console.wrong_password"))
			p.TabTo("[name=name]")
			p.Press(kb.Tab)
			p.Type(password)
			p.Leads(func() { p.Press(kb.Enter) })
			if p.URL() != "/me?x=1" {
				t.Errorf("the sign-in leads to %s", p.URL())
			}
			p.TabTo("a.skip")
			p.TabTo("[value=zh]")
			p.Leads(func() { p.Press(kb.Enter) })
			if p.Count("html[lang=zh]") != 1 {
				t.Error("the page is not Chinese")
			}
			p.TabTo("[action='/sign-out'] button")
			p.Leads(func() { p.Press(kb.Enter) })
			if p.URL() != "/sign-in" {
				t.Errorf("signing out leads to %s", p.URL())
			}
		})
	}
}
