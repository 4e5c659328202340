package api

import (
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"chunfeng/broadcast"
	"chunfeng/store"
	"chunfeng/templates/place"
	"chunfeng/templates/words"
)

// Account is an account as scripts see it.
type Account struct {
	Name          string             `json:"name"`
	State         store.AccountState `json:"state"`
	Since         *time.Time         `json:"since"` // of being online, or of hearing nothing; null where it is not known
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
	Text          Used               `json:"text"`  // every message against its caps
	Media         Used               `json:"media"` // pictures and files against theirs
	WarmUpWeek    int                `json:"warm_up_week,omitempty"`
	Health        Health             `json:"health"`
}

// Used is what an account sent against its caps. A cap of 0 is none, and what has no cap is not counted by the hour.
type Used struct {
	Minute       int        `json:"minute"`
	PerMinute    int        `json:"per_minute"`
	Hour         int        `json:"hour"`
	PerHour      int        `json:"per_hour"`
	Today        int        `json:"today"`
	PerDay       int        `json:"per_day"`  // in force: less while the account is new, half after a second signal of the platform
	FullDay      int        `json:"full_day"` // without that
	CoolingUntil *time.Time `json:"cooling_until"`
	HalvedUntil  *time.Time `json:"halved_until"`
	Signals      int        `json:"signals"` // of the platform in the last 24 hours
}

func (a *API) viewUsed(u broadcast.Used) Used {
	return Used{
		u.Minute, u.PerMinute, u.Hour, u.PerHour, u.Today, u.PerDay, u.FullDay, a.moment(u.CoolingUntil), a.moment(u.HalvedUntil), u.Signals,
	}
}

// NewAccount is what an account is made of.
type NewAccount struct {
	Name   string `json:"name"`             // letters, digits, -, _ and dots, at most 32 bytes
	County string `json:"county,omitempty"` // whose groups it rather serves: a code, or a name in any language
}

func (a *API) accountRoutes() {
	a.on(Read, "GET /v1/accounts", func(r request) (any, error) {
		all, err := a.store.Accounts()
		if err != nil {
			return nil, err
		}
		return a.viewAccounts(r, slices.DeleteFunc(all, func(one store.Account) bool { return !r.seesAccount(one) }))
	}).says("Lists the accounts, each with what it sent today and whether it cools down.").answers([]Account{})
	a.on(Manage, "POST /v1/accounts", func(r request) (any, error) {
		var in NewAccount
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
		if !r.Sees(county) {
			return nil, words.Refuse("page_accounts.other_county").Of(words.Forbidden)
		}
		one, err := a.store.AddAccount(in.Name, county, r.Name)
		if err != nil {
			return nil, err
		}
		return a.viewAccount(r, one)
	}).says("Adds an account. Its first login is started by the daemon.").takes(NewAccount{}).answers(Account{})
	a.on(Read, "GET /v1/accounts/{name}", func(r request) (any, error) {
		one, err := a.accountFor(r, false)
		if err != nil {
			return nil, err
		}
		return a.viewAccount(r, one)
	}).says("Answers one account.").answers(Account{})
	change := func(pattern, what, says string, change func(*store.Account) error) {
		a.on(Manage, pattern, func(r request) (any, error) {
			if _, err := a.accountFor(r, true); err != nil {
				return nil, err
			}
			one, err := a.store.ChangeAccount(r.PathValue("name"), r.Name, what, change)
			if err != nil {
				return nil, err
			}
			return a.viewAccount(r, one)
		}).says(says).answers(Account{})
	}
	change("POST /v1/accounts/{name}/pause", "account.pause", "Has an account send nothing until it is resumed.", func(one *store.Account) error {
		one.Paused = true
		return nil
	})
	change("POST /v1/accounts/{name}/resume", "account.resume", "Lets an account send again, also one that the platform had stopped.", func(one *store.Account) error {
		// A person resumes what the platform had stopped, too.
		one.Paused = false
		if one.State == store.AccountStopped {
			one.State, one.Why = store.AccountOffline, ""
		}
		return nil
	})
	change("DELETE /v1/accounts/{name}", "account.remove", "Takes an account out of service.", func(one *store.Account) error {
		one.Removed, one.State = true, store.AccountOffline
		return nil
	})
	a.on(Manage, "POST /v1/accounts/{name}/login", func(r request) (any, error) { return a.login(r) }).
		says("Answers what must be scanned so that an account logs in; it waits up to 15 s for the code.").answers(Login{})
	a.handOverRoutes()
	a.on(Manage, "GET /v1/accounts/{name}/code", func(r request) (any, error) {
		one, err := a.accountFor(r, true)
		if err != nil {
			return nil, err
		}
		return a.code(one), nil
	}).says("Answers what must be scanned at this moment so that an account logs in, without waiting for it.").answers(Login{})
}

