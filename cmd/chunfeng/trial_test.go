package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"chunfeng/bot"
	"chunfeng/bot/phone"
	"chunfeng/bot/wxsim"
	"chunfeng/broadcast"
	"chunfeng/config"
	"chunfeng/store"
)

// trial is a bureau on virtual time: the program as main puts it together, but for its sockets, over a real ledger; the
// simulator in memory on the other side of the real WeChat client; residents who answer; and people with the telephones
// in their hands. It must live in a testing/synctest bubble.
type trial struct {
	t    *testing.T
	o    trialOptions
	dir  string
	sim  *wxsim.Sim
	app  *App
	d    *broadcast.Dispatcher
	work sync.WaitGroup
	end  context.CancelFunc

	batch string
	gaps0 int  // gaps when the wave began
	late  bool // sends reach the simulator later than they were sent

	mu      sync.Mutex
	wave    []string        // ids, in the order in which they were asked for
	did     map[string]bool // what accounts and waves did since forget
	asked   map[string]int  // log-ins by what was asked of the telephone
	said    []expectation
	people  int
	replied map[string]int // by group: how often its residents answered
}

type trialOptions struct {
	accounts, groups int
	sim              wxsim.Options
	env              []string
	name             func(i int) string // of groups
	plan             store.Plan
	scan             time.Duration // how long people take to scan; 5 s when zero
	deaf             bool          // residents do not answer
}

func newTrial(t *testing.T, o trialOptions) *trial {
	t.Helper()
	if o.name == nil {
		o.name = func(i int) string { return fmt.Sprintf("연변 취업 %04d", i) }
	}
	if o.scan == 0 {
		o.scan = 5 * time.Second
	}
	tr := &trial{t: t, o: o, dir: t.TempDir(), sim: wxsim.New(o.sim), did: map[string]bool{}, asked: map[string]int{}, replied: map[string]int{}}
	t.Cleanup(tr.sim.Close)
	for i := range o.accounts {
		tr.sim.AddAccount(accountName(i), wxsim.AccountOptions{Host: []string{"wx.qq.com", "wx2.qq.com"}[i%2]})
	}
	tr.open()
	t.Cleanup(func() { tr.stop() })
	tr.must(tr.register())
	tr.sim.OnPost(tr.answer)
	return tr
}

func (tr *trial) must(err error) {
	tr.t.Helper()
	if err != nil {
		tr.t.Fatal(err)
	}
}

// open opens the ledger with the configuration of a real bureau, and what the test changes of it.
func (tr *trial) open() {
	tr.t.Helper()
	log := zerolog.Nop()
	if os.Getenv("CHUNFENG_TEST_LOG") != "" {
		log = zerolog.New(zerolog.ConsoleWriter{Out: os.Stderr, NoColor: true, PartsExclude: []string{"time"}}).Hook(virtual{})
	}
	app, err := New(Options{Settings: config.Options{Env: tr.o.env}, Data: tr.dir, Log: log})
	tr.must(err)
	tr.app = app
}

// virtual writes the bubble's time into a log.
type virtual struct{}

func (virtual) Run(e *zerolog.Event, _ zerolog.Level, _ string) {
	e.Str("at", time.Now().UTC().Add(8*time.Hour).Format("02 15:04:05"))
}

