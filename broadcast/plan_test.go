package broadcast_test

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
)

func (w *world) plan(p store.Plan, at time.Time) *broadcast.Preview {
	w.t.Helper()
	if p.Batch == "" {
		p.Batch = w.batch
	}
	v, err := w.p.Plan(p, at)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

func TestHashIsOfWhatIsSent(t *testing.T) {
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, shanghai)
	w := setup(t, 2, 30, nil)
	hash := func(p store.Plan) string { return w.plan(p, at).Hash }
	was := hash(store.Plan{})
	if hash(store.Plan{}) != was {
		t.Error("the same plan has another hash")
	}
	if w.plan(store.Plan{}, at.UTC()).Hash != was {
		t.Error("the zone in which the moment is written changes the hash")
	}
	if w.plan(store.Plan{}, at.Add(time.Minute)).Hash == was {
		t.Error("another time has the same hash")
	}
	for _, p := range []store.Plan{{Parts: 2}, {Hold: time.Minute}, {Canary: 3}, {Missed: store.MissedAsk}, {Audience: store.Audience{Counties: []string{"yanji"}}}, {Audience: store.Audience{Counties: []string{"yanji", "tumen", "dunhua"}}}} {
		if hash(p) == was {
			t.Errorf("%+v has the same hash", p)
		}
	}
	if hash(store.Plan{Audience: store.Audience{Counties: []string{"图们市", "yanji"}}}) != hash(store.Plan{Audience: store.Audience{Counties: []string{"연길", "tumen", "yanji"}}}) {
		t.Error("the same audience in other words has another hash")
	}
	if _, err := w.s.AddAccount("zz", "", "kim"); err != nil {
		t.Fatal(err)
	}
	if hash(store.Plan{}) != was {
		t.Error("a further account changes the hash although nobody gets anything else")
	}
	steps := []struct {
		why    string
		change func() error
	}{
		{"a vacancy filled", func() error {
			_, err := w.s.SetVacancy("", []string{"A002"}, store.VacancyFilled, "", "kim")
			return err
		}},
		{"a group opted out", func() error { _, err := w.s.SetGroup("G00005", store.GroupOptedOut, "", "kim"); return err }},
		{"the same group paused instead", func() error { _, err := w.s.SetGroup("G00005", store.GroupPaused, "", "kim"); return err }},
		{"a group's language", func() error {
			_, err := w.s.PutGroups([]store.Group{{Code: "G00001", Name: "群 1", County: "yanji", Language: "both", Kind: "urban", Township: "北山街道", Account: name(0)}}, "kim")
			return err
		}},
	}
	for _, s := range steps {
		if err := s.change(); err != nil {
			t.Fatal(err)
		}
		now := hash(store.Plan{})
		if now == was {
			t.Errorf("%s: the same hash", s.why)
		}
		was = now
	}
}

func TestPlanCountsAndOrders(t *testing.T) {
	w := setup(t, 3, 30, nil)
	for code, state := range map[string]store.GroupState{"G00001": store.GroupPaused, "G00002": store.GroupOptedOut} {
		if _, err := w.s.SetGroup(code, state, "", "kim"); err != nil {
			t.Fatal(err)
		}
	}
	first := map[uint32]bool{}
	for day := range 20 {
		v := w.plan(store.Plan{Canary: 4}, time.Date(2026, 11, 23+day, 9, 0, 0, 0, shanghai))
		if v.Groups != 30 || v.Reached != 28 || v.Total != 30 || v.Unbound != 28 ||
			v.Skipped[store.ReasonGroupPaused] != 1 || v.Skipped[store.ReasonOptedOut] != 1 {
			t.Fatalf("%+v", v)
		}
		var account string
		seen, done, canaries := map[uint32]bool{}, map[string]bool{}, 0
		i := 0
		for r := range v.Rows() {
			if seen[r.Group] {
				t.Fatalf("group %d twice", r.Group)
			}
			seen[r.Group] = true
			if r.Account != account {
				if done[r.Account] {
					t.Fatalf("the rows of %q are not together", r.Account)
				}
				account, done[r.Account], i = r.Account, true, 0
				if r.Account != "" {
					first[r.Group] = true
				}
			}
			if r.Canary {
				canaries++
				if i > 1 {
					t.Errorf("a canary in place %d of its lane", i)
				}
			}
			i++
		}
		if len(seen) != 30 || canaries != 4 {
			t.Errorf("%d groups, %d canaries", len(seen), canaries)
		}
	}
	if len(first) < 15 {
		t.Errorf("in 20 waves over 3 lanes only %d groups were ever first", len(first))
	}
}

