package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"chunfeng/broadcast"
	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// live is what only a daemon has.
type live struct {
	cancel context.CancelFunc
	work   sync.WaitGroup
	server *http.Server
	web    *web // nil without an address to listen on
	crew   *crew
	shift  *shift // guarded by App.mu; a reload replaces it
	began  time.Time

	reloading chan struct{} // holds one token: who has it reloads or stops
	stopping  chan struct{} // closed when Stop begins
}

// shift is what works by the settings of its time: a reload ends it after the send in hand and begins another.
type shift struct {
	dispatcher *broadcast.Dispatcher
	cancel     context.CancelFunc
	reading    chan struct{} // closed when no reply is read any more
}

// stopGrace is how long a reload waits for a send in hand: longer than the send's own deadline.
const stopGrace = 40 * time.Second

// How long a daemon that stops waits for a send in hand, and then for requests that it answers: it is gone within ten
// seconds. A send that takes longer than the first is one of which nobody knows; the next start says so.
const (
	sendGrace    = 8 * time.Second
	requestGrace = time.Second
)

// Start makes a daemon of the App: it answers on the socket, reads replies, logs in and sends until Stop.
func (a *App) Start(ctx context.Context) error {
	if _, err := a.templates(); err != nil {
		return err
	}
	if err := a.sound(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	site, tcp, err := a.openWeb(ctx)
	if err != nil {
		cancel()
		return err
	}
	l, err := listenSocket(filepath.Join(a.store.Dir(), socketName))
	if err != nil {
		cancel()
		return errors.Join(err, closed(tcp))
	}
	v := &live{cancel: cancel, began: time.Now(), web: site, reloading: make(chan struct{}, 1), stopping: make(chan struct{}), server: &http.Server{Handler: a.watched(a.Handler(), true), ReadHeaderTimeout: 10 * time.Second, ErrorLog: a.serverLog()}}
	v.crew = &crew{app: a, members: map[string]*member{}}
	a.mu.Lock()
	a.live = v
	a.mu.Unlock()
	if err := a.begin(v); err != nil {
		cancel()
		return errors.Join(err, l.Close(), closed(tcp))
	}
	if site != nil {
		v.work.Go(func() { site.serve(a, tcp) })
	}
	v.work.Go(func() { v.crew.run(ctx) })
	v.work.Go(func() {
		if err := v.server.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
			a.log.Error().Err(err).Msg("the socket answers no more")
		}
	})
	v.work.Go(func() { a.expire(ctx) })
	v.work.Go(func() { a.watch().Run(ctx) })
	v.work.Go(func() { a.turnKeys(ctx) })
	v.work.Go(func() { a.backUpInTime(ctx) })
	return nil
}

// sound recounts the ledger before anything works on it: about a second for a million deliveries. What the pages and
// checksums do not tell, an index that points elsewhere or a tally that does not agree, must not be sent by.
func (a *App) sound(ctx context.Context) error {
	c, err := a.store.Check(ctx)
	if err != nil {
		return words.Refuse("store.damaged", filepath.Join(a.store.Dir(), store.DatabaseFile)).Because(err)
	}
	if !c.OK {
		return words.Refuse("cmd.unsound", len(c.Broken), c.Broken[0])
	}
	return nil
}

// servers are what answers requests.
func (v *live) servers() []*http.Server {
	if v.web == nil {
		return []*http.Server{v.server}
	}
	return []*http.Server{v.web.server, v.server}
}

// closed closes a listener that may not have been opened.
func closed(l net.Listener) error {
	if l == nil {
		return nil
	}
	return l.Close()
}

// begin has a shift work by the settings in force, with every account that is there. Over a ledger that may be a copy
// nothing works: no account logs in, for that would log out the one that the copy was taken from.
func (a *App) begin(v *live) error {
	if r := a.store.Disarmed(); r != nil {
		a.log.Error().Str("why", r.In(words.English)).Msg("nothing is sent and no account logs in")
		return nil
	}
	registrar, err := a.registrar()
	if err != nil {
		return err
	}
	planner, err := a.planner()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &shift{dispatcher: broadcast.New(a.dispatch(planner)), cancel: cancel, reading: make(chan struct{})}
	a.mu.Lock()
	v.shift = s
	var members []*member
	for _, m := range v.crew.members {
		members = append(members, m)
	}
	a.mu.Unlock()
	for _, m := range members {
		if err := s.dispatcher.Add(m.account.Name(), m.account.Sender()); err != nil {
			a.log.Error().Err(err).Str("account", m.account.Name()).Msg("the account has no lane")
		}
	}
	s.dispatcher.Start()
	go func() {
		defer close(s.reading)
		if err := registrar.Run(ctx); err != nil && ctx.Err() == nil {
			a.log.Error().Err(err).Msg("replies are not read any more; they are kept, restart the daemon")
		}
	}()
	return nil
}

