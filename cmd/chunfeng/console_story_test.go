package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"chunfeng/bot/wxsim"
	"chunfeng/cmd/chunfeng/api"
	"chunfeng/cmd/chunfeng/console/consoletest"
	"chunfeng/examples"
	"chunfeng/store"
)

// enter uses a one-time link as the person who got it: chooses a password, and a name where it is the first person.
func (s *season) enter(t testing.TB, link string, fields ...string) *consoletest.Tab {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil || !strings.HasPrefix(link, s.url+"/link/") {
		t.Fatalf("%q is no link of %s", link, s.url)
	}
	p := consoletest.Open(t, s.url, consoletest.Options{})
	p.Go(u.Path)
	for i := 0; i+1 < len(fields); i += 2 {
		p.Fill("main [name="+fields[i]+"]", fields[i+1])
	}
	p.Fill("main [name=password]", phrase)
	p.Fill("main [name=again]", phrase)
	p.Follow("main form button")
	if p.URL() != "/" {
		t.Fatalf("the link leads to %s", p.URL())
	}
	return p
}

// invites has an administrator add a person, and answers that person's own window.
func (s *season) invites(t testing.TB, admin *consoletest.Tab, name, label string, role store.Role) *consoletest.Tab {
	t.Helper()
	admin.Go("/people")
	admin.Fill(`form[action="/people"] [name=name]`, name)
	admin.Fill(`form[action="/people"] [name=label]`, label)
	admin.Choose(`form[action="/people"] [name=role]`, string(role))
	admin.Follow(`form[action="/people"] button`)
	p := s.enter(t, admin.Text("[role=status] .code"))
	p.WaitText(".who", label)
	return p
}

// TestConsoleStory is a season as the bureau's people live it in their browsers: the first administrator lets a clerk, an
// approver and a supervisor in; a workbook becomes a wave that a second person approves; it goes out before their eyes; one
// message's fate is not known and a person decides it; a resident's number is looked up and handed over on the record; and
// the last wave is stopped while it runs.
func TestConsoleStory(t *testing.T) {
	needBrowser(t)
	s := newSeason(t, 24, 2)
	first, err := s.app.firstLink()
	if err != nil {
		t.Fatal(err)
	}
	admin := s.enter(t, first, "name", "cui-yinghua", "label", "崔英花")
	spent := consoletest.Open(t, s.url, consoletest.Options{})
	spent.Expect(http.StatusNotFound)
	spent.Go(strings.TrimPrefix(first, s.url)) // a link is good once
	clerk := s.invites(t, admin, "kim-sonhui", "김선희", store.RoleStaff)
	approver := s.invites(t, admin, "li-weidong", "李卫东", store.RoleApprover)
	supervisor := s.invites(t, admin, "piao-chengji", "朴成基", store.RoleSupervisor)

	wave := s.sendsFirst(t, clerk, approver)
	s.decides(t, clerk, supervisor, wave)
	s.calls(t, clerk, supervisor)
	s.stops(t, clerk, approver, supervisor)
}

// batch has a clerk hand a workbook in, see what was found in it before anything is kept, look at what a group would read,
// and has the approver approve it.
func (s *season) batch(t testing.TB, clerk, approver *consoletest.Tab) {
	t.Helper()
	data, err := examples.FS.ReadFile(examples.Batch1)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "봄철 초빙.xlsx")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	clerk.Go("/")
	clerk.Follow(`nav.main a[href="/batches"]`)
	clerk.Upload(`form[action="/batches"] [name=file]`, file)
	clerk.Follow(`form[action="/batches"] button`)
	for id, n := range map[string]int{"#found-employers": examples.Batch1Employers, "#found-vacancies": examples.Batch1Vacancies} {
		if got := clerk.Text(id); got != fmt.Sprint(n) {
			t.Errorf("the report says %s: %s, not %d", id, got, n)
		}
	}
	if kept := ask[[]api.Batch](t, s, "/v1/batches", nil); len(kept) != 0 {
		t.Fatalf("%v is kept before it was confirmed", kept)
	}
	clerk.Fill(`form[action="/batches/check"] [name=employers]`, fmt.Sprint(examples.Batch1Employers))
	clerk.Fill(`form[action="/batches/check"] [name=vacancies]`, fmt.Sprint(examples.Batch1Vacancies))
	clerk.Follow(`form[action="/batches/check"] button`)
	if clerk.URL() != "/batches/A" || clerk.Count(`form[action="/batches/A/approve"]`) != 0 {
		t.Errorf("confirming leads to %s, where the clerk is offered to approve", clerk.URL())
	}
	group := s.world.groups[3]
	clerk.Go("/batches/A/preview")
	clerk.Fill("[name=find]", group.Code)
	clerk.Follow("form.filters button")
	clerk.Follow(`a[href*="group=` + group.Code + `"]`)
	clerk.WaitText("main", group.Name)
	clerk.WaitText(".bubble", "A0") // the codes of its vacancies

	approver.Go("/batches")
	approver.Follow(`td.code a[href="/batches/A"]`)
	approver.Follow(`form[action="/batches/A/approve"] button`)
	approver.WaitText("h1", say("state.approved"))
}

