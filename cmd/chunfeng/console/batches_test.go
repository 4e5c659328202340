package console

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
)

// goods is a workbook of three vacancies in Yanji, Tumen and the whole prefecture, whose employers would like to be more
// than names.
const goods = "企业名称,企业名称（朝文）,岗位,人数,工资,县市,联系电话\n" +
	"<script>alert(1)</script>食品厂,해란강식품,焊工,3,4500-6000元/月,延吉,13912345678\n" +
	"\"=HYPERLINK(\"\"http://x\"\")酒店\",,服务员,2,3500元/月,图们,0433-2512345\n" +
	"云朵\u202e石磨馆,구름송이,店员,2,面议,全州,\n"

// batch imports a workbook as the owner of the data folder.
func (s *site) batch(t testing.TB, title, csv string) api.Batch {
	t.Helper()
	b, err := api.Ask[api.Batch](t.Context(), s.API, api.Caller{Name: "owner"}, "POST", "/v1/batches", url.Values{"name": {title + ".csv"}, "title": {title}}, []byte(csv))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// batchesStored counts the batches in the ledger.
func (s *site) batchesStored(t testing.TB) int {
	t.Helper()
	all, err := s.store.Batches()
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// field answers the value of a hidden field of a page.
func field(t testing.TB, page, name string) string {
	t.Helper()
	_, after, ok := strings.Cut(page, `name="`+name+`" value="`)
	if !ok {
		t.Fatalf("the page has no field %s:\n%s", name, page)
	}
	value, _, _ := strings.Cut(after, `"`)
	return value
}

// TestBatchIsStoredOnceConfirmed walks a workbook from upload to batch: nothing is stored before somebody said yes.
func TestBatchIsStoredOnceConfirmed(t *testing.T) {
	s := newSite(t)
	v := s.visit(t, "staff")
	if status, body := v.upload("/batches", "/batches", "봄\u202e.csv", goods); status != http.StatusSeeOther {
		t.Fatal(status, body)
	}
	page := v.page("/batches/check")
	for _, want := range []string{"봄.csv", `id="found-employers">3<`, `id="found-vacancies">3<`, `value="봄"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the report does not show %s", want)
		}
	}
	if s.batchesStored(t) != 0 {
		t.Fatal("stored before it was confirmed")
	}
	if !strings.Contains(v.page("/batches"), "waits for you to confirm") {
		t.Error("the list does not say that a file waits")
	}
	hash, once := field(t, page, "hash"), ""
	for _, c := range []struct {
		form   url.Values
		status int
		want   string
		why    string
	}{
		{url.Values{"hash": {hash}, "title": {"봄철"}, "employers": {"4"}}, 422, "employers should be 4 and are 3", "another number of employers was counted"},
		{url.Values{"hash": {hash}, "title": {"봄철"}, "vacancies": {"x"}}, 400, "“x” is no number", "a number that is none"},
		{url.Values{"hash": {hash}, "title": {" "}}, 400, "Give the batch a name", "no name"},
		{url.Values{"hash": {"abc"}, "title": {"봄철"}}, 409, "Another workbook was uploaded meanwhile", "the report of another file was seen"},
	} {
		status, _, body := v.form("/batches/check", "/batches/check", c.form)
		if status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d, want %d with %q:\n%s", c.why, status, c.status, c.want, body)
		}
		if typed := c.form.Get("title"); typed != " " && !strings.Contains(body, `value="`+typed+`"`) {
			t.Errorf("%s: what was typed is lost", c.why)
		}
	}
	if s.batchesStored(t) != 0 {
		t.Fatal("a refused form stored something")
	}
	once = field(t, v.page("/batches/check"), formToken)
	form := url.Values{formToken: {once}, "hash": {hash}, "title": {"봄철 \u202e제1차"}, "employers": {"3"}, "vacancies": {"3"}}
	status, h, body := v.send("POST", "/batches/check", form)
	if status != http.StatusSeeOther || h.Get("Location") != "/batches/A" {
		t.Fatal(status, h.Get("Location"), body)
	}
	if status, _, _ := v.send("POST", "/batches/check", form); status != http.StatusConflict {
		t.Errorf("the same form again: %d", status)
	}
	if page := v.page("/batches/A"); !strings.Contains(page, "Imported as batch A: 3 vacancies") || !strings.Contains(page, "<bdi>봄철 제1차</bdi>") {
		t.Error(page)
	}
	if status, _, body := v.send("GET", "/batches/check", nil); status != http.StatusNotFound || !strings.Contains(body, "No uploaded workbook waits") {
		t.Errorf("nothing waits any more: %d", status)
	}
	// The same file once more is the same batch.
	v.upload("/batches", "/batches", "again.csv", goods)
	if page := v.page("/batches/check"); !strings.Contains(page, "already batch A") || strings.Contains(page, `name="hash"`) {
		t.Error("the same file can be imported again:", page)
	}
	if status, h, _ := v.form("/batches/check", "/batches/check/discard", url.Values{}); status != http.StatusSeeOther || h.Get("Location") != "/batches" {
		t.Error(status)
	}
	if s.batchesStored(t) != 1 {
		t.Error("stored twice")
	}
}

// TestWaitingFileIsItsOwners: what one person uploaded, another neither sees nor confirms; a newer file takes its place.
func TestWaitingFileIsItsOwners(t *testing.T) {
	s := newSite(t)
	if _, err := s.store.AddUser(store.User{Name: "other", Label: "other", Role: store.RoleStaff, Password: hashed(), Lang: "en"}, "test"); err != nil {
		t.Fatal(err)
	}
	v, other := s.visit(t, "staff"), s.visit(t, "other")
	v.upload("/batches", "/batches", "first.csv", goods)
	hash := field(t, v.page("/batches/check"), "hash")
	if status, _, _ := other.send("GET", "/batches/check", nil); status != http.StatusNotFound {
		t.Errorf("another person sees it: %d", status)
	}
	if status, _, _ := other.form("/batches", "/batches/check", url.Values{"hash": {hash}, "title": {"x"}}); status != http.StatusNotFound {
		t.Errorf("another person confirms it: %d", status)
	}
	if status, _, _ := other.send("GET", "/batches/check/marked", nil); status != http.StatusNotFound {
		t.Errorf("another person downloads it: %d", status)
	}
	v.upload("/batches", "/batches", "second.csv", "企业,岗位\n甲,焊工\n")
	if status, _, body := v.form("/batches/check", "/batches/check", url.Values{"hash": {hash}, "title": {"x"}}); status != http.StatusConflict || !strings.Contains(body, "second.csv") {
		t.Errorf("the report of the first file confirms the second: %d", status)
	}
	if s.batchesStored(t) != 0 {
		t.Error("something was stored")
	}
	s.uploads.kept = nil // as after a restart
	if status, _, body := v.form("/batches", "/batches/check", url.Values{"hash": {hash}, "title": {"x"}}); status != http.StatusNotFound || !strings.Contains(body, "Upload it again") {
		t.Errorf("after a restart: %d", status)
	}
}

// TestFaultyWorkbook is refused until it is corrected, and comes back marked.
func TestFaultyWorkbook(t *testing.T) {
	s := newSite(t)
	v := s.visit(t, "staff")
	v.upload("/batches", "/batches", "봄 \"표\".csv", "企业,岗位,人数\n<script>alert(1)</script>,,3\n乙,焊工,一些\n")
	page := v.page("/batches/check")
	if !strings.Contains(page, "1 errors: the workbook cannot be imported") || !strings.Contains(page, `<td class="number">2</td><td><bdi>B 岗位</bdi></td>`) || strings.Contains(page, `name="hash"`) {
		t.Error(page)
	}
	status, _, body := v.form("/batches/check", "/batches/check", url.Values{"hash": {"x"}, "title": {"x"}})
	if status != http.StatusConflict || s.batchesStored(t) != 0 {
		t.Errorf("%d: %s", status, body)
	}
	status, h, body := v.send("GET", "/batches/check/marked", nil)
	if status != 200 || !strings.HasPrefix(h.Get("Content-Disposition"), `attachment; filename="checked.xlsx"; filename*=UTF-8''%EB%B4%84%20`) {
		t.Fatal(status, h)
	}
	f, err := excelize.OpenReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	notes, err := f.GetComments("Sheet1")
	if err != nil || len(notes) != 2 || notes[0].Cell != "B2" || !strings.Contains(notes[0].Text, "error: no post") {
		t.Errorf("%+v %v", notes, err)
	}
	if a2, err := f.GetCellValue("Sheet1", "A2"); err != nil || a2 != "<script>alert(1)</script>" {
		t.Error(a2, err)
	}
}

// TestFilesOfEveryKind uploads what people really choose, and what nobody should.
func TestFilesOfEveryKind(t *testing.T) {
	s := newSite(t)
	v := s.visit(t, "staff")
	plain := "企业,岗位,工资\n甲店,焊工,面议\n乙회사,용접공,面议\n"
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(plain)
	if err != nil {
		t.Fatal(err)
	}
	var wide bytes.Buffer
	_ = binary.Write(&wide, binary.LittleEndian, append([]uint16{0xFEFF}, utf16.Encode([]rune(plain))...))
	var locked bytes.Buffer
	if err := excelize.NewFile().Write(&locked, excelize.Options{Password: "x"}); err != nil {
		t.Fatal(err)
	}
	million := strings.Repeat("甲店,焊工,面议\n", 500_000)
	for _, c := range []struct{ why, name, data, want string }{
		{"GB18030", "a.csv", gb, ""},
		{"UTF-16", "a.csv", wide.String(), ""},
		{"UTF-8 with a mark", "a.csv", "\ufeff" + plain, ""},
		{"a table of text that calls itself .xls", "a.xls", plain, ""},
		{"the old Excel", "a.xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600), "old .xls format"},
		{"a password", "a.xlsx", locked.String(), "protected by a password"},
		{"PDF", "a.xlsx", "%PDF-1.7", "its format is PDF"},
		{"nothing", "a.xlsx", "", "is empty"},
		{"a bomb", "a.xlsx", bomb(t, "xl/worksheets/sheet1.xml", strings.Repeat("<row/>", 20<<20)), "unpacks to more"},
		{"deep XML", "a.xlsx", bomb(t, "xl/sharedStrings.xml", strings.Repeat("<si>", 2<<20)), "unpacks to more"},
		{"half a million rows", "a.csv", "企业,岗位,工资\n" + million, "more than 10000 rows"},
		{"17 MB", "a.csv", strings.Repeat("x", 17<<20), "larger than 16 MB"},
		{"a program", "a.xlsx", "MZ\x90\x00\x03\x00\xff\xfe\x80", "neither a workbook nor text"},
	} {
		start := time.Now()
		status, body := v.upload("/batches", "/batches", c.name, c.data)
		took := time.Since(start)
		switch {
		case c.want == "" && status != http.StatusSeeOther, c.want != "" && (status != http.StatusUnprocessableEntity || !strings.Contains(body, c.want) || !strings.Contains(body, `type="file"`)):
			t.Errorf("%s: %d, want %q:\n%.3000s", c.why, status, c.want, body)
		case c.want == "" && !strings.Contains(v.page("/batches/check"), `id="found-vacancies">2<`):
			t.Errorf("%s: two vacancies are not read", c.why)
		}
		if took > 10*time.Second {
			t.Errorf("%s took %v", c.why, took)
		}
	}
	if status, _, body := v.form("/batches", "/batches", url.Values{}); status != http.StatusBadRequest || !strings.Contains(body, "Choose a workbook") {
		t.Errorf("no file: %d", status)
	}
}

// bomb is a small archive with one large part.
func bomb(t *testing.T, part, body string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{"xl/workbook.xml": "<workbook/>", part: body} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestUploadOf200MB is answered with a page that says why, to a browser that sends to the end; and so is one of a person
// who may not, and of one whose session ended.
func TestUploadOf200MB(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	s := newSite(t)
	for _, c := range []struct {
		who    string
		size   int
		status int
		want   string
	}{
		{"staff", 200 << 20, http.StatusRequestEntityTooLarge, "64 MB"},
		{"supervisor", 8 << 20, http.StatusForbidden, "supervisor"},
		{"", 8 << 20, http.StatusSeeOther, ""},
	} {
		v := s.visit(t, c.who)
		token := ""
		if c.who == "staff" {
			token = tokenField.FindStringSubmatch(v.page("/batches"))[1]
		}
		var head, cookie bytes.Buffer
		m := multipart.NewWriter(&head)
		_ = m.WriteField(formToken, token)
		if _, err := m.CreateFormFile("file", "a.xlsx"); err != nil {
			t.Fatal(err)
		}
		to, _ := url.Parse(s.http.URL)
		for _, k := range v.http.Jar.Cookies(to) {
			fmt.Fprintf(&cookie, "%s=%s; ", k.Name, k.Value)
		}
		conn, err := net.Dial("tcp", to.Host)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "POST /batches HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", to.Host, cookie.String(), m.FormDataContentType(), head.Len()+c.size)
		_, err = io.Copy(conn, &head)
		for left := c.size; left > 0 && err == nil; left -= 1 << 20 {
			_, err = conn.Write(make([]byte, 1<<20))
		}
		if err != nil {
			t.Errorf("%q: the connection was cut: %v", c.who, err)
			continue
		}
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		body := string(answer)
		if res.StatusCode != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%q: %s\n%.2000s", c.who, res.Status, body)
		}
	}
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range left {
		if strings.HasPrefix(e.Name(), "multipart-") {
			t.Errorf("%s was left behind, with an employer's numbers in it perhaps", e.Name())
		}
	}
}

// TestUploadsLeaveNoFiles: a form that is large enough to lie on the disk meanwhile is gone when it is answered.
func TestUploadsLeaveNoFiles(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	s := newSite(t)
	v := s.visit(t, "staff")
	if status, _ := v.upload("/batches", "/batches", "a.csv", "企业,岗位\n"+strings.Repeat("甲店,焊工\n", 9000)+strings.Repeat(",\n", 2<<20)); status != http.StatusSeeOther {
		t.Fatal(status)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestBatchPage(t *testing.T) {
	s := newSite(t)
	s.batch(t, "<b>봄</b>", goods)
	staff := s.visit(t, "staff")
	page := staff.page("/batches/A")
	for _, c := range []struct{ want, why string }{
		{"<bdi>&lt;b&gt;봄&lt;/b&gt;</bdi>", "the batch's name is text"},
		{`<span lang="zh">&lt;script&gt;alert(1)&lt;/script&gt;食品厂</span><br><span lang="ko">해란강식품</span>`, "an employer's name is text"},
		{"=HYPERLINK(", "what looks like a formula is text"},
		{`value="A002 filled open"`, "a vacancy may be filled"},
		{`href="/waves/new?batch=A"`, "a wave may be planned"},
	} {
		if !strings.Contains(page, c.want) {
			t.Errorf("%s: %q is not there", c.why, c.want)
		}
	}
	if strings.Contains(page, "\u202e") || strings.Contains(page, "<script>alert") || strings.Contains(page, "/approve") {
		t.Error("the page holds what it must not:", page)
	}
	if page := s.visit(t, "approver").page("/batches/A"); strings.Contains(page, "filled open") || !strings.Contains(page, `action="/batches/A/approve"`) {
		t.Error("an approver approves, and moves no vacancy")
	}
	for q, want := range map[string]string{"?county=tumen": "A002", "?q=해란강": "A001", "?state=open&county=all": "A003"} {
		page := rowsOf(t, staff.page("/batches/A"+q))
		if strings.Count(page, "<tr") != 1 || !strings.Contains(page, want) {
			t.Errorf("%s shows %s", q, page)
		}
	}
	if status, _, body := staff.send("GET", "/batches/A?county=nowhere", nil); status != http.StatusBadRequest || !strings.Contains(body, "nowhere") {
		t.Errorf("a county that is none: %d", status)
	}
	if status, _, _ := staff.send("GET", "/batches/Z", nil); status != http.StatusNotFound {
		t.Errorf("no batch: %d", status)
	}
	status, h, body := staff.send("GET", "/batches/A/export?form=csv", nil)
	if status != 200 || !strings.Contains(h.Get("Content-Disposition"), `filename="batch-A.csv"`) || !strings.Contains(body, "'=HYPERLINK(") || strings.Contains(body, "13912345678") {
		t.Errorf("%d %v %s", status, h, body)
	}
}

// TestLongBatchIsPaged: the vacancies of a large batch come page by page, each once.
func TestLongBatchIsPaged(t *testing.T) {
	s := newSite(t)
	var csv strings.Builder
	csv.WriteString("企业,岗位\n")
	for i := range 250 {
		fmt.Fprintf(&csv, "甲%d店,店员%d\n", i, i)
	}
	s.batch(t, "long", csv.String())
	v, path, seen := s.visit(t, "staff"), "/batches/A?state=open", map[string]bool{}
	for range 3 {
		page := v.page(path)
		for _, row := range strings.Split(rowsOf(t, page), `<tr id="v-`)[1:] {
			code, _, _ := strings.Cut(row, `"`)
			if seen[code] {
				t.Fatalf("%s comes twice", code)
			}
			seen[code] = true
		}
		_, next, ok := strings.Cut(page, `<a href="/batches/A?after=`)
		if !ok {
			break
		}
		next, _, _ = strings.Cut(next, `"`)
		path = "/batches/A?after=" + strings.ReplaceAll(next, "&amp;", "&")
	}
	if len(seen) != 250 {
		t.Errorf("%d vacancies are shown", len(seen))
	}
}

func TestVacancyLifeCycle(t *testing.T) {
	s := newSite(t)
	s.batch(t, "spring", goods)
	v := s.visit(t, "staff")
	back := url.Values{"county": {"yanji"}, "after": {"A000"}, "x": {"y"}}.Encode()
	status, h, _ := v.form("/batches/A", "/batches/A/vacancies", url.Values{"move": {"A001 filled open"}, "why": {"<i>all hired</i>"}, "back": {back}})
	if status != http.StatusSeeOther || h.Get("Location") != "/batches/A?after=A000&county=yanji" {
		t.Fatal(status, h)
	}
	page := v.page("/batches/A")
	if !strings.Contains(page, "A001: filled. Messages that still wait leave it out") || !strings.Contains(page, "<bdi>&lt;i&gt;all hired&lt;/i&gt;</bdi>") || !strings.Contains(page, `value="A001 open filled"`) {
		t.Error(page)
	}
	// Somebody else was first.
	status, _, body := v.form("/batches/A", "/batches/A/vacancies", url.Values{"move": {"A001 withdrawn open"}, "why": {"typed"}, "back": {"county=yanji"}})
	if status != http.StatusConflict || !strings.Contains(body, "A001 is “filled” by now") || !strings.Contains(body, `value="typed"`) || !strings.Contains(body, `name="to" value="/batches/A"`) {
		t.Errorf("%d: %s", status, body)
	}
	for _, move := range []string{"", "A001", "A001 gone filled", "A999 filled open"} {
		if status, _, _ := v.form("/batches/A", "/batches/A/vacancies", url.Values{"move": {move}}); status < 400 || status >= 500 {
			t.Errorf("%q: %d", move, status)
		}
	}
	// With script, the row alone is answered, with a new token for the next button.
	form := url.Values{"move": {"A001 open filled"}, formToken: {field(t, v.page("/batches/A"), formToken)}}
	status, _, body = v.send("POST", "/batches/A/vacancies", form, "HX-Request", "true")
	if status != 200 || !strings.Contains(body, `<hx-partial hx-target="#v-A001"`) || !strings.Contains(body, `id="move-once"`) || strings.Contains(body, form.Get(formToken)) {
		t.Errorf("%d: %s", status, body)
	}
	// Those of a county move their own alone.
	if _, err := s.store.ChangeUser("staff", "test", "user.county", func(u *store.User) error { u.County = "tumen"; return nil }); err != nil {
		t.Fatal(err)
	}
	v = s.visit(t, "staff")
	if page := v.page("/batches/A"); strings.Contains(page, `value="A001 filled open"`) || !strings.Contains(page, `value="A002 filled open"`) {
		t.Error("Tumen's staff are offered other buttons than their own")
	}
	if status, _, body := v.form("/batches/A", "/batches/A/vacancies", url.Values{"move": {"A001 filled open"}}); status != http.StatusForbidden || !strings.Contains(body, "not of Tumen alone") {
		t.Errorf("%d: %s", status, body)
	}
	if one, err := s.store.Vacancy("A001"); err != nil || one.State != store.VacancyOpen {
		t.Error(one.State, err)
	}
}

func TestBatchIsApproved(t *testing.T) {
	s := newSite(t)
	s.batch(t, "spring", goods)
	if status, _, _ := s.visit(t, "staff").form("/batches", "/batches/A/approve", url.Values{}); status != http.StatusForbidden {
		t.Errorf("staff approve: %d", status)
	}
	v := s.visit(t, "approver")
	once := field(t, v.page("/batches/A"), formToken)
	if _, err := s.store.ApproveBatch("A", "li"); err != nil {
		t.Fatal(err)
	}
	if status, _, _ := v.send("POST", "/batches/A/approve", url.Values{formToken: {once}}); status != http.StatusSeeOther {
		t.Fatal(status)
	}
	if page := v.page("/batches/A"); !strings.Contains(page, "had been approved by li already") {
		t.Error("who comes second is not told so:", page)
	}
}

func TestBatchPreviews(t *testing.T) {
	s := newSite(t)
	s.batch(t, "spring", goods)
	if _, err := s.store.PutGroups([]store.Group{
		{Code: "YJ001", Name: "<b>해란강</b>", County: "yanji", Language: "ko"}, {Code: "TM001", Name: "图们群", County: "tumen", Language: "zh"}, {Code: "TM002", Name: "图们二群", County: "tumen", Language: "zh"},
	}, "test"); err != nil {
		t.Fatal(err)
	}
	v := s.visit(t, "staff")
	page := v.page("/batches/A/preview?group=yj001&parts=2")
	for _, want := range []string{`<div class="bubble" lang="ko">`, `<div class="bubble" lang="zh">`, `<div class="bubble">`, "&lt;b&gt;해란강&lt;/b&gt;", "of 1,000 characters", "&lt;script&gt;alert(1)&lt;/script&gt;食品厂"} {
		if !strings.Contains(page, want) {
			t.Errorf("the preview does not show %s", want)
		}
	}
	if strings.Contains(page, "A002") || strings.Index(page, `id="text-ko"`) > strings.Index(page, `id="text-zh"`) {
		t.Error("Yanji's group is shown Tumen's vacancy, or not its own language first")
	}
	if page := v.page("/batches/A/preview?find=해란"); !strings.Contains(page, "For group YJ001") {
		t.Error("the only group that is found is not chosen")
	}
	if page := v.page("/batches/A/preview?find=图们&parts=2"); !strings.Contains(page, `href="/batches/A/preview?group=TM002&amp;parts=2"`) {
		t.Error("groups that are found are no links")
	}
	if page := v.page("/batches/A/preview?find=nobody"); !strings.Contains(page, "No group has that") {
		t.Error("nothing found is not said")
	}
	for path, want := range map[string]int{"/batches/A/preview?group=NONE": 404, "/batches/A/preview?parts=99": 200, "/batches/A/poster/9?lang=ko": 404, "/batches/A/poster/x": 404, "/batches/Z/preview": 404} {
		if status, _, _ := v.send("GET", path, nil); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
	page = v.page("/batches/A/poster?group=TM001&url=https%3A%2F%2Fjiuye.example.cn%2Fa%3Fb%3D1%26c")
	if !strings.Contains(page, `src="/batches/A/poster/1?group=TM001&amp;url=https%3A%2F%2Fjiuye.example.cn%2Fa%3Fb%3D1%26c"`) || !strings.Contains(page, "A002") {
		t.Error(page)
	}
	status, h, body := v.send("GET", "/batches/A/poster/1?group=TM001", nil)
	if status != 200 || h.Get("Content-Type") != "image/png" || !strings.HasPrefix(body, "\x89PNG") {
		t.Error(status, h)
	}
	if _, err := s.store.ChangeUser("staff", "test", "user.county", func(u *store.User) error { u.County = "tumen"; return nil }); err != nil {
		t.Fatal(err)
	}
	v = s.visit(t, "staff")
	for _, path := range []string{"/batches/A/preview?group=YJ001", "/batches/A/poster?group=YJ001", "/batches/A/poster/1?group=YJ001", "/batches/A/preview?find=해란"} {
		status, _, body := v.send("GET", path, nil)
		if strings.Contains(body, "해란강&lt;") || strings.Contains(path, "group=") && status != http.StatusNotFound {
			t.Errorf("%s shows Tumen's staff a group of Yanji: %d", path, status)
		}
	}
}

func TestDuplicatesPage(t *testing.T) {
	s := newSite(t)
	s.batch(t, "spring", goods)
	s.batch(t, "autumn", strings.Replace(goods, "焊工,3", "焊工,9", 1))
	for id, other := range map[string]string{"A": "B001", "B": "A001"} {
		page := s.visit(t, "staff").page("/batches/" + id + "/duplicates")
		if !strings.Contains(page, other) || strings.Count(page, `role="img">≠`) != 1 || strings.Contains(page, "<script>alert") || strings.Contains(page, "13912345678") {
			t.Errorf("%s: %s", id, page)
		}
	}
}
