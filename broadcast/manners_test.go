package broadcast_test

import (
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
)

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
		w := setup(t, 1, 6, func(w *world) { w.p.GroupDaily = 1 })
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
		if err := w.d.TooOften(broadcast.Notice{Account: name(0), Group: group, Heard: time.Now(), Said: time.Now().Truncate(time.Second)}); err != nil {
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
			if err := w.d.TooOften(broadcast.Notice{Account: name(0), Group: 1, Heard: time.Now()}); err != nil {
				t.Fatal(err)
			}
		}
		got = w.until(other.ID, 24*time.Hour, store.WaveFailures)
		if got.Counts[store.Failed] != 1 {
			t.Error(got.Counts)
		}
	})
}
