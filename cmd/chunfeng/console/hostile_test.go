package console

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"image/png"
	"io/fs"
	"maps"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/xuri/excelize/v2"
	"golang.org/x/net/html"

	"chunfeng/bot/phone"
	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
)

// hostile are texts that do something where they are not taken for text, each with what would take it for more.
func hostile() []string {
	return []string{
		`<script>alert(1)</script>`,                    // a page
		`"><img src=x onerror=alert(2)>`,               // an attribute
		`' onfocus=alert(3) autofocus x='`,             // an attribute in single quotes
		`</textarea></title></select><svg onload=a()>`, // what holds text alone
		`<!-- x --><style>*{display:none}</style>`,     // a comment, a style
		`{{.}} {{template "layout" .}}`,                // a template
		`javascript:alert(4)`,                          // a link
		`=HYPERLINK("http://x.example","y")`,           // a spreadsheet
		`+1+cmd|' /C calc'!A0`, `-1+1`, `@SUM(1)`,      // likewise
		"\u202egnp.exe\u2066",                      // a reader, who would read it backwards
		`&lt;b&gt;&amp;`,                           // what is decoded twice
		"\rdata: <hx-partial hx-target=\"#said\">", // a stream of events
	}
}

// marked is one of the texts with a mark of the field that it is in, by which pages are searched for it.
func marked(i int, field string) string { return fmt.Sprintf("%s zq%s%d", hostile()[i], field, i) }

