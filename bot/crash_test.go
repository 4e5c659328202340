package bot_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"chunfeng/bot"
	"chunfeng/store"
	"chunfeng/store/storetest"
)

// camera is a transport that copies the ledger around every webwxsync: what a crash at that moment would leave.
type camera struct {
	base  http.RoundTripper
	store *store.Store
	dir   string

	mu    sync.Mutex
	shots []string
}

func (c *camera) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/webwxsync") {
		if strings.HasSuffix(r.URL.Path, "/synccheck") {
			c.shoot("committed and handed over")
		}
		return c.base.RoundTrip(r)
	}
	c.shoot("before it was asked for")
	resp, err := c.base.RoundTrip(r)
	c.shoot("on the wire and not committed")
	return resp, err
}

func (c *camera) shoot(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	dir := filepath.Join(c.dir, fmt.Sprintf("%03d %s", len(c.shots), what))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		panic(err)
	}
	f, err := os.Create(filepath.Join(dir, store.DatabaseFile))
	if err != nil {
		panic(err)
	}
	if _, err := c.store.Backup(f); err != nil {
		panic(err)
	}
	if err := f.Close(); err != nil {
		panic(err)
	}
	key, err := os.ReadFile(filepath.Join(c.store.Dir(), store.KeyFile))
	if err != nil {
		panic(err)
	}
	if err := os.WriteFile(filepath.Join(dir, store.KeyFile), key, 0o600); err != nil {
		panic(err)
	}
	c.shots = append(c.shots, dir)
}

// TestACrashLosesAndDoublesNothing takes up the work from a copy of every moment around every sync, and looks whether
// each resident's message is in the ledger once in the end.
func TestACrashLosesAndDoublesNothing(t *testing.T) {
	copies := t.TempDir()
	live(t, setup{groups: 3, manual: true}, func(w *world) {
		cam := &camera{base: w.sim.Transport(), store: w.store, dir: copies}
		w.opt.Transport = cam
		w.start()
		w.settled()
		var said []string
		for i := range 6 {
			for j := range 1 + i%3 {
				text := fmt.Sprintf("말 %d-%d", i, j)
				w.sim.Group(gid(i%3)).Says("", text)
				said = append(said, text)
			}
			time.Sleep(10 * time.Second)
		}
		w.stop()
		cam.mu.Lock()
		shots := cam.shots
		cam.mu.Unlock()
		if len(shots) < 18 {
			t.Fatalf("only %d moments", len(shots))
		}
		w.opt.Transport = nil
		for _, dir := range shots {
			name := filepath.Base(dir)
			w.store = storetest.OpenDir(w.t, dir)
			logins := w.count(bot.ShowCode)
			w.start()
			w.until(name+": everything that was said", time.Minute, func() bool { return len(w.replies()) >= len(said) })
			time.Sleep(time.Minute)
			var got []string
			for _, r := range w.replies() {
				raw := string(r.Raw)
				i := strings.Index(raw, "말 ")
				got = append(got, raw[i:i+len("말 0-0")])
			}
			sort.Strings(got)
			if strings.Join(got, ",") != strings.Join(said, ",") {
				t.Errorf("%s: %v", name, got)
			}
			if w.count(bot.ShowCode) != logins {
				t.Errorf("%s: a person had to scan", name)
			}
			w.stop()
		}
		t.Logf("%d moments", len(shots))
	})
}
