package broadcast

import (
	"slices"
	"strings"
	"time"

	"chunfeng/store"
	"chunfeng/templates"
	"chunfeng/templates/poster"
)

// composer renders what groups are told of a batch, each distinct text and each poster once.
type composer struct {
	set      *templates.Set
	template string
	parts    int
	batch    store.Batch
	bureau   templates.Text
	kept     int
	date     templates.Date
	open     []store.Vacancy // of the batch, in the order of their codes
	told     []templates.Vacancy
	total    int
	firms    int

	orders   map[orderKey]int // what concerns a kind of group → the digest it gets
	rendered map[string]int   // language, county and order → digest
	digests  []digest
	contents []store.Content
	seen     map[string]bool

	hung     map[orderKey]int // language, county and tags → picture
	drawn    map[string]int   // a picture's name → picture
	pictures []picture
	gaps     map[string]map[string]bool // by language, the vacancies that no poster can show
	missing  poster.Gaps                // why
}

// orderKey is all of a group that its text depends on.
type orderKey struct{ language, county, tags string }

// digest is one post in words: its parts' contents by hash.
type digest struct {
	hashes []string
	err    error
}

// none is the digest of a group that nothing concerns.
const none = -1

func newComposer(p *Planner, set *templates.Set, plan store.Plan, batch store.Batch, vacancies []store.Vacancy, at time.Time) *composer {
	c := &composer{
		set: set, template: plan.Template, parts: plan.Parts, batch: batch, bureau: p.Bureau, kept: p.Kept,
		date: templates.DateOf(at.In(p.Zone)), orders: map[orderKey]int{}, rendered: map[string]int{}, seen: map[string]bool{},
		hung: map[orderKey]int{}, drawn: map[string]int{}, gaps: map[string]map[string]bool{},
	}
	firms := map[string]bool{}
	for _, v := range vacancies {
		if !v.OpenAt(at) {
			continue
		}
		c.open = append(c.open, v)
		c.told = append(c.told, tell(v, p.Zone))
		firms[v.Employer.Zh+"\x00"+v.Employer.Ko] = true
	}
	c.total, c.firms = len(c.open), len(firms)
	return c
}

// tell puts a vacancy into the terms of templates.
func tell(v store.Vacancy, zone *time.Location) templates.Vacancy {
	text := func(b store.Both) templates.Text { return templates.Text{Ko: b.Ko, Zh: b.Zh} }
	return templates.Vacancy{
		Code: v.Code, Employer: text(v.Employer), Post: text(v.Post), Headcount: v.Headcount,
		Pay:    templates.Pay{Min: v.Pay.Min, Max: v.Pay.Max, Unit: string(v.Pay.Unit), Negotiable: v.Pay.Negotiable, Text: v.Pay.Text},
		County: v.County, Place: text(v.Place), Industry: text(v.Industry), Hours: text(v.Hours),
		Requirements: text(v.Requirements), Benefits: text(v.Benefits), Until: until(v.Expires, zone),
	}
}

// until is the last day of what ends at a moment.
func until(end time.Time, zone *time.Location) templates.Date {
	if end.IsZero() {
		return templates.Date{}
	}
	return templates.DateOf(end.Add(-time.Nanosecond).In(zone))
}

// orderOf answers what decides in which order a group is told of vacancies: its tags, and under what its order is found.
func orderOf(g store.Group) (tags []string, k orderKey) {
	tags = g.Tags
	if len(tags) > 1 {
		tags = slices.Clone(tags)
		slices.Sort(tags)
	}
	return tags, orderKey{g.Language, g.County, strings.Join(tags, "\x00")}
}

// codes writes an order of vacancies down.
func (c *composer) codes(order []int) string {
	var k strings.Builder
	for _, i := range order {
		k.WriteString("\x00" + c.open[i].Code)
	}
	return k.String()
}

// digest answers which post a group gets; none when nothing concerns it.
func (c *composer) digest(g store.Group) (int, error) {
	tags, k := orderOf(g)
	n, ok := c.orders[k]
	if !ok {
		n = c.render(g.Language, g.County, c.concerning(g.County, tags))
		c.orders[k] = n
	}
	if n == none {
		return none, nil
	}
	return n, c.digests[n].err
}

// concerning lists the vacancies that concern a group, by their place in c.open: those of its county, then those of the
// whole prefecture, of each first the ones that match its tags. A vacancy of another county does not concern it; whoever
// asks for the list is told of those too.
func (c *composer) concerning(county string, tags []string) []int {
	var ranks [4][]int
	for i, v := range c.open {
		rank := 0
		switch v.County {
		case county:
		case "":
			rank = 2
		default:
			continue
		}
		if !slices.ContainsFunc(v.Tags, func(t string) bool { return slices.Contains(tags, t) }) {
			rank++
		}
		ranks[rank] = append(ranks[rank], i)
	}
	return slices.Concat(ranks[:]...)
}

// render renders a post, unless groups of other tags get the same.
func (c *composer) render(language, county string, order []int) int {
	if len(order) == 0 {
		return none
	}
	k := language + "\x00" + county + c.codes(order)
	if n, ok := c.rendered[k]; ok {
		return n
	}
	list := make([]templates.Vacancy, len(order))
	for i, n := range order {
		list[i] = c.told[n]
	}
	n := len(c.digests)
	c.rendered[k] = n
	c.digests = append(c.digests, digest{})
	parts, err := c.set.Digest(c.template, language, c.data(county, list), templates.Limits{Parts: c.parts})
	if err != nil {
		c.digests[n].err = err
		return n
	}
	for i, p := range parts {
		content := c.content(p, language, county, i+1, len(parts))
		c.digests[n].hashes = append(c.digests[n].hashes, content.Hash)
		if !c.seen[content.Hash] {
			c.seen[content.Hash] = true
			c.contents = append(c.contents, content)
		}
	}
	return n
}

func (c *composer) data(county string, list []templates.Vacancy) templates.Data {
	return templates.Data{
		Bureau: c.bureau, Batch: c.batch.Name, County: county, Date: c.date, Total: c.total, Employers: c.firms,
		Kept: c.kept, Vacancies: list,
	}
}

func (c *composer) content(p templates.Part, language, county string, part, of int) store.Content {
	body := []byte(p.Text)
	return store.Content{
		Hash: store.HashContent(store.Text, "", body), Kind: store.Text, Body: body, Vacancies: p.Codes, Batch: c.batch.ID,
		Language: language, County: county, Template: c.template, Part: part, Of: of,
	}
}