// besieged fills a site with hostile texts in every field that strangers, clerks or WeChat write: each field's first text
// must show up somewhere, so that the test sees what it is about.
func (s *site) besieged(t testing.TB) (fields []string) {
	t.Helper()
	s.registry(t)
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var groups []store.Group
	rows := [][]string{{"企业名称", "企业名称（朝文）", "岗位", "人数", "工资", "县市", "联系电话"}}
	for i := range hostile() {
		groups = append(groups, store.Group{Code: fmt.Sprintf("ZQ%03d", i), Name: marked(i, "group"), Township: marked(i, "township"), Tags: []string{marked(i, "tag")}, County: "yanji", Language: "both", Kind: marked(i, "kind")})
		rows = append(rows, []string{marked(i, "company"), marked(i, "korean"), marked(i, "post"), "3", "4500-6000元/月", "延吉", ""})
	}
	must(s.store.PutGroups(groups, "test"))
	var b strings.Builder
	out := csv.NewWriter(&b)
	must(nil, out.WriteAll(rows))
	batch := s.batch(t, marked(0, "batch"), b.String())
	must(s.store.ApproveBatch(batch.ID, "approver"))
	raw := func(n int, name, text string) store.Inbound {
		b, err := json.Marshal(map[string]any{"MsgId": fmt.Sprint("zq", n), "FromUserName": "@@0", "MsgType": 1, "Content": "@x:<br/>" + text})
		must(nil, err)
		return store.Inbound{MsgID: fmt.Sprint("zq", n), UserName: "@@0", Raw: b, Class: store.ForRegistrar}
	}
	for i := range hostile() {
		number, err := phone.Parse(fmt.Sprintf("1384433%04d", 2000+i))
		must(nil, err)
		must(s.store.Receive("a01", "e", []store.Inbound{raw(i, "zq", marked(i, "message"))}, nil))
		all, err := s.store.Replies(false, 0, 1)
		must(nil, err)
		d := store.Disposition{State: store.ReplyReview, Intent: "question", Sender: marked(i, "nickname"), Review: "question", Group: 1}
		if i%2 == 0 {
			d = store.Disposition{State: store.ReplyDone, Intent: "signup", Sender: marked(i, "nickname"), Group: 1, Signups: []store.Signup{{Group: 1, Name: marked(i, "person"), Phone: number, Vacancies: []string{"A001"}, Batch: "A"}}}
		}
		must(s.store.Register(all[0].Number, d))
		if _, err := s.store.AddUser(store.User{Name: fmt.Sprint("zq", i), Label: marked(i, "label"), Role: store.RoleAdmin, Password: hashed(), Lang: "en"}, "test"); err != nil && !strings.ContainsAny(hostile()[i], "\r\u202e") {
			t.Fatal(err) // a person's name may not hold what cannot be seen
		}
		must(s.store.SetGroup(fmt.Sprintf("ZQ%03d", i), store.GroupPaused, marked(i, "why"), "staff"))
		chat := store.Binding{Group: uint32(len(groups)), UserName: fmt.Sprint("@@z", i), Name: marked(i, "chat"), Evidence: "name", State: store.Bound}
		g, err := s.store.Group(fmt.Sprintf("ZQ%03d", i))
		must(nil, err)
		chat.Group = g.Number
		if i%2 == 0 {
			chat.State, chat.UserName, chat.Candidates, chat.Why = store.Quarantined, "", []string{fmt.Sprint("@@z", i)}, "bot.doubtful_name | "+marked(i, "chat")+" (120) | "+marked(i, "chat")+" (88)"
		}
		must(nil, s.store.Bind("a01", "e", chat))
	}
	var chats []store.Chat
	for i := range hostile() {
		chats = append(chats, store.Chat{UserName: fmt.Sprint("@@z", i), Name: marked(i, "chat"), Members: 88})
	}
	must(nil, s.store.SaveChats("a01", "e", chats))
	must(s.store.StartSession("a02", "e9", 1, marked(0, "account")))
	admin, staff := api.Caller{Name: "zq0", Role: store.RoleAdmin, Lang: "en"}, api.Caller{Name: "staff", Role: store.RoleStaff, Lang: "en"}
	file, err := api.Ask[api.TemplateFile](t.Context(), s.API, staff, "GET", "/v1/templates/files/opted-out", nil, nil)
	must(nil, err)
	must(api.Ask[any](t.Context(), s.API, admin, "POST", "/v1/templates/files/opted-out", nil, api.TemplateChange{Text: file.BuiltIn + "\n{{/* " + marked(0, "template") + " */}}", Note: marked(0, "note")}))
	if _, err := api.Ask[any](t.Context(), s.API, admin, "POST", "/v1/templates/files/"+url.PathEscape(hostile()[0]), nil, api.TemplateChange{Text: "x"}); err == nil {
		t.Error("a template may have markup for a name")
	}
	for _, order := range []map[string]any{{"batch": batch.ID}, {"batch": batch.ID, "form": "both"}, {"batch": batch.ID, "cron": "0 9 * * 1"}} {
		must(api.Ask[any](t.Context(), s.API, staff, "POST", "/v1/waves", nil, order))
	}
	waves, err := s.store.Waves(true)
	must(nil, err)
	for _, w := range waves {
		if w.State == store.WaveDraft && w.Plan.Form == "both" {
			must(s.store.ApproveWave(w.ID, w.Hash, "approver", true))
			s.opened(t, w.ID)
		}
	}
	v := s.visit(t, "staff")
	v.upload("/batches", "/batches", "zq<b>.csv", strings.ReplaceAll(b.String(), ",3,4500", ",x,4500"))
	return []string{"group", "township", "tag", "company", "korean", "post", "batch", "message", "nickname", "person", "label", "why", "chat", "account", "template", "note"}
}

// ownTags finds the elements that the console's own templates are written with.
var ownTags = regexp.MustCompile(`<([a-z][a-z0-9-]*)`)

// marks are the elements that the console's own templates have; an element of another name came from elsewhere.
func marks(t testing.TB) map[string]bool {
	t.Helper()
	out := map[string]bool{"html": true, "head": true, "body": true, "tbody": true}
	files, err := fs.Glob(htmlFiles, "html/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := fs.ReadFile(htmlFiles, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range ownTags.FindAllStringSubmatch(string(b), -1) {
			out[m[1]] = true
		}
	}
	return out
}

