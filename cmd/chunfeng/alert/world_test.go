package alert_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"chunfeng/cmd/chunfeng/alert"
	"chunfeng/config"
	"chunfeng/store"
	"chunfeng/store/storetest"
)

// world is a ledger, a watch over it, and what it sees: all of it under the test's hand, on virtual time.
type world struct {
	t     *testing.T
	dir   string
	store *store.Store

	mu       sync.Mutex
	cfg      *config.Config
	accounts []alert.Account
	free     int64
	left     time.Duration
	backup   time.Time
	answer   func(n int) (int, error) // the webhook's nth; nil: 200
	told     []alert.Told             // what the webhook got, whatever it answered
	calls    int

	end func()
}

const gigabyte = int64(1 << 30)

// newWorld opens a ledger with the account a01 bound to the staff's group G1, and begins on a Wednesday at ten.
func newWorld(t *testing.T) *world {
	w := &world{t: t, dir: t.TempDir(), cfg: config.Default(), free: 100 * gigabyte}
	w.cfg.Alerts.Webhook = "https://example.cn/secret"
	w.backup = time.Now().Add(24 * 365 * time.Hour)
	w.store = storetest.OpenDir(t, w.dir)
	if _, err := w.store.AddAccount("a01", "", "t"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.PutGroups([]store.Group{{Code: "G1", Name: "staff", Language: "both", County: "yanji"}}, "t"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.StartSession("a01", "e1", 1, "n"); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Bind("a01", "e1", store.Binding{Group: 1, UserName: "@@1", Name: "staff", Evidence: store.EvidencePhrase, State: store.Bound}); err != nil {
		t.Fatal(err)
	}
	w.online("a01")
	return w
}

// online has an account logged in since now.
func (w *world) online(name string) {
	rec, err := w.store.Account(name)
	if err != nil {
		w.t.Fatal(err)
	}
	w.see(func() {
		now := time.Now()
		rec.OnlineSince = now
		w.accounts = []alert.Account{{Account: rec, Now: store.AccountOnline, Since: now, LastHeard: now}}
	})
}

func (w *world) see(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

// RoundTrip is the webhook.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	var in alert.Told
	b, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(b, &in) != nil {
		return nil, errors.New("no JSON")
	}
	w.mu.Lock()
	w.calls++
	n, answer := w.calls, w.answer
	w.told = append(w.told, in)
	w.mu.Unlock()
	code := http.StatusOK
	if answer != nil {
		if code, err = answer(n); err != nil {
			<-r.Context().Done() // it never answers
			return nil, r.Context().Err()
		}
	}
	return &http.Response{StatusCode: code, Body: io.NopCloser(strings.NewReader("")), Header: http.Header{}, Request: r}, nil
}

// watch starts a watch; w.end ends it.
func (w *world) watch() {
	o := alert.Options{
		Store: w.store, Log: zerolog.Nop(), Transport: w,
		Config: func() *config.Config { w.mu.Lock(); defer w.mu.Unlock(); c := *w.cfg; return &c },
		Accounts: func() ([]alert.Account, bool) {
			w.mu.Lock()
			defer w.mu.Unlock()
			return append([]alert.Account(nil), w.accounts...), true
		},
		Left:   func(string) time.Duration { w.mu.Lock(); defer w.mu.Unlock(); return w.left },
		Backup: func() (time.Time, bool) { w.mu.Lock(); defer w.mu.Unlock(); return w.backup, !w.backup.IsZero() },
		Free:   func() int64 { w.mu.Lock(); defer w.mu.Unlock(); return w.free },
	}
	done, quit := make(chan struct{}), make(chan struct{})
	ctx, cancel := contextOf(quit)
	go func() { defer close(done); alert.New(o).Run(ctx) }()
	w.end = func() { close(quit); cancel(); <-done }
}

// pass lets time go by.
func (w *world) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// states are what the webhook was told so far, in order.
func (w *world) states() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, one := range w.told {
		s := one.What + " " + one.State
		if one.On != "" {
			s = one.What + "(" + one.On + ") " + one.State
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

func (w *world) expect(want string) {
	w.t.Helper()
	if got := w.states(); got != want {
		w.t.Errorf("told: %s\nwant: %s", got, want)
	}
}
