package api

import (
	"strings"
	"time"
	"unicode"

	"chunfeng/store"
	"chunfeng/templates/place"
	"chunfeng/templates/words"
)

// Account is an account as scripts see it.
type Account struct {
	Name          string             `json:"name"`
	State         store.AccountState `json:"state"`
	Why           string             `json:"why,omitempty"`
	County        string             `json:"county,omitempty"`
	NickName      string             `json:"nick_name,omitempty"`
	Groups        int                `json:"groups"` // bound in its present session
	Quarantined   int                `json:"quarantined"`
	SentToday     int                `json:"sent_today"`
	CoolingUntil  *time.Time         `json:"cooling_until"`
	LastInboundAt *time.Time         `json:"last_inbound_at"`
	OnlineSince   *time.Time         `json:"online_since"`
	AddedAt       *time.Time         `json:"added_at"`
}

func (a *API) accountRoutes() {
	a.on(Read, "GET /v1/accounts", func(request) (any, error) {
		all, err := a.store.Accounts()
		if err != nil {
			return nil, err
		}
		out := []Account{}
		for _, one := range all {
			v, err := a.viewAccount(one)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, a.countUnpaced(out)
	})
	a.on(Manage, "POST /v1/accounts", func(r request) (any, error) {
		var in struct{ Name, County string }
		if err := r.json(&in); err != nil {
			return nil, err
		}
		if err := checkAccountName(in.Name); err != nil {
			return nil, err
		}
		county, err := countyCode(in.County)
		if err != nil {
			return nil, err
		}
		one, err := a.store.AddAccount(in.Name, county, r.Name)
		if err != nil {
			return nil, err
		}
		return a.viewAccount(one)
	})
	a.on(Read, "GET /v1/accounts/{name}", func(r request) (any, error) {
		one, err := a.store.Account(r.PathValue("name"))
		if err != nil {
			return nil, err
		}
		v, err := a.viewAccount(one)
		if err != nil {
			return nil, err
		}
		out := []Account{v}
		err = a.countUnpaced(out)
		return out[0], err
	})
	change := func(pattern, what string, change func(*store.Account) error) {
		a.on(Manage, pattern, func(r request) (any, error) {
			one, err := a.store.ChangeAccount(r.PathValue("name"), r.Name, what, change)
			if err != nil {
				return nil, err
			}
			return a.viewAccount(one)
		})
	}
	change("POST /v1/accounts/{name}/pause", "account.pause", func(one *store.Account) error {
		one.Paused = true
		return nil
	})
	change("POST /v1/accounts/{name}/resume", "account.resume", func(one *store.Account) error {
		// A person resumes what the platform had stopped, too.
		one.Paused = false
		if one.State == store.AccountStopped {
			one.State, one.Why = store.AccountOffline, ""
		}
		return nil
	})
	change("DELETE /v1/accounts/{name}", "account.remove", func(one *store.Account) error {
		one.Removed, one.State = true, store.AccountOffline
		return nil
	})
	a.on(Manage, "POST /v1/accounts/{name}/login", func(r request) (any, error) { return a.login(r) })
}

// checkAccountName refuses what cannot be typed again without trouble.
func checkAccountName(name string) error {
	bad := strings.ContainsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.", r)
	})
	if name == "" || len(name) > 32 || bad {
		return words.Refuse("cmd.bad_account_name", name).Of(words.Usage)
	}
	return nil
}

// countyCode takes a county in any language; nothing is nothing.
func countyCode(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	c, ok := place.Find(name)
	if !ok {
		var known []string
		for _, one := range place.All() {
			known = append(known, one.Code)
		}
		return "", words.Refuse("cmd.no_county", name, strings.Join(known, ", ")).Of(words.Usage)
	}
	return c.Code, nil
}

// Login is what must be scanned so that an account logs in.
type Login struct {
	Account string             `json:"account"`
	State   store.AccountState `json:"state"`
	URL     string             `json:"url,omitempty"`
	PNG     []byte             `json:"png,omitempty"` // base64 in JSON
	Expires *time.Time         `json:"expires,omitempty"`
}

