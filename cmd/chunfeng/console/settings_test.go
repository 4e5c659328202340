package console

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestCalendarOfRest(t *testing.T) {
	s := newSite(t)
	admin, staff := s.visit(t, "admin"), s.visit(t, "staff")
	for _, c := range []struct {
		why    string
		form   url.Values
		status int
	}{
		{"no day", url.Values{"from": {"soon"}}, 400},
		{"the wrong way round", url.Values{"from": {"2027-02-08"}, "to": {"2027-02-05"}}, 400},
		{"a year of rest", url.Values{"from": {"2027-01-01"}, "to": {"2027-12-31"}}, 400},
		{"eight days", url.Values{"from": {"2027-02-05"}, "to": {"2027-02-12"}, "kind": {"rest"}, "zh": {"春节<b>"}, "ko": {"음력설"}}, 303},
		{"a swapped working day", url.Values{"from": {"2027-02-14"}, "kind": {"work"}, "zh": {"调休"}}, 303},
	} {
		if status, _, body := admin.form("/settings/calendar", "/settings/calendar", c.form); status != c.status {
			t.Errorf("%s: %d\n%s", c.why, status, body)
		}
	}
	days, err := s.store.Days()
	if err != nil || len(days) != 9 {
		t.Fatal(days, err)
	}
	if page := staff.page("/settings/calendar"); !strings.Contains(page, "春节&lt;b&gt;") || strings.Contains(page, `name="from"`) {
		t.Error("staff see the calendar, as text and without its form:", page)
	}
	if status, _, _ := staff.form("/me", "/settings/calendar/2027-02-05/remove", url.Values{}); status != 403 {
		t.Error("staff change the calendar:", status)
	}
	if status, _, body := admin.form("/settings/calendar", "/settings/calendar/2027-02-05/remove", url.Values{}); status != 303 {
		t.Error(status, body)
	}
}

func TestTemplatesOfTheBureau(t *testing.T) {
	s := newSite(t)
	admin := s.visit(t, "admin")
	const path = "/settings/templates/opted-out"
	page := admin.page(path)
	i := strings.Index(page, "<textarea")
	text := page[i:]
	text = text[strings.Index(text, ">")+2 : strings.Index(text, "</textarea>")]
	text = strings.NewReplacer("&#34;", `"`, "&lt;", "<", "&gt;", ">", "&amp;", "&", "&#39;", "'", "&#43;", "+").Replace(text)
	if status, _, body := admin.form(path, path, url.Values{"text": {strings.Replace(text, "{{", "{{.Nonsense}} {{", 1) + "{{define"}, "from": {"0"}, "do": {"save"}}); status != 400 || !strings.Contains(body, "opted-out.tmpl") {
		t.Errorf("a template that is wrong: %d", status)
	}
	mended := strings.Replace(text, "수신거부", "수신거부 ", 1) + "\n{{/* spring */}}\n"
	if status, _, body := admin.form(path, path, url.Values{"text": {mended}, "from": {"0"}, "do": {"preview"}}); status != 200 || !strings.Contains(body, `class="bubble"`) {
		t.Error("a preview:", status)
	}
	if _, err := os.Stat(filepath.Join(s.store.Dir(), "templates", "opted-out.tmpl")); err == nil {
		t.Error("a preview was saved")
	}
	if status, _, body := admin.form(path, path, url.Values{"text": {mended}, "from": {"0"}, "note": {"spring"}, "do": {"save"}}); status != 303 {
		t.Fatalf("saving: %d\n%s", status, body)
	}
	if b, err := os.ReadFile(filepath.Join(s.store.Dir(), "templates", "opted-out.tmpl")); err != nil || !strings.Contains(string(b), "spring */") {
		t.Error("it is not in force:", err)
	}
	if status, _, _ := admin.form(path, path, url.Values{"text": {mended + "x"}, "from": {"0"}, "do": {"save"}}); status != 409 {
		t.Error("a second person's older page is taken:", status)
	}
	if page := admin.page(path + "?compare=1"); !strings.Contains(page, "spring") {
		t.Error("the version is not listed")
	}
	if status, _, body := admin.form(path, path, url.Values{"text": {mended}, "from": {"1"}, "do": {"built-in"}}); status != 303 {
		t.Errorf("back to the built-in one: %d\n%s", status, body)
	}
	if page := admin.page("/audit?what=template."); !strings.Contains(page, `href="/settings/templates/opted-out"`) {
		t.Error("the audit trail does not lead to the template")
	}
	if status, _, body := admin.form(path, path, url.Values{"text": {mended}, "from": {"7"}, "do": {"save"}}); status != 409 || strings.Contains(body, "%!") || !strings.Contains(body, "version 2, by admin") {
		t.Errorf("a conflict does not say what is true now: %d\n%s", status, body)
	}
	// A template that would never end, or fill the memory, is refused at once: nobody may stop the program from a browser.
	four := `{{define "b0"}}{{end}}`
	for i := range 30 {
		four += fmt.Sprintf(`{{define "b%d"}}`+strings.Repeat(`{{template "b%d" .}}`, 4)+`{{end}}`, i+1, i, i, i, i)
	}
	for why, text := range map[string]string{
		"blocks that call blocks": four + strings.Replace(mended, `{{define "ko" -}}`, `{{define "ko" -}}{{template "b30" .}}`, 1),
		"a text that doubles":     strings.Replace(mended, `{{define "ko" -}}`, `{{define "ko" -}}{{$x := "x"}}`+strings.Repeat(`{{$x = printf "%s%s" $x $x}}`, 45), 1),
	} {
		start := time.Now()
		status, _, body := admin.form(path, path, url.Values{"text": {text}, "from": {"2"}, "do": {"preview"}})
		if status != 200 || !strings.Contains(body, `role="alert"`) || strings.Contains(body, `class="bubble"`) || time.Since(start) > 5*time.Second {
			t.Errorf("%s: %d after %v", why, status, time.Since(start))
		}
	}
	if page := admin.page("/settings/templates"); strings.Contains(page, "changed in the file") {
		t.Error("the built-in one counts as changed outside")
	}
	if status, _, _ := s.visit(t, "staff").form("/me", path, url.Values{"text": {mended}, "do": {"save"}}); status != 403 {
		t.Error("staff change templates:", status)
	}
	if status, _, _ := admin.send("GET", "/settings/templates/..%2f..%2fchunfeng", nil); status != 404 {
		t.Error("a name that is a path:", status)
	}
}

