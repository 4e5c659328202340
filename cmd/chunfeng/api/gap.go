package api

import (
	"slices"
	"strconv"
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// Gap is a time in which an account heard nothing.
type Gap struct {
	ID      uint64     `json:"id"`
	Account string     `json:"account"`
	From    *time.Time `json:"from"`
	To      *time.Time `json:"to"` // null while it goes on
	Why     string     `json:"why"`
	Groups  []string   `json:"groups"` // to be read by hand; a caller of a county sees that county's
	ReadBy  string     `json:"read_by,omitempty"`
}

// GapDetail is a gap with its groups by name.
type GapDetail struct {
	Gap
	Listed []GroupName `json:"listed"`
	Others int         `json:"others"` // groups of other counties, which the caller does not see
}

// GroupName is a group as lists name it.
type GroupName struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	County   string `json:"county"`
	Township string `json:"township"`
}

// gapViewer reads each group of a listing once.
type gapViewer struct {
	a      *API
	county string // the caller's; empty: all
	groups map[uint32]store.Group
}

func (a *API) gapViewer(c Caller) *gapViewer {
	return &gapViewer{a, c.County, map[uint32]store.Group{}}
}

// view answers a gap as the caller sees it; mine is false when none of its groups concerns the caller.
func (v *gapViewer) view(g store.Gap) (d GapDetail, mine bool) {
	d = GapDetail{Gap: Gap{g.Number, g.Account, v.a.moment(g.From), v.a.moment(g.To), g.Why, []string{}, g.ReadBy}, Listed: []GroupName{}}
	for _, n := range g.Groups {
		group, ok := v.groups[n]
		if !ok {
			var err error
			if group, err = v.a.store.GroupNumber(n); err != nil {
				group = store.Group{Code: words.Say(words.English, "cmd.no_such_group", n)}
			}
			v.groups[n] = group
		}
		if v.county != "" && group.County != v.county {
			d.Others++
			continue
		}
		d.Groups = append(d.Groups, group.Code)
		d.Listed = append(d.Listed, GroupName{group.Code, group.Name, group.County, group.Township})
	}
	return d, v.county == "" || len(d.Listed) > 0
}

func (a *API) gapRoutes() {
	a.on(Read, "GET /v1/gaps", func(r request) (any, error) {
		q := r.URL.Query()
		limit, err := numberOf(q, "limit", gapsMost, gapsMost)
		if err != nil {
			return nil, err
		}
		all, err := a.store.Gaps(q.Get("all") == "")
		if err != nil {
			return nil, err
		}
		out, v := []Gap{}, a.gapViewer(r.Caller)
		for _, g := range all {
			if len(out) == limit {
				break
			}
			if d, mine := v.view(g); mine {
				out = append(out, d.Gap)
			}
		}
		return out, nil
	}).says("Lists the times in which an account heard nothing and that nobody has made up for by reading.").
		asks("all", "those that were read by hand, too", "1").asks("limit", "the most gaps, at most 1,000").answers([]Gap{})
	a.on(Read, "GET /v1/gaps/{id}", func(r request) (any, error) {
		_, d, err := a.gapFor(r)
		return d, err
	}).says("Answers one gap with its groups by name.").answers(GapDetail{})
	a.on(Answer, "POST /v1/gaps/{id}/read", func(r request) (any, error) {
		g, d, err := a.gapFor(r)
		switch {
		case err != nil:
			return nil, err
		case g.ReadBy != "" && g.ReadBy != r.Name:
			return nil, words.Refuse("page_groups.gap_read_already", g.Number, g.ReadBy).Of(words.Conflict)
		case g.To.IsZero():
			// What is still to come would count as read.
			return nil, words.Refuse("page_groups.gap_goes_on", g.Number).Of(words.Conflict)
		case d.Others > 0:
			return nil, words.Refuse("page_groups.gap_of_others", g.Number, d.Others).Of(words.Forbidden)
		}
		return Done{true}, a.store.ReadGap(g.Number, r.Name)
	}).says("Says that the groups of a gap were read by hand.").answers(Done{})
}

// gapsMost is how many gaps a listing holds at most.
const gapsMost = 1000

// gapFor answers the gap of the path, which must have a group of the caller's county.
func (a *API) gapFor(r request) (store.Gap, GapDetail, error) {
	id := r.PathValue("id")
	n, err := strconv.ParseUint(id, 10, 64)
	none := words.Refuse("store.no_gap", id).Of(words.Missing)
	if err != nil {
		return store.Gap{}, GapDetail{}, none
	}
	all, err := a.store.Gaps(false)
	if err != nil {
		return store.Gap{}, GapDetail{}, err
	}
	i := slices.IndexFunc(all, func(g store.Gap) bool { return g.Number == n })
	if i < 0 {
		return store.Gap{}, GapDetail{}, none
	}
	d, mine := a.gapViewer(r.Caller).view(all[i])
	if !mine {
		return store.Gap{}, GapDetail{}, none
	}
	return all[i], d, nil
}
