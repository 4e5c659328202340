package broadcast

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"chunfeng/store"
)

// Dispatcher runs the lanes, the confirmer and the scheduler.
type Dispatcher struct {
	desk      *desk
	Scheduler *Scheduler

	mu      sync.Mutex
	lanes   map[string]*working
	ctx     context.Context // of what runs; nil before Start
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// working is a lane and how to end it.
type working struct {
	*lane
	cancel context.CancelFunc
	gone   chan struct{}
}

// New makes a dispatcher. Nothing runs before Start.
func New(o Options) *Dispatcher {
	o = o.withDefaults()
	d := &Dispatcher{lanes: map[string]*working{}}
	d.desk = &desk{Options: o, shelf: newShelf(o.Planner), clock: newClock(), other: d.other}
	d.Scheduler = &Scheduler{desk: d.desk, served: func(account string) bool { return d.lane(account) != nil }}
	return d
}

// Start runs the lanes that were added and those that will be, the confirmer and the scheduler, until Stop.
func (d *Dispatcher) Start() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ctx != nil {
		return
	}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	for _, w := range d.lanes {
		d.launch(w)
	}
	ctx := d.ctx
	d.running.Go(func() { confirmer{d.desk, d.heard}.run(ctx) })
	d.running.Go(func() { d.Scheduler.Run(ctx) })
	d.running.Go(func() { d.desk.watchClock(ctx) })
}

// Stop ends everything after the sends in hand. When the context ends first it answers its error, and what is then still
// on the wire is Unknown at the next start.
func (d *Dispatcher) Stop(ctx context.Context) error {
	d.mu.Lock()
	if d.cancel != nil {
		d.cancel()
	}
	d.mu.Unlock()
	done := make(chan struct{})
	go func() { d.running.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Add gives an account a lane that sends through s. An account that has one keeps it.
func (d *Dispatcher) Add(account string, s Sender) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lanes[account] != nil {
		return nil
	}
	l, err := newLane(account, s, d.desk)
	if err != nil {
		return err
	}
	w := &working{lane: l, gone: make(chan struct{})}
	d.lanes[account] = w
	if d.ctx != nil {
		d.launch(w)
	}
	return nil
}

// launch starts a lane; the caller holds the lock.
func (d *Dispatcher) launch(w *working) {
	ctx, cancel := context.WithCancel(d.ctx)
	w.cancel = cancel
	d.running.Go(func() {
		defer close(w.gone)
		w.run(ctx)
	})
}

// Remove ends an account's lane after the send in hand. What it still had to send is given to others by the scheduler once
// the account is removed from the ledger.
func (d *Dispatcher) Remove(account string) {
	d.mu.Lock()
	w := d.lanes[account]
	delete(d.lanes, account)
	d.mu.Unlock()
	if w != nil && w.cancel != nil {
		w.cancel()
		<-w.gone
	}
}

func (d *Dispatcher) lane(account string) *lane {
	d.mu.Lock()
	defer d.mu.Unlock()
	if w := d.lanes[account]; w != nil {
		return w.lane
	}
	return nil
}

// heard answers until when an account has heard all that the server had to say. Who cannot hear is contradicted by nobody.
func (d *Dispatcher) heard(account string) time.Time {
	l := d.lane(account)
	if l == nil {
		return time.Time{}
	}
	if h, ok := l.sender.(Listener); ok {
		return h.HeardOut()
	}
	return time.Now()
}

// all lists the lanes by account.
func (d *Dispatcher) all() []*lane {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make([]*lane, 0, len(d.lanes))
	for _, w := range d.lanes {
		out = append(out, w.lane)
	}
	slices.SortFunc(out, func(a, b *lane) int { return cmp.Compare(a.account, b.account) })
	return out
}

// other finds another account that can write to a group now.
func (d *Dispatcher) other(group uint32, not string) (string, bool) {
	for _, l := range d.all() {
		if l.account == not || l.sender.Ready(group) != nil {
			continue
		}
		a, err := d.desk.Store.Account(l.account)
		if err == nil && !a.Paused && a.State != store.AccountStopped {
			return l.account, true
		}
	}
	return "", false
}

// Statuses tells what each lane is doing.
func (d *Dispatcher) Statuses() map[string]Status {
	out := map[string]Status{}
	for _, l := range d.all() {
		l.mu.Lock()
		out[l.account] = l.status
		l.mu.Unlock()
	}
	return out
}
