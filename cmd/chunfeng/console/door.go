package console

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// doorRoutes are what somebody reaches who is not signed in.
func (c *Console) doorRoutes() {
	c.open("GET /sign-in", c.showSignIn)
	c.open("POST /sign-in", c.signIn)
	c.open("POST /sign-out", func(w http.ResponseWriter, r *request) error {
		if err := c.sessions.Destroy(r.Context()); err != nil {
			return err
		}
		if r.User.Name != "" {
			c.trail.note(r.User.Name, "session.sign_out", r.User.Name, "")
		}
		return c.back(w, r, "/sign-in")
	})
	c.open("POST /language", c.chooseLanguage)
	c.open("GET /link/{token}", c.showLink)
	c.open("POST /link/{token}", c.useLink)
	c.mux.HandleFunc("/", func(w http.ResponseWriter, hr *http.Request) {
		r, ok := c.who(hr)
		if !ok {
			c.toSignIn(w, r)
			return
		}
		c.fail(w, r, words.Refuse("console.no_page", hr.URL.Path).Of(words.Missing))
	})
}

// toSignIn leads to the sign-in, and back afterwards where a page was only looked at.
func (c *Console) toSignIn(w http.ResponseWriter, r *request) {
	to := "/sign-in"
	if r.Method == http.MethodGet && r.URL.Path != "/" && !r.fragment() {
		to += "?" + url.Values{"to": {r.URL.RequestURI()}}.Encode()
	}
	if r.fragment() {
		w.Header().Set("HX-Redirect", to)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	http.Redirect(w, r.Request, to, http.StatusSeeOther)
}

// door is what the sign-in shows.
type door struct {
	To     string // where to go afterwards
	Empty  bool   // there is no person yet
	Origin string
}

func (c *Console) showSignIn(w http.ResponseWriter, r *request) error {
	if r.User.Name != "" {
		return c.back(w, r, local(r.URL.Query().Get("to")))
	}
	return c.atDoor(w, r, local(r.URL.Query().Get("to")), nil)
}

func (c *Console) atDoor(w http.ResponseWriter, r *request, to string, refused error) error {
	users, err := c.Store.Users()
	if err != nil {
		return err
	}
	d := door{To: to, Empty: len(users) == 0}
	if refused != nil {
		return c.showError(w, r, "", "sign-in", r.say("console.sign_in"), d, refused)
	}
	return c.show(w, r, "", "sign-in", r.say("console.sign_in"), d)
}

func (c *Console) signIn(w http.ResponseWriter, r *request) error {
	if err := r.ParseForm(); err != nil {
		return words.Refuse("console.bad_form").Of(words.Usage).Because(err)
	}
	name, from := strings.ToLower(strings.TrimSpace(r.PostForm.Get("name"))), address(r.Request)
	to := local(r.PostForm.Get("to"))
	u, err := c.Store.User(name)
	kept := u.Password
	if err != nil || u.Disabled {
		kept = "" // no password is this one, and it takes as long to say so
	}
	same, slow := c.tryPassword(name, from, kept, r.PostForm.Get("password"))
	if slow != nil {
		c.trail.refused("", from)
		return c.atDoor(w, r, to, slow)
	}
	if !same {
		c.trail.refused(u.Name, from)
		c.Log.Warn().Str("person", clip(name, 64)).Str("address", from).Msg("a sign-in was refused")
		delete(r.PostForm, "password")
		return c.atDoor(w, r, to, words.Refuse("console.wrong_password").Of(words.Unproven))
	}
	c.brake.passed(name)
	if err := c.begin(r, u); err != nil {
		return err
	}
	c.trail.note(u.Name, "session.begin", u.Name, from)
	c.Log.Info().Str("person", u.Name).Str("address", from).Msg("signed in")
	return c.back(w, r, to)
}

// tryPassword compares a password with the one that is kept, behind the brake: slow is that it was not looked at. No more are
// compared at a time than are hashed at a time: of many that are sent at once each would be let past before the first is counted.
func (c *Console) tryPassword(name, from, kept, typed string) (same bool, slow error) {
	c.comparing <- struct{}{}
	defer func() { <-c.comparing }()
	if err := c.brake.wait(name, from, time.Now()); err != nil {
		return false, err
	}
	same = api.SamePassword(kept, typed)
	if !same {
		c.brake.failed(name, from, time.Now())
	}
	return same, nil
}

// comparedAtOnce is how many passwords are compared at a time.
const comparedAtOnce = 2

// chooseLanguage changes the language, for the person when one is signed in.
func (c *Console) chooseLanguage(w http.ResponseWriter, r *request) error {
	if err := r.ParseForm(); err != nil {
		return words.Refuse("console.bad_form").Of(words.Usage).Because(err)
	}
	l, ok := words.ParseLang(r.PostForm.Get("lang"))
	if !ok {
		return words.Refuse("cmd.no_language", r.PostForm.Get("lang")).Of(words.Usage)
	}
	http.SetCookie(w, &http.Cookie{
		Name: langCookie, Value: string(l), Path: "/", MaxAge: 365 * 24 * 3600, SameSite: http.SameSiteLaxMode, HttpOnly: true, Secure: c.sessions.Cookie.Secure,
	})
	if r.User.Name != "" {
		if _, err := c.Store.ChangeUser(r.User.Name, r.User.Name, "", func(u *store.User) error { u.Lang = string(l); return nil }); err != nil {
			return err
		}
	}
	return c.back(w, r, local(r.PostForm.Get("to")))
}

// link is what somebody who follows a one-time link sees.
type link struct {
	First bool   // it makes the first administrator
	User  string // whose password it sets
	Path  string
}

func (c *Console) findLink(r *request) (link, error) {
	// Links are guessed at no faster than passwords.
	if err := c.brake.wait("", address(r.Request), time.Now()); err != nil {
		return link{}, err
	}
	i, err := c.Store.Invitation(api.LinkHash(r.PathValue("token")), time.Now())
	if err != nil {
		c.brake.failed("", address(r.Request), time.Now())
		return link{}, err
	}
	return link{First: i.User == "", User: i.User, Path: r.URL.Path}, nil
}

func (c *Console) showLink(w http.ResponseWriter, r *request) error {
	l, err := c.findLink(r)
	if err != nil {
		return err
	}
	return c.show(w, r, "", "link", r.say("console.welcome"), l)
}

func (c *Console) useLink(w http.ResponseWriter, r *request) error {
	l, err := c.findLink(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return words.Refuse("console.bad_form").Of(words.Usage).Because(err)
	}
	name, password := l.User, r.PostForm.Get("password")
	if l.First {
		name = strings.ToLower(strings.TrimSpace(r.PostForm.Get("name")))
	}
	err = api.CheckPassword(name, password)
	if err == nil && password != r.PostForm.Get("again") {
		err = words.Refuse("console.not_the_same").Of(words.Usage)
	}
	var u store.User
	if err == nil {
		hash := api.HashPassword(password)
		u, err = c.Store.UseInvitation(api.LinkHash(r.PathValue("token")), time.Now(), func(u *store.User) error {
			if l.First {
				u.Name, u.Label = name, strings.TrimSpace(r.PostForm.Get("label"))
				if u.Label == "" {
					u.Label = name
				}
			}
			u.Password, u.Lang = hash, string(r.Caller.Lang)
			return nil
		})
	}
	if err != nil {
		r.PostForm.Del("password")
		r.PostForm.Del("again")
		return c.showError(w, r, "", "link", r.say("console.welcome"), l, err)
	}
	if err := c.begin(r, u); err != nil {
		return err
	}
	c.trail.note(u.Name, "session.begin", u.Name, address(r.Request))
	return c.back(w, r, "/")
}
