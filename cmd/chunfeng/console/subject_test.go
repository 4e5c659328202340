package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"chunfeng/bot/phone"
)

// TestSubjectPage gives a person's copy, corrects a sign-up and erases the person from the pages; the number is in no address,
// and who may not ask sees neither page nor form.
func TestSubjectPage(t *testing.T) {
	s := newSite(t)
	s.wave(t)
	first := s.signs(t, 1, "A001 13844331234 金花", "13844331234")
	s.signs(t, 2, "A001 13944335678", "13944335678")
	staff, supervisor := s.visit(t, "staff"), s.visit(t, "supervisor")
	if status, _, _ := staff.send("GET", "/subject", nil); status != http.StatusForbidden {
		t.Error("staff is shown the page:", status)
	}
	if strings.Contains(staff.page("/signups"), `href="/subject"`) || !strings.Contains(supervisor.page("/signups"), `href="/subject"`) {
		t.Error("the tab is offered to the wrong people")
	}
	ask := url.Values{"phone": {"138-4433-1234"}, "purpose": {"she called from 13844331234"}}
	if status, _, body := supervisor.form("/subject", "/subject", url.Values{"phone": {"138-4433-1234"}, "purpose": {" "}}); status != http.StatusBadRequest || strings.Contains(body, first.ID) {
		t.Error("a copy without a purpose:", status)
	}
	status, h, body := supervisor.form("/subject", "/subject", ask)
	if status != http.StatusOK || !strings.Contains(body, first.ID) || !strings.Contains(body, "13844331234") || strings.Contains(body, "4433567") || h.Get("Cache-Control") != "no-store" {
		t.Errorf("the copy: %d %v\n%s", status, h, body)
	}
	path := "/signups/" + first.ID
	if status, _, _ := supervisor.form(path, path+"/correct", url.Values{"name": {"金顺姬"}, "why": {"she told us"}}); status != http.StatusSeeOther {
		t.Error("a correction:", status)
	}
	if n, err := s.store.Signup(first.ID); err != nil || n.Name != "金顺姬" || n.Phone.IsZero() {
		t.Errorf("%+v %v", n, err)
	}
	ask.Set("confirm", "0000")
	if status, _, _ := supervisor.form("/subject", "/subject/erase", ask); status != http.StatusBadRequest {
		t.Error("erased with other digits:", status)
	}
	ask.Set("confirm", "1234")
	if status, _, body := supervisor.form("/subject", "/subject/erase", ask); status != http.StatusOK || strings.Contains(body, "13844331234") || !strings.Contains(body, "138****1234") {
		t.Errorf("%d\n%s", status, body)
	}
	p, err := phone.Parse("13844331234")
	if err != nil {
		t.Fatal(err)
	}
	if found, err := s.store.SignupsByPhone(p); err != nil || len(found) != 0 {
		t.Errorf("still there: %v %v", found, err)
	}
}
