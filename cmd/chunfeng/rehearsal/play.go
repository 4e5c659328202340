package rehearsal

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"chunfeng/bot"
	"chunfeng/bot/signup"
	"chunfeng/bot/wxsim"
	"chunfeng/broadcast"
	"chunfeng/store"
	"chunfeng/templates"
)

// Horizon is how long after its time a wave may take in a rehearsal: longer than the seven and a half days that 2,971
// messages of one account take at 400 a day, twice over.
const Horizon = 21 * 24 * time.Hour

// stuck is how long nothing may go out while broadcasts may, until a wave is taken to be stuck: three days of the default
// quiet hours, longer than the longest cool-down and than a day's limit can hold it.
const stuck = 36 * time.Hour

// look is how often the rehearsal looks at how far the wave is; figures in minutes come from it.
const look = time.Minute

// show is one seed while it plays.
type show struct {
	st       *Stage
	sim      *wxsim.Sim
	store    *store.Store
	planner  *broadcast.Planner
	lanes    *broadcast.Dispatcher
	calendar broadcast.Quiet
	away     time.Duration
	accounts map[string]*bot.Account

	mu      sync.Mutex
	out     Outcome
	scanned map[string]bool // somebody is on the way to the phone
	minutes map[string]map[string]int
}

// play plays one seed. It must be called in a synctest bubble; when it answers, nothing of it runs any more.
func play(st *Stage, m Model, seed uint64) (Outcome, error) {
	dir, err := st.copyBase(seed)
	if err != nil {
		return Outcome{}, err
	}
	defer os.RemoveAll(dir)
	// The accounts have an hour to log in and to find their groups, as they did long before in reality.
	time.Sleep(time.Until(st.Now.Add(-time.Hour)))
	s, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		return Outcome{}, err
	}
	defer s.Close()
	if s.Disarmed() != nil {
		if err := s.Arm(who); err != nil {
			return Outcome{}, err
		}
	}
	w := &show{st: st, store: s, accounts: map[string]*bot.Account{}, scanned: map[string]bool{}, minutes: map[string]map[string]int{}}
	w.out.Model, w.out.Seed = m, seed
	if err := w.dress(m, seed); err != nil {
		return w.out, err
	}
	defer w.sim.Close()
	err = w.run()
	return w.out, err
}

// dress puts WeChat and its groups on the stage, and the planner that the installation has.
func (w *show) dress(m Model, seed uint64) error {
	rng := rand.New(rand.NewPCG(seed, 11))
	t := m.spell(w.st, rng)
	w.away = t.away
	w.sim = wxsim.New(wxsim.Options{Seed: seed, ScanDelay: time.Second, Hold: 35 * time.Second})
	for _, a := range w.st.Accounts {
		w.sim.AddAccount(a.Name, wxsim.AccountOptions{})
	}
	for _, g := range w.st.Groups {
		room := w.sim.AddGroup(wxsim.GroupOptions{ID: g.Code, Name: g.Name, Count: g.People})
		for _, a := range g.Accounts {
			room.Join(w.sim.Account(a), true)
		}
	}
	if err := w.sim.ParseFaults(t.faults); err != nil {
		return err
	}
	w.sim.OnPost(residents(rng, t.replies))
	zone, err := time.LoadLocation(w.st.Settings.Zone)
	if err != nil {
		return err
	}
	c := w.st.Settings
	c.Pacing.Zone = zone
	quiet, err := broadcast.ParseQuiet(c.QuietHours, zone)
	if err != nil {
		return err
	}
	var own fs.FS
	if _, err := os.Stat(filepath.Join(w.st.Dir, "templates")); err == nil {
		own = os.DirFS(filepath.Join(w.st.Dir, "templates"))
	}
	set, err := templates.Load(own)
	if err != nil {
		return err
	}
	w.planner = &broadcast.Planner{
		Store: w.store, Templates: func() (*templates.Set, error) { return set, nil }, Kept: c.Kept, Zone: zone, Pacing: c.Pacing,
		Quiet: quiet.On(c.QuietDays...), GroupDaily: c.GroupDaily, Posters: broadcast.NewPosters(32 << 20),
	}
	w.calendar, err = w.planner.Calendar()
	return err
}

// residents answer a post now and then with a number, as the campaign asks them to. The numbers are invented.
func residents(rng *rand.Rand, share float64) func(wxsim.Arrival) []wxsim.Saying {
	var mu sync.Mutex
	return func(post wxsim.Arrival) []wxsim.Saying {
		mu.Lock()
		defer mu.Unlock()
		if post.Group == "" || post.Kind != "text" || rng.Float64() >= share {
			return nil
		}
		number := fmt.Sprintf("139%08d", rng.IntN(100_000_000))
		return []wxsim.Saying{{After: time.Duration(5+rng.IntN(600)) * time.Second, Text: number + " 报名"}}
	}
}

