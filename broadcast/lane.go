package broadcast

import (
	"context"
	"errors"
	"sync"
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// lane sends one account's deliveries, one after the other.
type lane struct {
	account string
	sender  Sender
	desk    *desk
	begun   time.Time // its steady clock counts from here

	work turn // held from a claim until it is settled
	wire turn // held while something is on the wire: a send, or a recall

	asked chan *proofAsk // by people
	over  chan struct{}  // closed when the lane runs no more

	mu     sync.Mutex // guards what follows
	pacer  *pacer
	status Status
	meters meters
	waited []queued // sent in the last two minutes

	// What follows is the running goroutine's own.
	seen      <-chan struct{} // the ledger as it was last looked at
	record    store.Account
	quiet     Quiet
	waves     map[uint32]store.Wave
	answered  map[uint32]*answers // by group
	outSince  time.Time           // since when the account is out of reach; zero: it is not
	notBefore time.Time           // after a log-out
	unheard   int                 // sends in a row of which nothing is known
	restUntil time.Time           // because of those
	asking    *proofAsk           // who asked and has no answer yet
	forbidden time.Time
}

// desk is what all lanes share.
type desk struct {
	Options
	shelf    *shelf
	clock    *clock
	calendar sync.Mutex // guards almanac
	almanac  almanac
	other    func(group uint32, not string) (account string, found bool)
}

// The waits of a lane.
const (
	pollOut     = 5 * time.Second // how often an account that is out of reach is looked at again
	afterLogout = 10 * time.Second
	retryLedger = time.Second
	bindPoll    = time.Minute
)

func newLane(account string, s Sender, d *desk) (*lane, error) {
	l := &lane{
		account: account, sender: s, desk: d, begun: time.Now(), work: make(turn, 1), wire: make(turn, 1),
		asked: make(chan *proofAsk), over: make(chan struct{}),
		waves: map[uint32]store.Wave{}, answered: map[uint32]*answers{}, meters: meters{},
	}
	saved, err := d.Store.Pace(account)
	if err != nil {
		return nil, err
	}
	l.pacer = newPacer(d.Planner.Pacing, saved, l.now(), random)
	return l, nil
}

// now reads both clocks: time.Since is monotonic, so a wall clock that is put back or on does not move the steady one.
func (l *lane) now() instant {
	return instant{steady: l.begun.Round(0).Add(time.Since(l.begun)), wall: time.Now()}
}

// run sends until the context ends. What is on the wire then is brought to its end.
func (l *lane) run(ctx context.Context) {
	defer close(l.over)
	for ctx.Err() == nil {
		changed := l.desk.Store.Changed()
		wait, err := l.step(ctx, changed)
		switch {
		case errors.Is(err, store.ErrClosed):
			return
		case err != nil:
			if l.say(Status{State: LaneNoLedger}) == LaneNoLedger {
				pause(ctx, retryLedger, nil) // it was said already
				continue
			}
			l.desk.Event(Event{Account: l.account, Alert: true, What: words.T("broadcast.ledger", l.account), Err: err})
			pause(ctx, retryLedger, nil)
		case wait < 0:
			l.rest(ctx, 0, changed)
		case wait > 0:
			l.rest(ctx, wait, changed)
		default:
			l.asks()
		}
	}
}

// always is the answer of a step that found nothing and waits for a change.
const always = time.Duration(-1)

// step brings at most one delivery forward. It answers how long to wait before the next look; a change of the ledger ends
// every wait.
func (l *lane) step(ctx context.Context, changed <-chan struct{}) (wait time.Duration, err error) {
	if err := l.look(changed); err != nil {
		return 0, err
	}
	if l.record.Paused || l.record.Removed {
		l.say(Status{State: LanePaused})
		return always, nil
	}
	now := l.now()
	l.mu.Lock()
	moved := l.pacer.moved(now)
	l.mu.Unlock()
	if moved != nil {
		if err := l.desk.Store.SavePace(*moved); err != nil {
			return 0, err
		}
	}
	if l.asking != nil {
		return l.prove(ctx)
	}
	open := l.quiet.Open(now.wall)
	quiet := open.After(now.wall)
	d, found, wake, err := l.next(!quiet, now)
	if err != nil {
		return 0, err
	}
	if !found {
		return l.idle(now.wall, open, wake), nil
	}
	if wait := l.restUntil.Sub(now.wall); wait > 0 {
		l.say(Status{State: LaneWaiting, Until: l.restUntil})
		return wait, nil
	}
	if stopped := l.stopped(); stopped || now.wall.Before(l.notBefore) {
		return l.outOfReach(d, stopped, now.wall)
	}
	if wait, held, err := l.hold(d, now); held {
		return wait, err
	}
	v, err := l.check(d, now.wall)
	if err != nil {
		return 0, err
	}
	switch {
	case v.out:
		return l.outOfReach(d, false, now.wall)
	case v.skip != "":
		return 0, ignoreConflict(l.desk.Store.Skip(d.Wave, d.Seq, v.skip))
	case !v.until.IsZero():
		return 0, ignoreConflict(l.desk.Store.Defer(d.Wave, d.Seq, v.account, v.until, v.why))
	}
	return 0, l.post(ctx, d, v.content)
}

// look reads again what the lane keeps of the ledger, when something there has changed.
func (l *lane) look(changed <-chan struct{}) (err error) {
	if changed == l.seen {
		return nil
	}
	l.record, err = l.desk.Store.Account(l.account)
	var gone *words.Refusal
	if errors.As(err, &gone) && gone.Kind == words.Missing {
		l.record.Removed, err = true, nil
	}
	clear(l.waves)
	if err == nil {
		l.quiet, err = l.desk.quiet(changed)
	}
	if err == nil {
		l.seen = changed
	}
	return err
}

// stopped tells whether the platform forbade the account and nobody logged it in since.
func (l *lane) stopped() bool {
	return l.record.State == store.AccountStopped || !l.forbidden.IsZero() && !l.record.OnlineSince.After(l.forbidden)
}

// idle answers the wait of a lane that has nothing to send.
func (l *lane) idle(now, open, wake time.Time) time.Duration {
	s := Status{State: LaneIdle}
	if open.After(now) {
		s = Status{State: LaneQuiet, Until: open}
		if wake.IsZero() || open.Before(wake) {
			wake = open
		}
	}
	l.say(s)
	if wake.IsZero() {
		return always
	}
	return max(wake.Sub(now), time.Millisecond)
}

// next answers what is to be sent next. Pictures have a pace of their own: while they must wait, texts go on.
func (l *lane) next(bulk bool, now instant) (d store.Delivery, found bool, wake time.Time, err error) {
	if bulk {
		l.mu.Lock()
		due, _ := l.pacer.due(store.Image, false, now)
		l.mu.Unlock()
		if due.After(now.steady) {
			if d, found, wake, err = l.desk.Store.NextText(l.account, now.wall); err != nil || found {
				return d, found, wake, err
			}
		}
	}
	return l.desk.Store.Next(l.account, bulk, now.wall)
}

// hold tells whether a delivery must wait for its pace, and how long the lane waits with it. A picture that must wait gets
// out of the way of the texts behind it, into the queue.
func (l *lane) hold(d store.Delivery, now instant) (wait time.Duration, held bool, err error) {
	l.mu.Lock()
	due, why := l.pacer.due(d.Kind, d.Wave == store.Answers, now)
	l.mu.Unlock()
	if !due.After(now.steady) {
		return 0, false, nil
	}
	wait = due.Sub(now.steady)
	if d.Kind.Media() && !d.Queued {
		return 0, true, ignoreConflict(l.desk.Store.Defer(d.Wave, d.Seq, "", now.wall, store.ReasonNone))
	}
	l.say(Status{State: LaneWaiting, For: why, Until: now.wall.Add(wait)})
	return wait, true, nil
}

// outOfReach waits for an account that is logged out or forbidden, and after a while hands its deliveries to others.
func (l *lane) outOfReach(d store.Delivery, stopped bool, now time.Time) (time.Duration, error) {
	state := LaneOffline
	if stopped {
		state = LaneStopped
	}
	l.say(Status{State: state})
	if l.outSince.IsZero() {
		l.outSince = now
	}
	if now.Sub(l.outSince) >= l.desk.HandOver {
		if other, ok := l.desk.other(d.Group, l.account); ok {
			return 0, ignoreConflict(l.desk.Store.Defer(d.Wave, d.Seq, other, now, store.ReasonNotBound))
		}
	}
	return pollOut, nil
}

// ignoreConflict drops the refusal of a verb that came too late: somebody decided otherwise meanwhile, and the next look
// at the ledger shows what.
func ignoreConflict(err error) error {
	var r *words.Refusal
	if errors.As(err, &r) && (r.Kind == words.Conflict || r.Kind == words.Missing) {
		return nil
	}
	return err
}
