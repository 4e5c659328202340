package console

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chunfeng/cmd/chunfeng/console/consoletest"
	"chunfeng/templates"
	"chunfeng/templates/words"
)

// english is what a page says in English.
func english(key string, args ...any) string { return words.Say(words.English, key, args...) }

// TestAdminSetsPaceAndQuietTimes makes the pace slower, is refused nonsense at its field, and is asked once more before the pace
// gets quicker than is polite; and sets quiet hours.
func TestAdminSetsPaceAndQuietTimes(t *testing.T) {
	s := newSite(t)
	p := s.sits(t, "admin", consoletest.Options{})
	field := func(key string) string { return `[name="` + key + `"]` }
	save := ".tools.stay button"
	inForce := func(key, want string) {
		t.Helper()
		for _, v := range s.Config().Values() {
			if v.Key == key && v.Value != want {
				t.Errorf("%s is %q, want %q", key, v.Value, want)
			}
		}
	}
	p.Go("/settings")
	p.Fill(field("pacing.text.per_day"), "200")
	p.Fill(field("quiet_hours"), "19:00-09:00")
	p.Follow(save)
	p.WaitText("[role=status]", "Texts a day 200")
	inForce("pacing.text.per_day", "200") // slower: at once
	inForce("quiet_hours", "19:00-09:00")

	p.Fill(field("quiet_hours"), "at noon")
	p.Fill(field("pacing.text.every"), "soon")
	p.Fill(field("pacing.text.per_hour"), "100")
	p.Expect(http.StatusBadRequest)
	p.Follow(save)
	p.WaitText("[role=alert]", english("page_settings.refused", 2))
	if n := p.Count(".setting.attention [aria-invalid=true]"); n != 2 {
		t.Errorf("%d fields are marked", n)
	}
	p.WaitText(`.setting.attention .fault`, "at noon")
	var kept string
	p.Eval(`[...document.querySelectorAll("[name='pacing.text.every'], [name='pacing.text.per_hour']")].map(e => e.value).join()`, &kept)
	if kept != "soon,100" {
		t.Errorf("what was typed is %q now", kept)
	}
	look(t, p)
	inForce("pacing.text.per_hour", "120")

	p.Go("/settings")
	p.Fill(field("pacing.text.per_day"), "900")
	p.Follow(save)
	p.WaitText(".decision[role=alert]", english("page_settings.quicker"))
	p.WaitText(".decision", "900")
	inForce("pacing.text.per_day", "200")
	look(t, p)
	p.Follow(`.decision a[href="/settings"]`) // thinks better of it
	inForce("pacing.text.per_day", "200")
	p.Fill(field("pacing.text.per_day"), "900")
	p.Follow(save)
	p.Click(".decision [name=confirm]")
	p.Follow(".decision button.danger")
	p.WaitText("[role=status]", "Texts a day 900")
	inForce("pacing.text.per_day", "900")
	p.WaitText("main", english("page_settings.is_quicker"))
	p.Follow(`button[name=default][value="pacing.text.per_day"]`)
	inForce("pacing.text.per_day", "400")
}

// TestAdminKeepsTheCalendar sets a holiday by a click on the year, a swapped day, a notice pasted whole, and takes a day out;
// with scripts and without.
func TestAdminKeepsTheCalendar(t *testing.T) {
	for name, o := range map[string]consoletest.Options{"scripts": {}, "no scripts, on a phone": {NoScript: true, Width: 360, Height: 740}} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			p := s.sits(t, "admin", o)
			days := func(want int) {
				t.Helper()
				if all, err := s.store.Days(); err != nil || len(all) != want {
					t.Errorf("%d days are kept, want %d: %v %v", len(all), want, all, err)
				}
			}
			p.Go("/settings/calendar?year=2026")
			p.Follow("nav.pager a[rel=next]")
			p.Click(`a.day[href*="2027-02-05"]`)
			p.WaitText("#day h2", "Friday, 5 February 2027")
			p.Fill("#day [name=zh]", "春节")
			p.Eval(`document.querySelector("#day [name=to]").value = "2027-02-11"`, nil)
			p.Follow("#day button")
			p.WaitText("[role=status]", english("page_settings.days_set", 7))
			if n := p.Count("table.month a.day.rest"); n != 7 {
				t.Errorf("the year shows %d days of rest", n)
			}
			days(7)
			p.Click(`a.day[href*="2027-02-14"]`)
			p.WaitText("#day h2", "Sunday, 14 February 2027")
			p.Click("#day [name=kind][value=work]")
			p.Follow("#day button")
			p.WaitText("table.month a.day.work", "14")
			p.Click(`a.day[href*="2027-02-11"]`)
			p.WaitText("#day h2", "Thursday, 11 February 2027")
			p.Click("#day [name=kind][value=none]")
			p.Follow("#day button")
			days(7)

			p.Fill("[name=days]", "2027-10-01..2027-10-07 rest 国庆节 / 국경절\n2027-09-26 perhaps")
			p.Expect(http.StatusBadRequest)
			p.Follow("[name=do][value=store]")
			p.WaitText("#list-faults", "line 2: ")
			days(7)
			p.Fill("[name=days]", "2027-10-01..2027-10-07 rest 国庆节 / 국경절\n2027-09-26 work 调休")
			p.Follow("[name=do][value=check]")
			p.WaitText("main", "Sunday, 26 September 2027")
			days(7)
			if !o.NoScript {
				p.Axe()
				p.Fits()
			}
			p.Follow("[name=do][value=store]")
			p.WaitText("[role=status]", english("page_settings.days_set", 8))
			days(15)
		})
	}
}