func TestWhatConcernsAGroup(t *testing.T) {
	w := setup(t, 1, 12, nil)
	v := w.plan(store.Plan{}, time.Now())
	codes := map[string][]string{}
	for _, c := range v.Contents() {
		codes[c.Hash] = c.Vacancies
	}
	groups := map[uint32]store.Group{}
	if err := w.s.EachGroup(func(g store.Group) bool { groups[g.Number] = g; return true }); err != nil {
		t.Fatal(err)
	}
	list, err := w.s.Vacancies(w.batch)
	if err != nil {
		t.Fatal(err)
	}
	byCode := map[string]store.Vacancy{}
	for _, x := range list {
		byCode[x.Code] = x
	}
	for r := range v.Rows() {
		g := groups[r.Group]
		if len(codes[r.Content]) == 0 {
			t.Fatalf("group %s is told nothing", g.Code)
		}
		last := -1
		for _, code := range codes[r.Content] {
			x := byCode[code]
			if x.County != "" && x.County != g.County {
				t.Errorf("%s of %s is told of %s in %s", g.Code, g.County, code, x.County)
			}
			rank := 0
			if x.County == "" {
				rank = 2
			}
			if len(g.Tags) == 0 || len(x.Tags) == 0 {
				rank++
			}
			if rank < last {
				t.Errorf("%s: %v is not in the order of concern", g.Code, codes[r.Content])
			}
			last = rank
		}
	}
}

