package main

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/cmd/chunfeng/console/consoletest"
	"chunfeng/config"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// unlinked are pages that no link of this season leads to, each with why.
func unlinked() map[string]string {
	return map[string]string{
		"/accounts/{name}/code.png": "no account waits for a scan",
		"/batches/check":            "no workbook waits to be confirmed",
		"/batches/check/marked":     "likewise",
	}
}

// rawKey is how a sentence looks whose words are missing: its key stands there.
var rawKey = regexp.MustCompile(`\b(page_[a-z]+|console|cmd|state|reason|status|intent|review|outcome|store|broadcast|place)\.[a-z_]+[a-z]\b|%!|<no value>|\{\{`)

// rawKeys answers what of a text are keys without words. The names of settings are no such.
func rawKeys(text string) (out []string) {
	settings := config.Default().Values()
	for _, k := range rawKey.FindAllString(text, -1) {
		if !slices.ContainsFunc(settings, func(v config.Value) bool { return v.Key == k }) {
			out = append(out, k)
		}
	}
	return out
}

// TestConsolePages plays a season, follows every link as each role, and looks at one page of each kind in a browser, in
// three languages and three windows: whole, no wider than its window, no key instead of words, light enough; and usable
// without eyes or a mouse, as far as axe finds.
func TestConsolePages(t *testing.T) {
	needBrowser(t)
	s := newSeason(t, 60, 3)
	var people []string
	for _, role := range []store.Role{store.RoleStaff, store.RoleSupervisor, store.RoleAdmin, store.RoleApprover} {
		s.person(t, api.NewUser{Name: string(role), Label: string(role), Role: role})
		people = append(people, string(role))
	}
	s.play(t)
	pages, dead := s.explore(t, people...)
	told := map[string]bool{}
	for _, d := range dead {
		if area, _, _ := strings.Cut(strings.TrimPrefix(d.to, "/"), "/"); !told[area] { // one link of each kind says enough
			told[area] = true
			t.Errorf("%s: %d at %s, to which %s leads", d.who, d.status, d.to, d.from)
		}
	}
	for _, p := range consoleRoutes(t) {
		why, known := unlinked()[p]
		if _, ok := pages[p]; ok == known {
			t.Errorf("%s: linked %v, %q", p, ok, why)
		}
	}
	kinds := slices.Sorted(maps.Keys(pages))
	type window struct {
		name string
		o    consoletest.Options
	}
	for i, w := range []window{
		{"phone", consoletest.Options{Width: 360, Height: 740}}, {"desk", consoletest.Options{Width: 1280}}, {"wide", consoletest.Options{Width: 1920, Height: 1080, Dark: true}},
	} {
		for j, lang := range words.Languages() {
			if testing.Short() && i != j {
				continue
			}
			t.Run(w.name+" "+string(lang), func(t *testing.T) {
				for _, who := range people {
					var p *consoletest.Tab
					for _, k := range kinds {
						if pages[k].who != who {
							continue
						}
						if p == nil {
							p = s.sit(t, who, w.o)
							p.Follow("[name=lang][value=" + string(lang) + "]")
						}
						p.Go(pages[k].path)
						s.look(t, p, lang, i == j)
					}
				}
			})
		}
	}
}

// look holds a page to what every page must be.
func (s *season) look(t testing.TB, p *consoletest.Tab, lang words.Lang, axe bool) {
	t.Helper()
	p.WaitFor("main")
	p.Fits()
	p.Whole()
	if axe {
		p.Axe()
		n, posters := p.Transferred(), 0
		p.Eval(`[...document.querySelectorAll("img.poster")].flatMap(e => performance.getEntriesByName(e.src)).reduce((n, e) => n + e.transferSize, 0)`, &posters)
		n -= posters // the page is painted before they are there
		t.Logf("%s: %d bytes, and %d of posters", p.URL(), n, posters)
		if n <= 0 || n > 150_000 {
			t.Errorf("%s: %d bytes until the first paint", p.URL(), n)
		}
	}
	var page struct {
		Lang, Text, Title string
		Odd               []string
	}
	p.Eval(`({Lang: document.documentElement.lang, Text: document.body.innerText + " " + [...document.querySelectorAll("[aria-label],[title],[placeholder]")].map(e => [e.ariaLabel, e.title, e.placeholder].join(" ")).join(" "),
		Title: document.title, Odd: [...document.querySelectorAll("[lang]")].map(e => e.lang).filter(l => !["ko", "zh", "en"].includes(l))})`, &page)
	if page.Lang != string(lang) || len(page.Odd) > 0 {
		t.Errorf("%s: in %s, the page says %s, parts of it %v", p.URL(), lang, page.Lang, page.Odd)
	}
	if raw := rawKeys(page.Text + " " + page.Title); len(raw) > 0 {
		t.Errorf("%s in %s shows %q", p.URL(), lang, raw)
	}
}
