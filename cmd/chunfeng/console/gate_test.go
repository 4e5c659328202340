package console

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// gates are all addresses behind the door, with the right that each takes: the API's routes and the console's pages, as they
// are registered, so that a new one is held without anybody thinking of it.
func (s *site) gates() (all []route) {
	for _, one := range s.API.Routes() {
		all = append(all, route{one.Pattern, one.Right})
	}
	return append(all, s.routes...)
}

// try asks for an address with something in each of its places.
func (v *visitor) try(pattern string) (status int, to, body string) {
	v.t.Helper()
	method, path, _ := strings.Cut(pattern, " ")
	status, header, body := v.send(method, fill(strings.TrimSuffix(path, "{$}")), nil)
	return status, header.Get("Location"), body
}

// TestEveryRouteIsLocked asks for every address as nobody, as somebody who gave the password alone, as somebody whose code is
// no longer fresh, and as each role: each gets only what is its own.
func TestEveryRouteIsLocked(t *testing.T) {
	s := newSite(t)
	s.limits.off = true
	asked, denials := 0, map[string]bool{}
	roles := map[store.Role]*visitor{} // signed in while nobody asks for the second factor
	for _, role := range store.Roles() {
		roles[role] = s.visit(t, string(role))
	}
	for _, g := range s.gates() {
		for role, v := range roles {
			if (api.Caller{Role: role}).May(g.right) {
				continue
			}
			asked++
			denials[string(role)+" "+string(g.right)] = true
			if status, to, body := v.try(g.pattern); status != http.StatusForbidden {
				t.Errorf("%s takes the right %s; %s gets %d %s\n%.300s", g.pattern, g.right, role, status, to, body)
			}
		}
	}
	told := map[string]bool{}
	for _, line := range s.refused(t) {
		of, _, _ := strings.Cut(line, ":")
		told[of] = true
	}
	if d := cmp.Diff(denials, told); d != "" {
		t.Error("the audit trail tells of other refused rights (-refused +told):", d)
	}

	s.strict()
	nobody, half := s.visit(t, ""), roles // the same sessions: the second factor was not given in them
	for _, g := range s.gates() {
		method, path, _ := strings.Cut(g.pattern, " ")
		status, to, body := nobody.try(g.pattern)
		switch {
		case strings.HasPrefix(path, "/v1/") || strings.HasPrefix(path, "/live/"):
			if status != http.StatusUnauthorized || strings.HasPrefix(path, "/v1/") && !strings.Contains(body, `"console.sign_in_first"`) {
				t.Errorf("%s as nobody: %d\n%.300s", g.pattern, status, body)
			}
		case status != http.StatusSeeOther || !strings.HasPrefix(to, "/sign-in") || method == "POST" && to != "/sign-in":
			t.Errorf("%s as nobody: %d %s\n%.300s", g.pattern, status, to, body)
		}
		for role, v := range half {
			asked++
			status, to, body := v.try(g.pattern)
			switch {
			case strings.HasPrefix(path, "/v1/") || strings.HasPrefix(path, "/live/"):
				if status != http.StatusUnauthorized || strings.HasPrefix(path, "/v1/") && !strings.Contains(body, `"second.first"`) {
					t.Errorf("%s as %s by password alone: %d\n%.300s", g.pattern, role, status, body)
				}
			case status != http.StatusSeeOther || to != "/second":
				t.Errorf("%s as %s by password alone: %d %s\n%.300s", g.pattern, role, status, to, body)
			}
		}
	}
	t.Logf("proof: %d requests for %d addresses, as nobody, by password alone and by each role that may not, were refused", asked+len(s.gates()), len(s.gates()))

	// The API holds it by itself, whoever serves it.
	for _, one := range s.API.Routes() {
		method, path, _ := strings.Cut(one.Pattern, " ")
		for _, role := range store.Roles() {
			c := api.Caller{Name: "x", Role: role, Half: true, Lang: "en"}
			if _, err := api.Ask[any](t.Context(), s.API, c, method, fill(path), nil, nil); words.KindOf(err) != words.Unproven {
				t.Errorf("%s as %s by password alone: %v", one.Pattern, role, err)
			}
			c = api.Caller{Name: "x", Role: role, Stale: true, Lang: "en"}
			if _, err := api.Ask[any](t.Context(), s.API, c, method, fill(path), nil, nil); one.Fresh && c.May(one.Right) && words.KindOf(err) != words.FreshCode {
				t.Errorf("%s as %s with a code of an hour ago: %v", one.Pattern, role, err)
			}
		}
	}
}

// TestWhatIsOpen names what is answered without a sign-in, and by the password alone. A new one is looked at here first.
func TestWhatIsOpen(t *testing.T) {
	s := newSite(t)
	if want := []string{"GET /sign-in", "POST /sign-in", "POST /sign-out", "POST /language", "GET /link/{token}", "POST /link/{token}"}; !slices.Equal(s.Console.opened, want) {
		t.Errorf("open to everybody are %v, want %v", s.Console.opened, want)
	}
	if want := []string{"GET /second", "POST /second", "GET /second/code.png"}; !slices.Equal(s.halved, want) {
		t.Errorf("open by the password alone are %v, want %v", s.halved, want)
	}
	// No other way leads past the tables: each function that registers one keeps it in a table, but for the page of what is not
	// there, the assets and the three that put the tables together.
	found := map[string]int{}
	for _, dir := range []string{".", "../api"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(b)) {
				if strings.Contains(line, ".Handle(") || strings.Contains(line, ".HandleFunc(") {
					found[filepath.ToSlash(file)]++
				}
			}
		}
	}
	want := map[string]int{
		"console.go":    7, // answer and open; assets, API and pages; live pages and the others
		"door.go":       1, // what is not there
		"live.go":       1, // stream
		"second.go":     1, // half
		"../api/api.go": 1, // on
	}
	if fmt.Sprint(found) != fmt.Sprint(want) {
		t.Errorf("addresses are registered at %v, want %v: register them by page, draft, stream, half, open or on", found, want)
	}
}

// TestFreshIsForWhatCannotBeTakenBack holds which routes ask for a fresh code: all that show or hand out a number and all that
// approve, some more, and never one that makes less happen.
func TestFreshIsForWhatCannotBeTakenBack(t *testing.T) {
	s := newSite(t)
	further := []string{
		"POST /v1/subject/export", "POST /v1/subject/erase", "POST /v1/subject/affected",
		"POST /v1/users", "POST /v1/users/{name}/link", "POST /v1/users/{name}/second-factor/reset",
	}
	for _, one := range s.API.Routes() {
		want := one.Right == api.Reveal || one.Right == api.Approve || slices.Contains(further, one.Pattern)
		if one.Fresh != want {
			t.Errorf("%s (%s) asks for a fresh code: %v", one.Pattern, one.Right, one.Fresh)
		}
		if one.Fresh && !strings.HasPrefix(one.Pattern, "POST ") {
			t.Errorf("%s asks for a code, and no form is sent to it", one.Pattern)
		}
	}
}