// arm has a daemon work over a ledger that may be a copy.
func (a *App) arm(who string) error {
	if err := a.store.Arm(who); err != nil {
		return err
	}
	a.mu.Lock()
	v := a.live
	a.mu.Unlock()
	if v == nil {
		return nil
	}
	if err := v.take(); err != nil {
		return err
	}
	defer v.give()
	return a.begin(v)
}

// take waits for a reload that is under way, and has the caller be the one who changes what works. A daemon that stops
// refuses: it waits for the requests in hand, and must not be waited for by one.
func (v *live) take() error {
	select {
	case <-v.stopping:
		return words.Refuse("cmd.daemon_gone").Of(words.Later)
	case v.reloading <- struct{}{}:
		return nil
	}
}

// give ends what take began.
func (v *live) give() { <-v.reloading }

// end lets a shift finish the sends and the reply in hand. There is none while the ledger is not armed.
func (s *shift) end(ctx context.Context) error {
	if s == nil {
		return nil
	}
	err := s.dispatcher.Stop(ctx)
	s.cancel()
	<-s.reading
	return err
}

// Stop ends what Start began, waits for the send in hand, and closes the ledger.
func (a *App) Stop(ctx context.Context) error {
	a.mu.Lock()
	v := a.live
	a.mu.Unlock()
	if v == nil {
		return a.store.Close()
	}
	close(v.stopping)
	v.reloading <- struct{}{}
	// Sends in hand end first, while their accounts are still logged in.
	sends, cancel := context.WithTimeout(ctx, sendGrace)
	defer cancel()
	err := v.shift.end(sends)
	wait := stopGrace
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		wait = requestGrace
		a.log.Warn().Msg("a send in hand had no answer in time: it will be unknown at the next start")
		err = nil
	}
	v.cancel()
	requests, cancel := context.WithTimeout(ctx, requestGrace)
	defer cancel()
	for _, s := range v.servers() {
		if e := s.Shutdown(requests); e != nil {
			if err = errors.Join(err, s.Close()); !errors.Is(e, context.DeadlineExceeded) {
				err = errors.Join(err, e)
			}
		}
	}
	if v.web != nil {
		v.web.console.Close()
	}
	// An account waits for its send in hand; one that was given up above is not waited for again.
	gone := make(chan struct{})
	go func() { v.work.Wait(); close(gone) }()
	select {
	case <-gone:
	case <-time.After(wait):
	}
	return errors.Join(err, os.Remove(filepath.Join(a.store.Dir(), socketName)), a.store.Close())
}

// dispatch translates the configuration for the dispatcher.
func (a *App) dispatch(p *broadcast.Planner) broadcast.Options {
	c := a.settings()
	o := broadcast.Options{
		Store: a.store, Planner: p, ConfirmAfter: c.ConfirmAfter, Answers: broadcast.PoliteAnswers(), Event: a.told, Signalled: a.signalled,
	}
	if c.Loopback() {
		// Against a simulator on this machine nobody is disturbed, and a rehearsal should not wait as long as the real thing.
		o.Answers, o.Again, o.HandOver, o.BindGrace = broadcast.AnswerLimits{}, time.Second, 20*time.Second, 10*time.Second
	}
	return o
}

// expire erases each day who signed up longer ago than residents were told that it is kept, and drops sign-ins and links
// that are over.
func (a *App) expire(ctx context.Context) {
	for {
		if keep := a.settings().Retention; keep > 0 {
			people, messages, err := a.store.Expire(time.Now().Add(-keep))
			switch {
			case err != nil:
				a.log.Error().Err(err).Msg("what is past its retention could not be erased")
			case people+messages > 0:
				a.log.Info().Int("signups", people).Int("messages", messages).Msg("erased what is past its retention")
			}
		}
		if _, _, err := a.store.DropExpired(time.Now()); err != nil {
			a.log.Error().Err(err).Msg("old sign-ins and links could not be dropped")
		}
		if gone, err := a.store.DropOlder(time.Now()); err != nil {
			a.log.Error().Err(err).Msg("the database of before the upgrade could not be removed")
		} else if len(gone) > 0 {
			a.log.Info().Strs("files", gone).Msg("removed the database of before the upgrade")
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(24 * time.Hour):
		}
	}
}

// socketName is the socket in the data folder.
const socketName = api.SocketFile

// listenSocket opens the socket for its owner alone. One that lies there is stale: the ledger is ours.
func listenSocket(path string) (net.Listener, error) {
	short, release, err := shortPath(path)
	if err != nil {
		return nil, err
	}
	defer release()
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	// The mode is right from the first moment; a chmod would come after it.
	was := syscall.Umask(0o177)
	defer syscall.Umask(was)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: short, Net: "unix"})
	if err != nil {
		return nil, words.Refuse("cmd.no_listen", path).Because(err)
	}
	l.SetUnlinkOnClose(false) // the short name may be gone by then; Stop removes the long one
	return l, nil
}
