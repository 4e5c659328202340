package broadcast_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// office gives a world quiet nights and weekends. The bubble begins on Saturday, 2000-01-01, at 08:00 in Shanghai.
func office(w *world) {
	q, err := broadcast.ParseQuiet("20:30-08:30", shanghai)
	if err != nil {
		w.t.Fatal(err)
	}
	w.p.Quiet = q.On(time.Saturday, time.Sunday)
}

// on is a time of January 2000 in Shanghai.
func on(day, hour, minute int) time.Time {
	return time.Date(2000, 1, day, hour, minute, 0, 0, shanghai)
}

func sleepUntil(at time.Time) { time.Sleep(time.Until(at)) }

func TestADayOfRestHoldsBulkNotAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 2, 60, func(w *world) { office(w); paced(w) })
		w.start()
		v := w.plan(store.Plan{}, time.Now())
		if !slicesHas(v.Warnings, "broadcast.rest_day") || v.Forecast.Accounts[0].First.Before(on(3, 8, 30)) {
			t.Errorf("from Saturday on the first message is expected at %v: %v", v.Forecast.Accounts[0].First.In(shanghai), v.Warnings)
		}
		wave := w.queue(broadcast.Order{})
		if err := w.s.AddAnswer(store.Answer{Group: 2, Account: name(0), Content: store.Content{Kind: store.Text, Body: []byte("收到")}}, 0); err != nil {
			t.Fatal(err)
		}
		sleepUntil(on(2, 12, 0))
		if sent := w.far.list(); len(sent) != 1 || sent[0].m.Text != "收到" {
			t.Fatalf("over the weekend %d were sent", len(sent))
		}
		if s := w.d.Statuses()[name(0)]; s.State != broadcast.LaneQuiet || !s.Until.Equal(on(3, 8, 30)) {
			t.Errorf("the lane is %+v", s)
		}
		if p, err := w.d.Progress(wave.ID); err != nil || p.Left < 20*time.Hour {
			t.Errorf("it says that %v are left, %v", p.Left, err)
		}
		// The day is made a working day, and a minute later one of rest again: no restart.
		w.days("2000-01-02 work")
		sleepUntil(on(2, 12, 1))
		n := len(w.far.list()) - 1
		if n < 12 || n > 14 {
			t.Errorf("in a minute of work %d were sent at one in ten seconds by each of two", n)
		}
		w.days("2000-01-02 rest")
		time.Sleep(11 * time.Second)
		n = len(w.far.list())
		sleepUntil(on(3, 8, 29))
		if got := len(w.far.list()); got != n {
			t.Errorf("%d more went on a day of rest", got-n)
		}
		if err := w.s.RemoveDays([]string{"2000-01-02"}, "kim"); err != nil {
			t.Fatal(err)
		}
		if got := w.until(wave.ID, time.Hour, store.WaveFinished); got.Counts[store.Sent] != 60 {
			t.Error(got.Counts)
		}
	})
}

// TestScheduleOverAHoliday has orders meet a weekend and three days of rest in the week behind it.
func TestScheduleOverAHoliday(t *testing.T) {
	for _, c := range []struct {
		cron   string
		missed store.Missed
		want   []time.Time     // of its waves
		state  store.WaveState // of those that are made up for
		why    string
	}{
		{"0 9 * * *", "", []time.Time{on(3, 9, 0), on(7, 9, 0), on(8, 9, 0)}, store.WaveFinished, "what falls into the rest is passed over"},
		{"0 9 * * *", store.MissedLate, []time.Time{on(3, 9, 0), on(7, 9, 0), on(8, 9, 0)}, store.WaveFinished, "the next one is on the same day"},
		{"0 9 * * 0,2-4", store.MissedLate, []time.Time{on(3, 0, 0), on(7, 0, 0)}, store.WaveFinished, "of each rest the newest is made up for"},
		{"0 9 * * 0,2-4", store.MissedAsk, []time.Time{on(3, 0, 0), on(7, 0, 0)}, store.WaveDraft, "it is left to a person"},
		{"0 9 * * 0,2-4", store.MissedSkip, nil, store.WaveDraft, "it is passed over"},
	} {
		t.Run(c.cron+string(c.missed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := setup(t, 1, 6, office)
				w.days("2000-01-04 rest", "2000-01-05 rest", "2000-01-06 rest", "2000-01-08 work")
				w.start()
				q := w.queue(broadcast.Order{Plan: store.Plan{Missed: c.missed}, Cron: c.cron})
				spec, err := broadcast.ParseCron(c.cron, shanghai)
				if err != nil {
					t.Fatal(err)
				}
				next, err := w.p.Upcoming(spec, c.missed, time.Now(), len(c.want))
				if err != nil || !slices.EqualFunc(next, c.want, time.Time.Equal) {
					t.Errorf("upcoming are %v, %v", next, err)
				}
				sleepUntil(on(5, 12, 0))
				w.restart() // in the middle of the holiday
				w.start()
				sleepUntil(on(8, 12, 0))
				all, err := w.s.Waves(false)
				if err != nil {
					t.Fatal(err)
				}
				var got []time.Time
				for _, wave := range slices.Backward(all) {
					if wave.Schedule != q.Schedule {
						t.Errorf("a wave of %q", wave.Schedule)
					}
					got = append(got, wave.At.In(shanghai))
					want := store.WaveFinished
					if wave.At.In(shanghai).Hour() == 0 {
						want = c.state
					}
					if wave.State != want {
						t.Errorf("the wave of %v is %s", wave.At.In(shanghai), wave.State)
					}
				}
				if !slices.EqualFunc(got, c.want, time.Time.Equal) {
					t.Errorf("waves of %v, want %v: %s", got, c.want, c.why)
				}
				for _, a := range w.far.list() {
					if day := a.at.In(shanghai).Day(); day != 3 && day != 7 && day != 8 {
						t.Errorf("sent on the %d", day)
					}
				}
				if !w.saw("broadcast.occurrence_rests") {
					t.Error("nobody is told what was passed over")
				}
			})
		})
	}
}

func TestNothingButRest(t *testing.T) {
	w := setup(t, 1, 3, func(w *world) {
		office(w)
		w.p.Quiet = w.p.Quiet.On(time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday)
	})
	_, err := w.p.Queue(broadcast.Order{Plan: store.Plan{Batch: w.batch}, Cron: "0 9 * * *"}, "kim")
	if !errors.Is(err, words.Refuse("broadcast.cron_rests")) {
		t.Errorf("an order that never comes: %v", err)
	}
}
