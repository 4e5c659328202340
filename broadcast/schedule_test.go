package broadcast_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
)

// waves lists a schedule's waves, the oldest first, as "hour:minute state".
func (w *world) waves(schedule string) (out []string) {
	w.t.Helper()
	all, err := w.s.Waves(false)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Schedule == schedule {
			out = append(out, all[i].At.In(shanghai).Format("02 15:04 ")+string(all[i].State))
		}
	}
	return out
}

func same(a []string, b ...string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// TestMissedOccurrences has the program be down over three occurrences. The bubble begins at 08:00 in Shanghai.
func TestMissedOccurrences(t *testing.T) {
	for _, c := range []struct {
		policy store.Missed
		late   time.Duration // behind the last occurrence
		want   []string
		why    string
	}{
		{store.MissedSkip, 30 * time.Minute, nil, "none is made up for"},
		{"", 30 * time.Minute, nil, "recurring ones are skipped unless somebody says otherwise"},
		{store.MissedLate, 30 * time.Minute, []string{"03 09:00 running"}, "only the newest is sent late"},
		{store.MissedAsk, 30 * time.Minute, []string{"03 09:00 draft"}, "only the newest waits for a person"},
		{store.MissedSkip, 30 * time.Second, []string{"03 09:00 running"}, "it came up in time for the last"},
		{store.MissedAsk, 30 * time.Second, []string{"03 09:00 running"}, "what is in time is not asked for"},
	} {
		t.Run(string(c.policy)+" "+c.why, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := setup(t, 1, 2, nil)
				wave := w.queue(broadcast.Order{Cron: "0 9 * * *", Plan: store.Plan{Missed: c.policy}})
				time.Sleep(49*time.Hour + c.late)
				for range 3 {
					if _, err := w.d.Scheduler.Pass(context.Background(), time.Now()); err != nil {
						t.Fatal(err)
					}
					time.Sleep(time.Second)
				}
				if got := w.waves(wave.Schedule); !same(got, c.want...) {
					t.Errorf("%v, want %v", got, c.want)
				}
				s, err := w.s.Schedule(wave.Schedule)
				if err != nil || s.Last.In(shanghai).Format("02 15:04") != "03 09:00" {
					t.Errorf("the last that was dealt with is %v %v", s.Last, err)
				}
			})
		})
	}
}

func TestMissedOnce(t *testing.T) {
	for _, c := range []struct {
		policy store.Missed
		want   store.WaveState
	}{{store.MissedSkip, store.WaveCancelled}, {store.MissedAsk, store.WaveDraft}, {store.MissedLate, store.WaveRunning}, {"", store.WaveRunning}} {
		synctest.Test(t, func(t *testing.T) {
			w := setup(t, 1, 2, nil)
			wave := w.queue(broadcast.Order{At: time.Now().Add(time.Hour), Plan: store.Plan{Missed: c.policy}})
			time.Sleep(10 * time.Hour)
			if _, err := w.d.Scheduler.Pass(context.Background(), time.Now()); err != nil {
				t.Fatal(err)
			}
			got := w.wave(wave.ID)
			if got.State != c.want {
				t.Errorf("%q: %s, want %s", c.policy, got.State, c.want)
			}
			if got.State != store.WaveDraft {
				return
			}
			// Who approves it after its time wants it now.
			if _, err := w.s.ApproveWave(wave.ID, got.Hash, "li", true); err != nil {
				t.Fatal(err)
			}
			if _, err := w.d.Scheduler.Pass(context.Background(), time.Now()); err != nil {
				t.Fatal(err)
			}
			if got := w.wave(wave.ID); got.State != store.WaveRunning {
				t.Errorf("approved late it is %s", got.State)
			}
		})
	}
}

// TestClockJumps passes with a clock that goes back and on: each occurrence makes one wave, whatever it says.
func TestClockJumps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 1, 2, nil)
		wave := w.queue(broadcast.Order{Cron: "0 * * * *"})
		start := time.Now()
		for _, at := range []time.Duration{
			59 * time.Minute, 60 * time.Minute, 61 * time.Minute, // the first
			30 * time.Minute, 60 * time.Minute, 60*time.Minute + 5*time.Second, // an hour back, and again
			2 * time.Hour, // the second
			0, time.Hour, 2*time.Hour + time.Second, 3 * time.Hour,
		} {
			next, err := w.d.Scheduler.Pass(context.Background(), start.Add(at))
			if err != nil {
				t.Fatal(err)
			}
			if next.IsZero() {
				t.Errorf("at %v nothing is to come", at)
			}
		}
		all, err := w.s.Waves(false)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[time.Time]int{}
		for _, v := range all {
			if v.Schedule == wave.Schedule {
				seen[v.At.UTC()]++
			}
		}
		if len(seen) != 3 {
			t.Errorf("waves at %v", seen)
		}
		for at, n := range seen {
			if n != 1 {
				t.Errorf("%d waves at %v", n, at)
			}
		}
	})
}

func TestRecurringRunsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 1, 3, nil)
		w.start()
		wave := w.queue(broadcast.Order{Cron: "0 9 * * *"})
		time.Sleep(74 * time.Hour)
		if got := w.waves(wave.Schedule); !same(got, "01 09:00 finished", "02 09:00 finished", "03 09:00 finished", "04 09:00 finished") {
			t.Errorf("in three days: %v", got)
		}
		if n := len(w.far.list()); n != 12 {
			t.Errorf("%d messages", n)
		}
		for _, a := range w.far.list() {
			if at := a.at.In(shanghai); at.Hour() != 9 || at.Minute() != 0 || at.Second() > 1 {
				t.Errorf("sent at %v", at)
			}
		}
		if _, err := w.s.SetSchedule(wave.Schedule, "cancelled", "", "kim"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(48 * time.Hour)
		if n := len(w.far.list()); n != 12 {
			t.Errorf("a cancelled schedule sent %d", n-12)
		}
	})
}

func TestScheduleEndsWhenNothingIsLeftToTell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 1, 3, nil)
		one := w.addBatch("two", []store.Vacancy{{Post: store.Both{Zh: "店员"}, Employer: store.Both{Zh: "小店"}, Expires: time.Now().Add(36 * time.Hour)}})
		w.start()
		wave := w.queue(broadcast.Order{Cron: "0 9 * * *", Plan: store.Plan{Batch: one}})
		time.Sleep(96 * time.Hour)
		if got := w.waves(wave.Schedule); !same(got, "01 09:00 finished", "02 09:00 finished") {
			t.Errorf("%v", got)
		}
		if !w.saw("broadcast.occurrence_refused") {
			t.Error("nobody was told")
		}
	})
}

func TestRestartInTheHoldAndWhileRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 2, 30, paced)
		w.start()
		wave := w.queue(broadcast.Order{Plan: store.Plan{Hold: 5 * time.Minute}})
		time.Sleep(time.Minute)
		w.restart()
		w.start()
		time.Sleep(3 * time.Minute)
		if n := len(w.far.list()); n != 0 {
			t.Fatalf("the restart let %d out of the hold", n)
		}
		for range 3 {
			time.Sleep(50 * time.Second)
			w.restart()
			time.Sleep(time.Second)
			w.start()
		}
		got := w.until(wave.ID, time.Hour, store.WaveFinished)
		if got.Counts[store.Sent] != 30 || len(w.far.list()) != 30 {
			t.Errorf("%v after %d sends", got.Counts, len(w.far.list()))
		}
		last := map[string]time.Time{}
		for _, a := range w.far.list() {
			if l, ok := last[a.account]; ok && a.at.Sub(l) < 10*time.Second {
				t.Errorf("%s sent twice within %v", a.account, a.at.Sub(l))
			}
			last[a.account] = a.at
		}
	})
}

func TestDraftScheduleIsNotMadeUpFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 1, 2, nil)
		q, err := w.p.Queue(broadcast.Order{Cron: "0 9 * * *", Plan: store.Plan{Batch: w.batch, Missed: store.MissedLate}}, "kim")
		if err != nil {
			t.Fatal(err)
		}
		w.start()
		time.Sleep(50 * time.Hour)
		if _, err := w.s.SetSchedule(q.Schedule.ID, "approved", q.Schedule.Hash, "li"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(22 * time.Hour)
		if got := w.waves(q.Schedule.ID); len(got) != 0 {
			t.Errorf("approved at ten it sent the nine o'clock before: %v", got)
		}
		time.Sleep(4 * time.Hour)
		if got := w.waves(q.Schedule.ID); !same(got, "04 09:00 finished") {
			t.Errorf("then: %v", got)
		}
	})
}
