package api

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"chunfeng/broadcast/intake"
	"chunfeng/broadcast/report"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// GroupPage is a page of the registry, in the order of import.
type GroupPage struct {
	Groups []Group `json:"groups"`
	Next   string  `json:"next,omitempty"` // the query's after of the page behind; none at the end
	// Cut tells that the page ended before it was full, because it had looked at as much as one page may: more may match
	// behind Next.
	Cut bool `json:"cut,omitempty"`
}

// registryLook is how many groups one page may look at before it is cut: some 50 ms, three times that for a text.
const registryLook = 10_000

// registryLimit is how many groups a page holds that does not say how many.
const registryLimit = 100

// groupFilter chooses groups of the registry. Its zero value chooses all.
type groupFilter struct {
	county, township, kind, language, tag string
	state                                 store.GroupState
	reach                                 Reach
	account                               string // assigned to it, or seen by it
	bound                                 string // yes, no, or doubtful, which is a kind of no: by the account if one is named, else by any
	text                                  string // folded; in code, name or township
	online                                map[string]bool
}

// groupParams say which groups are meant.
func groupParams() []Param {
	reaches := []string{}
	for _, one := range Reaches() {
		reaches = append(reaches, string(one))
	}
	return []Param{
		{Name: "county", About: "a county's code, or its name in any language"},
		{Name: "township", About: "as the registry names it"},
		{Name: "kind", About: "as the registry has it"},
		{Name: "language", About: "the language that the group reads", OneOf: []string{"ko", "zh", "both"}},
		{Name: "tag", About: "one of the group's tags"},
		{Name: "state", About: "the state that it is in", OneOf: []string{string(store.GroupActive), string(store.GroupPaused), string(store.GroupOptedOut)}},
		{Name: "reach", About: "whether it can be written to now, and else why not", OneOf: reaches},
		{Name: "account", About: "an account that should serve it or sees it"},
		{Name: "bound", About: "whether an account knows it for certain: the one that is named, else any", OneOf: []string{"yes", "no", "doubtful"}},
		{Name: "q", About: "a part of its code, name or township"},
	}
}

// groupFilter reads a filter from a query. A caller of a county filters that county, whatever the query says.
func (a *API) groupFilter(r request) (f groupFilter, err error) {
	q := r.URL.Query()
	if f.county, err = countyCode(q.Get("county")); err != nil {
		return f, err
	}
	f.township, f.kind, f.tag, f.account = strings.TrimSpace(q.Get("township")), strings.TrimSpace(q.Get("kind")), strings.TrimSpace(q.Get("tag")), strings.ToLower(strings.TrimSpace(q.Get("account")))
	f.text = folded(q.Get("q"))
	if f.language, err = only(q, "language", "ko", "zh", "both"); err != nil {
		return f, err
	}
	state, err := only(q, "state", string(store.GroupActive), string(store.GroupPaused), string(store.GroupOptedOut))
	if err != nil {
		return f, err
	}
	f.state = store.GroupState(state)
	var reaches []string
	for _, one := range Reaches() {
		reaches = append(reaches, string(one))
	}
	reach, err := only(q, "reach", reaches...)
	if err != nil {
		return f, err
	}
	f.reach = Reach(reach)
	if f.bound, err = only(q, "bound", "yes", "no", "doubtful"); err != nil {
		return f, err
	}
	f.online, err = a.online()
	return f, err
}

// folded is a text as search compares it: without case, forms of width and spaces.
func folded(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(norm.NFKC.String(s)), ""))
}

func (f groupFilter) matches(g store.SeenGroup) bool {
	return (f.county == "" || g.County == f.county) && (f.township == "" || g.Township == f.township) &&
		(f.kind == "" || g.Kind == f.kind) && (f.language == "" || g.Language == f.language) &&
		(f.tag == "" || slices.Contains(g.Tags, f.tag)) && (f.state == "" || g.State == f.state) &&
		(f.text == "" || strings.Contains(folded(g.Code+"\n"+g.Name), f.text) || strings.Contains(folded(g.Township), f.text)) &&
		(f.reach == "" || reachOf(g, f.online) == f.reach) && f.matchesAccount(g)
}

