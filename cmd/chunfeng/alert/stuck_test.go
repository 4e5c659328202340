package alert_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"chunfeng/broadcast"
	"chunfeng/cmd/chunfeng/alert"
	"chunfeng/cmd/chunfeng/api"
	"chunfeng/config"
	"chunfeng/store"
	"chunfeng/store/storetest"
)

// stuck is a client who asked for a page and does not read it: whoever writes to it waits until it is let go.
type stuck struct {
	http.ResponseWriter
	writes *atomic.Int32
	let    <-chan struct{}
}

// Write implements http.ResponseWriter.
func (s stuck) Write(b []byte) (int, error) {
	s.writes.Add(1)
	<-s.let
	return len(b), nil
}

// silent is a webhook that takes a request and never answers.
type silent struct{ calls atomic.Int32 }

// RoundTrip implements http.RoundTripper.
func (s *silent) RoundTrip(r *http.Request) (*http.Response, error) {
	s.calls.Add(1)
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// TestStuckReaders has fifty clients ask for pages of the log and not read them, and a webhook that never answers while alerts
// come and go: commits take no longer for it. The file grows beyond its map meanwhile, which waits for every reader that
// holds on to a transaction. STUCK_ROUNDS=20 is the proof's size.
func TestStuckReaders(t *testing.T) {
	rounds := 1
	if n, err := strconv.Atoi(os.Getenv("STUCK_ROUNDS")); err == nil {
		rounds = n
	}
	const readers = 50
	var rest, troubled []time.Duration
	commits := 0
	for range rounds {
		a, n := stuckRound(t, 0)
		b, m := stuckRound(t, readers)
		rest, troubled, commits = append(rest, a), append(troubled, b), commits+n+m
	}
	slices.Sort(rest)
	slices.Sort(troubled)
	at, in := rest[len(rest)/2], troubled[len(troubled)/2]
	// On an idle disk a commit takes a fraction of a millisecond, and a busy machine is late by more than that by itself.
	if in > 3*max(at, 10*time.Millisecond) {
		t.Errorf("the 99th of a hundred commits took %v with %d stuck readers and a stuck webhook, %v at rest", in, readers, at)
	}
	t.Logf("proof: %d commits in %d rounds; the 99th of a hundred took %v with %d stuck readers of the log and a stuck webhook, %v at rest (medians; the promise: at most 3 times)",
		commits, 2*rounds, in.Round(10*time.Microsecond), readers, at.Round(10*time.Microsecond))
}

// stuckRound times commits in a ledger of its own, with so many stuck readers and, when there are any, a stuck webhook.
func stuckRound(t *testing.T, readers int) (p99 time.Duration, commits int) {
	t.Helper()
	s, err := store.Open(store.Options{Dir: t.TempDir(), MapSize: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		storetest.Check(t, s)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := s.AddAccount("a01", "", "t"); err != nil {
		t.Fatal(err)
	}
	groups := make([]store.Group, 500)
	for i := range groups {
		groups[i] = store.Group{Code: fmt.Sprintf("G%03d", i), Name: fmt.Sprintf("group %d", i), Language: "zh", County: "yanji"}
	}
	if _, err := s.PutGroups(groups, "t"); err != nil {
		t.Fatal(err)
	}
	for i := range groups {
		if err := s.AddAnswer(store.Answer{Group: uint32(i + 1), Account: "a01", Content: store.Content{Kind: store.Text, Body: fmt.Appendf(nil, "%d", i)}}, 0); err != nil {
			t.Fatal(err)
		}
	}
	cfg := config.Default()
	cfg.Alerts.Webhook = "https://example.cn/"
	let, quit := make(chan struct{}), make(chan struct{})
	release := sync.OnceFunc(func() { close(let) })
	var clients sync.WaitGroup
	var writes atomic.Int32
	a := api.New(api.Options{
		Store: s, Log: zerolog.Nop(), Config: func() *config.Config { return cfg }, Running: func() bool { return false },
		Dispatcher: func() *broadcast.Dispatcher { return nil },
	})
	for range readers {
		clients.Go(func() {
			r := httptest.NewRequest(http.MethodGet, "/v1/deliveries?answers=1&limit=500", nil)
			a.Owner().ServeHTTP(stuck{httptest.NewRecorder(), &writes, let}, r)
		})
	}
	for begun := time.Now(); int(writes.Load()) < readers; time.Sleep(time.Millisecond) {
		if time.Since(begun) > 20*time.Second {
			t.Fatalf("only %d of %d readers came as far as their page", writes.Load(), readers)
		}
	}
	hook := &silent{}
	if readers > 0 {
		ctx, cancel := context.WithCancel(context.Background())
		w := alert.New(alert.Options{
			Store: s, Log: zerolog.Nop(), Config: func() *config.Config { return cfg }, Transport: hook, Free: func() int64 { return 0 },
			Accounts: func() ([]alert.Account, bool) { return nil, true }, Left: func(string) time.Duration { return 0 }, Backup: func() (at time.Time, found bool) { return },
		})
		clients.Go(func() { w.Run(ctx) })
		clients.Go(func() { <-quit; cancel() })
		for begun := time.Now(); hook.calls.Load() == 0; time.Sleep(time.Millisecond) {
			if time.Since(begun) > 20*time.Second {
				t.Fatal("the webhook was never asked")
			}
		}
	}
	// What holds a transaction would keep the writer for ever: after a while it is let go, and the time tells.
	guard := time.AfterFunc(10*time.Second, release)
	var all []time.Duration
	for i := range 300 {
		body := bytes.Repeat(fmt.Appendf(nil, "%8d", i), 8<<10/8)
		begun := time.Now()
		if err := s.AddAnswer(store.Answer{Group: 1, Account: "a01", Content: store.Content{Kind: store.Text, Body: body}}, 0); err != nil && !errors.Is(err, store.ErrClosed) {
			t.Fatal(err)
		}
		all = append(all, time.Since(begun))
	}
	guard.Stop()
	release()
	close(quit)
	clients.Wait()
	slices.Sort(all)
	if readers > 0 && all[len(all)-1] > 6*time.Second {
		t.Errorf("a commit took %v: it waited for a reader", all[len(all)-1])
	}
	return all[len(all)*99/100], len(all)
}
