package broadcast_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// test tests a plan in a group.
func (w *world) test(p store.Plan, group string) store.Wave {
	w.t.Helper()
	if p.Batch == "" {
		p.Batch = w.batch
	}
	q, err := w.p.Test(p, group, "kim")
	if err != nil {
		w.t.Fatal(err)
	}
	return q.Wave
}

func TestATestGoesToOneGroupAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 2, 200, func(w *world) { posters(w); paced(w) })
		w.start()
		long := w.queue(broadcast.Order{})
		time.Sleep(31 * time.Second)
		before := len(w.far.list())
		wave := w.test(store.Plan{Form: store.FormBoth, Hold: time.Hour, Canary: 3}, "G00150")
		if !wave.Test || wave.State != store.WaveApproved {
			t.Errorf("%+v", wave)
		}
		got := w.until(wave.ID, 2*time.Minute, store.WaveFinished)
		if got.Counts[store.Sent] != 2 || !got.Test {
			t.Errorf("%v", got.Counts)
		}
		var mine []string
		for _, a := range w.far.list()[before:] {
			if a.m.Group == 150 {
				mine = append(mine, string(a.m.Kind))
			}
		}
		if strings.Join(mine, " ") != "text image" {
			t.Errorf("the group got %v", mine)
		}
		if got := w.wave(long.ID); got.State != store.WaveRunning || got.Counts[store.Planned] < 150 {
			t.Errorf("the long wave is %s: %v", got.State, got.Counts)
		}
		events, err := w.s.Events(store.EventFilter{What: "wave.test", Limit: 9})
		if err != nil || len(events.Events) != 1 || events.Events[0].Who != "kim" || events.Events[0].On != wave.ID {
			t.Errorf("the audit trail has %+v, %v", events, err)
		}
	})
}

// TestATestCountsInTheDay: the real wave comes to the tested group the next day, all others at once, and the plan says so;
// a second look is possible, a fourth is refused.
func TestATestCountsInTheDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 1, 6, func(w *world) {
			w.p.GroupDaily = 1
			q, _ := broadcast.ParseQuiet("20:30-08:30", shanghai)
			w.p.Quiet = q
		})
		w.start()
		sleepUntil(on(1, 12, 0))
		for range broadcast.TestsADay {
			w.until(w.test(store.Plan{}, "G00001").ID, time.Minute, store.WaveFinished)
		}
		if _, err := w.p.Test(store.Plan{Batch: w.batch}, "G00001", "kim"); !errors.Is(err, words.Refuse("broadcast.too_many_tests")) {
			t.Errorf("a fourth test: %v", err)
		}
		v := w.plan(store.Plan{Canary: 2, Observe: time.Minute}, time.Now())
		if v.Tested != 1 || !slicesHas(v.Warnings, "broadcast.tested_today") || v.Forecast.Finish.Before(on(2, 8, 30)) || v.Forecast.Days != 2 {
			t.Errorf("%d tested, done at %v: %v", v.Tested, v.Forecast.Finish.In(shanghai), v.Warnings)
		}
		wave := w.queue(broadcast.Order{Plan: store.Plan{Canary: 2, Observe: time.Minute}})
		sleepUntil(on(1, 13, 0))
		if n := w.wave(wave.ID).Counts[store.Sent]; n != 5 {
			t.Errorf("%d of the five that were not tested have it within the hour: %v", n, w.wave(wave.ID).Counts)
		}
		w.until(wave.ID, 24*time.Hour, store.WaveFinished)
		list := w.far.list()
		if last := list[len(list)-1]; last.m.Group != 1 || last.at.Before(on(2, 8, 30)) {
			t.Errorf("the last went to group %d at %v", last.m.Group, last.at.In(shanghai))
		}
		// In the night a test waits like any wave.
		sleepUntil(on(2, 22, 0))
		night := w.test(store.Plan{}, "G00002")
		sleepUntil(on(3, 8, 29))
		if got := w.wave(night.ID); got.Counts[store.Planned] != 1 {
			t.Errorf("in the night the test is %s: %v", got.State, got.Counts)
		}
		w.until(night.ID, 5*time.Minute, store.WaveFinished)
	})
}

func TestATestNobodyTookUpIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 1, 3, nil)
		wave := w.test(store.Plan{}, "G00001")
		time.Sleep(10 * time.Minute)
		w.start()
		if got := w.until(wave.ID, time.Minute, store.WaveCancelled); got.Why != "broadcast.missed" {
			t.Errorf("cancelled for %q", got.Why)
		}
		list := vacancies()
		b, _, err := w.s.AddBatch(store.Batch{Name: "draft", FileHash: "draft", Employers: 6}, list, "kim")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.p.Test(store.Plan{Batch: b.ID}, "G00001", "kim"); !errors.Is(err, words.Refuse("broadcast.batch_not_approved")) {
			t.Errorf("residents read a batch that nobody approved: %v", err)
		}
		if _, err := w.p.Test(store.Plan{Batch: w.batch}, "NONE", "kim"); words.KindOf(err) != words.Missing {
			t.Errorf("no such group: %v", err)
		}
	})
}

