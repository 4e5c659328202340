package main

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/cmd/chunfeng/console/consoletest"
	"chunfeng/examples"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// say is what the console says in the language of the stories.
func say(key string, args ...any) string { return words.Say(words.English, key, args...) }

// phrase is everybody's password in the stories of the console.
const phrase = "벌방에 봄바람이 분다"

// season is a daemon with its console, against a simulated world, for tests that sit before it in a browser.
type season struct {
	*demonstration
	url string // of the console
}

// newSeason starts one of so many groups and accounts, all logged in and bound. Nobody may sign in yet. env are settings as the
// environment holds them.
func newSeason(t testing.TB, groups, accounts int, env ...string) *season {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	c := &cli{in: strings.NewReader(""), out: io.Discard, err: io.Discard, lang: words.English}
	d := &demonstration{
		c: c, o: demoOptions{groups: groups, accounts: accounts, seed: 1, quiet: true}, screen: &screen{out: io.Discard, quiet: true}, began: time.Now(), step: time.Now(),
	}
	var err error
	d.world, err = newWorld(groups, accounts, d.o.seed)
	must(err)
	t.Cleanup(d.world.close)
	settings := d.settings()
	settings.Env = append(settings.Env, "CHUNFENG_LISTEN=127.0.0.1:0") // the last one holds
	settings.Env = append(settings.Env, env...)
	d.app, err = New(Options{Settings: settings, Data: t.TempDir(), Log: zerolog.Nop()})
	must(err)
	d.world.vacancy = func(code string) (store.Vacancy, bool) {
		v, err := d.app.store.Vacancy(code)
		return v, err == nil
	}
	must(d.app.Start(context.WithoutCancel(t.Context())))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), stopGrace)
		defer cancel()
		if err := d.app.Stop(ctx); err != nil {
			t.Errorf("the daemon did not stop cleanly: %v", err)
		}
	})
	as := func(user string) *client {
		return &client{http: &http.Client{Transport: inProcess{d.app.Handler()}}, lang: words.English, user: user, daemon: true, done: func() error { return nil }}
	}
	d.clerk, d.second = as(demoClerk), as(demoApprover)
	must(d.registry(t.Context()))
	must(d.logins(t.Context()))
	must(d.pairTwins(t.Context()))
	return &season{d, d.app.origin()}
}

// person lets somebody in, without a browser.
func (s *season) person(t testing.TB, in api.NewUser) {
	t.Helper()
	in.Password = phrase
	if err := s.clerk.post(t.Context(), "/v1/users", nil, in, nil); err != nil {
		t.Fatal(err)
	}
}

// hasBatch hands a workbook in and has it approved, without a browser.
func (s *season) hasBatch(t testing.TB) {
	t.Helper()
	data, err := examples.FS.ReadFile(examples.Batch1)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.clerk.post(t.Context(), "/v1/batches", url.Values{"name": {examples.Batch1}, "title": {"봄철"}}, data, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.second.post(t.Context(), "/v1/batches/A/approve", nil, nil, nil); err != nil {
		t.Fatal(err)
	}
}

// play lets two waves of the season go by, with their troubles and replies, and leaves what else pages can show: an order
// that recurs, and posters that wait for approval.
func (s *season) play(t testing.TB) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	must(s.wave(ctx, 1, examples.Batch1, examples.Batch1Employers, examples.Batch1Vacancies))
	must(s.wave(ctx, 2, examples.Batch2, examples.Batch2Employers, examples.Batch2Vacancies))
	must(s.clerk.post(ctx, "/v1/waves", nil, map[string]any{"batch": "A", "cron": "0 9 * * 1"}, nil))
	must(s.clerk.post(ctx, "/v1/waves", nil, map[string]any{"batch": "B", "form": "poster"}, nil))
}

// needBrowser skips a test at once where there is no browser for it.
func needBrowser(t testing.TB) {
	t.Helper()
	if path, err := consoletest.Find(); err != nil || path == "" {
		consoletest.Open(t, "", consoletest.Options{}) // says why
	}
}

// sit opens a browser's window before the console, and signs in when a name is given.
func (s *season) sit(t testing.TB, name string, o consoletest.Options) *consoletest.Tab {
	t.Helper()
	p := consoletest.Open(t, s.url, o)
	if name != "" {
		p.Go("/sign-in")
		p.Fill("[name=name]", name)
		p.Fill("[name=password]", phrase)
		p.Follow("main form button")
	}
	return p
}

// ask asks for something over the socket's handler, as the owner of the data folder.
func ask[T any](t testing.TB, s *season, path string, q url.Values) (v T) {
	t.Helper()
	if err := s.clerk.get(t.Context(), path, q, &v); err != nil {
		t.Fatal(err)
	}
	return v
}
