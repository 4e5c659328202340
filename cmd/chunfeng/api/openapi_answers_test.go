package api

import (
	"encoding/json"
	"errors"
	"maps"
	"mime"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/examples"
	"chunfeng/templates/words"
)

// walk asks a world's routes and holds what they answer against the description.
type walk struct {
	*world
	*validator
	undone map[string]bool // patterns that did not answer 200 yet
}

func newWalk(t *testing.T) *walk {
	w := &walk{newWorld(t), newValidator(t), map[string]bool{}}
	for _, r := range w.Routes() {
		w.undone[r.Pattern] = true
	}
	return w
}

// route is a route by its pattern.
func (w *walk) route(pattern string) Route {
	w.t.Helper()
	all := w.Routes()
	i := slices.IndexFunc(all, func(r Route) bool { return r.Pattern == pattern })
	if i < 0 {
		w.t.Fatalf("there is no route %s", pattern)
	}
	return all[i]
}

// path puts the world's ids into a route's path.
func (w *walk) path(r Route) string {
	w.t.Helper()
	out, rest := "", r.path()
	for {
		start := strings.IndexByte(rest, '{')
		if start < 0 {
			return out + rest
		}
		end := strings.IndexByte(rest, '}')
		list := strings.TrimSuffix(r.path()[:len(r.path())-len(rest)+start], "/")
		id, known := w.ids[list]
		if !known {
			w.t.Fatalf("%s: the world has no %s; put ids[%q] into newWorld (openapi_world_test.go)", r.Pattern, rest[start:end+1], list)
		}
		out, rest = out+rest[:start]+url.PathEscape(id), rest[end+1:]
	}
}

// ask has a route asked, and holds the answer against what is described for its status. It answers the status and the text.
func (w *walk) ask(r Route, path string, q url.Values, c Caller, body string) (int, string) {
	w.t.Helper()
	to := (&url.URL{Path: path, RawQuery: q.Encode()}).String()
	if u, err := url.PathUnescape(path); err == nil {
		to = (&url.URL{Path: u, RawPath: path, RawQuery: q.Encode()}).String()
	}
	out := httptest.NewRecorder()
	w.Serve(out, httptest.NewRequest(r.method(), to, strings.NewReader(body)), c)
	at := r.method() + " " + to
	media, _, err := mime.ParseMediaType(out.Header().Get("Content-Type"))
	if err != nil {
		w.t.Errorf("%s answers the type %q: %v", at, out.Header().Get("Content-Type"), err)
	}
	responses := object(object(object(object(w.doc["paths"])[r.path()])[strings.ToLower(r.method())])["responses"])
	said := object(responses["200"])
	if out.Code != 200 {
		said = object(resolve(w.doc, "#/components/responses/Problem"))
	} else {
		delete(w.undone, r.Pattern)
	}
	content := object(said["content"])
	of, told := content[media]
	switch {
	case !told:
		w.t.Errorf("%s: %d answers %s; described are %v", at, out.Code, media, slices.Sorted(maps.Keys(content)))
	case out.Code == 500:
		w.t.Errorf("%s: a fault of the program: %s", at, out.Body)
	case media != "application/json":
		if out.Body.Len() == 0 {
			w.t.Errorf("%s: the file is empty", at)
		}
	default:
		value, err := parsed(out.Body.String())
		if err != nil {
			w.t.Errorf("%s: %v in %.200s", at, err, out.Body)
		}
		for _, fault := range w.faults("", object(of)["schema"], value) {
			w.t.Errorf("%s: %d: %s", at, out.Code, fault)
		}
	}
	return out.Code, out.Body.String()
}

// value is what a parameter of the query may be in this world.
func (w *walk) value(r Route, p Param) (all []string) {
	if len(p.OneOf) > 0 {
		return p.OneOf
	}
	for _, name := range []string{p.Name + " " + r.path(), p.Name} {
		if v, known := w.values[name]; known {
			return []string{v}
		}
	}
	return nil
}

// query has what a route needs.
func (w *walk) query(r Route) url.Values {
	w.t.Helper()
	q := url.Values{}
	for _, p := range r.Params {
		if !p.Needed {
			continue
		}
		all := w.value(r, p)
		if len(all) == 0 {
			w.t.Fatalf("%s needs %s; put one into values in newWorld (openapi_world_test.go)", r.Pattern, p.Name)
		}
		q.Set(p.Name, all[0])
	}
	return q
}

// unseen are schemas that no answer of a world shows, each with why.
var unseen = map[string]string{
	"Fault": "a batch tells its doubts when it is imported",
}

