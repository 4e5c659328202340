package console

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// TestRightsOfEveryRoute asks for every route of the API as each role: what the role may not is refused before anything
// else is looked at.
func TestRightsOfEveryRoute(t *testing.T) {
	s := newSite(t)
	may := map[store.Role]string{
		store.RoleStaff: "read prepare queue control answer reveal", store.RoleApprover: "read approve control",
		store.RoleSupervisor: "read control answer reveal privacy decide oversee", store.RoleAdmin: "read control privacy oversee manage",
	}
	for _, route := range s.API.Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		if !strings.Contains("read prepare queue approve control answer reveal privacy decide oversee manage keep", string(route.Right)) {
			t.Errorf("%s takes the right %q, which no role could have", route.Pattern, route.Right)
		}
		for role, rights := range may {
			if strings.Contains(" "+rights+" ", " "+string(route.Right)+" ") {
				continue
			}
			_, err := api.Ask[any](t.Context(), s.API, api.Caller{Name: "x", Role: role, Lang: "en"}, method, fill(path), nil, nil)
			if words.KindOf(err) != words.Forbidden {
				t.Errorf("%s as %s: %v, want it forbidden", route.Pattern, role, err)
			}
		}
	}
	for _, route := range s.routes {
		if route.right == "" {
			t.Errorf("%s takes no right", route.pattern)
		}
	}
}

// fill puts something into each place of a path.
func fill(path string) string {
	for strings.Contains(path, "{") {
		from, to := strings.Index(path, "{"), strings.Index(path, "}")
		path = path[:from] + "x" + path[to+1:]
	}
	return path
}

// TestNothingOfAnotherCounty asks for every list, file and thing of the API as staff of one county, with the names of
// another county's group, deliveries, sign-ups and replies: no answer may hold that group's code or name, its residents'
// names, or the last digits of their numbers.
func TestNothingOfAnotherCounty(t *testing.T) {
	s := newSite(t)
	w := s.wave(t)
	ours, theirs := s.signs(t, 1, "A001 13844331234", "13844331234"), s.signs(t, 2, "A001 13944335678 금화", "13944335678")
	doubt := s.hears(t, 2, "가격이 얼마입니까 13944335678")
	if _, err := s.store.Register(doubt, store.Disposition{State: store.ReplyReview, Intent: "question", Review: "also_asks", Group: 2, Sender: "@m"}); err != nil {
		t.Fatal(err)
	}
	staff := api.Caller{Name: "kim", Role: store.RoleStaff, County: "yanji", Lang: "en"}
	secret := []string{"TM001", "월궁사회구역", "13944335678", "139****5678"}
	things := map[string][]string{
		"{id}": {w.ID, store.DeliveryID(w.ID, 1), theirs.ID, fmt.Sprintf("R%d", doubt), "A", "1"}, "{code}": {"TM001"}, "{name}": {"a01"}, "{key}": {"x"}, "{hash}": {"x"},
	}
	asked := 0
	for _, route := range s.API.Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		if !staff.May(route.Right) {
			continue
		}
		paths := []string{path}
		for place, values := range things {
			if !strings.Contains(path, place) {
				continue
			}
			paths = nil
			for _, v := range values {
				paths = append(paths, strings.ReplaceAll(path, place, url.PathEscape(v)))
			}
		}
		for _, path := range paths {
			for _, q := range []url.Values{nil, {"form": {"csv"}}, {"group": {"TM001"}}, {"county": {"tumen"}}, {"review": {"1"}}} {
				if method != http.MethodGet && q != nil && !strings.Contains(path, "export") {
					continue
				}
				r, err := http.NewRequestWithContext(t.Context(), method, "http://x"+path+"?"+q.Encode(), strings.NewReader(`{"purpose":"x"}`))
				if err != nil {
					t.Fatal(err)
				}
				out := &heard{header: http.Header{}}
				s.API.Serve(out, r, staff)
				asked++
				for _, word := range secret {
					if out.status == http.StatusNotFound && word == "TM001" {
						continue // the code that was asked for is said back: there is no such group
					}
					if strings.Contains(out.body.String(), word) {
						t.Errorf("%s %s?%s tells %q:\n%.400s", method, path, q.Encode(), word, out.body.String())
					}
				}
			}
		}
	}
	if asked < 100 {
		t.Errorf("only %d requests were made", asked)
	}
	if _, err := api.Ask[api.SignupDetail](t.Context(), s.API, staff, "GET", "/v1/signups/"+ours.ID, nil, nil); err != nil {
		t.Error("their own county's is refused as well:", err)
	}
}

// heard keeps an answer.
type heard struct {
	header http.Header
	status int
	body   strings.Builder
}

// Header implements http.ResponseWriter.
func (h *heard) Header() http.Header { return h.header }

// WriteHeader implements http.ResponseWriter.
func (h *heard) WriteHeader(status int) { h.status = status }

// Write implements http.ResponseWriter.
func (h *heard) Write(b []byte) (int, error) { return h.body.Write(b) }
