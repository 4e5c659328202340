package console

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"chunfeng/bot/signup"
	"chunfeng/broadcast"
	"chunfeng/cmd/chunfeng/api"
	"chunfeng/config"
	"chunfeng/store"
	"chunfeng/store/storetest"
	"chunfeng/templates"
)

// password is everybody's in the tests.
const password = "해란강 기슭의 첫 봄바람"

// hashed is it as it is kept, worked out once.
var hashed = sync.OnceValue(func() string { return api.HashPassword(password) })

// site is a console over a throw-away ledger, without a daemon, and one person of each role by the role's name.
type site struct {
	*Console
	store *store.Store
	http  *httptest.Server
	force *force

	renewed atomic.Bool // the code that waits to be scanned is another one
}

func newSite(t testing.TB) *site {
	t.Helper()
	v := unservedSite(t)
	v.http = httptest.NewServer(v.Handler())
	t.Cleanup(v.http.Close)
	return v
}

// unservedSite is a site without a server, whose visitors' requests go to the handler itself: for tests on virtual time.
func unservedSite(t testing.TB) *site {
	t.Helper()
	s, f := storetest.Open(t), &force{}
	first, _, _ := config.Load(config.Options{Env: surroundings()})
	f.config.Store(first)
	built, err := templates.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	f.set.Store(built)
	set := func() (*templates.Set, error) { return f.set.Load(), nil }
	a := api.New(api.Options{
		Store: s, Log: zerolog.Nop(), Config: f.config.Load, Templates: set, TryConfig: f.try, PlannerOf: f.planner(s), Reload: f.reload(s),
		Registrar: func() (*signup.Registrar, error) {
			return signup.NewRegistrar(signup.Options{Store: s, Templates: func() *templates.Set { v, _ := set(); return v }, Acknowledge: "each", Kept: 180, Zone: f.config.Load().Zone, Log: zerolog.Nop()})
		},
		Planner: func() (*broadcast.Planner, error) {
			return &broadcast.Planner{Store: s, Templates: set, Kept: 180, Zone: f.config.Load().Zone, Pacing: broadcast.Pacing{Zone: f.config.Load().Zone}}, nil
		},
		Running: func() bool { return false }, Dispatcher: func() *broadcast.Dispatcher { return nil }, Code: func(string) (c api.Code, ok bool) { return },
	})
	c, err := New(Options{API: a, Store: s, Config: f.config.Load, Log: zerolog.Nop(), Idle: time.Hour, Absolute: 12 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range store.Roles() {
		if _, err := s.AddUser(store.User{Name: string(role), Label: string(role), Role: role, Password: hashed(), Lang: "en"}, "test"); err != nil {
			t.Fatal(err)
		}
	}
	return &site{Console: c, store: s, force: f}
}

// direct is a way to a handler without a wire.
type direct struct{ http.Handler }

// RoundTrip implements http.RoundTripper.
func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	in.RequestURI, in.RemoteAddr, in.Host = r.URL.RequestURI(), "127.0.0.1:1", r.URL.Host
	if in.Body == nil {
		in.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, in)
	return w.Result(), nil
}

// force is what is in force: a reload takes it from the ledger and the data folder, as the daemon does.
type force struct {
	config atomic.Pointer[config.Config]
	set    atomic.Pointer[templates.Set]
}

// surroundings are the environment of the tests: one key is set in it.
func surroundings() []string {
	return []string{"CHUNFENG_WAVE__CONFIRM_AFTER=2m", "CHUNFENG_CONSOLE__SECOND_FACTOR=off"}
}

func (f *force) try(console map[string]string) (*config.Config, []config.Fault) {
	c, faults, _ := config.Load(config.Options{Console: console, Env: surroundings()})
	return c, faults
}

func (f *force) planner(s *store.Store) func(*config.Config) (*broadcast.Planner, error) {
	return func(c *config.Config) (*broadcast.Planner, error) {
		quiet, err := broadcast.ParseQuiet(c.QuietHours, c.Zone)
		return &broadcast.Planner{Store: s, Zone: c.Zone, Pacing: broadcast.Pacing{Text: broadcast.Limits(c.Text), Zone: c.Zone}, Quiet: quiet}, err
	}
}

func (f *force) reload(s *store.Store) func(context.Context) ([]string, []config.Fault, error) {
	return func(context.Context) ([]string, []config.Fault, error) {
		all, err := s.Settings()
		if err != nil {
			return nil, nil, err
		}
		set, err := templates.Load(os.DirFS(filepath.Join(s.Dir(), "templates")))
		if err != nil {
			return nil, nil, err
		}
		kept := map[string]string{}
		for _, one := range all {
			kept[one.Key] = one.Value
		}
		c, _, warnings := config.LoadKept(config.Options{Console: kept, Env: surroundings()})
		f.config.Store(c)
		f.set.Store(set)
		return nil, warnings, nil
	}
}

// visitor is one browser without a screen.
type visitor struct {
	t    testing.TB
	site *site
	http *http.Client
}

// visit comes to the site, signed in when a name is given.
func (s *site) visit(t testing.TB, name string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{t, s, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if s.http == nil {
		v.http.Transport = direct{s.Handler()}
	}
	if name != "" {
		if status, _, body := v.send("POST", "/sign-in", url.Values{"name": {name}, "password": {password}}); status != http.StatusSeeOther {
			t.Fatalf("%s cannot sign in: %d\n%s", name, status, body)
		}
	}
	return v
}

// send sends a form, or asks for a page without one, and answers what came back.
func (v *visitor) send(method, path string, form url.Values, headers ...string) (status int, header http.Header, body string) {
	v.t.Helper()
	at := "http://127.0.0.1"
	if v.site.http != nil {
		at = v.site.http.URL
	}
	r, err := http.NewRequest(method, at+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := v.http.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(b)
}

// page answers a page that must be there.
func (v *visitor) page(path string) string {
	v.t.Helper()
	status, _, body := v.send("GET", path, nil)
	if status != http.StatusOK {
		v.t.Fatalf("GET %s: %d\n%s", path, status, body)
	}
	return body
}

var tokenField = regexp.MustCompile(`name="once" value="([^"]+)"`)

// form sends a form with a token that the page at path has given out.
func (v *visitor) form(page, action string, form url.Values) (status int, header http.Header, body string) {
	v.t.Helper()
	m := tokenField.FindStringSubmatch(v.page(page))
	if m == nil {
		v.t.Fatalf("%s has no form", page)
	}
	form.Set(formToken, m[1])
	return v.send("POST", action, form)
}
