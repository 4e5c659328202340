package console

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"
	"time"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// How live pages breathe. A second is what people feel as at once; nothing is made anew more often, however many watch.
const (
	liveEvery  = time.Second
	liveBeat   = 15 * time.Second // a stream on which nothing happens says so, so that a lost connection is noticed
	liveLasts  = 2 * time.Minute  // then the browser opens it again, and the session is asked for again
	liveWrites = 10 * time.Second // a browser that does not read for so long is left
)

// live makes each live fragment once a second for all who watch it in the same language, role and county.
type live struct {
	mu   sync.Mutex
	made map[liveKey]*making
}

type liveKey struct {
	what   string
	lang   words.Lang
	role   store.Role
	county string
}

// making is one fragment as it was made last.
type making struct {
	mu   sync.Mutex
	at   time.Time
	html []byte
	err  error
}

func newLive() *live { return &live{made: map[liveKey]*making{}} }

// get answers a fragment that is at most a second old.
func (l *live) get(k liveKey, render func() ([]byte, error)) ([]byte, error) {
	l.mu.Lock()
	m := l.made[k]
	if m == nil {
		if len(l.made) > 1000 {
			clear(l.made) // of waves that nobody watches any more
		}
		m = &making{}
		l.made[k] = m
	}
	l.mu.Unlock()
	m.mu.Lock()
	defer m.mu.Unlock()
	if time.Since(m.at) >= liveEvery {
		m.html, m.err = render()
		m.at = time.Now()
	}
	return m.html, m.err
}

// stream registers a path that sends a fragment as it changes, by server-sent events. The fragment's template gets a view
// whose Data is what read answers, and says with hx-partial where it goes. It is the same for everybody of one language,
// role and county: it must hold no form and no name of the person.
func (c *Console) stream(pattern, name string, right api.Right, read func(*request) (any, error)) {
	c.routes = append(c.routes, route{pattern, right})
	c.mux.HandleFunc(pattern, func(w http.ResponseWriter, hr *http.Request) {
		r, ok := c.who(hr)
		switch {
		case !ok || r.Caller.Half:
			w.WriteHeader(http.StatusUnauthorized)
			return
		case !r.Caller.May(right):
			c.API.Denied(r.Caller, right, pattern)
			w.WriteHeader(http.StatusForbidden)
			return
		}
		render := func() ([]byte, error) {
			v, err := read(r)
			if err != nil {
				return nil, err
			}
			var b bytes.Buffer
			err = c.pages[r.Caller.Lang].set.ExecuteTemplate(&b, name, &view{Lang: r.Caller.Lang, Caller: api.Caller{Role: r.Caller.Role, County: r.Caller.County}, Data: v, forms: c.forms})
			return []byte(words.Legible(b.String())), err
		}
		key := liveKey{name + hr.URL.Path, r.Caller.Lang, r.Caller.Role, r.Caller.County}
		c.send(w, hr, func() ([]byte, error) { return c.live.get(key, render) })
	})
}

// send sends what next answers whenever it is something else than before.
func (c *Console) send(w http.ResponseWriter, r *http.Request, next func() ([]byte, error)) {
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy must not gather it
	var sent []byte
	end, beat := time.After(liveLasts), time.Now()
	tick := time.NewTicker(liveEvery)
	defer tick.Stop()
	for {
		html, err := next()
		if err != nil {
			c.Log.Warn().Err(err).Str("path", r.URL.Path).Msg("a live page cannot be made")
			return
		}
		_ = out.SetWriteDeadline(time.Now().Add(liveWrites))
		switch {
		case sent == nil || !bytes.Equal(html, sent):
			// A stream's lines end with a carriage return too: one in somebody's text must not begin a field of the stream.
			for line := range bytes.Lines(bytes.ReplaceAll(html, []byte("\r"), []byte("\n"))) {
				if _, err := fmt.Fprintf(w, "data: %s\n", bytes.TrimRight(line, "\n")); err != nil {
					return
				}
			}
			fmt.Fprint(w, "\n")
			sent, beat = html, time.Now()
		case time.Since(beat) > liveBeat:
			fmt.Fprint(w, ": nothing new\n\n")
			beat = time.Now()
		}
		if out.Flush() != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-end:
			return
		case <-tick.C:
		}
	}
}

// glance lets a request see who is signed in without counting as something that the person did: a page that is left open
// must not keep its session alive.
func (c *Console) glance(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := ""
		if k, err := r.Cookie(c.sessions.Cookie.Name); err == nil {
			token = k.Value
		}
		ctx, err := c.sessions.Load(r.Context(), token)
		if err != nil {
			c.Log.Error().Err(err).Msg("a session cannot be read")
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
			return
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
