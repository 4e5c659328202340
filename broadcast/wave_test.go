package broadcast_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// paced gives a world a polite pace without chance: one message in ten seconds.
func paced(w *world) {
	w.p.Pacing.Text = broadcast.Limits{Every: 10 * time.Second}
	w.o.ConfirmAfter = 30 * time.Second
}

func TestPauseResumeCancelBetweenTwoMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 2, 40, paced)
		w.start()
		wave := w.queue(broadcast.Order{})
		time.Sleep(65 * time.Second)
		if _, err := w.s.MoveWave(wave.ID, store.WavePaused, "test", "kim"); err != nil {
			t.Fatal(err)
		}
		n := len(w.far.list())
		if n < 10 || n > 16 {
			t.Fatalf("two lanes sent %d in 65 s at one in ten seconds", n)
		}
		time.Sleep(time.Hour)
		if got := len(w.far.list()); got != n {
			t.Errorf("a paused wave sent %d more", got-n)
		}
		if v := w.wave(wave.ID).View(); v[store.Held] != 40-n || v[store.Planned] != 0 {
			t.Errorf("while paused: %v", v)
		}
		if _, err := w.d.Resume(wave.ID, "kim"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Second)
		if got := len(w.far.list()); got <= n {
			t.Error("it does not go on")
		}
		if _, err := w.s.CancelWave(wave.ID, "test", "kim"); err != nil {
			t.Fatal(err)
		}
		n = len(w.far.list())
		time.Sleep(time.Hour)
		got := w.wave(wave.ID)
		if len(w.far.list()) != n || got.Counts[store.Cancelled] != 40-n || got.Counts[store.Sent] != n {
			t.Errorf("after the cancel %d more; tally %v", len(w.far.list())-n, got.Counts)
		}
	})
}

func TestCancelInTheHoldSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 1, 5, nil)
		w.start()
		wave := w.queue(broadcast.Order{Plan: store.Plan{Hold: 2 * time.Minute}})
		time.Sleep(119 * time.Second)
		if _, err := w.s.CancelWave(wave.ID, "oops", "kim"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if n := len(w.far.list()); n != 0 {
			t.Errorf("%d were sent", n)
		}
	})
}

func TestEmergencyStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 2, 60, paced)
		w.start()
		wave := w.queue(broadcast.Order{})
		time.Sleep(205 * time.Second)
		sent := w.far.list()
		r, err := w.d.EmergencyStop(context.Background(), "", "kim")
		if err != nil {
			t.Fatal(err)
		}
		young := 0
		for _, a := range sent {
			if time.Since(a.at) < 2*time.Minute {
				young++
			}
		}
		if r.Recalled != young || len(w.far.recalled) != young || len(r.Refused) != 0 || r.Standing != len(sent)-young {
			t.Errorf("of %d sent, %d in the last two minutes: recalled %d, refused %d, standing %d", len(sent), young, r.Recalled, len(r.Refused), r.Standing)
		}
		time.Sleep(time.Hour)
		got := w.wave(wave.ID)
		if len(w.far.list()) != len(sent) || !got.Stopped || got.State != store.WavePaused || got.Counts[store.Recalled] != young {
			t.Errorf("afterwards: %d more, %s, %v", len(w.far.list())-len(sent), got.State, got.Counts)
		}
	})
}

func TestCanary(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 3, 30, func(w *world) { w.o.ConfirmAfter = 30 * time.Second })
		w.start()
		wave := w.queue(broadcast.Order{Plan: store.Plan{Canary: 4, Observe: 10 * time.Minute}})
		time.Sleep(9 * time.Minute)
		if n := len(w.far.list()); n != 4 {
			t.Fatalf("while the canary is watched %d were sent", n)
		}
		got := w.until(wave.ID, 5*time.Minute, store.WaveFinished)
		if got.Counts[store.Sent] != 30 {
			t.Error(got.Counts)
		}
	})
}