// TestForecastIsWhatHappens plays whole waves on virtual time and holds the end against what was said before.
func TestForecastIsWhatHappens(t *testing.T) {
	for _, c := range []struct {
		why      string
		accounts int
		groups   int
		plan     store.Plan
		setup    func(w *world)
	}{
		{"pauses", 3, 1200, store.Plan{Hold: 2 * time.Minute}, func(w *world) {
			w.p.Pacing.Text = broadcast.Limits{Every: 15 * time.Second, Spread: 20 * time.Second, PerMinute: 3, PerHour: 120, PerDay: 400}
		}},
		{"hours", 1, 100, store.Plan{}, func(w *world) { w.p.Pacing.Text = broadcast.Limits{Every: time.Second, PerHour: 30} }},
		{"days, nights and warming up", 2, 300, store.Plan{}, func(w *world) {
			w.p.Pacing.Text = broadcast.Limits{Every: 30 * time.Second, Spread: 10 * time.Second, PerDay: 100}
			w.p.Pacing.WarmUp = true
			q, _ := broadcast.ParseQuiet("20:30-08:30", shanghai)
			w.p.Quiet = q
		}},
		{"a holiday, weekends and a worked Saturday", 1, 300, store.Plan{}, func(w *world) {
			w.p.Pacing.Text = broadcast.Limits{Every: time.Minute, PerDay: 60}
			q, _ := broadcast.ParseQuiet("20:30-08:30", shanghai)
			w.p.Quiet = q.On(time.Saturday, time.Sunday)
			w.days("2000-01-01 work", "2000-01-04 rest", "2000-01-05 rest", "2000-01-06 rest", "2000-01-08 work")
		}},
		{"a canary", 2, 60, store.Plan{Canary: 4, Observe: 30 * time.Minute}, func(w *world) { w.p.Pacing.Text = broadcast.Limits{Every: 20 * time.Second} }},
		{"texts and pictures", 1, 30, store.Plan{Form: store.FormBoth}, func(w *world) {
			w.p.Pacing.Text = broadcast.Limits{Every: 15 * time.Second}
			w.p.Pacing.Media = broadcast.Limits{Every: time.Minute, PerHour: 20}
		}},
		{"pictures of two pages, days", 2, 60, store.Plan{Form: store.FormPoster, PosterPages: 2}, func(w *world) {
			w.batch = w.addBatch("long", long(60))
			w.p.Pacing.Text = broadcast.Limits{Every: 15 * time.Second}
			w.p.Pacing.Media = broadcast.Limits{Every: time.Minute, Spread: 20 * time.Second, PerHour: 20, PerDay: 80}
			q, _ := broadcast.ParseQuiet("20:30-08:30", shanghai)
			w.p.Quiet = q
		}},
	} {
		t.Run(c.why, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := setup(t, c.accounts, c.groups, c.setup)
				c.plan.Batch = w.batch
				w.start()
				begun := time.Now()
				v := w.plan(c.plan, begun)
				wave := w.queue(broadcast.Order{Plan: c.plan, At: begun})
				got := w.until(wave.ID, 30*24*time.Hour, store.WaveFinished)
				if got.Counts[store.Sent] != v.Deliveries {
					t.Fatalf("%d deliveries planned, %v", v.Deliveries, got.Counts)
				}
				var last time.Time
				for _, a := range w.far.list() {
					if a.at.After(last) {
						last = a.at
					}
				}
				said, took := v.Forecast.Finish.Sub(begun), last.Sub(begun)
				if off := math.Abs(said.Seconds()/took.Seconds() - 1); off > 0.05 {
					t.Errorf("said %v, took %v: %.1f %% off", said, took, off*100)
				} else {
					t.Logf("said %v, took %v, %d days", said, took, v.Forecast.Days)
				}
				if len(v.Forecast.Counties) != 3 || len(v.Forecast.Accounts) != c.accounts {
					t.Errorf("%d counties, %d accounts", len(v.Forecast.Counties), len(v.Forecast.Accounts))
				}
			})
		})
	}
}

func TestForecastSaysDays(t *testing.T) {
	w := setup(t, 1, 2971, func(w *world) {
		w.p.Pacing.Text = broadcast.Limits{Every: 15 * time.Second, Spread: 20 * time.Second, PerMinute: 3, PerHour: 120, PerDay: 400}
		q, _ := broadcast.ParseQuiet("20:30-08:30", shanghai)
		w.p.Quiet = q
	})
	v := w.plan(store.Plan{}, time.Date(2030, 11, 22, 9, 0, 0, 0, shanghai))
	if v.Forecast.Days != 8 {
		t.Errorf("2,971 groups at 400 a day take %d days", v.Forecast.Days)
	}
	found := false
	for _, x := range v.Warnings {
		found = found || x.Key == "broadcast.takes_days"
	}
	if !found {
		t.Error("nobody is told", v.Warnings)
	}
}

func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 2, 60, paced)
		w.start()
		wave := w.queue(broadcast.Order{})
		time.Sleep(101 * time.Second)
		p, err := w.d.Progress(wave.ID)
		if err != nil {
			t.Fatal(err)
		}
		if p.Wave.Total != 60 || p.Done != len(w.far.list()) || len(p.Lanes) != 2 || p.PerMinute != 12 {
			t.Errorf("%d of %d, %.0f a minute", p.Done, p.Wave.Total, p.PerMinute)
		}
		begun := time.Now()
		w.until(wave.ID, time.Hour, store.WaveFinished)
		sent := w.far.list()
		if took := sent[len(sent)-1].at.Sub(begun); (took - p.Left).Abs() > 11*time.Second {
			t.Errorf("said %v, took %v", p.Left, took)
		}
	})
}
