package console

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"chunfeng/templates/words"
)

// How many requests are answered, a second and at once: far above what people and their open pages ask for (a page loads
// with some six requests, and a live one asks once in two minutes), and far below what takes the cores from the lanes. Nobody
// has measured what a hundred people of a bureau ask for.
const (
	addressRate  = 100
	addressBurst = 1000
	personRate   = 50
	personBurst  = 500
	limitsKept   = 10_000
)

// limits count requests by address and by person.
type limits struct {
	off bool
	mu  sync.Mutex
	all map[string]*rate.Limiter
}

func newLimits(off bool) *limits { return &limits{off: off, all: map[string]*rate.Limiter{}} }

// take counts a request and answers how long its sender has to wait; 0: not at all.
func (l *limits) take(key string, each rate.Limit, burst int, now time.Time) time.Duration {
	if l.off {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.all[key]
	if one == nil {
		if len(l.all) >= limitsKept {
			for k, o := range l.all {
				if o.TokensAt(now) >= float64(o.Burst()) {
					delete(l.all, k) // it asked for nothing lately
				}
			}
			if len(l.all) >= limitsKept {
				clear(l.all) // so many at once are no people; those who are braked begin anew
			}
		}
		one = rate.NewLimiter(each, burst)
		l.all[key] = one
	}
	r := one.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

// perAddress refuses a request of an address that asks too often, and perPerson one of somebody who is signed in.
func (c *Console) perAddress(w http.ResponseWriter, r *http.Request) error {
	return slower(w, c.limits.take("address "+address(r), addressRate, addressBurst, time.Now()))
}

func (c *Console) perPerson(w http.ResponseWriter, name string) error {
	return slower(w, c.limits.take("person "+name, personRate, personBurst, time.Now()))
}

func slower(w http.ResponseWriter, wait time.Duration) error {
	if wait <= 0 {
		return nil
	}
	seconds := int(wait/time.Second) + 1
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	return words.Refuse("console.too_many", seconds).Of(words.TooMany)
}
