package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/config"
	"chunfeng/examples"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// The two people of the demonstration, invented: who queues a wave and who approves it.
const (
	demoClerk    = "kim-sonhui"
	demoApprover = "li-weidong"
)

// demoOptions are the flags of the demonstration.
type demoOptions struct {
	groups, accounts int
	seed             uint64
	stay, quiet      bool
	keep             bool // the data folder was named: it stays
}

func (c *cli) demoCommand() *cobra.Command {
	o := demoOptions{}
	cmd := c.command("demo", "demo", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		if o.accounts < 1 || o.accounts > 99 || o.groups < o.accounts || o.groups > examples.Groups {
			return words.Refuse("demo.size", examples.Groups).Of(words.Usage)
		}
		o.keep = cmd.Flag("data").Changed
		return c.demo(cmd.Context(), o)
	})
	f := cmd.Flags()
	f.IntVar(&o.groups, "groups", examples.Groups, c.say("flag_demo_groups"))
	f.IntVar(&o.accounts, "accounts", examples.Accounts, c.say("flag_demo_accounts"))
	f.Uint64Var(&o.seed, "seed", 1, c.say("flag_demo_seed"))
	f.BoolVar(&o.stay, "stay", false, c.say("flag_demo_stay"))
	f.BoolVar(&o.quiet, "quiet", false, c.say("flag_demo_quiet"))
	return cmd
}

// demonstration is a whole season on this machine: the program as it is, against a world that answers back.
type demonstration struct {
	c      *cli
	o      demoOptions
	screen *screen
	world  *world
	app    *App
	clerk  *client
	second *client
	began  time.Time
	step   time.Time
}

// demo runs the season and ends with an error when the witness disagrees with the ledger.
func (c *cli) demo(ctx context.Context, o demoOptions) (err error) {
	dir, err := os.MkdirTemp("", "chunfeng-demo-")
	if err != nil {
		return err
	}
	if o.keep {
		os.Remove(dir)
		dir = c.data
		if _, err := os.Stat(filepath.Join(dir, store.DatabaseFile)); err == nil {
			return words.Refuse("demo.not_empty", dir)
		}
	} else {
		defer os.RemoveAll(dir)
	}
	d := &demonstration{c: c, o: o, screen: &screen{out: c.out, live: c.terminal && !o.quiet, quiet: o.quiet}, began: time.Now(), step: time.Now()}
	if d.world, err = newWorld(o.groups, o.accounts, o.seed); err != nil {
		return err
	}
	defer d.world.close()
	log, closeLog, err := demoLog(dir)
	if err != nil {
		return err
	}
	defer closeLog()
	if d.app, err = New(Options{Settings: d.settings(), Data: dir, Log: log}); err != nil {
		return err
	}
	d.world.vacancy = func(code string) (store.Vacancy, bool) {
		v, err := d.app.store.Vacancy(code)
		return v, err == nil
	}
	if err := d.app.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	defer func() {
		stop, cancel := context.WithTimeout(context.Background(), stopGrace)
		defer cancel()
		if e := d.app.Stop(stop); err == nil {
			err = e
		}
	}()
	as := func(user string) *client {
		return &client{http: &http.Client{Transport: inProcess{d.app.Handler()}}, lang: c.lang, user: user, daemon: true, done: func() error { return nil }}
	}
	d.clerk, d.second = as(demoClerk), as(demoApprover)
	return d.season(ctx)
}

// settings are those of a fresh installation but for the gateway, which is the simulator, and for everything that waits:
// a demonstration at the polite pace would take days, and the summary says how many.
func (d *demonstration) settings() config.Options {
	listen := ""
	if d.o.stay {
		listen = demoListen()
	}
	return config.Options{Env: []string{
		"CHUNFENG_WECHAT__GATEWAY=" + d.world.url, "CHUNFENG_LISTEN=" + listen, "CHUNFENG_QUIET_HOURS=", "CHUNFENG_GROUP_DAILY_LIMIT=0",
		"CHUNFENG_PACING__TEXT__EVERY=100ms", "CHUNFENG_PACING__TEXT__SPREAD=0s", "CHUNFENG_PACING__TEXT__PER_MINUTE=0",
		"CHUNFENG_PACING__TEXT__PER_HOUR=0", "CHUNFENG_PACING__TEXT__PER_DAY=0",
		"CHUNFENG_PACING__MEDIA__EVERY=0s", "CHUNFENG_PACING__MEDIA__SPREAD=0s", "CHUNFENG_PACING__MEDIA__PER_HOUR=0",
		"CHUNFENG_PACING__MEDIA__PER_DAY=0", "CHUNFENG_PACING__COOLDOWN=2s,4s",
		"CHUNFENG_CONSOLE__SECOND_FACTOR=off", // who looks at a demonstration has no telephone set up for it
		"CHUNFENG_WAVE__HOLD=1s", "CHUNFENG_WAVE__CONFIRM_AFTER=200ms",
	}}
}

