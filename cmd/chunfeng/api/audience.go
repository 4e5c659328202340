package api

import (
	"cmp"
	"net/url"
	"slices"

	"chunfeng/broadcast"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// AudienceCount is the groups that an audience chooses, counted, with a page of them. All of it is bounded to the caller's
// county.
type AudienceCount struct {
	Groups    int            `json:"groups"`
	Unbound   int            `json:"unbound"` // of them, those that no account's present session knows for certain
	Paused    int            `json:"paused"`
	OptedOut  int            `json:"opted_out"`
	Languages map[string]int `json:"languages"`
	Counties  []CountyGroups `json:"counties"` // in the prefecture's order
	List      []Group        `json:"list"`     // in the order of their import
	Next      uint32         `json:"next,omitempty"`
	More      bool           `json:"more"`
	Audience  store.Audience `json:"audience"` // in the form in which it is kept
}

// CountyGroups is one county's share of an audience.
type CountyGroups struct {
	County    string         `json:"county"`
	Groups    int            `json:"groups"`
	Unbound   int            `json:"unbound"`
	Languages map[string]int `json:"languages"`
}

// AudienceNames is what an audience can be chosen by: the names that the registry has, with the number of their groups.
type AudienceNames struct {
	Counties  []NameCount `json:"counties"`
	Townships []NameCount `json:"townships"`
	Kinds     []NameCount `json:"kinds"`
	Languages []NameCount `json:"languages"`
	Tags      []NameCount `json:"tags"`
}

// NameCount is a name that the registry has.
type NameCount struct {
	Name   string `json:"name"`
	County string `json:"county,omitempty"` // of a township
	Groups int    `json:"groups"`
}

func (a *API) audienceRoutes() {
	a.on(Read, "GET /v1/audience", func(r request) (any, error) { return a.countAudience(r) }).
		says("Counts the groups that an audience chooses, with a page of them in the order of import.").with(audienceParams()...).
		asks("limit", "the most groups of the page, at most 1,000").asks("after", "the next of the page before").answers(AudienceCount{})
	a.on(Read, "GET /v1/audience/names", func(r request) (any, error) { return a.audienceNames(r.Caller) }).
		says("Lists the names by which an audience can be chosen, with the number of their groups.").answers(AudienceNames{})
}

// audienceParams are what an audience is chosen by.
func audienceParams() []Param {
	return []Param{
		{Name: "county", About: "a county's code, or its name in any language", Many: true},
		{Name: "township", About: "as the registry names it", Many: true},
		{Name: "kind", About: "as the registry has it", Many: true},
		{Name: "language", About: "the language that the group reads", Many: true, OneOf: []string{"ko", "zh", "both"}},
		{Name: "tag", About: "one of the group's tags", Many: true},
		{Name: "group", About: "a group's code", Many: true},
	}
}

// audienceOf reads an audience from a query: county, township, kind, language, tag and group, each as often as one likes.
func audienceOf(q url.Values) store.Audience {
	return store.Audience{
		Counties: q["county"], Townships: q["township"], Kinds: q["kind"], Languages: q["language"], Tags: q["tag"], Groups: q["group"],
	}
}

// bounded brings an audience into its form and keeps it to the caller's county: other counties are refused, and another
// county's group does not exist.
func (a *API) bounded(c Caller, au store.Audience) (store.Audience, error) {
	au.Groups = slices.Clone(au.Groups)
	for i, code := range au.Groups {
		au.Groups[i] = groupCode(code)
	}
	au, err := broadcast.Audience(au)
	if err != nil || c.County == "" {
		return au, err
	}
	for _, code := range au.Counties {
		if code != c.County {
			return au, words.Refuse("wave.other_county", countyText(code), countyText(c.County)).Of(words.Forbidden)
		}
	}
	for _, code := range au.Groups {
		g, err := a.store.Group(code)
		if err == nil && !c.Sees(g.County) {
			err = words.Refuse("store.no_group", code).Of(words.Missing)
		}
		if err != nil {
			return au, err
		}
	}
	au.Counties = []string{c.County}
	return au, nil
}

func (a *API) countAudience(r request) (AudienceCount, error) {
	q := r.URL.Query()
	out := AudienceCount{Languages: map[string]int{}, Counties: []CountyGroups{}, List: []Group{}}
	limit, err := numberOf(q, "limit", 50, PageLimit)
	if err != nil {
		return out, err
	}
	after, err := numberOf(q, "after", 0, 1<<32-1)
	if err != nil {
		return out, err
	}
	if out.Audience, err = a.bounded(r.Caller, audienceOf(q)); err != nil {
		return out, err
	}
	bound, err := a.bound()
	if err != nil {
		return out, err
	}
	counties, page := map[string]*CountyGroups{}, []uint32{}
	err = broadcast.EachIn(a.store, out.Audience, func(g store.Group) {
		c := counties[g.County]
		if c == nil {
			c = &CountyGroups{County: g.County, Languages: map[string]int{}}
			counties[g.County] = c
		}
		out.Groups++
		out.Languages[g.Language]++
		c.Groups++
		c.Languages[g.Language]++
		if !bound.has(g.Number) {
			out.Unbound++
			c.Unbound++
		}
		switch g.State {
		case store.GroupPaused:
			out.Paused++
		case store.GroupOptedOut:
			out.OptedOut++
		}
		switch {
		case g.Number <= uint32(after):
		case len(page) < limit:
			page, out.Next = append(page, g.Number), g.Number
		default:
			out.More = true
		}
	})
	if err != nil {
		return out, err
	}
	if !out.More {
		out.Next = 0
	}
	online, err := a.online()
	if err != nil {
		return out, err
	}
	for _, n := range page {
		seen, err := a.store.SeenGroups(n, 1)
		if err != nil {
			return out, err
		}
		out.List = append(out.List, viewSeen(seen[0], online))
	}
	for _, c := range counties {
		out.Counties = append(out.Counties, *c)
	}
	slices.SortFunc(out.Counties, func(x, y CountyGroups) int { return byCounty(x.County, y.County) })
	return out, nil
}

func (a *API) audienceNames(c Caller) (AudienceNames, error) {
	type key struct{ county, name string }
	var counted [5]map[key]int
	for i := range counted {
		counted[i] = map[key]int{}
	}
	count := func(which int, county, name string) {
		if name != "" {
			counted[which][key{county, name}]++
		}
	}
	err := a.store.EachGroup(func(g store.Group) bool {
		if !c.Sees(g.County) {
			return true
		}
		count(0, "", g.County)
		count(1, g.County, g.Township)
		count(2, "", g.Kind)
		count(3, "", g.Language)
		for _, t := range g.Tags {
			count(4, "", t)
		}
		return true
	})
	var out AudienceNames
	for i, to := range []*[]NameCount{&out.Counties, &out.Townships, &out.Kinds, &out.Languages, &out.Tags} {
		*to = []NameCount{}
		for k, n := range counted[i] {
			*to = append(*to, NameCount{k.name, k.county, n})
		}
		slices.SortFunc(*to, func(x, y NameCount) int {
			if i == 0 {
				return byCounty(x.Name, y.Name)
			}
			return cmp.Or(byCounty(x.County, y.County), cmp.Compare(x.Name, y.Name))
		})
	}
	return out, err
}