// TestAnswersAreAsDescribed asks every GET route on a small season, as it stands and with each parameter that it may have,
// and holds the answers against the description.
func TestAnswersAreAsDescribed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWalk(t)
		for _, r := range w.Routes() {
			if r.method() != "GET" || r.Summary == "" {
				continue
			}
			path, q := w.path(r), w.query(r)
			if status, body := w.ask(r, path, q, kim, ""); status != 200 {
				t.Errorf("%s answers %d %.200s", r.Pattern, status, body)
			}
			for _, p := range r.Params {
				for _, v := range w.value(r, p) {
					with := maps.Clone(q)
					with.Set(p.Name, v)
					if status, body := w.ask(r, path, with, kim, ""); status != 200 {
						t.Errorf("%s with %s=%s answers %d %.200s", r.Pattern, p.Name, v, status, body)
					}
				}
			}
		}
		// Where there is nothing a list is empty, never null.
		empty := &walk{&world{API: newAPI(t), t: t}, w.validator, map[string]bool{}}
		for _, r := range empty.Routes() {
			if r.method() == "GET" && r.Summary != "" && !strings.Contains(r.path(), "{") && !slices.ContainsFunc(r.Params, func(p Param) bool { return p.Needed }) {
				if status, body := empty.ask(r, r.path(), nil, kim, ""); status != 200 {
					t.Errorf("%s on an empty ledger answers %d %.200s", r.Pattern, status, body)
				}
			}
		}
		for _, name := range slices.Sorted(maps.Keys(w.answered("GET"))) {
			switch _, excused := unseen[name]; {
			case !w.seen["#/components/schemas/"+name] && !excused:
				t.Errorf("no answer showed a %s: let newWorld (openapi_world_test.go) have one, or say in unseen why not", name)
			case w.seen["#/components/schemas/"+name] && excused:
				t.Errorf("%s is seen; take it out of unseen", name)
			}
		}
	})
}

// answered lists the schemas of which an answer to a method may be made.
func (w *walk) answered(method string) map[string]bool {
	out := map[string]bool{}
	var add func(v any)
	add = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				if name := strings.TrimPrefix(ref, "#/components/schemas/"); !out[name] {
					out[name] = true
					add(resolve(w.doc, ref))
				}
			}
			for _, one := range v {
				add(one)
			}
		case []any:
			for _, one := range v {
				add(one)
			}
		}
	}
	for _, item := range object(w.doc["paths"]) {
		add(object(object(object(item)[strings.ToLower(method)])["responses"])["200"])
	}
	return out
}

