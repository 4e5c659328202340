package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"chunfeng/store"
)

func TestLogPages(t *testing.T) {
	s := newSite(t)
	w := s.wave(t)
	v := s.visit(t, "supervisor")
	for _, c := range []struct {
		why, path   string
		want, never []string
	}{
		{"all of it", "/log", []string{"YJ001", "TM001", "YJ002", "河南街&lt;b&gt;1&lt;/b&gt;群"}, []string{"<b>1</b>"}},
		{"by state", "/log?state=unknown", []string{"TM001", "attention"}, []string{"YJ001"}},
		{"by county and wave", "/log?county=yanji&wave=" + w.ID, []string{"YJ001", "YJ002"}, []string{"TM001"}},
		{"by reason", "/log?reason=opted_out", []string{"YJ002"}, []string{"YJ001"}},
		{"by group, as people type it", "/log?group=tm001", []string{"TM001"}, []string{"YJ001"}},
		{"by account", "/log?account=a01", []string{"YJ001", "TM001"}, []string{"YJ002"}},
		{"of another time", "/log?to=2020-01-01", nil, []string{"YJ001"}},
	} {
		page := v.page(c.path)
		holds(t, c.why, page[strings.Index(page, "<tbody>"):], c.want, c.never)
	}
	for path, want := range map[string]int{"/log?state=lost": 400, "/log?group=NOPE": 404, "/log?after=x": 400, "/log?from=soon": 400, "/log/2026-999.1": 404, "/log/x": 404} {
		if status, _, body := v.send("GET", path, nil); status != want || !strings.Contains(body, `role="alert"`) {
			t.Errorf("%s: %d, want %d with a sentence", path, status, want)
		}
	}
	status, h, body := v.send("GET", "/log/export?form=csv&county=yanji", nil)
	if status != 200 || !strings.Contains(h.Get("Content-Disposition"), `filename="deliveries.csv"`) || !strings.Contains(body, "'=HYPERLINK(1)") || strings.Contains(body, "TM001") {
		t.Errorf("the export: %d %v\n%s", status, h, body)
	}
	if status, _, body := v.send("GET", "/log/export?form=xlsx", nil); status != 200 || !strings.HasPrefix(body, "PK") {
		t.Error("the workbook:", status)
	}
}

func TestDecideADelivery(t *testing.T) {
	s := newSite(t)
	w := s.wave(t)
	id := store.DeliveryID(w.ID, 1)
	path := "/log/" + id
	staff, supervisor := s.visit(t, "staff"), s.visit(t, "supervisor")
	page := supervisor.page(path)
	if !strings.Contains(page, "&lt;script&gt;alert(1)&lt;/script&gt;\nA001 해란강식당") {
		t.Error("what was sent is not shown as it was:", page)
	}
	if page := staff.page(path); strings.Contains(page, `name="as"`) {
		t.Error("staff are offered a decision that they may not take")
	}
	if status, _, _ := staff.form("/me", path, url.Values{"as": {"sent"}, "why": {"I believe"}}); status != http.StatusForbidden {
		t.Error("staff decide:", status)
	}
	if status, _, body := supervisor.form(path, path, url.Values{"as": {"sent"}, "why": {"  "}}); status != 400 || !strings.Contains(body, `value="sent" required checked`) {
		t.Errorf("a decision without a reason: %d, or what was chosen is lost", status)
	}
	other := tokenField.FindStringSubmatch(supervisor.page(path))[1]
	if status, h, body := supervisor.form(path, path, url.Values{"as": {"failed"}, "why": {"looked into the group"}}); status != 303 || h.Get("Location") != path {
		t.Fatal(status, body)
	}
	if page := supervisor.page(path); !strings.Contains(page, "looked into the group") || !strings.Contains(page, "is decided: failed") {
		t.Error("the decision is not shown")
	}
	if status, _, _ := supervisor.send("POST", path, url.Values{"as": {"failed"}, "why": {"late"}, formToken: {other}}); status != 409 {
		t.Error("a second decision of the same is taken:", status)
	}
	// Staff of a county see that county's alone.
	if _, err := s.store.ChangeUser("staff", "test", "user.county", func(u *store.User) error { u.County = "yanji"; return nil }); err != nil {
		t.Fatal(err)
	}
	staff = s.visit(t, "staff")
	if status, _, _ := staff.send("GET", path, nil); status != 404 {
		t.Error("another county's delivery is answered", status)
	}
	for _, path := range []string{"/log", "/log?county=tumen", "/log/export?form=csv"} {
		if page := staff.page(path); strings.Contains(page, "TM001") {
			t.Errorf("%s shows another county's group", path)
		}
	}
	if status, _, _ := staff.send("GET", "/v1/deliveries/"+id, nil); status != 404 {
		t.Error("nor does the API:", status)
	}
}
