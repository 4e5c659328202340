package console

import (
	"errors"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/rs/zerolog"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/config"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// Options are what the console works with.
type Options struct {
	API    *api.API
	Store  *store.Store // people, their sessions and one-time links; nothing else is read past the API
	Config func() *config.Config
	Log    zerolog.Logger
	// Origin is the address by which people reach the console behind a reverse proxy, https://…; empty: directly.
	Origin string
	// Idle and Absolute are for how long a session holds without a request, and at all.
	Idle, Absolute time.Duration
	// NoLimits answers as many requests as come: for benchmarks.
	NoLimits bool
}

// Console serves the pages. Make it with New.
type Console struct {
	Options
	pages     map[words.Lang]*pages
	sessions  *scs.SessionManager
	assets    *assets
	brake     *brake
	limits    *limits
	comparing chan struct{} // holds as many as passwords are compared
	codes     sync.Mutex    // one code of a second factor is tried at a time
	trail     *trail
	forms     *forms
	live      *live
	uploads   *uploads
	mux       *http.ServeMux
	routes    []route
	opened    []string // patterns that are answered for everybody
	halved    []string // patterns that are answered for who gave the password, whether or not the second factor too
}

// New makes a console.
func New(o Options) (*Console, error) {
	c := &Console{Options: o, pages: map[words.Lang]*pages{}, brake: newBrake(), limits: newLimits(o.NoLimits), trail: newTrail(o.Store, o.Log), forms: newForms(), live: newLive(), uploads: &uploads{}, comparing: make(chan struct{}, comparedAtOnce), mux: http.NewServeMux()}
	var err error
	if c.assets, err = newAssets(); err != nil {
		return nil, err
	}
	for _, l := range words.Languages() {
		p, err := parsePages(funcs(l, func() *time.Location { return o.Config().Zone }, c.assets))
		if err != nil {
			return nil, err
		}
		c.pages[l] = p
	}
	c.sessions = newSessions(o)
	c.doorRoutes()
	c.secondRoutes()
	c.todayRoutes()
	c.batchRoutes()
	c.waveRoutes()
	c.testRoutes()
	c.logRoutes()
	c.groupsRoutes()
	c.findRoutes()
	c.accountsRoutes()
	c.signupRoutes()
	c.subjectRoutes()
	c.reviewRoutes()
	c.reportRoutes()
	c.settingsRoutes()
	c.meRoutes()
	c.auditRoutes()
	c.peopleRoutes()
	return c, nil
}

// Close writes what is not yet in the audit trail. Nobody may ask for anything any more.
func (c *Console) Close() {
	c.trail.flush()
	c.API.TellDenied()
	c.uploads.forget()
}

// Handler serves the console and, under /v1/, the API.
func (c *Console) Handler() http.Handler {
	top := http.NewServeMux()
	top.Handle(assetsPath, c.assets)
	top.Handle("/v1/", c.json())
	top.Handle("/", c.mux)
	pages := http.NewServeMux()
	pages.Handle("/live/", c.glance(c.mux))
	pages.Handle("/", c.sessions.LoadAndSave(top))
	same := http.NewCrossOriginProtection()
	if origin := c.Origin; origin != "" {
		if err := same.AddTrustedOrigin(origin); err != nil {
			c.Log.Warn().Err(err).Str("origin", origin).Msg("console.origin is not an origin that browsers send; forms are taken from this address only")
		}
	}
	same.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.Log.Warn().Str("origin", r.Header.Get("Origin")).Str("path", r.URL.Path).Msg("a form of another site was refused")
		c.fail(w, &request{Request: r, Caller: api.Caller{Lang: c.language(r)}}, words.Refuse("console.cross_origin").Of(words.Forbidden))
	}))
	return c.guard(same.Handler(pages))
}

// route is a page with the right that it takes.
type route struct {
	pattern string
	right   api.Right
}

// bodyLimit is the largest form, in bytes, uploads included: a workbook and the rest of its form.
const bodyLimit = api.UploadLimit + 1<<20

// page has a path answered for people who are signed in and may.
func (c *Console) page(pattern string, right api.Right, do func(http.ResponseWriter, *request) error) {
	c.answer(pattern, right, c.takeForm, do)
}

// draft has a form looked at that is still being written: nothing comes of it, so it is not taken and may be sent again.
func (c *Console) draft(pattern string, right api.Right, do func(http.ResponseWriter, *request) error) {
	c.answer(pattern, right, func(w http.ResponseWriter, r *request) error {
		err := c.readForm(w, r)
		r.PostForm.Del(formToken) // whatever becomes of it, the form that it belongs to is as it was
		return err
	}, do)
}

