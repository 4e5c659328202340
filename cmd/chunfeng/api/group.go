package api

import (
	"strings"

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
}

// GroupDetail is a group with how it may be reached.
type GroupDetail struct {
	Group
	Pairing  string          `json:"pairing"` // posted in the group, it proves which one it is
	Bindings []store.Binding `json:"bindings"`
}

// Fault is one fault or doubt of a file, said in the reader's language.
type Fault struct {
	Sheet   string `json:"sheet,omitempty"`
	Row     int    `json:"row"`
	Column  string `json:"column"`
	Message string `json:"message"`
}

func viewFaults(r request, all []intake.Fault) []Fault {
	out := []Fault{}
	for _, f := range all {
		out = append(out, Fault{f.Sheet, f.Row, f.Column, f.Text.In(r.Lang)})
	}
	return out
}

// GroupsImported is what an import of the registry did.
type GroupsImported struct {
	Rows   int     `json:"rows"`
	Taken  bool    `json:"imported"` // false: nothing was stored, for there are errors
	Errors []Fault `json:"errors"`
	Doubts []Fault `json:"doubts"`
	store.Imported
}

func (a *API) groupRoutes() {
	a.on(Read, "GET /v1/groups", func(r request) (any, error) { return a.listGroups(r) })
	a.on(Prepare, "POST /v1/groups", func(r request) (any, error) {
		data, err := r.file()
		if err != nil {
			return nil, err
		}
		read, err := intake.ReadGroups(r.URL.Query().Get("name"), data, intake.Options{Now: a.now()})
		if err != nil {
			return nil, err
		}
		v := GroupsImported{Rows: read.Rows, Errors: viewFaults(r, read.Faults), Doubts: viewFaults(r, read.Doubts)}
		if len(read.Faults) > 0 {
			return v, nil // all or none: a registry half taken would be believed whole
		}
		if v.Imported, err = a.store.PutGroups(read.Items, r.Name); err != nil {
			return nil, err
		}
		v.Taken = true
		return v, nil
	})
	a.on(Read, "GET /v1/groups/{code}", func(r request) (any, error) {
		g, err := a.store.Group(groupCode(r.PathValue("code")))
		if err != nil {
			return nil, err
		}
		return a.detailGroup(g)
	})
	set := func(verb string, to store.GroupState) {
		a.on(Prepare, "POST /v1/groups/{code}/"+verb, func(r request) (any, error) {
			var in struct{ Why string }
			if err := r.json(&in); err != nil {
				return nil, err
			}
			g, err := a.store.SetGroup(groupCode(r.PathValue("code")), to, in.Why, r.Name)
			if err != nil {
				return nil, err
			}
			return a.detailGroup(g)
		})
	}
	set("pause", store.GroupPaused)
	set("resume", store.GroupActive)
}

// groupCode is a code as the registry keeps it.
func groupCode(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }

// bound answers the groups that some account's present session knows for certain.
func (a *API) bound() (map[uint32]bool, error) {
	accounts, err := a.store.Accounts()
	if err != nil {
		return nil, err
	}
	out := map[uint32]bool{}
	for _, one := range accounts {
		bindings, err := a.store.Bindings(one.Name)
		if err != nil {
			return nil, err
		}
		for _, b := range bindings {
			if b.State == store.Bound {
				out[b.Group] = true
			}
		}
	}
	return out, nil
}

func (a *API) listGroups(r request) (any, error) {
	q := r.URL.Query()
	county, err := countyCode(q.Get("county"))
	if err != nil {
		return nil, err
	}
	bound, err := a.bound()
	if err != nil {
		return nil, err
	}
	out := []Group{}
	err = a.store.EachGroup(func(g store.Group) bool {
		if (county == "" || g.County == county) && (q.Get("unbound") == "" || !bound[g.Number]) {
			out = append(out, viewGroup(g, bound[g.Number]))
		}
		return true
	})
	return out, err
}

func viewGroup(g store.Group, bound bool) Group {
	return Group{g.Code, g.Name, g.County, g.Township, g.Kind, g.Language, list(g.Tags), g.Account, g.State, g.StateWhy, bound}
}

func (a *API) detailGroup(g store.Group) (GroupDetail, error) {
	d := GroupDetail{Pairing: g.Pairing, Bindings: []store.Binding{}}
	accounts, err := a.store.Accounts()
	if err != nil {
		return d, err
	}
	bound := false
	for _, one := range accounts {
		b, found, err := a.store.Binding(one.Name, g.Number)
		if err != nil {
			return d, err
		}
		if found {
			b.At = a.local(b.At)
			d.Bindings = append(d.Bindings, b)
			bound = bound || b.State == store.Bound
		}
	}
	d.Group = viewGroup(g, bound)
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

// namer answers groups' codes by their numbers, each read once.
type namer struct {
	a     *API
	codes map[uint32]string
}

func (a *API) namer() *namer { return &namer{a, map[uint32]string{}} }

func (n *namer) code(number uint32) string {
	if number == 0 {
		return ""
	}
	if c, ok := n.codes[number]; ok {
		return c
	}
	g, err := n.a.store.GroupNumber(number)
	if err != nil {
		g.Code = words.Say(words.English, "cmd.no_such_group", number)
	}
	n.codes[number] = g.Code
	return g.Code
}