// TestAdminWritesATemplate sees what a template says while it is written and where it is wrong, saves it, compares two versions
// and restores one.
func TestAdminWritesATemplate(t *testing.T) {
	s := newSite(t)
	p := s.sits(t, "admin", consoletest.Options{Width: 1920, Height: 1080})
	p.Go("/settings/templates")
	p.Follow(`a[href="/settings/templates/opted-out"]`)
	p.WaitText("#preview .bubble", "알겠습니다.")
	before := p.Text("#preview .counter")
	p.Eval("window.same = true", nil)
	var text string
	p.Eval(`document.querySelector("#text").value`, &text)
	good := strings.Replace(text, "알겠습니다.", "잘 알았습니다. 봄바람이였습니다.", 1)
	p.Fill("#text", good)
	p.WaitText("#preview .bubble", "봄바람이였습니다.")
	if now := p.Text("#preview .counter"); now == before {
		t.Errorf("the length stays %s", now)
	}
	p.Fill("#text", strings.Replace(good, "잘 알았습니다.", "{{.Nonsense}}", 1))
	p.WaitText("#preview [role=status]", "Nonsense")
	p.WaitText("#preview pre del", "{{.Nonsense}}")
	p.Click("#preview a[data-line]")
	var marked string
	p.Eval(`(e => e.value.slice(e.selectionStart, e.selectionEnd))(document.querySelector("#text"))`, &marked)
	if !strings.Contains(marked, "{{.Nonsense}}") || strings.Contains(marked, "\n") {
		t.Errorf("the line that is marked is %q", marked)
	}
	look(t, p)
	same := false
	if p.Eval("window.same === true", &same); !same {
		t.Error("the page was loaded again")
	}
	p.Expect(http.StatusBadRequest)
	p.Follow("[name=do][value=save]") // what is wrong is not saved, and stays in the editor
	p.WaitText("[role=alert]", "Nonsense")
	file := filepath.Join(s.store.Dir(), "templates", "opted-out.tmpl")
	if _, err := os.Stat(file); err == nil {
		t.Error("what is wrong is saved")
	}
	p.Fill("#text", good)
	p.Fill("[name=note]", "spring")
	p.Follow("[name=do][value=save]")
	p.WaitText("[role=status]", "opted-out")
	p.Fill("#text", strings.Replace(good, "봄바람", "가을바람", 1))
	p.Follow("[name=do][value=save]")
	p.Choose("[name=left]", "1")
	p.Choose("[name=right]", "2")
	p.Follow("form.filters button")
	p.WaitText("table.diff del", "봄바람")
	p.WaitText("table.diff ins", "가을바람")
	p.Go(strings.TrimSuffix(p.URL(), "#compare")) // the bytes of one page alone are counted
	look(t, p)
	p.Follow(`a[href="?restore=1"]`)
	p.WaitText("#preview .bubble", "봄바람이였습니다.")
	p.Follow("[name=do][value=save]")
	if b, err := os.ReadFile(file); err != nil || string(b) != good {
		t.Errorf("restored is %q (%v)", b, err)
	}
	p.WaitText("main", english("page_settings.again", english("page_settings.version_n", "1")))
	p.Follow("[name=do][value=built-in]")
	if _, err := os.Stat(file); err == nil {
		t.Error("the bureau's own one is in force")
	}
}

// TestSettingsPagesInABrowser looks at these pages with something on them, in every window and language.
func TestSettingsPagesInABrowser(t *testing.T) {
	s := newSite(t)
	w := s.wave(t)
	admin := s.visit(t, "admin")
	for path, form := range map[string]map[string][]string{
		"/settings/calendar/list":       {"do": {"store"}, "days": {"2027-02-05..2027-02-11 rest 春节 / 음력설\n2027-02-14 work 调休"}},
		"/settings/templates/vacancy":   {"do": {"save"}, "from": {"0"}, "note": {"<b>"}, "text": {builtIn("vacancy") + "{{/* spring */}}"}},
		"/settings/templates/withdrawn": {"do": {"save"}, "from": {"0"}, "text": {builtIn("withdrawn") + "\n{{/* spring */}}"}},
	} {
		if status, _, body := admin.form("/settings/templates/vacancy", path, form); status != 303 {
			t.Fatalf("%s: %d\n%s", path, status, body)
		}
	}
	for name, o := range windows() {
		t.Run(name, func(t *testing.T) {
			lang := words.Preferred(o.Languages)
			p := s.sits(t, "admin", o)
			p.Follow("[name=lang][value=" + string(lang) + "]")
			for _, path := range []string{"/settings", "/settings/calendar?year=2027", "/settings/calendar?year=2027&day=2027-02-05", "/settings/templates", "/settings/templates/vacancy",
				"/settings/templates/digest", "/settings/templates/vacancy?left=built-in&right=now", "/settings/templates/withdrawn?restore=1"} {
				p.Go(path)
				look(t, p)
			}
			staff := s.sits(t, "staff", o)
			staff.Follow("[name=lang][value=" + string(lang) + "]")
			for _, path := range []string{"/wave-tests/" + w.ID, "/settings", "/settings/calendar?year=2027", "/settings/templates/vacancy"} {
				staff.Go(path)
				look(t, staff)
			}
		})
	}
}

// builtIn is the text of a built-in template.
func builtIn(name string) string {
	text, _ := templates.BuiltIn(name)
	return text
}
