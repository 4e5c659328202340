package console

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/place"
)

// groupsRoutes are the registry of groups, and what can be said and done about them.
func (c *Console) groupsRoutes() {
	c.page("GET /groups", api.Read, c.showGroups)
	c.page("GET /groups/export", api.Read, func(w http.ResponseWriter, r *request) error {
		return api.Copy(w, r.Request, c.API, r.Caller, "/v1/registry/export", fieldsOf(r.URL.Query(), append(groupFields(), "form")...))
	})
	c.page("GET /groups/coverage", api.Read, c.showCoverage)
	c.importRoutes()
	c.gapRoutes()
	c.bindingRoutes()
	c.page("GET /groups/{code}", api.Read, func(w http.ResponseWriter, r *request) error { return c.showGroup(w, r, nil) })
	c.page("POST /groups/{code}/opt-out", api.Prepare, func(w http.ResponseWriter, r *request) error {
		in := api.OptOut{Why: r.PostForm.Get("why")}
		if kind := r.PostForm.Get("kind"); kind != "" {
			in.Kinds = []string{kind}
		}
		g, err := post[api.GroupDetail](c, r, "/v1/groups/"+seg(r.PathValue("code"))+"/opt-out", in)
		if err != nil {
			return c.showGroup(w, r, err)
		}
		c.tell(r, r.say("page_subject.done_out", g.Code))
		return c.back(w, r, "/groups/"+seg(g.Code))
	})
	for _, verb := range []string{"pause", "resume"} {
		c.page("POST /groups/{code}/"+verb, api.Prepare, func(w http.ResponseWriter, r *request) error {
			g, err := post[api.GroupDetail](c, r, "/v1/groups/"+seg(r.PathValue("code"))+"/"+verb, map[string]string{"why": r.PostForm.Get("why")})
			if err != nil {
				return c.showGroup(w, r, err)
			}
			c.tell(r, r.say("page_groups.done_"+verb, g.Code))
			return c.back(w, r, "/groups/"+seg(g.Code))
		})
	}
}

// groupFields are what the registry can be filtered by. They stand in the address.
func groupFields() []string {
	return []string{"q", "county", "township", "kind", "language", "tag", "state", "reach", "bound", "account"}
}

// fieldsOf takes the named fields that say something out of an address.
func fieldsOf(q url.Values, names ...string) url.Values {
	out := url.Values{}
	for _, name := range names {
		for _, v := range q[name] {
			if v != "" {
				out.Add(name, v)
			}
		}
	}
	return out
}

// groupsPage is what the registry shows.
type groupsPage struct {
	api.GroupPage
	Filter    url.Values
	Counties  []place.County
	Accounts  []api.Account
	States    []store.GroupState
	Reaches   []api.Reach
	Languages []string
	Kinds     []string
	First     string // the address of the first page
	Further   string // of the next; empty at the end
	CSV, XLSX string
	Deep      bool // not the first page
	Open      bool // some field beside the first ones is set
}

func (c *Console) showGroups(w http.ResponseWriter, r *request) error {
	q := fieldsOf(r.URL.Query(), groupFields()...)
	p := groupsPage{
		Filter: q, States: []store.GroupState{store.GroupActive, store.GroupPaused, store.GroupOptedOut}, Reaches: api.Reaches(),
		Languages: []string{"ko", "zh", "both"}, Kinds: []string{"urban", "rural"},
	}
	if r.Caller.County == "" {
		p.Counties = place.All() // else there is nothing to choose
	}
	if k := q.Get("kind"); k != "" && !slices.Contains(p.Kinds, k) {
		p.Kinds = append(p.Kinds, k)
	}
	for _, name := range []string{"township", "kind", "language", "tag", "account", "bound"} {
		p.Open = p.Open || q.Get(name) != ""
	}
	address := func(path, key, value string) string {
		to := fieldsOf(q, groupFields()...)
		if key != "" {
			to.Set(key, value)
		}
		if len(to) == 0 {
			return path
		}
		return path + "?" + to.Encode()
	}
	p.First, p.CSV, p.XLSX = address("/groups", "", ""), address("/groups/export", "form", "csv"), address("/groups/export", "form", "xlsx")
	p.Deep = r.URL.Query().Get("after") != ""
	var err, refused error
	if p.Accounts, err = get[[]api.Account](c, r, "/v1/accounts", nil); err != nil {
		return err
	}
	if p.GroupPage, refused = get[api.GroupPage](c, r, "/v1/registry", fieldsOf(r.URL.Query(), append(groupFields(), "after")...)); refused != nil {
		if !known(refused) {
			return refused
		}
		return c.showError(w, r, "groups", "groups", r.say("console.nav_groups"), p, refused)
	}
	if p.Next != "" {
		p.Further = address("/groups", "after", p.Next)
	}
	return c.show(w, r, "groups", "groups", r.say("console.nav_groups"), p)
}

