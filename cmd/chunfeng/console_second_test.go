package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/pquerna/otp/totp"
	"rsc.io/qr"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/cmd/chunfeng/console/consoletest"
	"chunfeng/store"
)

// telephone is what a person has besides the password: the secret in the telephone, and the spare codes on paper.
type telephone struct {
	name, secret string
	first        string // the code by which it was set up
	spare        []string
}

// shows is the code that it shows so many half minutes from now. Each is taken once, and the next one already is: so the story
// goes on without anybody waiting.
func (p telephone) shows(t testing.TB, ahead int) string {
	t.Helper()
	code, err := totp.GenerateCode(p.secret, time.Now().Add(time.Duration(ahead)*30*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// enrols uses a one-time link, sets a telephone up as the page says, and writes the spare codes down.
func (s *season) enrols(t testing.TB, link, name string, fields ...string) (*consoletest.Tab, telephone) {
	t.Helper()
	p := consoletest.Open(t, s.url, consoletest.Options{})
	p.Go(strings.TrimPrefix(link, s.url))
	for i := 0; i+1 < len(fields); i += 2 {
		p.Fill("main [name="+fields[i]+"]", fields[i+1])
	}
	p.Fill("main [name=password]", phrase)
	p.Fill("main [name=again]", phrase)
	p.Follow("main form button")
	if p.URL() != "/second" || p.Count("nav.main") != 0 {
		t.Fatalf("by password alone the link leads to %s", p.URL())
	}
	p.Axe()
	var wide int
	p.Eval(`(i => i.complete ? i.naturalWidth : 0)(document.querySelector("main img"))`, &wide)
	p.Click("main details summary")
	phone := telephone{name: name, secret: strings.ReplaceAll(p.Text("main details .code"), " ", "")}
	address, err := api.SecondAddress(name, phone.secret)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := qr.Encode(address, qr.M)
	if err != nil {
		t.Fatal(err)
	}
	picture.Scale = 5
	if _, media, _, b := p.Fetch("/second/code.png"); wide < 200 || media != "image/png" || !bytes.Equal(b, picture.PNG()) {
		t.Errorf("the picture, %d wide and %s, is not of the secret below it", wide, media)
	}
	phone.first = phone.shows(t, 0)
	p.Fill("main [name=code]", phone.first)
	p.Follow("main form button")
	phone.spare = strings.Fields(p.Text("main ul.code"))
	if len(phone.spare) != 10 {
		t.Fatalf("the spare codes are %q", phone.spare)
	}
	p.Axe()
	p.Follow("main a[role=button]")
	if p.URL() != "/" || p.Count("nav.main") == 0 {
		t.Fatalf("with a telephone the way leads to %s", p.URL())
	}
	return p, phone
}

// waits has a person's code be so much older, as if nobody had touched the browser for so long.
func (s *season) waits(t testing.TB, name string, by time.Duration) {
	t.Helper()
	all, err := s.app.store.WebSessions(name, time.Now())
	if err != nil || len(all) != 1 {
		t.Fatal(len(all), err)
	}
	one, _, found, err := s.app.store.WebSession(all[0].Key, time.Now())
	if err != nil || !found {
		t.Fatal(found, err)
	}
	var kept struct {
		Until  time.Time         `json:"until"`
		Values map[string]string `json:"values"`
	}
	if err := json.Unmarshal(one.Data, &kept); err != nil {
		t.Fatal(err)
	}
	given, err := time.Parse(time.RFC3339Nano, kept.Values["second"])
	if err != nil {
		t.Fatal(err)
	}
	kept.Values["second"] = given.Add(-by).Format(time.RFC3339Nano)
	if one.Data, err = json.Marshal(kept); err != nil {
		t.Fatal(err)
	}
	if err := s.app.store.SaveWebSession(one); err != nil {
		t.Fatal(err)
	}
}

// TestConsoleSecondFactor is a morning with the second factor on: the first administrator and two others set their telephones
// up; one signs in anew, mistypes, and approves a wave a quarter of an hour later with a spare code; the other looks a
// resident's number up with a code of the telephone. None of them types anything twice.
func TestConsoleSecondFactor(t *testing.T) {
	needBrowser(t)
	s := newSeason(t, 12, 1, "CHUNFENG_CONSOLE__SECOND_FACTOR=required")
	s.hasBatch(t)
	first, err := s.app.firstLink()
	if err != nil {
		t.Fatal(err)
	}
	admin, _ := s.enrols(t, first, "cui-yinghua", "name", "cui-yinghua", "label", "崔英花")
	invited := func(name, label string, role store.Role) (*consoletest.Tab, telephone) {
		admin.Go("/people")
		admin.Fill(`form[action="/people"] [name=name]`, name)
		admin.Fill(`form[action="/people"] [name=label]`, label)
		admin.Choose(`form[action="/people"] [name=role]`, string(role))
		admin.Follow(`form[action="/people"] button`)
		return s.enrols(t, admin.Text("[role=status] .code"), name)
	}
	approver, lis := invited(demoApprover, "李卫东", store.RoleApprover)
	clerk, kims := invited("kim-sonhui", "김선희", store.RoleStaff)

	// Out and in again: a code that was taken, a wrong one, and the next one.
	approver.Follow(`form[action="/sign-out"] button`)
	approver.Go("/waves")
	approver.Fill("[name=name]", demoApprover)
	approver.Fill("[name=password]", phrase)
	approver.Follow("main form button")
	for _, bad := range []string{lis.first, "000000"} {
		approver.Fill("main [name=code]", bad)
		approver.Expect(http.StatusUnauthorized)
		approver.Follow("main form button")
		approver.WaitText("[role=alert]", say("second.wrong"))
	}
	approver.Type(lis.shows(t, 1)) // the field has the focus
	approver.Leads(func() { approver.Press(kb.Enter) })
	if approver.URL() != "/waves" {
		t.Errorf("the code leads to %s", approver.URL())
	}

	// A wave waits for long enough. The form has a field for a code; with a wrong one a page asks for it alone.
	if err := s.world.prepare(1); err != nil {
		t.Fatal(err)
	}
	var w api.Wave
	if err := s.clerk.post(t.Context(), "/v1/waves", nil, map[string]any{"batch": "A"}, &w); err != nil {
		t.Fatal(err)
	}
	s.waits(t, demoApprover, api.FreshFor)
	approver.Go("/waves/" + w.ID)
	approver.Axe()
	approver.Fill("main [name=fresh]", "111111")
	approver.Expect(http.StatusUnauthorized)
	approver.Leads(func() { approver.Press(kb.Enter) })
	approver.WaitText("h1", say("second.again_title"))
	approver.WaitText("[role=alert]", say("second.wrong"))
	approver.Axe()
	approver.Fits()
	if got, err := s.app.store.Wave(w.ID); err != nil || got.State != store.WaveDraft {
		t.Fatalf("the wave is %s (%v)", got.State, err)
	}
	approver.Type(strings.ToLower(lis.spare[4]))
	approver.Leads(func() { approver.Press(kb.Enter) })
	if got, err := s.app.store.Wave(w.ID); err != nil || got.ApprovedBy != demoApprover || approver.URL() != "/waves/"+w.ID {
		t.Fatalf("the wave is approved by %q (%v), and the page is %s", got.ApprovedBy, err, approver.URL())
	}
	approver.WaitText("[role=status]", say("second.spare_used", 9))

	// A resident answers, and the clerk's code has become old while the page was open.
	if err := s.until(t.Context(), 20*time.Second, "sign-up", func() (bool, error) {
		return len(ask[[]api.Signup](t, s, "/v1/signups", nil)) > 0, nil
	}); err != nil {
		t.Fatal(err)
	}
	kept, err := s.app.store.Signup(ask[[]api.Signup](t, s, "/v1/signups", nil)[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	number := digits(kept.Phone.RevealNational())
	clerk.Go("/signups/" + kept.ID)
	s.waits(t, "kim-sonhui", api.FreshFor)
	if clerk.Count("main [name=fresh]") != 0 {
		t.Error("the page asks for a code before it is old")
	}
	clerk.Fill("main [name=purpose]", "to call \"about\" A001 <b>")
	clerk.Expect(http.StatusUnauthorized)
	clerk.Leads(func() { clerk.Press(kb.Enter) })
	clerk.WaitText("h1", say("second.again_title"))
	clerk.Axe()
	clerk.TabTo("main form a") // the way out is reached, and the way back to the field
	clerk.Fill("main [name=fresh]", kims.shows(t, 1))
	clerk.Leads(func() { clerk.Press(kb.Enter) })
	if got := digits(clerk.Text("#phone")); got != number {
		t.Errorf("the number is shown as %s", got)
	}
	shown, err := s.app.store.Shown(kept.Number)
	if err != nil || len(shown) != 1 || shown[0].Who != "kim-sonhui" || shown[0].Detail != "to call \"about\" A001 <b>" {
		t.Errorf("the trail: %+v (%v)", shown, err)
	}
}
