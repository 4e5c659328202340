package broadcast_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
	"chunfeng/store/storetest"
	"chunfeng/templates"
)

// far is the scripted other side of every account's sender: it notes what arrives, and fails as it is told to.
type far struct {
	mu       sync.Mutex
	arrived  []arrival
	recalled map[int64]time.Time
	fail     func(n int, m broadcast.Message) (error, bool) // of the nth call; the bool: it arrives all the same
	takes    time.Duration                                  // how long a send takes
	unready  map[uint32]error
	late     map[uint32]error // of a recall, by group
	down     error            // of every group
	calls    int
	flying   int
	most     int
}

type arrival struct {
	account string
	at      time.Time
	m       broadcast.Message
}

type account struct {
	name string
	far  *far
}

func (a account) Ready(group uint32) error {
	a.far.mu.Lock()
	defer a.far.mu.Unlock()
	if a.far.down != nil {
		return a.far.down
	}
	return a.far.unready[group]
}

func (a account) Send(ctx context.Context, m broadcast.Message) (broadcast.Receipt, error) {
	f := a.far
	f.mu.Lock()
	f.calls++
	n, fail, takes := f.calls, f.fail, f.takes
	f.flying++
	f.most = max(f.most, f.flying)
	f.mu.Unlock()
	defer func() { f.mu.Lock(); f.flying--; f.mu.Unlock() }()
	if takes > 0 {
		select {
		case <-time.After(takes):
		case <-ctx.Done():
			return broadcast.Receipt{}, ctx.Err()
		}
	}
	var err error
	arrives := true
	if fail != nil {
		if err, arrives = fail(n, m); err == nil {
			arrives = true
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if arrives {
		f.arrived = append(f.arrived, arrival{a.name, time.Now(), m})
	}
	return broadcast.Receipt{ServerID: fmt.Sprint(7_000_000_000 + n)}, err
}

func (a account) Recall(_ context.Context, group uint32, clientID int64, _ string) error {
	a.far.mu.Lock()
	defer a.far.mu.Unlock()
	if err := a.far.late[group]; err != nil {
		return err
	}
	if a.far.recalled == nil {
		a.far.recalled = map[int64]time.Time{}
	}
	a.far.recalled[clientID] = time.Now()
	return nil
}

func (f *far) list() []arrival {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.arrived)
}

// open opens a ledger that a test may close before its end.
func open(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.Open(store.Options{Dir: t.TempDir(), MapSize: 1 << 26})
	if err != nil {
		t.Fatal(err)
	}
	tidy(t, s)
	return s
}

// tidy checks and closes a ledger at the test's end, unless it is closed by then.
func tidy(t testing.TB, s *store.Store) {
	t.Cleanup(func() {
		if _, err := s.Batches(); err == nil {
			storetest.Check(t, s)
		}
		s.Close()
	})
}

// world is a ledger with a registry, an approved batch, accounts, and a dispatcher over a scripted far side.
type world struct {
	t       testing.TB
	s       *store.Store
	far     *far
	fars    map[string]*far // accounts with a far side of their own
	p       *broadcast.Planner
	o       broadcast.Options
	d       *broadcast.Dispatcher
	events  []broadcast.Event
	mu      sync.Mutex
	batch   string
	started bool
}

// shanghai is the bureau's zone.
var shanghai = time.FixedZone("CST", 8*3600)

// setup makes a world of groups over accounts. change may adjust the options before the dispatcher is made.
func setup(t testing.TB, accounts, groups int, change func(*world)) *world {
	t.Helper()
	w := &world{t: t, s: open(t), far: &far{}, fars: map[string]*far{}}
	set, err := templates.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range accounts {
		if _, err := w.s.AddAccount(name(i), "", "test"); err != nil {
			t.Fatal(err)
		}
	}
	counties := []string{"yanji", "tumen", "dunhua"}
	var list []store.Group
	for i := range groups {
		g := store.Group{
			Code: fmt.Sprintf("G%05d", i+1), Name: fmt.Sprintf("群 %d", i+1), County: counties[i%3],
			Language: []string{"zh", "ko", "both"}[i%3], Kind: []string{"urban", "rural"}[i%2], Township: "北山街道",
		}
		if i%4 == 0 {
			g.Tags = []string{"food"}
		}
		if accounts > 0 {
			g.Account = name(i % accounts)
		}
		list = append(list, g)
	}
	for part := range slices.Chunk(list, 5000) {
		if _, err := w.s.PutGroups(part, "test"); err != nil {
			t.Fatal(err)
		}
	}
	w.batch = w.addBatch("one", vacancies())
	w.p = &broadcast.Planner{
		Store: w.s, Templates: func() (*templates.Set, error) { return set, nil }, Zone: shanghai,
		Pacing: broadcast.Pacing{Zone: shanghai},
	}
	w.o = broadcast.Options{Store: w.s, Planner: w.p, ConfirmAfter: 10 * time.Second, Event: func(e broadcast.Event) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.events = append(w.events, e)
	}}
	if change != nil {
		change(w)
	}
	w.d = broadcast.New(w.o)
	for i := range accounts {
		f := w.far
		if own := w.fars[name(i)]; own != nil {
			f = own
		}
		if err := w.d.Add(name(i), account{name(i), f}); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { w.stop() })
	return w
}

