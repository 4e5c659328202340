package bot

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"chunfeng/broadcast"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// Options of New. Account and Store must be given.
type Options struct {
	Account   string            // its name in the ledger
	Store     *store.Store      //
	Gateway   string            // http://HOST:PORT to which every request goes, Host header and path kept; "": WeChat itself
	Transport http.RoundTripper // what carries the requests; nil: a transport of its own
	Log       zerolog.Logger
	// Events is told what happens to the account. It must not block; nil: nobody is told.
	Events func(Event)
	// TooOften is told of WeChat's notice "sent too often" in a chat, and decides about the delivery that it contradicts.
	// On an error the notice stays in the ledger and is told again. nil: it is logged, and nothing else.
	TooOften func(broadcast.Notice) error
	// ContactEvery is the time between two requests for contact details, 5 s when zero (and then at most 60 in ten
	// minutes). Negative lifts both limits, but only where the gateway is this machine or Transport is given.
	ContactEvery time.Duration
	// ForcedLogout is how soon after a send an end of the session from outside (1100, 1101) counts as the platform's
	// answer to it, which stops the account: 10 s when zero, never when negative.
	ForcedLogout time.Duration
	// Notice is how long after a message was accepted the notice that it did not arrive may come; store.NoticeWithin when zero.
	Notice time.Duration
	// SilentAfter is how long an account may hear nothing at all although it sends with success before staff are told to
	// open WeChat on the phone; 45 min when zero.
	SilentAfter time.Duration
}

// Account is one WeChat login. All its methods may be called from any goroutine.
type Account struct {
	o     Options
	log   zerolog.Logger
	wire  http.RoundTripper
	local bool          // the pace of contact requests may be lifted
	err   error         // of the options
	mail  chan struct{} // notices wait in the ledger

	mu      sync.RWMutex
	session *session
	roster  *roster
	code    *code
	oddHots int // hot logins in a row that were answered with nonsense
	state   store.AccountState
	why     string
	since   time.Time
	paused  bool

	lastHeard moment
	drained   moment       // when the server had no more to say than was taken, and nothing can have been missed before
	heardOut  moment       // the same, with every notice of before read
	polled    moment       // when the server last answered before the gap that is open
	sends     atomic.Int64 // accepted since anything was heard
	silent    atomic.Bool
}

// New makes an account that does nothing until Run.
func New(o Options) *Account {
	if o.ForcedLogout == 0 {
		o.ForcedLogout = 10 * time.Second
	}
	if o.Notice == 0 {
		o.Notice = store.NoticeWithin
	}
	if o.SilentAfter == 0 {
		o.SilentAfter = 45 * time.Minute
	}
	a := &Account{
		o: o, log: o.Log.With().Str("account", o.Account).Logger(), state: store.AccountNew,
		mail: make(chan struct{}, 1),
	}
	a.wire, a.local, a.err = o.transport()
	if o.ContactEvery == 0 || o.ContactEvery < 0 && !a.local {
		a.o.ContactEvery = 5 * time.Second
	}
	return a
}

// Name is the account's name in the ledger.
func (a *Account) Name() string { return a.o.Account }

// Run keeps the account logged in until ctx ends or the account is removed, and then returns nil. A message that is on
// the wire when ctx ends is finished first. It returns an error only when it cannot begin at all.
func (a *Account) Run(ctx context.Context) error {
	if a.err != nil {
		return a.err
	}
	rec, err := a.o.Store.Account(a.o.Account)
	if err != nil {
		return err
	}
	if rec.Epoch != "" {
		// Since it last heard anything the program did not run, or was killed.
		from := rec.LastInboundAt
		if from.Before(rec.OnlineSince) {
			from = rec.OnlineSince
		}
		a.openGap("bot.gap_restart", from)
	}
	if rec.State == store.AccountOnline || rec.State == store.AccountWaitingScan {
		// So it was left by a program that was killed.
		a.record(store.AccountOffline, "")
	}
	defer closeIdle(a.wire)
	var tasks sync.WaitGroup
	defer tasks.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	tasks.Go(func() { a.readNotices(ctx) })
	tasks.Go(func() { a.watch(ctx, cancel) })
	for fails := 0; ctx.Err() == nil; {
		if err := a.permitted(ctx); err != nil {
			break
		}
		if fails > 0 && !sleep(ctx, troublePause(fails)) {
			break
		}
		s, err := a.login(ctx)
		if err != nil {
			fails++
			a.notIn(ctx, err)
			continue
		}
		began := time.Now()
		a.live(ctx, s)
		if fails++; time.Since(began) > 10*time.Minute {
			fails = 0
		}
	}
	return nil
}

