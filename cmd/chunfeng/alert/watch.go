package alert

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"chunfeng/config"
	"chunfeng/store"
)

// Options of New. What may change while the program runs is asked for each time.
type Options struct {
	Store  *store.Store
	Log    zerolog.Logger
	Config func() *config.Config
	// Accounts lists the accounts that were not removed, as they are at this moment; ok is false while none is to log in.
	Accounts func() (all []Account, ok bool)
	// Left answers how long a running wave still needs; 0: nobody knows.
	Left func(wave string) time.Duration
	// Backup answers when the newest backup was made that was verified.
	Backup func() (at time.Time, found bool)
	// Noticed is told how each try to tell somebody ended. nil: nobody is.
	Noticed func(road string, told bool)

	Transport http.RoundTripper // of the webhook; nil: the usual one
	Within    time.Duration     // the longest that one try may take; 0: 10 s
	Free      func() int64      // bytes on the disk of the data folder; nil: asked of the system
}

// Account is an account as it is at a moment.
type Account struct {
	store.Account
	Now       store.AccountState // what it is doing, which the ledger's record tells only as of its last change
	Since     time.Time          // of Now
	LastHeard time.Time          // when anything was heard in this session; zero: nothing yet
	Unheard   int                // sends accepted since then
}

// How often is looked.
const (
	lookOften  = 2 * time.Second
	lookSeldom = 30 * time.Second
)

// ledgerWithin is how long the ledger may take to note something before the watch goes on without.
const ledgerWithin = 2 * time.Second

// Watch looks for what is wrong, and tells. Make it with New.
type Watch struct {
	o     Options
	roads map[string]*road

	mu      sync.Mutex // guards what follows
	open    map[topic]*held
	unsaved []*held // cleared while the ledger took nothing

	ears   map[string]*ear // of Run alone, as is what follows
	busy   chan struct{}   // held while the ledger is asked for something
	seldom time.Time       // when everything was looked at last
}

// topic is what an alert is about.
type topic struct{ what, on string }

// held is an alert that is open, or not yet written.
type held struct {
	store.Alert
	saved bool // the ledger has it, as far as it is open
}

// New makes a watch that does nothing until Run.
func New(o Options) *Watch {
	if o.Within == 0 {
		o.Within = 10 * time.Second
	}
	if o.Noticed == nil {
		o.Noticed = func(string, bool) {}
	}
	if o.Free == nil {
		o.Free = func() int64 { return freeOn(o.Store.Dir()) }
	}
	w := &Watch{o: o, open: map[topic]*held{}, ears: map[string]*ear{}, busy: make(chan struct{}, 1)}
	w.roads = map[string]*road{
		store.RoadWebhook: newRoad(w, store.RoadWebhook, w.post, usualPauses()),
		store.RoadCommand: newRoad(w, store.RoadCommand, w.run, usualPauses()),
		store.RoadGroup:   newRoad(w, store.RoadGroup, w.say, groupPauses()),
	}
	return w
}

