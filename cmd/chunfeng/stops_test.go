package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"chunfeng/bot/wxsim"
	"chunfeng/store/storetest/disk"
)

// moment is reached once.
type moment struct {
	once sync.Once
	c    chan struct{}
}

func (m *moment) reached() { m.once.Do(func() { close(m.c) }) }

// slowly is how long a sync takes while a daemon is caught in the middle of a commit.
const slowly = 400 * time.Millisecond

// caught says that the moment is reached while the next commit is under way.
func caught(d *disk.Disk, m *moment) {
	d.SlowSync(slowly)
	time.AfterFunc(slowly/4, m.reached)
}

// TestStopPoints ends the daemon before and behind each step by which a message goes out or a reply comes in, by a kill or by a
// cut of the power, and has the next one take up the work: nothing goes out twice, no reply is lost or counted twice.
func TestStopPoints(t *testing.T) {
	rounds := 1
	if s := os.Getenv("STOP_POINTS"); s != "" {
		fmt.Sscan(s, &rounds)
	}
	const groups = 24
	// A point says when the daemon is to end: it has m reached at once, or in what the simulator and the wire call.
	points := []struct {
		name string
		arm  func(b *bureau, d *disk.Disk, m *moment)
	}{
		{"the wave is approved and being opened", func(_ *bureau, d *disk.Disk, m *moment) { caught(d, m) }},
		{"a claim is on disk, nothing is accepted", func(b *bureau, _ *disk.Disk, m *moment) { atSend(b, wxsim.BeforeAccept, 5, true, m.reached) }},
		{"the message arrived, no answer is written", func(b *bureau, _ *disk.Disk, m *moment) { atSend(b, wxsim.AfterAccept, 5, true, m.reached) }},
		{"the answer is read, the outcome not on disk", func(b *bureau, d *disk.Disk, m *moment) {
			atSend(b, wxsim.AfterAccept, 5, false, func() { caught(d, m) })
		}},
		{"a reply is on the wire", func(b *bureau, _ *disk.Disk, m *moment) {
			atReply(b, func(before bool) {
				if before {
					m.reached()
					time.Sleep(slowly)
				}
			})
		}},
		{"a reply is taken, not yet on disk", func(b *bureau, d *disk.Disk, m *moment) {
			atReply(b, func(before bool) {
				if before {
					caught(d, m)
				}
			})
		}},
		{"a reply and the cursor are on disk", func(b *bureau, _ *disk.Disk, m *moment) {
			atReply(b, func(before bool) {
				if !before {
					m.reached()
				}
			})
		}},
		{"a sign-up is on disk, its answer is not sent", func(b *bureau, _ *disk.Disk, m *moment) {
			var mu sync.Mutex
			told := map[string]int{}
			b.sim.OnSend(func(st wxsim.Stage, a wxsim.Arrival) {
				if st != wxsim.BeforeAccept {
					return
				}
				mu.Lock()
				told[a.Group]++
				answer := told[a.Group] > 1
				mu.Unlock()
				if answer {
					m.reached()
					time.Sleep(slowly)
				}
			})
		}},
	}
	var mu sync.Mutex
	sum, stops := ordeal{}, 0
	t.Cleanup(func() {
		t.Logf("proof: %d stops at %d points between the steps, half by SIGKILL and half by a cut of the power", stops, len(points))
		t.Logf("proof: %d deliveries: %d sent, each arrived once; %d unknown, at most one a lane and stop; %d replies, each one sign-up", sum.groups, sum.sent, sum.unknown, sum.replies)
	})
	for round := range rounds {
		for i, p := range points {
			t.Run(fmt.Sprintf("%s/%d", p.name, round+1), func(t *testing.T) {
				t.Parallel()
				rng := rand.New(rand.NewPCG(uint64(round), uint64(i)))
				mount := t.TempDir()
				d := disk.Mount(t, mount, nil)
				b := newBureauAt(t, filepath.Join(mount, "data"), 2, groups, uint64(round*100+i+1))
				m := &moment{c: make(chan struct{})}
				b.start()
				b.bound(groups)
				b.batch()
				if i > 0 {
					p.arm(b, d, m)
				}
				w := b.wave()
				if i == 0 {
					p.arm(b, d, m)
				}
				select {
				case <-m.c:
				case <-time.After(20 * time.Second):
					t.Fatal("it never came to that")
				}
				b.kill()
				if (round+i)%2 == 0 {
					rng = nil
				}
				d = disk.Mount(t, mount, d.Pull(rng))
				b.start()
				b.online()
				b.finish(w.ID)
				r := b.account(d, 2)
				mu.Lock()
				defer mu.Unlock()
				stops++
				sum.groups, sum.sent, sum.unknown, sum.replies = sum.groups+r.groups, sum.sent+r.sent, sum.unknown+r.unknown, sum.replies+r.replies
			})
		}
	}
}

// atSend calls do when the nth message comes to a stage, and holds that one for a while where it is asked to.
func atSend(b *bureau, at wxsim.Stage, nth int, hold bool, do func()) {
	var mu sync.Mutex
	n := 0
	b.sim.OnSend(func(st wxsim.Stage, _ wxsim.Arrival) {
		if st != at {
			return
		}
		mu.Lock()
		n++
		mine := n == nth
		mu.Unlock()
		if mine {
			do()
		}
		if mine && hold {
			time.Sleep(slowly)
		}
	})
}

// atReply calls do before an answer that brings a reply is written, and when the account asks again behind it.
func atReply(b *bureau, do func(before bool)) {
	var mu sync.Mutex
	brought := map[string]bool{}
	b.around(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			sid := r.URL.Query().Get("sid")
			switch {
			case strings.HasSuffix(r.URL.Path, "/synccheck"):
				mu.Lock()
				behind := brought[sid]
				mu.Unlock()
				if behind {
					do(false)
				}
				next.ServeHTTP(w, r)
			case strings.HasSuffix(r.URL.Path, "/webwxsync"):
				held := &holding{header: http.Header{}, code: http.StatusOK}
				next.ServeHTTP(held, r)
				if numberSaid.Match(held.body.Bytes()) {
					mu.Lock()
					brought[sid] = true
					mu.Unlock()
					do(true)
				}
				held.release(w)
			default:
				next.ServeHTTP(w, r)
			}
		})
	})
}

// holding keeps an answer until it is released.
type holding struct {
	header http.Header
	code   int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (h *holding) Header() http.Header { return h.header }

// WriteHeader implements http.ResponseWriter.
func (h *holding) WriteHeader(code int) { h.code = code }

// Write implements http.ResponseWriter.
func (h *holding) Write(b []byte) (int, error) { return h.body.Write(b) }

func (h *holding) release(w http.ResponseWriter) {
	for k, v := range h.header {
		w.Header()[k] = v
	}
	w.WriteHeader(h.code)
	_, _ = w.Write(h.body.Bytes())
}
