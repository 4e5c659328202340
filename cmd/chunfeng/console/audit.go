package console

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"chunfeng/bot"
	"chunfeng/cmd/chunfeng/api"
	"chunfeng/templates/words"
)

// auditRoutes are the audit trail: who did what when, and whether it is as it was written.
func (c *Console) auditRoutes() {
	c.page("GET /audit", api.Oversee, c.showAudit)
	c.page("GET /audit/verify", api.Oversee, func(w http.ResponseWriter, r *request) error {
		v, err := get[api.AuditVerdict](c, r, "/v1/audit/verify", nil)
		if err != nil {
			return err
		}
		if r.fragment() {
			return c.part(w, r, "audit-verdict", v)
		}
		return c.show(w, r, "audit", "audit-verified", r.say("page_audit.verify"), v)
	})
}

// auditFields are what the trail can be filtered by; they stand in the address.
var auditFields = [...]string{"who", "what", "on", "from", "to"}

// auditPage is what the trail shows.
type auditPage struct {
	Lines    []auditLine
	Filter   url.Values
	Filtered bool
	People   []string // who may be meant
	Kinds    []auditKind
	First    string // the address of the first page
	Older    string // of the next; empty at the end
	Deep     bool   // not the first page
}

// auditLine is a line with where more is told of what it was done to.
type auditLine struct {
	api.AuditEvent
	Path string // empty: nowhere
	Said string // the detail, in plain words where it is more than what somebody typed
}

// moved is the detail of a wave that somebody moved: the states before and after, and why.
var moved = regexp.MustCompile(`^([a-z_]+) → ([a-z_]+) ?(.*)$`)

// auditDetail says the detail of a line.
func auditDetail(l words.Lang, e api.AuditEvent) string {
	if e.What == "right.refused" {
		return named(l, "right.", e.On) + ": " + e.Detail
	}
	m := moved.FindStringSubmatch(e.Detail)
	if m == nil || !strings.HasPrefix(e.What, "wave.") {
		return e.Detail
	}
	said := named(l, "state.", m[1]) + " → " + named(l, "state.", m[2])
	if m[3] != "" {
		said += ": " + bot.ReadWhy(m[3]).In(l)
	}
	return said
}

// auditKind is what deeds are about, with the deeds.
type auditKind struct {
	Name  string // "wave."
	Deeds []string
}

// auditKinds lists the deeds that there are, by what they are about.
func auditKinds() (out []auditKind) {
	for _, name := range words.Names("event.") {
		about, _, ok := strings.Cut(name, ".")
		if !ok || about == "audit" {
			continue
		}
		if len(out) == 0 || out[len(out)-1].Name != about+"." {
			out = append(out, auditKind{Name: about + "."})
		}
		k := &out[len(out)-1]
		k.Deeds = append(k.Deeds, name)
	}
	return out
}

// auditPath is where more is told of what something was done to.
func auditPath(e api.AuditEvent) string {
	if e.On == "" || strings.Contains(e.On, " ") {
		return ""
	}
	about, _, _ := strings.Cut(e.What, ".")
	switch about {
	case "wave", "schedule":
		return "/waves/" + seg(e.On)
	case "delivery":
		return "/log/" + seg(e.On)
	case "group", "binding":
		return "/groups/" + seg(e.On)
	case "account":
		return "/accounts/" + seg(e.On)
	case "batch":
		return "/batches/" + seg(e.On)
	case "setting":
		return "/settings"
	case "template":
		return "/settings/templates/" + seg(strings.TrimSuffix(e.On, ".tmpl"))
	case "day":
		if len(e.On) >= 4 {
			return "/settings/calendar?year=" + url.QueryEscape(e.On[:4])
		}
	}
	return ""
}

func (c *Console) showAudit(w http.ResponseWriter, r *request) error {
	p := auditPage{Filter: url.Values{}, Kinds: auditKinds()}
	for _, name := range auditFields {
		if v := r.URL.Query().Get(name); v != "" {
			p.Filter.Set(name, v)
			p.Filtered = true
		}
	}
	address := func(after string) string {
		q := url.Values{}
		for name, v := range p.Filter {
			q[name] = v
		}
		if after != "" {
			q.Set("after", after)
		}
		return "/audit?" + q.Encode()
	}
	ask := url.Values{"limit": {"50"}}
	for name, v := range p.Filter {
		ask[name] = v
	}
	if after := r.URL.Query().Get("after"); after != "" {
		ask.Set("after", after)
		p.Deep = true
	}
	page, refused := get[api.AuditPage](c, r, "/v1/audit", ask)
	if refused != nil && (!known(refused) || words.KindOf(refused) == words.Forbidden) {
		return refused
	}
	for _, e := range page.Events {
		p.Lines = append(p.Lines, auditLine{e, auditPath(e), auditDetail(r.Caller.Lang, e)})
	}
	p.First = address("")
	if page.Next != "" {
		p.Older = address(page.Next)
	}
	users, err := get[[]api.User](c, r, "/v1/users", nil)
	if err != nil {
		return err
	}
	for _, u := range users {
		p.People = append(p.People, u.Name)
	}
	if refused != nil {
		return c.showError(w, r, "audit", "audit", r.say("console.nav_audit"), p, refused)
	}
	return c.show(w, r, "audit", "audit", r.say("console.nav_audit"), p)
}