// Run looks and tells until the context ends. A telling that is under way is then cut off and begun anew at the next start.
func (w *Watch) Run(ctx context.Context) {
	var roads sync.WaitGroup
	defer roads.Wait()
	for _, r := range w.roads {
		roads.Go(func() { r.run(ctx) })
	}
	w.load()
	tick := time.NewTicker(lookOften)
	defer tick.Stop()
	for ctx.Err() == nil {
		w.look(time.Now())
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
	w.keepEars(true)
}

// load takes up the alerts that are open, and the tellings that were not done.
func (w *Watch) load() {
	all, err := w.o.Store.Alerts(false)
	if err != nil {
		w.o.Log.Error().Err(err).Msg("the alerts could not be read; those that are open may be raised again")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range slices.Backward(all) {
		h := &held{a, true}
		if a.Open() {
			w.open[topic{a.What, a.On}] = h
		}
		w.tell(h)
	}
}

// look finds what is wrong now, and raises and clears.
func (w *Watch) look(now time.Time) {
	var v verdict
	w.urgent(&v)
	if now.Sub(w.seldom) >= lookSeldom {
		w.seldom = now
		w.everything(&v, now)
	} else {
		v.later = true
	}
	w.settle(v, now)
	w.catchUp()
}

// settle raises what is wrong and not yet told of, and clears what is over.
func (w *Watch) settle(v verdict, now time.Time) {
	for _, a := range v.wrong {
		w.mu.Lock()
		_, known := w.open[topic{a.What, a.On}]
		w.mu.Unlock()
		if !known {
			w.raise(a, now)
		}
	}
	w.mu.Lock()
	var over []*held
	for t, h := range w.open {
		if !v.stays(t) {
			over = append(over, h)
		}
	}
	w.mu.Unlock()
	for _, h := range over {
		w.clear(h, now)
	}
}

// raise opens an alert: first in the ledger, then by every road that there is.
func (w *Watch) raise(a store.Alert, now time.Time) {
	a.Raised, a.Notices = now, w.notices(false)
	if a.Since.IsZero() {
		a.Since = now
	}
	h := &held{Alert: a}
	w.o.Log.Error().Str("alert", a.What).Str("on", a.On).Msg(a.Text().String())
	w.save(h)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open[topic{a.What, a.On}] = h
	w.tell(h)
}

// clear notes that what an alert was about is over.
func (w *Watch) clear(h *held, now time.Time) {
	w.o.Log.Info().Str("alert", h.What).Str("on", h.On).Msg("over: " + h.Text().String())
	over := w.notices(true)
	w.mu.Lock()
	delete(w.open, topic{h.What, h.On})
	h.Cleared = now
	h.Notices = append(slices.Clone(h.Notices), over...)
	w.unsaved = append(w.unsaved, h)
	w.mu.Unlock()
	w.save(h)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tell(h)
}

// notices are one for each road that is configured.
func (w *Watch) notices(cleared bool) (out []store.Notice) {
	for _, name := range []string{store.RoadGroup, store.RoadWebhook, store.RoadCommand} {
		if w.configured(name) {
			out = append(out, store.Notice{Road: name, Cleared: cleared})
		}
	}
	return out
}

// configured tells whether a road leads anywhere.
func (w *Watch) configured(name string) bool {
	c := w.o.Config().Alerts
	switch name {
	case store.RoadGroup:
		return c.Group != ""
	case store.RoadWebhook:
		return c.Webhook != ""
	}
	return len(c.Command) > 0
}

// catchUp writes what the ledger did not take before.
func (w *Watch) catchUp() {
	w.mu.Lock()
	var late []*held
	for _, h := range w.open {
		if !h.saved {
			late = append(late, h)
		}
	}
	late = append(late, w.unsaved...)
	w.mu.Unlock()
	for _, h := range late {
		w.save(h)
	}
}

// errBusy is what the ledger answers when it does not answer.
var errBusy = errors.New("the ledger does not answer")

// save brings the ledger to where an alert is. What it does not take is tried again with the next look.
func (w *Watch) save(h *held) {
	w.mu.Lock()
	a, saved := h.Alert, h.saved
	a.Notices = slices.Clone(a.Notices)
	w.mu.Unlock()
	err := w.ledger(func() error {
		if !saved {
			first := a
			first.Notices = slices.DeleteFunc(slices.Clone(a.Notices), func(n store.Notice) bool { return n.Cleared })
			out, _, err := w.o.Store.RaiseAlert(first)
			if err != nil {
				return err
			}
			a.Number = out.Number
		}
		if a.Open() {
			return nil
		}
		over := slices.DeleteFunc(slices.Clone(a.Notices), func(n store.Notice) bool { return !n.Cleared })
		_, err := w.o.Store.ClearAlert(a.Number, a.Cleared, over)
		return err
	})
	if err != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	h.Number, h.saved = a.Number, true
	if !a.Open() {
		w.unsaved = slices.DeleteFunc(w.unsaved, func(x *held) bool { return x == h })
	}
	for _, r := range w.roads {
		r.poke()
	}
}

// ledger has something written, and goes on without it when the ledger is down or takes its time: while a disk is full the
// ledger answers nobody, and that is just what must be told. One at a time waits for it.
func (w *Watch) ledger(do func() error) error {
	if err := w.o.Store.Down(); err != nil {
		return err
	}
	t := time.NewTimer(ledgerWithin)
	defer t.Stop()
	select {
	case w.busy <- struct{}{}:
	case <-t.C:
		return errBusy
	}
	done := make(chan error, 1)
	go func() {
		defer func() { <-w.busy }()
		done <- do()
	}()
	select {
	case err := <-done:
		return err
	case <-t.C:
		return errBusy
	}
}

// freeOn answers the free space on a folder's disk; a disk that cannot be asked counts as roomy: that it cannot be written
// is told by the ledger.
func freeOn(dir string) int64 {
	var disk syscall.Statfs_t
	if syscall.Statfs(dir, &disk) != nil {
		return 1 << 62
	}
	return int64(disk.Bavail) * int64(disk.Bsize)
}

// sizeOf is the ledger's size on the disk.
func sizeOf(dir string) int64 {
	info, err := os.Stat(filepath.Join(dir, store.DatabaseFile))
	if err != nil {
		return 0
	}
	return info.Size()
}
