package console

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"rsc.io/qr"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// What a session keeps of the second factor.
const (
	sessionSecond = "second" // when it was last given, RFC 3339; empty: not yet
	sessionSecret = "secret" // the secret that is offered and not confirmed yet
	sessionTo     = "to"     // where the person was going
)

// secondRoutes are what somebody reaches who gave the password and not the second factor: the page that asks for it, and
// nothing else. Who has none yet sets one up there.
func (c *Console) secondRoutes() {
	c.half("GET /second", func(w http.ResponseWriter, r *request) error { return c.showSecond(w, r, nil) })
	c.half("POST /second", c.giveSecond)
	c.half("GET /second/code.png", c.secondPicture)
	c.page("POST /me/second", api.Read, c.renewSecond)
	c.page("POST /people/{name}/second-reset", api.Manage, func(w http.ResponseWriter, r *request) error {
		u, err := post[api.User](c, r, "/v1/users/"+seg(r.PathValue("name"))+"/second-factor/reset", nil)
		if err != nil {
			return c.showPeople(w, r, err)
		}
		c.tell(r, r.say("second.was_reset", u.Name))
		return c.back(w, r, "/people")
	})
}

// half has a path answered for people who gave their password, whether or not the second factor too.
func (c *Console) half(pattern string, do func(http.ResponseWriter, *request) error) {
	c.halved = append(c.halved, pattern)
	c.mux.HandleFunc(pattern, func(w http.ResponseWriter, hr *http.Request) {
		r, ok := c.who(hr)
		if !ok {
			api.Drain(hr.Body)
			c.toSignIn(w, r)
			return
		}
		if hr.Method == http.MethodPost {
			hr.Body = http.MaxBytesReader(w, hr.Body, 64<<10)
			if err := c.takeForm(w, r); err != nil {
				c.fail(w, r, err)
				return
			}
		}
		if err := do(w, r); err != nil {
			c.fail(w, r, err)
		}
	})
}