// inert holds a page, or a piece of one, to be nothing but what the console's templates have, and answers its text: what is
// between the tags, in fields and in the names that are read aloud.
func inert(t testing.TB, where, page string, own map[string]bool) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Errorf("%s: %v", where, err)
		return ""
	}
	var text strings.Builder
	for n := range root.Descendants() {
		switch n.Type {
		case html.CommentNode:
			t.Errorf("%s: a comment: %q", where, n.Data)
		case html.TextNode:
			text.WriteString(n.Data)
			text.WriteString("\n")
		case html.ElementNode:
			if !own[n.Data] {
				t.Errorf("%s: an element that no template has: <%s>", where, n.Data)
			}
			src := ""
			for _, a := range n.Attr {
				name := strings.ToLower(a.Key)
				switch {
				case name == "src", name == "href", name == "action", name == "formaction", name == "hx-get", name == "hx-post", name == "hx-sse:connect":
					src = a.Val
					if !strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "?") && !strings.HasPrefix(a.Val, "#") || strings.HasPrefix(a.Val, "//") {
						t.Errorf("%s: <%s %s> leads to %q", where, n.Data, name, a.Val)
					}
				case strings.HasPrefix(name, "on"), name == "style", name == "srcdoc", name == "autofocus" && n.Data != "input", strings.ContainsAny(name, `"'<`), strings.HasPrefix(name, "hx-on"):
					t.Errorf("%s: <%s> has %s=%q", where, n.Data, a.Key, a.Val)
				default:
					text.WriteString(a.Val)
					text.WriteString("\n")
				}
			}
			if n.Data == "script" && (!strings.HasPrefix(src, "/assets/") || n.FirstChild != nil) || n.Data == "style" {
				t.Errorf("%s: a <%s> within", where, n.Data)
			}
		}
	}
	if i := strings.IndexFunc(page, turns); i >= 0 {
		t.Errorf("%s: a character that turns the direction: %q", where, page[max(0, i-40):min(len(page), i+40)])
	}
	return text.String()
}

// turns tells whether a character turns the direction of what stands beside it.
func turns(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) }

// figure is a cell that may begin with a sign.
var figure = regexp.MustCompile(`^[+-]?[0-9]+([.,][0-9]+)*$`)

// inertFile holds a file that was downloaded to be text for whatever program opens it, and answers its text.
func inertFile(t testing.TB, where string, h http.Header, body []byte) string {
	t.Helper()
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%s: %v", where, h)
	}
	if d := h.Get("Content-Disposition"); d != "" {
		_, p, err := mime.ParseMediaType(d)
		if err != nil || strings.ContainsAny(p["filename"], "\"/\\\r\n\u202e") || !strings.HasPrefix(d, "attachment") {
			t.Errorf("%s: %q %v", where, d, err)
		}
	}
	var text strings.Builder
	cell := func(at, v string) {
		if v != "" && strings.ContainsRune("=+-@\t\r", rune(v[0])) && !figure.MatchString(v) {
			t.Errorf("%s: %s begins as a formula does: %q", where, at, v)
		}
		if strings.ContainsFunc(v, turns) {
			t.Errorf("%s: %s turns the direction of its row: %q", where, at, v)
		}
		text.WriteString(v + "\n")
	}
	switch {
	case kind == "text/csv":
		r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff"))))
		r.FieldsPerRecord = -1 // a report is several tables
		all, err := r.ReadAll()
		if err != nil {
			t.Errorf("%s: %v", where, err)
		}
		for i, row := range all {
			for j, v := range row {
				cell(fmt.Sprintf("row %d, column %d", i+1, j+1), v)
			}
		}
	case strings.HasSuffix(kind, "spreadsheetml.sheet"):
		f, err := excelize.OpenReader(bytes.NewReader(body))
		if err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		defer f.Close()
		for _, sheet := range f.GetSheetList() {
			rows, err := f.GetRows(sheet)
			if err != nil {
				t.Errorf("%s: %v", where, err)
			}
			for i, row := range rows {
				for j, v := range row {
					at, _ := excelize.CoordinatesToCellName(j+1, i+1)
					if formula, err := f.GetCellFormula(sheet, at); err != nil || formula != "" {
						t.Errorf("%s: %s!%s is the formula %q (%v)", where, sheet, at, formula, err)
					}
					if _, to, err := f.GetCellHyperLink(sheet, at); err != nil || strings.Contains(to, ":") {
						t.Errorf("%s: %s!%s leads out of the workbook to %q", where, sheet, at, to)
					}
					if kind, err := f.GetCellType(sheet, at); err != nil || strings.Contains(v, "zq") && kind != excelize.CellTypeSharedString && kind != excelize.CellTypeInlineString {
						t.Errorf("%s: %s!%s is of kind %v (%v)", where, sheet, at, kind, err)
					}
					if strings.ContainsFunc(v, turns) {
						t.Errorf("%s: %s!%s turns the direction of its row: %q", where, sheet, at, v)
					}
					text.WriteString(v + "\n")
				}
			}
		}
	case kind == "image/png":
		if _, err := png.Decode(bytes.NewReader(body)); err != nil {
			t.Errorf("%s: %v", where, err)
		}
	case kind == "application/json":
		if !json.Valid(body) {
			t.Errorf("%s: no JSON: %.300s", where, body)
		}
		text.Write(body)
	default:
		t.Errorf("%s is of the kind %q", where, kind)
	}
	return text.String()
}

