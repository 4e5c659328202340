package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"chunfeng/bot/phone"
	"chunfeng/store"
)

// hears keeps a message of a group as an account took it, and answers its number.
func (s *site) hears(t testing.TB, group uint32, text string) uint64 {
	t.Helper()
	if _, err := s.store.StartSession("a01", "e1", 7, "a01"); err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("@@%d", group)
	if err := s.store.Bind("a01", "e1", store.Binding{Account: "a01", Epoch: "e1", Group: group, UserName: name, Name: "x", Evidence: "name", State: store.Bound}); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(map[string]any{"MsgId": fmt.Sprintf("m%s", text), "FromUserName": name, "ToUserName": "@me", "MsgType": 1, "Content": "@member:<br/>" + text})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.Receive("a01", "e1", []store.Inbound{{MsgID: "m" + text, UserName: name, Raw: raw}}, []byte("cursor")); err != nil {
		t.Fatal(err)
	}
	all, err := s.store.Replies(false, 0, 1)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	return all[0].Number
}

// signs signs somebody up by a message.
func (s *site) signs(t testing.TB, group uint32, text, number string) store.Signup {
	t.Helper()
	n := s.hears(t, group, text)
	p, err := phone.Parse(number)
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := s.store.Register(n, store.Disposition{State: store.ReplyDone, Intent: "signup", Group: group, Sender: "@member", Signups: []store.Signup{{Group: group, Name: "김<i>금화</i>", Phone: p}}})
	if err != nil || len(fresh) != 1 {
		t.Fatal(fresh, err)
	}
	return fresh[0]
}

func TestSignups(t *testing.T) {
	s := newSite(t)
	s.wave(t)
	first := s.signs(t, 1, "A001 13844331234 <b>금화</b>", "13844331234")
	second := s.signs(t, 2, "A001 13944335678", "13944335678")
	staff := s.visit(t, "staff")
	page := staff.page("/signups")
	for _, want := range []string{first.ID, second.ID, "138****1234", "김&lt;i&gt;금화&lt;/i&gt;"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not in the list", want)
		}
	}
	if page := staff.page("/signups?county=tumen"); strings.Contains(page, first.ID+"<") || !strings.Contains(page, second.ID+"<") {
		t.Error("the filter by county")
	}
	path := "/signups/" + first.ID
	page = staff.page(path)
	if strings.Contains(page, "13844331234") || !strings.Contains(page, "138****1234 &lt;b&gt;금화&lt;/b&gt;") {
		t.Error("the message is not shown, or its number is:\n", page)
	}
	if status, _, body := staff.form(path, path+"/reveal", url.Values{"purpose": {" "}}); status != 400 || strings.Contains(body, "13844331234") {
		t.Error("a number without a purpose:", status)
	}
	status, h, body := staff.form(path, path+"/reveal", url.Values{"purpose": {"call about A001"}})
	if status != 200 || !strings.Contains(body, "13844331234") || h.Get("Cache-Control") != "no-store" {
		t.Error("the number with a purpose:", status, h)
	}
	status, h, body = staff.form("/signups?county=yanji", "/signups/export", url.Values{"county": {"yanji"}, "purpose": {"interview"}, "recipient": {"해란강식당"}, "form": {"csv"}})
	if status != 200 || !strings.Contains(body, "13844331234") || strings.Contains(body, "13944335678") || !strings.Contains(h.Get("Content-Disposition"), "attachment") {
		t.Errorf("the export: %d\n%s", status, body)
	}
	if status, h, body := staff.form("/signups", "/signups/export", url.Values{"form": {"csv"}}); status != 400 || h.Get("Content-Disposition") != "" || strings.Contains(body, "13844331234") {
		t.Error("an export without a purpose:", status)
	}
	events, err := s.store.Events(store.EventFilter{Limit: 3})
	if err != nil || !strings.Contains(fmt.Sprint(events), "interview → 해란강식당 (1)") || !strings.Contains(fmt.Sprint(events), "call about A001") {
		t.Errorf("the audit trail says %+v: %v", events, err)
	}
	approver := s.visit(t, "approver")
	for _, action := range []string{path + "/reveal", "/signups/export", path + "/status"} {
		if status, _, _ := approver.form("/me", action, url.Values{"purpose": {"x"}, "form": {"csv"}, "status": {"called"}}); status != http.StatusForbidden {
			t.Errorf("an approver may %s: %d", action, status)
		}
	}
	if status, _, body := staff.form(path, path+"/status", url.Values{"status": {"called"}, "note": {"comes on Monday"}}); status != 303 {
		t.Fatal(status, body)
	}
	if page := staff.page(path); !strings.Contains(page, "comes on Monday") {
		t.Error("the note is not shown")
	}
	if _, err := s.store.ChangeUser("staff", "test", "user.county", func(u *store.User) error { u.County = "tumen"; return nil }); err != nil {
		t.Fatal(err)
	}
	staff = s.visit(t, "staff")
	if page := staff.page("/signups"); strings.Contains(page, first.ID+"<") || !strings.Contains(page, second.ID+"<") {
		t.Error("staff of a county see others' sign-ups")
	}
	for _, path := range []string{path, "/review/R1", "/v1/signups/" + first.ID} {
		if status, _, _ := staff.send("GET", path, nil); status != 404 {
			t.Errorf("%s of another county: %d", path, status)
		}
	}
	if status, _, body := staff.form("/me", "/signups/export", url.Values{"purpose": {"x"}, "form": {"csv"}}); status != 200 || strings.Contains(body, "13844331234") {
		t.Error("the export shows another county's number:", status)
	}
}

func TestReview(t *testing.T) {
	s := newSite(t)
	s.wave(t)
	doubt := func(group uint32, text string) string {
		n := s.hears(t, group, text)
		if _, err := s.store.Register(n, store.Disposition{State: store.ReplyReview, Intent: "signup", Review: "number_doubtful", Group: group, Sender: "@m"}); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("R%d", n)
	}
	one, two := doubt(1, "13844331234 <u>맞습니다</u>"), doubt(2, "가격이 얼마입니까")
	staff := s.visit(t, "staff")
	page := staff.page("/review")
	if !strings.Contains(page, one) || !strings.Contains(page, two) || strings.Contains(page, "13844331234") || !strings.Contains(page, "&lt;u&gt;맞습니다") {
		t.Error("the queue:\n", page)
	}
	token := tokenField.FindStringSubmatch(page)[1]
	status, _, body := staff.send("POST", "/review/"+two, url.Values{"as": {"noise"}, formToken: {token}}, "HX-Request", "true")
	if status != 200 || strings.Contains(body, "<html") || !strings.Contains(body, two) {
		t.Errorf("a decision with one key: %d %s", status, body)
	}
	if status, _, body := staff.form("/review", "/review/"+one, url.Values{"as": {"signup"}, "phone": {"13844331234"}, "name": {"금화"}, "to": {"/review"}}); status != 303 {
		t.Error(status, body)
	}
	if status, _, _ := staff.form("/me", "/review/"+one, url.Values{"as": {"noise"}}); status != 409 {
		t.Error("what somebody decided is decided again:", status)
	}
	if page := staff.page("/review"); strings.Contains(page, "reply-R") {
		t.Error("the queue still holds what was decided")
	}
	if page := staff.page("/signups"); !strings.Contains(page, "138****1234") {
		t.Error("the decision made no sign-up")
	}
	if status, _, _ := s.visit(t, "approver").send("GET", "/review", nil); status != 403 {
		t.Error("an approver reads the queue:", status)
	}
}
