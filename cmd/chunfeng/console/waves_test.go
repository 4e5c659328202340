package console

import (
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// season gives a site what a wave needs: an account, groups of two counties whose names hold markup, and a batch that is
// approved.
func (s *site) season(t testing.TB) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.store.AddAccount("a01", "yanji", "test")
	must(err)
	_, err = s.store.PutGroups([]store.Group{
		{Code: "YJ001", Name: "<script>alert(1)</script>", County: "yanji", Township: "河南街道", Kind: "urban", Language: "zh", Tags: []string{"food"}},
		{Code: "YJ002", Name: "북산사회구역", County: "yanji", Township: "河南街道", Kind: "urban", Language: "ko"},
		{Code: "TM001", Name: "월궁사회구역", County: "tumen", Township: "月宫街道", Kind: "rural", Language: "ko"},
	}, "test")
	must(err)
	_, _, err = s.store.AddBatch(store.Batch{Name: "봄<b>", FileHash: strings.Repeat("a", 64), Employers: 1}, []store.Vacancy{
		{Employer: store.Both{Ko: "해란강<i>식당", Zh: "海兰江<i>饭店"}, Post: store.Both{Ko: "료리사", Zh: "厨师"}, Headcount: 2, Pay: store.Pay{Min: 4500, Max: 6000, Unit: "month"}},
	}, "test")
	must(err)
	_, err = s.store.ApproveBatch("A", "test")
	must(err)
}

// opened opens a wave as the scheduler does.
func (s *site) opened(t testing.TB, id string) store.Wave {
	t.Helper()
	w, err := s.store.Wave(id)
	if err != nil {
		t.Fatal(err)
	}
	planner, err := s.API.Planner()
	if err != nil {
		t.Fatal(err)
	}
	v, err := planner.Plan(w.Plan, w.At)
	if err != nil {
		t.Fatal(err)
	}
	if w, err = s.store.OpenWave(v.Opening(id, time.Time{})); err != nil {
		t.Fatal(err)
	}
	return w
}

