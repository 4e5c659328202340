package bot_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"chunfeng/bot"
	"chunfeng/bot/wxsim"
	"chunfeng/broadcast"
	"chunfeng/store"
	"chunfeng/store/storetest"
)

// world is one account, its ledger and the server, in a bubble of virtual time.
type world struct {
	t     *testing.T
	sim   *wxsim.Sim
	phone *wxsim.Account
	store *store.Store
	acct  *bot.Account
	opt   bot.Options

	mu     sync.Mutex
	events []bot.Event

	cancel func()
	done   chan struct{}
}

type setup struct {
	groups int
	sim    wxsim.Options
	opt    bot.Options
	dir    string
	before func(*world)
	manual bool // nothing is started
}

// live runs a test in a bubble.
func live(t *testing.T, o setup, test func(*world)) {
	t.Helper()
	dir := o.dir
	if dir == "" {
		dir = t.TempDir()
	}
	synctest.Test(t, func(t *testing.T) {
		if o.sim.ScanDelay == 0 {
			o.sim.AutoScan = true
		}
		w := &world{t: t, sim: wxsim.New(o.sim), store: storetest.OpenDir(t, dir), opt: o.opt}
		t.Cleanup(w.sim.Close)
		t.Cleanup(w.stop)
		w.phone = w.sim.AddAccount("p1", wxsim.AccountOptions{Nick: "봄바람"})
		var list []store.Group
		for i := range o.groups {
			name := fmt.Sprintf("연변 취업 %04d", i)
			w.sim.AddGroup(wxsim.GroupOptions{ID: gid(i), Name: name, Count: 20 + i%30}).Join(w.phone, true)
			list = append(list, store.Group{Code: gid(i), Name: name, County: "yanji", Language: "ko"})
		}
		if len(list) > 0 {
			if _, err := w.store.PutGroups(list, "test"); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.store.AddAccount("a1", "", "test"); err != nil {
			t.Fatal(err)
		}
		if o.before != nil {
			o.before(w)
		}
		if !o.manual {
			w.start()
		}
		test(w)
	})
}

func (w *world) faults(spec string) {
	w.t.Helper()
	if err := w.sim.ParseFaults(spec); err != nil {
		w.t.Fatal(err)
	}
}

func gid(i int) string { return fmt.Sprintf("G%04d", i) }

func (w *world) start() {
	o := w.opt
	o.Account, o.Store = "a1", w.store
	if o.Transport == nil {
		o.Transport = w.sim.Transport()
	}
	if o.ContactEvery == 0 {
		o.ContactEvery = -1
	}
	if os.Getenv("CHUNFENG_TEST_LOG") != "" {
		o.Log = zerolog.New(zerolog.ConsoleWriter{Out: os.Stderr, NoColor: true}).With().Timestamp().Logger()
	}
	o.Events = func(e bot.Event) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.events = append(w.events, e)
	}
	w.acct = bot.New(o)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	w.cancel, w.done = cancel, done
	go func() {
		defer close(done)
		if err := w.acct.Run(ctx); err != nil {
			w.t.Error(err)
		}
	}()
}

func (w *world) stop() {
	if w.cancel != nil {
		w.cancel()
		<-w.done
		w.cancel = nil
	}
}

// until waits on virtual time.
func (w *world) until(what string, most time.Duration, ok func() bool) {
	w.t.Helper()
	end := time.Now().Add(most)
	for !ok() {
		if time.Now().After(end) {
			w.t.Fatalf("not within %v: %s; state %+v", most, what, w.acct.State())
		}
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
	}
}

func (w *world) settled() {
	w.t.Helper()
	w.until("groups matched", 10*time.Minute, func() bool { return w.acct.State().Settled })
}

func (w *world) count(kind bot.EventKind) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.events {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

func (w *world) group(code string) store.Group {
	w.t.Helper()
	g, err := w.store.Group(code)
	if err != nil {
		w.t.Fatal(err)
	}
	return g
}

func (w *world) binding(code string) store.Binding {
	w.t.Helper()
	b, _, err := w.store.Binding("a1", w.group(code).Number)
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

func (w *world) send(code, text string) (broadcast.Receipt, error) {
	w.t.Helper()
	return w.acct.Sender().Send(context.Background(), broadcast.Message{
		ClientID: time.Now().UnixNano() / 100, Group: w.group(code).Number, Kind: store.Text, Text: text,
	})
}

// replies are the messages that wait for the registrar.
func (w *world) replies() []store.Reply {
	w.t.Helper()
	list, err := w.store.NextReplies(store.ForRegistrar, "", 0, 10000)
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

func TestScanBindSendHear(t *testing.T) {
	live(t, setup{groups: 30}, func(w *world) {
		w.until("a QR code", time.Minute, func() bool { _, png, _, ok := w.acct.QR(); return ok && len(png) > 100 })
		w.settled()
		if _, _, _, ok := w.acct.QR(); ok {
			t.Error("a QR code is still shown")
		}
		if got := w.acct.State(); got.State != store.AccountOnline || got.Bound != 30 || got.Quarantined != 0 {
			t.Fatalf("state %+v", got)
		}
		for i := range 30 {
			r, err := w.send(gid(i), fmt.Sprintf("<b> & 용접공 %d", i))
			if err != nil || r.ServerID == "" {
				t.Fatal(r, err)
			}
		}
		got := w.sim.Arrivals()
		if len(got) != 30 {
			t.Fatalf("%d arrivals", len(got))
		}
		for i, a := range got {
			if a.Group != gid(i) || a.Text != fmt.Sprintf("<b> & 용접공 %d", i) {
				t.Errorf("arrival %d: %+v", i, a)
			}
		}
		w.sim.Group(gid(3)).Says("", "A017 13800138000")
		w.until("a reply", time.Minute, func() bool { return len(w.replies()) == 1 })
		if r := w.replies()[0]; r.Group != w.group(gid(3)).Number || r.Class != store.ForRegistrar {
			t.Errorf("%+v", r)
		}
		rec, _ := w.store.Account("a1")
		if rec.State != store.AccountOnline || rec.Uin != w.phone.Uin() || rec.NickName != "봄바람" {
			t.Errorf("%+v", rec)
		}
		rep := w.sim.Report()
		for _, a := range rep.Accounts {
			if len(a.CookiesMissing) != 0 {
				t.Errorf("cookies missing: %v", a.CookiesMissing)
			}
		}
	})
}