// permitted waits until the account may log in: not paused and not stopped.
func (a *Account) permitted(ctx context.Context) error {
	for {
		changed := a.o.Store.Changed()
		rec, err := a.o.Store.Account(a.o.Account)
		if err != nil {
			return err
		}
		if !rec.Paused && rec.State != store.AccountStopped {
			return nil
		}
		state := store.AccountPaused
		if !rec.Paused {
			state = store.AccountStopped
		}
		a.show(state, rec.Why)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

// watch ends everything when the account is removed, and notes when it is paused. A paused account that is online goes
// on hearing: only sending stops.
func (a *Account) watch(ctx context.Context, cancel func()) {
	for ctx.Err() == nil {
		changed := a.o.Store.Changed()
		rec, err := a.o.Store.Account(a.o.Account)
		if errors.Is(err, words.Refuse("store.no_account")) {
			cancel()
			return
		}
		if err == nil {
			a.mu.Lock()
			a.paused = rec.Paused
			a.mu.Unlock()
		}
		select {
		case <-ctx.Done():
		case <-changed:
		}
		// The ledger changes many times a second while a wave runs.
		sleep(ctx, time.Second/2)
	}
}

// live is a session from login to its end.
func (a *Account) live(ctx context.Context, s *session) {
	r := s.roster
	a.mu.Lock()
	a.session, a.roster, a.code = s, r, nil
	a.mu.Unlock()
	a.heard()
	a.show(store.AccountOnline, "")
	a.log.Info().Str("login", string(s.how)).Bool("rebind", s.rebind).Msg("online")
	a.emit(Event{Kind: Online})
	a.wakeNotices()
	var tasks sync.WaitGroup
	tasks.Go(func() { r.run(s.ctx) })
	tasks.Go(func() { a.listen(s.ctx) })
	select {
	case <-s.ended:
	case <-ctx.Done():
		s.end(ctx.Err())
	}
	a.mu.Lock()
	a.session, a.roster = nil, nil
	a.mu.Unlock()
	s.close()
	tasks.Wait()
	a.over(ctx, s)
}

// over records the end of a session.
func (a *Account) over(ctx context.Context, s *session) {
	// A session may answer as it should and bring nothing, until somebody opens WeChat on the phone: nothing proves that the
	// account heard after it was last brought something.
	from := a.lastHeard.at()
	if s.whole.Load() {
		a.polled.Store(s.lastGood.Load())
	}
	ret, coded := retOf(s.reason)
	switch {
	case ctx.Err() != nil:
		a.openGap("bot.gap_shutdown", from)
		a.record(store.AccountOffline, "")
	case ret == 1203:
		a.openGap("bot.gap_session", from)
		a.forget(s)
		a.stop("bot.forbidden")
	case (ret == 1100 || ret == 1101) && s.sentWithin(a.o.ForcedLogout):
		a.openGap("bot.gap_forced", from)
		a.forget(s)
		a.stop("bot.forced_logout")
	default:
		why := Why("bot.session_over", s.reason)
		if coded {
			why = Why("bot.session_over_code", ret)
		}
		a.openGap("bot.gap_session", from)
		a.forget(s)
		a.record(store.AccountOffline, why)
		a.emit(Event{Kind: Offline, Why: why, Err: s.reason})
	}
	a.log.Info().AnErr("reason", s.reason).Msg("session over")
}

// forget keeps of a session that the server ended what push login needs.
func (a *Account) forget(s *session) {
	if err := s.save(false); err != nil {
		a.log.Warn().Err(err).Msg("the session was not forgotten")
	}
}

func (s *session) sentWithin(d time.Duration) bool {
	at := s.lastSent.at()
	return d > 0 && !at.IsZero() && time.Since(at) <= d
}

// notIn records that a login failed.
func (a *Account) notIn(ctx context.Context, err error) {
	err = bare(err)
	ret, _ := retOf(err)
	switch {
	case ctx.Err() != nil:
	case ret == 1203:
		a.stop("bot.forbidden")
	case errors.Is(err, errSamePerson):
		a.stop("bot.same_person")
	default:
		a.log.Warn().Err(err).Msg("login failed")
		why := Why("bot.login_failed", err)
		a.record(store.AccountOffline, why)
		a.emit(Event{Kind: Offline, Why: why, Err: err})
	}
	a.mu.Lock()
	a.code = nil
	a.mu.Unlock()
}

// stop leaves the account to a person.
func (a *Account) stop(key string) {
	a.log.Error().Str("why", key).Msg("stopped")
	a.record(store.AccountStopped, Why(key))
	a.emit(Event{Kind: Stopped, Why: Why(key)})
}

func (a *Account) current() (*session, *roster) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.session, a.roster
}

// errSamePerson is a login by a person whose WeChat another account holds: the two would throw each other out for ever.
var errSamePerson = errors.New("another account belongs to the same person")

// claimPerson refuses a person whom another account at work belongs to, be it online or about to be: by the time that this
// one is asked for, the other has already been thrown out. To exchange phones the other account is paused first.
func (a *Account) claimPerson(uin int64) error {
	all, err := a.o.Store.Accounts()
	if err != nil {
		return err
	}
	for _, other := range all {
		if other.Name != a.o.Account && other.Uin == uin && !other.Paused && other.State != store.AccountStopped {
			return errSamePerson
		}
	}
	return nil
}

func (a *Account) openGap(why string, from time.Time) {
	if err := a.o.Store.OpenGap(a.o.Account, why, from); err != nil {
		a.log.Warn().Err(err).Msg("the gap was not recorded")
	}
}
