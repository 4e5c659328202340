package api

import (
	"slices"
	"testing"
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

func TestAccountsByCounty(t *testing.T) {
	a := newAPI(t)
	for name, county := range map[string]string{"all": "", "yj": "yanji", "tm": "tumen"} {
		must(t)(a.store.AddAccount(name, county, "kim"))
	}
	tumen := Caller{Name: "kim", Role: store.RoleAdmin, County: "tumen"}
	var names []string
	for _, one := range get[[]Account](t, a, tumen, "/v1/accounts", nil) {
		names = append(names, one.Name)
	}
	if !slices.Equal(names, []string{"all", "tm"}) {
		t.Error("Tumen sees", names)
	}
	for _, c := range []struct {
		method, path string
		body         any
		want         words.Kind
		why          string
	}{
		{"GET", "/v1/accounts/yj", nil, words.Missing, "another county's account does not exist"},
		{"POST", "/v1/accounts/yj/pause", nil, words.Missing, "nor may it be paused"},
		{"POST", "/v1/accounts/all/pause", nil, words.Forbidden, "the prefecture's is seen, and not changed"},
		{"DELETE", "/v1/accounts/all", nil, words.Forbidden, "nor removed"},
		{"GET", "/v1/accounts/all/code", nil, words.Forbidden, "nor logged in"},
		{"POST", "/v1/accounts", map[string]string{"name": "x", "county": "yanji"}, words.Forbidden, "no account for another county"},
		{"POST", "/v1/accounts", map[string]string{"name": "x"}, words.Forbidden, "nor for all"},
	} {
		if k := refused(t, a, tumen, c.method, c.path, nil, c.body); k != c.want {
			t.Errorf("%s: %q", c.why, k)
		}
	}
	if _, err := Ask[Account](t.Context(), a, tumen, "POST", "/v1/accounts/tm/pause", nil, nil); err != nil {
		t.Error("its own:", err)
	}
	if k := refused(t, a, staffOf(""), "POST", "/v1/accounts/tm/pause", nil, nil); k != words.Forbidden {
		t.Error("staff pauses an account:", k)
	}
}

func TestHealth(t *testing.T) {
	now := time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) *time.Time { at := now.Add(-d); return &at }
	well := Account{State: store.AccountOnline, SentToday: 100, OnlineSince: ago(20 * time.Hour), LastInboundAt: ago(time.Minute)}
	with := func(change func(*condition)) condition {
		c := condition{Account: well, now: now, today: store.Tally{store.Sent: 100}}
		change(&c)
		return c
	}
	for _, c := range []struct {
		why   string
		in    condition
		score int
		word  string
		what  []string
	}{
		{"nothing is the matter", with(func(*condition) {}), 100, "good", nil},
		{"a new one that did nothing yet", condition{Account: Account{State: store.AccountNew}, now: now}, 100, "good", nil},
		{"stopped by the platform", with(func(c *condition) { c.State = store.AccountStopped }), 0, "poor", []string{"stopped"}},
		{"one signal, cooling", with(func(c *condition) { c.Text.Signals, c.CoolingUntil = 1, ago(-time.Hour) }), 70, "watch", []string{"signals", "cooling"}},
		{"signals without end", with(func(c *condition) { c.Text.Signals, c.Media.Signals = 2, 5 }), 40, "poor", []string{"signals"}},
		{"halved since the day before yesterday", with(func(c *condition) { c.Text.HalvedUntil = ago(-time.Hour) }), 85, "good", []string{"halved"}},
		{"one lost session is everyday", with(func(c *condition) { c.lapses.other = 1 }), 100, "good", nil},
		{"many are not", with(func(c *condition) { c.lapses.other = 5 }), 80, "good", []string{"logouts"}},
		{"thrown out after a send", with(func(c *condition) { c.lapses.forced = 2 }), 60, "watch", []string{"forced"}},
		{"one unknown in fifty", with(func(c *condition) { c.today = store.Tally{store.Sent: 98, store.Unknown: 2} }), 92, "good", []string{"unknown"}},
		{"one unknown in ten", with(func(c *condition) { c.today = store.Tally{store.Sent: 90, store.Unknown: 10} }), 60, "watch", []string{"unknown"}},
		{"one unknown alone says little", with(func(c *condition) { c.today = store.Tally{store.Unknown: 1} }), 90, "good", []string{"unknown"}},
		{"all failed", with(func(c *condition) { c.today = store.Tally{store.Failed: 9} }), 80, "good", []string{"failed"}},
		{"it hears nothing", with(func(c *condition) { c.LastInboundAt = ago(7 * time.Hour) }), 85, "good", []string{"silent"}},
		{"it hears nothing, and just came", with(func(c *condition) { c.LastInboundAt, c.OnlineSince = ago(7*time.Hour), ago(time.Hour) }), 100, "good", nil},
		{"everything at once", with(func(c *condition) {
			c.Text.Signals, c.CoolingUntil, c.lapses, c.today = 3, ago(-time.Hour), lapse{3, 9}, store.Tally{store.Unknown: 5}
		}), 0, "poor", []string{"signals", "cooling", "forced", "logouts", "unknown"}},
	} {
		got := healthOf(words.English, c.in)
		var what []string
		sum := 0
		for _, r := range got.Reasons {
			what = append(what, r.What)
			sum += r.Points
			if r.Text == "" || r.Text == "page_accounts.health_"+r.What {
				t.Errorf("%s: %s has no words", c.why, r.What)
			}
		}
		if got.Score != c.score || got.Word != c.word || !slices.Equal(what, c.what) || got.Score != max(0, 100-sum) {
			t.Errorf("%s: %+v, want %d %s %v", c.why, got, c.score, c.word, c.what)
		}
	}
}

