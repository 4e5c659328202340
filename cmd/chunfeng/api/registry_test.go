package api

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// staffOf is a caller of a county, of the whole prefecture when it is empty.
func staffOf(county string) Caller {
	return Caller{Name: "kim", Role: store.RoleStaff, County: county, Lang: words.English}
}

// get asks for something as a caller.
func get[T any](t *testing.T, a *API, c Caller, path string, q url.Values) T {
	t.Helper()
	v, err := Ask[T](t.Context(), a, c, "GET", path, q, nil)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return v
}

// refused asks for what must be refused, and answers the refusal's kind.
func refused(t *testing.T, a *API, c Caller, method, path string, q url.Values, body any) words.Kind {
	t.Helper()
	v, err := Ask[any](t.Context(), a, c, method, path, q, body)
	if err == nil {
		t.Fatalf("%s %s is done for %q of %q: %+v", method, path, c.Name, c.County, v)
	}
	return words.KindOf(err)
}

// register puts groups into a ledger: a third each of Yanji, Tumen and Helong. An account a1 is logged in, and knows what
// bindings says by the group's place in the list.
func register(t *testing.T, a *API, n int, bindings map[int]store.BindingState) {
	t.Helper()
	var groups []store.Group
	for i := range n {
		county := []string{"yanji", "tumen", "helong"}[i%3]
		groups = append(groups, store.Group{
			Code: fmt.Sprintf("G%03d", i), Name: fmt.Sprintf("%s 就业群 %d", county, i), County: county, Township: fmt.Sprintf("乡%d", i%2), Kind: "rural", Language: "both", Tags: []string{"food"},
		})
	}
	must(t)(a.store.PutGroups(groups, "kim"))
	must(t)(a.store.AddAccount("a1", "", "kim"))
	must(t)(a.store.StartSession("a1", "e", 1, "봄"))
	for i, s := range bindings {
		if err := a.store.Bind("a1", "e", store.Binding{Group: uint32(i + 1), UserName: fmt.Sprint("@@", i), Name: "群", State: s}); err != nil {
			t.Fatal(err)
		}
	}
	a.Running = func() bool { return true }
}

// must fails the test for the error of a verb.
func must(t *testing.T) func(any, error) {
	return func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}

func codes(all []Group) (out []string) {
	for _, g := range all {
		out = append(out, g.Code)
	}
	return out
}

func TestRegistryIsFiltered(t *testing.T) {
	a := newAPI(t)
	register(t, a, 12, map[int]store.BindingState{0: store.Bound, 1: store.Bound, 2: store.Quarantined, 3: store.Gone})
	must(t)(a.store.SetGroup("G001", store.GroupPaused, "renamed", "kim"))
	must(t)(a.store.SetGroup("G004", store.GroupOptedOut, "", "kim"))
	must(t)(a.store.PutGroups([]store.Group{{Code: "ZH-1", Name: "<script>alert(1)</script> ＹＡＮＪＩ", County: "yanji", Township: "北山街道", Kind: "urban", Language: "zh", Account: "a1"}}, "kim"))
	for _, c := range []struct{ query, want, why string }{
		{"", "13", "everything"},
		{"county=延吉市", "G000 G003 G006 G009 ZH-1", "a county by its Chinese name"},
		{"county=yanji&township=乡1", "G003 G009", "a township, exactly"},
		{"kind=urban", "ZH-1", "a kind"},
		{"language=zh", "ZH-1", "a language"},
		{"tag=food&county=tumen", "G001 G004 G007 G010", "a tag"},
		{"state=paused", "G001", "a state"},
		{"bound=yes", "G000 G001", "bound"},
		{"bound=doubtful", "G002", "doubtful"},
		{"bound=no&county=yanji", "G003 G006 G009 ZH-1", "not bound"},
		{"reach=reachable", "G000", "what can be written to now: bound and not paused"},
		{"reach=paused", "G001", "paused"},
		{"reach=doubtful", "G002", "doubtful"},
		{"reach=removed", "G003", "the account was removed"},
		{"reach=opted_out", "G004", "opted out"},
		{"reach=never_seen&county=yanji", "G006 G009 ZH-1", "never seen"},
		{"account=a1", "G000 G001 G002 ZH-1", "assigned to it or seen by it"},
		{"account=a1&bound=no", "G002 ZH-1", "its own that it does not know"},
		{"account=a9", "", "an account that there is not"},
		{"q=g00&county=tumen", "G001 G004 G007", "a code in another case"},
		{"q=yanji", "G000 G003 G006 G009 ZH-1", "a name in another width"},
		{"q=北山", "ZH-1", "a township"},
		{"q=就业群 1", "G001 G010 G011", "a name with a space"},
	} {
		q, err := url.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		page := get[GroupPage](t, a, staffOf(""), "/v1/registry", q)
		got := strings.Join(codes(page.Groups), " ")
		if c.query == "" {
			got = fmt.Sprint(len(page.Groups))
		}
		if got != c.want || page.Next != "" {
			t.Errorf("%s: %q, want %q (next %q)", c.why, got, c.want, page.Next)
		}
	}
	for _, q := range []url.Values{{"county": {"吉林"}}, {"state": {"x"}}, {"reach": {"x"}}, {"bound": {"x"}}, {"after": {"-1"}}, {"limit": {"many"}}, {"language": {"fr"}}} {
		if k := refused(t, a, staffOf(""), "GET", "/v1/registry", q, nil); k != words.Usage {
			t.Errorf("%v is refused as %q", q, k)
		}
	}
}

