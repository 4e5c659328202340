package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/eatmoreapple/openwechat"
	"github.com/rs/zerolog"

	"chunfeng/store"
)

// method is how a session is begun.
type method string

const (
	hot  method = "hot"  // takes up the session before
	push method = "push" // the phone is asked to confirm
	scan method = "scan" // a QR code is shown
)

// clientTimeout is the longest that one request of the library may take. The server holds long polls for 25 to 27
// seconds; the library's own 30 leave too little.
const clientTimeout = 40 * time.Second

// errClosed is what a session answers once it is over.
var errClosed = errors.New("the session is over")

// session is one attempt to log in and, if it succeeds, what follows. It is the library's transport.
type session struct {
	a      *Account
	how    method
	bot    *openwechat.Bot
	ctx    context.Context
	cancel context.CancelFunc
	log    zerolog.Logger
	wire   http.RoundTripper
	jar    *cookies

	// Set while webwxinit is answered, before the library starts its loop, and read only from then on.
	epoch   string
	self    string
	nick    string
	uin     int64
	rebind  bool // another session than before: every binding is void
	resumed bool // the stream was taken up where it was left when the gap began
	roster  *roster
	request *openwechat.BaseRequest
	info    *openwechat.LoginInfo
	savedAt moment
	settled atomic.Bool // its groups are known
	whole   atomic.Bool // the gap before it is closed: from here on nothing is missed

	// Touched by the library's loop alone.
	key          syncKey
	barren       int
	barrenSince  time.Time
	unheld       bool // the last long poll came back at once, with nothing
	trouble      int
	troubleSince time.Time
	told         bool // staff know of the trouble

	lastGood moment // the last good answer to a sync request
	noLine   moment // the last sync request that found no connection; never, once one that began later was answered
	lastSent moment // the last accepted send

	media *mediaShelf

	mu       sync.Mutex
	inflight int
	closed   bool
	idle     chan struct{} // closed when closed and nothing is in flight

	endOnce sync.Once
	ended   chan struct{}
	reason  error // why it ended, set before ended is closed
}

func (a *Account) newSession(ctx context.Context, how method, rec store.Account, old saved) *session {
	s := &session{
		a: a, how: how, wire: a.wire, jar: newCookies(old.Cookies), idle: make(chan struct{}), ended: make(chan struct{}),
		log: a.log.With().Str("login", string(how)).Logger(), media: newMediaShelf(),
	}
	s.ctx, s.cancel = context.WithCancel(ctx)
	b := openwechat.NewBot(s.ctx)
	openwechat.Desktop.Prepare(b)
	openwechat.WithDeviceID(rec.DeviceID).Prepare(b)
	// The library's five tries would put one message on the wire five times.
	b.Caller.Client.MaxRetryTimes = 1
	b.Caller.Client.HTTPClient().Transport = s
	b.Caller.Client.HTTPClient().Timeout = clientTimeout
	b.SyncCheckCallback = func(openwechat.SyncCheckResponse) { s.rest() }
	b.MessageErrorHandler = s.onError
	b.LogoutCallBack = func(*openwechat.Bot) { s.end(nil) }
	s.bot = b
	return s
}

// enter counts a request in; false when the session is over.
func (s *session) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.inflight++
	return true
}

func (s *session) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inflight--
	if s.closed && s.inflight == 0 {
		close(s.idle)
	}
}

// close ends the session's long polls and waits for what is on the wire: a send in hand is finished.
func (s *session) close() {
	s.cancel()
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		if s.inflight == 0 {
			close(s.idle)
		}
	}
	s.mu.Unlock()
	<-s.idle
}

// end notes why the session is over; the first reason stays.
func (s *session) end(why error) {
	s.endOnce.Do(func() {
		s.reason = why
		close(s.ended)
	})
}

// begin makes the session the account's present one, in the ledger too. It is called while webwxinit is answered, so that
// everything is in place before the library asks for messages.
func (s *session) begin(self, nick string, fresh syncKey) error {
	st, name := s.a.o.Store, s.a.o.Account
	s.request, s.info = s.bot.Storage.Request, s.bot.Storage.LoginInfo
	s.self, s.nick, s.uin = self, nick, s.info.WxUin
	s.epoch = fmt.Sprintf("%d %s", s.uin, self)
	if err := s.a.claimPerson(s.uin); err != nil {
		return err
	}
	rebind, err := st.StartSession(name, s.epoch, s.uin, shown(nick))
	if err != nil {
		return err
	}
	s.rebind = rebind
	raw, err := st.Cursor(name)
	if err != nil {
		return err
	}
	key, known := readCursor(raw, s.epoch)
	if s.how == hot && !rebind && known {
		// Of a login that failed, or whose program ended, behind its beginning: the stream is that login's.
		torn, err := st.Torn(name)
		if err != nil {
			return err
		}
		s.key = key
		s.resumed = !torn
	} else {
		// A key of another session is never used in this one, also not by the library, which would prefer the one it loaded.
		s.bot.Storage.Response = nil
		s.key = fresh
		b, err := s.cursor(fresh)
		if err != nil {
			return err
		}
		if err := st.StartStream(name, b); err != nil {
			return err
		}
	}
	if err := s.save(true); err != nil {
		return err
	}
	s.prime()
	return nil
}

// prime makes the library's cookie jar know every host before several goroutines use it: its map of hosts has no lock.
func (s *session) prime() {
	d := s.bot.Caller.Client.Domain
	for _, origin := range []string{d.BaseHost(), d.FileHost(), d.SyncHost(), "https://login.wx.qq.com", "https://login.weixin.qq.com"} {
		if u, err := url.Parse(origin); err == nil {
			s.bot.Caller.Client.Jar().SetCookies(u, nil)
		}
	}
}

// save keeps the login, so that a restart can take it up.
func (s *session) save(hot bool) error {
	v := saved{Hot: hot, Domain: string(s.bot.Caller.Client.Domain), UUID: s.bot.UUID(), Request: *s.request, Login: *s.info, Cookies: s.jar.list()}
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	s.savedAt.mark()
	return s.a.o.Store.SaveSession(s.a.o.Account, b)
}

// renewEvery is how often a session is kept again when cookies changed in nothing but their life.
const renewEvery = 10 * time.Minute

// noteCookies keeps what an answer sets.
func (s *session) noteCookies(resp *http.Response) {
	changed, prolonged := s.jar.take(resp, time.Now())
	if s.request == nil || !changed && !(prolonged && time.Since(s.savedAt.at()) > renewEvery) {
		return
	}
	if err := s.save(true); err != nil {
		s.log.Warn().Err(err).Msg("the session's cookies were not kept")
	}
}

// wait sleeps, and tells whether the session is still wanted.
func (s *session) wait(d time.Duration) bool { return sleep(s.ctx, d) }

func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
