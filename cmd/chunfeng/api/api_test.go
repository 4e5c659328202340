package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"chunfeng/bot/phone"
	"chunfeng/bot/signup"
	"chunfeng/broadcast"
	"chunfeng/config"
	"chunfeng/store"
	"chunfeng/store/storetest"
	"chunfeng/templates"
)

// newAPI is an API over a throw-away ledger that is checked when the test ends, as a command without a daemon has it.
func newAPI(t testing.TB) *API {
	t.Helper()
	s, c := storetest.Open(t), config.Default()
	set := sync.OnceValues(func() (*templates.Set, error) { return templates.Load(nil) })
	o := settled(s, &c, &set)
	return New(Options{
		TryConfig: o.TryConfig, PlannerOf: o.PlannerOf, Reload: o.Reload,
		Store: s, Log: zerolog.Nop(), Config: func() *config.Config { return c }, Templates: func() (*templates.Set, error) { return set() },
		Registrar: func() (*signup.Registrar, error) {
			return signup.NewRegistrar(signup.Options{Store: s, Templates: func() *templates.Set { v, _ := set(); return v }, Acknowledge: "each", Kept: 180, Zone: c.Zone, Log: zerolog.Nop()})
		},
		Planner: func() (*broadcast.Planner, error) {
			return &broadcast.Planner{Store: s, Templates: set, Kept: 180, Zone: c.Zone, Pacing: broadcast.Pacing{Zone: c.Zone}}, nil
		},
		Running: func() bool { return false }, Dispatcher: func() *broadcast.Dispatcher { return nil }, Code: func(string) (c Code, ok bool) { return },
		Version: "test",
	})
}

// settled are the parts of the API that settings and templates go by: a reload takes them from the ledger and the data
// folder into c and set, as the daemon does.
func settled(s *store.Store, c **config.Config, set *func() (*templates.Set, error)) (o Options) {
	kept := func() map[string]string {
		all, _ := s.Settings()
		out := map[string]string{}
		for _, one := range all {
			out[one.Key] = one.Value
		}
		return out
	}
	o.TryConfig = func(console map[string]string) (*config.Config, []config.Fault) {
		next, faults, _ := config.Load(config.Options{Console: console})
		return next, faults
	}
	o.PlannerOf = func(c *config.Config) (*broadcast.Planner, error) {
		quiet, err := broadcast.ParseQuiet(c.QuietHours, c.Zone)
		return &broadcast.Planner{Store: s, Zone: c.Zone, Pacing: broadcast.Pacing{Text: broadcast.Limits(c.Text), Zone: c.Zone}, Quiet: quiet}, err
	}
	o.Reload = func(context.Context) ([]string, []config.Fault, error) {
		next, err := templates.Load(os.DirFS(filepath.Join(s.Dir(), "templates")))
		if err != nil {
			return nil, nil, err
		}
		cfg, _, warnings := config.LoadKept(config.Options{Console: kept()})
		*c, *set = cfg, func() (*templates.Set, error) { return next, nil }
		return nil, warnings, nil
	}
	return o
}

// ask asks the API as a user, and answers the status and the body.
func ask(a *API, method, path, lang, body string) (int, string) {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Accept-Language", lang)
	r.Header.Set(UserHeader, url.QueryEscape("金先生"))
	w := httptest.NewRecorder()
	a.Owner().ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestRefusalsOfTheAPI(t *testing.T) {
	a := newAPI(t)
	for _, c := range []struct {
		why, method, path, lang, body string
		status                        int
		want                          string
	}{
		{"nothing there is an empty list", "GET", "/v1/accounts", "en", "", 200, "[]"},
		{"what does not exist, in Korean", "GET", "/v1/accounts/x", "ko", "", 404, "계정 x이(가) 없습니다"},
		{"the same in Chinese", "GET", "/v1/accounts/x", "zh-CN", "", 404, "没有账号 x"},
		{"a field that means nothing", "POST", "/v1/accounts", "en", `{"nmae":"a"}`, 400, "unknown field"},
		{"no JSON at all", "POST", "/v1/accounts", "en", `{`, 400, "cannot be read"},
		{"a workbook that is none", "POST", "/v1/batches/read?name=x.xlsx", "en", "hello", 422, "x.xlsx"},
		{"a plan for no batch", "POST", "/v1/waves/plan", "en", `{"batch":"Z"}`, 404, "no batch Z"},
		{"a hold that is no time", "POST", "/v1/waves/plan", "en", `{"batch":"Z","hold":"soon"}`, 400, "--hold"},
		{"a time that is none", "POST", "/v1/waves/plan", "en", `{"batch":"Z","at":"noon"}`, 400, "--at"},
		{"an approval of nothing", "POST", "/v1/waves/2026-001/approve", "en", `{}`, 400, "by its hash"},
		{"a reply that does not exist", "GET", "/v1/replies/R9", "en", "", 404, "no reply"},
		{"a reply that is no number", "GET", "/v1/replies/Rx", "en", "", 404, "no reply Rx"},
		{"numbers without a purpose", "POST", "/v1/signups/export", "en", "", 400, "for a purpose"},
		{"a login without a daemon", "POST", "/v1/accounts/x/login", "en", "", 404, "no account x"},
		{"a road that is none", "GET", "/v1/nothing", "en", "", 404, "404"},
	} {
		status, body := ask(a, c.method, c.path, c.lang, c.body)
		if status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d %s, want %d with %q", c.why, status, body, c.status, c.want)
		}
	}
	if status, body := ask(a, "POST", "/v1/accounts", "en", `{"name":"a01"}`); status != 200 || !strings.Contains(body, `"state":"new"`) {
		t.Error(status, body)
	}
	trail, err := a.store.Events(store.EventFilter{Limit: 1})
	if err != nil || len(trail.Events) != 1 || trail.Events[0].Who != "金先生" {
		t.Errorf("the audit trail says %v, want the one who asked: %v", trail, err)
	}
}

