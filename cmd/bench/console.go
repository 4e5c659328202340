package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"chunfeng/bot/signup"
	"chunfeng/broadcast"
	"chunfeng/cmd/chunfeng/api"
	"chunfeng/cmd/chunfeng/console"
	"chunfeng/config"
	"chunfeng/store"
	"chunfeng/templates"
)

// benchPassword is the one person's that looks at pages here.
const benchPassword = "four words and a river"

// site is the console over a ledger, on a loopback address, and a client that is signed in.
type site struct {
	url    string
	client *http.Client
	server *http.Server
}

func openSite(s *store.Store) (*site, error) {
	cfg := config.Default()
	cfg.SecondFactor = false // the sign-in is not what is measured
	if _, err := s.AddUser(store.User{Name: "supervisor", Label: "supervisor", Role: store.RoleSupervisor, Password: api.HashPassword(benchPassword)}, "bench"); err != nil {
		return nil, err
	}
	plans := func(c *config.Config) (*broadcast.Planner, error) {
		return &broadcast.Planner{Store: s, Zone: c.Zone, Pacing: broadcast.Pacing{Text: broadcast.Limits(c.Text), Media: broadcast.Limits(c.Media), Cooldown: c.Cooldown, Zone: c.Zone}}, nil
	}
	a := api.New(api.Options{
		Store: s, Log: zerolog.Nop(), Config: func() *config.Config { return cfg },
		Templates: func() (*templates.Set, error) { return templates.Load(nil) },
		Registrar: func() (*signup.Registrar, error) { return nil, errors.New("no reply is read here") },
		Planner:   func() (*broadcast.Planner, error) { return nil, errors.New("no wave is planned here") }, PlannerOf: plans,
		Running: func() bool { return false }, Dispatcher: func() *broadcast.Dispatcher { return nil }, Code: func(string) (c api.Code, ok bool) { return },
	})
	c, err := console.New(console.Options{API: a, Store: s, Config: func() *config.Config { return cfg }, Log: zerolog.Nop(), Idle: time.Hour, Absolute: time.Hour, NoLimits: true})
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	v := &site{url: "http://" + l.Addr().String(), server: &http.Server{Handler: c.Handler()}, client: &http.Client{Jar: jar, Transport: &http.Transport{MaxConnsPerHost: 0, MaxIdleConnsPerHost: 4}}}
	go v.server.Serve(l)
	res, err := v.client.PostForm(v.url+"/sign-in", url.Values{"name": {"supervisor"}, "password": {benchPassword}})
	if err != nil {
		return nil, errors.Join(err, v.close())
	}
	defer res.Body.Close()
	if res.Request.URL.Path != "/" {
		return nil, errors.Join(fmt.Errorf("the sign-in ends at %s", res.Request.URL), v.close())
	}
	return v, nil
}

func (v *site) close() error { return v.server.Close() }

// turn asks for a page of the log as a browser does, the whole page to its last byte.
func (v *site) turn(f store.LogFilter) (rows int, next string, err error) {
	q := url.Values{"account": {f.Account}, "reason": {string(f.Reason)}, "county": f.Counties, "after": {f.Cursor}}
	if f.State != nil {
		q.Set("state", f.State.String())
	}
	if f.Group != 0 {
		q.Set("group", fmt.Sprintf("G%07d", f.Group))
	}
	if !f.From.IsZero() {
		q.Set("from", f.From.Format(time.DateOnly))
	}
	if !f.To.IsZero() {
		q.Set("to", f.To.Format(time.DateOnly))
	}
	res, err := v.client.Get(v.url + "/log?" + q.Encode())
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, "", err
	}
	if res.StatusCode != http.StatusOK {
		return 0, "", fmt.Errorf("the page is answered %s", res.Status)
	}
	page := string(b)
	if _, after, ok := strings.Cut(page, "after="); ok {
		next, _, _ = strings.Cut(after, `"`)
		next, _, _ = strings.Cut(next, "&")
	}
	return strings.Count(page, "<tr"), next, nil
}