// run has the accounts log in, queues the wave at its moment, and watches it to its end.
func (w *show) run() error {
	ctx, cancel := context.WithCancel(context.Background())
	c := w.st.Settings
	set, err := w.planner.Templates()
	if err != nil {
		cancel()
		return err
	}
	registrar, err := signup.NewRegistrar(signup.Options{
		Store: w.store, Templates: func() *templates.Set { return set }, Acknowledge: signup.Acknowledge(c.Acknowledge), Kept: c.Kept,
		Gap: c.AnswersGap, PerHour: c.AnswersAnHour, Zone: w.planner.Zone, Log: zerolog.Nop(),
	})
	if err != nil {
		cancel()
		return err
	}
	w.lanes = broadcast.New(broadcast.Options{Store: w.store, Planner: w.planner, ConfirmAfter: c.Confirm, Answers: broadcast.PoliteAnswers()})
	var work sync.WaitGroup
	for _, a := range w.st.Accounts {
		account := bot.New(bot.Options{
			Account: a.Name, Store: w.store, Transport: w.sim.Transport(), Log: zerolog.Nop(), Events: w.heard,
			Notice:   min(store.NoticeWithin, c.Confirm),
			TooOften: w.lanes.TooOften,
		})
		w.mu.Lock()
		w.accounts[a.Name] = account
		w.mu.Unlock()
		if err := w.lanes.Add(a.Name, account.Sender()); err != nil {
			cancel()
			work.Wait()
			return err
		}
		work.Go(func() { _ = account.Run(ctx) })
		time.Sleep(3 * time.Second) // as a daemon starts them: one after the other
	}
	w.lanes.Start()
	work.Go(func() { _ = registrar.Run(ctx) })
	err = w.watch()
	stop, done := context.WithTimeout(ctx, time.Minute)
	if e := w.lanes.Stop(stop); err == nil {
		err = e
	}
	done()
	cancel()
	work.Wait()
	if err != nil {
		return err
	}
	return w.count()
}

// watch queues the wave and looks at it until it is over.
func (w *show) watch() error {
	time.Sleep(time.Until(w.st.Now))
	q, err := w.planner.Queue(broadcast.Order{Plan: w.st.Plan, At: w.st.At}, who)
	if err != nil {
		return err
	}
	wave, err := w.store.ApproveWave(q.Wave.ID, q.Wave.Hash, who, false)
	if err != nil {
		return err
	}
	var resume time.Time
	still, sent := time.Duration(0), 0
	for end := w.st.At.Add(Horizon); time.Now().Before(end); time.Sleep(look) {
		if wave, err = w.store.Wave(wave.ID); err != nil {
			return err
		}
		switch wave.State {
		case store.WaveFinished, store.WaveFailures, store.WaveCancelled:
			w.out.Over = wave.State != store.WaveCancelled
			return nil
		case store.WaveDraft:
			return fmt.Errorf("the wave fell back to a draft: %s", wave.Why)
		case store.WavePaused:
			if resume.IsZero() {
				resume = w.somebody()
			} else if !time.Now().Before(resume) {
				if _, err := w.lanes.Resume(wave.ID, who); err != nil {
					return err
				}
				w.out.Resumed++
				resume = time.Time{}
			}
		}
		w.tick()
		if n := len(w.sim.ArrivalsSince(sent)); n > 0 {
			still, sent = 0, sent+n
		} else if now := time.Now(); now.After(w.st.At) && w.calendar.Open(now).Equal(now) {
			if still += look; still >= stuck {
				return nil // what still waits belongs to accounts that nobody can bring back
			}
		}
	}
	return nil
}

// tick notes what each lane does, and has somebody look after accounts that stopped.
func (w *show) tick() {
	states := w.lanes.Statuses()
	w.mu.Lock()
	defer w.mu.Unlock()
	for name, s := range states {
		if time.Now().Before(w.st.At) {
			break
		}
		if w.minutes[name] == nil {
			w.minutes[name] = map[string]int{}
		}
		key := string(s.State)
		if s.State == broadcast.LaneWaiting && s.For != broadcast.WaitNothing {
			key = string(s.For)
		}
		w.minutes[name][key] += int(look / time.Minute)
	}
	for name := range w.accounts {
		if a, err := w.store.Account(name); err == nil && a.State == store.AccountStopped && !w.scanned[name] {
			w.scanned[name] = true
			time.AfterFunc(time.Until(w.somebody()), func() { w.restart(name) })
		}
	}
}

// count reads from the ledger and from the witness what became of the wave.
func (w *show) count() error {
	waves, err := w.store.Waves(false)
	if err != nil || len(waves) == 0 {
		return err
	}
	wave := waves[0]
	w.out.Tally, w.out.Lost = wave.Counts, map[string]int{}
	got := map[string]int{} // by attempt
	for _, a := range w.sim.Arrivals() {
		got[a.ClientMsgID]++
	}
	shares := map[string]*Share{}
	for f := (store.Filter{Limit: 1000, Start: true}); ; f.Start = false {
		page, err := w.store.Deliveries(wave.Number, f)
		if err != nil {
			return err
		}
		for _, d := range page.Deliveries {
			arrived := 0
			for _, a := range d.Attempts {
				arrived += got[fmt.Sprint(a.ClientID)]
				if w.out.First.IsZero() || a.At.Before(w.out.First) {
					w.out.First = a.At
				}
				s := shares[a.Account]
				if s == nil {
					s = &Share{Account: a.Account, Minutes: w.minutes[a.Account]}
					shares[a.Account] = s
				}
				s.Messages++
				if a.At.After(s.Last) {
					s.Last = a.At
				}
				if a.At.After(w.out.Last) {
					w.out.Last = a.At
				}
			}
			if arrived > 1 {
				w.out.Twice++
			}
			switch d.State {
			case store.Sent, store.Accepted:
			case store.Unknown:
				w.out.Arrived += min(arrived, 1)
				fallthrough
			default:
				w.out.Lost[strings.TrimSuffix(d.State.String()+"."+string(d.Reason), ".")]++
			}
		}
		if !page.More {
			break
		}
		f.After = page.Next
	}
	for _, a := range w.st.Accounts {
		if s := shares[a.Name]; s != nil {
			w.out.Accounts = append(w.out.Accounts, *s)
		}
	}
	return nil
}