// TestDeedsAreAsDescribed does what changes things, in an order in which it can be done, and holds bodies and answers
// against the description. What the table does not name is asked with nothing and must refuse or answer as described.
func TestDeedsAreAsDescribed(t *testing.T) {
	workbook, err := examples.FS.ReadFile(examples.Batch2)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWalk(t)
		w.values["employers"], w.values["vacancies"] = "83", "286"
		hash := ""
		made := func(list string) func(string) {
			return func(text string) {
				var v struct{ ID, Hash string }
				w.must(json.Unmarshal([]byte(text), &v))
				w.ids[list], hash = v.ID, v.Hash
			}
		}
		for _, c := range []struct {
			pattern string
			id      string // instead of the world's
			query   string // beside what it needs
			body    any    // bytes: a file
			then    func(text string)
		}{
			{pattern: "POST /v1/accounts", body: NewAccount{Name: "a03", County: "图们"}},
			{pattern: "POST /v1/accounts/{name}/login", id: "a02"},
			{pattern: "POST /v1/accounts/{name}/pause"},
			{pattern: "POST /v1/accounts/{name}/resume"},
			{pattern: "DELETE /v1/accounts/{name}", id: "a03"},
			{pattern: "POST /v1/batches/read", query: "name=x.xlsx", body: workbook},
			{pattern: "POST /v1/batches/marked", query: "name=x.xlsx", body: workbook},
			{pattern: "POST /v1/batches", query: "name=x.xlsx&employers=83&vacancies=286", body: workbook, then: made("/v1/batches")},
			{pattern: "POST /v1/batches/{id}/approve"},
			{pattern: "POST /v1/vacancies/state", body: VacancyChange{Codes: []string{"A004"}, State: "withdrawn", Why: "no longer wanted"}},
			{pattern: "POST /v1/groups", query: "name=x.csv", body: []byte("code,name,county,language\nHL001,화룡 취업,helong,ko\n")},
			{pattern: "POST /v1/groups", query: "name=x.csv&dry_run=1", body: []byte("code,name,county,language\nHL001,화룡 일자리,helong,ko\nHL002,화룡,helong,ko\n")},
			{pattern: "POST /v1/groups", query: "name=x.csv", body: []byte("code,name,county,language\nHL003,화룡,nowhere,ko\n")},
			{pattern: "POST /v1/groups/{code}/pause", body: Because{Why: "a quarrel"}},
			{pattern: "POST /v1/groups/{code}/resume"},
			{pattern: "POST /v1/groups/{code}/opt-out", id: "YJ007", body: OptOut{Kinds: []string{"digest"}, Why: "its owner asked"}},
			{pattern: "POST /v1/accounts/{name}/hand-over", body: HandOverOrder{To: "a04"}},
			{pattern: "POST /v1/groups/{code}/bindings/{name}", id: "TM001", body: BindingOrder{As: "bound", Chat: "@@90", Why: "its people told so"}},
			{pattern: "POST /v1/waves/plan", body: func() any { return Order{Batch: w.ids["/v1/batches"]} }},
			{pattern: "POST /v1/waves/test", body: func() any { return Trial{Batch: w.ids["/v1/batches"], Group: "YJ002"} }},
			{pattern: "POST /v1/accounts/{name}/proof", id: "a01", body: func() any { return Trial{Batch: w.ids["/v1/batches"], Form: "both", Group: "YJ002"} }},
			{pattern: "POST /v1/waves/{id}/recall"},
			{pattern: "POST /v1/waves/{id}/retry", body: Retry{Failed: new(1)}},
			{pattern: "POST /v1/waves/{id}/stop"},
			{pattern: "POST /v1/stop"},
			{pattern: "POST /v1/deliveries/{id}/resolve", body: Resolution{As: "sent", Why: "seen in the group"}},
			{pattern: "POST /v1/waves", body: func() any { return Order{Batch: w.ids["/v1/batches"], Hold: "10m"} }, then: made("/v1/waves")},
			{pattern: "POST /v1/waves/{id}/approve", body: func() any { return Approval{hash} }, then: func(string) { time.Sleep(time.Minute) }},
			{pattern: "POST /v1/waves/{id}/pause"},
			{pattern: "POST /v1/waves/{id}/resume"},
			{pattern: "POST /v1/waves/{id}/cancel"},
			{pattern: "POST /v1/waves", body: func() any { return Order{Batch: w.ids["/v1/batches"], Cron: "0 9 * * 2"} }, then: made("/v1/schedules")},
			{pattern: "POST /v1/schedules/{id}/approve", body: func() any { return Approval{hash} }},
			{pattern: "POST /v1/schedules/{id}/cancel"},
			{pattern: "POST /v1/replies/{id}/reveal", id: "R2", body: Handover{Purpose: "to read the number"}},
			{pattern: "POST /v1/replies/{id}/decide", id: "R2", body: ReplyDecision{As: "signup", Phone: "13844331235", Name: "李四", Vacancies: []string{"A002"}}},
			{pattern: "POST /v1/gaps/{id}/read"},
			{pattern: "POST /v1/signups/export", body: Handover{Purpose: "to call them", Recipient: "海兰江饭店"}},
			{pattern: "POST /v1/signups/export", query: "form=csv", body: Handover{Purpose: "to call them", Recipient: "海兰江饭店"}},
			{pattern: "POST /v1/signups/{id}/reveal", body: Handover{Purpose: "to call her"}},
			{pattern: "POST /v1/signups/{id}/status", body: SignupChange{Status: "called", Note: "comes on Monday"}},
			{pattern: "POST /v1/signups/{id}/correct", body: SignupCorrection{Name: new("金花"), Vacancies: []string{"A002"}, Why: "she told us"}},
			{pattern: "POST /v1/subject/affected", body: Handover{Purpose: "to tell them"}},
			{pattern: "POST /v1/subject/export", body: SubjectAsk{Phone: "13844331234", Purpose: "she asked for a copy"}},
			{pattern: "POST /v1/subject/erase", body: SubjectErasure{SubjectAsk: SubjectAsk{Phone: "13844331234", Purpose: "she asked"}, DryRun: true}},
			{pattern: "POST /v1/subject/erase", body: SubjectErasure{SubjectAsk: SubjectAsk{Phone: "138 4433 1234", Purpose: "she asked"}, Confirm: "1234"}},
			{pattern: "POST /v1/keys/rotate", then: func(string) { _, err := w.store.Reseal(t.Context()); w.must(err) }},
			{pattern: "POST /v1/keys/retire"},
			{pattern: "POST /v1/users", body: NewUser{Name: "choe", Role: "approver"}},
			{pattern: "POST /v1/users/{name}", body: UserChange{Label: new("박하늘"), Disabled: new(false)}},
			{pattern: "POST /v1/users/{name}/link"},
			{pattern: "POST /v1/sessions/{key}/end"},
			{pattern: "POST /v1/settings/try", body: SettingsChange{Set: map[string]string{"pacing.text.per_day": "900", "wave.hold": "soon"}}},
			{pattern: "POST /v1/settings", body: SettingsChange{Set: map[string]string{"pacing.text.per_day": "900"}, Confirm: true}},
		} {
			r := w.route(c.pattern)
			path, q := w.path(r), w.query(r)
			if c.id != "" {
				start := strings.IndexByte(r.path(), '{')
				_, rest, more := strings.Cut(path[start:], "/")
				if path = path[:start] + c.id; more {
					path += "/" + rest
				}
			}
			more, err := url.ParseQuery(c.query)
			w.must(err)
			maps.Copy(q, more)
			if f, later := c.body.(func() any); later {
				c.body = f()
			}
			who := kim
			if strings.HasSuffix(c.pattern, "/approve") {
				who = li
			}
			status, text := w.ask(r, path, q, who, w.body(r, c.body))
			if status != 200 {
				t.Errorf("%s answers %d %.300s", c.pattern, status, text)
			}
			if c.then != nil && status == 200 {
				c.then(text)
			}
		}
		for _, pattern := range slices.Sorted(maps.Keys(w.undone)) {
			if r := w.route(pattern); r.method() != "GET" && r.Summary != "" {
				status, text := w.ask(r, w.path(r), w.query(r), kim, "")
				t.Logf("%s is not in the table; asked with nothing it answers %d %.100s", pattern, status, text)
			}
		}
	})
}