// TestRegistryIsPaged holds pages of every size against the whole, as each caller sees it.
func TestRegistryIsPaged(t *testing.T) {
	a := newAPI(t)
	register(t, a, 20, nil)
	for _, county := range []string{"", "tumen"} {
		all := codes(get[[]Group](t, a, staffOf(county), "/v1/groups", nil))
		for _, limit := range []string{"1", "3", "20", "1000"} {
			var got []string
			q := url.Values{"limit": {limit}}
			for range 50 {
				page := get[GroupPage](t, a, staffOf(county), "/v1/registry", q)
				got = append(got, codes(page.Groups)...)
				if page.Next == "" {
					break
				}
				q.Set("after", page.Next)
			}
			if d := cmp.Diff(all, got); d != "" {
				t.Errorf("pages of %s in %q: %s", limit, county, d)
			}
		}
	}
}

// TestCountiesOfGroups asks for everything of groups as somebody of Tumen: another county's groups do not exist.
func TestCountiesOfGroups(t *testing.T) {
	a := newAPI(t)
	register(t, a, 9, map[int]store.BindingState{0: store.Bound, 1: store.Bound})
	tumen := staffOf("tumen")
	if got := codes(get[[]Group](t, a, tumen, "/v1/groups", nil)); !cmp.Equal(got, []string{"G001", "G004", "G007"}) {
		t.Error("the whole list has", got)
	}
	if got := codes(get[GroupPage](t, a, tumen, "/v1/registry", url.Values{"county": {"yanji"}}).Groups); len(got) > 0 {
		t.Error("another county's list has", got)
	}
	for _, method := range []string{"GET /v1/groups/G000", "GET /v1/groups/G000/deliveries", "GET /v1/groups/G000/replies", "GET /v1/groups/G000/signups", "POST /v1/groups/G000/pause", "POST /v1/groups/G000/resume"} {
		verb, path, _ := strings.Cut(method, " ")
		if k := refused(t, a, tumen, verb, path, nil, map[string]string{"why": "x"}); k != words.Missing {
			t.Errorf("%s is refused as %q", method, k)
		}
	}
	if d := get[GroupDetail](t, a, tumen, "/v1/groups/g001", nil); d.Code != "G001" || d.Reach != Reachable {
		t.Errorf("%+v", d)
	}
	c := get[CoverageReport](t, a, tumen, "/v1/registry/coverage", nil)
	if c.Total.Groups != 3 || len(c.Counties) != 1 || c.Counties[0].County != "tumen" || len(c.Townships) != 2 {
		t.Errorf("coverage %+v", c)
	}
	s, err := Ask[stream](t.Context(), a, tumen, "GET", "/v1/registry/export", url.Values{"form": {"csv"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if err := s(w); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(w.Body.Bytes(), []byte("\uFEFF")))).ReadAll()
	if err != nil || len(rows) != 4 || rows[1][0] != "G001" || rows[1][9] != "reachable" {
		t.Error(rows, err)
	}
	if d := w.Header().Get("Content-Disposition"); !strings.HasPrefix(d, `attachment; filename="groups-`) || !strings.Contains(d, "filename*=UTF-8''") {
		t.Error(d)
	}
}

// TestCoverageAddsUp holds every sum of the coverage against the list that its link leads to.
func TestCoverageAddsUp(t *testing.T) {
	a := newAPI(t)
	states := []store.BindingState{store.Bound, store.Quarantined, store.Gone}
	bindings := map[int]store.BindingState{}
	for i := range 40 {
		if i%4 > 0 {
			bindings[i] = states[i%3]
		}
	}
	register(t, a, 50, bindings)
	must(t)(a.store.SetGroup("G005", store.GroupOptedOut, "", "kim"))
	must(t)(a.store.SetGroup("G006", store.GroupPaused, "", "kim"))
	// A second account knows some for certain, and is offline.
	must(t)(a.store.AddAccount("a2", "", "kim"))
	must(t)(a.store.StartSession("a2", "e", 2, ""))
	for i := range 10 {
		if err := a.store.Bind("a2", "e", store.Binding{Group: uint32(i*5 + 1), UserName: fmt.Sprint("@@", i), State: store.Bound}); err != nil {
			t.Fatal(err)
		}
	}
	must(t)(a.store.ChangeAccount("a2", "", "", func(one *store.Account) error { one.State = store.AccountOffline; return nil }))
	c := get[CoverageReport](t, a, staffOf(""), "/v1/registry/coverage", nil)
	if c.Total.Groups != 50 || c.Total.Reach[ReachOffline] == 0 {
		t.Fatalf("%+v", c.Total)
	}
	count := func(q url.Values) int {
		return len(get[GroupPage](t, a, staffOf(""), "/v1/registry", q).Groups)
	}
	for _, one := range append(append([]Coverage{c.Total}, c.Counties...), c.Townships...) {
		at := url.Values{"county": {one.County}, "township": {one.Township}}
		sum := 0
		for reach, n := range one.Reach {
			sum += n
			at.Set("reach", string(reach))
			if got := count(at); got != n {
				t.Errorf("%s %s: %d are %s, the list has %d", one.County, one.Township, n, reach, got)
			}
		}
		at.Del("reach")
		if sum != one.Groups || one.Bound+one.Unbound != one.Groups {
			t.Errorf("%s %s does not add up: %+v", one.County, one.Township, one)
		}
		for bound, n := range map[string]int{"yes": one.Bound, "no": one.Unbound, "doubtful": one.Doubtful} {
			at.Set("bound", bound)
			if got := count(at); got != n {
				t.Errorf("%s %s: bound %s is %d, the list has %d", one.County, one.Township, bound, n, got)
			}
		}
	}
	a.Running = func() bool { return false }
	if c := get[CoverageReport](t, a, staffOf(""), "/v1/registry/coverage", nil); c.Total.Reach[Reachable] != 0 {
		t.Errorf("%d can be reached although nothing runs", c.Total.Reach[Reachable])
	}
}

const registryFile = "code,name,county,township,kind,language,tags,account\n"

func TestImportIsTriedFirst(t *testing.T) {
	a := newAPI(t)
	send := func(c Caller, dry bool, rows string) GroupsImported {
		t.Helper()
		q := url.Values{"name": {"r.csv"}}
		if dry {
			q.Set("dry_run", "1")
		}
		v, err := Ask[GroupsImported](t.Context(), a, c, "POST", "/v1/groups", q, []byte(registryFile+rows))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	first := "A-1,甲,延吉市,北山,urban,zh,餐饮,\nA-2,乙,图们市,,,,,\n"
	tried := send(staffOf(""), true, first)
	if tried.Taken || tried.Added != 2 || len(tried.Changes) != 2 || !tried.Changes[0].New || tried.Changes[1].Row != 3 {
		t.Errorf("a trial: %+v", tried)
	}
	if all := get[[]Group](t, a, staffOf(""), "/v1/groups", nil); len(all) > 0 {
		t.Fatal("a trial stored", all)
	}
	done := send(staffOf(""), false, first)
	if !done.Taken || done.Imported != tried.Imported {
		t.Errorf("done %+v, tried %+v", done, tried)
	}
	again := "A-1,甲甲,延吉市,北山,urban,zh,餐饮,a7\nA-2,乙,图们市,,,,,\nA-3,丙,和龙市,,,,,\n"
	tried = send(staffOf(""), true, again)
	want := []GroupChange{
		{Row: 2, Code: "A-1", Name: "甲甲", County: "yanji", Fields: []FieldChange{{"name", "甲", "甲甲"}, {"account", "", "a7"}}},
		{Row: 4, Code: "A-3", Name: "丙", County: "helong", New: true},
	}
	if d := cmp.Diff(want, tried.Changes); d != "" || tried.Unchanged != 1 {
		t.Errorf("%+v %s", tried.Imported, d)
	}
	for _, c := range []struct {
		county, rows, why string
		faults            int
		fault             string
	}{
		{"yanji", "A-9,新,延吉市,,,,,\n", "a group of the own county", 0, ""},
		{"yanji", "A-9,新,图们市,,,,,\n", "a new group of another county", 1, "A-9 belongs to another county"},
		{"yanji", "A-2,乙,延吉市,,,,,\n", "another county's group taken over", 1, "code A-2 is taken"},
		{"tumen", "A-2,乙,延吉市,,,,,\n", "an own group given away", 1, "A-2 belongs to another county"},
		{"", "A-9,,nowhere,,,,,\n", "faults of the file itself", 2, ""},
	} {
		v := send(staffOf(c.county), false, c.rows)
		if len(v.Errors) != c.faults || c.faults > 0 == v.Taken || c.fault != "" && (!strings.Contains(v.Errors[0].Message, c.fault) || v.Errors[0].Row != 2) {
			t.Errorf("%s: %+v", c.why, v)
		}
	}
	if g := get[GroupDetail](t, a, staffOf(""), "/v1/groups/A-2", nil); g.County != "tumen" {
		t.Error("a refused import moved A-2 to", g.County)
	}
}

func TestOptedOutTakesAReason(t *testing.T) {
	a := newAPI(t)
	register(t, a, 3, nil)
	must(t)(a.store.SetGroup("G001", store.GroupOptedOut, "reply R7", ""))
	c := staffOf("")
	if k := refused(t, a, c, "POST", "/v1/groups/G001/resume", nil, map[string]string{"why": "  "}); k != words.Usage {
		t.Error("without a reason:", k)
	}
	if k := refused(t, a, c, "POST", "/v1/groups/G001/pause", nil, map[string]string{"why": "x"}); k != words.Conflict {
		t.Error("paused, so that it could be resumed without one:", k)
	}
	v, err := Ask[GroupDetail](t.Context(), a, c, "POST", "/v1/groups/G001/resume", nil, map[string]string{"why": "its owner asked on the phone"})
	if err != nil || v.State != store.GroupActive {
		t.Fatal(v, err)
	}
	events, err := a.store.Events(store.EventFilter{Limit: 1})
	if err != nil || events.Events[0].On != "G001" || events.Events[0].Detail != "its owner asked on the phone" || events.Events[0].Who != "kim" {
		t.Error(events, err)
	}
	if k := refused(t, a, Caller{Name: "x", Role: store.RoleApprover}, "POST", "/v1/groups/G000/pause", nil, nil); k != words.Forbidden {
		t.Error("an approver:", k)
	}
}

func TestGapsByCounty(t *testing.T) {
	a := newAPI(t)
	register(t, a, 6, map[int]store.BindingState{0: store.Bound, 1: store.Bound})
	must(t)(a.store.AddAccount("a2", "", "kim"))
	must(t)(a.store.StartSession("a2", "e", 2, ""))
	if err := a.store.Bind("a2", "e", store.Binding{Group: 2, UserName: "@@2", State: store.Bound}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a1", "a2"} { // of Yanji and Tumen, of Tumen alone
		if err := a.store.OpenGap(name, "bot.gap_session", a.now()); err != nil {
			t.Fatal(err)
		}
	}
	kim, tumen, helong := staffOf(""), staffOf("tumen"), staffOf("helong")
	if n := len(get[[]Gap](t, a, helong, "/v1/gaps", nil)); n != 0 {
		t.Errorf("Helong sees %d gaps", n)
	}
	if all := get[[]Gap](t, a, tumen, "/v1/gaps", nil); len(all) != 2 || !cmp.Equal(all[1].Groups, []string{"G001"}) {
		t.Errorf("Tumen sees %+v", all)
	}
	if k := refused(t, a, kim, "POST", "/v1/gaps/2/read", nil, nil); k != words.Conflict {
		t.Error("a gap that goes on is marked:", k)
	}
	for _, name := range []string{"a1", "a2"} {
		if err := a.store.CloseGap(name, false, time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	if k := refused(t, a, tumen, "POST", "/v1/gaps/1/read", nil, nil); k != words.Forbidden {
		t.Error("Tumen marks Yanji's groups as read:", k)
	}
	if k := refused(t, a, helong, "POST", "/v1/gaps/1/read", nil, nil); k != words.Missing {
		t.Error("Helong marks a gap that it does not see:", k)
	}
	if _, err := Ask[Done](t.Context(), a, tumen, "POST", "/v1/gaps/2/read", nil, nil); err != nil {
		t.Error("Tumen's own:", err)
	}
	if d := get[GapDetail](t, a, kim, "/v1/gaps/2", nil); d.ReadBy != "kim" || d.Listed[0].Name == "" {
		t.Errorf("%+v", d)
	}
	li := staffOf("")
	li.Name = "li"
	if k := refused(t, a, li, "POST", "/v1/gaps/2/read", nil, nil); k != words.Conflict {
		t.Error("the second one is told nothing:", k)
	}
}
