package console

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
	"time"

	"chunfeng/store"
)

func TestTodayShowsWhatWaits(t *testing.T) {
	s := newSite(t)
	if _, err := s.store.PutGroups([]store.Group{{Code: "YJ001", Name: "<b>해란강</b>", County: "yanji"}, {Code: "TM001", Name: "图们", County: "tumen"}}, "test"); err != nil {
		t.Fatal(err)
	}
	page := s.visit(t, "staff").page("/")
	if !strings.Contains(page, "/groups?bound=no") || !strings.Contains(page, `class="number">2<`) {
		t.Error("two groups that nobody knows are not there:\n", page)
	}
	if _, err := s.store.ChangeUser("staff", "test", "user.county", func(u *store.User) error { u.County = "tumen"; return nil }); err != nil {
		t.Fatal(err)
	}
	if page := s.visit(t, "staff").page("/"); !strings.Contains(page, `class="number">1<`) {
		t.Error("staff of a county see others' groups counted")
	}
}

// TestLiveDoesNotKeepASessionAlive: a page that is left open must not.
func TestLiveDoesNotKeepASessionAlive(t *testing.T) {
	s := newSite(t)
	v := s.visit(t, "staff")
	all, err := s.store.WebSessions("staff", time.Now())
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	read := func() (first string) {
		r, err := http.NewRequestWithContext(t.Context(), "GET", s.http.URL+"/live/today", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := v.http.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" {
			t.Fatal(res.Status, res.Header)
		}
		line, err := bufio.NewReader(res.Body).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		return line
	}
	if line := read(); !strings.HasPrefix(line, `data: <hx-partial hx-target="#today-waves"`) {
		t.Error("the stream begins with", line)
	}
	after, err := s.store.WebSessions("staff", time.Now())
	if err != nil || len(after) != 1 || !after[0].SeenAt.Equal(all[0].SeenAt) || !after[0].Expires.Equal(all[0].Expires) {
		t.Errorf("looking on changed the session from %+v to %+v: %v", all, after, err)
	}
	if status, h, _ := s.visit(t, "").send("GET", "/live/today", nil); status != 401 || h.Get("Location") != "" {
		t.Errorf("a stranger's stream is answered %d to %q; a redirection would be followed for ever", status, h.Get("Location"))
	}
}

// TestTodayShowsAlerts shows each kind of alert that nothing else on the page tells of, with words and a way to it, and keeps
// those of another county's accounts from who is of one.
func TestTodayShowsAlerts(t *testing.T) {
	s := newSite(t)
	if _, err := s.store.AddAccount("tumen-1", "tumen", "test"); err != nil {
		t.Fatal(err)
	}
	for what, on := range map[string]string{"account_out": "tumen-1", "silent": "tumen-1", "behind": "2026-001", "disk": "", "backup": "", "storage_down": "", "unknown": "2026-001"} {
		if _, _, err := s.store.RaiseAlert(store.Alert{What: what, On: on, Key: "alert." + what}); err != nil {
			t.Fatal(err)
		}
	}
	page := s.visit(t, "staff").page("/")
	for _, want := range []string{"Account logged out", "Account hears nothing", "Wave behind", "Disk nearly full", "No recent backup", "/accounts/tumen-1", "/waves/2026-001"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not there:\n%s", want, page)
		}
	}
	if strings.Contains(page, "page_today.") {
		t.Error("a need has no words:\n", page)
	}
	if _, err := s.store.ChangeUser("staff", "test", "user.county", func(u *store.User) error { u.County = "yanji"; return nil }); err != nil {
		t.Fatal(err)
	}
	if page := s.visit(t, "staff").page("/"); strings.Contains(page, "tumen-1") || !strings.Contains(page, "Disk nearly full") {
		t.Error("staff of a county see another county's accounts, or not what concerns all:\n", page)
	}
}
