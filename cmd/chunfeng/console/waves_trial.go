package console

import (
	"net/http"
	"slices"
	"strings"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
)

// testRoutes are the way to look at a draft where it will be read: in one group, or in an account's own file helper.
func (c *Console) testRoutes() {
	c.page("GET /wave-tests/{id}", api.Prepare, func(w http.ResponseWriter, r *request) error { return c.showTest(w, r, nil) })
	c.page("POST /wave-tests/{id}", api.Prepare, c.testWave)
}

// testPage is what the page of a test shows.
type testPage struct {
	api.WaveDetail
	Accounts []api.Account
	Search   groupSearch
	Chosen   string           // the code of the group that was chosen
	Group    *api.GroupDetail // what is known of it; nil: nothing
}

// Online are the accounts that can send at this moment.
func (p testPage) Online() []api.Account {
	return slices.DeleteFunc(slices.Clone(p.Accounts), func(a api.Account) bool { return a.State != store.AccountOnline })
}

func (c *Console) showTest(w http.ResponseWriter, r *request, refused error) error {
	v, err := get[api.WaveDetail](c, r, "/v1/waves/"+seg(r.PathValue("id")), nil)
	if err != nil {
		return err
	}
	p := testPage{WaveDetail: v}
	if p.Accounts, err = get[[]api.Account](c, r, "/v1/accounts", nil); err != nil {
		return err
	}
	q := r.URL.Query()
	p.Chosen = q.Get("group")
	if p.Search, err = c.findGroups(r, groupSearch{Text: q.Get("find"), To: "/wave-tests/" + seg(v.ID)}); err != nil {
		return err
	}
	if found := p.Search.Groups; len(found) == 1 && !p.Search.More {
		p.Chosen = found[0].Code
	}
	if p.Chosen != "" {
		g, err := get[api.GroupDetail](c, r, "/v1/groups/"+seg(p.Chosen), nil)
		switch {
		case err == nil:
			p.Group = &g
		case !known(err):
			return err
		case refused == nil:
			refused = err
		}
	}
	if refused != nil {
		return c.showError(w, r, "waves", "wave-test", r.say("page_test.title", v.ID), p, refused)
	}
	return c.show(w, r, "waves", "wave-test", r.say("page_test.title", v.ID), p)
}

func (c *Console) testWave(w http.ResponseWriter, r *request) error {
	v, err := get[api.WaveDetail](c, r, "/v1/waves/"+seg(r.PathValue("id")), nil)
	if err != nil {
		return err
	}
	t := api.Trial{Batch: v.Batch, Group: strings.TrimSpace(r.PostForm.Get("group"))}
	if v.Plan != nil {
		t.Template, t.Parts, t.Form, t.PosterURL, t.PosterPages = v.Plan.Template, v.Plan.Parts, string(v.Plan.Form), v.Plan.PosterURL, v.Plan.PosterPages
	}
	if account := r.PostForm.Get("account"); account != "" {
		done, err := post[api.Proof](c, r, "/v1/accounts/"+seg(account)+"/proof", t)
		if err != nil {
			return c.showTest(w, r, err)
		}
		c.tell(r, r.say("page_test.proof_sent", len(done.Messages), account))
		return c.back(w, r, "/waves/"+seg(v.ID))
	}
	queued, err := post[api.QueuedWave](c, r, "/v1/waves/test", t)
	if err != nil {
		return c.showTest(w, r, err)
	}
	c.tell(r, r.say("page_test.sent", t.Group))
	return c.back(w, r, "/waves/"+seg(queued.ID))
}
