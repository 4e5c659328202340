package bot_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"chunfeng/bot"
	"chunfeng/bot/wxsim"
	"chunfeng/broadcast"
	"chunfeng/store"
	"chunfeng/store/storetest"
)

// fleet is the demonstration's size: a prefecture's groups over twelve accounts, real sockets, real clock.
type fleet struct {
	sim   *wxsim.Sim
	store *store.Store
	accts []*bot.Account
	byID  map[string]store.Group
	stop  func()
}

func newFleet(t testing.TB, accounts, groups int) *fleet {
	f := &fleet{sim: wxsim.New(wxsim.Options{Seed: 1, AutoScan: true, ScanDelay: time.Millisecond}), store: storetest.Open(t), byID: map[string]store.Group{}}
	server := httptest.NewServer(f.sim.Handler())
	var list []store.Group
	for i := range accounts {
		f.sim.AddAccount(fmt.Sprintf("p%02d", i), wxsim.AccountOptions{})
		if _, err := f.store.AddAccount(fmt.Sprintf("a%02d", i), "", "test"); err != nil {
			t.Fatal(err)
		}
	}
	phones := f.sim.Accounts()
	for i := range groups {
		g := store.Group{Code: fmt.Sprintf("G%04d", i), Name: fmt.Sprintf("연변 취업 %04d", i), County: "yanji", Language: "ko"}
		list = append(list, g)
		f.sim.AddGroup(wxsim.GroupOptions{ID: g.Code, Name: g.Name, Count: 30 + i%30}).Join(phones[i%accounts], true)
	}
	if _, err := f.store.PutGroups(list, "test"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for i := range accounts {
		a := bot.New(bot.Options{Account: fmt.Sprintf("a%02d", i), Store: f.store, Gateway: server.URL, ContactEvery: -1})
		f.accts = append(f.accts, a)
		wg.Go(func() {
			if err := a.Run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	f.stop = sync.OnceFunc(func() {
		cancel()
		wg.Wait()
		f.sim.Close()
		server.Close()
	})
	t.Cleanup(f.stop)
	return f
}

func (f *fleet) settle(tb testing.TB) (bound int) {
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(5 * time.Millisecond) {
		all := true
		bound = 0
		for _, a := range f.accts {
			v := a.State()
			all = all && v.Settled
			bound += v.Bound
		}
		if all {
			return bound
		}
		if time.Now().After(end) {
			tb.Fatalf("not settled within two minutes: %d bound", bound)
		}
	}
}

// send has each account send one text to each of its groups, one after the other, as a lane does.
func (f *fleet) send(tb testing.TB, text string) (n int) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	for _, a := range f.accts {
		list, err := f.store.Bindings(a.Name())
		if err != nil {
			tb.Fatal(err)
		}
		wg.Go(func() {
			for _, b := range list {
				_, err := a.Sender().Send(context.Background(), broadcast.Message{ClientID: time.Now().UnixNano() / 100, Group: b.Group, Kind: store.Text, Text: text})
				if err != nil {
					tb.Error(err)
					return
				}
			}
			mu.Lock()
			defer mu.Unlock()
			n += len(list)
		})
	}
	wg.Wait()
	return n
}

func TestAFleetOverRealSockets(t *testing.T) {
	f := newFleet(t, 3, 90)
	if n := f.settle(t); n != 90 {
		t.Fatalf("%d bound", n)
	}
	if n := f.send(t, "용접공 3명"); n != 90 || len(f.sim.Arrivals()) != 90 {
		t.Errorf("%d sent, %d arrived", n, len(f.sim.Arrivals()))
	}
	for _, a := range f.sim.Report().Accounts {
		if len(a.CookiesMissing) > 0 || a.DeviceChanges > 0 {
			t.Errorf("%+v", a)
		}
	}
}

// BenchmarkFleet logs twelve accounts in, binds 2,971 groups and sends to each once, over loopback.
func BenchmarkFleet(b *testing.B) {
	for b.Loop() {
		began := time.Now()
		f := newFleet(b, 12, 2971)
		made := time.Now()
		bound := f.settle(b)
		settled := time.Now()
		n := f.send(b, "용접공 3명")
		b.ReportMetric(made.Sub(began).Seconds(), "s-make")
		b.ReportMetric(settled.Sub(made).Seconds(), "s-bind")
		b.ReportMetric(float64(bound), "bound")
		b.ReportMetric(float64(n)/time.Since(settled).Seconds(), "sends/s")
		f.stop()
	}
}
