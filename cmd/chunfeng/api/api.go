package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"chunfeng/bot/phone"
	"chunfeng/bot/signup"
	"chunfeng/broadcast"
	"chunfeng/config"
	"chunfeng/store"
	"chunfeng/templates"
	"chunfeng/templates/words"
)

// Options are what the API works with. What may change while the program runs is asked for each time.
type Options struct {
	Store      *store.Store
	Log        zerolog.Logger
	Config     func() *config.Config
	Templates  func() (*templates.Set, error)
	Registrar  func() (*signup.Registrar, error)
	Planner    func() (*broadcast.Planner, error)
	Running    func() bool                  // whether this is a daemon
	Dispatcher func() *broadcast.Dispatcher // nil unless this is a daemon
	Code       func(account string) (Code, bool)
	Arm        func(who string) error // has the ledger send that may be a copy
	Version    string                 // of this program
	// TestAlert tells that it is a test by every road that alerts take; nothing when there is none.
	TestAlert func(context.Context) []AlertTried
	// BackUp makes a backup now and remembers it, or says why not.
	BackUp func(ctx context.Context, who string) (store.BackupRun, error)
	// TryConfig reads the configuration as it would be with these values set in the console, and changes nothing.
	TryConfig func(console map[string]string) (*config.Config, []config.Fault)
	// PlannerOf plans by a configuration that is not in force.
	PlannerOf func(*config.Config) (*broadcast.Planner, error)
	// Reload puts what is set in the console, the file and the templates now say in force. It answers the keys that wait for
	// the next start, and what is unwise.
	Reload func(context.Context) (later []string, warnings []config.Fault, err error)
}

// Code is what must be scanned so that an account logs in.
type Code struct {
	Link    string
	PNG     []byte
	Expires time.Time
}

// API is the table of routes. Make it with New; it is safe for any number of callers.
type API struct {
	Options
	log    zerolog.Logger
	store  *store.Store
	mux    *http.ServeMux
	routes []*Route

	denials    *denials
	seen       seenCounts
	unbound    counted[map[string]int] // active groups that no account knows for certain, by county
	inReview   counted[map[string]store.InReview]
	gaps       counted[[]openGap]
	workbooks  sync.Mutex // one is read or marked at a time: a hostile one may take 256 MB meanwhile
	verifying  sync.Mutex // one at a time reads the whole audit trail
	changing   sync.Mutex // one at a time changes settings and templates, from looking at them until they are in force
	previewing sync.Mutex // one at a time tries a template that is being written
}

// New makes an API.
func New(o Options) *API {
	a := &API{Options: o, log: o.Log, store: o.Store, mux: http.NewServeMux(), denials: newDenials(o.Store, o.Log)}
	a.todayRoutes()
	a.accountRoutes()
	a.groupRoutes()
	a.registryRoutes()
	a.batchRoutes()
	a.waveRoutes()
	a.scheduleRoutes()
	a.audienceRoutes()
	a.recallRoutes()
	a.tryRoutes()
	a.calendarRoutes()
	a.dayRoutes()
	a.templateFileRoutes()
	a.deliveryRoutes()
	a.replyRoutes()
	a.gapRoutes()
	a.alertRoutes()
	a.signupRoutes()
	a.subjectRoutes()
	a.affectedRoutes()
	a.reportRoutes()
	a.keepingRoutes()
	a.keyRoutes()
	a.backupRoutes()
	a.userRoutes()
	a.settingRoutes()
	a.auditRoutes()
	a.openapiRoutes()
	return a
}

// Routes lists every route.
func (a *API) Routes() []Route {
	out := make([]Route, 0, len(a.routes))
	for _, r := range a.routes {
		out = append(out, *r)
	}
	return out
}