// seesAccount tells whether an account is the caller's to see: one of the caller's county, or of the whole prefecture.
func (c Caller) seesAccount(one store.Account) bool { return one.County == "" || c.Sees(one.County) }

// accountFor answers the account of the path. A caller of a county does not see another county's, and changes none that
// serves the whole prefecture.
func (a *API) accountFor(r request, change bool) (store.Account, error) {
	one, err := a.store.Account(r.PathValue("name"))
	switch {
	case err != nil:
		return one, err
	case !r.seesAccount(one):
		return one, hide(words.Refuse("store.no_account", one.Name).Of(words.Missing))
	case change && !r.Sees(one.County):
		return one, words.Refuse("page_accounts.prefectures", one.Name).Of(words.Forbidden)
	}
	return one, nil
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
	Account  string             `json:"account"`
	NickName string             `json:"nick_name,omitempty"` // whose telephone scans
	State    store.AccountState `json:"state"`
	URL      string             `json:"url,omitempty"`
	PNG      []byte             `json:"png,omitempty"` // base64 in JSON
	Expires  *time.Time         `json:"expires,omitempty"`
}

// code answers what must be scanned for an account at this moment, without waiting for it.
func (a *API) code(one store.Account) Login {
	out := Login{Account: one.Name, NickName: one.NickName, State: a.accountState(one, a.cooling(one.Name))}
	if code, ok := a.Code(one.Name); ok && !one.Paused {
		out.URL, out.PNG, out.Expires = code.Link, code.PNG, a.moment(code.Expires)
	}
	return out
}

