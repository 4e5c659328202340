package wxsim

import (
	"crypto/md5"
	"sort"
	"time"
)

// traffic counts the requests of one endpoint.
type traffic struct {
	total  int
	second int64
	now    int
	most   int
}

func (t *traffic) add(now time.Time) {
	t.total++
	if sec := now.Unix(); sec != t.second {
		t.second, t.now = sec, 0
	}
	t.now++
	t.most = max(t.most, t.now)
}

// accountStats is what one account did.
type accountStats struct {
	AccountReport
	sends    []int64 // unix nanoseconds of each send request
	check    traffic
	clientID map[string]sendKey
}

// sendKey is what a ClientMsgId stands for: a hash is enough to see that it changed.
type sendKey struct {
	group string
	text  [16]byte
}

func (st *accountStats) init() {
	st.clientID = map[string]sendKey{}
	st.CookiesSeen, st.CookiesMissing = map[string]int{}, map[string]int{}
	st.Attempts = map[string]int{}
}

func (st *accountStats) cookies(host string, ok bool) {
	if ok {
		st.CookiesSeen[host]++
	} else {
		st.CookiesMissing[host]++
	}
}

func (st *accountStats) send(now time.Time, d Arrival, media string) {
	st.sends = append(st.sends, now.UnixNano())
	st.Sends++
	if d.Group != "" {
		st.Attempts[d.Group]++
	}
	if d.ClientMsgID == "" {
		return
	}
	key := sendKey{d.Group, md5.Sum([]byte(d.Kind + d.Text + media))}
	if old, ok := st.clientID[d.ClientMsgID]; !ok {
		st.clientID[d.ClientMsgID] = key
	} else if old == key {
		st.Repeated++
	} else {
		st.Clashes++
	}
}

func (s *Sim) count(c *call, now time.Time) {
	t := s.traffic[c.endpoint]
	if t == nil {
		t = &traffic{}
		s.traffic[c.endpoint] = t
	}
	t.add(now)
	if c.acct != nil && c.endpoint == "synccheck" {
		c.acct.stats.check.add(now)
	}
}

// RequestCount is how often an endpoint was asked.
type RequestCount struct {
	Total        int `json:"total"`
	MaxPerSecond int `json:"max_per_second"` // within one second of the clock
}

// Requests counts requests by the last part of their path.
func (s *Sim) Requests() map[string]RequestCount {
	s.lock()
	defer s.mu.Unlock()
	out := make(map[string]RequestCount, len(s.traffic))
	for k, t := range s.traffic {
		out[k] = RequestCount{t.total, t.most}
	}
	return out
}

// AccountReport is what an account did, as the server saw it.
type AccountReport struct {
	Account string `json:"account"`
	Sends   int    `json:"sends"`   // send requests with a good session, whatever became of them
	Arrived int    `json:"arrived"` // messages that reached a chat
	Uploads int    `json:"uploads"`
	// MinGap is the shortest time between two send requests; 0 with fewer than two.
	MinGap       time.Duration `json:"min_gap"`
	MaxPerMinute int           `json:"max_per_minute"` // in any 60 s
	MaxPerHour   int           `json:"max_per_hour"`
	MaxPerDay    int           `json:"max_per_day"` // in any 24 h
	// SyncChecks is the most synccheck requests in one second of the clock.
	SyncChecks int `json:"sync_checks_per_second"`
	// CookiesSeen and CookiesMissing count requests by kind of host: base, webpush, file.
	CookiesSeen    map[string]int `json:"cookies_seen"`
	CookiesMissing map[string]int `json:"cookies_missing"`
	Swallowed      int            `json:"swallowed"`      // answered Ret 0 and reached nobody
	UnknownTarget  int            `json:"unknown_target"` // sends to a user name that this login never had
	GoneGroup      int            `json:"gone_group"`     // sends to a group that was left or dissolved
	Refused        int            `json:"refused"`        // sends under a wrong own name
	Clashes        int            `json:"clashes"`        // one ClientMsgId with two contents or targets
	Repeated       int            `json:"repeated"`       // one ClientMsgId with the same content and target again
	DeviceChanges  int            `json:"device_changes"` // requests with another DeviceID than the one before
	Attempts       map[string]int `json:"-"`              // send requests by group
	LoggedIn       bool           `json:"logged_in"`
}

// Report is what can be held against the client at the end of a test.
type Report struct {
	Arrivals int             `json:"arrivals"`
	Accounts []AccountReport `json:"accounts"`
	// Posts counts arrivals by group, all accounts together, without what was recalled.
	Posts map[string]int `json:"posts"`
	// MaxPosts is the largest of them.
	MaxPosts int `json:"max_posts"`
	// Doubles are groups in which one text of one kind arrived more than once and was not recalled.
	Doubles  []string                `json:"doubles"`
	Requests map[string]RequestCount `json:"requests"`
	Faults   map[string]int          `json:"faults"` // how often each fault struck
}

// Report sums up.
func (s *Sim) Report() Report {
	req := s.Requests()
	s.lock()
	defer s.mu.Unlock()
	r := Report{Arrivals: len(s.arrivals), Posts: map[string]int{}, Requests: req, Faults: map[string]int{}}
	type post struct{ group, kind, text, md5 string }
	seen := map[post]int{}
	for _, a := range s.arrivals {
		if a.Group == "" || a.Recalled {
			continue
		}
		r.Posts[a.Group]++
		r.MaxPosts = max(r.MaxPosts, r.Posts[a.Group])
		k := post{a.Group, a.Kind, a.Text, a.MediaMD5}
		if seen[k]++; seen[k] == 2 {
			r.Doubles = append(r.Doubles, a.Group)
		}
	}
	sort.Strings(r.Doubles)
	for _, a := range s.accounts {
		r.Accounts = append(r.Accounts, a.report())
	}
	for n, f := range s.faults {
		r.Faults[n] = f.hits
	}
	return r
}

func (a *Account) report() AccountReport {
	st := &a.stats
	out := st.AccountReport
	out.Account, out.SyncChecks, out.LoggedIn = a.id, st.check.most, a.session.alive()
	out.CookiesSeen, out.CookiesMissing = clone(st.CookiesSeen), clone(st.CookiesMissing)
	out.Attempts = clone(st.Attempts)
	for i := 1; i < len(st.sends); i++ {
		if gap := time.Duration(st.sends[i] - st.sends[i-1]); i == 1 || gap < out.MinGap {
			out.MinGap = gap
		}
	}
	out.MaxPerMinute = busiest(st.sends, time.Minute)
	out.MaxPerHour = busiest(st.sends, time.Hour)
	out.MaxPerDay = busiest(st.sends, 24*time.Hour)
	return out
}

func clone(m map[string]int) map[string]int {
	out := make(map[string]int, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

// busiest is the most moments within any window of that length.
func busiest(at []int64, d time.Duration) int {
	most, from := 0, 0
	for i := range at {
		for at[i]-at[from] >= int64(d) {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}
