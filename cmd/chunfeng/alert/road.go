package alert

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"chunfeng/store"
)

// road is one way to people, with what is still to be told by it. It has a goroutine of its own, so that one that is stuck
// keeps back neither the others nor the watch.
type road struct {
	w      *Watch
	name   string
	send   func(ctx context.Context, n notice) error
	pauses []time.Duration // after the first, second … try that failed; behind the last it is given up

	mu    sync.Mutex
	queue []*telling
	woken chan struct{}
}

// telling is one alert that is to be told, or that it is over.
type telling struct {
	h       *held
	cleared bool
	tries   int
	after   time.Time
}

// notice is a telling as a road gets it.
type notice struct {
	store.Alert
	cleared bool
	test    bool
}

// usualPauses are those of an address or a program, which may be away for a while.
func usualPauses() []time.Duration {
	return []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute}
}

// groupPauses are a day of minutes: no account may be logged in.
func groupPauses() []time.Duration { return slices.Repeat([]time.Duration{time.Minute}, 24*60) }

func newRoad(w *Watch, name string, send func(context.Context, notice) error, pauses []time.Duration) *road {
	return &road{w: w, name: name, send: send, pauses: pauses, woken: make(chan struct{}, 1)}
}

func (r *road) poke() {
	select {
	case r.woken <- struct{}{}:
	default:
	}
}

// tell queues what an alert's notices still ask for. The caller holds the watch's lock.
func (w *Watch) tell(h *held) {
	for _, n := range h.Notices {
		r := w.roads[n.Road]
		if r == nil || !n.Done.IsZero() {
			continue
		}
		r.mu.Lock()
		if !slices.ContainsFunc(r.queue, func(t *telling) bool { return t.h == h && t.cleared == n.Cleared }) {
			r.queue = append(r.queue, &telling{h, n.Cleared, n.Tries, n.After})
		}
		r.mu.Unlock()
		r.poke()
	}
}

// run tells until the context ends.
func (r *road) run(ctx context.Context) {
	for ctx.Err() == nil {
		t, wait := r.next(time.Now())
		if t != nil {
			r.one(ctx, t)
			continue
		}
		var timer <-chan time.Time
		if wait > 0 {
			one := time.NewTimer(wait)
			defer one.Stop()
			timer = one.C
		}
		select {
		case <-ctx.Done():
		case <-r.woken:
		case <-timer:
		}
	}
}

// next answers what is to be told now, or how long nothing is. That something is over is told behind what it was.
func (r *road) next(now time.Time) (t *telling, wait time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	began := map[*held]bool{}
	for _, t := range r.queue {
		if began[t.h] {
			continue
		}
		began[t.h] = true
		if !t.after.After(now) {
			return t, 0
		}
		if left := t.after.Sub(now); wait == 0 || left < wait {
			wait = left
		}
	}
	return nil, wait
}

// errStale is what is not worth being told any more.
var errStale = errors.New("it was over before anybody could be told")

// one tells once, and notes how that ended.
func (r *road) one(ctx context.Context, t *telling) {
	r.w.mu.Lock()
	n := notice{Alert: t.h.Alert, cleared: t.cleared}
	n.Notices = nil
	r.w.mu.Unlock()
	limit, cancel := context.WithTimeout(ctx, r.w.o.Within)
	err := r.send(limit, n)
	cancel()
	if ctx.Err() != nil {
		return // it was cut off by the end of the program
	}
	t.tries++
	told, now := err == nil, time.Now()
	note := store.Notice{Road: r.name, Cleared: t.cleared, Tries: t.tries}
	switch {
	case told:
		note.Done = now
	case errors.Is(err, errStale), t.tries > len(r.pauses):
		note.Done, note.Failed = now, short(err)
	default:
		t.after = now.Add(r.pauses[t.tries-1])
		note.After, note.Failed = t.after, short(err)
	}
	if !errors.Is(err, errStale) {
		r.w.o.Noticed(r.name, told)
	}
	if !told {
		r.w.o.Log.Warn().Str("road", r.name).Str("alert", n.What).Int("try", t.tries).Str("why", note.Failed).Msg("nobody was told of an alert")
	}
	if !note.Done.IsZero() {
		r.mu.Lock()
		r.queue = slices.DeleteFunc(r.queue, func(x *telling) bool { return x == t })
		r.mu.Unlock()
	}
	r.w.noted(ctx, t.h, note)
}

// short is an error as it is kept: what an address or a program says may be long.
func short(err error) string {
	s := err.Error()
	return s[:min(len(s), 200)]
}

// noted keeps how a try ended, in the alert and, when it takes it, in the ledger.
func (w *Watch) noted(ctx context.Context, h *held, n store.Notice) {
	w.mu.Lock()
	for i, one := range h.Notices {
		if one.Road == n.Road && one.Cleared == n.Cleared {
			h.Notices[i] = n
		}
	}
	number, saved := h.Number, h.saved
	w.mu.Unlock()
	if !saved {
		return // it goes into the ledger with the alert
	}
	for ctx.Err() == nil {
		err := w.ledger(func() error { return w.o.Store.NoteAlert(number, n) })
		if err == nil {
			return
		}
		if !errors.Is(err, errBusy) && !errors.Is(err, store.ErrStorage) {
			w.o.Log.Warn().Err(err).Msg("it was not noted who was told of an alert")
			return
		}
		// Nothing more is told by this road meanwhile, or a restart would tell all of it again.
		select {
		case <-ctx.Done():
		case <-time.After(ledgerWithin):
		}
	}
}