// demoLog keeps what the daemon says in a file beside its data.
func demoLog(dir string) (zerolog.Logger, func() error, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return zerolog.Logger{}, nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, "chunfeng.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return zerolog.Logger{}, nil, err
	}
	return zerolog.New(f).With().Timestamp().Logger(), f.Close, nil
}

// say says one of the demonstration's sentences.
func (d *demonstration) say(key string, args ...any) string {
	return words.Say(d.c.lang, "demo."+key, args...)
}

// done tells that a step is over and how long it took.
func (d *demonstration) done(key string, args ...any) {
	d.screen.line("✓ %s  (%s)", d.say(key, args...), time.Since(d.step).Round(10*time.Millisecond))
	d.step = time.Now()
}

func (d *demonstration) season(ctx context.Context) error {
	d.screen.line("%s", d.say("title", len(d.world.groups), d.o.accounts, d.o.seed))
	steps := []func(context.Context) error{
		d.people, d.registry, d.logins, d.pairTwins,
		func(ctx context.Context) error {
			return d.wave(ctx, 1, examples.Batch1, examples.Batch1Employers, examples.Batch1Vacancies)
		},
		func(ctx context.Context) error {
			return d.wave(ctx, 2, examples.Batch2, examples.Batch2Employers, examples.Batch2Vacancies)
		},
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return d.summary(ctx)
}

// registry imports the groups and adds the accounts, as a clerk would.
func (d *demonstration) registry(ctx context.Context) error {
	var v api.GroupsImported
	if err := d.clerk.post(ctx, "/v1/groups", url.Values{"name": {examples.Registry}}, d.world.registry(), &v); err != nil {
		return err
	}
	for i := range d.o.accounts {
		if err := d.clerk.post(ctx, "/v1/accounts", nil, map[string]string{"name": accountName(i)}, nil); err != nil {
			return err
		}
	}
	d.done("registry", v.Added, d.o.accounts)
	return nil
}

// logins has each telephone scan the code of its own account, and waits until the groups are bound.
func (d *demonstration) logins(ctx context.Context) error {
	scanned := map[string]bool{}
	err := d.until(ctx, 30*time.Second, "logins", func() (bool, error) {
		for i := range d.o.accounts {
			name := accountName(i)
			if scanned[name] {
				continue
			}
			if code, ok := d.app.code(name); ok {
				uuid := code.Link[strings.LastIndex(code.Link, "/")+1:]
				if err := d.world.sim.Account(name).ScanAndConfirm(uuid); err == nil {
					scanned[name] = true
				}
			}
		}
		online, _, err := d.bound(ctx)
		return online == d.o.accounts, err
	})
	if err != nil {
		return err
	}
	d.done("logged_in", d.o.accounts)
	settled, last := time.Now(), -1
	err = d.until(ctx, 30*time.Second, "binding", func() (bool, error) {
		_, bound, err := d.bound(ctx)
		if bound != last {
			last, settled = bound, time.Now()
		}
		d.screen.show([]bar{{name: d.say("bound_bar"), done: bound, total: len(d.world.groups)}})
		return bound == len(d.world.groups) || bound > 0 && time.Since(settled) > 1500*time.Millisecond, err
	})
	d.done("bound", last, len(d.world.groups)-last)
	return err
}

// bound counts the accounts that are online and the groups that are bound.
func (d *demonstration) bound(ctx context.Context) (online, bound int, err error) {
	var all []api.Account
	if err := d.clerk.get(ctx, "/v1/accounts", nil, &all); err != nil {
		return 0, 0, err
	}
	for _, a := range all {
		if a.State == store.AccountOnline || a.State == store.AccountCooling {
			online++
		}
		bound += a.Groups
	}
	return online, bound, nil
}

// pairTwins posts the pairing phrases from the telephone into the two groups of one name: the proof that names cannot
// give.
func (d *demonstration) pairTwins(ctx context.Context) error {
	paired := 0
	for _, g := range d.world.groups {
		var detail api.GroupDetail
		same := 0
		for _, o := range d.world.groups {
			if o.Name == g.Name && o.Account == g.Account {
				same++
			}
		}
		if same < 2 {
			continue
		}
		if err := d.clerk.get(ctx, "/v1/groups/"+url.PathEscape(g.Code), nil, &detail); err != nil {
			return err
		}
		if err := d.world.sim.Account(g.Account).PhoneSays(d.world.sim.Group(g.Code), "绑定 "+detail.Pairing); err != nil {
			return err
		}
		paired++
	}
	_, before, err := d.bound(ctx)
	if err != nil {
		return err
	}
	err = d.until(ctx, 20*time.Second, "pairing", func() (bool, error) {
		_, now, err := d.bound(ctx)
		return now == len(d.world.groups) || now >= before+paired, err
	})
	d.done("paired", paired)
	return err
}

// wave reads, checks, imports, plans, queues, approves and sends one batch, with the troubles of its part of the season.
func (d *demonstration) wave(ctx context.Context, n int, file string, employers, vacancies int) error {
	data, err := examples.FS.ReadFile(file)
	if err != nil {
		return err
	}
	var read api.CheckReport
	if err := d.clerk.post(ctx, "/v1/batches/read", url.Values{"name": {file}}, data, &read); err != nil {
		return err
	}
	var batch api.Batch
	totals := url.Values{"name": {file}, "title": {d.say("batch_title", n)}, "employers": {fmt.Sprint(employers)}, "vacancies": {fmt.Sprint(vacancies)}}
	if err := d.clerk.post(ctx, "/v1/batches", totals, data, &batch); err != nil {
		return err
	}
	d.done("batch", batch.ID, batch.Employers, batch.Vacancies, len(read.Doubts))
	if err := d.second.post(ctx, "/v1/batches/"+batch.ID+"/approve", nil, nil, nil); err != nil {
		return err
	}
	if err := d.world.prepare(n); err != nil {
		return err
	}
	var queued api.Wave
	if err := d.clerk.post(ctx, "/v1/waves", nil, map[string]any{"batch": batch.ID}, &queued); err != nil {
		return err
	}
	if err := d.second.post(ctx, "/v1/waves/"+queued.ID+"/approve", nil, map[string]string{"hash": queued.Hash}, nil); err != nil {
		return err
	}
	d.done("approved", queued.ID, demoClerk, demoApprover, queued.Hash[:12])
	return d.send(ctx, n, queued.ID)
}

// send watches a wave go out while the season's ordinary troubles happen.
func (d *demonstration) send(ctx context.Context, n int, id string) error {
	troubles := d.troubles(n)
	meter := newMeter()
	var w store.Wave
	err := d.until(ctx, 90*time.Second, "wave", func() (bool, error) {
		var err error
		if w, err = d.app.store.Wave(id); err != nil {
			return false, err
		}
		lanes, err := d.app.store.Lanes(w.Number)
		if err != nil {
			return false, err
		}
		bars := meter.bars(d.say("all"), lanes, d.laneNotes(ctx))
		if len(bars) > 0 {
			for len(troubles) > 0 && bars[0].share() >= troubles[0].at {
				troubles[0].strike()
				d.screen.line("! %s", troubles[0].what)
				troubles = troubles[1:]
			}
		}
		d.screen.show(bars)
		return w.State == store.WaveFinished || w.State == store.WaveFailures, nil
	})
	if err != nil {
		return err
	}
	d.done("sent", id, w.Counts[store.Sent], w.Total, words.T("state."+string(w.State)))
	err = d.until(ctx, 20*time.Second, "replies", func() (bool, error) { return d.quiet() })
	if err != nil {
		return err
	}
	d.done("replies", len(d.world.heard()))
	return nil
}

// laneNotes says of the accounts that do not send why.
func (d *demonstration) laneNotes(ctx context.Context) map[string]string {
	notes := map[string]string{}
	var all []api.Account
	if err := d.clerk.get(ctx, "/v1/accounts", nil, &all); err != nil {
		return notes
	}
	for _, a := range all {
		if a.State != store.AccountOnline {
			notes[a.Name] = words.Say(d.c.lang, "state."+string(a.State))
		}
	}
	return notes
}

// quiet tells whether everything that residents said was taken and dealt with, and every answer to it is out.
func (d *demonstration) quiet() (bool, error) {
	if time.Since(d.world.lastSaid()) < 1500*time.Millisecond {
		return false, nil
	}
	inbox, err := d.app.store.NextReplies(store.ForRegistrar, "", 0, 1)
	if err != nil || len(inbox) > 0 {
		return false, err
	}
	answers, err := d.app.store.WaveNumber(store.Answers)
	return answers.Counts.Open() == 0, err
}

// until asks again and again until it is so, or the time is over.
func (d *demonstration) until(ctx context.Context, limit time.Duration, what string, so func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		ok, err := so()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			if context.Cause(ctx) == context.DeadlineExceeded {
				return words.Refuse("demo.too_slow", words.T("demo.wait_"+what), limit.String())
			}
			return context.Cause(ctx)
		case <-time.After(100 * time.Millisecond):
		}
	}
}
