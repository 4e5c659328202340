package console

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
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
	if page := staff.page("/settings/calendar?year=2027"); !strings.Contains(page, "春节&lt;b&gt;") || strings.Contains(page, `name="from"`) {
		t.Error("staff see the calendar, as text and without its form:", page)
	}
	if status, _, _ := staff.form("/me", "/settings/calendar", url.Values{"from": {"2027-02-05"}, "kind": {"none"}}); status != 403 {
		t.Error("staff change the calendar:", status)
	}
	page := admin.page("/settings/calendar?year=2027&day=2027-02-05")
	for _, want := range []string{`class="day rest" href="?year=2027&amp;day=2027-02-05#day"`, `class="day work" href="?year=2027&amp;day=2027-02-14#day"`, `<section class="decision" id="day"`, `value="春节&lt;b&gt;"`, `value="none"`} {
		if !strings.Contains(page, want) {
			t.Error("the year does not show", want)
		}
	}
	// 2027 begins on a Friday: four empty cells stand before it in a week from Monday.
	if first := page[strings.Index(page, "January 2027"):]; strings.Count(first[:strings.Index(first, ">1<")], "<td></td>") != 4 {
		t.Error("the week does not begin on Monday")
	}
	for _, year := range []string{"0", "99999999", "x"} {
		if status, _, _ := admin.send("GET", "/settings/calendar?year="+year, nil); status != 200 {
			t.Errorf("year %s: %d", year, status)
		}
	}
	if status, _, body := admin.form("/settings/calendar", "/settings/calendar", url.Values{"from": {"2027-02-05"}, "to": {"2027-02-20"}, "kind": {"none"}}); status != 303 {
		t.Error(status, body)
	}
	if days, err := s.store.Days(); err != nil || len(days) != 0 {
		t.Error(days, err)
	}
}

func TestListOfDays(t *testing.T) {
	s := newSite(t)
	admin := s.visit(t, "admin")
	const path = "/settings/calendar/list"
	list := func(do, text string) (int, string) {
		status, _, body := admin.form("/settings/calendar", path, url.Values{"days": {text}, "do": {do}})
		return status, body
	}
	for _, do := range []string{"check", "store"} {
		status, body := list(do, "2027-02-05 rest 春节\r\n2027-02-06 maybe <b>")
		if status != 400 || !strings.Contains(body, "line 2: After the date") || !strings.Contains(body, "maybe &lt;b&gt;</textarea>") {
			t.Errorf("%s of a list with a fault: %d\n%s", do, status, body)
		}
	}
	status, body := list("check", "2027-02-05..2027-02-07 rest 春节\n2027-02-14 work 调休")
	if status != 200 || !strings.Contains(body, "Sunday, 14 February 2027") || !strings.Contains(body, "as its weekday") {
		t.Errorf("a good list, checked: %d\n%s", status, body)
	}
	if days, err := s.store.Days(); err != nil || len(days) != 0 {
		t.Error("what was only checked is stored:", days, err)
	}
	if status, body := list("store", "2027-02-05..2027-02-07 rest 春节\n2027-02-14 work 调休"); status != 303 {
		t.Errorf("a good list: %d\n%s", status, body)
	}
	if days, err := s.store.Days(); err != nil || len(days) != 4 {
		t.Error(days, err)
	}
	if status, _, _ := s.visit(t, "staff").form("/me", path, url.Values{"days": {"2027-03-08 rest"}, "do": {"store"}}); status != 403 {
		t.Error("staff change the calendar:", status)
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
	if page := admin.page(path + "?left=built-in&right=1"); !strings.Contains(page, "<ins>{{/* spring */}}</ins>") || !strings.Contains(page, "lines alike") {
		t.Error("the version is not compared:", page)
	}
	if page := admin.page(path + "?restore=1"); !strings.Contains(page, `value="version 1 again"`) || !strings.Contains(page, "{{/* spring */}}\n</textarea>") {
		t.Error("the version is not put into the editor:", page)
	}
	// The preview while somebody types: a part of the page, as often as one likes, and the form stays good.
	once := regexp.MustCompile(`name="once" value="([^"]+)"`).FindStringSubmatch(admin.page(path)[strings.Index(admin.page(path), `<main`):])[1]
	for range 2 {
		status, _, body := admin.send("POST", path+"/preview", url.Values{"once": {once}, "text": {strings.Replace(mended, `{{define "ko" -}}`, `{{define "ko" -}}{{.Nonsense}}<b>`, 1)}})
		if status != 200 || !strings.Contains(body, `data-line="`) || strings.Contains(body, "<b>") || strings.Contains(body, "<html") {
			t.Errorf("the preview of what is wrong: %d\n%s", status, body)
		}
	}
	if status, _, _ := s.visit(t, "staff").send("POST", path+"/preview", url.Values{"text": {mended}}); status != 403 {
		t.Error("staff try templates:", status)
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
	if page := staff.page(path); !strings.Contains(page, `name="group"`) || !strings.Contains(page, "No account is logged in") {
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
