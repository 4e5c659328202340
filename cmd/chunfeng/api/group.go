package api

import (
	"slices"
	"strings"
	"time"

	"chunfeng/bot/phone"
	"chunfeng/broadcast/intake"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// Group is a group as scripts see it.
type Group struct {
	Code     string           `json:"code"`
	Name     string           `json:"name"`
	County   string           `json:"county"`
	Township string           `json:"township"`
	Kind     string           `json:"kind"`
	Language string           `json:"language"`
	Tags     []string         `json:"tags"`
	Account  string           `json:"account"`
	State    store.GroupState `json:"state"`
	StateWhy string           `json:"state_why,omitempty"`
	Bound    bool             `json:"bound"` // some account's present session knows it for certain
	Reach    Reach            `json:"reach"`
	Without  []string         `json:"without,omitempty"` // kinds of notice, by template, that it is left out of
}

// GroupDetail is a group with how it may be reached.
type GroupDetail struct {
	Group
	Kinds     []string        `json:"kinds"`   // of notice that there are, by template: what it may be left out of
	Pairing   string          `json:"pairing"` // posted in the group, it proves which one it is
	Bindings  []store.Binding `json:"bindings"`
	UpdatedAt *time.Time      `json:"updated_at"` // of what the registry says
}

// Fault is one fault or doubt of a file, said in the reader's language.
type Fault struct {
	Sheet   string `json:"sheet,omitempty"`
	Row     int    `json:"row"`
	Column  string `json:"column"`
	Message string `json:"message"`
}

// OptOut is what a group is to be left out of.
type OptOut struct {
	Kinds []string `json:"kinds,omitempty"` // by template; empty: everything
	Why   string   `json:"why,omitempty"`   // who asked for it
}

// optOut leaves a group out of kinds of notice, or of all, for the word of its owner that staff heard.
func (a *API) optOut(r request) (any, error) {
	var in OptOut
	if err := r.json(&in); err != nil {
		return nil, err
	}
	g, err := a.groupFor(r)
	if err != nil {
		return nil, err
	}
	set, err := a.Templates()
	if err != nil {
		return nil, err
	}
	for _, k := range in.Kinds {
		if !slices.Contains(set.Digests(), k) {
			return nil, words.Refuse("cmd.bad_choice", "--kind", k, strings.Join(set.Digests(), ", ")).Of(words.Usage)
		}
	}
	if len(in.Kinds) == 0 {
		g, err = a.store.SetGroup(g.Code, store.GroupOptedOut, phone.Hide(strings.TrimSpace(in.Why)), r.Name)
	} else {
		g, err = a.store.LeaveOut(g.Code, in.Kinds, phone.Hide(strings.TrimSpace(in.Why)), r.Name)
	}
	if err != nil {
		return nil, err
	}
	return a.detailGroup(g)
}

func viewFaults(r request, all []intake.Fault) []Fault {
	out := []Fault{}
	for _, f := range all {
		out = append(out, Fault{f.Sheet, f.Row, f.Column, f.Text.In(r.Lang)})
	}
	return out
}

func (a *API) groupRoutes() {
	a.on(Read, "GET /v1/groups", func(r request) (any, error) { return a.listGroups(r) }).
		says("Lists the registered groups.").asks("county", "a county's code, or its name in any language").
		asks("unbound", "only those that no account knows for certain", "1").answers([]Group{})
	a.on(Prepare, "POST /v1/groups", func(r request) (any, error) { return a.importGroups(r) }).
		says("Imports the registry of groups: all of its rows, or none when one has a fault.").
		asks("name", "the file's name, for what is told of it").asks("dry_run", "store nothing, and tell what would change", "1").
		takesFile(tables()...).answers(GroupsImported{})
	a.on(Read, "GET /v1/groups/{code}", func(r request) (any, error) {
		g, err := a.groupFor(r)
		if err != nil {
			return nil, err
		}
		return a.detailGroup(g)
	}).says("Answers one group with who can reach it.").answers(GroupDetail{})
	set := func(verb string, to store.GroupState, says string) {
		a.on(Prepare, "POST /v1/groups/{code}/"+verb, func(r request) (any, error) {
			var in Because
			if err := r.json(&in); err != nil {
				return nil, err
			}
			g, err := a.groupFor(r)
			if err != nil {
				return nil, err
			}
			in.Why = strings.TrimSpace(in.Why)
			switch {
			case g.State == store.GroupOptedOut && to == store.GroupPaused:
				// As paused it would be resumed without anybody being told that its people said no.
				return nil, words.Refuse("page_groups.opted_out_already", g.Code).Of(words.Conflict)
			case g.State == store.GroupOptedOut && in.Why == "" && r.Role != "":
				// Scripts of the owner were promised that they need none.
				return nil, words.Refuse("page_groups.opted_out_why", g.Code).Of(words.Usage)
			}
			if g, err = a.store.SetGroup(g.Code, to, in.Why, r.Name); err != nil {
				return nil, err
			}
			return a.detailGroup(g)
		}).says(says).takes(Because{}).answers(GroupDetail{})
	}
	set("pause", store.GroupPaused, "Has a group get nothing until it is resumed.")
	set("resume", store.GroupActive, "Lets a group get broadcasts again, also one that opted out.")
	a.on(Prepare, "POST /v1/groups/{code}/opt-out", func(r request) (any, error) { return a.optOut(r) }).
		says("Leaves a group out of kinds of notice, or of all, until it is resumed.").takes(OptOut{}).answers(GroupDetail{})
	a.historyRoutes()
	a.bindingRoutes()
}

// groupFor answers the group of the path, which must be of the caller's county.
func (a *API) groupFor(r request) (store.Group, error) {
	return a.seenGroup(r.Caller, r.PathValue("code"))
}

// seenGroup answers a group, as if it were not there when the caller may not see it.
func (a *API) seenGroup(c Caller, code string) (store.Group, error) {
	code = groupCode(code)
	g, err := a.store.Group(code)
	if err == nil && !c.Sees(g.County) {
		return store.Group{}, hide(words.Refuse("store.no_group", code).Of(words.Missing))
	}
	return g, err
}

// groupCode is a code as the registry keeps it.
func groupCode(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }

// bound answers the groups that some account's present session knows for certain.
func (a *API) bound() (groupSet, error) {
	accounts, err := a.store.Accounts()
	if err != nil {
		return nil, err
	}
	var out groupSet
	for _, one := range accounts {
		bindings, err := a.store.Bindings(one.Name)
		if err != nil {
			return nil, err
		}
		for _, b := range bindings {
			if b.State == store.Bound {
				out.add(b.Group)
			}
		}
	}
	return out, nil
}

// listGroups answers the whole registry of the caller, for scripts and exports of the command line.
func (a *API) listGroups(r request) (any, error) {
	q := r.URL.Query()
	county, err := countyCode(q.Get("county"))
	if err != nil {
		return nil, err
	}
	online, err := a.online()
	if err != nil {
		return nil, err
	}
	out := []Group{}
	err = a.seenEach(0, func(g store.SeenGroup) bool {
		if r.Sees(g.County) && (county == "" || g.County == county) && (q.Get("unbound") == "" || !g.Bound()) {
			out = append(out, viewSeen(g, online))
		}
		return len(out) <= listMost
	})
	if err == nil && len(out) > listMost {
		return nil, words.Refuse("api.list_long", listMost)
	}
	return out, err
}

func viewSeen(g store.SeenGroup, online map[string]bool) Group {
	return Group{
		g.Code, g.Name, g.County, g.Township, g.Kind, g.Language, list(g.Tags), g.Account, g.State, g.StateWhy, g.Bound(), reachOf(g, online), g.Without,
	}
}

func (a *API) detailGroup(g store.Group) (GroupDetail, error) {
	d := GroupDetail{Pairing: g.Pairing, Bindings: []store.Binding{}, Kinds: []string{}, UpdatedAt: a.moment(g.Updated)}
	online, err := a.online()
	if err != nil {
		return d, err
	}
	seen, err := a.store.SeenGroups(g.Number, 1)
	if err != nil || len(seen) == 0 {
		return d, err
	}
	for _, b := range seen[0].Bindings {
		b.At = a.local(b.At)
		d.Bindings = append(d.Bindings, b)
	}
	d.Group = viewSeen(seen[0], online)
	// Whatever is the matter with the templates, a group can be looked at.
	if set, err := a.Templates(); err == nil {
		d.Kinds = set.Digests()
	}
	return d, nil
}

// groupNumber answers a registered group's number in the ledger; no code is no group.
func (a *API) groupNumber(code string) (uint32, error) {
	if code == "" {
		return 0, nil
	}
	g, err := a.store.Group(groupCode(code))
	return g.Number, err
}

// namer answers groups by their numbers, each read once.
type namer struct {
	a      *API
	groups map[uint32]store.Group
}

func (a *API) namer() *namer { return &namer{a, map[uint32]store.Group{}} }

func (n *namer) group(number uint32) store.Group {
	if number == 0 {
		return store.Group{}
	}
	if g, ok := n.groups[number]; ok {
		return g
	}
	g, err := n.a.store.GroupNumber(number)
	if err != nil {
		g.Code = words.Say(words.English, "cmd.no_such_group", number)
	}
	n.groups[number] = g
	return g
}

func (n *namer) code(number uint32) string { return n.group(number).Code }

func (n *namer) county(number uint32) string { return n.group(number).County }
