package api

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"chunfeng/broadcast/intake"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// spring is a workbook of three vacancies: of Yanji, of Tumen, and of the whole prefecture. Its first employer would like
// to be more than a name.
const spring = "企业名称,企业名称（朝文）,岗位,人数,工资,县市,联系电话\n" +
	"<script>alert(1)</script>食品厂,해란강식품,焊工,3,4500-6000元/月,延吉,13912345678\n" +
	"=HYPERLINK(1)酒店,,服务员,2,3500元/月,图们,0433-2512345\n" +
	"+云朵石磨馆,,店员,2,面议,全州,\n"

// add imports a workbook as the owner of the data folder.
func add(t *testing.T, a *API, title, csv string) Batch {
	t.Helper()
	b, err := Ask[Batch](t.Context(), a, Caller{Name: "owner"}, "POST", "/v1/batches", url.Values{"name": {title + ".csv"}, "title": {title}}, []byte(csv))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// file asks for a file and answers it.
func file(t *testing.T, a *API, c Caller, method, path string, q url.Values, body any) (http.Header, []byte) {
	t.Helper()
	write, err := File(t.Context(), a, c, method, path, q, body)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	w := httptest.NewRecorder()
	if err := write(w); err != nil {
		t.Fatal(err)
	}
	return w.Header(), w.Body.Bytes()
}

func TestBatchFilesToDownload(t *testing.T) {
	a := newAPI(t)
	add(t, a, "spring", spring)
	staff := staffOf("")
	staff.Lang = words.Korean
	for _, c := range []struct {
		why, method, path string
		body              any
		name              string
	}{
		{"the form", "GET", "/v1/batches/template", nil, `attachment; filename="vacancies-form.xlsx"; filename*=UTF-8''` + url.PathEscape("초빙정보표.xlsx")},
		{"the marked copy", "POST", "/v1/batches/marked", []byte("企业,岗位\n,焊工\n"), `attachment; filename="checked.xlsx"; filename*=UTF-8''` + url.PathEscape(`봄 "x"-검사.xlsx`)},
		{"the batch", "GET", "/v1/batches/a/export", nil, `attachment; filename="batch-A.xlsx"; filename*=UTF-8''batch-A.xlsx`},
	} {
		var q url.Values
		if c.body != nil {
			q = url.Values{"name": {`봄 "x".csv`}}
		}
		if strings.HasSuffix(c.path, "export") {
			q = url.Values{"form": {"xlsx"}}
		}
		h, b := file(t, a, staff, c.method, c.path, q, c.body)
		if got := h.Get("Content-Disposition"); got != c.name {
			t.Errorf("%s is called %s", c.why, got)
		}
		f, err := excelize.OpenReader(bytes.NewReader(b))
		if err != nil {
			t.Errorf("%s is no workbook: %v", c.why, err)
			continue
		}
		f.Close()
	}
}

func TestBatchExportHoldsText(t *testing.T) {
	a := newAPI(t)
	add(t, a, "spring", spring)
	must(t)(a.store.SetVacancy("", []string{"A002"}, store.VacancyFilled, "=1+1", "kim"))
	_, b := file(t, a, staffOf("yanji"), "GET", "/v1/batches/A/export", url.Values{"form": {"xlsx"}}, nil)
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows(f.GetSheetName(0))
	if err != nil || len(rows) != 4 {
		t.Fatal(rows, err)
	}
	if d := cmp.Diff([]string{"A002", "filled", "'=1+1", "'=HYPERLINK(1)酒店"}, rows[2][:4]); d != "" {
		t.Error(d)
	}
	if s := fmt.Sprint(rows); strings.Contains(s, "13912345678") || !strings.Contains(s, "139****5678") {
		t.Error("the employer's number is not masked:", s)
	}
	_, b = file(t, a, staffOf(""), "GET", "/v1/batches/A/export", url.Values{"form": {"csv"}, "state": {"open"}}, nil)
	if s := string(b); strings.Count(s, "\r\n") != 3 || !strings.Contains(s, ",'+云朵石磨馆,") {
		t.Errorf("the open ones as text are %q", s)
	}
	if k := refused(t, a, staffOf(""), "GET", "/v1/batches/A/export", url.Values{"form": {"pdf"}}, nil); k != words.Usage {
		t.Error(k)
	}
}

func TestCheckReportShowsPairs(t *testing.T) {
	a := newAPI(t)
	add(t, a, "spring", spring)
	autumn := "企业名称,岗位,人数,工资,县市,联系电话\n<SCRIPT>alert（1）</script> 食品厂,焊工,9,4500-6000元/月,延吉,13912345679\n" +
		"甲,乙,1,面议,延吉,\n甲,乙,2,面议,,\n,,1,,,\n"
	v, err := Ask[CheckReport](t.Context(), a, staffOf(""), "POST", "/v1/batches/read", url.Values{"name": {"a.csv"}}, []byte(autumn))
	if err != nil {
		t.Fatal(err)
	}
	if v.Vacancies != 3 || len(v.Errors) != 1 || v.Known != "" {
		t.Fatalf("%+v", v)
	}
	type pair struct {
		A, B    int
		Code    string
		Known   bool
		Differs []intake.Field
	}
	var got []pair
	for _, p := range v.Pairs {
		got = append(got, pair{p.A.Row, p.B.Row, p.B.Code, p.Known, p.Differs})
		found := false
		for _, d := range v.Doubts {
			found = found || d.Row == p.A.Row && strings.Contains(d.Message, p.Message)
		}
		if !found {
			t.Errorf("%s is not among the doubts", p.Message)
		}
	}
	if d := cmp.Diff([]pair{
		{2, 2, "A001", true, []intake.Field{intake.Employer, intake.Headcount, intake.Phone}},
		{4, 3, "", false, []intake.Field{intake.Headcount, intake.CountyField}},
	}, got); d != "" {
		t.Error(d)
	}
	// What was imported keeps its pairs in sight, from both sides.
	add(t, a, "autumn", autumn[:strings.LastIndex(autumn, ",,1")])
	for id, other := range map[string]string{"A": "B001", "B": "A001"} {
		pairs := get[[]Pair](t, a, staffOf("tumen"), "/v1/batches/"+id+"/duplicates", nil)
		if len(pairs) == 0 || pairs[0].A.Code != id+"001" || pairs[0].B.Code != other {
			t.Errorf("%s: %+v", id, pairs)
		}
	}
}

// TestCountiesOfBatches: everybody sees every batch, and a county's people change what concerns that county alone.
func TestCountiesOfBatches(t *testing.T) {
	a := newAPI(t)
	add(t, a, "spring", spring)
	must(t)(a.store.PutGroups([]store.Group{{Code: "YJ1", Name: "甲", County: "yanji", Language: "zh"}, {Code: "TM1", Name: "乙", County: "tumen", Language: "ko"}}, "kim"))
	yanji, approver := staffOf("yanji"), Caller{Name: "li", Role: store.RoleApprover, County: "yanji"}
	if all := get[[]Vacancy](t, a, yanji, "/v1/vacancies", url.Values{"batch": {"A"}}); len(all) != 3 {
		t.Error("Yanji sees", all)
	}
	move := func(code string) VacancyChange {
		return VacancyChange{Codes: []string{code}, State: store.VacancyFilled}
	}
	csv := func(county string) []byte {
		return []byte("企业,岗位,县市\n甲,焊工,延吉\n乙,焊工," + county + "\n")
	}
	for _, c := range []struct {
		who          Caller
		method, path string
		q            url.Values
		body         any
		want         words.Kind
		why          string
	}{
		{yanji, "POST", "/v1/vacancies/state", nil, move("A002"), words.Forbidden, "another county's vacancy"},
		{yanji, "POST", "/v1/vacancies/state", nil, move("A003"), words.Forbidden, "the whole prefecture's vacancy"},
		{yanji, "POST", "/v1/vacancies/state", nil, VacancyChange{Codes: []string{"A001", "A002"}, State: store.VacancyFilled}, words.Forbidden, "one's own together with another's"},
		{yanji, "POST", "/v1/vacancies/state", nil, move("A999"), words.Missing, "none"},
		{yanji, "GET", "/v1/batches/A/preview", url.Values{"group": {"tm1"}}, nil, words.Missing, "a text for another county's group"},
		{yanji, "GET", "/v1/batches/A/poster", url.Values{"group": {"TM1"}}, nil, words.Missing, "a poster for it"},
		{yanji, "GET", "/v1/batches/A/poster/1", url.Values{"group": {"TM1"}}, nil, words.Missing, "a page of it"},
		{yanji, "POST", "/v1/batches", url.Values{"name": {"x.csv"}, "title": {"x"}}, csv("图们"), words.Refused, "a workbook with another county's row"},
		{yanji, "POST", "/v1/batches", url.Values{"name": {"x.csv"}, "title": {"x"}}, csv("全州"), words.Refused, "a workbook with a row for everybody"},
		{approver, "POST", "/v1/batches/A/approve", nil, nil, words.Forbidden, "the prefecture's batch"},
		{staffOf(""), "POST", "/v1/batches/A/approve", nil, nil, words.Forbidden, "staff approve nothing"},
		{Caller{Name: "x", Role: store.RoleSupervisor}, "POST", "/v1/vacancies/state", nil, move("A001"), words.Forbidden, "a supervisor does not prepare"},
		{approver, "POST", "/v1/batches/marked", nil, csv("延吉"), words.Forbidden, "nor does an approver"},
	} {
		if k := refused(t, a, c.who, c.method, c.path, c.q, c.body); k != c.want {
			t.Errorf("%s: %q, want %q", c.why, k, c.want)
		}
	}
	for _, v := range get[[]Vacancy](t, a, yanji, "/v1/vacancies", url.Values{"batch": {"A"}}) {
		if v.State != store.VacancyOpen {
			t.Errorf("%s was changed", v.Code)
		}
	}
	must(t)(Ask[[]Vacancy](t.Context(), a, yanji, "POST", "/v1/vacancies/state", nil, move("A001")))
	get[Preview](t, a, yanji, "/v1/batches/A/preview", url.Values{"group": {"yj1"}})
	read, err := Ask[CheckReport](t.Context(), a, yanji, "POST", "/v1/batches/read", url.Values{"name": {"x.csv"}}, csv("图们"))
	if err != nil || len(read.Errors) != 1 || read.Errors[0].Row != 3 || !strings.Contains(read.Errors[0].Message, "Yanji") {
		t.Errorf("the row of Tumen: %+v %v", read.Errors, err)
	}
	own, err := Ask[Batch](t.Context(), a, yanji, "POST", "/v1/batches", url.Values{"name": {"x.csv"}, "title": {"x"}}, csv("延吉"))
	if err != nil {
		t.Fatal("a county's own workbook:", err)
	}
	must(t)(Ask[Batch](t.Context(), a, approver, "POST", "/v1/batches/"+own.ID+"/approve", nil, nil))
}

// TestBatchIsApprovedByAnother: whoever imported as staff and is an approver now does not approve that batch.
func TestBatchIsApprovedByAnother(t *testing.T) {
	a := newAPI(t)
	b, err := Ask[Batch](t.Context(), a, staffOf(""), "POST", "/v1/batches", url.Values{"name": {"a.csv"}, "title": {"a"}}, []byte(spring))
	if err != nil {
		t.Fatal(err)
	}
	kim, li := Caller{Name: "kim", Role: store.RoleApprover}, Caller{Name: "li", Role: store.RoleApprover}
	if k := refused(t, a, kim, "POST", "/v1/batches/A/approve", nil, nil); k != words.Forbidden {
		t.Error(k)
	}
	for _, who := range []Caller{li, kim} {
		if b, err = Ask[Batch](t.Context(), a, who, "POST", "/v1/batches/A/approve", nil, nil); err != nil || b.ApprovedBy != "li" || b.State != store.BatchApproved {
			t.Errorf("%s: %+v %v", who.Name, b, err)
		}
	}
	add(t, a, "x", "企业,岗位\n甲,焊工\n")
	a.Config().SecondPerson = false
	if b, err = Ask[Batch](t.Context(), a, Caller{Name: "owner", Role: store.RoleApprover}, "POST", "/v1/batches/B/approve", nil, nil); err != nil || b.ApprovedBy != "owner" {
		t.Errorf("where no second person is asked for: %+v %v", b, err)
	}
}

// TestVacancyIsMovedOnce: two people decide by what they saw; the second is told what is true now.
func TestVacancyIsMovedOnce(t *testing.T) {
	a := newAPI(t)
	add(t, a, "spring", spring)
	move := VacancyChange{Codes: []string{"A001", "A002"}, State: store.VacancyFilled, From: store.VacancyOpen, Why: "all hired"}
	must(t)(Ask[[]Vacancy](t.Context(), a, staffOf(""), "POST", "/v1/vacancies/state", nil, VacancyChange{Codes: []string{"A002"}, State: store.VacancyWithdrawn}))
	_, err := Ask[[]Vacancy](t.Context(), a, staffOf(""), "POST", "/v1/vacancies/state", nil, move)
	if words.KindOf(err) != words.Conflict || !strings.Contains(words.SayError(words.English, err), "A002 is “withdrawn” by now") {
		t.Error(err)
	}
	states := func() (out []string) {
		for _, v := range get[[]Vacancy](t, a, staffOf(""), "/v1/vacancies", url.Values{"batch": {"A"}}) {
			out = append(out, string(v.State))
		}
		return out
	}
	if d := cmp.Diff([]string{"open", "withdrawn", "open"}, states()); d != "" {
		t.Error("the refused order did a part:", d)
	}
}

func TestVacanciesAreFiltered(t *testing.T) {
	a := newAPI(t)
	add(t, a, "spring", spring+"过期小店,,店员,1,面议,延吉,\n")
	must(t)(a.store.SetVacancy("", []string{"A002"}, store.VacancyFilled, "", "kim"))
	for _, c := range []struct{ query, want, why string }{
		{"", "A001 A002 A003 A004", "no filter"},
		{"county=yanji", "A001 A004", "a code"},
		{"county=图们", "A002", "a name"},
		{"county=all", "A003", "those for everybody"},
		{"state=filled", "A002", "a state"},
		{"state=open&county=yanji", "A001 A004", "both"},
		{"q=%EF%BC%A1001", "A001", "a code with a full-width letter"},
		{"q=해란강", "A001", "a Korean name"},
		{"q=店 员", "A003 A004", "a post with a space in it"},
		{"employer=解放", "", "an employer that is not there"},
		{"employer=해란강식품", "A001", "an employer by its Korean name"},
		{"after=A001&limit=2", "A002 A003", "a page"},
	} {
		q, err := url.ParseQuery("batch=A&" + c.query)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, v := range get[[]Vacancy](t, a, staffOf(""), "/v1/vacancies", q) {
			got = append(got, v.Code)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", c.why, got, c.want)
		}
	}
	for _, q := range []url.Values{{"batch": {"A"}, "county": {"吉林"}}, {"batch": {"A"}, "state": {"gone"}}, {"batch": {"A"}, "limit": {"x"}}} {
		if k := refused(t, a, staffOf(""), "GET", "/v1/vacancies", q, nil); k != words.Usage {
			t.Error(q, k)
		}
	}
}

func TestPosterPageIsAPicture(t *testing.T) {
	a := newAPI(t)
	add(t, a, "spring", spring)
	h, b := file(t, a, staffOf(""), "GET", "/v1/batches/A/poster/1", url.Values{"lang": {"ko"}}, nil)
	if h.Get("Content-Type") != "image/png" || !bytes.HasPrefix(b, []byte("\x89PNG")) {
		t.Errorf("%v %.8q", h, b)
	}
	pages := get[[]PosterPage](t, a, staffOf(""), "/v1/batches/A/poster", url.Values{"lang": {"ko"}})
	if !bytes.Equal(pages[0].PNG, b) {
		t.Error("the picture is another than the poster's")
	}
	must(t)(a.store.SetVacancy("", []string{"A001"}, store.VacancyFilled, "", "kim"))
	if _, again := file(t, a, staffOf(""), "GET", "/v1/batches/A/poster/1", url.Values{"lang": {"ko"}}, nil); bytes.Equal(again, b) {
		t.Error("a filled vacancy stays on a poster that was drawn before")
	}
	for _, page := range []string{"0", "99", "x", "-1"} {
		if k := refused(t, a, staffOf(""), "GET", "/v1/batches/A/poster/"+page, nil, nil); k != words.Missing {
			t.Errorf("page %s: %q", page, k)
		}
	}
}

// TestLargeUploadIsAnswered: whoever sends 200 MB to the end, as browsers do, reads why it was refused.
func TestLargeUploadIsAnswered(t *testing.T) {
	a := newAPI(t)
	server := httptest.NewServer(a.Owner())
	defer server.Close()
	for _, size := range []int64{UploadLimit + 1, 200 << 20} {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "POST /v1/batches/read?name=x.xlsx HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", size)
		if _, err := io.CopyN(conn, zeros{}, size); err != nil {
			t.Errorf("%d bytes: the connection was cut: %v", size, err)
			continue
		}
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(res.Body)
		if res.StatusCode != http.StatusRequestEntityTooLarge || err != nil || !strings.Contains(string(b), "x.xlsx") {
			t.Errorf("%d bytes: %s %s %v", size, res.Status, b, err)
		}
	}
}

// zeros is an endless upload.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }
