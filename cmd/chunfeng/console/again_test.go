package console

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// TestEveryFormHasAPage asks of every address that takes a form where a change of language leads from its answer: it must
// be one that can be asked for.
func TestEveryFormHasAPage(t *testing.T) {
	s := newSite(t)
	named := regexp.MustCompile(`\{[^}]*\}`)
	posted := 0
	for _, one := range s.routes {
		_, pattern, ok := strings.Cut(one.pattern, "POST ")
		if !ok {
			continue
		}
		posted++
		u, err := url.Parse(named.ReplaceAllString(pattern, "a%2Fb"))
		if err != nil {
			t.Fatal(err)
		}
		path := s.again(&http.Request{Method: http.MethodPost, URL: u, Pattern: one.pattern})
		get, err := http.NewRequest(http.MethodGet, "http://x"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, pattern := s.mux.Handler(get); !strings.HasPrefix(pattern, "GET /") {
			t.Errorf("%s leads to %s, which is %q", one.pattern, path, pattern)
		}
	}
	if posted < 20 {
		t.Errorf("only %d addresses take forms", posted)
	}
	for pattern, want := range map[string]string{"POST /people/{name}": "/people", "POST /batches/{id}/vacancies": "/batches/A", "POST /sign-in": "/sign-in"} {
		path := strings.NewReplacer("{name}", "kim", "{id}", "A").Replace(strings.TrimPrefix(pattern, "POST "))
		if got := s.again(&http.Request{Method: http.MethodPost, URL: &url.URL{Path: path}, Pattern: pattern}); got != want {
			t.Errorf("%s leads to %s, want %s", pattern, got, want)
		}
	}
}

// TestLanguageAfterRefusal changes the language on a page whose form was refused.
func TestLanguageAfterRefusal(t *testing.T) {
	admin := newSite(t).visit(t, "admin")
	_, _, page := admin.form("/people", "/people", url.Values{"name": {"not a name!"}, "role": {"staff"}})
	to := regexp.MustCompile(`name="to" value="([^"]*)"`).FindStringSubmatch(page)
	if to == nil || !strings.Contains(page, `class="notice bad"`) {
		t.Fatalf("the form is not refused:\n%s", page)
	}
	status, header, _ := admin.send("POST", "/language", url.Values{"lang": {"zh"}, "to": {to[1]}})
	if status != http.StatusSeeOther || header.Get("Location") != "/people" {
		t.Errorf("the language leads to %q (%d)", header.Get("Location"), status)
	}
	if page := admin.page(header.Get("Location")); !strings.Contains(page, `<html lang="zh">`) {
		t.Error("the page is not in the language that was chosen")
	}
}
