package console

import (
	"net/http"
	"net/url"

	"chunfeng/cmd/chunfeng/api"
)

// todayRoutes are the first page: what runs, and what needs a person.
func (c *Console) todayRoutes() {
	c.page("GET /{$}", api.Read, func(w http.ResponseWriter, r *request) error {
		t, err := c.today(r)
		if err != nil {
			return err
		}
		return c.show(w, r, "today", "today", r.say("console.nav_today"), t)
	})
	c.stream("GET /live/today", "today-live", api.Read, func(r *request) (any, error) { return c.today(r) })
}

// today is what the first page shows.
type today struct {
	api.Today
	Needs []need
}

// need is a thing that waits for a person, with the page on which it is dealt with.
type need struct {
	api.Need
	Path string
	Bad  bool
}

func (c *Console) today(r *request) (today, error) {
	t, err := get[api.Today](c, r, "/v1/today", nil)
	out := today{Today: t}
	for _, n := range t.Needs {
		one := need{Need: n}
		if one.Path, one.Bad = needPath(n); n.What == "review" && !r.Caller.May(api.Answer) {
			one.Path = "" // it waits for somebody else
		}
		out.Needs = append(out.Needs, one)
	}
	return out, err
}

// needPath answers the page on which a need is dealt with, and whether it cannot wait.
func needPath(n api.Need) (path string, bad bool) {
	log := func(state string) string {
		return "/log?" + url.Values{"wave": {n.On}, "state": {state}}.Encode()
	}
	switch n.What {
	case "approval":
		if len(n.On) > 0 && n.On[0] == 'S' {
			return "/waves/schedules/" + seg(n.On), false
		}
		return "/waves/" + seg(n.On), false
	case "paused", "alert_behind":
		return "/waves/" + seg(n.On), true
	case "unknown":
		return log("unknown"), false
	case "failed":
		return log("failed"), false
	case "scan", "account_stopped", "alert_account_out", "alert_silent":
		return "/accounts/" + seg(n.On), true
	case "review":
		return "/review", false
	case "unbound":
		return "/groups?bound=no&state=active", false
	case "gap":
		return "/groups/gaps", false
	}
	return "", true
}
