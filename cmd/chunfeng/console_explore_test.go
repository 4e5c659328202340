package main

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// reader walks through the console without a browser, as one person.
type reader struct {
	t    testing.TB
	url  string
	http *http.Client
}

func (s *season) reader(t testing.TB, name string) *reader {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{t, s.url, &http.Client{Jar: jar}}
	res, err := r.http.PostForm(s.url+"/sign-in", url.Values{"name": {name}, "password": {phrase}})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK || res.Request.URL.Path != "/" {
		t.Fatalf("%s cannot sign in: %d at %s", name, res.StatusCode, res.Request.URL)
	}
	return r
}

// read answers a path's status, whether it is a page, and what it holds.
func (r *reader) read(path string) (status int, page bool, body string) {
	r.t.Helper()
	res, err := r.http.Get(r.url + path)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	page = strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") && res.Header.Get("Content-Disposition") == ""
	return res.StatusCode, page, string(b)
}

// linkInPage finds what a page leads to: links, pictures, and what htmx loads.
var linkInPage = regexp.MustCompile(`\s(?:href|src|hx-get)="(/[^"]*)"`)

// formWithGet finds the forms that only ask, and firstOption what is chosen in them at first.
var (
	formWithGet = regexp.MustCompile(`(?s)<form [^>]*method="get"[^>]*action="(/[^"]*)"[^>]*>(.*?)</form>`)
	firstOption = regexp.MustCompile(`(?s)<select name="([^"]+)"[^>]*>\s*<option(?: value="([^"]*)")?[^>]*>([^<]*)`)
)

// leads answers where a page leads to: its links, its pictures, and its forms that only ask, sent as they are.
func leads(body string) (all []string) {
	for _, m := range linkInPage.FindAllStringSubmatch(body, -1) {
		all = append(all, m[1])
	}
	for _, m := range formWithGet.FindAllStringSubmatch(body, -1) {
		q := url.Values{}
		for _, o := range firstOption.FindAllStringSubmatch(m[2], -1) {
			if !strings.Contains(o[0], " value=") {
				o[2] = o[3]
			}
			if o[2] != "" {
				q.Set(o[1], html.UnescapeString(o[2]))
			}
		}
		all = append(all, m[1]+"?"+html.EscapeString(q.Encode()))
	}
	for i := range all {
		all[i], _, _ = strings.Cut(html.UnescapeString(all[i]), "#")
	}
	return all
}

// routeInSource finds a page in the console's own source.
var routeInSource = regexp.MustCompile(`c\.page\("GET ([^"]+)"`)

// consoleRoutes are the patterns of all that the console answers to GET, from its source.
func consoleRoutes(t testing.TB) (all []string) {
	t.Helper()
	files, err := filepath.Glob("console/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range routeInSource.FindAllStringSubmatch(string(b), -1) {
			all = append(all, m[1])
		}
	}
	return all
}

// found is one page and who found it.
type found struct{ who, path string }

// deadLink is a link that leads to no page.
type deadLink struct {
	who, from, to string
	status        int
}

// filled is the form of a wave as a clerk fills it in, to look at the plan of a poster.
const filled = "/waves/new?plan=1&batch=A&form=both&county=yanji"

// explored is how many pages of one kind a person opens to see where they lead.
const explored = 3

// explore follows the links of the console as each person, and answers one page of each kind that they lead to. A link
// that a person is shown must lead somewhere: a page that is missing or forbidden fails the test.
func (s *season) explore(t testing.TB, people ...string) (pages map[string]found, dead []deadLink) {
	t.Helper()
	mux := http.NewServeMux()
	for _, p := range consoleRoutes(t) {
		mux.HandleFunc("GET "+p, func(http.ResponseWriter, *http.Request) {})
	}
	kind := func(path string) string {
		q, err := http.NewRequest(http.MethodGet, s.url+path, nil)
		if err != nil {
			t.Fatalf("a page links to %q: %v", path, err)
		}
		_, p := mux.Handler(q)
		return strings.TrimPrefix(p, "GET ")
	}
	pages = map[string]found{}
	for _, who := range people {
		r, next, seen, opened := s.reader(t, who), []found{{"the first page", "/"}, {"a form filled in", filled}}, map[string]bool{}, map[string]int{}
		for len(next) > 0 {
			from, path := next[0].who, next[0].path
			next = next[1:]
			k := kind(path)
			if seen[path] || strings.HasPrefix(path, "/assets/") || k != "" && opened[k] >= explored {
				continue
			}
			seen[path] = true
			opened[k]++
			status, page, body := r.read(path)
			if status == http.StatusForbidden && path == filled {
				continue // who may not queue does not fill it in
			}
			if status != http.StatusOK {
				dead = append(dead, deadLink{who, from, path, status})
				continue
			}
			if _, ok := pages[k]; !ok && k != "" {
				pages[k] = found{who, path}
				if !page {
					pages[k] = found{"", path}
				}
			}
			if !page {
				continue
			}
			for _, to := range leads(body) {
				next = append(next, found{path, to})
			}
		}
		if res, err := r.http.PostForm(s.url+"/sign-out", nil); err != nil || res.Body.Close() != nil {
			t.Fatal(err)
		}
	}
	return pages, dead
}
