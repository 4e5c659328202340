package console

import (
	"maps"
	"net/http"
	"net/url"
	"slices"

	"chunfeng/cmd/chunfeng/api"
)

// findRoutes are the search for one group by a part of its code or name, on every page that wants one.
//
// A field of such a page asks here while somebody types, and shows what comes below itself: links that lead back to the
// page with the group chosen, so that the keyboard reaches them and nothing is kept in the browser. Without scripts the
// page's own form asks, and shows the same list.
func (c *Console) findRoutes() {
	c.page("GET /groups/find", api.Read, c.showFound)
}

// groupsFound is how many groups a search shows at most.
const groupsFound = "20"

// groupSearch is what a search for one group found.
type groupSearch struct {
	Text   string     // what was searched for; nothing is found for nothing
	To     string     // the page that wants the group
	Keep   url.Values // what else is chosen there
	Groups []api.Group
	More   bool // there may be more
}

// Choose is the address that leads back with a group.
func (s groupSearch) Choose(code string) string { return withQuery(s.To, s.Keep, "group", code) }

// findGroups searches among the groups that the person sees.
func (c *Console) findGroups(r *request, s groupSearch) (groupSearch, error) {
	if s.Text == "" {
		return s, nil
	}
	found, err := get[api.GroupPage](c, r, "/v1/registry", url.Values{"q": {s.Text}, "limit": {groupsFound}})
	s.Groups, s.More = found.Groups, found.Next != ""
	return s, err
}

// findMissing searches for what stands in a filter's field of a group when no group has that code: people write names.
func (c *Console) findMissing(r *request, refused error, to string, keep url.Values) (groupSearch, error) {
	if refused == nil || keep.Get("group") == "" {
		return groupSearch{}, nil
	}
	others := maps.Clone(keep)
	others.Del("group")
	return c.findGroups(r, groupSearch{Text: keep.Get("group"), To: to, Keep: others})
}

// showFound answers the list alone to a field, and else a page with the search. What is searched for stands in the field
// that the page has for it: one of its own, or the one of the group itself.
func (c *Console) showFound(w http.ResponseWriter, r *request) error {
	q := r.URL.Query()
	s := groupSearch{Text: q.Get("find"), To: local(q.Get("for"))}
	if !q.Has("find") {
		s.Text = q.Get("group")
	}
	for _, name := range []string{"find", "group", "for", "after", "before"} {
		q.Del(name)
	}
	s.Keep = fieldsOf(q, slices.Collect(maps.Keys(q))...)
	s, err := c.findGroups(r, s)
	if err != nil {
		return err
	}
	if r.fragment() {
		return c.part(w, r, "groups-found-part", s)
	}
	return c.show(w, r, "groups", "groups-find", r.say("page_groups.find"), s)
}