// on has a route done by a function that answers a value, a stream or an error. The route that it answers is to be described:
// see Route.says.
func (a *API) on(right Right, pattern string, do func(request) (any, error)) *Route {
	route := &Route{Pattern: pattern, Right: right}
	a.routes = append(a.routes, route)
	a.mux.HandleFunc(pattern, func(w http.ResponseWriter, hr *http.Request) {
		c := w.(*call)
		c.route = route
		body := hr.Body
		hr.Body = http.MaxBytesReader(c.out, body, UploadLimit)
		defer func() {
			if c.err != nil {
				Drain(body)
			}
		}()
		if c.caller.Half {
			c.err = words.Refuse("second.first").Of(words.Unproven)
			return
		}
		if !c.caller.May(right) {
			c.err = words.Refuse("cmd.no_right", c.caller.Name, words.T("right."+string(right))).Of(words.Forbidden)
			return
		}
		if route.Fresh && c.caller.Stale {
			c.err = staleCode()
			return
		}
		if c.err = route.check(hr.URL.Query()); c.err != nil {
			return
		}
		c.value, c.err = safely(func() (any, error) { return do(request{hr, c.caller}) })
	})
	return route
}

// call is one request with who asks, and what came of it. It travels as the ResponseWriter, because the multiplexer hands
// nothing else through; nobody writes to it but the multiplexer itself, and that is dropped.
type call struct {
	out    http.ResponseWriter
	caller Caller
	route  *Route // which it is; nil: there is none
	value  any
	err    error
}

// Header implements http.ResponseWriter.
func (c *call) Header() http.Header { return http.Header{} }

// Write implements http.ResponseWriter.
func (c *call) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader implements http.ResponseWriter.
func (c *call) WriteHeader(int) {}

// ask has a request done.
func (a *API) ask(w http.ResponseWriter, r *http.Request, caller Caller) (any, error) {
	c := &call{out: w, caller: caller}
	a.mux.ServeHTTP(c, r)
	if c.route == nil {
		return nil, words.Refuse("cmd.no_route", r.Method, r.URL.Path).Of(words.Missing)
	}
	if denied(c.err) {
		a.Denied(caller, c.route.Right, c.route.Pattern)
	}
	if errors.Is(c.err, store.ErrStorage) && !errors.Is(c.err, words.Refuse("store.no_address_space")) {
		c.err = words.Refuse("cmd.disk_refuses").Because(c.err)
	}
	if c.err != nil {
		var said words.Localised
		if broke := (*panicked)(nil); errors.As(c.err, &broke) {
			a.log.Error().Err(c.err).Str("path", r.URL.Path).Msg("a fault of the program")
		} else if !errors.As(c.err, &said) && !errors.Is(c.err, context.Canceled) {
			a.log.Warn().Err(c.err).Str("path", r.URL.Path).Msg("a request failed")
		}
	}
	return c.value, c.err
}

// Serve answers a request in JSON.
func (a *API) Serve(w http.ResponseWriter, r *http.Request, caller Caller) {
	v, err := a.ask(w, r, caller)
	if s, ok := v.(stream); ok && err == nil {
		if err := s(w); err != nil {
			a.log.Error().Err(err).Str("path", r.URL.Path).Msg("an answer broke off")
			panic(http.ErrAbortHandler) // the reader must not take a part for the whole
		}
		return
	}
	if err != nil {
		v = ProblemOf(err, caller.Lang)
	}
	answer(w, v)
}

// answer writes a value as JSON.
func answer(w http.ResponseWriter, v any) {
	code := http.StatusOK
	if p, ok := v.(*Problem); ok {
		code = p.Status()
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // whoever left does not need it
}

// safely turns a panic in a handler into an error: one bad request must not end the daemon in the middle of a wave. What
// was asked for may stand in the panic's text, so it goes to the log alone.
func safely(do func() (any, error)) (v any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicked{phone.Hide(fmt.Sprint(p)), string(debug.Stack())}
		}
	}()
	return do()
}

// panicked is a fault of the program itself.
type panicked struct {
	value string // without the numbers in it
	stack string
}

// Error says it for the log.
func (p *panicked) Error() string { return p.value + "\n" + p.stack }

// In says it to whoever asked.
func (p *panicked) In(l words.Lang) string { return words.Say(l, "cmd.internal") }

// now is this moment in the bureau's time zone.
func (a *API) now() time.Time { return a.local(time.Now()) }

// local puts a moment into the bureau's time zone, for people. The zero time stays zero.
func (a *API) local(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(a.Config().Zone)
}

// moment is local for a field that is null when there is no such moment.
func (a *API) moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = a.local(t)
	return &t
}