func TestCanaryTrouble(t *testing.T) {
	for _, c := range []struct {
		why  string
		fail func(n int, m broadcast.Message) (error, bool)
	}{
		{"one failed", func(n int, _ broadcast.Message) (error, bool) {
			if n == 2 {
				return &broadcast.SendError{Reason: "gone", Certain: true}, false
			}
			return nil, true
		}},
		{"one is unknown", func(n int, _ broadcast.Message) (error, bool) {
			if n == 2 {
				return errLost, true
			}
			return nil, true
		}},
		{"WeChat finds it too often", func(n int, _ broadcast.Message) (error, bool) {
			if n == 2 {
				return &broadcast.SendError{Reason: store.ReasonTooOften, Certain: true, Temporary: true, Signal: broadcast.TooOften}, false
			}
			return nil, true
		}},
	} {
		t.Run(c.why, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := setup(t, 1, 10, nil)
				w.far.fail = c.fail
				w.start()
				wave := w.queue(broadcast.Order{Plan: store.Plan{Canary: 3, Observe: time.Minute}})
				got := w.until(wave.ID, 5*time.Minute, store.WavePaused)
				n := len(w.far.list())
				if got.Why != "broadcast.canary_trouble" || n > 3 {
					t.Fatalf("paused for %q after %d", got.Why, n)
				}
				time.Sleep(time.Hour)
				if len(w.far.list()) != n {
					t.Error("it went on by itself")
				}
				if _, err := w.d.Resume(wave.ID, "kim"); err != nil {
					t.Fatal(err)
				}
				got = w.until(wave.ID, 5*time.Minute, store.WaveFinished, store.WaveFailures)
				if got.Counts[store.Sent]+got.Counts[store.Failed]+got.Counts[store.Unknown] != 10 {
					t.Error(got.Counts)
				}
			})
		})
	}
}

func TestQuietHoursHoldBulkNotAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// The bubble begins on 2000-01-01 00:00 UTC, 08:00 in Shanghai.
		w := setup(t, 1, 3, func(w *world) {
			q, err := broadcast.ParseQuiet("20:30-08:30", shanghai)
			if err != nil {
				t.Fatal(err)
			}
			w.p.Quiet = q
		})
		w.start()
		wave := w.queue(broadcast.Order{})
		answer := store.Content{Kind: store.Text, Body: []byte("收到")}
		if err := w.s.AddAnswer(store.Answer{Group: 2, Account: name(0), Content: answer}, 0); err != nil {
			t.Fatal(err)
		}
		time.Sleep(29*time.Minute + 59*time.Second)
		if sent := w.far.list(); len(sent) != 1 || sent[0].m.Text != "收到" {
			t.Fatalf("in the quiet hours %d were sent", len(sent))
		}
		w.until(wave.ID, 5*time.Minute, store.WaveFinished)
		if first := w.far.list()[1].at.In(shanghai); first.Hour() != 8 || first.Minute() != 30 {
			t.Errorf("the first went at %v", first)
		}
	})
}

func TestAnswersGoFirstAndApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 1, 30, func(w *world) {
			paced(w)
			w.o.Answers = broadcast.PoliteAnswers()
		})
		w.start()
		w.queue(broadcast.Order{})
		time.Sleep(15 * time.Second)
		for i := range 7 {
			c := store.Content{Kind: store.Text, Body: []byte{'A' + byte(i)}}
			if err := w.s.AddAnswer(store.Answer{Group: 1, Account: name(0), Content: c}, 0); err != nil {
				t.Fatal(err)
			}
		}
		asked := time.Now()
		time.Sleep(3 * time.Hour)
		var at []time.Time
		for i, a := range w.far.list() {
			if len(a.m.Text) == 1 {
				if len(at) == 0 && i > 3 {
					t.Errorf("the first answer was number %d", i)
				}
				at = append(at, a.at)
			}
		}
		if len(at) != 7 {
			t.Fatalf("%d of 7 answers", len(at))
		}
		if at[0].Sub(asked) > 10*time.Second {
			t.Errorf("the first answer came after %v", at[0].Sub(asked))
		}
		for i := range at {
			if i > 0 && at[i].Sub(at[i-1]) < 30*time.Second {
				t.Errorf("two answers to a group within %v", at[i].Sub(at[i-1]))
			}
			if i >= 5 && at[i].Sub(at[i-5]) < time.Hour {
				t.Errorf("six answers to a group within %v", at[i].Sub(at[i-5]))
			}
		}
	})
}

func TestGroupDailyLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 1, 6, func(w *world) { w.o.GroupDaily = 1 })
		w.start()
		first := w.queue(broadcast.Order{Plan: store.Plan{Audience: store.Audience{Groups: []string{"G00001", "G00002"}}}})
		w.until(first.ID, time.Hour, store.WaveFinished)
		second := w.queue(broadcast.Order{Plan: store.Plan{Parts: 2}})
		time.Sleep(time.Hour)
		if got := w.wave(second.ID).Counts; got[store.Sent] != 4 || got[store.Planned] != 2 {
			t.Fatalf("on the same day: %v", got)
		}
		got := w.until(second.ID, 24*time.Hour, store.WaveFinished)
		if got.Counts[store.Sent] != 6 {
			t.Error(got.Counts)
		}
		days := map[uint32]map[string]int{}
		for _, a := range w.far.list() {
			if days[a.m.Group] == nil {
				days[a.m.Group] = map[string]int{}
			}
			days[a.m.Group][a.at.In(shanghai).Format(time.DateOnly)]++
		}
		if len(days[1]) != 2 || len(days[3]) != 1 {
			t.Errorf("days on which groups were written to: %v", days)
		}
	})
}

func TestRetryOnlyTheFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 2, 20, nil)
		w.far.fail = func(_ int, m broadcast.Message) (error, bool) {
			switch {
			case m.Group%5 == 0:
				return &broadcast.SendError{Reason: "refused", Certain: true}, false
			case m.Group == 7:
				return errLost, true
			}
			return nil, true
		}
		w.start()
		wave := w.queue(broadcast.Order{})
		got := w.until(wave.ID, time.Hour, store.WaveFailures)
		if got.Counts[store.Failed] != 4 || got.Counts[store.Unknown] != 1 || got.Counts[store.Sent] != 15 {
			t.Fatal(got.Counts)
		}
		w.far.mu.Lock()
		w.far.fail = nil
		w.far.mu.Unlock()
		if n, err := w.s.RetryFailed(wave.ID, "kim"); err != nil || n != 4 {
			t.Fatal(n, err)
		}
		time.Sleep(10 * time.Minute)
		got = w.wave(wave.ID)
		if got.Counts[store.Sent] != 19 || got.Counts[store.Unknown] != 1 || got.State != store.WaveFailures {
			t.Errorf("%s: %v", got.State, got.Counts)
		}
		seen := map[uint32]int{}
		for _, a := range w.far.list() {
			if seen[a.m.Group]++; seen[a.m.Group] > 1 {
				t.Errorf("group %d got it twice", a.m.Group)
			}
		}
	})
}

func TestTemporaryIsTriedThreeTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 1, 1, nil)
		w.far.fail = func(int, broadcast.Message) (error, bool) {
			return &broadcast.SendError{Reason: "dial", Certain: true, Temporary: true}, false
		}
		w.start()
		wave := w.queue(broadcast.Order{})
		got := w.until(wave.ID, time.Hour, store.WaveFailures)
		d := w.deliveries(got)[0]
		if d.State != store.Failed || len(d.Attempts) != 3 || d.Reason != "dial" {
			t.Fatalf("%s after %d attempts: %s", d.State, len(d.Attempts), d.Reason)
		}
		if gap := d.Attempts[2].At.Sub(d.Attempts[1].At); gap < 2*time.Minute {
			t.Errorf("the third came %v after the second", gap)
		}
	})
}

func TestFilledVacancyIsLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 1, 30, paced)
		w.start()
		wave := w.queue(broadcast.Order{Plan: store.Plan{Audience: store.Audience{Counties: []string{"延吉市"}}}})
		time.Sleep(25 * time.Second)
		before := w.far.list()
		if _, err := w.s.SetVacancy([]string{"A001"}, store.VacancyFilled, "found", "kim"); err != nil {
			t.Fatal(err)
		}
		w.until(wave.ID, time.Hour, store.WaveFinished)
		for i, a := range w.far.list() {
			if has := contains(a.m.Text, "A001"); has != (i < len(before)) {
				t.Errorf("message %d of %d tells of A001: %v", i, len(before), has)
			}
			if !contains(a.m.Text, "A004") {
				t.Errorf("message %d does not tell of A004", i)
			}
		}
		rows := w.deliveries(w.wave(wave.ID))
		c, err := w.s.Content(rows[len(rows)-1].Content)
		if err != nil || c.Amends == 0 {
			t.Errorf("the amended content does not say what it amends: %v %v", c.Amends, err)
		}
	})
}

func TestAllFilledIsSkipped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 1, 6, paced)
		one := w.addBatch("two", []store.Vacancy{{Post: store.Both{Zh: "店员"}, Employer: store.Both{Zh: "小店"}}})
		w.start()
		wave := w.queue(broadcast.Order{Plan: store.Plan{Batch: one}})
		time.Sleep(15 * time.Second)
		n := len(w.far.list())
		if _, err := w.s.SetVacancy([]string{one + "001"}, store.VacancyWithdrawn, "", "kim"); err != nil {
			t.Fatal(err)
		}
		got := w.until(wave.ID, time.Hour, store.WaveFinished)
		if got.Counts[store.Sent] != n || got.Counts[store.Skipped] != 6-n {
			t.Fatal(n, got.Counts)
		}
		rows := w.deliveries(got)
		if last := rows[len(rows)-1]; last.Reason != store.ReasonClosed {
			t.Errorf("skipped for %q", last.Reason)
		}
	})
}

func TestWaveEndsWhenItsVacanciesRunOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 2, 60, paced)
		end := time.Now().Add(100 * time.Second)
		one := w.addBatch("two", []store.Vacancy{{Post: store.Both{Zh: "店员"}, Employer: store.Both{Zh: "小店"}, Expires: end}})
		w.far.down = &broadcast.SendError{Reason: "offline", Certain: true, Temporary: true, Signal: broadcast.LoggedOut}
		w.fars[name(0)] = w.far
		w.start()
		v, err := w.p.Plan(store.Plan{Batch: one}, time.Now())
		if err != nil || len(v.Warnings) == 0 || v.Warnings[len(v.Warnings)-1].Key != "broadcast.too_late" {
			t.Errorf("nobody is warned that the wave ends after its vacancies: %v %v", v.Warnings, err)
		}
		wave := w.queue(broadcast.Order{Plan: store.Plan{Batch: one}})
		got := w.until(wave.ID, time.Hour, store.WaveFinished)
		if got.Counts[store.Skipped] != 60 {
			t.Error(got.Counts)
		}
	})
}

func TestTooOftenLadder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 1, 4, func(w *world) {
			paced(w)
			w.p.Pacing.Cooldown = []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour}
			w.p.Pacing.Watch = 90 * time.Second
		})
		w.far.fail = func(n int, _ broadcast.Message) (error, bool) {
			if n == 2 || n == 3 {
				return &broadcast.SendError{Reason: store.ReasonTooOften, Certain: true, Temporary: true, Signal: broadcast.TooOften}, false
			}
			return nil, true
		}
		w.start()
		wave := w.queue(broadcast.Order{})
		w.until(wave.ID, 10*time.Hour, store.WaveFinished)
		var calls []time.Time
		for _, d := range w.deliveries(w.wave(wave.ID)) {
			for _, a := range d.Attempts {
				calls = append(calls, a.At)
			}
		}
		sortTimes(calls)
		if len(calls) != 6 {
			t.Fatalf("%d attempts", len(calls))
		}
		for i, want := range []time.Duration{10 * time.Second, 30 * time.Minute, time.Hour, 90 * time.Second} {
			if got := calls[i+1].Sub(calls[i]); got < want || got > want+2*time.Second {
				t.Errorf("pause %d is %v, want %v", i+1, got, want)
			}
		}
		if !w.saw("broadcast.cooling") {
			t.Error("nobody was told")
		}
	})
}

