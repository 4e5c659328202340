package broadcast_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
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
		time.Sleep(33 * time.Second) // not at the moment of a send, which would go out beside the cancel
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

func TestEmergencyStopOfAWaveThatEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 2, 6, nil)
		w.start()
		wave := w.queue(broadcast.Order{})
		w.until(wave.ID, time.Minute, store.WaveFinished)
		r, err := w.d.EmergencyStop(context.Background(), wave.ID, "kim")
		if err != nil || r.Recalled != 6 || r.Standing != 0 {
			t.Errorf("%+v %v", r, err)
		}
		if got := w.wave(wave.ID); got.Counts[store.Recalled] != 6 || got.State != store.WaveFinished {
			t.Errorf("%s %v", got.State, got.Counts)
		}
		time.Sleep(time.Hour)
		if _, err := w.d.EmergencyStop(context.Background(), wave.ID, "kim"); err == nil {
			t.Error("an hour later there is nothing to stop, and it says so")
		}
	})
}

func TestEmergencyStopDoesNotWaitForAStuckSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 2, 20, func(w *world) {
			paced(w)
			w.fars[name(0)] = &far{takes: time.Hour}
		})
		w.start()
		w.queue(broadcast.Order{})
		time.Sleep(25 * time.Second)
		begun := time.Now()
		r, err := w.d.EmergencyStop(context.Background(), "", "kim")
		if err != nil || r.Recalled != 3 || r.Standing != 1 {
			t.Errorf("%+v %v", r, err)
		}
		for id, at := range w.far.recalled {
			if at.Sub(begun) > time.Second {
				t.Errorf("%d of the others was taken back after %v", id, at.Sub(begun))
			}
		}
	})
}
