package console

import (
	"net/http"
	"net/url"
	"slices"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/place"
	"chunfeng/templates/words"
)

// logRoutes are the delivery log: what became of every message to every group.
func (c *Console) logRoutes() {
	c.page("GET /log", api.Read, c.showLog)
	c.page("GET /log/export", api.Read, func(w http.ResponseWriter, r *request) error {
		return api.Copy(w, r.Request, c.API, r.Caller, "/v1/deliveries/export", logQuery(r.URL.Query(), "form"))
	})
	c.page("GET /log/{id}", api.Read, func(w http.ResponseWriter, r *request) error { return c.showDelivery(w, r, nil) })
	c.page("POST /log/{id}", api.Decide, c.decideDelivery)
}

// logFields are what the log can be filtered by. They stand in the address, so that a part of the log can be sent to
// somebody else.
var logFields = [...]string{"wave", "county", "group", "account", "state", "reason", "from", "to", "answers"}

// logQuery takes the fields of a filter out of an address, and others that are named.
func logQuery(q url.Values, more ...string) url.Values {
	out := url.Values{}
	for _, name := range slices.Concat(logFields[:], more) {
		for _, v := range q[name] {
			if v != "" {
				out.Add(name, v)
			}
		}
	}
	return out
}

// logPage is what the log shows.
type logPage struct {
	api.DeliveryPage
	Filter   url.Values
	Search   groupSearch // for the group that is meant by what is no code
	Waves    []api.Wave
	Accounts []api.Account
	Counties []place.County
	States   []store.State
	Reasons  []string
	First    string // the address of the first page
	Older    string // of the next; empty at the end
	CSV      string
	XLSX     string
	Deep     bool // not the first page
}

// rowsShown is how many rows stand on a page of a list.
const (
	rowsShownNumber = 50
	rowsShown       = "50"
)

func (c *Console) showLog(w http.ResponseWriter, r *request) error {
	p := logPage{Filter: logQuery(r.URL.Query()), Counties: place.All(), States: store.States(), Reasons: words.Names("reason.")}
	if r.Caller.County != "" {
		p.Counties = nil // there is nothing to choose
	}
	ask := logQuery(r.URL.Query(), "after")
	p.Deep = ask.Has("after")
	ask.Set("limit", rowsShown)
	var refused error
	if p.DeliveryPage, refused = get[api.DeliveryPage](c, r, "/v1/deliveries", ask); refused != nil && !known(refused) {
		return refused
	}
	var err error
	if p.Search, err = c.findMissing(r, refused, "/log", p.Filter); err != nil {
		return err
	}
	if p.Waves, err = get[[]api.Wave](c, r, "/v1/waves", nil); err != nil {
		return err
	}
	if p.Accounts, err = get[[]api.Account](c, r, "/v1/accounts", nil); err != nil {
		return err
	}
	address := func(path, key, value string) string {
		q := logQuery(p.Filter)
		if key != "" {
			q.Set(key, value)
		}
		return path + "?" + q.Encode()
	}
	p.First, p.CSV, p.XLSX = address("/log", "", ""), address("/log/export", "form", "csv"), address("/log/export", "form", "xlsx")
	if p.Next != "" {
		p.Older = address("/log", "after", p.Next)
	}
	if refused != nil {
		return c.showError(w, r, "log", "log", r.say("console.nav_log"), p, refused)
	}
	return c.show(w, r, "log", "log", r.say("console.nav_log"), p)
}

// known tells whether an error is one that the person can mend in the form.
func known(err error) bool {
	k := api.ProblemOf(err, "en")
	return k.Key != ""
}

func (c *Console) showDelivery(w http.ResponseWriter, r *request, refused error) error {
	d, err := get[api.DeliveryDetail](c, r, "/v1/deliveries/"+seg(r.PathValue("id")), nil)
	if err != nil {
		return err
	}
	if refused != nil {
		return c.showError(w, r, "log", "delivery", d.ID, d, refused)
	}
	return c.show(w, r, "log", "delivery", d.ID, d)
}

func (c *Console) decideDelivery(w http.ResponseWriter, r *request) error {
	body := map[string]string{"as": r.PostForm.Get("as"), "why": r.PostForm.Get("why")}
	d, err := post[api.DeliveryDetail](c, r, "/v1/deliveries/"+seg(r.PathValue("id"))+"/resolve", body)
	if err != nil {
		return c.showDelivery(w, r, err)
	}
	c.tell(r, r.say("page_log.decided", d.ID, r.say("state."+d.State.String())))
	return c.back(w, r, "/log/"+seg(d.ID))
}
