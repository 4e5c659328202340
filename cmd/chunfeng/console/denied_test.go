package console

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chunfeng/store"
)

// refused lists who was refused which right by the audit trail, with where and from where.
func (s *site) refused(t testing.TB) (out []string) {
	t.Helper()
	s.API.TellDenied()
	p, err := s.store.Events(store.EventFilter{What: "right.refused", Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range p.Events {
		out = append(out, e.Who+" "+e.On+": "+e.Detail)
	}
	slices.Sort(out)
	return out
}

// TestRefusedRightsAreInTheTrail asks for what the role does not allow, by page and by API, and for what is another county's.
func TestRefusedRightsAreInTheTrail(t *testing.T) {
	s := newSite(t)
	s.wave(t)
	theirs := s.signs(t, 2, "A001 13944335678 금화", "13944335678")
	if _, err := s.store.AddUser(store.User{Name: "jin", Label: "진", Role: store.RoleStaff, County: "yanji", Password: hashed(), Lang: "en"}, "test"); err != nil {
		t.Fatal(err)
	}
	staff, jin := s.visit(t, "staff"), s.visit(t, "jin")
	staff.send("GET", "/people?x=13944335678", nil)
	staff.send("POST", "/v1/users", url.Values{"name": {"13944335678"}})
	jin.send("GET", "/v1/signups/"+theirs.ID, nil)
	jin.send("GET", "/v1/groups/TM001", nil)
	jin.send("GET", "/v1/groups/XX001", nil)
	jin.send("GET", "/v1/signups/N99", nil)
	want := []string{
		"jin read: GET /v1/groups/{code}, 127.0.0.1", "jin read: GET /v1/signups/{id}, 127.0.0.1",
		"staff manage: POST /v1/users, 127.0.0.1",
		"staff oversee: GET /people, 127.0.0.1",
	}
	if d := cmp.Diff(want, s.refused(t)); d != "" {
		t.Error(d)
	}
	supervisor := s.visit(t, "supervisor").page("/audit?what=right.")
	if !strings.Contains(supervisor, "asked for what the role or the county does not allow") || !strings.Contains(supervisor, "manage people, accounts and settings: POST /v1/users, 127.0.0.1") {
		t.Errorf("the page of the trail does not tell of it:\n%s", supervisor)
	}
}

// links are the addresses that a page leads to.
var links = regexp.MustCompile(`(?:href|hx-get)="(/[^"]*)"`)

// TestLookingRefusesNothing follows every link of every page as each role, of the prefecture and of a county: nobody is
// written down for asking for what the console itself offers.
func TestLookingRefusesNothing(t *testing.T) {
	s := newSite(t)
	s.limits.off = true
	s.wave(t)
	s.signs(t, 1, "A001 13844331234 금화", "13844331234")
	s.signs(t, 2, "A001 13944335678 금화", "13944335678")
	looked := 0
	for _, role := range store.Roles() {
		for _, county := range []string{"", "yanji"} {
			name := string(role)
			if county != "" {
				name += "-yanji"
				if _, err := s.store.AddUser(store.User{Name: name, Label: name, Role: role, County: county, Password: hashed(), Lang: "en"}, "test"); err != nil {
					t.Fatal(err)
				}
			}
			v := s.visit(t, name)
			seen, todo := map[string]bool{"/": true}, []string{"/"}
			for len(todo) > 0 && len(seen) < 120 {
				path := todo[0]
				todo = todo[1:]
				_, header, body := v.send("GET", path, nil)
				looked++
				if !strings.HasPrefix(header.Get("Content-Type"), "text/html") {
					continue
				}
				for _, m := range links.FindAllStringSubmatch(body, -1) {
					to := strings.ReplaceAll(m[1], "&amp;", "&")
					to, _, _ = strings.Cut(to, "#")
					if !seen[to] && !strings.HasPrefix(to, "/assets/") {
						seen[to] = true
						todo = append(todo, to)
					}
				}
			}
			if got := s.refused(t); len(got) > 0 {
				t.Fatalf("%s is written down for following links: %v", name, got)
			}
		}
	}
	if looked < 100 {
		t.Errorf("only %d pages were looked at", looked)
	}
}