func name(i int) string { return fmt.Sprintf("a%02d", i+1) }

func vacancies() []store.Vacancy {
	var out []store.Vacancy
	for i := range 12 {
		v := store.Vacancy{
			Employer:  store.Both{Zh: fmt.Sprintf("长白第%d食品厂", i/2), Ko: fmt.Sprintf("장백제%d식품공장", i/2)},
			Post:      store.Both{Zh: "包装工", Ko: "포장공"},
			Headcount: i + 1, Pay: store.Pay{Min: 3000 + 100*i, Max: 4000 + 100*i, Unit: store.PayMonth},
			County: []string{"yanji", "tumen", ""}[i%3],
		}
		if i%2 == 0 {
			v.Tags = []string{"food"}
		}
		out = append(out, v)
	}
	return out
}

// long is vacancies of one county and of all, more than a page holds.
func long(n int) []store.Vacancy {
	out := make([]store.Vacancy, n)
	for i := range out {
		out[i] = vacancies()[i%12]
		out[i].County = []string{"yanji", ""}[i%2]
		out[i].Hours = store.Both{Zh: "每天八小时，每周休息一天", Ko: "하루 8시간, 주 1일 휴식"}
	}
	return out
}

// days puts days into the calendar: "2000-01-04 rest", "2000-01-08 work".
func (w *world) days(list ...string) {
	w.t.Helper()
	var days []store.Day
	for _, one := range list {
		date, what, _ := strings.Cut(one, " ")
		days = append(days, store.Day{Date: date, Rest: what == "rest"})
	}
	if err := w.s.SetDays(days, "kim"); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) addBatch(file string, list []store.Vacancy) string {
	w.t.Helper()
	b, _, err := w.s.AddBatch(store.Batch{Name: "第一批", FileHash: file, Employers: 6}, list, "kim")
	if err == nil {
		_, err = w.s.ApproveBatch(b.ID, "li")
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return b.ID
}

func (w *world) start() {
	w.started = true
	w.d.Start()
}

func (w *world) stop() {
	if w.started {
		w.started = false
		if err := w.d.Stop(context.Background()); err != nil {
			w.t.Error(err)
		}
	}
}

// queue orders a wave and approves it by a second person.
func (w *world) queue(o broadcast.Order) store.Wave {
	w.t.Helper()
	if o.Plan.Batch == "" {
		o.Plan.Batch = w.batch
	}
	q, err := w.p.Queue(o, "kim")
	if err != nil {
		w.t.Fatal(err)
	}
	if o.Cron != "" {
		if _, err := w.s.SetSchedule(q.Schedule.ID, "approved", q.Schedule.Hash, "li"); err != nil {
			w.t.Fatal(err)
		}
		return store.Wave{Schedule: q.Schedule.ID}
	}
	wave, err := w.s.ApproveWave(q.Wave.ID, q.Wave.Hash, "li", true)
	if err != nil {
		w.t.Fatal(err)
	}
	return wave
}

func (w *world) wave(id string) store.Wave {
	w.t.Helper()
	wave, err := w.s.Wave(id)
	if err != nil {
		w.t.Fatal(err)
	}
	return wave
}

// until waits on virtual time until a wave has one of the states, for at most limit.
func (w *world) until(id string, limit time.Duration, states ...store.WaveState) store.Wave {
	w.t.Helper()
	for end := time.Now().Add(limit); ; time.Sleep(time.Second) {
		wave := w.wave(id)
		if slices.Contains(states, wave.State) {
			return wave
		}
		if time.Now().After(end) {
			w.t.Fatalf("wave %s is %s after %v: %v", id, wave.State, limit, wave.Counts)
		}
	}
}

func (w *world) deliveries(wave store.Wave) (out []store.Delivery) {
	w.t.Helper()
	f := store.Filter{Start: true, Limit: 1000}
	for {
		p, err := w.s.Deliveries(wave.Number, f)
		if err != nil {
			w.t.Fatal(err)
		}
		if out = append(out, p.Deliveries...); !p.More {
			return out
		}
		f.Start, f.After = false, p.Next
	}
}

func (w *world) saw(key string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.events, func(e broadcast.Event) bool { return e.What.Key == key })
}

// restart kills the dispatcher and the ledger, and opens both again.
func (w *world) restart() {
	w.t.Helper()
	w.stop()
	dir := w.s.Dir()
	if err := w.s.Close(); err != nil {
		w.t.Fatal(err)
	}
	s, err := store.Open(store.Options{Dir: dir, MapSize: 1 << 26})
	if err != nil {
		w.t.Fatal(err)
	}
	tidy(w.t, s)
	w.s, w.p.Store, w.o.Store = s, s, s
	w.d = broadcast.New(w.o)
	accounts, err := s.Accounts()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, a := range accounts {
		f := w.far
		if own := w.fars[a.Name]; own != nil {
			f = own
		}
		if err := w.d.Add(a.Name, account{a.Name, f}); err != nil {
			w.t.Fatal(err)
		}
	}
}

func contains(s, sub string) bool { return strings.Contains(s, sub) }

func sortTimes(t []time.Time) { slices.SortFunc(t, time.Time.Compare) }

var errLost = errors.New("connection reset")
