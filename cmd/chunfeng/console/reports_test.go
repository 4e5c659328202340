package console

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"chunfeng/templates/words"
)

func TestReportPages(t *testing.T) {
	s := newSite(t)
	empty := s.visit(t, "staff").page("/reports")
	if !strings.Contains(empty, `class="none"`) {
		t.Error("a season of nothing says nothing")
	}
	w := s.wave(t)
	s.signs(t, 1, "A001 13844331234", "13844331234")
	v := s.visit(t, "staff")
	for _, path := range []string{"/reports", "/reports/waves/" + w.ID} {
		page := v.page(path)
		if strings.Contains(page, "13844331234") || !strings.Contains(page, `data-plot="line"`) {
			t.Errorf("%s has no plot, or a number", path)
		}
	}
	page := v.page("/reports/waves/" + w.ID)
	if !strings.Contains(page, "opted_out") || !strings.Contains(page, "/log?wave="+w.ID) {
		t.Error("the reasons do not lead to the log")
	}
	for path, want := range map[string]string{"/reports/export?form=csv": "Yanji", "/reports/waves/" + w.ID + "/export?form=csv": "opted"} {
		status, h, body := v.send("GET", path, nil)
		if status != 200 || !strings.Contains(h.Get("Content-Disposition"), "attachment") || !strings.Contains(body, want) {
			t.Errorf("%s: %d\n%s", path, status, body)
		}
	}
	if status, _, body := v.send("GET", "/reports/export?form=xlsx", nil); status != 200 || !strings.HasPrefix(body, "PK") {
		t.Error("the workbook:", status)
	}
	if status, _, _ := v.send("GET", "/reports/export?form=exe", nil); status != 400 {
		t.Error("a form that is none:", status)
	}
	if status, _, _ := v.send("GET", "/reports/waves/2026-999", nil); status != 404 {
		t.Error("a wave that is none:", status)
	}
}

// TestWorkbooksHaveOneName: whatever a page lists is taken along as a workbook by a button of the same name.
func TestWorkbooksHaveOneName(t *testing.T) {
	s := newSite(t)
	s.season(t)
	v := s.visit(t, "staff")
	link := regexp.MustCompile(`href="[^"]*/export[^"]*"[^>]*>([^<]*)</a>`)
	for _, lang := range words.Languages() {
		v.send("POST", "/language", url.Values{"lang": {string(lang)}})
		for _, path := range []string{"/batches/A", "/groups", "/log", "/reports"} {
			m := link.FindStringSubmatch(v.page(path))
			if want := words.Say(lang, "page_log.xlsx"); m == nil || m[1] != want {
				t.Errorf("%s in %s: %q, want %q", path, lang, m, want)
			}
		}
	}
}