func TestLapses(t *testing.T) {
	now := time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	since, n := lapsesOf("a1", []store.Gap{
		{Account: "a1", From: ago(time.Hour), Why: "bot.gap_session"},
		{Account: "a2", From: ago(2 * time.Hour), Why: "bot.gap_forced"},
		{Account: "a1", From: ago(24 * time.Hour), To: ago(23 * time.Hour), Why: "bot.gap_forced"},
		{Account: "a1", From: ago(25 * time.Hour), To: ago(24 * time.Hour), Why: "bot.gap_restart"},
		{Account: "a1", From: ago(26 * time.Hour), To: ago(25 * time.Hour), Why: "bot.gap_shutdown"},
		{Account: "a1", From: ago(8 * 24 * time.Hour), To: ago(7 * 24 * time.Hour), Why: "bot.gap_session"},
	}, now)
	if !since.Equal(ago(time.Hour)) || n != (lapse{forced: 1, other: 1}) {
		t.Error(since, n)
	}
}

func TestUsedToday(t *testing.T) {
	a := newAPI(t)
	must(t)(a.store.AddAccount("a1", "", "kim"))
	now := a.now()
	if err := a.store.SavePace(store.Pace{Account: "a1", Since: now.Add(-time.Hour), Text: store.Spent{Day: now.Format(time.DateOnly), Today: 7, Recent: []int64{now.Unix() - 600, now.Unix() - 5}, Hits: []time.Time{now.Add(-time.Minute)}, CoolingUntil: now.Add(29 * time.Minute)}}); err != nil {
		t.Fatal(err)
	}
	v := get[Account](t, a, staffOf(""), "/v1/accounts/a1", nil)
	if v.SentToday != 7 || v.Text.Today != 7 || v.Text.Hour != 2 || v.Text.Minute != 1 || v.Text.PerDay != 100 || v.Text.FullDay != 400 || v.WarmUpWeek != 1 || v.CoolingUntil == nil || v.Health.Score != 70 {
		t.Errorf("%+v", v)
	}
}

func TestSeenIsCounted(t *testing.T) {
	a := newAPI(t)
	register(t, a, 4, map[int]store.BindingState{0: store.Bound, 1: store.Quarantined, 2: store.Gone})
	seen := func(bound, doubtful int) {
		t.Helper()
		for end := time.Now().Add(5 * time.Second); ; {
			v := get[Account](t, a, staffOf(""), "/v1/accounts/a1", nil)
			if v.Groups == bound && v.Quarantined == doubtful {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("%d bound and %d doubtful, want %d and %d", v.Groups, v.Quarantined, bound, doubtful)
			}
		}
	}
	seen(1, 1)
	if err := a.store.Bind("a1", "e", store.Binding{Group: 4, UserName: "@@4", State: store.Bound}); err != nil {
		t.Fatal(err)
	}
	seen(2, 1)
	a.seen.of["a1"] = seenCount{until: time.Now().Add(time.Hour), bound: 7}
	if v := get[Account](t, a, staffOf(""), "/v1/accounts/a1", nil); v.Groups != 7 {
		t.Errorf("a count that is still good is made anew: %d", v.Groups)
	}
}
