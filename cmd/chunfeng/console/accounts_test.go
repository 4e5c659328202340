package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

func TestAccountPages(t *testing.T) {
	s := newSite(t)
	s.registry(t)
	admin, staff := s.visit(t, "admin"), s.visit(t, "staff")
	rows := rowsOf(t, staff.page("/accounts"))
	for _, want := range []string{"a01", "봄바람", "春风&lt;i&gt;二&lt;/i&gt;", "87 / 200", "12 / 40", "waits for a scan", "The session ended (1101)"} {
		if !strings.Contains(rows, want) {
			t.Errorf("%q is missing in\n%s", want, rows)
		}
	}
	// The code is for who may log an account in.
	if page := admin.page("/accounts/a03"); !strings.Contains(page, `src="/accounts/a03/code.png?`) || !strings.Contains(page, "phone of account a03") {
		t.Error("an administrator sees no code")
	}
	if page := staff.page("/accounts/a03"); strings.Contains(page, "code.png") || !strings.Contains(page, "An administrator shows the code") || strings.Contains(page, "<form method=\"post\" action=\"/accounts") {
		t.Error("staff see the code, or orders that they may not give")
	}
	if status, h, body := admin.send("GET", "/accounts/a03/code.png", nil); status != 200 || h.Get("Content-Type") != "image/png" || !strings.HasPrefix(body, "\x89PNG") || h.Get("Cache-Control") != "no-store" {
		t.Error("the code:", status, h)
	}
	if status, _, _ := staff.send("GET", "/accounts/a03/code.png", nil); status != http.StatusForbidden {
		t.Error("staff get the code:", status)
	}
	if status, _, _ := admin.send("GET", "/accounts/a01/code.png", nil); status != http.StatusNotFound {
		t.Error("an account that is online has a code:", status)
	}
	if page := admin.page("/accounts/a04"); !strings.Contains(page, "Before you resume") || !strings.Contains(page, "/accounts/a04/resume") {
		t.Error("nobody is told what to do before a stopped account is resumed")
	}
	if page := staff.page("/accounts/a01"); !strings.Contains(page, "asked for less 1 times") || !strings.Contains(page, "new, week 2: the whole limit is 400") {
		t.Error("health or caps are not explained")
	}
	for path, want := range map[string]int{"/accounts/nobody": 404, "/accounts/nobody/code.png": 404} {
		if status, _, body := admin.send("GET", path, nil); status != want || !strings.Contains(body, `role="alert"`) {
			t.Errorf("%s: %d, want %d with a sentence", path, status, want)
		}
	}
}

func TestAccountOrders(t *testing.T) {
	s := newSite(t)
	v := s.visit(t, "admin")
	order := func(page, action string, form url.Values, status int, want string) {
		t.Helper()
		got, h, body := v.form(page, action, form)
		if got == http.StatusSeeOther {
			body = v.page(h.Get("Location"))
		}
		if got != status || !strings.Contains(body, want) {
			t.Errorf("%s: %d, want %d with %q\n%s", action, got, status, want, body)
		}
	}
	order("/accounts", "/accounts", url.Values{"name": {"a 1"}, "county": {""}}, 400, `value="a 1"`)
	order("/accounts", "/accounts", url.Values{"name": {"a1"}, "county": {"yanji"}}, 303, "a1 is added")
	order("/accounts", "/accounts", url.Values{"name": {"a1"}, "county": {""}}, 409, `role="alert"`)
	order("/accounts/a1", "/accounts/a1/pause", url.Values{}, 303, "a1 is paused")
	order("/accounts/a1", "/accounts/a1/resume", url.Values{}, 303, "a1 is resumed")
	order("/accounts/a1", "/accounts/a1/remove", url.Values{}, 400, "Nothing was removed")
	order("/accounts/a1", "/accounts/a1/remove", url.Values{"sure": {"1"}}, 303, "a1 is removed")
	if status, _, _ := v.send("GET", "/accounts/a1", nil); status != 404 {
		t.Error("a removed account is shown:", status)
	}
	if status, _, _ := s.visit(t, "staff").form("/me", "/accounts", url.Values{"name": {"a2"}}); status != http.StatusForbidden {
		t.Error("staff add accounts:", status)
	}
	// Who keeps a county's accounts adds that county's.
	if _, err := s.store.ChangeUser("admin", "test", "user.county", func(u *store.User) error { u.County = "tumen"; return nil }); err != nil {
		t.Fatal(err)
	}
	v = s.visit(t, "admin")
	order("/accounts", "/accounts", url.Values{"name": {"t1"}, "county": {"tumen"}}, 303, "t1 is added")
	order("/accounts", "/accounts", url.Values{"name": {"t2"}, "county": {"yanji"}}, 403, "your own county")
}

func TestAgo(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for d, want := range map[time.Duration]string{
		-time.Second: "just now", 59 * time.Second: "just now", 61 * time.Minute: "1 h 1 min ago", 47*time.Hour + 59*time.Minute: "47 h 59 min ago", 50 * time.Hour: "2 days ago", 5 * time.Minute: "5 min ago",
	} {
		at := now.Add(-d)
		if got := ago(words.English, now, &at); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
	if got := ago(words.English, now, nil); got != "" {
		t.Errorf("never: %q", got)
	}
}