// leadsTo finds what a page leads to.
var leadsTo = regexp.MustCompile(`\s(?:href|src|hx-get)="(/[^"]*)"`)

// TestHostileTextIsText opens every page, stream, file and answer of the API on a site whose every name, message and note
// is written to be more than text, and finds it to be text.
func TestHostileTextIsText(t *testing.T) {
	s := newSite(t)
	s.limits.off = true // nobody asks for so much in so short a time
	fields := s.besieged(t)
	own := marks(t)
	lookup := http.NewServeMux()
	for _, r := range s.routes {
		if strings.HasPrefix(r.pattern, "GET ") {
			lookup.HandleFunc(r.pattern, func(http.ResponseWriter, *http.Request) {})
		}
	}
	kind := func(path string) string {
		_, p := lookup.Handler(httptest.NewRequest("GET", path, nil))
		return p
	}
	seen, files, shown := map[string]int{}, 0, map[string]bool{}
	notice := func(text string) {
		for _, f := range fields {
			for i := range hostile() {
				shown[f] = shown[f] || strings.Contains(text, marked(i, f)) && strings.HasPrefix(hostile()[i], "<")
			}
		}
	}
	for _, who := range []string{"zq0", "zq1", "staff", "supervisor", "approver"} {
		v, done, opened := s.visit(t, who), map[string]bool{}, map[string]int{}
		next := []string{"/", "/batches/check", "/batches/check/marked", "/groups/find?find=zq&for=/log", "/log?group=zq", "/waves/new?plan=1&batch=A&form=both", "/waves/audience", "/reports?batch=A", "/stop", "/accounts/a01/hand-over?to=a02"}
		for len(next) > 0 {
			path := next[0]
			next = next[1:]
			k := kind(path)
			most := 2 * len(hostile())
			if who != "zq0" && who != "staff" {
				most = 3
			}
			if done[path] || k == "" || strings.HasPrefix(path, "/live/") || opened[k] >= most {
				continue
			}
			done[path] = true
			opened[k]++
			status, h, body := v.send("GET", path, nil)
			if status == http.StatusForbidden {
				continue
			}
			seen[k]++
			where := who + " at " + path
			if !strings.HasPrefix(h.Get("Content-Type"), "text/html") {
				files++
				notice(inertFile(t, where, h, []byte(body)))
				continue
			}
			notice(inert(t, where, body, own))
			for _, m := range leadsTo.FindAllStringSubmatch(body, -1) {
				to, _, _ := strings.Cut(html.UnescapeString(m[1]), "#")
				next = append(next, to)
			}
		}
	}
	for _, f := range fields {
		if !shown[f] {
			t.Errorf("no page shows markup that stands in the field %q", f)
		}
	}

	// What a form asks for.
	v := s.visit(t, "staff")
	for _, form := range []string{"xlsx", "csv"} {
		status, h, body := v.form("/signups", "/signups/export", url.Values{"purpose": {marked(0, "purpose")}, "recipient": {hostile()[7]}, "form": {form}})
		if text := inertFile(t, "the sign-ups as "+form, h, []byte(body)); status != http.StatusOK || !strings.Contains(text, "zqperson0") {
			t.Errorf("the sign-ups as %s: %d\n%.300s", form, status, text)
		}
	}
	_, _, body := s.visit(t, "supervisor").form("/subject", "/subject", url.Values{"phone": {"13844332000"}, "purpose": {marked(1, "purpose")}})
	if text := inert(t, "the copy for a person", body, own); !strings.Contains(text, marked(0, "person")) {
		t.Error("the copy for a person does not hold the person's name")
	}

	// Streams: each is read until its first message.
	waves, err := s.store.Waves(true)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range s.routes {
		path, live := strings.CutPrefix(r.pattern, "GET /live/")
		if !live {
			continue
		}
		seen[r.pattern]++
		for _, w := range waves {
			first := v.firstMessage("/live/" + strings.NewReplacer("{id}", w.ID, "{phase}", "holding", "{name}", "a03").Replace(path))
			inert(t, path, first, own)
		}
	}
	for _, r := range s.routes {
		if strings.HasPrefix(r.pattern, "GET ") && seen[r.pattern] == 0 {
			t.Errorf("%s was not opened: nothing leads there, or the test does not know where it is", r.pattern)
		}
	}

	// The API itself, for scripts.
	v = s.visit(t, "zq0")
	things := map[string][]string{"{id}": {"A", "B", waves[0].ID, store.DeliveryID(waves[0].ID, 1), "R5", "N2", "S1"}, "{code}": {"ZQ000"}, "{name}": {"a01", "zq0"}, "{template}": {"opted-out"}, "{key}": {"x"}, "{hash}": {"x"}, "{page}": {"1"}}
	answers := 0
	for _, route := range s.API.Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		if method != http.MethodGet {
			continue
		}
		paths := []string{path}
		for name, values := range things {
			for _, p := range slices.Clone(paths) {
				if strings.Contains(p, name) {
					paths = slices.DeleteFunc(paths, func(one string) bool { return one == p })
					for _, one := range values {
						paths = append(paths, strings.ReplaceAll(p, name, one))
					}
				}
			}
		}
		for _, p := range paths {
			status, h, body := v.send("GET", p, nil)
			switch kind, _, _ := mime.ParseMediaType(h.Get("Content-Type")); kind {
			case "application/json", "text/csv", "image/png", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":
				inertFile(t, p, h, []byte(body))
				answers += 1 - min(1, status/300)
			case "application/problem+json":
			default:
				if h.Get("X-Content-Type-Options") != "nosniff" || strings.Contains(kind, "html") || strings.Contains(kind, "xml") {
					t.Errorf("%s: %d, %s", p, status, kind)
				}
			}
		}
	}
	pages := 0
	for n := range maps.Values(seen) {
		pages += n
	}
	t.Logf("%d pages of %d kinds, %d files among them, and %d answers of the API", pages, len(seen), files, answers)
	if files < 10 || answers < 30 {
		t.Errorf("only %d files and %d answers", files, answers)
	}
}

// firstMessage reads a stream of events until its first message is whole.
func (v *visitor) firstMessage(path string) string {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.t.Context(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", v.site.http.URL+path, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	res, err := v.http.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	var out strings.Builder
	for lines := bufio.NewScanner(res.Body); lines.Scan() && lines.Text() != ""; {
		line, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			v.t.Errorf("%s sends %q", path, lines.Text())
		}
		out.WriteString(line + "\n")
	}
	return out.String()
}

// TestStreamsKeepTheirLines sends text with every end of a line that a stream of events knows: none may begin a field of it.
func TestStreamsKeepTheirLines(t *testing.T) {
	s := newSite(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	s.send(w, httptest.NewRequest("GET", "/live/today", nil).WithContext(ctx), func() ([]byte, error) { return []byte("a\rdata: b\r\nevent: c\n\nd"), nil })
	if got, want := w.Body.String(), "data: a\ndata: data: b\ndata: \ndata: event: c\ndata: \ndata: d\n\n"; got != want {
		t.Errorf("the stream is %q, want %q", got, want)
	}
}