// register puts the groups, the accounts and a batch into the ledger and into the simulator.
func (tr *trial) register() error {
	var list []store.Group
	for i := range tr.o.groups {
		g := store.Group{Code: fmt.Sprintf("G%04d", i), Name: tr.o.name(i), County: "yanji", Language: []string{"ko", "zh", "both"}[i%3], Account: accountName(i % tr.o.accounts)}
		list = append(list, g)
		tr.sim.AddGroup(wxsim.GroupOptions{ID: g.Code, Name: g.Name, Count: 20 + i%30}).Join(tr.sim.Account(g.Account), true)
	}
	for i := range tr.o.accounts {
		if _, err := tr.app.store.AddAccount(accountName(i), "", "kim"); err != nil {
			return err
		}
	}
	if _, err := tr.app.store.PutGroups(list, "kim"); err != nil {
		return err
	}
	employer, err := phone.Parse("0433-2512345")
	if err != nil {
		return err
	}
	var posts []store.Vacancy
	for _, post := range []string{"服务员", "厨师", "司机"} {
		posts = append(posts, store.Vacancy{
			Employer: store.Both{Zh: "长白山梨园饭店", Ko: "장백산리원식당"}, Post: store.Both{Zh: post, Ko: post}, Headcount: 2,
			Pay: store.Pay{Min: 4000, Max: 5000, Unit: store.PayMonth}, Phones: []phone.Number{employer},
		})
	}
	b, _, err := tr.app.store.AddBatch(store.Batch{Name: "봄", FileHash: "f", Employers: 1}, posts, "kim")
	if err == nil {
		_, err = tr.app.store.ApproveBatch(b.ID, "li")
	}
	tr.batch = b.ID
	return err
}

// start has everything work: lanes, registrar, accounts, and the people.
func (tr *trial) start() {
	tr.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	tr.end = cancel
	planner, err := tr.app.planner()
	tr.must(err)
	registrar, err := tr.app.registrar()
	tr.must(err)
	o := tr.app.dispatch(planner)
	o.Event = func(e broadcast.Event) {
		tr.note(e.What.Key)
		tr.app.told(e)
	}
	tr.d = broadcast.New(o)
	tr.app.mu.Lock()
	tr.app.live = &live{shift: &shift{dispatcher: tr.d}, crew: &crew{app: tr.app, members: map[string]*member{}}}
	tr.app.mu.Unlock()
	for i := range tr.o.accounts {
		name := accountName(i)
		o := tr.app.botOptions(name)
		o.Transport = tr.sim.Transport()
		logged := o.Events
		var account *bot.Account
		o.Events = func(e bot.Event) {
			logged(e)
			tr.event(ctx, account, e)
		}
		account = bot.New(o)
		tr.app.mu.Lock()
		tr.app.live.crew.members[name] = &member{account: account}
		tr.app.mu.Unlock()
		tr.must(tr.d.Add(name, account.Sender()))
		tr.work.Go(func() {
			if err := account.Run(ctx); err != nil {
				tr.t.Errorf("%s: %v", name, err)
			}
		})
	}
	tr.d.Start()
	tr.work.Go(func() {
		if err := registrar.Run(ctx); err != nil && ctx.Err() == nil {
			tr.t.Error(err)
		}
	})
}

// event is what people with the telephone do.
func (tr *trial) event(ctx context.Context, a *bot.Account, e bot.Event) {
	tr.note(string(e.Kind))
	me := tr.sim.Account(e.Account)
	after := func(d time.Duration, do func()) {
		tr.work.Go(func() {
			if sleep(ctx, d); ctx.Err() == nil {
				do()
			}
		})
	}
	switch e.Kind {
	case bot.ShowCode:
		after(tr.o.scan, func() {
			if link, _, _, ok := a.QR(); ok && me.Scan(link[strings.LastIndex(link, "/")+1:]) == nil {
				after(2*time.Second, func() { _ = me.Confirm() })
			}
		})
	case bot.ConfirmPhone:
		after(tr.o.scan, func() { _ = me.Confirm() })
	case bot.Silent:
		after(5*time.Minute, me.Touch)
	}
}

// note remembers what was done.
func (tr *trial) note(what string) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.did[what] = true
	tr.asked[what]++
}

// forget has note begin anew.
func (tr *trial) forget() {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	clear(tr.did)
	gaps, err := tr.app.store.Gaps(false)
	tr.must(err)
	tr.gaps0 = len(gaps)
}

// stop ends what works, as a daemon does, and closes the ledger.
func (tr *trial) stop() {
	if tr.app == nil {
		return
	}
	if tr.d != nil {
		if err := tr.d.Stop(context.Background()); err != nil {
			tr.t.Error(err)
		}
		tr.end()
		tr.work.Wait()
		tr.d = nil
	}
	if err := tr.app.Close(); err != nil {
		tr.t.Error(err)
	}
	tr.app = nil
}