func TestNoticeInTheChatRetracts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 1, 3, func(w *world) {
			paced(w)
			w.o.ConfirmAfter = 90 * time.Second
			w.p.Pacing.Cooldown = []time.Duration{30 * time.Minute}
		})
		w.start()
		wave := w.queue(broadcast.Order{})
		time.Sleep(time.Second)
		group := w.far.list()[0].m.Group
		if err := w.d.TooOften(name(0), group); err != nil {
			t.Fatal(err)
		}
		time.Sleep(29 * time.Minute)
		if n := len(w.far.list()); n != 1 {
			t.Fatalf("while it cools down %d more were sent", n-1)
		}
		got := w.until(wave.ID, 3*time.Hour, store.WaveFinished)
		if got.Counts[store.Sent] != 3 || len(w.far.list()) != 4 {
			t.Errorf("%v after %d sends", got.Counts, len(w.far.list()))
		}
		// A second contradiction of the same message is the last.
		other := w.queue(broadcast.Order{Plan: store.Plan{Audience: store.Audience{Groups: []string{"G00001"}}}})
		for range 2 {
			n := len(w.far.list())
			for len(w.far.list()) == n {
				time.Sleep(time.Second)
			}
			time.Sleep(time.Second)
			if err := w.d.TooOften(name(0), 1); err != nil {
				t.Fatal(err)
			}
		}
		got = w.until(other.ID, 24*time.Hour, store.WaveFailures)
		if got.Counts[store.Failed] != 1 {
			t.Error(got.Counts)
		}
	})
}

func TestShutdownEndsTheSendInHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 1, 5, nil)
		w.far.takes = 20 * time.Second
		w.start()
		wave := w.queue(broadcast.Order{})
		time.Sleep(5 * time.Second)
		if got := w.wave(wave.ID).Counts[store.Sending]; got != 1 {
			t.Fatalf("%d are on the wire", got)
		}
		begun := time.Now()
		w.stop()
		if took := time.Since(begun); took < 10*time.Second || took > 30*time.Second {
			t.Errorf("stopping took %v", took)
		}
		if got := w.wave(wave.ID).Counts; got[store.Accepted]+got[store.Sent] != 1 || got[store.Planned] != 4 {
			t.Error(got)
		}
	})
}

func TestStuckSendIsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 1, 2, nil)
		w.far.takes = time.Hour
		w.start()
		wave := w.queue(broadcast.Order{})
		got := w.until(wave.ID, 5*time.Minute, store.WaveFailures)
		if got.Counts[store.Unknown] != 2 {
			t.Error(got.Counts)
		}
	})
}

func TestPanicIsUnknownAndTheLaneLives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 1, 3, nil)
		w.far.fail = func(n int, _ broadcast.Message) (error, bool) {
			if n == 2 {
				panic("boom")
			}
			return nil, true
		}
		w.start()
		wave := w.queue(broadcast.Order{})
		got := w.until(wave.ID, 5*time.Minute, store.WaveFailures)
		if got.Counts[store.Unknown] != 1 || got.Counts[store.Sent] != 2 {
			t.Error(got.Counts)
		}
	})
}