// matchesAccount holds a group against the account and the binding that are asked for.
func (f groupFilter) matchesAccount(g store.SeenGroup) bool {
	if f.account == "" && f.bound == "" {
		return true
	}
	seen, bound, doubtful := g.Account == f.account, false, false
	for _, b := range g.Bindings {
		if f.account != "" && b.Account != f.account {
			continue
		}
		seen, bound, doubtful = seen || b.State != store.Gone, bound || b.State == store.Bound, doubtful || b.State == store.Quarantined
	}
	switch f.bound {
	case "yes":
		return bound
	case "doubtful":
		return doubtful && !bound
	case "no":
		return !bound && (f.account == "" || seen)
	}
	return seen
}

func (a *API) registryRoutes() {
	a.on(Read, "GET /v1/registry", func(r request) (any, error) { return a.registryPage(r) }).
		says("Lists the groups that are meant, in the order of import, a page at a time.").with(groupParams()...).
		asks("limit", "the most groups of the page, at most 1,000").asks("after", "the next of the page before").answers(GroupPage{})
	a.on(Read, "GET /v1/registry/coverage", func(r request) (any, error) { return a.coverage(r) }).
		says("Counts by county and township which groups can be written to, and why the others cannot.").answers(CoverageReport{})
	a.on(Read, "GET /v1/registry/export", func(r request) (any, error) { return a.exportRegistry(r) }).
		says("Writes the groups that are meant as a table that can be imported again.").with(groupParams()...).
		asks("form", "the form of file; nothing said: a workbook", string(report.CSV), string(report.XLSX)).streams(tables()...)
	a.on(Read, "GET /v1/registry/template", func(r request) (any, error) {
		b, err := intake.GroupForm(r.Lang)
		if err != nil {
			return nil, err
		}
		return stream(func(w http.ResponseWriter) error {
			w.Header().Set("Content-Type", report.XLSX.MediaType())
			w.Header().Set("Content-Disposition", `attachment; filename="groups-form.xlsx"; filename*=UTF-8''`+url.PathEscape(words.Say(r.Lang, "page_groups.form_file")+".xlsx"))
			_, err := w.Write(b)
			return err
		}), nil
	}).says("Answers an empty workbook for the registry, in the language of whoever asks.").streams(mediaType(report.XLSX))
}

func (a *API) registryPage(r request) (any, error) {
	f, err := a.groupFilter(r)
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	from, err := numberOf(q, "after", 0, 1<<32-2)
	if err != nil {
		return nil, err
	}
	limit, err := numberOf(q, "limit", registryLimit, PageLimit)
	if err != nil {
		return nil, err
	}
	limit = max(limit, 1)
	out, looked, last := GroupPage{Groups: []Group{}}, 0, uint32(0)
	more := false
	err = a.seenEach(uint32(from)+min(uint32(from), 1), func(g store.SeenGroup) bool {
		if more = len(out.Groups) == limit || looked == registryLook; more {
			return false
		}
		looked++
		last = g.Number
		if r.Sees(g.County) && f.matches(g) {
			out.Groups = append(out.Groups, viewSeen(g, f.online))
		}
		return true
	})
	if more {
		out.Next, out.Cut = strconv.FormatUint(uint64(last), 10), len(out.Groups) < limit
	}
	return out, err
}

// numberOf reads a number of a query; empty is the fallback. What is larger than most is most.
func numberOf(q url.Values, name string, fallback, most int) (int, error) {
	s := q.Get(name)
	if s == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0, words.Refuse("cmd.bad_number", name, s).Of(words.Usage)
	}
	return min(n, most), nil
}

// exportColumns are the columns of an export, as an import takes them; state and reach are for people.
func exportColumns() []string {
	return []string{"code", "name", "county", "township", "kind", "language", "tags", "account", "state", "reach"}
}

// exportRegistry streams the groups that a filter chooses, in the form in which they are imported.
func (a *API) exportRegistry(r request) (any, error) {
	f, err := a.groupFilter(r)
	if err != nil {
		return nil, err
	}
	form := report.XLSX
	if name := r.URL.Query().Get("form"); name != "" {
		if form, err = report.ParseForm(name); err != nil {
			return nil, err
		}
	}
	rows := func(yield func([]string, error) bool) {
		if !yield(exportColumns(), nil) {
			return
		}
		err := a.seenEach(0, func(g store.SeenGroup) bool {
			return !r.Sees(g.County) || !f.matches(g) || yield([]string{
				g.Code, g.Name, g.County, g.Township, g.Kind, g.Language, strings.Join(g.Tags, " "), g.Account, string(g.State), string(reachOf(g, f.online)),
			}, nil)
		})
		if err != nil {
			yield(nil, err)
		}
	}
	return attachment("groups-"+a.now().Format("20060102"), form, rows), nil
}