// login answers what must be scanned for an account. It needs a daemon: a login lives as long as the program that made it.
func (a *API) login(r request) (any, error) {
	one, err := a.store.Account(r.PathValue("name"))
	if err != nil {
		return nil, err
	}
	if !a.Running() {
		return nil, words.Refuse("cmd.no_daemon").Of(words.Later)
	}
	if one.Paused {
		return nil, words.Refuse("cmd.account_paused", one.Name).Of(words.Conflict)
	}
	// A login that has just begun has no code yet.
	for start := time.Now(); ; {
		v, err := a.viewAccount(one)
		if err != nil {
			return nil, err
		}
		out := Login{Account: v.Name, State: v.State}
		if code, ok := a.Code(one.Name); ok {
			out.URL, out.PNG, out.Expires = code.Link, code.PNG, a.moment(code.Expires)
			return out, nil
		}
		if v.State == store.AccountOnline || v.State == store.AccountCooling {
			return out, nil
		}
		if time.Since(start) > codeWait || r.Context().Err() != nil {
			return nil, words.Refuse("cmd.no_qr", one.Name, words.T("state."+string(v.State))).Of(words.Later)
		}
		select {
		case <-r.Context().Done():
		case <-time.After(100 * time.Millisecond):
		}
		if one, err = a.store.Account(one.Name); err != nil {
			return nil, err
		}
	}
}

// codeWait is how long a command waits for a login to come to its code.
const codeWait = 15 * time.Second

func (a *API) viewAccount(one store.Account) (Account, error) {
	v := Account{
		Name: one.Name, State: one.State, Why: one.Why, County: one.County, NickName: one.NickName,
		LastInboundAt: a.moment(one.LastInboundAt), OnlineSince: a.moment(one.OnlineSince), AddedAt: a.moment(one.AddedAt),
	}
	if one.Removed {
		return v, nil
	}
	bindings, err := a.store.Bindings(one.Name)
	if err != nil {
		return v, err
	}
	for _, b := range bindings {
		switch b.State {
		case store.Bound:
			v.Groups++
		case store.Quarantined:
			v.Quarantined++
		}
	}
	pace, err := a.store.Pace(one.Name)
	if err != nil {
		return v, err
	}
	now := a.now()
	for _, s := range []store.Spent{pace.Text, pace.Media} {
		if s.Day == now.Format(time.DateOnly) {
			v.SentToday += s.Today
		}
		if s.CoolingUntil.After(now) && (v.CoolingUntil == nil || s.CoolingUntil.After(*v.CoolingUntil)) {
			v.CoolingUntil = a.moment(s.CoolingUntil)
		}
	}
	v.State = a.accountState(one, v.CoolingUntil != nil)
	return v, nil
}

// countUnpaced fills in what was sent today where no pace is kept, which is where there is no limit: then it is counted from
// the waves that the accounts sent of today, without answers to residents.
func (a *API) countUnpaced(all []Account) error {
	c := a.Config()
	if !c.Text.Unlimited() || !c.Media.Unlimited() {
		return nil
	}
	waves, err := a.store.Waves(false)
	if err != nil {
		return err
	}
	today := a.now().Format(time.DateOnly)
	sent := map[string]int{}
	for _, w := range waves {
		lanes, err := a.store.Lanes(w.Number)
		if err != nil {
			return err
		}
		for _, l := range lanes {
			if a.local(l.LastAt).Format(time.DateOnly) == today {
				sent[l.Account] += l.Counts[store.Accepted] + l.Counts[store.Sent] + l.Counts[store.Recalled] + l.Counts[store.Unknown]
			}
		}
	}
	for i := range all {
		all[i].SentToday = max(all[i].SentToday, sent[all[i].Name])
	}
	return nil
}

// accountState is what an account is doing now. What the ledger says of a login is worth nothing while no daemon runs.
func (a *API) accountState(one store.Account, cooling bool) store.AccountState {
	switch {
	case one.Paused:
		return store.AccountPaused
	case one.State == store.AccountOnline && !a.Running(), one.State == store.AccountWaitingScan && !a.Running():
		return store.AccountOffline
	case one.State == store.AccountOnline && cooling:
		return store.AccountCooling
	}
	return one.State
}
