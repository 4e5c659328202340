package console

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"chunfeng/store"
)

// rowsOf answers the text between the first <tbody> and its end.
func rowsOf(t *testing.T, page string) string {
	t.Helper()
	_, body, ok := strings.Cut(page, "<tbody")
	if !ok {
		t.Fatal("no table in", page)
	}
	body, _, _ = strings.Cut(body, "</tbody>")
	return body
}

// holds tells what should stand in a page and does not, and what stands there and should not.
func holds(t *testing.T, why, page string, want, never []string) {
	t.Helper()
	for _, s := range want {
		if !strings.Contains(page, s) {
			t.Errorf("%s: %q is missing", why, s)
		}
	}
	for _, s := range never {
		if strings.Contains(page, s) {
			t.Errorf("%s: %q is there", why, s)
		}
	}
}

// upload sends a form with a file, with a token that the page has given out.
func (v *visitor) upload(page, action, name, content string) (status int, body string) {
	v.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	if err := m.WriteField(formToken, tokenField.FindStringSubmatch(v.page(page))[1]); err != nil {
		v.t.Fatal(err)
	}
	f, err := m.CreateFormFile("file", name)
	if err != nil {
		v.t.Fatal(err)
	}
	if _, err := f.Write([]byte(content)); err != nil {
		v.t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		v.t.Fatal(err)
	}
	res, err := v.http.Post(v.site.http.URL+action, m.FormDataContentType(), &b)
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	var out bytes.Buffer
	if _, err := out.ReadFrom(res.Body); err != nil {
		v.t.Fatal(err)
	}
	return res.StatusCode, out.String()
}

func TestGroupPages(t *testing.T) {
	s := newSite(t)
	s.registry(t)
	v := s.visit(t, "staff")
	for _, c := range []struct {
		why, path   string
		want, never []string
	}{
		{"all of it", "/groups", []string{"YJ001", "HL000", "&lt;script&gt;alert(1)&lt;/script&gt;=1"}, []string{"<script>alert", "<b>北山"}},
		{"found by name", "/groups?q=靖和街道", []string{"HC001"}, []string{"HL000"}},
		{"by reach", "/groups?reach=paused", []string{"HL004", "群主休假"}, []string{"HL000"}},
		{"an opt-out with the reply", "/groups?reach=opted_out", []string{"HL006", "in reply R1"}, []string{"HL004"}},
		{"by county and kind", "/groups?county=yanji&kind=社区", []string{"X1"}, []string{"YJ001"}},
		{"nothing like it", "/groups?q=zzz", []string{"No group is like this"}, nil},
	} {
		holds(t, c.why, rowsOf(t, v.page(c.path)), c.want, c.never)
	}
	for path, want := range map[string]int{"/groups?reach=x": 400, "/groups?county=吉林": 400, "/groups?after=x": 400, "/groups/NOPE": 404, "/groups/gaps/9": 404, "/groups/YJ001?told=x": 400} {
		if status, _, body := v.send("GET", path, nil); status != want || !strings.Contains(body, `role="alert"`) {
			t.Errorf("%s: %d, want %d with a sentence", path, status, want)
		}
	}
	// A part of the registry has an address: what was chosen stays chosen on it, and on what it leads to.
	page := v.page("/groups?county=hunchun&reach=never_seen")
	if !strings.Contains(page, `<option value="hunchun" selected`) || !strings.Contains(page, `href="/groups/export?county=hunchun&amp;form=xlsx&amp;reach=never_seen"`) {
		t.Error("the filter is lost")
	}
	if status, h, body := v.send("GET", "/groups/export?form=csv&county=hunchun", nil); status != 200 || !strings.Contains(h.Get("Content-Disposition"), `filename="groups-`) || !strings.Contains(body, "HC001") || strings.Contains(body, "HL000") {
		t.Errorf("the export: %d %v\n%s", status, h, body)
	}
	if status, h, body := v.send("GET", "/groups/template", nil); status != 200 || !strings.Contains(h.Get("Content-Disposition"), "filename*=UTF-8''groups%20to%20fill%20in.xlsx") || !strings.HasPrefix(body, "PK") {
		t.Error("the workbook to fill in:", status, h)
	}
}

// TestCoverageLinks follows every number of the coverage, which must lead to as many groups.
func TestCoverageLinks(t *testing.T) {
	s := newSite(t)
	s.registry(t)
	v := s.visit(t, "staff")
	links := regexp.MustCompile(`<a href="(/groups\?[^"]+|/groups)">(\d+)</a>`).FindAllStringSubmatch(v.page("/groups/coverage?county=hunchun"), -1)
	if len(links) < 20 {
		t.Fatalf("only %d numbers lead anywhere", len(links))
	}
	for _, l := range links {
		rows := rowsOf(t, v.page(strings.ReplaceAll(l[1], "&amp;", "&")))
		if n := strings.Count(rows, `<tr><td class="code">`); l[2] != strings.TrimSpace(number(n)) {
			t.Errorf("%s says %s and leads to %d groups", l[1], l[2], n)
		}
	}
}