// restart ends the program, leaves it off for a while, and starts it again.
func (tr *trial) restart(off time.Duration) {
	tr.stop()
	time.Sleep(off)
	tr.open()
	tr.start()
}

// until waits on virtual time.
func (tr *trial) until(what string, most time.Duration, so func() bool) {
	tr.t.Helper()
	for end := time.Now().Add(most); !so(); {
		if time.Now().After(end) {
			for _, w := range tr.waves() {
				tr.t.Logf("wave %s is %s (%s): %v", w.ID, w.State, w.Why, w.Counts)
			}
			for i := range tr.o.accounts {
				tr.t.Logf("%s: %+v", accountName(i), tr.app.crewMember(accountName(i)).account.State())
			}
			tr.t.Fatalf("not within %v: %s", most, what)
		}
		time.Sleep(time.Second)
		synctest.Wait()
	}
}

// settled waits until every account is online and knows its groups.
func (tr *trial) settled(most time.Duration) {
	tr.t.Helper()
	tr.until("all accounts online", most, func() bool {
		for i := range tr.o.accounts {
			if v := tr.app.crewMember(accountName(i)).account.State(); v.State != store.AccountOnline || !v.Settled {
				return false
			}
		}
		return true
	})
}

// push asks for a wave to all groups, and approves it as a second person.
func (tr *trial) push() store.Wave {
	tr.t.Helper()
	p, err := tr.app.planner()
	tr.must(err)
	plan := tr.o.plan
	plan.Batch = tr.batch
	q, err := p.Queue(broadcast.Order{Plan: plan}, "kim")
	tr.must(err)
	w, err := tr.app.store.ApproveWave(q.Wave.ID, q.Wave.Hash, "li", true)
	tr.must(err)
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.wave = append(tr.wave, w.ID)
	return w
}

func (tr *trial) waves() []store.Wave {
	tr.t.Helper()
	all, err := tr.app.store.Waves(false)
	tr.must(err)
	return all
}

// people have the accounts that stopped log in again, and let waves go on that wait because of trouble.
func (tr *trial) relieve() {
	tr.t.Helper()
	all, err := tr.app.store.Accounts()
	tr.must(err)
	for _, a := range all {
		if a.State == store.AccountStopped {
			_, err := tr.app.store.ChangeAccount(a.Name, "kim", "account.resume", func(a *store.Account) error {
				a.State, a.Why = store.AccountOffline, ""
				return nil
			})
			tr.must(err)
		}
	}
	for _, w := range tr.waves() {
		if w.State == store.WavePaused {
			_, err := tr.d.Resume(w.ID, "li")
			tr.must(err)
		}
	}
}

// over tells whether every wave has ended and nothing waits to be confirmed.
func (tr *trial) over() bool {
	for _, w := range tr.waves() {
		if w.State == store.WavePaused {
			tr.note("wave paused")
		}
		if w.Counts.Open() > 0 || w.State != store.WaveFinished && w.State != store.WaveFailures && w.State != store.WaveCancelled {
			return false
		}
	}
	return true
}

// answer is what residents say to a post: every third group signs up, each time with a number of its own.
func (tr *trial) answer(post wxsim.Arrival) []wxsim.Saying {
	var n int
	if _, err := fmt.Sscanf(post.Group, "G%d", &n); err != nil || n%3 != 0 || tr.o.deaf {
		return nil
	}
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if tr.replied[post.Group] >= len(tr.wave) {
		return nil // an acknowledgement, which nobody answers
	}
	tr.replied[post.Group]++
	number := fmt.Sprintf("139%04d%04d", 4000+tr.people/10000, tr.people%10000)
	tr.people++
	after := time.Duration(5+n*7%290) * time.Second
	tr.said = append(tr.said, expectation{id: post.ClientMsgID, group: post.Group, intent: "signup", at: time.Now().Add(after),
		people: []expectedPerson{{phone: "+86" + number, vacancies: []string{"A001"}}}})
	return []wxsim.Saying{{After: after, Text: "报名 A001 " + number}}
}