// consolePages is B7 through the console: a page as a browser gets it, at rest and while lanes write.
func consolePages(ctx context.Context, b *bench) ([]*result, error) {
	n := b.size(1_000_000, 20_000)
	s, v, done, err := b.runningSite(n)
	if err != nil {
		return nil, err
	}
	defer done()
	pages := b.size(500, 60)
	rest := &result{what: "a page of 50 of 1 M through the console, 99th of a hundred", unit: "ms", target: 100, atMost: true, absolute: true,
		note: "Signed in, over a loopback connection, the page read to its last byte; pages of every filter and from anywhere in the log, in turns."}
	if err := b.compare(ctx, rest, func(context.Context, int) (float64, error) { return ninetyNinth(v.turn, pages) }, nil); err != nil {
		return []*result{rest}, err
	}
	busy := &result{what: "the same while ten lanes write", unit: "ms", target: 100, atMost: true, absolute: true, note: "The lanes claim and settle without a wire, as fast as the disk syncs, on the same two cores."}
	err = b.compare(ctx, busy, func(context.Context, int) (float64, error) {
		var p float64
		err := whileWriting(s, logAccounts, func() (err error) { p, err = ninetyNinth(v.turn, pages); return err })
		return p, err
	}, nil)
	return []*result{rest, busy}, err
}

// runningWave makes a ledger with one wave of n groups that runs.
func (b *bench) runningWave(n int) (*store.Store, func(), error) {
	s, done, err := b.ledger(logAccounts, n)
	if err != nil {
		return nil, nil, err
	}
	w, err := openMixed(s, n, n)
	if err == nil {
		err = release(s, w)
	}
	if err != nil {
		done()
		return nil, nil, err
	}
	return s, done, nil
}

// runningSite is the console over such a ledger.
func (b *bench) runningSite(n int) (*store.Store, *site, func(), error) {
	s, done, err := b.runningWave(n)
	if err != nil {
		return nil, nil, nil, err
	}
	v, err := openSite(s)
	if err != nil {
		done()
		return nil, nil, nil, err
	}
	return s, v, func() { v.close(); done() }, nil
}

// watchers is B8's other half: what a hundred people cost the lanes who watch the wave live.
func watchers(ctx context.Context, b *bench) ([]*result, error) {
	s, v, done, err := b.runningSite(b.size(600_000, 20_000))
	if err != nil {
		return nil, err
	}
	defer done()
	rate := &result{what: "deliveries a second of ten lanes while a hundred watch the wave live", unit: "1/s", baseline: "nobody watches", target: 0.95,
		note: "A hundred streams of server-sent events of the page of the day, each read as it comes. The lanes claim and settle without a wire, as fast as the disk syncs: a polite lane has a hundred times that to spare."}
	lasts := time.Duration(b.size(3000, 300)) * time.Millisecond
	err = b.compare(ctx, rate,
		func(ctx context.Context, _ int) (r float64, err error) {
			err = v.watched(ctx, 100, func() (err error) { r, err = laneRate(s, logAccounts, lasts); return err })
			return r, err
		},
		func(context.Context, int) (float64, error) { return laneRate(s, logAccounts, lasts) })
	return []*result{rate}, err
}

// watched does something while so many streams are open and read.
func (v *site) watched(ctx context.Context, streams int, do func() error) error {
	ctx, stop := context.WithCancel(ctx)
	var reading sync.WaitGroup
	defer reading.Wait()
	defer stop()
	begun := make(chan error, streams)
	for range streams {
		reading.Go(func() {
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, v.url+"/live/today", nil)
			if err != nil {
				begun <- err
				return
			}
			res, err := v.client.Do(r)
			if err == nil && res.StatusCode != http.StatusOK {
				err = fmt.Errorf("the stream is answered %s", res.Status)
			}
			begun <- err
			if err != nil {
				return
			}
			defer res.Body.Close()
			for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			}
		})
	}
	for range streams {
		if err := <-begun; err != nil {
			return err
		}
	}
	return do()
}

// laneRate answers how many deliveries a second lanes claim and settle.
func laneRate(s *store.Store, accounts int, lasts time.Duration) (float64, error) {
	var sent atomic.Int64
	var writing sync.WaitGroup
	failed := make(chan error, accounts)
	end := time.Now().Add(lasts)
	for i := range accounts {
		writing.Go(func() {
			for time.Now().Before(end) {
				found, _, err := sendOne(s, accountName(i))
				if err == nil && !found {
					err = fmt.Errorf("%w: %s ran out of deliveries", errVoid, accountName(i))
				}
				if err != nil {
					failed <- err
					return
				}
				sent.Add(1)
			}
		})
	}
	writing.Wait()
	select {
	case err := <-failed:
		return 0, err
	default:
		return float64(sent.Load()) / lasts.Seconds(), nil
	}
}
