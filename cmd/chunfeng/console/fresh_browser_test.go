package console

import (
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// older has the code of every session of a person be so much older than fresh, whether or not one was given.
func (s *site) older(t testing.TB, name string) {
	t.Helper()
	all, err := s.store.WebSessions(name, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range all {
		one, _, _, err := s.store.WebSession(one.Key, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		until, values, err := codec{}.Decode(one.Data)
		if err != nil {
			t.Fatal(err)
		}
		values[sessionSecond] = time.Now().Add(-api.FreshFor - time.Second).Format(time.RFC3339Nano)
		if one.Data, err = (codec{}).Encode(until, values); err != nil {
			t.Fatal(err)
		}
		if err := s.store.SaveWebSession(one); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFreshCodeInABrowser looks at the form with its field for a code and at the page that asks for it alone, in the three
// languages, in windows of every size, and does the deed by keyboard.
func TestFreshCodeInABrowser(t *testing.T) {
	s := newSite(t)
	s.wave(t)
	n := s.signs(t, 1, "A001 13844331234", "13844331234")
	for name, o := range windows() {
		t.Run(name, func(t *testing.T) {
			secret, _, err := api.NewSecond("supervisor")
			if err != nil {
				t.Fatal(err)
			}
			lang := words.Preferred(o.Languages)
			if _, err := s.store.ChangeUser("supervisor", "supervisor", "", func(u *store.User) error {
				u.Lang, u.Second = string(lang), store.Second{Secret: secret, Since: time.Now()}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			p := s.sits(t, "supervisor", o)
			before := s.force.config.Load()
			s.strict()
			defer s.force.config.Store(before)
			s.older(t, "supervisor")
			for _, path := range []string{"/signups/" + n.ID, "/signups", "/subject"} {
				p.Go(path)
				look(t, p)
				if p.Count("main [name=fresh]") != 1 {
					t.Errorf("%s has no field for a code", path)
				}
			}
			p.Go("/signups/" + n.ID)
			p.Fill("main [name=purpose]", "<b>")
			p.Fill("main [name=fresh]", "000000")
			p.Expect(http.StatusUnauthorized)
			p.Leads(func() { p.Press(kb.Enter) })
			p.WaitText("h1", words.Say(lang, "second.again_title"))
			if p.Count("form.language") != 0 {
				t.Error("a change of language would lose what was to be done")
			}
			look(t, p)
			p.Type(code(t, secret, time.Now())) // the field has the focus
			p.TabTo("main form button")
			p.Leads(func() { p.Press(kb.Enter) })
			p.WaitText("#phone", "13844331234")
		})
	}
}
