package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"chunfeng/store"
)

func TestDoubtfulPages(t *testing.T) {
	s := newSite(t)
	s.registry(t)
	v, staff := s.visit(t, "supervisor"), s.visit(t, "staff")
	page := v.page("/groups/doubtful")
	for _, want := range []string{"화룡시 문화가두 취업방 2", "화룡&lt;b&gt;방&lt;/b&gt;", "88 members", `value="@@c2"`, "2 chats have this name", "HL002-"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if strings.Contains(page, "<b>방") {
		t.Error("a chat's name is markup")
	}
	if page := staff.page("/groups/doubtful"); !strings.Contains(page, "화룡&lt;b&gt;방") || strings.Contains(page, `name="why"`) {
		t.Error("staff do not see both sides, or are offered a decision that is not theirs")
	}
	if status, _, _ := staff.send("GET", "/groups/chats/HL002", nil); status != http.StatusForbidden {
		t.Error("staff see all chats of an account:", status)
	}
	decide := func(v *visitor, code string, form url.Values, status int, want string) {
		t.Helper()
		form.Set("from", "doubtful")
		got, h, body := v.form("/groups/doubtful", "/groups/chats/"+code+"/a01", form)
		if got == http.StatusSeeOther {
			body = v.page(h.Get("Location"))
		}
		if got != status || !strings.Contains(body, want) {
			t.Errorf("%s: %d, want %d with %q\n%s", code, got, status, want, body)
		}
	}
	decide(v, "HC009", url.Values{"as": {"bound"}, "why": {"I looked <i>"}}, 400, `value="I looked &lt;i&gt;"`)
	decide(v, "HC009", url.Values{"as": {"bound"}, "chat": {"@@c3"}, "why": {" "}}, 400, `value="@@c3" checked`)
	other := tokenField.FindStringSubmatch(v.page("/groups/doubtful"))[1]
	decide(v, "HC009", url.Values{"as": {"bound"}, "chat": {"@@c3"}, "why": {"its owner said so"}}, 303, "HC009 is bound to its chat in a01")
	if status, _, body := v.send("POST", "/groups/chats/HC009/a01", url.Values{"as": {"bound"}, "chat": {"@@c2"}, "why": {"late"}, "from": {"doubtful"}, formToken: {other}}); status != http.StatusConflict || !strings.Contains(body, "is bound to the chat") {
		t.Error("a second decision is taken:", status)
	}
	decide(v, "HL002", url.Values{"as": {"gone"}, "chat": {"@@c1"}, "why": {"another county's"}}, 303, "HL002 is not that chat of a01")
	if page := v.page("/groups/HC009"); !strings.Contains(page, "its owner said so") || !strings.Contains(page, "can be reached") {
		t.Error("the decision is not shown on the group's page")
	}
	// A group that no account saw gets a chat that nobody claims.
	if page := v.page("/groups/chats/HC017?q=同学"); !strings.Contains(page, "同学会") || strings.Contains(page, `value="@@c2"`) {
		t.Error("the chats are not filtered")
	}
	if status, h, body := v.form("/groups/chats/HC017", "/groups/chats/HC017/a01", url.Values{"from": {"chats"}, "as": {"bound"}, "chat": {"@@c4"}, "why": {"renamed"}}); status != http.StatusSeeOther || h.Get("Location") != "/groups/HC017" {
		t.Error(status, body)
	}
	if status, _, _ := v.form("/groups/chats/HC017", "/groups/chats/HC017/a01", url.Values{"from": {"chats"}, "as": {"bound"}, "chat": {"@@c5"}, "why": {"again"}}); status != http.StatusConflict {
		t.Error("what is certain is decided once more:", status)
	}
	// Somebody of another county finds none of it.
	if _, err := s.store.ChangeUser("supervisor", "test", "user.county", func(u *store.User) error { u.County = "tumen"; return nil }); err != nil {
		t.Fatal(err)
	}
	v = s.visit(t, "supervisor")
	if page := v.page("/groups/doubtful"); strings.Contains(page, "HL0") || !strings.Contains(page, "No doubtful group is left") {
		t.Error("another county's doubts are shown")
	}
	if status, _, _ := v.form("/me", "/groups/chats/HL016/a01", url.Values{"as": {"gone"}, "why": {"x"}}); status != http.StatusNotFound {
		t.Error("another county's doubt is decided:", status)
	}
}

func TestHandOverPages(t *testing.T) {
	s := newSite(t)
	s.registry(t)
	v, staff := s.visit(t, "supervisor"), s.visit(t, "staff")
	if page := staff.page("/accounts/a01"); strings.Contains(page, "hand-over") {
		t.Error("staff are offered a hand-over")
	}
	page := v.page("/accounts/a01/hand-over?to=a02")
	for _, want := range []string{"a02 is not online", "Groups that stay", `name="groups" value="`} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing", want)
		}
	}
	value := func(field string) string {
		_, rest, _ := strings.Cut(page, `name="`+field+`" value="`)
		n, _, _ := strings.Cut(rest, `"`)
		return n
	}
	path := "/accounts/a01/hand-over"
	for _, c := range []struct {
		form   url.Values
		status int
		why    string
	}{
		{url.Values{"to": {"a02"}, "groups": {"999"}, "deliveries": {value("deliveries")}}, 409, "another number than was shown"},
		{url.Values{"to": {"a02"}}, 409, "no number at all"},
		{url.Values{"to": {"a01"}, "groups": {value("groups")}, "deliveries": {value("deliveries")}}, 400, "to itself"},
		{url.Values{"to": {"a02"}, "groups": {value("groups")}, "deliveries": {value("deliveries")}}, 303, "what was shown"},
	} {
		status, _, body := v.form(path+"?to=a02", path, c.form)
		if status != c.status || status >= 400 && !strings.Contains(body, `role="alert"`) {
			t.Errorf("%s: %d, want %d\n%s", c.why, status, c.status, body)
		}
	}
	if page := v.page("/accounts/a01"); !strings.Contains(page, "are with a02 now") {
		t.Error("the hand-over is not told")
	}
}