func (c *Console) answer(pattern string, right api.Right, read func(http.ResponseWriter, *request) error, do func(http.ResponseWriter, *request) error) {
	c.routes = append(c.routes, route{pattern, right})
	c.mux.HandleFunc(pattern, func(w http.ResponseWriter, hr *http.Request) {
		r, ok := c.who(hr)
		if !ok {
			api.Drain(hr.Body)
			c.toSignIn(w, r)
			return
		}
		if r.Caller.Half {
			api.Drain(hr.Body)
			c.toSecond(w, r)
			return
		}
		if err := c.perPerson(w, r.User.Name); err != nil {
			api.Drain(hr.Body)
			c.fail(w, r, err)
			return
		}
		if !r.Caller.May(right) {
			api.Drain(hr.Body)
			c.API.Denied(r.Caller, right, pattern)
			c.fail(w, r, words.Refuse("cmd.no_right", r.Caller.Name, words.T("right."+string(right))).Of(words.Forbidden))
			return
		}
		if hr.Method == http.MethodPost {
			// The server cleans up after the request that it made; this one is a copy, which has its session with it.
			defer func() {
				if hr.MultipartForm != nil {
					_ = hr.MultipartForm.RemoveAll()
				}
			}()
			if err := read(w, r); err != nil {
				c.fail(w, r, err)
				return
			}
			if err := c.takeFresh(r); err != nil {
				c.fail(w, r, err)
				return
			}
		}
		if err := do(w, r); err != nil {
			c.fail(w, r, err)
		}
	})
}

// open has a path answered for everybody.
func (c *Console) open(pattern string, do func(http.ResponseWriter, *request) error) {
	c.opened = append(c.opened, pattern)
	c.mux.HandleFunc(pattern, func(w http.ResponseWriter, hr *http.Request) {
		r, _ := c.who(hr)
		hr.Body = http.MaxBytesReader(w, hr.Body, 64<<10)
		if err := do(w, r); err != nil {
			c.fail(w, r, err)
		}
	})
}

// json serves the API to whoever is signed in.
func (c *Console) json() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		r, ok := c.who(hr)
		if !ok {
			api.Refuse(w, words.Refuse("console.sign_in_first").Of(words.Unproven), r.Caller.Lang)
			return
		}
		if r.Caller.Half {
			api.Refuse(w, words.Refuse("second.first").Of(words.Unproven), r.Caller.Lang)
			return
		}
		if err := c.perPerson(w, r.User.Name); err != nil {
			api.Refuse(w, err, r.Caller.Lang)
			return
		}
		if code := hr.Header.Get(api.CodeHeader); code != "" && r.Caller.Stale {
			if err := c.freshen(r, code); err != nil {
				api.Drain(hr.Body)
				api.Refuse(w, err, r.Caller.Lang)
				return
			}
		}
		c.API.Serve(w, hr, r.Caller)
	})
}

// guard sets what browsers must hold to, and turns a panic into a page.
func (c *Console) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		if strings.HasPrefix(c.Origin, "https://") {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if !strings.HasPrefix(r.URL.Path, "/assets/") {
			h.Set("Cache-Control", "no-store")
		}
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			c.Log.Error().Interface("panic", p).Bytes("stack", debug.Stack()).Str("path", r.URL.Path).Msg("a fault of the program")
			c.fail(w, &request{Request: r, Caller: api.Caller{Lang: c.language(r)}}, words.Refuse("cmd.internal"))
		}()
		stranger := &request{Request: r, Caller: api.Caller{Lang: c.language(r)}}
		if err := c.perAddress(w, r); err != nil {
			api.Drain(r.Body)
			c.fail(w, stranger, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// back leads to a page of this site after a form was taken.
func (c *Console) back(w http.ResponseWriter, r *request, path string) error {
	if r.Header.Get("HX-Request") != "" {
		w.Header().Set("HX-Redirect", path)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(w, r.Request, path, http.StatusSeeOther)
	return nil
}

// again answers the address at which what is shown now can be asked for again: its own, or where a form was sent to, the
// nearest page above that is one.
func (c *Console) again(r *http.Request) string {
	_, pattern, posted := strings.Cut(r.Pattern, "POST ")
	if !posted {
		if r.Method == http.MethodGet {
			return r.URL.RequestURI()
		}
		return "/"
	}
	segments, path := strings.Split(pattern, "/"), strings.Split(r.URL.EscapedPath(), "/")
	for n := min(len(segments), len(path)); n > 1; n-- {
		above := "GET " + strings.Join(segments[:n], "/")
		if slices.Contains(c.opened, above) || slices.ContainsFunc(c.routes, func(one route) bool { return one.pattern == above }) {
			return strings.Join(path[:n], "/")
		}
	}
	return "/"
}

// local takes a path of this site, and nothing that a browser could read as another one's.
func local(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n") {
		return "/"
	}
	return path
}
