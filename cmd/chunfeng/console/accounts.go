package console

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/place"
	"chunfeng/templates/words"
)

// accountsRoutes are the WeChat accounts: what they are doing, the code that logs one in, and what a person may order.
func (c *Console) accountsRoutes() {
	c.page("GET /accounts", api.Read, func(w http.ResponseWriter, r *request) error { return c.showAccounts(w, r, nil) })
	c.stream("GET /live/accounts", "accounts-live", api.Read, func(r *request) (any, error) { return c.accounts(r) })
	c.page("POST /accounts", api.Manage, func(w http.ResponseWriter, r *request) error {
		one, err := post[api.Account](c, r, "/v1/accounts", map[string]string{"name": r.PostForm.Get("name"), "county": r.PostForm.Get("county")})
		if err != nil {
			return c.showAccounts(w, r, err)
		}
		c.tell(r, r.say("page_accounts.added", one.Name))
		return c.back(w, r, "/accounts/"+seg(one.Name))
	})
	c.page("GET /accounts/{name}", api.Read, func(w http.ResponseWriter, r *request) error { return c.showAccount(w, r, nil) })
	c.stream("GET /live/accounts/{name}", "account-live", api.Read, func(r *request) (any, error) { return c.account(r) })
	c.page("GET /accounts/{name}/code.png", api.Manage, func(w http.ResponseWriter, r *request) error {
		l, err := get[api.Login](c, r, "/v1/accounts/"+seg(r.PathValue("name"))+"/code", nil)
		if err == nil && len(l.PNG) == 0 {
			err = words.Refuse("page_accounts.no_code", l.Account).Of(words.Missing)
		}
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(l.PNG) // whoever left does not need it
		return nil
	})
	c.handOverRoutes()
	for _, verb := range []string{"pause", "resume"} {
		c.page("POST /accounts/{name}/"+verb, api.Manage, func(w http.ResponseWriter, r *request) error {
			one, err := post[api.Account](c, r, "/v1/accounts/"+seg(r.PathValue("name"))+"/"+verb, nil)
			if err != nil {
				return c.showAccount(w, r, err)
			}
			c.tell(r, r.say("page_accounts.done_"+verb, one.Name))
			return c.back(w, r, "/accounts/"+seg(one.Name))
		})
	}
	c.page("POST /accounts/{name}/remove", api.Manage, func(w http.ResponseWriter, r *request) error {
		if r.PostForm.Get("sure") == "" {
			return c.showAccount(w, r, words.Refuse("page_accounts.not_sure", r.PathValue("name")).Of(words.Usage))
		}
		one, err := ask[api.Account](c, r, http.MethodDelete, "/v1/accounts/"+seg(r.PathValue("name")), nil, nil)
		if err != nil {
			return c.showAccount(w, r, err)
		}
		c.tell(r, r.say("page_accounts.removed", one.Name))
		return c.back(w, r, "/accounts")
	})
}

// accounts is what the list of accounts shows.
type accounts struct {
	All      []api.Account
	Counties []place.County
	Fixed    string // the county in which alone the person may add accounts; empty: any
	Now      time.Time
}

func (c *Console) accounts(r *request) (accounts, error) {
	all, err := get[[]api.Account](c, r, "/v1/accounts", nil)
	return accounts{all, place.All(), r.Caller.County, time.Now()}, err
}

func (c *Console) showAccounts(w http.ResponseWriter, r *request, refused error) error {
	p, err := c.accounts(r)
	if err != nil {
		return err
	}
	if refused != nil {
		return c.showError(w, r, "accounts", "accounts", r.say("console.nav_accounts"), p, refused)
	}
	return c.show(w, r, "accounts", "accounts", r.say("console.nav_accounts"), p)
}

// account is what one account shows.
type account struct {
	api.Account
	Code    string     // what tells one code from the next; empty when there is none to scan, or not for this person
	Expires *time.Time // of the code
	Mine    bool       // the person may change it, as far as the county goes
	Others  []string   // accounts that its groups could be handed to
}

func (c *Console) account(r *request) (p account, err error) {
	base := "/v1/accounts/" + seg(r.PathValue("name"))
	if p.Account, err = get[api.Account](c, r, base, nil); err != nil {
		return p, err
	}
	if p.Mine = r.Caller.Sees(p.County); !p.Mine || !r.Caller.May(api.Manage) {
		return p, nil
	}
	l, err := get[api.Login](c, r, base+"/code", nil)
	if err != nil || l.URL == "" || p.State == store.AccountOnline || p.State == store.AccountCooling {
		return p, err
	}
	sum := sha256.Sum256([]byte(l.URL)) // who has the link itself can log in: it stands in no address
	p.Code, p.Expires = hex.EncodeToString(sum[:6]), l.Expires
	return p, nil
}

func (c *Console) showAccount(w http.ResponseWriter, r *request, refused error) error {
	p, err := c.account(r)
	if err != nil {
		return err
	}
	all, err := get[[]api.Account](c, r, "/v1/accounts", nil)
	if err != nil {
		return err
	}
	for _, one := range all {
		if one.Name != p.Name {
			p.Others = append(p.Others, one.Name)
		}
	}
	if refused != nil {
		return c.showError(w, r, "accounts", "account", p.Name, p, refused)
	}
	return c.show(w, r, "accounts", "account", p.Name, p)
}

// capWhy says why a day's cap is less than the whole one; empty when it is not.
func capWhy(l words.Lang, u api.Used, week int) string {
	switch {
	case u.PerDay >= u.FullDay:
		return ""
	case u.HalvedUntil != nil && week > 0:
		return words.Say(l, "page_accounts.cap_both", week, u.FullDay)
	case u.HalvedUntil != nil:
		return words.Say(l, "page_accounts.cap_halved", u.FullDay)
	}
	return words.Say(l, "page_accounts.cap_new", week, u.FullDay)
}

// ago says how long ago a moment was, to the minute: a live page is not made anew for seconds.
func ago(l words.Lang, now time.Time, at *time.Time) string {
	if at == nil {
		return ""
	}
	d := now.Sub(*at)
	hours, minutes := int(d/time.Hour), int(d/time.Minute)%60
	switch {
	case d < time.Minute:
		return words.Say(l, "page_accounts.ago_now")
	case hours == 0:
		return words.Say(l, "page_accounts.ago_minutes", minutes)
	case hours < 48:
		return words.Say(l, "page_accounts.ago_hours", hours, minutes)
	}
	return words.Say(l, "page_accounts.ago_days", hours/24)
}
