package rehearsal

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
	"chunfeng/store/storetest"
)

// installation is a ledger with groups, accounts and a batch, as a bureau has it before its first wave.
func installation(t *testing.T, accounts, groups int) Source {
	t.Helper()
	s := storetest.Open(t)
	var list []store.Group
	for i := range accounts {
		if _, err := s.AddAccount(fmt.Sprintf("a%02d", i+1), "", "test"); err != nil {
			t.Fatal(err)
		}
	}
	for i := range groups {
		list = append(list, store.Group{
			Code: fmt.Sprintf("YJ%04d", i+1), Name: "연길 취업", County: "yanji", Language: "ko", Account: fmt.Sprintf("a%02d", i%accounts+1),
		})
	}
	if _, err := s.PutGroups(list, "test"); err != nil {
		t.Fatal(err)
	}
	b, _, err := s.AddBatch(store.Batch{Name: "spring", FileHash: "f", Employers: 1}, []store.Vacancy{{
		Employer: store.Both{Zh: "长白山梨园饭店", Ko: "장백산배꽃식당"}, Post: store.Both{Zh: "服务员", Ko: "접대원"}, County: "yanji",
	}}, "test")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.ApproveBatch(b.ID, "test"); err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, zone)
	return Source{
		Store: s, Plan: store.Plan{Batch: b.ID, Parts: 1, Hold: 2 * time.Minute, Missed: store.MissedLate}, At: now.Add(time.Hour), Now: now, Person: 30 * time.Minute,
		Settings: Settings{
			Pacing: broadcast.Pacing{
				Text:     broadcast.Limits{Every: 15 * time.Second, Spread: 20 * time.Second, PerMinute: 3, PerHour: 120, PerDay: 400},
				Media:    broadcast.Limits{Every: time.Minute, Spread: 20 * time.Second, PerHour: 20, PerDay: 80},
				Cooldown: []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour}, Watch: 90 * time.Second,
			},
			Zone: "Asia/Shanghai", QuietHours: "20:30-08:30", GroupDaily: 1, Confirm: 90 * time.Second, Acknowledge: "each", Kept: 180,
			AnswersGap: 30 * time.Second, AnswersAnHour: 5,
		},
	}
}

// played plays one seed in a bubble.
func played(t *testing.T, st *Stage, m Model, seed uint64) (o Outcome) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var err error
		if o, err = play(st, m, seed); err != nil {
			t.Fatal(err)
		}
	})
	return o
}

// TestCalm: without trouble each group gets the wave once, at the pace of the configuration and no quicker.
func TestCalm(t *testing.T) {
	st, err := Build(installation(t, 2, 40), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	o := played(t, st, Calm, 1)
	if !o.Over || o.Tally[store.Sent] != 40 || o.Tally.Total() != 40 || o.Twice > 0 || len(o.Lost) > 0 {
		t.Errorf("%+v", o)
	}
	if hold := o.First.Sub(st.At); hold < 2*time.Minute || hold > 3*time.Minute {
		t.Errorf("the first message goes out %s after its time; the hold is two minutes", hold)
	}
	// Twenty messages of an account with 15 to 35 s between them.
	if took := o.Last.Sub(o.First); took < 19*15*time.Second || took > 19*36*time.Second {
		t.Errorf("twenty messages of an account took %s", took)
	}
	if len(o.Accounts) != 2 || o.Accounts[0].Messages != 20 || o.Accounts[0].Minutes["pace"] < 4 {
		t.Errorf("%+v", o.Accounts)
	}
}

// TestModels plays each model: whatever goes wrong, nothing is posted twice and every message is in one state.
func TestModels(t *testing.T) {
	st, err := Build(installation(t, 2, 60), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range Models() {
		t.Run(string(m), func(t *testing.T) {
			var all []Outcome
			for seed := range uint64(2) {
				o := played(t, st, m, seed+1)
				if o.Twice > 0 || o.Tally.Total() != 60 {
					t.Errorf("%+v", o)
				}
				all = append(all, o)
			}
			s := Sum(m, st.At, all)
			if s.Seeds != 2 || len(s.Problems) > 0 {
				t.Errorf("%+v", s)
			}
			if m == Banned && s.Sent.Most == 60 && s.Scans.Most == 0 {
				t.Error("an account was forbidden and nobody noticed")
			}
			t.Logf("%s: %d–%d sent, %d–%d unknown, %.1f–%.1f h, %d not over", m, s.Sent.Least, s.Sent.Most, s.Unknown.Least, s.Unknown.Most, s.Hours.Least, s.Hours.Most, s.NotOver)
		})
	}
}

// TestStage: what waits, what was sent already and who is paused come along; residents do not.
func TestStage(t *testing.T) {
	from := installation(t, 3, 9)
	today := store.Spent{Day: "2026-11-24", Today: 399, Last: from.Now.Add(-time.Minute)}
	if err := from.Store.SavePace(store.Pace{Account: "a01", Text: today, Since: from.Now.Add(-90 * 24 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if _, err := from.Store.ChangeAccount("a03", "test", "account.pause", func(a *store.Account) error { a.Paused = true; return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := from.Store.SetGroup("YJ0002", store.GroupPaused, "", "test"); err != nil {
		t.Fatal(err)
	}
	if err := from.Store.SetDays([]store.Day{{Date: "2026-11-25", Rest: true}}, "test"); err != nil {
		t.Fatal(err)
	}
	st, err := Build(from, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if len(st.Accounts) != 2 {
		t.Errorf("a paused account is on the stage: %v", st.Accounts)
	}
	o := played(t, st, Calm, 1)
	// One message of a01 is left of the day; the day after is one of rest; the others go out on the second day after.
	if o.Tally[store.Skipped] != 1 || o.Last.Sub(st.At) < 40*time.Hour || o.Last.Sub(st.At) > 50*time.Hour {
		t.Errorf("the last one goes out after %s: %+v", o.Last.Sub(st.At), o)
	}
}

// TestSum reads the ranges of a hundred outcomes.
func TestSum(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	var all []Outcome
	for i := range 100 {
		o := Outcome{Over: i < 99, Last: at.Add(time.Duration(i) * time.Hour), Lost: map[string]int{"unknown.no_answer": i % 2}}
		o.Tally[store.Sent], o.Tally[store.Unknown] = 100-i%2, i%2
		last := "a01"
		if i%10 == 0 {
			last = "a02"
		}
		o.Accounts = []Share{{Account: last, Messages: 50, Last: o.Last, Minutes: map[string]int{"pace": 30, "quiet": 70}}}
		all = append(all, o)
	}
	all[5].Twice = 1
	s := Sum(Usual, at, all)
	if s.NotOver != 1 || s.Twice != 1 || s.Hours != (Range[float64]{0, 9, 49, 89, 98}) || !s.Finish["middle"].Equal(at.Add(49*time.Hour)) {
		t.Errorf("%+v", s)
	}
	if s.Unknown != (Range[int]{0, 0, 1, 1, 1}) || s.Reasons[0] != (ReasonCount{"unknown.no_answer", 0.5}) {
		t.Errorf("%+v", s)
	}
	if len(s.Slowest) != 2 || s.Slowest[0].Account != "a01" || s.Slowest[0].Seeds != 89 || s.Slowest[0].Share["quiet"] != 70 {
		t.Errorf("%+v", s.Slowest)
	}
}