// queues has a clerk choose whom a batch is told to, look at the plan and queue it; and answers the wave's id.
func (s *season) queues(t testing.TB, clerk *consoletest.Tab, batch string) string {
	t.Helper()
	clerk.Go("/waves")
	clerk.Follow(`a[href="/waves/new"]`)
	clerk.Choose("#order [name=batch]", batch)
	clerk.WaitText("#audience .big", fmt.Sprint(s.o.groups))
	clerk.Follow("#order button[name=plan]")
	clerk.WaitText("#plan", say("page_waves.of_groups", fmt.Sprint(s.o.groups)))
	clerk.Follow(`form[action="/waves"][method=post] button`)
	id := strings.TrimPrefix(clerk.URL(), "/waves/")
	if w, err := s.app.store.Wave(id); err != nil || w.State != store.WaveDraft {
		t.Fatalf("queueing leads to %s, where the wave is %q (%v)", clerk.URL(), w.State, err)
	}
	return id
}

// approves has the approver find on the first page what waits for them, and approve it as it stands there.
func (s *season) approves(t testing.TB, approver *consoletest.Tab, id string) {
	t.Helper()
	approver.Go("/")
	approver.Follow(`#today-needs a[href="/waves/` + id + `"]`)
	approver.Follow(`form[action="/waves/` + id + `/approve"] button`)
	if w, err := s.app.store.Wave(id); err != nil || w.ApprovedBy != demoApprover {
		t.Fatalf("%s is approved by %q (%v)", id, w.ApprovedBy, err)
	}
}

