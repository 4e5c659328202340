package console

import (
	"testing"

	"chunfeng/cmd/chunfeng/console/consoletest"
	"chunfeng/store"
)

// TestAccountComesOnline watches an account log in on a page that nobody loads again: the code is there, then another one,
// then the account is online.
func TestAccountComesOnline(t *testing.T) {
	s := newSite(t)
	s.registry(t)
	p := s.sits(t, "admin", consoletest.Options{})
	p.Go("/accounts/a03")
	p.Eval("window.same = true", nil) // gone when the page is loaded anew
	p.Wait("the code is drawn", `document.querySelector("img.qr").naturalWidth > 20`)
	p.WaitText("#account-now", "Scan with the phone of account a03")
	first := ""
	p.Eval(`document.querySelector("img.qr").src`, &first)
	s.renewed.Store(true)
	p.Wait("the next code replaces it", `document.querySelector("img.qr").src !== "`+first+`" && document.querySelector("img.qr").naturalWidth > 20`)
	if _, err := s.store.StartSession("a03", "e", 3, "해란강"); err != nil {
		t.Fatal(err)
	}
	p.WaitText("#account-now", "online")
	p.Wait("the code is gone", `!document.querySelector("img.qr")`)
	if _, err := s.store.ChangeAccount("a03", "", "", func(a *store.Account) error {
		a.State, a.Why = store.AccountStopped, "bot.forbidden"
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	p.WaitText("#account-now", "stopped")
	same := false
	p.Eval("window.same === true", &same)
	if !same {
		t.Error("the page was loaded again")
	}
}

// TestRegistryInABrowser looks at what the registry's pages show when there is something to show, and finds a group's
// history from the coverage by keyboard alone.
func TestRegistryInABrowser(t *testing.T) {
	s := newSite(t)
	s.registry(t)
	for name, o := range windows() {
		t.Run(name, func(t *testing.T) {
			p := s.sits(t, "staff", o)
			for _, path := range []string{"/groups", "/groups?reach=doubtful", "/groups/coverage?county=hunchun", "/groups/YJ001", "/groups/HL006", "/groups/gaps/1", "/groups/doubtful", "/accounts", "/accounts/a01", "/accounts/a04"} {
				p.Go(path)
				look(t, p)
			}
			p = s.sits(t, "supervisor", o)
			for _, path := range []string{"/groups/doubtful", "/groups/chats/HC017?account=a01", "/groups/YJ001", "/accounts/a01/hand-over?to=a02"} {
				p.Go(path)
				look(t, p)
			}
			p = s.sits(t, "admin", o)
			for _, path := range []string{"/accounts/a03", "/accounts/a04", "/accounts/a05"} {
				p.Go(path)
				look(t, p)
			}
		})
	}
}