func TestCrashBetweenClaimAndSettle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 1, 4, nil)
		wave := w.queue(broadcast.Order{})
		if _, err := w.d.Scheduler.Pass(context.Background(), time.Now()); err != nil {
			t.Fatal(err)
		}
		d, found, _, err := w.s.Next(name(0), true, time.Now())
		if err != nil || !found {
			t.Fatal(found, err)
		}
		if _, _, err := w.s.Claim(d, 0, nil); err != nil {
			t.Fatal(err)
		}
		w.restart()
		w.start()
		got := w.until(wave.ID, time.Hour, store.WaveFailures)
		if got.Counts[store.Unknown] != 1 || got.Counts[store.Sent] != 3 || len(w.far.list()) != 3 {
			t.Errorf("%v after %d sends", got.Counts, len(w.far.list()))
		}
	})
}

func TestTooManyFailuresPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 1, 100, paced)
		w.far.fail = func(int, broadcast.Message) (error, bool) { return errLost, false }
		w.start()
		wave := w.queue(broadcast.Order{})
		got := w.until(wave.ID, time.Hour, store.WavePaused)
		if got.Why != "broadcast.trouble" || got.Counts[store.Unknown] > 12 {
			t.Errorf("paused for %q after %d", got.Why, got.Counts[store.Unknown])
		}
		if _, err := w.d.Resume(wave.ID, "kim"); err != nil {
			t.Fatal(err)
		}
		got = w.until(wave.ID, time.Hour, store.WavePaused)
		if n := got.Counts[store.Unknown]; n < 20 || n > 24 {
			t.Errorf("it pauses again after %d", n)
		}
	})
}

func TestUnreachableGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		unbound := &broadcast.SendError{Reason: store.ReasonNotBound, Certain: true, Temporary: true}
		w := setup(t, 2, 6, func(w *world) {
			w.fars[name(0)] = &far{unready: map[uint32]error{1: unbound, 3: unbound}}
			w.fars[name(1)] = &far{unready: map[uint32]error{3: unbound}}
		})
		if _, err := w.s.StartSession(name(0), "e1", 1, "n"); err != nil {
			t.Fatal(err)
		}
		w.start()
		wave := w.queue(broadcast.Order{})
		time.Sleep(time.Minute)
		if got := w.wave(wave.ID).Counts; got[store.Planned] != 1 || got[store.Sent] != 5 {
			t.Fatalf("in the first minute of the session: %v", got)
		}
		got := w.until(wave.ID, time.Hour, store.WaveFinished)
		if got.Counts[store.Skipped] != 1 {
			t.Error(got.Counts)
		}
		for _, d := range w.deliveries(got) {
			switch {
			case d.Group == 3 && (d.State != store.Skipped || d.Reason != store.ReasonNotBound || d.Updated.Sub(got.OpenedAt) < 9*time.Minute):
				t.Errorf("the group that nobody found is %s (%s) after %v", d.State, d.Reason, d.Updated.Sub(got.OpenedAt))
			case d.Group == 1 && d.Account != name(1):
				t.Errorf("the group that only the other account is in went through %s", d.Account)
			}
		}
	})
}

func TestLoggedOutAccountWaitsThenOthersTakeOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &broadcast.SendError{Reason: "offline", Certain: true, Temporary: true, Signal: broadcast.LoggedOut}
		w := setup(t, 2, 6, func(w *world) {
			w.fars[name(0)] = &far{down: out}
			w.fars[name(1)] = &far{}
		})
		w.start()
		wave := w.queue(broadcast.Order{})
		time.Sleep(29 * time.Minute)
		if got := w.wave(wave.ID).Counts; got[store.Planned] != 3 {
			t.Fatalf("within half an hour: %v", got)
		}
		got := w.until(wave.ID, time.Hour, store.WaveFinished)
		if got.Counts[store.Sent] != 6 || len(w.fars[name(1)].list()) != 6 {
			t.Error(got.Counts)
		}
	})
}

