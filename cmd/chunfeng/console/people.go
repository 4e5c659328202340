package console

import (
	"net/http"
	"net/url"
	"strings"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/place"
)

// peopleRoutes are the page on which administrators keep people, and supervisors end sign-ins.
func (c *Console) peopleRoutes() {
	c.page("GET /people", api.Oversee, func(w http.ResponseWriter, r *request) error { return c.showPeople(w, r, nil) })
	c.page("POST /people", api.Manage, func(w http.ResponseWriter, r *request) error {
		f := r.PostForm
		u, err := post[api.User](c, r, "/v1/users", api.NewUser{
			Name: strings.ToLower(strings.TrimSpace(f.Get("name"))), Label: strings.TrimSpace(f.Get("label")), Role: store.Role(f.Get("role")), County: f.Get("county"),
		})
		if err != nil {
			return c.showPeople(w, r, err)
		}
		return c.giveLink(w, r, u.Name)
	})
	c.page("POST /people/{name}", api.Manage, func(w http.ResponseWriter, r *request) error {
		f := r.PostForm
		role, county, label := store.Role(f.Get("role")), f.Get("county"), strings.TrimSpace(f.Get("label"))
		u, err := post[api.User](c, r, "/v1/users/"+seg(r.PathValue("name")), api.UserChange{Role: &role, County: &county, Label: &label})
		if err != nil {
			return c.showPeople(w, r, err)
		}
		c.tell(r, r.say("console.person_changed", u.Name))
		return c.back(w, r, "/people")
	})
	for verb, disabled := range map[string]bool{"disable": true, "enable": false} {
		c.page("POST /people/{name}/"+verb, api.Manage, func(w http.ResponseWriter, r *request) error {
			if _, err := post[api.User](c, r, "/v1/users/"+seg(r.PathValue("name")), api.UserChange{Disabled: &disabled}); err != nil {
				return c.showPeople(w, r, err)
			}
			return c.back(w, r, "/people")
		})
	}
	c.page("POST /people/{name}/link", api.Manage, func(w http.ResponseWriter, r *request) error {
		return c.giveLink(w, r, r.PathValue("name"))
	})
	c.page("POST /people/sessions/{key}/end", api.Oversee, func(w http.ResponseWriter, r *request) error {
		if _, err := post[api.Done](c, r, "/v1/sessions/"+seg(r.PathValue("key"))+"/end", nil); err != nil {
			return err
		}
		return c.back(w, r, "/people")
	})
}

// people is what the page of people shows.
type people struct {
	Users    []api.User
	Sessions []api.WebSession
	Roles    []store.Role
	Counties []place.County
	Link     string // a one-time link that was made just now
	For      string // and for whom
}

func (c *Console) people(r *request) (p people, err error) {
	if p.Users, err = get[[]api.User](c, r, "/v1/users", nil); err != nil {
		return p, err
	}
	p.Sessions, err = get[[]api.WebSession](c, r, "/v1/sessions", nil)
	p.Roles, p.Counties = store.Roles(), place.All()
	return p, err
}

func (c *Console) showPeople(w http.ResponseWriter, r *request, refused error) error {
	p, err := c.people(r)
	if err != nil {
		return err
	}
	if refused != nil {
		return c.showError(w, r, "people", "people", r.say("console.people"), p, refused)
	}
	return c.show(w, r, "people", "people", r.say("console.people"), p)
}

// giveLink shows a one-time link once: it is not kept and cannot be shown again.
func (c *Console) giveLink(w http.ResponseWriter, r *request, name string) error {
	l, err := post[api.Link](c, r, "/v1/users/"+seg(name)+"/link", nil)
	if err != nil {
		return c.showPeople(w, r, err)
	}
	p, err := c.people(r)
	if err != nil {
		return err
	}
	p.Link, p.For = c.absolute(r, l.Path), name
	return c.show(w, r, "people", "people", r.say("console.people"), p)
}

// absolute answers the whole address of a path of this console, as the person reached it.
func (c *Console) absolute(r *request, path string) string {
	if o := c.Origin; o != "" {
		return strings.TrimSuffix(o, "/") + path
	}
	return (&url.URL{Scheme: "http", Host: r.Host, Path: path}).String()
}