// toSecond leads somebody who is signed in by half to the page of the second factor, and back afterwards.
func (c *Console) toSecond(w http.ResponseWriter, r *request) {
	to := "/second"
	if r.fragment() || strings.HasPrefix(r.URL.Path, "/live/") {
		w.Header().Set("HX-Redirect", to)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if r.Method == http.MethodGet && r.URL.Path != "/" {
		c.sessions.Put(r.Context(), sessionTo, r.URL.RequestURI())
	}
	http.Redirect(w, r.Request, to, http.StatusSeeOther)
}

// second is what the page of the second factor shows.
type second struct {
	New    bool
	Secret string   // in groups of four, to be typed where a picture cannot be taken
	Codes  []string // spare ones, shown once
}

// offer answers the secret that is offered to a person who has none yet: the same until it is confirmed, for it may be
// in the telephone already when a code was mistyped.
func (c *Console) offer(r *request) (string, error) {
	secret := c.sessions.GetString(r.Context(), sessionSecret)
	if secret != "" {
		return secret, nil
	}
	secret, _, err := api.NewSecond(r.User.Name)
	if err == nil {
		c.sessions.Put(r.Context(), sessionSecret, secret)
	}
	return secret, err
}

func (c *Console) showSecond(w http.ResponseWriter, r *request, refused error) error {
	if !r.Caller.Half {
		return c.back(w, r, "/")
	}
	v := second{New: r.User.Second.Secret == ""}
	if v.New {
		secret, err := c.offer(r)
		if err != nil {
			return err
		}
		for len(secret) > 0 {
			n := min(4, len(secret))
			v.Secret, secret = v.Secret+secret[:n]+" ", secret[n:]
		}
		v.Secret = strings.TrimSpace(v.Secret)
	}
	if refused != nil {
		r.PostForm.Del("code")
		return c.showError(w, r, "", "second", r.say("second.title"), v, refused)
	}
	return c.show(w, r, "", "second", r.say("second.title"), v)
}

// secondPicture is the offered secret as a QR code.
func (c *Console) secondPicture(w http.ResponseWriter, r *request) error {
	secret := c.sessions.GetString(r.Context(), sessionSecret)
	if secret == "" || !r.Caller.Half {
		return words.Refuse("console.no_page", r.URL.Path).Of(words.Missing)
	}
	address, err := api.SecondAddress(r.User.Name, secret)
	if err != nil {
		return err
	}
	code, err := qr.Encode(address, qr.M)
	if err != nil {
		return err
	}
	code.Scale = 5
	w.Header().Set("Content-Type", "image/png")
	_, err = w.Write(code.PNG())
	return err
}

// giveSecond takes a code: of the telephone, a spare one, or the first of a telephone that is set up.
func (c *Console) giveSecond(w http.ResponseWriter, r *request) error {
	if !r.Caller.Half {
		return c.back(w, r, "/")
	}
	var codes []string
	var left int
	err := c.tries(r, func() (err error) {
		codes, left, err = c.takeCode(r, r.PostForm.Get("code"))
		return err
	})
	if err != nil {
		return c.showSecond(w, r, err)
	}
	if err := c.proven(r); err != nil {
		return err
	}
	if codes != nil {
		r.Caller.Half = false
		v := c.look(r, "", r.say("second.codes_title"), second{Codes: codes})
		v.Said, v.Passing = c.said(r), true
		return c.write(w, http.StatusOK, "second-codes", v)
	}
	if left >= 0 {
		c.tell(r, r.say("second.spare_used", left))
	}
	return c.back(w, r, local(c.sessions.PopString(r.Context(), sessionTo)))
}

// tries has a code tried behind the brake. One is tried at a time: of many that are sent at once each would be let past before
// the first of them is counted. A wrong one is told in the audit trail and in the log.
func (c *Console) tries(r *request, take func() error) error {
	name, from := r.User.Name, address(r.Request)
	c.codes.Lock()
	defer c.codes.Unlock()
	if err := c.brake.waitCode(name, from, time.Now()); err != nil {
		return err
	}
	err := take()
	switch {
	case err == nil:
		c.brake.passedCode(name)
	case words.KindOf(err) == words.Unproven:
		c.brake.failedCode(name, from, time.Now())
		c.trail.refused(name, from)
		c.Log.Warn().Str("person", name).Str("address", from).Msg("a code of the second factor was refused")
	}
	return err
}

// takeCode takes a code within one commit, so that two browsers cannot use it at the same time. codes are the spare ones of
// a factor that was set up now; left is how many of them are there when one was used, less than zero when not.
func (c *Console) takeCode(r *request, typed string) (codes []string, left int, err error) {
	left = -1
	offered, at, name := c.sessions.GetString(r.Context(), sessionSecret), time.Now(), r.User.Name
	take := func(u *store.User) error {
		s, fresh := u.Second, u.Second.Secret == ""
		if fresh {
			s = store.Second{Secret: offered, Since: at.UTC().Truncate(time.Second)}
		}
		after, spare, ok := api.TakeCode(s, typed, at)
		if !ok {
			return words.Refuse("second.wrong").Of(words.Unproven)
		}
		if fresh {
			codes, after.Spare = api.NewSpare()
		}
		if spare {
			left = len(strings.Fields(after.Spare))
		}
		u.Second = after
		return nil
	}
	switch {
	case r.User.Second.Secret == "":
		_, err = c.Store.ChangeUser(name, name, "user.second_factor", take)
	case len(strings.TrimSpace(typed)) > 7: // six digits, and a space that some apps put between them
		_, err = c.Store.ChangeUser(name, name, "user.spare_code", take)
	default:
		_, err = c.Store.ChangeUser(name, name, "", take)
	}
	return codes, left, err
}

// proven marks the session as one of somebody who gave the second factor, under a new token. It ends when it would have ended.
func (c *Console) proven(r *request) error {
	ends := c.sessions.Deadline(r.Context())
	if err := c.sessions.RenewToken(r.Context()); err != nil {
		return err
	}
	c.sessions.SetDeadline(r.Context(), ends)
	c.sessions.Remove(r.Context(), sessionSecret)
	c.sessions.Put(r.Context(), sessionSecond, time.Now().UTC().Format(time.RFC3339Nano))
	return nil
}

// renewSecond lets a person set up another telephone, who proves to have the present one or a spare code.
func (c *Console) renewSecond(w http.ResponseWriter, r *request) error {
	err := c.tries(r, func() error {
		_, err := c.Store.ChangeUser(r.User.Name, r.User.Name, "user.second_factor_renew", func(u *store.User) error {
			if _, _, ok := api.TakeCode(u.Second, r.PostForm.Get("code"), time.Now()); !ok {
				return words.Refuse("second.wrong").Of(words.Unproven)
			}
			u.Second = store.Second{}
			return nil
		})
		return err
	})
	if err != nil {
		r.PostForm.Del("code")
		return c.showMe(w, r, err)
	}
	c.sessions.Remove(r.Context(), sessionSecond)
	return c.back(w, r, "/second")
}

// SpareLeft counts a person's spare codes, for the person's own page.
func (m me) SpareLeft() string { return fmt.Sprint(len(strings.Fields(m.User.Second.Spare))) }