// login answers what must be scanned for an account, and waits for it. It needs a daemon: a login lives as long as the
// program that made it.
func (a *API) login(r request) (any, error) {
	one, err := a.accountFor(r, true)
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
		out := a.code(one)
		if out.URL != "" || out.State == store.AccountOnline || out.State == store.AccountCooling {
			return out, nil
		}
		if time.Since(start) > codeWait || r.Context().Err() != nil {
			return nil, words.Refuse("cmd.no_qr", one.Name, words.T("state."+string(out.State))).Of(words.Later)
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

// cooling tells whether the platform asked an account for less until later than now.
func (a *API) cooling(name string) bool {
	pace, err := a.store.Pace(name)
	return err == nil && (pace.Text.CoolingUntil.After(time.Now()) || pace.Media.CoolingUntil.After(time.Now()))
}

// codeWait is how long a command waits for a login to come to its code.
const codeWait = 15 * time.Second

// viewAccounts views accounts with what is known of all of them together.
func (a *API) viewAccounts(r request, all []store.Account) ([]Account, error) {
	out := []Account{}
	c := a.Config()
	pacing := broadcast.Pacing{
		Text: broadcast.Limits(c.Text), Media: broadcast.Limits(c.Media), WarmUp: c.WarmUp, Cooldown: c.Cooldown, Watch: c.ConfirmAfter, Zone: c.Zone,
	}
	now := a.now()
	today, err := a.tallyToday(now)
	if err != nil {
		return nil, err
	}
	gaps, err := a.store.Gaps(false)
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		v, err := a.viewOne(one, pacing, now)
		if err != nil {
			return nil, err
		}
		sent := today[one.Name]
		v.SentToday = v.Text.Today
		if c.Text.Unlimited() && c.Media.Unlimited() {
			// No pace is kept where there is no limit: then it is counted from the waves, without answers to residents.
			v.SentToday = max(v.SentToday, sent[store.Accepted]+sent[store.Sent]+sent[store.Recalled]+sent[store.Unknown])
		}
		since, lapses := lapsesOf(one.Name, gaps, now)
		if v.Since = v.OnlineSince; v.State != store.AccountOnline && v.State != store.AccountCooling {
			v.Since = a.moment(since)
		}
		v.Health = healthOf(r.Lang, condition{v, sent, lapses, now})
		out = append(out, v)
	}
	return out, nil
}

func (a *API) viewAccount(r request, one store.Account) (Account, error) {
	out, err := a.viewAccounts(r, []store.Account{one})
	if err != nil {
		return Account{}, err
	}
	return out[0], nil
}

// viewOne views what is known of one account alone.
func (a *API) viewOne(one store.Account, pacing broadcast.Pacing, now time.Time) (Account, error) {
	v := Account{
		Name: one.Name, State: one.State, Why: one.Why, County: one.County, NickName: one.NickName,
		LastInboundAt: a.moment(one.LastInboundAt), OnlineSince: a.moment(one.OnlineSince), AddedAt: a.moment(one.AddedAt),
	}
	if one.Removed {
		return v, nil
	}
	var err error
	if v.Groups, v.Quarantined, err = a.seen.count(a.store, one.Name); err != nil {
		return v, err
	}
	pace, err := a.store.Pace(one.Name)
	if err != nil {
		return v, err
	}
	may := pacing.Allowance(pace, now)
	v.Text, v.Media, v.WarmUpWeek = a.viewUsed(may.Text), a.viewUsed(may.Media), may.Week
	for _, until := range []*time.Time{v.Text.CoolingUntil, v.Media.CoolingUntil} {
		if until != nil && (v.CoolingUntil == nil || until.After(*v.CoolingUntil)) {
			v.CoolingUntil = until
		}
	}
	v.State = a.accountState(one, v.CoolingUntil != nil)
	return v, nil
}

// seenCounts counts accounts' bindings. A count is good for twenty times as long as it took, so that a page that is made
// anew each second takes a twentieth of a core at most, and a small registry is always counted as it is.
type seenCounts struct {
	mu sync.Mutex
	of map[string]seenCount
}

type seenCount struct {
	until           time.Time
	bound, doubtful int
}

// count answers how many groups an account's present session knows for certain, and how many it doubts.
func (c *seenCounts) count(s *store.Store, account string) (bound, doubtful int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	begun := time.Now()
	if n, ok := c.of[account]; ok && begun.Before(n.until) {
		return n.bound, n.doubtful, nil
	}
	all, err := s.Bindings(account)
	if err != nil {
		return 0, 0, err
	}
	var n seenCount
	for _, b := range all {
		switch b.State {
		case store.Bound:
			n.bound++
		case store.Quarantined:
			n.doubtful++
		}
	}
	took := time.Since(begun)
	if n.until = begun.Add(20 * took); c.of == nil {
		c.of = map[string]seenCount{}
	}
	c.of[account] = n
	return n.bound, n.doubtful, nil
}

// tallyToday counts by account what became of the deliveries of those lanes that claimed something today. A lane that began
// yesterday is counted whole.
func (a *API) tallyToday(now time.Time) (map[string]store.Tally, error) {
	waves, err := a.store.Waves(false)
	if err != nil {
		return nil, err
	}
	out, today := map[string]store.Tally{}, now.Format(time.DateOnly)
	for _, w := range waves {
		if !w.FinishedAt.IsZero() && a.local(w.FinishedAt).Format(time.DateOnly) < today {
			continue
		}
		lanes, err := a.store.Lanes(w.Number)
		if err != nil {
			return nil, err
		}
		for _, l := range lanes {
			if a.local(l.LastAt).Format(time.DateOnly) != today {
				continue
			}
			sum := out[l.Account]
			for s, n := range l.Counts {
				sum[s] += n
			}
			out[l.Account] = sum
		}
	}
	return out, nil
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
