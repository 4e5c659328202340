package console

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// request is one request with who asks.
type request struct {
	*http.Request
	Caller api.Caller
	User   store.User
}

// say says a sentence in the person's language.
func (r *request) say(key string, args ...any) string { return words.Say(r.Caller.Lang, key, args...) }

// fragment tells whether htmx asked for a part of the page.
func (r *request) fragment() bool {
	return r.Header.Get("HX-Request") != "" && r.Header.Get("HX-Boosted") == ""
}

// who finds out who asks; false when nobody is signed in. The request has the language either way.
func (c *Console) who(hr *http.Request) (*request, bool) {
	r := &request{Request: hr, Caller: api.Caller{Lang: c.language(hr)}}
	name := c.sessions.GetString(hr.Context(), sessionUser)
	if name == "" {
		return r, false
	}
	u, err := c.Store.User(name)
	if err != nil || u.Disabled {
		return r, false
	}
	r.User = u
	r.Caller = api.Caller{Name: u.Name, Role: u.Role, County: u.County, Lang: r.Caller.Lang, From: address(hr)}
	if c.Config().SecondFactor {
		given := c.sessions.GetString(hr.Context(), sessionSecond)
		r.Caller.Half, r.Caller.Stale = given == "", !freshCode(given, time.Now())
	}
	if l, ok := words.ParseLang(u.Lang); ok {
		r.Caller.Lang = l
	}
	return r, true
}

// language is the language of somebody who is not signed in: what was chosen here before, else what the browser asks for.
func (c *Console) language(r *http.Request) words.Lang {
	if k, err := r.Cookie(langCookie); err == nil {
		if l, ok := words.ParseLang(k.Value); ok {
			return l
		}
	}
	return words.Preferred(r.Header.Get("Accept-Language"))
}

// langCookie remembers a language for the sign-in.
const langCookie = "chunfeng-lang"

// ask has a route of the API done for whoever asks.
func ask[T any](c *Console, r *request, method, path string, q url.Values, body any) (T, error) {
	return api.Ask[T](r.Context(), c.API, r.Caller, method, path, q, body)
}

// get asks for something.
func get[T any](c *Console, r *request, path string, q url.Values) (T, error) {
	return ask[T](c, r, http.MethodGet, path, q, nil)
}

// post has something done.
func post[T any](c *Console, r *request, path string, body any) (T, error) {
	return ask[T](c, r, http.MethodPost, path, nil, body)
}

// seg writes a name as one segment of a path.
func seg(s string) string { return url.PathEscape(s) }

// takeForm reads a form within its limits and takes it once.
func (c *Console) takeForm(w http.ResponseWriter, r *request) error {
	if err := c.readForm(w, r); err != nil {
		return err
	}
	return c.forms.take(r.User.Name, r.PostForm.Get(formToken))
}

// readForm reads a form within its limits.
func (c *Console) readForm(w http.ResponseWriter, r *request) error {
	// A large body over a slow line is still a body: what must not be is one that never ends.
	out := http.NewResponseController(w)
	_, _ = out.SetReadDeadline(time.Now().Add(formTime)), out.SetWriteDeadline(time.Now().Add(formTime+formAnswer))
	body := r.Body
	r.Body = http.MaxBytesReader(w, body, bodyLimit)
	err := r.ParseMultipartForm(formMemory)
	if errors.Is(err, http.ErrNotMultipart) {
		err = r.ParseForm()
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		api.Drain(body)
		return words.Refuse("console.too_large", api.UploadLimit>>20).Of(words.TooLarge)
	case err != nil:
		return words.Refuse("console.bad_form").Of(words.Usage).Because(err)
	}
	return nil
}

// How much of a form stays in memory, how long one may take to arrive, and how long its answer after that.
const (
	formMemory = 1 << 20
	formTime   = 5 * time.Minute
	formAnswer = time.Minute
)