func TestPanicInAHandlerIsAnAnswer(t *testing.T) {
	a := newAPI(t)
	a.on(Read, "GET /boom", func(request) (any, error) { panic("13844331234") })
	w := httptest.NewRecorder()
	a.Owner().ServeHTTP(w, httptest.NewRequest("GET", "/boom", nil))
	var p Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code < 400 || p.Text == "" || strings.Contains(w.Body.String(), "13844331234") {
		t.Error(w.Code, w.Body.String(), err)
	}
}

func TestParseTime(t *testing.T) {
	a := newAPI(t)
	now := a.now()
	for _, c := range []struct {
		in   string
		want time.Time
	}{
		{"2031-03-31T09:00", time.Date(2031, 3, 31, 9, 0, 0, 0, now.Location())},
		{"2031-03-31 09:00:30", time.Date(2031, 3, 31, 9, 0, 30, 0, now.Location())},
		{"2031-03-31T09:00:00+09:00", time.Date(2031, 3, 31, 8, 0, 0, 0, now.Location())},
	} {
		if got, err := a.parseTime("--at", c.in); err != nil || !got.Equal(c.want) {
			t.Errorf("%s: %v, want %v: %v", c.in, got, c.want, err)
		}
	}
	for _, in := range []string{"noon", "31.3.2031", "25:00", "-2h", "2h", "2031-02-30T09:00"} {
		if got, err := a.parseTime("--at", in); err == nil {
			t.Errorf("%s is taken for %v", in, got)
		}
	}
	for _, in := range []string{"09:00", "23:59", "+2h"} {
		got, err := a.parseTime("--at", in)
		if err != nil || !got.After(now.Add(-time.Second)) || got.After(now.Add(24*time.Hour+time.Second)) {
			t.Errorf("%s: %v is not within the next day: %v", in, got, err)
		}
	}
}

func FuzzMasked(f *testing.F) {
	for _, s := range []string{"张三 138 4433 1234", "010-1234-5678", "１３８４４３３１２３４", "220102199003070312", "0433-2512345转8", "13844331234/13944331234", "가격 4500-6000원", "00000000aaa0"} {
		f.Add(s)
	}
	run := regexp.MustCompile(`[0-9]{7,}`)
	hash := regexp.MustCompile(`\b(?:[0-9a-f]{12}|[0-9a-f]{64})\b`) // a hash stays, and may hold seven digits in a row
	letters := regexp.MustCompile(`[a-f]`)
	f.Fuzz(func(t *testing.T, s string) {
		out := phone.Hide(s)
		besides := hash.ReplaceAllStringFunc(out, func(h string) string {
			if n := len(letters.FindAllString(h, -1)); n >= 8 || n >= 3 && len(h) == 12 {
				return ""
			}
			return h
		})
		if m := run.FindString(besides); m != "" {
			t.Fatalf("%q shows %s", s, m)
		}
		for _, found := range phone.Scan(s) {
			if digits := found.Number.RevealNational(); len(digits) > 6 && strings.Contains(out, digits) {
				t.Fatalf("%q shows %s", s, found.Number)
			}
		}
	})
}

func FuzzOrder(f *testing.F) {
	a := newAPI(f)
	for _, s := range []string{`{"batch":"A","at":"09:00"}`, `{"cron":"@every 1s"}`, `{"audience":{"groups":["x"]},"hold":"1h"}`, `[]`, `{"parts":-1}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		status, answer := ask(a, "POST", "/v1/waves/plan", "ko", body)
		if status < 400 || status == http.StatusInternalServerError || !strings.Contains(answer, "text") {
			t.Fatalf("%q: %d %s", body, status, answer)
		}
	})
}
