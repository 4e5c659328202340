package console

import (
	"net/http"
	"net/url"
	"strings"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/place"
)

// signupRoutes are who signed up, and the way to their numbers.
func (c *Console) signupRoutes() {
	c.page("GET /signups", api.Read, func(w http.ResponseWriter, r *request) error { return c.showSignups(w, r, nil) })
	c.page("POST /signups/export", api.Reveal, c.exportSignups)
	c.page("GET /signups/{id}", api.Read, func(w http.ResponseWriter, r *request) error { return c.showSignup(w, r, nil) })
	c.page("POST /signups/{id}/reveal", api.Reveal, c.revealSignup)
	c.page("POST /signups/{id}/status", api.Answer, c.moveSignup)
}

// signupFields are what sign-ups can be filtered by.
var signupFields = [...]string{"batch", "wave", "vacancy", "employer", "county", "group", "status"}

func signupQuery(q url.Values) url.Values {
	out := url.Values{}
	for _, name := range signupFields {
		if v := strings.TrimSpace(q.Get(name)); v != "" {
			out.Set(name, v)
		}
	}
	return out
}

// signupsPage is what the list shows.
type signupsPage struct {
	Signups  []api.Signup
	Filter   url.Values
	Search   groupSearch // for the group that is meant by what is no code
	Batches  []api.Batch
	Waves    []api.Wave
	Counties []place.County
	Statuses []store.SignupStatus
	First    string
	Older    string
	Deep     bool
}

func (c *Console) showSignups(w http.ResponseWriter, r *request, refused error) error {
	q := signupQuery(r.Form)
	if r.Form == nil {
		q = signupQuery(r.URL.Query())
	}
	p := signupsPage{Filter: q, Counties: place.All(), Statuses: api.SignupStatuses(), First: "/signups?" + q.Encode()}
	if r.Caller.County != "" {
		p.Counties = nil
	}
	ask := signupQuery(q)
	ask.Set("limit", rowsShown)
	if before := r.URL.Query().Get("before"); before != "" {
		p.Deep = true
		ask.Set("before", before)
	}
	var err error
	if p.Signups, err = get[[]api.Signup](c, r, "/v1/signups", ask); err != nil {
		if !known(err) {
			return err
		}
		refused = err
	}
	if p.Search, err = c.findMissing(r, refused, "/signups", q); err != nil {
		return err
	}
	if n := len(p.Signups); n > 0 && len(p.Signups) == rowsShownNumber {
		next := signupQuery(q)
		next.Set("before", p.Signups[n-1].ID)
		p.Older = "/signups?" + next.Encode()
	}
	if p.Batches, err = get[[]api.Batch](c, r, "/v1/batches", nil); err != nil {
		return err
	}
	if p.Waves, err = get[[]api.Wave](c, r, "/v1/waves", nil); err != nil {
		return err
	}
	if refused != nil {
		return c.showError(w, r, "signups", "signups", r.say("console.nav_signups"), p, refused)
	}
	return c.show(w, r, "signups", "signups", r.say("console.nav_signups"), p)
}

// exportSignups sends the workbook for an employer. It is made whole before the first byte: a refusal is a page.
func (c *Console) exportSignups(w http.ResponseWriter, r *request) error {
	in := api.Handover{Purpose: r.PostForm.Get("purpose"), Recipient: strings.TrimSpace(r.PostForm.Get("recipient"))}
	q := signupQuery(r.PostForm)
	form := r.PostForm.Get("form")
	q.Set("form", form)
	file, err := api.File(r.Context(), c.API, r.Caller, http.MethodPost, "/v1/signups/export", q, in)
	if err != nil {
		return c.showSignups(w, r, err)
	}
	return file(w)
}

// signupPage is what one sign-up shows.
type signupPage struct {
	api.SignupDetail
	Statuses []store.SignupStatus
	Revealed bool
}

func (c *Console) showSignup(w http.ResponseWriter, r *request, refused error) error {
	n, err := get[api.SignupDetail](c, r, "/v1/signups/"+seg(r.PathValue("id")), nil)
	if err != nil {
		return err
	}
	p := signupPage{SignupDetail: n, Statuses: api.SignupStatuses()}
	if refused != nil {
		return c.showError(w, r, "signups", "signup", n.ID, p, refused)
	}
	return c.show(w, r, "signups", "signup", n.ID, p)
}

// revealSignup shows the number in the answer to the form alone: no address leads to it, and going back does not either.
func (c *Console) revealSignup(w http.ResponseWriter, r *request) error {
	n, err := post[api.SignupDetail](c, r, "/v1/signups/"+seg(r.PathValue("id"))+"/reveal", api.Handover{Purpose: r.PostForm.Get("purpose")})
	if err != nil {
		return c.showSignup(w, r, err)
	}
	return c.show(w, r, "signups", "signup", n.ID, signupPage{SignupDetail: n, Statuses: api.SignupStatuses(), Revealed: true})
}

func (c *Console) moveSignup(w http.ResponseWriter, r *request) error {
	body := map[string]string{"status": r.PostForm.Get("status"), "note": strings.TrimSpace(r.PostForm.Get("note"))}
	n, err := post[api.SignupDetail](c, r, "/v1/signups/"+seg(r.PathValue("id"))+"/status", body)
	if err != nil {
		return c.showSignup(w, r, err)
	}
	c.tell(r, r.say("page_signups.moved", n.ID, r.say("status."+string(n.Status))))
	return c.back(w, r, "/signups/"+seg(n.ID))
}