func TestProof(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 2, 60, func(w *world) {
			posters(w)
			paced(w)
			w.p.Pacing.Media = broadcast.Limits{Every: time.Minute, PerDay: 3}
		})
		w.start()
		wave := w.queue(broadcast.Order{Plan: store.Plan{Audience: store.Audience{Counties: []string{"yanji"}}}})
		time.Sleep(15 * time.Second)
		plan := store.Plan{Batch: w.batch, Form: store.FormBoth, PosterPages: 2}
		contents, err := w.p.Messages(plan, store.Group{Language: "ko", County: "yanji"}, time.Now())
		if err != nil || len(contents) != 3 {
			t.Fatalf("%d messages, %v", len(contents), err)
		}
		begun := time.Now()
		out, err := w.d.Prove(context.Background(), name(0), contents, "kim")
		if err != nil || len(out) != 3 {
			t.Fatalf("%+v %v", out, err)
		}
		// The next turn of the lane, then a pause of ten seconds, then one of a minute.
		if took := time.Since(begun); took < 70*time.Second || took > 80*time.Second {
			t.Errorf("it took %v", took)
		}
		var gaps []time.Time
		self := 0
		for _, a := range w.far.list() {
			if a.account == name(0) {
				gaps = append(gaps, a.at)
			}
			if a.m.Self {
				self++
				if a.m.Group != 0 || a.account != name(0) || a.m.ClientID == 0 {
					t.Errorf("a proof went out as %+v through %s", a.m, a.account)
				}
			} else if a.m.Group == 0 {
				t.Error("a message to no group")
			}
		}
		for i := 1; i < len(gaps); i++ {
			if gap := gaps[i].Sub(gaps[i-1]); gap < 10*time.Second {
				t.Errorf("%v between two messages of an account", gap)
			}
		}
		if self != 3 {
			t.Errorf("%d proofs arrived", self)
		}
		// It counts in the account's day.
		pace, err := w.s.Pace(name(0))
		if err != nil || pace.Media.Today != 2 || pace.Text.Today != len(gaps) {
			t.Errorf("%d pictures, %d of %d today, %v", pace.Media.Today, pace.Text.Today, len(gaps), err)
		}
		if _, err := w.d.Prove(context.Background(), name(0), contents, "kim"); !errors.Is(err, words.Refuse("broadcast.proof_waits")) {
			t.Errorf("a picture more than the day has: %v", err)
		}
		events, err := w.s.Events(store.EventFilter{What: "account.", Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		did := map[string]int{}
		for _, e := range events.Events {
			if e.Who == "kim" && e.On == name(0) {
				did[e.What]++
			}
		}
		if did["account.proof"] != 3 || did["account.proof_ended"] != 3 {
			t.Errorf("the audit trail has %v", did)
		}
		if got := w.until(wave.ID, time.Hour, store.WaveFinished); got.Counts[store.Sent] != 20 {
			t.Error(got.Counts)
		}
	})
}

func TestProofThatDoesNotArrive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 2, 6, posters)
		w.start()
		contents, err := w.p.Messages(store.Plan{Batch: w.batch, Parts: 3}, store.Group{Language: "zh"}, time.Now())
		if err != nil || len(contents) < 2 {
			t.Fatalf("%d messages, %v", len(contents), err)
		}
		w.far.fail = func(int, broadcast.Message) (error, bool) { return errLost, true }
		out, err := w.d.Prove(context.Background(), name(0), contents, "kim")
		if err != nil || len(out) != 1 || out[0].Outcome != store.NotKnown {
			t.Errorf("%+v %v", out, err)
		}
		w.far.fail = nil
		w.far.down = &broadcast.SendError{Reason: "offline", Certain: true, Temporary: true, Signal: broadcast.LoggedOut}
		if _, err := w.d.Prove(context.Background(), name(0), contents, "kim"); !errors.Is(err, words.Refuse("broadcast.proof_offline")) {
			t.Errorf("logged out: %v", err)
		}
		w.far.down = nil
		if _, err := w.d.Prove(context.Background(), "nobody", contents, "kim"); words.KindOf(err) != words.Missing {
			t.Errorf("no such account: %v", err)
		}
		w.d.Remove(name(1))
		if _, err := w.d.Prove(context.Background(), name(1), contents, "kim"); !errors.Is(err, words.Refuse("broadcast.proof_offline")) {
			t.Errorf("without a lane: %v", err)
		}
		// Who goes away while it waits leaves nothing behind.
		w.p.Pacing.Text = broadcast.Limits{Every: time.Minute}
		w.d.Add(name(1), account{name(1), w.far})
		n := len(w.far.list())
		ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
		defer cancel()
		if out, err = w.d.Prove(ctx, name(1), contents[:2], "kim"); err != nil || len(out) != 2 {
			t.Errorf("%d sent, %v", len(out), err)
		}
		if _, err = w.d.Prove(ctx, name(1), contents[:1], "kim"); err == nil || len(w.far.list()) != n+2 {
			t.Errorf("%d sent, %v", len(w.far.list())-n, err)
		}
		time.Sleep(time.Hour)
		if got := len(w.far.list()); got != n+2 {
			t.Errorf("%d more, an hour after whoever asked was gone", got-n-2)
		}
	})
}