// body writes the body of a request, and holds it against what is described.
func (w *walk) body(r Route, body any) string {
	w.t.Helper()
	if data, file := body.([]byte); file || body == nil {
		if file && len(r.Files) == 0 {
			w.t.Errorf("%s takes no file, by its description", r.Pattern)
		}
		return string(data)
	}
	b, err := json.Marshal(body)
	w.must(err)
	value, err := parsed(string(b))
	w.must(err)
	content := object(object(object(object(object(w.doc["paths"])[r.path()])[strings.ToLower(r.method())])["requestBody"])["content"])
	for _, fault := range w.faults("body", object(content["application/json"])["schema"], value) {
		w.t.Errorf("%s: %s", r.Pattern, fault)
	}
	return string(b)
}

// TestRefusalsAreAsDescribed asks every route for what it must refuse, and holds the refusals against the description: with
// a role that may nothing, with a parameter that there is not, and with a body that means nothing. The last tells also which
// type is really read: it must be the one that is described.
func TestRefusalsAreAsDescribed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWalk(t)
		for _, r := range w.Routes() {
			if r.Summary == "" {
				continue
			}
			path, q := w.path(r), w.query(r)
			for _, c := range []struct {
				why    string
				who    Caller
				more   string
				status int
				key    string
			}{
				{"a role that may nothing", Caller{Name: "x", Role: "nobody", Lang: words.Korean}, "", 403, "cmd.no_right"},
				{"a parameter that there is not", kim, "no_such_parameter", 400, "api.no_param"},
			} {
				with := maps.Clone(q)
				if c.more != "" {
					with.Set(c.more, "1")
				}
				status, text := w.ask(r, path, with, c.who, "")
				var p Problem
				if err := json.Unmarshal([]byte(text), &p); err != nil || status != c.status || strings.TrimSuffix(p.Key, "s") != c.key {
					t.Errorf("%s for %s: %d %.200s, want %d %s", r.Pattern, c.why, status, text, c.status, c.key)
				}
			}
			if r.method() == "GET" {
				continue
			}
			hr := httptest.NewRequest(r.method(), (&url.URL{Path: path, RawQuery: q.Encode()}).String(), strings.NewReader(`{"no such field": 1}`))
			_, err := w.API.ask(noWriter{}, hr, kim)
			var bad *badBody
			switch read := errors.As(err, &bad); {
			case !read && r.Body != nil:
				t.Errorf("%s is described to take %T, and reads no body: %v", r.Pattern, r.Body, err)
			case read && r.Body == nil:
				t.Errorf("%s reads a %T; write .takes(…) behind its registration, then %s", r.Pattern, bad.into, again)
			case read && reflect.TypeOf(bad.into).Elem() != reflect.TypeOf(r.Body):
				t.Errorf("%s reads a %T, and is described to take %T", r.Pattern, bad.into, r.Body)
			case read && !strings.Contains(err.Error(), "no such field"):
				t.Errorf("%s does not say which field there is not: %v", r.Pattern, err)
			}
			if read := bad != nil; read {
				if status, _ := w.ask(r, path, q, kim, `{"no such field": 1}`); status != 400 {
					t.Errorf("%s answers %d to a field that means nothing", r.Pattern, status)
				}
			}
		}
	})
}
