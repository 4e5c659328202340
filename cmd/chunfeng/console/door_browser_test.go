package console

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/cmd/chunfeng/console/consoletest"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// TestLanguageAtTheDoor changes the language in the middle of signing in: what was typed stays, the password and the code too,
// and so does where the person was going.
func TestLanguageAtTheDoor(t *testing.T) {
	s := newSite(t)
	secret, _, err := api.NewSecond("approver")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.ChangeUser("approver", "approver", "", func(u *store.User) error {
		u.Second = store.Second{Secret: secret, Since: time.Now()}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	p := s.sits(t, "", consoletest.Options{Width: 360, Height: 740, Languages: "en-GB,en"})
	s.strict()
	p.Go("/me?x=1")
	p.Fill("[name=name]", "approver")
	p.Fill("[name=password]", "a wrong password")
	p.Expect(http.StatusUnauthorized)
	p.Leads(func() { p.Press(kb.Enter) })
	p.Fill("[name=password]", password)
	chosen := func(lang words.Lang, title string) {
		t.Helper()
		p.Click("form.language [value=" + string(lang) + "]")
		p.WaitText("h1", words.Say(lang, title))
		if p.Count("html[lang="+string(lang)+"]") != 1 || p.Count("form.language [value="+string(lang)+"]:focus") != 1 {
			t.Errorf("%s: the page does not say its language, or the button that was pressed lost the focus", lang)
		}
		p.Axe()
		p.Fits()
	}
	value := func(field string) (v string) {
		t.Helper()
		p.Eval(`document.querySelector("main [name=`+field+`]").value`, &v)
		return v
	}
	for _, lang := range []words.Lang{words.Chinese, words.Korean} {
		chosen(lang, "console.sign_in")
		if value("name") != "approver" || value("password") != password || value("to") != "/me?x=1" {
			t.Errorf("%s: what was typed is lost: %q, a password of %d characters, %q", lang, value("name"), len(value("password")), value("to"))
		}
	}
	p.Follow("main form button")
	if p.URL() != "/second" {
		t.Fatalf("the sign-in leads to %s", p.URL())
	}
	typed := code(t, secret, time.Now())
	p.Fill("[name=code]", typed)
	for _, lang := range []words.Lang{words.English, words.Chinese} {
		chosen(lang, "second.title")
		if value("code") != typed {
			t.Errorf("%s: the code that was typed is lost: %q", lang, value("code"))
		}
	}
	p.Follow("main form button")
	if p.URL() != "/me?x=1" || p.Count("html[lang=zh]") != 1 {
		t.Errorf("the code leads to %s", p.URL())
	}
}

// TestPagesThatPass: what cannot be asked for again offers no change of language, which would lose what it holds.
func TestPagesThatPass(t *testing.T) {
	v := strict(t)
	p := v.visit(t, "approver")
	secret := secretOnPage.FindStringSubmatch(p.page("/second"))
	if secret == nil || !strings.Contains(p.page("/second"), `action="/language"`) {
		t.Fatalf("the page of the second factor:\n%s", p.page("/second"))
	}
	_, body := p.second(code(t, secret[1], time.Now()))
	if !spareOnPage.MatchString(body) || strings.Contains(body, `action="/language"`) {
		t.Errorf("the spare codes, which are shown once:\n%s", body)
	}
	if !strings.Contains(p.page("/me"), `action="/language"`) {
		t.Error("the page behind them offers no language")
	}
}