func TestGroupPage(t *testing.T) {
	s := newSite(t)
	s.registry(t)
	v := s.visit(t, "staff")
	page := v.page("/groups/yj001")
	for _, want := range []string{"2026-001.0", "138****1234", "金海莲", "&lt;script&gt;alert(2)&lt;/script&gt;", "&lt;b&gt;x&lt;/b&gt;", `href="/signups/N1"`, `href="/log/2026-001.0"`, "YJ001-"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing", want)
		}
	}
	for _, never := range []string{"13844331234", "<script>alert", "<b>x</b>"} {
		if strings.Contains(page, never) {
			t.Errorf("%q is there", never)
		}
	}
	// A pause takes a reason, once; a form that was sent before is not taken.
	if status, h, body := v.form("/groups/YJ001", "/groups/YJ001/pause", url.Values{"why": {"群主要求<i>"}}); status != http.StatusSeeOther || h.Get("Location") != "/groups/YJ001" {
		t.Fatal(status, body)
	}
	if page := v.page("/groups/YJ001"); !strings.Contains(page, "群主要求&lt;i&gt;") || !strings.Contains(page, "Nothing is sent to YJ001") {
		t.Error("the pause is not shown")
	}
	token := tokenField.FindStringSubmatch(v.page("/groups/YJ001"))[1]
	if status, _, _ := v.send("POST", "/groups/YJ001/resume", url.Values{"why": {"x"}, formToken: {token}}); status != http.StatusSeeOther {
		t.Error("the resumption:", status)
	}
	if status, _, _ := v.send("POST", "/groups/YJ001/pause", url.Values{"why": {"x"}, formToken: {token}}); status != http.StatusConflict {
		t.Error("a form is taken twice:", status)
	}
	// An opt-out is resumed with a reason alone, and what was typed elsewhere stays.
	if status, _, body := v.form("/groups/HL006", "/groups/HL006/resume", url.Values{"why": {" "}}); status != http.StatusBadRequest || !strings.Contains(body, "who of the group asked for it") {
		t.Error("an opt-out is resumed without a reason:", status)
	}
	if status, _, _ := v.form("/groups/HL006", "/groups/HL006/resume", url.Values{"why": {"群主 11 月 20 日电话提出"}}); status != http.StatusSeeOther {
		t.Error(status)
	}
	// An approver reads, and is offered nothing to do.
	approver := s.visit(t, "approver")
	if page := approver.page("/groups/HL000"); strings.Contains(page, `name="why"`) {
		t.Error("an approver is offered a pause")
	}
	if status, _, _ := approver.form("/me", "/groups/HL000/pause", url.Values{"why": {"x"}}); status != http.StatusForbidden {
		t.Error("an approver pauses:", status)
	}
	if status, _, _ := approver.send("GET", "/groups/import", nil); status != http.StatusForbidden {
		t.Error("an approver imports:", status)
	}
}

func TestStaffOfACountySeeItsGroupsAlone(t *testing.T) {
	s := newSite(t)
	s.registry(t)
	if _, err := s.store.ChangeUser("staff", "test", "user.county", func(u *store.User) error { u.County = "hunchun"; return nil }); err != nil {
		t.Fatal(err)
	}
	v := s.visit(t, "staff")
	for _, path := range []string{"/groups", "/groups?county=helong", "/groups/coverage?county=helong", "/groups/gaps", "/groups/gaps/1", "/groups/export?form=csv", "/accounts"} {
		if page := v.page(path); strings.Contains(page, "HL0") || strings.Contains(page, "文化街道") || strings.Contains(page, "yj1") {
			t.Errorf("%s shows another county", path)
		}
	}
	for path, want := range map[string]int{"/groups/HL000": 404, "/accounts/yj1": 404, "/live/accounts/yj1": 200} {
		if status, _, body := v.send("GET", path, nil); status != want || strings.Contains(body, "화룡") || strings.Contains(body, "yj1</h1>") {
			t.Errorf("%s: %d\n%s", path, status, body)
		}
	}
	if status, _, _ := v.form("/groups/HC001", "/groups/HL000/pause", url.Values{"why": {"x"}}); status != 404 {
		t.Error("another county's group is paused:", status)
	}
	if status, body := v.upload("/groups/import", "/groups/import", "r.csv", "code,name,county\nHL000,x,和龙市\n"); status != 200 || !strings.Contains(body, "HL000 belongs to another county") || strings.Contains(body, "/groups/import/confirm") {
		t.Error("another county's group is imported:", status, body)
	}
}