// sendsFirst brings the first wave out, from the workbook to the last group, and answers its id.
func (s *season) sendsFirst(t testing.TB, clerk, approver *consoletest.Tab) string {
	t.Helper()
	for name, p := range map[string]wxsim.Params{
		"send.slow": {"delay": "200ms", "when": "before"},
		// The answer to an account's first message is lost on the way; a later one may be an answer to a resident.
		"send.cut_after": {"account": accountName(1), "times": 1},
	} {
		if err := s.world.sim.Fault(name, p); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.world.prepare(1); err != nil {
		t.Fatal(err)
	}
	s.batch(t, clerk, approver)
	id := s.queues(t, clerk, "A")

	// Who queued it cannot approve it: the page offers nothing to the clerk, a forged form is refused for the role, and the
	// ledger refuses the same person whatever role that person has by then.
	approve := "/waves/" + id + "/approve"
	if clerk.Count(`form[action="`+approve+`"]`) != 0 {
		t.Error("the clerk is offered to approve their own wave")
	}
	clerk.Expect(http.StatusForbidden)
	var status int
	clerk.Eval(fmt.Sprintf(`fetch(%q, {method: "POST", body: new URLSearchParams({once: document.querySelector("[name=once]").value, hash: ""})}).then(r => r.status)`, approve), &status)
	w, err := s.app.store.Wave(id)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.clerk.post(t.Context(), "/v1"+approve, nil, map[string]string{"hash": w.Hash}, nil); err == nil || status != http.StatusForbidden {
		t.Errorf("the same person approves: %v, and by a forged form: %d", err, status)
	}
	if w, err = s.app.store.Wave(id); err != nil || w.State != store.WaveDraft || w.ApprovedBy != "" {
		t.Fatalf("the wave is %s, approved by %q (%v)", w.State, w.ApprovedBy, err)
	}

	// The clerk waits on the first page, which is never loaded again.
	clerk.Go("/")
	clerk.Eval("window.since = []; window.sameWindow = true", nil)
	clerk.Eval(`(new MutationObserver(() => { const e = document.querySelector("#today-waves progress"); if (e && since[since.length - 1] !== e.value) since.push(e.value); }))
		.observe(document.querySelector("#today-waves"), {subtree: true, childList: true, attributes: true}); 0`, nil)
	s.approves(t, approver, id)
	clerk.WaitText("#today-waves", id)
	clerk.WaitText("#today-waves", say("state."+string(store.WaveFailures)))
	clerk.WaitText("#today-needs", say("page_today.what_unknown"))
	var seen []float64
	clerk.Eval("window.sameWindow && since", &seen)
	if len(seen) < 2 || seen[len(seen)-1] != float64(s.o.groups) {
		t.Errorf("the clerk saw the wave at %v of %d", seen, s.o.groups)
	}
	return id
}

// decides finds one group in the log, and has a supervisor decide the message whose fate is not known.
func (s *season) decides(t testing.TB, clerk, supervisor *consoletest.Tab, wave string) {
	t.Helper()
	group := s.world.groups[7]
	clerk.Go("/log")
	clerk.Choose(`form[action="/log"] [name=wave]`, wave)
	clerk.Fill(`form[action="/log"] [name=group]`, group.Code)
	clerk.Follow(`form[action="/log"] button`)
	if n := clerk.Count("main tbody tr"); n != 1 {
		t.Fatalf("the log shows %d messages to %s", n, group.Code)
	}
	clerk.Follow("main tbody td.code a")
	clerk.WaitText("main", group.Name)
	arrived := s.world.sim.Group(group.Code)
	if text := clerk.Text(".bubble"); !arrivedIn(s.world.sim.Arrivals(), arrived.ID(), text) {
		t.Errorf("the log shows %q, which did not arrive in %s", text, group.Code)
	}

	clerk.Go("/")
	clerk.Follow(`#today-needs a[href*="state=unknown"]`)
	clerk.Follow("main tbody td.code a")
	if clerk.Count("input[name=as]") != 0 {
		t.Error("a clerk is offered to decide what is not known")
	}
	address := clerk.URL() // sent to the supervisor, say
	supervisor.Go(address)
	supervisor.WaitText("main", say("state.unknown"))
	supervisor.Click("input[name=as][value=sent]")
	supervisor.Fill("input[name=why]", "seen in the group <b>")
	supervisor.Follow(`form[action="` + address + `"] button`)
	supervisor.WaitText("h1", say("state.sent"))
	supervisor.WaitText("main", "seen in the group <b>")
}

// arrivedIn tells whether a text arrived in a group, line ends aside.
func arrivedIn(all []wxsim.Arrival, group, text string) bool {
	for _, a := range all {
		if a.Group == group && strings.TrimSpace(a.Text) == text {
			return true
		}
	}
	return false
}

// calls has the clerk look a resident's number up and hand the applicants over, both for a purpose that stays on record.
func (s *season) calls(t testing.TB, clerk, supervisor *consoletest.Tab) {
	t.Helper()
	signups := ask[[]api.Signup](t, s, "/v1/signups", nil)
	if len(signups) == 0 {
		t.Fatal("nobody signed up")
	}
	kept, err := s.app.store.Signup(signups[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	national := kept.Phone.RevealNational()

	clerk.Go("/signups")
	clerk.Follow(`a[href="/signups/` + kept.ID + `"]`)
	if text := clerk.Text("main"); strings.Contains(text, national) {
		t.Errorf("a number is shown to whoever opens %s", kept.ID)
	}
	clerk.Fill("main [name=purpose]", "to call about A001 = first")
	clerk.Follow(`form[action="/signups/` + kept.ID + `/reveal"] button`)
	if got := digits(clerk.Text("#phone")); !strings.HasSuffix(got, digits(national)) {
		t.Errorf("the number is shown as %s", got)
	}
	clerk.Go("/signups/" + kept.ID)
	if text := clerk.Text("#phone"); digits(text) == digits(national) {
		t.Error("the number stays open after it was looked up")
	}

	clerk.Go("/signups")
	clerk.Fill(`form[action="/signups/export"] [name=recipient]`, "해란강식당")
	clerk.Fill(`form[action="/signups/export"] [name=purpose]`, "=for the employer")
	name, file := clerk.Download(func() { clerk.Click(`form[action="/signups/export"] button[value=xlsx]`) })
	book, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatalf("%s is no workbook: %v", name, err)
	}
	defer book.Close()
	found := false
	for _, sheet := range book.GetSheetList() {
		rows, err := book.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for _, cell := range row {
				found = found || strings.HasSuffix(digits(cell), digits(national))
			}
		}
	}
	if !found || !strings.HasSuffix(name, ".xlsx") {
		t.Errorf("%s does not hold %s", name, kept.Phone)
	}

	supervisor.Go("/audit")
	for _, want := range []string{"kim-sonhui", "to call about A001 = first", "=for the employer"} {
		supervisor.WaitText("main", want)
	}
	if text := supervisor.Text("main"); strings.Contains(digits(text), digits(national)) {
		t.Error("the audit trail tells the number")
	}
}

// digits is what of a text are digits.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// stops has a wave stopped while it runs: the red button asks how many groups are meant, and takes no other number.
func (s *season) stops(t testing.TB, clerk, approver, supervisor *consoletest.Tab) {
	t.Helper()
	if err := s.world.sim.Fault("send.slow", wxsim.Params{"delay": "2s", "when": "before"}); err != nil {
		t.Fatal(err)
	}
	id := s.queues(t, clerk, "A")
	s.approves(t, approver, id)
	clerk.Go("/")
	clerk.WaitText("#today-waves", id)
	clerk.WaitText("#today-waves", say("state.running"))
	clerk.Follow(`form[action="/stop"] button`)
	clerk.Fill("main [name=number]", "3")
	clerk.Expect(http.StatusBadRequest)
	clerk.Follow("main form[method=post] button")
	if w, err := s.app.store.Wave(id); err != nil || w.State != store.WaveRunning {
		t.Fatalf("with a wrong number the wave is %s (%v)", w.State, err)
	}
	clerk.WaitText("[role=alert]", "3")
	clerk.Fill("main [name=number]", digits(clerk.Text("main form[method=post] label"))) // as it stands there
	clerk.Follow("main form[method=post] button")
	clerk.WaitText("[role=status]", id)
	w, err := s.app.store.Wave(id)
	if err != nil || w.State != store.WavePaused || w.Counts[store.Planned] == 0 {
		t.Errorf("the wave is %s with %v (%v)", w.State, w.Counts, err)
	}
	supervisor.Go("/")
	supervisor.WaitText("#today-needs", id)
}

// TestConsoleWithoutScripts signs in, queues, approves and reads the log in browsers that run no script.
func TestConsoleWithoutScripts(t *testing.T) {
	needBrowser(t)
	s := newSeason(t, 6, 1)
	s.person(t, api.NewUser{Name: demoClerk, Label: "김선희", Role: store.RoleStaff})
	s.person(t, api.NewUser{Name: demoApprover, Label: "李卫东", Role: store.RoleApprover})
	s.hasBatch(t)
	clerk := s.sit(t, demoClerk, consoletest.Options{NoScript: true, Width: 360, Height: 740})
	approver := s.sit(t, demoApprover, consoletest.Options{NoScript: true})
	id := s.queues(t, clerk, "A")
	s.approves(t, approver, id)
	if err := s.until(t.Context(), 20*time.Second, "wave", func() (bool, error) {
		w, err := s.app.store.Wave(id)
		return w.State == store.WaveFinished, err
	}); err != nil {
		t.Fatal(err)
	}
	clerk.Go("/")
	clerk.WaitText("#today-waves", id)
	clerk.Follow(`nav.main a[href="/log"]`)
	clerk.Choose(`form[action="/log"] [name=state]`, "sent")
	clerk.Follow(`form[action="/log"] button`)
	if n := clerk.Count("main tbody tr"); n != s.o.groups {
		t.Errorf("the log shows %d messages", n)
	}
	clerk.Follow("main tbody tr:first-child td.code a")
	clerk.WaitText(".bubble", "A0") // the codes of the vacancies
}
