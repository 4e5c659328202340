package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// waitForLedger is how long a command waits for a daemon that starts or stops, or for another command.
const waitForLedger = 10 * time.Second

// client asks the API: that of the daemon over its socket, or the same handler in this process.
type client struct {
	http   *http.Client
	lang   words.Lang
	user   string
	daemon bool // a daemon answers
	done   func() error
}

func (cl *client) close() error { return cl.done() }

// connect finds the daemon, or opens the ledger when no daemon holds it.
func (c *cli) connect(ctx context.Context) (*client, error) {
	for start := time.Now(); ; {
		if t := dialDaemon(c.socket()); t != nil {
			return &client{http: &http.Client{Transport: t}, lang: c.lang, user: c.user, daemon: true, done: func() error { t.CloseIdleConnections(); return nil }}, nil
		}
		log, err := c.logger("error")
		if err != nil {
			return nil, err
		}
		app, err := New(Options{Settings: c.written(), Data: c.data, Log: log})
		if err == nil {
			return &client{http: &http.Client{Transport: inProcess{app.Handler()}}, lang: c.lang, user: c.user, done: app.Close}, nil
		}
		if !errors.Is(err, store.ErrInUse) || time.Since(start) > waitForLedger {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// dialDaemon answers a transport to the daemon, nil when none listens.
func dialDaemon(path string) *http.Transport {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		short, release, err := shortPath(path)
		if err != nil {
			return nil, err
		}
		defer release()
		var d net.Dialer
		return d.DialContext(ctx, "unix", short)
	}
	conn, err := dial(context.Background(), "", "")
	if err != nil {
		return nil
	}
	conn.Close()
	return &http.Transport{DialContext: dial}
}

// shortPath answers a name for a socket that fits the 108 bytes that a socket's address may have, however deep its
// folder lies. release must be called when the name is no longer needed.
func shortPath(path string) (short string, release func(), err error) {
	if len(path) < 100 {
		return path, func() {}, nil
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path)), func() { dir.Close() }, nil
}

// inProcess calls a handler as if it were a server, the body as a stream.
type inProcess struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	body, pipe := io.Pipe()
	w := &responseWriter{header: http.Header{}, pipe: pipe, started: make(chan struct{})}
	go func() {
		defer func() {
			w.WriteHeader(http.StatusOK)
			if p := recover(); p != nil {
				pipe.CloseWithError(io.ErrUnexpectedEOF) // as a server would cut the connection
				return
			}
			pipe.Close()
		}()
		p.handler.ServeHTTP(w, r)
	}()
	<-w.started
	return &http.Response{
		StatusCode: w.status, Status: http.StatusText(w.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: body, ContentLength: -1, Request: r,
	}, nil
}

type responseWriter struct {
	header  http.Header
	pipe    *io.PipeWriter
	status  int
	started chan struct{}
}

func (w *responseWriter) Header() http.Header { return w.header }

func (w *responseWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
		close(w.started)
	}
}

func (w *responseWriter) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.pipe.Write(b)
}

// get asks for something.
func (cl *client) get(ctx context.Context, path string, q url.Values, into any) error {
	return cl.call(ctx, http.MethodGet, path, q, nil, into)
}

// post has something done. body is sent as JSON, or as it is when it is bytes.
func (cl *client) post(ctx context.Context, path string, q url.Values, body, into any) error {
	return cl.call(ctx, http.MethodPost, path, q, body, into)
}

func (cl *client) call(ctx context.Context, method, path string, q url.Values, body, into any) error {
	res, err := cl.open(ctx, method, path, q, body)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if into == nil {
		_, err = io.Copy(io.Discard, res.Body)
		return err
	}
	return json.NewDecoder(res.Body).Decode(into)
}

// open asks and answers the response, its body still to be read. A refusal comes as a *api.Problem.
func (cl *client) open(ctx context.Context, method, path string, q url.Values, body any) (*http.Response, error) {
	var b []byte
	switch body := body.(type) {
	case nil:
	case []byte:
		b = body
	default:
		var err error
		if b, err = json.Marshal(body); err != nil {
			return nil, err
		}
	}
	u := url.URL{Scheme: "http", Host: "chunfeng", Path: path, RawQuery: q.Encode()}
	r, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept-Language", string(cl.lang))
	r.Header.Set(api.UserHeader, url.QueryEscape(cl.user))
	res, err := cl.http.Do(r)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return nil, cause
		}
		// The daemon ended while it was asked; the next try finds it again or opens the ledger.
		return nil, words.Refuse("cmd.daemon_gone").Of(words.Later).Because(err)
	}
	if res.StatusCode < 300 {
		return res, nil
	}
	defer res.Body.Close()
	var p api.Problem
	if err := json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&p); err != nil || p.Text == "" {
		return nil, fmt.Errorf("the daemon answered %s", res.Status)
	}
	return nil, &p
}
