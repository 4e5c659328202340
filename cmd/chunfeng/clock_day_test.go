package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
)

// TestClockADayOn sets the clock of a daemon a day on and back again in the middle of a wave: no group twice, no reply lost, and
// what was sent on the day that never was is Sent as soon as everything else, and not a day later.
func TestClockADayOn(t *testing.T) {
	t.Parallel()
	const groups, lanes = 120, 2
	begun := time.Now().Add(-time.Minute)
	b := newBureauAt(t, filepath.Join(t.TempDir(), "data"), lanes, groups, 23)
	b.env = append(b.env, "CHUNFENG_PACING__TEXT__EVERY=100ms")
	log, err := os.Create(b.log)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	b.serve = exec.Command(b.exe, "--data", b.data, "serve")
	b.serve.Env, b.serve.Stderr = b.env, log
	clock := startClocked(t, b.serve, 0)
	b.bound(groups)
	b.batch()
	var w api.Wave
	b.run(&w, "wave", "queue", "A") // it begins at once, and there is no time to lose with a further command
	sets := 0
	for _, to := range []time.Duration{24 * time.Hour, 0, 24 * time.Hour, 0} {
		before := len(b.sim.Arrivals())
		b.until(30*time.Second, func() bool { return len(b.sim.Arrivals()) >= before+8 })
		clock.set(t, to)
		sets++
	}
	b.finish(w.ID)
	r := b.account(nil, 0)
	s, err := store.Open(store.Options{Dir: b.data})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	latest, ahead := time.Now().Add(24*time.Hour), 0
	sane := func(what string, at time.Time) {
		if at.Before(begun) || at.After(latest) {
			t.Errorf("%s is of %v", what, at)
		}
		if at.After(time.Now()) {
			ahead++
		}
	}
	page, err := s.Deliveries(1, store.Filter{Start: true, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range page.Deliveries {
		for _, a := range d.Attempts {
			sane("an attempt", a.At)
		}
	}
	if err := s.EachSignup(func(n store.Signup) bool { sane("a sign-up", n.At); return true }); err != nil {
		t.Fatal(err)
	}
	if ahead == 0 {
		t.Error("nothing happened on the day that never was")
	}
	t.Logf("proof: the clock of a sending daemon set a day on and back %d times: %d of %d sent, each arrived once, %d replies, each one sign-up; %d records bear the date of the day that never was",
		sets, r.sent, r.groups, r.replies, ahead)
}