func TestDiff(t *testing.T) {
	said := ""
	for _, l := range diff("a\nb\nc", "a\nc\nd") {
		said += l.Kind[:1] + l.Text
	}
	if said != "sadbscid" {
		t.Error(said)
	}
}

func TestSettingsPage(t *testing.T) {
	s := newSite(t)
	admin := s.visit(t, "admin")
	page := admin.page("/settings")
	if !strings.Contains(page, "pacing.text.every") || !strings.Contains(page, `name="quiet_hours"`) {
		t.Error("the settings are not there")
	}
	if page := s.visit(t, "staff").page("/settings"); strings.Contains(page, `name="quiet_hours"`) || !strings.Contains(page, "quiet_hours") || !strings.Contains(page, "Nothing is broadcast in these hours") {
		t.Error("staff see the settings and cannot change them")
	}
	version := page[strings.Index(page, `name="version" value="`)+len(`name="version" value="`):]
	version = version[:strings.Index(version, `"`)]
	if status, _, body := admin.form("/settings", "/settings", url.Values{"version": {version}, "quiet_hours": {"noon"}}); status < 400 || !strings.Contains(body, `value="noon"`) {
		t.Errorf("nonsense: %d", status)
	}
	status, _, body := admin.form("/settings", "/settings", url.Values{"version": {version}, "pacing.text.per_day": {"900"}})
	if status != 200 || !strings.Contains(body, `name="confirm"`) || !strings.Contains(body, `value="900"`) {
		t.Errorf("quicker than polite is not asked twice: %d", status)
	}
	if status, _, body := admin.form("/settings", "/settings", url.Values{"version": {version}, "pacing.text.per_day": {"900"}, "confirm": {"yes"}}); status != 303 {
		t.Errorf("confirmed: %d\n%s", status, body)
	}
	if page := admin.page("/settings"); !strings.Contains(page, `value="900"`) {
		t.Error("it is not in force")
	}
}

func TestTestOfAWave(t *testing.T) {
	s := newSite(t)
	w := s.wave(t)
	staff := s.visit(t, "staff")
	path := "/wave-tests/" + w.ID
	if page := staff.page(path); !strings.Contains(page, `name="group"`) || !strings.Contains(page, "a01") {
		t.Error("the page of a test:", page)
	}
	if status, _, body := staff.form(path, path, url.Values{"group": {"NOPE"}}); status != 404 || !strings.Contains(body, `value="NOPE"`) {
		t.Error("a group that is none:", status)
	}
	if status, _, _ := staff.form(path, path, url.Values{"account": {"a01"}}); status != 503 {
		t.Error("a file helper without a daemon:", status)
	}
	if status, _, _ := s.visit(t, "approver").send("GET", path, nil); status != 403 {
		t.Error("an approver tests:", status)
	}
}
