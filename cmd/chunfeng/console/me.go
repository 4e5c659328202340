package console

import (
	"net/http"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// meRoutes are a person's own page: password and sign-ins.
func (c *Console) meRoutes() {
	c.page("GET /me", api.Read, func(w http.ResponseWriter, r *request) error { return c.showMe(w, r, nil) })
	c.page("POST /me/password", api.Read, c.changePassword)
	c.page("POST /me/sessions/{key}/end", api.Read, func(w http.ResponseWriter, r *request) error {
		if _, err := post[api.Done](c, r, "/v1/sessions/"+seg(r.PathValue("key"))+"/end", nil); err != nil {
			return err
		}
		return c.back(w, r, "/me")
	})
}

// me is what a person's own page shows.
type me struct {
	User     store.User
	Sessions []api.WebSession
}

func (c *Console) showMe(w http.ResponseWriter, r *request, refused error) error {
	all, err := get[[]api.WebSession](c, r, "/v1/sessions", map[string][]string{"user": {r.User.Name}})
	if err != nil {
		return err
	}
	if refused != nil {
		return c.showError(w, r, "me", "me", r.say("console.me"), me{r.User, all}, refused)
	}
	return c.show(w, r, "me", "me", r.say("console.me"), me{r.User, all})
}

func (c *Console) changePassword(w http.ResponseWriter, r *request) error {
	f := r.PostForm
	password := f.Get("password")
	same, slow := c.tryPassword(r.User.Name, address(r.Request), r.User.Password, f.Get("present"))
	if slow != nil {
		return c.showMe(w, r, slow)
	}
	err := api.CheckPassword(r.User.Name, password)
	switch {
	case !same:
		err = words.Refuse("console.wrong_present").Of(words.Usage)
	case err == nil && password != f.Get("again"):
		err = words.Refuse("console.not_the_same").Of(words.Usage)
	}
	clear(f) // nothing of it goes back into a page
	if err != nil {
		return c.showMe(w, r, err)
	}
	hash := api.HashPassword(password)
	u, err := c.Store.ChangeUser(r.User.Name, r.User.Name, "user.password", func(u *store.User) error { u.Password = hash; return nil })
	if err != nil {
		return err
	}
	// The change ended every session of this person, this one too: go on with a new one, as far as this one had come.
	second := c.sessions.GetString(r.Context(), sessionSecond)
	if err := c.begin(r, u); err != nil {
		return err
	}
	c.sessions.Put(r.Context(), sessionSecond, second)
	c.tell(r, r.say("console.password_changed"))
	return c.back(w, r, "/me")
}