func TestForbiddenStopsTheLane(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 1, 3, func(w *world) { w.o.HandOver = 1000 * time.Hour })
		w.far.fail = func(n int, _ broadcast.Message) (error, bool) {
			if n == 1 {
				return &broadcast.SendError{Reason: "forbidden", Certain: true, Temporary: true, Signal: broadcast.Forbidden}, false
			}
			return nil, true
		}
		w.start()
		wave := w.queue(broadcast.Order{})
		time.Sleep(24 * time.Hour)
		if n := len(w.far.list()); n != 0 || w.d.Statuses()[name(0)].State != broadcast.LaneStopped || !w.saw("broadcast.forbidden") {
			t.Fatalf("it sent %d more; %v", n, w.d.Statuses())
		}
		if _, err := w.s.StartSession(name(0), "e2", 1, "n"); err != nil {
			t.Fatal(err)
		}
		w.until(wave.ID, time.Hour, store.WaveFinished)
	})
}

func TestRemovedAccountLeavesNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 2, 6, func(w *world) {
			w.fars[name(0)] = &far{takes: time.Second}
			w.fars[name(1)] = &far{unready: map[uint32]error{5: &broadcast.SendError{Reason: store.ReasonNotBound}}}
		})
		wave := w.queue(broadcast.Order{Plan: store.Plan{Hold: time.Minute}})
		w.start()
		time.Sleep(30 * time.Second)
		w.d.Remove(name(0))
		if _, err := w.s.ChangeAccount(name(0), "kim", "account.remove", func(a *store.Account) error { a.Removed = true; return nil }); err != nil {
			t.Fatal(err)
		}
		got := w.until(wave.ID, time.Hour, store.WaveFinished)
		if got.Counts[store.Sent] != 5 || got.Counts[store.Skipped] != 1 {
			t.Error(got.Counts)
		}
	})
}

func TestPausedAccountAndGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 2, 8, paced)
		w.start()
		pause := func(p bool) {
			if _, err := w.s.ChangeAccount(name(0), "kim", "account.pause", func(a *store.Account) error { a.Paused = p; return nil }); err != nil {
				t.Fatal(err)
			}
		}
		pause(true)
		wave := w.queue(broadcast.Order{})
		time.Sleep(time.Second)
		if _, err := w.s.SetGroup("G00008", store.GroupOptedOut, "asked", ""); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		for _, a := range w.far.list() {
			if a.account == name(0) {
				t.Fatal("a paused account sent")
			}
		}
		pause(false)
		got := w.until(wave.ID, time.Hour, store.WaveFinished)
		if got.Counts[store.Sent] != 7 || got.Counts[store.Skipped] != 1 {
			t.Error(got.Counts)
		}
	})
}

func TestPartsGoInOrderOrNotAtAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 1, 3, nil)
		var many []store.Vacancy
		for _, v := range vacancies() {
			for range 6 {
				many = append(many, v)
			}
		}
		batch := w.addBatch("many", many)
		w.far.fail = func(n int, m broadcast.Message) (error, bool) {
			if m.Group == 2 && n < 100 {
				return &broadcast.SendError{Reason: "refused", Certain: true}, false
			}
			return nil, true
		}
		w.start()
		wave := w.queue(broadcast.Order{Plan: store.Plan{Batch: batch, Parts: 3}})
		got := w.until(wave.ID, time.Hour, store.WaveFailures)
		parts := map[uint32]int{}
		for _, d := range w.deliveries(got) {
			parts[d.Group]++
			if d.Group == 2 && d.Part > 1 && (d.State != store.Skipped || d.Reason != store.ReasonOtherPartLost) {
				t.Errorf("part %d behind a failed one is %s (%s)", d.Part, d.State, d.Reason)
			}
		}
		if parts[2] < 2 {
			t.Fatalf("groups have %v parts: the test shows nothing", parts)
		}
	})
}

func TestApprovalIsForWhatIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			why    string
			change func(w *world)
		}{
			{"a vacancy was filled", func(w *world) { w.s.SetVacancy([]string{"A001"}, store.VacancyFilled, "", "kim") }},
			{"a group was paused", func(w *world) { w.s.SetGroup("G00003", store.GroupPaused, "", "kim") }},
			{"a group joined the audience", func(w *world) {
				w.s.PutGroups([]store.Group{{Code: "G99999", Name: "new", County: "yanji", Language: "zh"}}, "kim")
			}},
		} {
			w := setup(t, 1, 6, nil)
			w.start()
			at := time.Now().Add(time.Hour)
			wave := w.queue(broadcast.Order{At: at})
			c.change(w)
			got := w.until(wave.ID, 2*time.Hour, store.WaveDraft)
			if got.Why != "broadcast.plan_changed" || got.Hash == wave.Hash || len(w.far.list()) > 0 {
				t.Errorf("%s: the wave is %s (%s), %d sent", c.why, got.State, got.Why, len(w.far.list()))
			}
			if _, err := w.s.ApproveWave(wave.ID, got.Hash, "li", true); err != nil {
				t.Fatal(err)
			}
			w.until(wave.ID, time.Hour, store.WaveFinished)
			w.stop()
		}
	})
}

func TestQueueRefusals(t *testing.T) {
	w := setup(t, 1, 4, nil)
	draft, _, err := w.s.AddBatch(store.Batch{FileHash: "d", Employers: 1}, vacancies()[:1], "kim")
	if err != nil {
		t.Fatal(err)
	}
	none := setup(t, 0, 4, nil)
	for _, c := range []struct {
		why, key string
		w        *world
		o        broadcast.Order
	}{
		{"no such batch", "store.no_batch", w, broadcast.Order{Plan: store.Plan{Batch: "Z"}}},
		{"a batch that nobody approved", "broadcast.batch_not_approved", w, broadcast.Order{Plan: store.Plan{Batch: draft.ID}}},
		{"no such county", "broadcast.unknown_county", w, broadcast.Order{Plan: store.Plan{Audience: store.Audience{Counties: []string{"Seoul"}}}}},
		{"no such group", "broadcast.unknown_group", w, broadcast.Order{Plan: store.Plan{Audience: store.Audience{Groups: []string{"G00001", "X"}}}}},
		{"no such tag", "broadcast.unknown_tag", w, broadcast.Order{Plan: store.Plan{Audience: store.Audience{Tags: []string{"opera"}}}}},
		{"no such township", "broadcast.unknown_township", w, broadcast.Order{Plan: store.Plan{Audience: store.Audience{Townships: []string{"x"}}}}},
		{"no such language", "broadcast.unknown_language", w, broadcast.Order{Plan: store.Plan{Audience: store.Audience{Languages: []string{"en"}}}}},
		{"conditions that exclude each other", "broadcast.no_groups", w, broadcast.Order{Plan: store.Plan{Audience: store.Audience{Counties: []string{"tumen"}, Groups: []string{"G00001"}}}}},
		{"no such template", "templates.no_template", w, broadcast.Order{Plan: store.Plan{Template: "poem"}}},
		{"a recurring time that is none", "broadcast.bad_cron", w, broadcast.Order{Cron: "soon"}},
		{"a policy that is none", "broadcast.bad_missed", w, broadcast.Order{Plan: store.Plan{Missed: "maybe"}}},
		{"nobody to send it", "broadcast.no_reachable", none, broadcast.Order{}},
	} {
		if c.o.Plan.Batch == "" {
			c.o.Plan.Batch = c.w.batch
		}
		_, err := c.w.p.Queue(c.o, "kim")
		if !errors.Is(err, words.Refuse(c.key)) {
			t.Errorf("%s: %v", c.why, err)
		}
		if waves, _ := c.w.s.Waves(false); len(waves) > 0 {
			t.Errorf("%s: a wave was stored", c.why)
		}
		var r *words.Refusal
		for _, l := range words.Languages() {
			if errors.As(err, &r) && contains(r.In(l), "%!") {
				t.Errorf("%s in %s: %s", c.why, l, r.In(l))
			}
		}
	}
}
