package console

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/cmd/chunfeng/console/consoletest"
	"chunfeng/templates/words"
)

func TestAuditPage(t *testing.T) {
	s := newSite(t)
	w := s.wave(t)
	for i := range 60 {
		if err := s.store.Note("kim", "setting.set", "wave.hold", fmt.Sprintf("<script>alert(%d)</script>", i)); err != nil {
			t.Fatal(err)
		}
	}
	v := s.visit(t, "supervisor")
	page := v.page("/audit")
	if strings.Contains(page, "<script>alert") || !strings.Contains(page, "&lt;script&gt;alert(59)&lt;/script&gt;") || strings.Contains(page, "alert(5)") {
		t.Error("the newest page is not as it should be")
	}
	_, link, ok := strings.Cut(page, `<a href="/audit?after=`)
	if !ok {
		t.Fatal("no older page")
	}
	older := v.page("/audit?after=" + link[:strings.Index(link, `"`)])
	if !strings.Contains(older, "alert(5)") || strings.Contains(older, "alert(59)") || !strings.Contains(older, `href="/waves/`+w.ID+`"`) {
		t.Error("the older page:", older)
	}
	if only := v.page("/audit?what=wave.&who=APPROVER"); strings.Contains(only, "script&gt;") || !strings.Contains(only, "approved a wave") || !strings.Contains(only, "draft → approved") {
		t.Error("a filtered page:", only)
	}
	for path, want := range map[string]int{"/audit?after=x": 400, "/audit?from=soon": 400} {
		if status, _, body := v.send("GET", path, nil); status != want || !strings.Contains(body, `role="alert"`) {
			t.Errorf("%s: %d", path, status)
		}
	}
	if page := v.page("/audit/verify"); !strings.Contains(page, "is whole") {
		t.Error(page)
	}
	for _, name := range []string{"staff", "approver"} {
		if status, _, _ := s.visit(t, name).send("GET", "/audit", nil); status != http.StatusForbidden {
			t.Errorf("%s reads the audit trail: %d", name, status)
		}
	}
}

// TestAuditWords holds that every kind of deed has a name to be chosen by, and every word of the page exists.
func TestAuditWords(t *testing.T) {
	for _, k := range auditKinds() {
		for _, l := range words.Languages() {
			if key := "page_audit.of_" + k.Name + "all"; words.Say(l, key) == key {
				t.Errorf("%s has no words", key)
			}
		}
	}
	for what, want := range map[string]string{"wave.stop": "/waves/2026-001", "delivery.resolve": "/log/2026-001", "signup.reveal": "", "setting.set": "/settings"} {
		if got := auditPath(api.AuditEvent{What: what, On: "2026-001"}); got != want {
			t.Errorf("%s leads to %q, want %q", what, got, want)
		}
	}
}

// TestSupervisorVerifiesTheTrail reads, filters and verifies the trail in a browser.
func TestSupervisorVerifiesTheTrail(t *testing.T) {
	s := newSite(t)
	s.wave(t)
	p := s.sits(t, "supervisor", consoletest.Options{})
	p.Click(`nav.main a[href="/audit"]`)
	p.WaitText("h1", words.Say(words.English, "console.nav_audit"))
	p.Choose("[name=what]", "wave.approve")
	p.Click("form.filters button")
	p.Wait("the filter is in the address", `location.search.includes("what=wave.approve") && document.readyState === "complete"`)
	p.WaitText("tbody", "approved a wave")
	p.Click("form.tools button")
	p.WaitText("#verdict", "is whole")
	if got := p.URL(); !strings.HasPrefix(got, "/audit?") {
		t.Error("the verdict is not shown in place:", got)
	}
	p.Go("/audit?what=wave.")
	look(t, p)
	plain := s.sits(t, "supervisor", consoletest.Options{NoScript: true, Width: 360, Height: 740})
	plain.Go("/audit")
	plain.Click("form.tools button")
	plain.WaitText("main", "is whole")
}