// inCounty gives a person a county.
func (s *site) inCounty(t testing.TB, name, county string) {
	t.Helper()
	if _, err := s.store.ChangeUser(name, "test", "user.county", func(u *store.User) error { u.County = county; return nil }); err != nil {
		t.Fatal(err)
	}
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

// fields answers the hidden fields of the form on a page that goes to an action.
func fields(t testing.TB, page, action string) url.Values {
	t.Helper()
	_, rest, ok := strings.Cut(page, `action="`+action+`"`)
	if !ok {
		t.Fatalf("there is no form to %s on\n%s", action, page)
	}
	form, _, _ := strings.Cut(rest, "</form>")
	out := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(form, -1) {
		out.Add(m[1], m[2])
	}
	return out
}

// submit sends the form on a page that goes to an action, as its button does, with what is typed into it.
func (v *visitor) submit(page, action string, typed url.Values) (status int, to, body string) {
	v.t.Helper()
	f := fields(v.t, v.page(page), action)
	for k, all := range typed {
		f[k] = all
	}
	status, h, body := v.send("POST", action, f)
	return status, h.Get("Location"), body
}

// saysIn tells whether a page holds a sentence of the catalogue in English.
func saysIn(page, key string, args ...any) bool {
	return strings.Contains(html.UnescapeString(page), words.Say(words.English, key, args...))
}

// TestWaveFromFormToStop goes the whole way by forms alone: plan, queue, approval by somebody else, a stop with the number.
func TestWaveFromFormToStop(t *testing.T) {
	s := newSite(t)
	s.season(t)
	staff, approver := s.visit(t, "staff"), s.visit(t, "approver")
	order := "/waves/new?batch=A&county=yanji&when=at&at=2031-03-31T09:00&plan=1"
	page := staff.page(order)
	for _, want := range []string{"&lt;script&gt;alert(1)", "海兰江&lt;i&gt;饭店", `<strong>2</strong>`, "봄&lt;b&gt;", "value=\"yanji\" checked"} {
		if !strings.Contains(page, want) {
			t.Errorf("the plan does not show %s", want)
		}
	}
	if strings.Contains(page, "<script>alert") || strings.Contains(page, "<i>饭店") {
		t.Error("what people wrote is markup on the page")
	}
	f := fields(t, page, "/waves")
	status, h, body := staff.send("POST", "/waves", f)
	if status != http.StatusSeeOther || h.Get("Location") != "/waves/2031-001" {
		t.Fatalf("%d to %q\n%s", status, h.Get("Location"), body)
	}
	if status, _, body := staff.send("POST", "/waves", f); status != http.StatusConflict || !saysIn(body, "console.form_again") {
		t.Errorf("the replayed form: %d\n%s", status, body)
	}
	if all, err := s.store.Waves(false); err != nil || len(all) != 1 {
		t.Fatalf("%d waves after a form that was sent twice: %v", len(all), err)
	}
	page = staff.page("/waves/2031-001")
	if !saysIn(page, "page_waves.own_draft") || strings.Contains(page, "/waves/2031-001/approve") {
		t.Error("who queued it is offered to approve it, or not told why not:\n", page)
	}
	if status, _, _ := staff.form("/waves/2031-001", "/waves/2031-001/approve", url.Values{"hash": {"x"}}); status != http.StatusForbidden {
		t.Errorf("staff approve: %d", status)
	}

	// The registry changes between the look and the click: the approval is refused and the new plan shown.
	seen := fields(t, approver.page("/waves/2031-001"), "/waves/2031-001/approve")
	if _, err := s.store.SetGroup("YJ002", store.GroupPaused, "", "test"); err != nil {
		t.Fatal(err)
	}
	status, _, body = approver.send("POST", "/waves/2031-001/approve", seen)
	if w, err := s.store.Wave("2031-001"); err != nil || status != http.StatusConflict || w.State != store.WaveDraft || !strings.Contains(body, w.Hash) || w.Hash == seen.Get("hash") {
		t.Fatalf("an approval of what is no longer so: %d %v %v\n%s", status, w.State, err, body)
	}
	if fields(t, body, "/waves/2031-001/approve").Get("hash") == seen.Get("hash") || !saysIn(body, "page_waves.approve_send", "1") {
		t.Error("the page does not offer the new plan")
	}
	if status, to, body := approver.submit("/waves/2031-001", "/waves/2031-001/approve", nil); status != http.StatusSeeOther {
		t.Fatalf("%d to %q\n%s", status, to, body)
	}
	if page := approver.page("/waves/2031-001"); !strings.Contains(page, "31 Mar 2031 09:00:00") || !saysIn(page, "page_waves.did_wave.approve") {
		t.Error("who approved is not told when it begins, or it is not in the history:\n", page)
	}

	s.opened(t, "2031-001")
	for _, c := range []struct {
		why, page, action string
		typed             string
		refused           bool
	}{
		{"another number", "/stop?wave=2031-001", "/stop", "7", true},
		{"no number", "/stop?wave=2031-001", "/stop", "", true},
		{"the number", "/stop?wave=2031-001", "/stop", "1", false},
	} {
		status, to, body := staff.submit(c.page, c.action, url.Values{"number": {c.typed}})
		w, err := s.store.Wave("2031-001")
		if err != nil {
			t.Fatal(err)
		}
		if c.refused && (status != http.StatusBadRequest || w.Stopped || !saysIn(body, "page_waves.other_number", c.typed, 1)) ||
			!c.refused && (status != http.StatusSeeOther || to != "/waves/2031-001" || !w.Stopped) {
			t.Errorf("%s: %d to %q, stopped %v\n%s", c.why, status, to, w.Stopped, body)
		}
	}
	if status, to, _ := staff.submit("/waves/2031-001", "/waves/2031-001/resume", nil); status != http.StatusSeeOther || to != "/waves/2031-001" {
		t.Errorf("resumed: %d to %q", status, to)
	}
	if status, _, body := staff.submit("/stop", "/stop", url.Values{"number": {"1"}}); status != http.StatusSeeOther {
		t.Errorf("stop of everything: %d\n%s", status, body)
	}
	if page := staff.page("/stop"); !saysIn(page, "page_waves.nothing_to_stop") {
		t.Error("there is something to stop still")
	}
	if status, _, _ := staff.submit("/waves/2031-001", "/waves/2031-001/cancel", nil); status != http.StatusSeeOther {
		t.Error("cancel:", status)
	}
}

// TestTwoDecideOnAWave: the second is told what is true now.
func TestTwoDecideOnAWave(t *testing.T) {
	s := newSite(t)
	s.season(t)
	staff, approver, supervisor := s.visit(t, "staff"), s.visit(t, "approver"), s.visit(t, "supervisor")
	for range 2 {
		if status, _, body := staff.submit("/waves/new?batch=A&when=at&at=2031-03-31T09:00&plan=1", "/waves", nil); status != http.StatusSeeOther {
			t.Fatal(status, body)
		}
	}
	approval := fields(t, approver.page("/waves/2031-001"), "/waves/2031-001/approve")
	if status, _, _ := supervisor.submit("/waves/2031-001", "/waves/2031-001/cancel", nil); status != http.StatusSeeOther {
		t.Fatal(status)
	}
	if status, _, body := approver.send("POST", "/waves/2031-001/approve", approval); status != http.StatusConflict || !strings.Contains(body, "cancelled") || strings.Contains(body, `action="/waves/2031-001/approve"`) {
		t.Errorf("approved after it was cancelled: %d\n%s", status, body)
	}
	cancel := fields(t, supervisor.page("/waves/2031-002"), "/waves/2031-002/cancel")
	if status, _, _ := approver.submit("/waves/2031-002", "/waves/2031-002/approve", nil); status != http.StatusSeeOther {
		t.Fatal(status)
	}
	if status, _, _ := supervisor.send("POST", "/waves/2031-002/cancel", cancel); status != http.StatusSeeOther {
		t.Errorf("what was approved can be cancelled until it ends: %d", status)
	}
	if w, err := s.store.Wave("2031-002"); err != nil || w.State != store.WaveCancelled {
		t.Error(w.State, err)
	}
}

// TestPlanThatChangedIsNotQueued: what is queued reaches as many groups as the plan that was looked at.
func TestPlanThatChangedIsNotQueued(t *testing.T) {
	s := newSite(t)
	s.season(t)
	staff := s.visit(t, "staff")
	f := fields(t, staff.page("/waves/new?batch=A&plan=1"), "/waves")
	if _, err := s.store.SetGroup("TM001", store.GroupOptedOut, "", "test"); err != nil {
		t.Fatal(err)
	}
	status, _, body := staff.send("POST", "/waves", f)
	if status != http.StatusConflict || !saysIn(body, "wave.other_groups", 3, 2) || fields(t, body, "/waves").Get("of") != "2" {
		t.Fatalf("%d\n%s", status, body)
	}
	if all, err := s.store.Waves(false); err != nil || len(all) != 0 {
		t.Error(len(all), err)
	}
	if status, _, body := staff.send("POST", "/waves", fields(t, body, "/waves")); status != http.StatusSeeOther {
		t.Error("the new plan cannot be queued:", status, body)
	}
}

// TestQueueingSendsWhereNobodyApproves: then it asks for the number.
func TestQueueingSendsWhereNobodyApproves(t *testing.T) {
	s := newSite(t)
	s.Config().SecondPerson = false
	s.season(t)
	staff := s.visit(t, "staff")
	const order = "/waves/new?batch=A&when=at&at=2031-03-31T09:00&plan=1"
	if status, _, body := staff.submit(order, "/waves", url.Values{"number": {"2"}}); status != http.StatusBadRequest || !saysIn(body, "page_waves.other_number", "2", 3) {
		t.Errorf("another number: %d\n%s", status, body)
	}
	if status, to, _ := staff.submit(order, "/waves", url.Values{"number": {" 3 "}}); status != http.StatusSeeOther || to != "/waves/2031-001" {
		t.Errorf("%d to %q", status, to)
	}
	if w, err := s.store.Wave("2031-001"); err != nil || w.State != store.WaveApproved {
		t.Error(w.State, err)
	}
}

// TestWavesWithinTheCounty: staff of a county plan for it alone, and others' waves are totals.
func TestWavesWithinTheCounty(t *testing.T) {
	s := newSite(t)
	s.season(t)
	if status, _, body := s.visit(t, "staff").submit("/waves/new?batch=A&groups=YJ001+TM001&plan=1", "/waves", nil); status != http.StatusSeeOther {
		t.Fatal(status, body)
	}
	all, err := s.store.Waves(false)
	if err != nil || len(all) != 1 {
		t.Fatal(len(all), err)
	}
	path := "/waves/" + all[0].ID
	s.inCounty(t, "staff", "tumen")
	staff := s.visit(t, "staff")
	page := staff.page("/waves/new?batch=A&plan=1")
	if strings.Contains(page, "YJ002") || strings.Contains(page, "河南街道") || strings.Contains(page, `name="county"`) || fields(t, page, "/waves").Get("of") != "1" {
		t.Error("staff of Tumen see or reach groups of Yanji:\n", page)
	}
	if status, _, body := staff.send("GET", "/waves/new?batch=A&county=yanji&plan=1", nil); status != http.StatusForbidden || !saysIn(body, "wave.other_county", "Yanji", "Tumen") {
		t.Error("a county in the address:", status)
	}
	page = staff.page(path)
	if strings.Contains(page, "YJ001") || !saysIn(page, "page_waves.only_totals") || strings.Contains(page, path+"/cancel") {
		t.Error("staff of a county see the groups of others, or may move their wave:\n", page)
	}
	if status, _, _ := staff.form("/waves/new?batch=A&plan=1", path+"/cancel", url.Values{}); status != http.StatusForbidden {
		t.Error("cancelled by another county:", status)
	}
	if page := staff.page("/waves/audience?group=&county="); !strings.Contains(page, "TM001") || strings.Contains(page, "YJ002") {
		t.Error(page)
	}
}

func TestOrderFormRefuses(t *testing.T) {
	s := newSite(t)
	s.season(t)
	staff := s.visit(t, "staff")
	for _, c := range []struct {
		why, query string
		status     int
		key        string
		args       []any
	}{
		{"no batch", "plan=1", 400, "page_waves.no_batch", nil},
		{"a time that is none", "plan=1&batch=A&when=at&at=soon", 400, "page_waves.no_time", nil},
		{"a set time without a time", "plan=1&batch=A&when=at", 400, "page_waves.no_time", nil},
		{"a time that is over", "plan=1&batch=A&when=at&at=2020-01-01T09:00", 400, "page_waves.past", nil},
		{"no day of the week", "plan=1&batch=A&when=weekly&clock=09:00", 400, "page_waves.no_day", nil},
		{"no time of day", "plan=1&batch=A&when=weekly&day=1&clock=9", 400, "page_waves.no_clock", nil},
		{"a day that no month has", "plan=1&batch=A&when=monthly&monthday=32&monthclock=09:00", 400, "page_waves.no_monthday", nil},
		{"no cron", "plan=1&batch=A&when=cron", 400, "page_waves.no_cron", nil},
		{"cron that is none", "plan=1&batch=A&when=cron&cron=Monday", 400, "broadcast.bad_cron", []any{"Monday"}},
		{"a hold that is no number", "plan=1&batch=A&hold=2m", 400, "page_waves.no_number", []any{words.T("page_waves.hold"), "2m"}},
		{"a hold longer than anybody waits", "plan=1&batch=A&hold=9999999999", 400, "page_waves.no_number", []any{words.T("page_waves.hold"), "9999999999"}},
		{"a group that is not registered", "plan=1&batch=A&groups=XX9", 404, "", nil},
		{"a batch that does not exist", "plan=1&batch=Z", 404, "store.no_batch", []any{"Z"}},
		{"another template", "plan=1&batch=A&template=nonsense", 422, "", nil},
	} {
		status, _, body := staff.send("GET", "/waves/new?"+c.query, nil)
		if status != c.status && c.why != "another template" || c.key != "" && !saysIn(body, c.key, c.args...) || strings.Contains(body, `action="/waves"`) {
			t.Errorf("%s: %d, want %d with %s\n%s", c.why, status, c.status, c.key, body)
		}
		if c.why == "a hold that is no number" && !strings.Contains(body, `value="2m"`) {
			t.Error("what was typed is gone")
		}
	}
	if status, _, body := staff.send("GET", "/waves/nonsense", nil); status != 404 || !strings.Contains(body, "nonsense") {
		t.Error(status)
	}
	if status, _, _ := s.visit(t, "approver").send("GET", "/waves/new", nil); status != http.StatusForbidden {
		t.Error("approvers prepare:", status)
	}
}

// TestRecurringWave queues one by the form's words for it, and has it approved.
func TestRecurringWave(t *testing.T) {
	s := newSite(t)
	s.season(t)
	staff := s.visit(t, "staff")
	status, to, body := staff.submit("/waves/new?batch=A&when=weekly&day=1&day=4&day=7&clock=09:30&plan=1", "/waves", nil)
	if status != http.StatusSeeOther || to != "/waves/schedules/S1" {
		t.Fatal(status, to, body)
	}
	if c, err := s.store.Schedule("S1"); err != nil || c.Cron != "30 9 * * 1,4,0" {
		t.Errorf("%q %v", c.Cron, err)
	}
	page := staff.page(to)
	if !strings.Contains(page, "every Mon, Thu, Sun at 09:30") || !saysIn(page, "page_waves.own_draft") {
		t.Error(page)
	}
	if list := staff.page("/waves"); !strings.Contains(list, "every Mon, Thu, Sun at 09:30") {
		t.Error(list)
	}
	approver := s.visit(t, "approver")
	if status, _, body := approver.submit(to, to+"/approve", nil); status != http.StatusSeeOther {
		t.Error(status, body)
	}
	if status, _, body := approver.submit(to, to+"/cancel", nil); status != http.StatusSeeOther {
		t.Error(status, body)
	}
	if status, _, body := approver.send("POST", to+"/approve", url.Values{"hash": {"x"}, formToken: {s.forms.give("approver")}}); status != http.StatusConflict || !strings.Contains(body, "cancelled") {
		t.Error("approved after it was cancelled:", status, body)
	}
}

func TestCronInWords(t *testing.T) {
	for _, c := range []struct{ spec, ko, en string }{
		{"30 9 * * 1-5", "매주 월, 화, 수, 목, 금 09:30", "every Mon, Tue, Wed, Thu, Fri at 09:30"},
		{"0 18 * * 0", "매주 일 18:00", "every Sun at 18:00"},
		{" 5  8 * * * ", "날마다 08:05", "every day at 08:05"},
		{"0 9 1 * *", "달마다 1일 09:00", "on day 1 of each month at 09:00"},
		{"0 9 * 3 1", "0 9 * 3 1", "0 9 * 3 1"}, // in March only: words that leave that out would lie
		{"*/5 9 * * *", "*/5 9 * * *", "*/5 9 * * *"},
		{"@daily", "@daily", "@daily"},
	} {
		if ko, en := cronText(words.Korean, c.spec), cronText(words.English, c.spec); ko != c.ko || en != c.en {
			t.Errorf("%s: %s · %s", c.spec, ko, en)
		}
	}
	for _, days := range [][]string{{"7"}, {"1", "2", "3", "4", "5", "6", "7"}, {"5", "1"}} {
		spec, err := weeklyCron(days, "07:05")
		if err != nil {
			t.Fatal(err)
		}
		if said := cronText(words.English, spec); said == spec {
			t.Errorf("%v becomes %s, which cannot be said", days, spec)
		}
	}
}

func TestCodesAsPeoplePasteThem(t *testing.T) {
	if d := cmp.Diff([]string{"YJ001", "TM2", "a", "b", "c"}, codes(" YJ001,TM2\r\na；b、\tc\u3000")); d != "" {
		t.Error(d)
	}
}

// TestLiveWave: the stream tells numbers, and has the page loaded anew when the state is no longer the page's.
func TestLiveWave(t *testing.T) {
	s := newSite(t)
	s.wave(t)
	all, err := s.store.Waves(false)
	if err != nil {
		t.Fatal(err)
	}
	w := all[0]
	v := s.visit(t, "staff")
	page := v.page("/waves/" + w.ID)
	if w.State == store.WaveFailures && strings.Contains(page, "hx-sse:connect") {
		t.Error("the page of a wave that ended stays live")
	}
	if strings.Contains(page, "<script>alert") {
		t.Error("a text is markup on the page")
	}
	read := func(state string) string {
		body, err := s.renderLive(w.ID, state)
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	if same := read(string(w.State) + ".sent"); !strings.Contains(same, "#wave-progress") || strings.Contains(same, "#wave-changed") {
		t.Error(same)
	}
	if other := read("running"); w.State != store.WaveRunning && !strings.Contains(other, "#wave-changed") {
		t.Error("a page that is out of date is not told:", other)
	}
}

// renderLive answers what the stream of a wave sends.
func (s *site) renderLive(id, state string) (string, error) {
	hr, err := http.NewRequest("GET", "/live/waves/"+id+"/"+state, nil)
	if err != nil {
		return "", err
	}
	hr.SetPathValue("id", id)
	hr.SetPathValue("phase", state)
	r := &request{Request: hr, Caller: api.Caller{Name: "x", Role: store.RoleStaff, Lang: words.English}}
	v, err := s.watchWave(r)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = s.pages[words.English].set.ExecuteTemplate(&b, "wave-live", &view{Lang: words.English, Data: v, forms: s.forms})
	return b.String(), err
}

// TestRetryAsksForTheNumber sends what failed again, and nothing when the number is another.
func TestRetryAsksForTheNumber(t *testing.T) {
	s := newSite(t)
	w := s.wave(t)
	d, err := s.store.Delivery(store.DeliveryID(w.ID, 1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.Resolve(d.Wave, d.Seq, store.Failed, "nobody saw it", "supervisor"); err != nil {
		t.Fatal(err)
	}
	staff, path := s.visit(t, "staff"), "/waves/"+w.ID
	if status, _, body := staff.submit(path, path+"/retry", url.Values{"number": {"3"}}); status != http.StatusBadRequest || !saysIn(body, "page_waves.other_number", "3", 1) {
		t.Error(status, body)
	}
	stale := fields(t, staff.page(path), path+"/retry")
	if status, to, body := staff.submit(path, path+"/retry", url.Values{"number": {"1"}}); status != http.StatusSeeOther || to != path {
		t.Error(status, body)
	}
	stale.Set("number", "1")
	if status, _, body := staff.send("POST", path+"/retry", stale); status != http.StatusConflict {
		t.Error("retried twice:", status, body)
	}
	if d, err := s.store.Delivery(store.DeliveryID(w.ID, 1)); err != nil || d.State != store.Planned {
		t.Error(d.State, err)
	}
}

// TestWavesList filters and pages by the address.
func TestWavesList(t *testing.T) {
	s := newSite(t)
	s.season(t)
	for i := range rowsShownNumber + 3 {
		at := time.Date(2031, 1, 1, 0, i, 0, 0, time.UTC)
		if _, _, err := s.store.AddWave(store.Wave{Schedule: "S1", At: at, Hash: "h", Plan: store.Plan{Batch: "A"}}, "staff"); err != nil {
			t.Fatal(err)
		}
	}
	v := s.visit(t, "staff")
	row := regexp.MustCompile(`<a class="code" href="/waves/(2031-[0-9]+)">`)
	ids := func(path string) (out []string) {
		for _, m := range row.FindAllStringSubmatch(v.page(path), -1) {
			out = append(out, m[1])
		}
		return out
	}
	first := ids("/waves")
	if len(first) != rowsShownNumber || first[0] != "2031-053" {
		t.Fatal(len(first), first)
	}
	m := regexp.MustCompile(`<a href="(/waves\?[^"]+)" rel="next">`).FindStringSubmatch(v.page("/waves?state=draft&who=STAFF"))
	if m == nil {
		t.Fatal("there is no next page")
	}
	next := strings.ReplaceAll(m[1], "&amp;", "&")
	if got := ids(next); !slices.Equal(got, []string{"2031-003", "2031-002", "2031-001"}) || !strings.Contains(next, "state=draft") {
		t.Error(next, got)
	}
	if got := ids("/waves?who=nobody"); len(got) != 0 {
		t.Error(got)
	}
	if status, _, body := v.send("GET", "/waves?state=nonsense", nil); status != 400 || !strings.Contains(body, "nonsense") {
		t.Error(status)
	}
}

// TestPostersOfAWave: a picture is answered only for the wave that sends it.
func TestPostersOfAWave(t *testing.T) {
	s := newSite(t)
	s.season(t)
	staff := s.visit(t, "staff")
	page := staff.page("/waves/new?batch=A&county=tumen&form=both&when=at&at=2031-03-31T09:00&plan=1")
	m := regexp.MustCompile(`src="(/waves/poster\?[^"]+)"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatal("the plan shows no poster:\n", page)
	}
	if status, h, body := staff.send("GET", strings.ReplaceAll(m[1], "&amp;", "&"), nil); status != 200 || h.Get("Content-Type") != "image/png" || !strings.HasPrefix(body, "\x89PNG") {
		t.Error(status, h)
	}
	if status, _, body := staff.send("POST", "/waves", fields(t, page, "/waves")); status != http.StatusSeeOther {
		t.Fatal(status, body)
	}
	m = regexp.MustCompile(`src="(/waves/2031-001/pictures/[0-9a-f]+)"`).FindStringSubmatch(staff.page("/waves/2031-001"))
	if m == nil {
		t.Fatal("the wave shows no poster")
	}
	if status, h, body := staff.send("GET", m[1], nil); status != 200 || h.Get("Content-Type") != "image/png" || !strings.HasPrefix(body, "\x89PNG") {
		t.Error(status, h)
	}
	if status, _, _ := staff.send("GET", "/waves/2031-001/pictures/"+strings.Repeat("0", 64), nil); status != 404 {
		t.Error(status)
	}
	s.inCounty(t, "supervisor", "yanji")
	if status, _, _ := s.visit(t, "supervisor").send("GET", m[1], nil); status != 404 {
		t.Error("another county's poster:", status)
	}
}

// TestWavesAsTheAPISaysThem: the page's own numbers are the API's.
func TestWavesAsTheAPISaysThem(t *testing.T) {
	s := newSite(t)
	w := s.wave(t)
	v := s.visit(t, "staff")
	_, _, body := v.send("GET", "/v1/waves/"+w.ID, nil)
	var d api.WaveDetail
	if err := json.Unmarshal([]byte(body), &d); err != nil {
		t.Fatal(err)
	}
	page := v.page("/waves/" + w.ID)
	for _, state := range store.States() {
		if n := d.Tally[state]; n > 0 && !strings.Contains(page, words.Say(words.English, "state."+state.String())+" "+number(n)) {
			t.Errorf("%s %d is not on the page", state, n)
		}
	}
}
