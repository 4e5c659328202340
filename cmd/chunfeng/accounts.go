package main

import (
	"context"
	"time"

	"chunfeng/bot"
	"chunfeng/broadcast"
	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
)

// crew keeps one WeChat account and one lane running for every account of the ledger that was not removed.
type crew struct {
	app     *App
	members map[string]*member // guarded by App.mu
}

// member is one account at work.
type member struct {
	account *bot.Account
	gone    chan struct{} // closed when it ended
}

// How accounts are started.
const (
	turn        = 3 * time.Second        // the longest that one waits for the one before it
	crewGathers = 300 * time.Millisecond // between two looks at the ledger, which changes many times a second while a wave runs
)

// run starts accounts as they are registered, one after the other in the order of their names: codes come up in that
// order, and a dozen logins do not arrive at the same instant. It ends when ctx ends and every account has.
func (c *crew) run(ctx context.Context) {
	for c.app.dispatcher() == nil && ctx.Err() == nil {
		sleep(ctx, crewGathers) // the ledger is not armed
	}
	for ctx.Err() == nil {
		changed := c.app.store.Changed()
		all, err := c.app.store.Accounts()
		if err != nil {
			c.app.log.Error().Err(err).Msg("the accounts cannot be read")
		}
		for _, one := range all {
			if ctx.Err() == nil && c.at(one.Name) == nil {
				c.start(ctx, one)
			}
		}
		select {
		case <-ctx.Done():
		case <-changed:
			sleep(ctx, crewGathers)
		}
	}
	c.app.mu.Lock()
	var left []*member
	for _, m := range c.members {
		left = append(left, m)
	}
	c.app.mu.Unlock()
	for _, m := range left {
		<-m.gone
	}
}

// at answers the account of a name while it is at work.
func (c *crew) at(name string) *member {
	c.app.mu.Lock()
	defer c.app.mu.Unlock()
	return c.members[name]
}

// botOptions translates the configuration for an account.
func (a *App) botOptions(name string) bot.Options {
	cfg := a.settings()
	o := bot.Options{
		Account: name, Store: a.store, Gateway: cfg.Gateway, Log: a.log, Events: a.event,
		Notice:   min(store.NoticeWithin, cfg.ConfirmAfter),
		TooOften: func(n broadcast.Notice) error { return a.dispatcher().TooOften(n) },
	}
	if cfg.Loopback() {
		// A simulator may be asked at any pace, and a log-out right after a send is not the platform's verdict.
		o.ContactEvery, o.ForcedLogout = -1, -1
	}
	return o
}

func (c *crew) start(ctx context.Context, one store.Account) {
	m := &member{account: bot.New(c.app.botOptions(one.Name)), gone: make(chan struct{})}
	// A reload in between finds it among the members.
	c.app.mu.Lock()
	c.members[one.Name] = m
	c.app.mu.Unlock()
	if err := c.app.dispatcher().Add(one.Name, m.account.Sender()); err != nil {
		c.app.log.Error().Err(err).Str("account", one.Name).Msg("the account has no lane")
	}
	go func() {
		if err := m.account.Run(ctx); err != nil {
			c.app.log.Error().Err(err).Str("account", one.Name).Msg("the account cannot begin")
		}
		c.app.dispatcher().Remove(one.Name)
		c.app.mu.Lock()
		delete(c.members, one.Name)
		c.app.mu.Unlock()
		close(m.gone)
	}()
	if one.Paused || one.State == store.AccountStopped {
		return
	}
	for begun := time.Now(); time.Since(begun) < turn && ctx.Err() == nil; sleep(ctx, 20*time.Millisecond) {
		if _, _, _, waits := m.account.QR(); waits {
			return
		}
		switch s := m.account.State(); s.State {
		case store.AccountOnline, store.AccountPaused, store.AccountStopped:
			return
		case store.AccountOffline:
			if !s.Since.Before(begun) {
				return // its first try failed; the next ones come by themselves
			}
		}
	}
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// event tells what happens to an account, in the log and to whoever shows codes.
func (a *App) event(e bot.Event) {
	l := a.log.Info()
	switch e.Kind {
	case bot.Online, bot.GroupsMatched:
		l = a.log.Debug() // the account itself says it with more detail
	case bot.Stopped:
		l = a.log.Error()
	case bot.Offline, bot.SyncTrouble, bot.Silent:
		l = a.log.Warn()
	}
	if e.Why != "" {
		l = l.Str("why", bot.ReadWhy(e.Why).String())
	}
	l = l.AnErr("cause", e.Err).Str("account", e.Account)
	if e.Kind == bot.ShowCode {
		if code, ok := a.code(e.Account); ok {
			l = l.Str("scan", code.Link)
			if a.showCode != nil {
				a.showCode(e.Account, code.Link)
			}
		}
	}
	l.Msg(string(e.Kind))
}

// told tells what the dispatcher has to say.
func (a *App) told(e broadcast.Event) {
	l := a.log.Info()
	if e.Alert {
		l = a.log.Warn()
	}
	if e.Account != "" {
		l = l.Str("account", e.Account)
	}
	if e.Wave != "" {
		l = l.Str("wave", e.Wave)
	}
	l.AnErr("cause", e.Err).Msg(e.What.String())
}

// crewMember answers an account at work, nil when there is none of the name or no daemon.
func (a *App) crewMember(name string) *member {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.live == nil {
		return nil
	}
	return a.live.crew.members[name]
}

// code answers what must be scanned for an account now.
func (a *App) code(name string) (c api.Code, ok bool) {
	if m := a.crewMember(name); m != nil {
		c.Link, c.PNG, c.Expires, ok = m.account.QR()
	}
	return c, ok
}
