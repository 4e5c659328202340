package main

import (
	"context"
	"errors"
	"log"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"chunfeng/bot/phone"
	"chunfeng/cmd/chunfeng/console"
	"chunfeng/templates/words"
)

// web is the console over HTTP.
type web struct {
	server  *http.Server
	console *console.Console
	at      string // HOST:PORT, as it was opened
}

// How long a client may take. A page is small; an upload and a stream of live numbers say for themselves that they last.
const (
	webHeader = 10 * time.Second
	webRead   = time.Minute
	webWrite  = time.Minute
	webIdle   = 2 * time.Minute
)

// openWeb opens the address of the configuration; nil when there is none.
func (a *App) openWeb(ctx context.Context) (*web, net.Listener, error) {
	cfg := a.settings()
	if cfg.Listen == "" {
		return nil, nil, nil
	}
	c, err := console.New(console.Options{
		API: a.api, Store: a.store, Config: a.settings, Log: a.log, Origin: cfg.ConsoleOrigin, Idle: cfg.ConsoleIdle, Absolute: cfg.ConsoleAbsolute,
	})
	if err != nil {
		return nil, nil, err
	}
	l, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return nil, nil, words.Refuse("cmd.no_listen", cfg.Listen).Because(err)
	}
	w := &web{at: l.Addr().String(), console: c, server: &http.Server{
		Handler: a.ownName(l.Addr(), cfg.ConsoleOrigin, a.watched(c.Handler(), false)), ReadHeaderTimeout: webHeader, ReadTimeout: webRead, WriteTimeout: webWrite, IdleTimeout: webIdle, MaxHeaderBytes: 64 << 10,
		BaseContext: func(net.Listener) context.Context { return ctx }, ErrorLog: a.serverLog(),
	}}
	if host, _, err := net.SplitHostPort(w.at); err == nil && !strings.HasPrefix(cfg.ConsoleOrigin, "https://") {
		if ip := net.ParseIP(host); ip != nil && !ip.IsLoopback() {
			a.log.Warn().Str("listen", w.at).Msg("passwords go over the network in the clear: put a reverse proxy with TLS before the console and tell its address in console.origin")
		}
	}
	return w, l, nil
}

// serverLog has what the library of HTTP has to say stand in the log as everything else does: that no connection can be taken, or
// what a request panicked over.
func (a *App) serverLog() *log.Logger { return log.New(complaints{a.log}, "", 0) }

type complaints struct{ log zerolog.Logger }

// Write implements io.Writer.
func (c complaints) Write(b []byte) (int, error) {
	c.log.Warn().Msg(phone.Hide(strings.TrimSpace(string(b))))
	return len(b), nil
}

// ownName refuses requests by another name than the console's own, where it listens for this machine alone: else a page of
// another site, whose name is made to lead here, would be taken for this one by the browser.
func (a *App) ownName(at net.Addr, origin string, next http.Handler) http.Handler {
	tcp, ok := at.(*net.TCPAddr)
	if !ok || !tcp.IP.IsLoopback() {
		return next
	}
	own := ""
	if u, err := url.Parse(origin); err == nil {
		own = u.Hostname()
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := (&url.URL{Host: r.Host}).Hostname()
		ip := net.ParseIP(name)
		if name != "localhost" && (ip == nil || !ip.IsLoopback()) && (own == "" || !strings.EqualFold(name, own)) {
			a.log.Warn().Str("host", name).Msg("a request by another name than the console's own was refused: write the address that people type into console.origin")
			http.Error(w, "this is not the address of the console: see console.origin", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// serve answers until the server is shut down.
func (w *web) serve(a *App, l net.Listener) {
	if err := w.server.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
		a.log.Error().Err(err).Msg("the console answers no more")
	}
}

// origin is the address by which people reach the console.
func (a *App) origin() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.config.ConsoleOrigin != "":
		return strings.TrimSuffix(a.config.ConsoleOrigin, "/")
	case a.live != nil && a.live.web != nil:
		return (&url.URL{Scheme: "http", Host: a.live.web.at}).String()
	}
	return "http://" + a.config.Listen
}

// firstLink answers the one-time link that makes the first administrator; empty when there are people already.
func (a *App) firstLink() (string, error) {
	users, err := a.store.Users()
	if err != nil || len(users) > 0 {
		return "", err
	}
	l, err := a.api.FirstLink("chunfeng")
	if err != nil {
		return "", err
	}
	return a.origin() + l.Path, nil
}
