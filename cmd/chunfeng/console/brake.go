package console

import (
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"chunfeng/templates/words"
)

// brake slows down who guesses passwords: by person, so that many addresses do not help, and by address, so that many
// names do not.
type brake struct {
	mu    sync.Mutex
	wheel map[string]braked
}

type braked struct {
	fails int
	until time.Time
}

// How the brake works: three tries are free; then each failure doubles the wait, from two seconds on. A person's own wait
// is short, for others can cause it; it still leaves a guesser under 3,000 tries a day.
const (
	freeTries   = 3
	firstWait   = 2 * time.Second
	personWait  = 30 * time.Second
	addressWait = 10 * time.Minute
	brakeFades  = 30 * time.Minute // without a failure
	brakesKept  = 10_000
)

func newBrake() *brake { return &brake{wheel: map[string]braked{}} }

// wait refuses a try that comes too soon after failures.
func (b *brake) wait(name, address string, now time.Time) error {
	return b.slow(now, "person "+name, "address "+address)
}

// waitCode is wait for a code of the second factor, of which there are only a million: whoever types them at random knows the
// password already, and has a hundred and fifty tries a day.
func (b *brake) waitCode(name, address string, now time.Time) error {
	return b.slow(now, "code "+name, "address "+address)
}

func (b *brake) slow(now time.Time, keys ...string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var until time.Time
	for _, k := range keys {
		if at := b.wheel[k].until; at.After(until) {
			until = at
		}
	}
	if left := until.Sub(now); left > 0 {
		return words.Refuse("console.slow_down", int(left/time.Second)+1).Of(words.TooMany)
	}
	return nil
}

// failed counts a failure.
func (b *brake) failed(name, address string, now time.Time) {
	b.count(now, map[string]time.Duration{"person " + name: personWait, "address " + address: addressWait})
}

// failedCode counts a wrong code.
func (b *brake) failedCode(name, address string, now time.Time) {
	b.count(now, map[string]time.Duration{"code " + name: addressWait, "address " + address: addressWait})
}

func (b *brake) count(now time.Time, keys map[string]time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.wheel) >= brakesKept {
		for k, one := range b.wheel {
			if now.Sub(one.until) > 0 {
				delete(b.wheel, k)
			}
		}
	}
	for key, longest := range keys {
		one := b.wheel[key]
		if now.Sub(one.until) > brakeFades {
			one = braked{until: now}
		}
		one.fails++
		wait := time.Duration(0)
		if over := one.fails - freeTries; over > 0 {
			wait = min(firstWait<<min(over-1, 20), longest)
		}
		one.until = now.Add(wait)
		b.wheel[key] = one
	}
}

// passed forgets a person's failures. Those of the address stay: one good password does not excuse a hundred guesses.
func (b *brake) passed(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.wheel, "person "+name)
}

// passedCode forgets a person's wrong codes.
func (b *brake) passedCode(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.wheel, "code "+name)
}

// address is who asks, as far as it is known: the last hop that a proxy on this machine tells of, else the connection's.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return host
	}
	// Only the last entry was written by the proxy itself; those before it are whatever the client claimed.
	hops := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
	if last := strings.TrimSpace(hops[len(hops)-1]); net.ParseIP(last) != nil {
		return last
	}
	return host
}