func TestImportIsConfirmed(t *testing.T) {
	s := newSite(t)
	v, other := s.visit(t, "staff"), s.visit(t, "admin")
	file := "编码,群名,县市\nA-1,<b>甲</b>,延吉市\nA-2,乙,图们市\n"
	status, page := v.upload("/groups/import", "/groups/import", "登记 1.csv", file)
	if status != 200 || !strings.Contains(page, "&lt;b&gt;甲&lt;/b&gt;") || !strings.Contains(page, "Store: 2 new, 0 changed") {
		t.Fatal(status, page)
	}
	if n := strings.Count(rowsOf(t, v.page("/groups")), "<td"); n != 1 {
		t.Error("something is stored before it was confirmed")
	}
	id := regexp.MustCompile(`name="upload" value="([^"]+)"`).FindStringSubmatch(page)[1]
	token := tokenField.FindStringSubmatch(page)[1]
	// Nobody else can confirm it, and it is stored once.
	if status, _, _ := other.form("/people", "/groups/import/confirm", url.Values{"upload": {id}}); status != http.StatusForbidden {
		t.Error("an administrator confirms:", status)
	}
	if status, h, body := v.send("POST", "/groups/import/confirm", url.Values{"upload": {id}, formToken: {token}}); status != http.StatusSeeOther || h.Get("Location") != "/groups" {
		t.Fatal(status, body)
	}
	if page := v.page("/groups"); !strings.Contains(page, "登记 1.csv is stored: 2 new groups, 0 changed, 0 as before.") || !strings.Contains(page, "A-2") {
		t.Error("the import is not told")
	}
	if status, _, body := v.form("/groups/import", "/groups/import/confirm", url.Values{"upload": {id}}); status != http.StatusConflict || !strings.Contains(body, "no longer kept") {
		t.Error("it is confirmed twice:", status)
	}
	for _, c := range []struct{ why, name, content, want string }{
		{"faults by row and column", "r.csv", "编码,群名,县市\nA-1,,nowhere\n", "row 2"},
		{"no workbook", "r.xlsx", "hello", "r.xlsx"},
		{"nothing new", "r.csv", file, "there is nothing to store"},
		{"no file at all", "", "", "Choose a workbook"},
	} {
		_, page := v.upload("/groups/import", "/groups/import", c.name, c.content)
		if !strings.Contains(page, c.want) || strings.Contains(page, "/groups/import/confirm") {
			t.Errorf("%s: %q is missing, or it can be confirmed:\n%s", c.why, c.want, page)
		}
	}
}

func TestGapPages(t *testing.T) {
	s := newSite(t)
	s.registry(t)
	v := s.visit(t, "staff")
	if rows := rowsOf(t, v.page("/groups/gaps")); !strings.Contains(rows, "The session ended.") || !strings.Contains(rows, "a02") {
		t.Error(rows)
	}
	if page := v.page("/groups/gaps/1"); !strings.Contains(page, "YJ001") {
		t.Error("the groups are missing")
	}
	if status, h, body := v.form("/groups/gaps/1", "/groups/gaps/1/read", url.Values{}); status != http.StatusSeeOther || h.Get("Location") != "/groups/gaps" {
		t.Fatal(status, body)
	}
	if rows := rowsOf(t, v.page("/groups/gaps")); !strings.Contains(rows, "Nothing to be read by hand") {
		t.Error("it is still to be read:", rows)
	}
	if rows := rowsOf(t, v.page("/groups/gaps?all=1")); !strings.Contains(rows, "read by staff") {
		t.Error("who read it is not told:", rows)
	}
	if status, _, body := s.visit(t, "supervisor").form("/me", "/groups/gaps/1/read", url.Values{}); status != http.StatusConflict || !strings.Contains(body, "already marked as read by staff") {
		t.Error("the second one is told nothing:", status)
	}
}

func TestUploadsAreKeptForTheirOwner(t *testing.T) {
	u := &uploads{}
	id := u.keep("kim", "groups", "r.csv", []byte("x"))
	for _, c := range []struct {
		user, what, id string
		want           bool
		why            string
	}{
		{"kim", "groups", id, true, "its owner, on its page"}, {"li", "groups", id, false, "somebody else"},
		{"kim", "batches", id, false, "another page"}, {"kim", "groups", "", false, "no file"},
	} {
		if _, ok := u.find(c.user, c.what, c.id); ok != c.want {
			t.Errorf("%s: %v", c.why, ok)
		}
	}
	big := make([]byte, uploadSpace/3+1)
	for range 3 {
		u.keep("li", "groups", "big.xlsx", big)
	}
	if _, ok := u.find("kim", "groups", id); ok || len(u.kept) != 2 {
		t.Errorf("%d are kept, more than there is room for", len(u.kept))
	}
	u.drop(u.kept[0].id)
	if len(u.kept) != 1 {
		t.Error("what was dropped is kept")
	}
}