// groupPage is what one group shows: what it is, what it was sent and what came back.
type groupPage struct {
	api.GroupDetail
	Told          api.GroupHistory
	Heard         api.GroupReplies
	Signed        api.GroupSignups
	OlderTold     string
	OlderHeard    string
	OlderSigned   string
	Part          string // told, signed or heard: which history is turned over; empty on the first page
	MayBeReached  bool
	PairingNeeded bool
}

func (c *Console) showGroup(w http.ResponseWriter, r *request, refused error) error {
	base := "/v1/groups/" + seg(r.PathValue("code"))
	var p groupPage
	var err error
	if p.GroupDetail, err = get[api.GroupDetail](c, r, base, nil); err != nil {
		return err
	}
	q := r.URL.Query()
	older := func(part, cursor string) string {
		if cursor == "" {
			return ""
		}
		return "/groups/" + seg(p.Code) + "?" + url.Values{part: {cursor}}.Encode() + "#" + part
	}
	for _, part := range []string{"told", "signed", "heard"} {
		if q.Get(part) != "" {
			p.Part = part
		}
	}
	if p.Told, err = get[api.GroupHistory](c, r, base+"/deliveries", url.Values{"after": {q.Get("told")}}); err != nil {
		return err
	}
	if p.Signed, err = get[api.GroupSignups](c, r, base+"/signups", url.Values{"before": {q.Get("signed")}}); err != nil {
		return err
	}
	if p.Heard, err = get[api.GroupReplies](c, r, base+"/replies", url.Values{"before": {q.Get("heard")}}); err != nil {
		return err
	}
	p.OlderTold, p.OlderSigned, p.OlderHeard = older("told", p.Told.Next), older("signed", p.Signed.Next), older("heard", p.Heard.Next)
	p.PairingNeeded = !p.Bound && p.State == store.GroupActive
	if refused != nil {
		return c.showError(w, r, "groups", "group", p.Code, p, refused)
	}
	return c.show(w, r, "groups", "group", p.Code, p)
}

// coveragePage is what the coverage shows.
type coveragePage struct {
	api.CoverageReport
	Reaches []api.Reach
	County  string // whose townships are shown
	Rows    []api.Coverage
}

func (c *Console) showCoverage(w http.ResponseWriter, r *request) error {
	all, err := get[api.CoverageReport](c, r, "/v1/registry/coverage", nil)
	if err != nil {
		return err
	}
	p := coveragePage{CoverageReport: all, Reaches: api.Reaches(), County: r.URL.Query().Get("county")}
	if r.Caller.County != "" {
		p.County = r.Caller.County
	}
	for _, one := range all.Townships {
		if one.County == p.County {
			p.Rows = append(p.Rows, one)
		}
	}
	return c.show(w, r, "groups", "coverage", r.say("page_groups.coverage"), p)
}

// reachClass is the look of a group's reach: its colour and its sign.
func reachClass(r api.Reach) string {
	switch r {
	case api.Reachable:
		return "ok"
	case api.ReachOffline:
		return "wait"
	case api.ReachDoubtful:
		return "unknown"
	case api.ReachPaused:
		return "hold"
	case api.ReachOptedOut:
		return "off"
	}
	return "bad"
}

// reachBar lays the reaches of a place side by side in a bar that is 100 wide; nothing for none.
func reachBar(c api.Coverage) (out []stretch) {
	x := 0.0
	for _, r := range api.Reaches() {
		if n := c.Reach[r]; n > 0 {
			width := 100 * float64(n) / float64(c.Groups)
			out = append(out, stretch{Class: reachClass(r), Count: n, X: fmt.Sprintf("%.3f", x), Width: fmt.Sprintf("%.3f", width)})
			x += width
		}
	}
	return out
}

// registryPath is the address of the groups that a number of the coverage counts. A township without a name cannot be
// filtered by, so its numbers lead to the county's.
func registryPath(c api.Coverage, key, value string) string {
	q := url.Values{}
	for _, f := range [][2]string{{"county", c.County}, {"township", c.Township}, {key, value}} {
		if f[0] != "" && f[1] != "" {
			q.Set(f[0], f[1])
		}
	}
	if len(q) == 0 {
		return "/groups"
	}
	return "/groups?" + q.Encode()
}
