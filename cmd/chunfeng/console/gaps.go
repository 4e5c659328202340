package console

import (
	"net/http"
	"net/url"

	"chunfeng/cmd/chunfeng/api"
)

// gapRoutes are the times in which an account heard nothing: what was said in its groups meanwhile is read by hand.
func (c *Console) gapRoutes() {
	c.page("GET /groups/gaps", api.Read, func(w http.ResponseWriter, r *request) error {
		all := r.URL.Query().Get("all") != ""
		q := url.Values{"limit": {"200"}}
		if all {
			q.Set("all", "1")
		}
		gaps, err := get[[]api.Gap](c, r, "/v1/gaps", q)
		if err != nil {
			return err
		}
		return c.show(w, r, "groups", "gaps", r.say("page_groups.gaps"), gapsPage{gaps, all})
	})
	c.page("GET /groups/gaps/{id}", api.Read, func(w http.ResponseWriter, r *request) error { return c.showGap(w, r, nil) })
	c.page("POST /groups/gaps/{id}/read", api.Answer, func(w http.ResponseWriter, r *request) error {
		if _, err := post[api.Done](c, r, "/v1/gaps/"+seg(r.PathValue("id"))+"/read", nil); err != nil {
			return c.showGap(w, r, err)
		}
		c.tell(r, r.say("page_groups.gap_done", r.PathValue("id")))
		return c.back(w, r, "/groups/gaps")
	})
}

// gapsPage is what the list of gaps shows.
type gapsPage struct {
	Gaps []api.Gap
	All  bool
}

func (c *Console) showGap(w http.ResponseWriter, r *request, refused error) error {
	d, err := get[api.GapDetail](c, r, "/v1/gaps/"+seg(r.PathValue("id")), nil)
	if err != nil {
		return err
	}
	title := r.say("page_groups.gap_title", d.ID)
	if refused != nil {
		return c.showError(w, r, "groups", "gap", title, d, refused)
	}
	return c.show(w, r, "groups", "gap", title, d)
}