// account of what happened, held against the laws.
type reckoning struct {
	deliveries, sent, unknown, arrivals, replies, inGap int
	ledger                                              []string // states and reasons of the waves, but for sent
}

// blind says which lies of the server nobody can see through.
type blind bool

// reckon holds the ledger against the witness. Everything must be at rest.
func (tr *trial) reckon(lied blind) (r reckoning) {
	t := tr.t
	t.Helper()
	s := tr.app.store
	c, err := s.Check(t.Context())
	if err != nil || !c.OK {
		t.Errorf("the ledger is broken: %v %v", c.Broken, err)
	}
	arrivals := tr.sim.Arrivals()
	if lied {
		// What the server took and dropped without a word counts as arrived: nobody outside can tell.
		arrivals = append(arrivals, tr.sim.Swallowed()...)
	}
	v, err := judge(s, arrivals)
	tr.must(err)
	tr.mu.Lock()
	said := slices.Clone(tr.said)
	tr.mu.Unlock()
	tr.must(v.listen(s, said, func(code string) bool { return len(tr.sim.Group(code).Accounts()) == 0 }))
	for _, w := range v.wrong {
		t.Error(w)
	}
	if v.missed+v.misread+v.invented > 0 {
		t.Errorf("of %d replies %d are in no sign-up and no gap, %d are misread, %d were never said", v.said, v.missed, v.misread, v.invented)
		for _, e := range said {
			if slices.Contains(v.unheard, e.id) {
				t.Errorf("nobody heard what was said in %s at %s", e.group, e.at.UTC().Format("02 15:04:05.000"))
			}
		}
		gaps, err := s.Gaps(false)
		tr.must(err)
		for _, g := range gaps {
			t.Logf("gap of %s from %s to %s: %d groups (%s)", g.Account, g.From.UTC().Format("02 15:04:05.000"), g.To.UTC().Format("02 15:04:05.000"), len(g.Groups), g.Why)
		}
	}
	times := map[string]int{}
	tr.must(s.EachSignup(func(n store.Signup) bool { times[n.Phone.Reveal()]++; return true }))
	for number, n := range times {
		if n != 1 {
			t.Errorf("one reply became %d sign-ups: …%s", n, number[len(number)-4:])
		}
	}
	seen := map[string]bool{}
	for _, w := range tr.waves() {
		r.deliveries += w.Total
		r.sent += w.Counts[store.Sent]
		r.unknown += w.Counts[store.Unknown]
		for f := (store.Filter{Start: true, Limit: 1000}); ; {
			page, err := s.Deliveries(w.Number, f)
			tr.must(err)
			for _, d := range page.Deliveries {
				if d.State != store.Sent {
					seen[fmt.Sprintf("%s (%s)", d.State, d.Reason)] = true
				}
				for _, a := range d.Attempts {
					if a.Outcome == store.NotSent || a.Outcome == store.TakenBack {
						seen[fmt.Sprintf("tried again (%s)", a.Reason)] = true
					}
				}
			}
			if f.After, f.Start = page.Next, false; !page.More {
				break
			}
		}
	}
	r.arrivals, r.replies, r.inGap = v.arrivals, v.said, v.inGap
	r.ledger = slices.SortedFunc(maps.Keys(seen), cmp.Compare[string])
	for _, a := range tr.sim.Report().Accounts {
		if a.Clashes > 0 || a.Repeated > 0 || a.DeviceChanges > 0 {
			t.Errorf("%s: %d keys with two contents, %d requests with a key that was used, %d changes of device", a.Account, a.Clashes, a.Repeated, a.DeviceChanges)
		}
		if tr.late {
			continue // the simulator counts a send when it looks at it
		}
		if every := tr.app.settings().Text.Every; a.Sends > 1 && a.MinGap < every {
			t.Errorf("%s: two sends within %v, the pause is %v", a.Account, a.MinGap, every)
		}
		if most := tr.app.settings().Text.PerMinute; most > 0 && a.MaxPerMinute > most {
			t.Errorf("%s: %d sends in a minute, at most %d", a.Account, a.MaxPerMinute, most)
		}
	}
	return r
}
