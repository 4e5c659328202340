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

func TestRecallOfAWaveLeavesOthersAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 2, 60, paced)
		w.start()
		bad := w.queue(broadcast.Order{Plan: store.Plan{Audience: store.Audience{Counties: []string{"yanji"}}}})
		good := w.queue(broadcast.Order{Plan: store.Plan{Audience: store.Audience{Counties: []string{"tumen", "dunhua"}}}})
		time.Sleep(85 * time.Second) // the first wave sends first: 9 of 10 a lane
		r, err := w.d.Recall(context.Background(), bad.ID, "kim")
		if err != nil || len(r.Recalled) != 18 || len(r.Refused) != 0 || r.TooOld != 0 || r.Wave.State != store.WavePaused || r.Wave.Stopped {
			t.Fatalf("%d taken back, %d not, %d too old, the wave is %s, %v", len(r.Recalled), len(r.Refused), r.TooOld, r.Wave.State, err)
		}
		got := w.until(good.ID, time.Hour, store.WaveFinished)
		if got.Counts[store.Sent] != 40 {
			t.Errorf("the other wave: %v", got.Counts)
		}
		if got := w.wave(bad.ID); got.State != store.WavePaused || got.Counts[store.Recalled] != 18 || got.Counts[store.Planned] != 2 || got.Why != "broadcast.recalled" {
			t.Errorf("the recalled one is %s for %q: %v", got.State, got.Why, got.Counts)
		}
		// Nothing is young enough any more, and it says so.
		if r, err = w.d.Recall(context.Background(), good.ID, "kim"); err != nil || len(r.Recalled) != 18 || r.TooOld != 22 {
			t.Errorf("%d taken back, %d too old, %v", len(r.Recalled), r.TooOld, err)
		}
		time.Sleep(time.Hour)
		if r, err = w.d.Recall(context.Background(), good.ID, "kim"); err != nil || len(r.Recalled) != 0 {
			t.Errorf("an hour later: %+v, %v", r, err)
		}
		if _, err := w.d.Recall(context.Background(), store.AnswersID, "kim"); err == nil {
			t.Error("all answers to residents are taken back as if they were a wave")
		}
		draft, err := w.p.Queue(broadcast.Order{Plan: store.Plan{Batch: w.batch}}, "kim")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.d.Recall(context.Background(), draft.Wave.ID, "kim"); !errors.Is(err, words.Refuse("broadcast.nothing_sent")) {
			t.Errorf("a draft: %v", err)
		}
	})
}

func TestRecallSaysWhyNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 2, 20, func(w *world) { w.p.Pacing.Text = broadcast.Limits{Every: 2 * time.Second} })
		w.far.late = map[uint32]error{1: &broadcast.SendError{Reason: "recall_late", Certain: true}, 2: errLost}
		w.far.fail = func(_ int, m broadcast.Message) (error, bool) {
			if m.Group == 3 {
				return errLost, true
			}
			return nil, true
		}
		w.start()
		wave := w.queue(broadcast.Order{})
		w.until(wave.ID, 10*time.Minute, store.WaveFailures)
		r, err := w.d.Recall(context.Background(), wave.ID, "kim")
		why := map[uint32]store.Reason{}
		for _, x := range r.Refused {
			why[x.Group] = x.Why
		}
		if err != nil || why[1] != "recall_late" || why[2] != store.ReasonNotAnswered || len(r.Recalled) != 17 || r.Unknown != 1 || r.TooOld != 0 {
			t.Errorf("%d taken back, %v not, %d unknown, %d too old, %v", len(r.Recalled), why, r.Unknown, r.TooOld, err)
		}
		// Without its lane nobody can take it back.
		w.d.Remove(name(0))
		if r, err = w.d.Recall(context.Background(), wave.ID, "kim"); err != nil || len(r.Refused) != 2 || len(r.Recalled) != 0 {
			t.Errorf("%+v %v", r.Refused, err)
		}
		for _, x := range r.Refused {
			if want := map[uint32]store.Reason{1: broadcast.ReasonNoLane, 2: store.ReasonNotAnswered}[x.Group]; x.Why != want {
				t.Errorf("group %d is refused for %q, want %q", x.Group, x.Why, want)
			}
		}
	})
}

func TestRecallOfOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 1, 10, paced)
		w.start()
		wave := w.queue(broadcast.Order{})
		time.Sleep(25 * time.Second)
		id := func(seq uint32) string { return store.DeliveryID(wave.ID, seq) }
		if d, err := w.d.RecallDelivery(context.Background(), id(1), "kim"); err != nil || d.State != store.Recalled {
			t.Errorf("%s %v", d.State, err)
		}
		for seq, key := range map[uint32]string{1: "broadcast.recall_state", 8: "broadcast.recall_state"} {
			if _, err := w.d.RecallDelivery(context.Background(), id(seq), "kim"); !errors.Is(err, words.Refuse(key)) {
				t.Errorf("%s: %v, want %s", id(seq), err, key)
			}
		}
		got := w.until(wave.ID, 10*time.Minute, store.WaveFinished)
		if got.Counts[store.Recalled] != 1 || got.Counts[store.Sent] != 9 {
			t.Errorf("the wave went on as %v", got.Counts)
		}
		time.Sleep(2 * time.Minute)
		if _, err := w.d.RecallDelivery(context.Background(), id(2), "kim"); !errors.Is(err, words.Refuse("broadcast.recall_too_old")) {
			t.Errorf("too old: %v", err)
		}
		if _, err := w.d.RecallDelivery(context.Background(), "2000-001.99", "kim"); words.KindOf(err) != words.Missing {
			t.Errorf("one that is not there: %v", err)
		}
		// An answer to a resident can be taken back too.
		if err := w.s.AddAnswer(store.Answer{Group: 1, Account: name(0), Content: store.Content{Kind: store.Text, Body: []byte("收到")}}, 0); err != nil {
			t.Fatal(err)
		}
		time.Sleep(15 * time.Second)
		if d, err := w.d.RecallDelivery(context.Background(), store.DeliveryID(store.AnswersID, 1), "kim"); err != nil || d.State != store.Recalled {
			t.Errorf("an answer: %s %v", d.State, err)
		}
	})
}

// TestRecallFindsWhatWaited: pictures wait in the queue and are sent long behind their place in the wave, and after 90 s
// they are confirmed.
func TestRecallFindsWhatWaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 1, 12, func(w *world) {
			posters(w)
			w.p.Pacing.Text = broadcast.Limits{Every: time.Second}
			w.p.Pacing.Media = broadcast.Limits{Every: 25 * time.Second}
			w.o.ConfirmAfter = 30 * time.Second
		})
		w.start()
		wave := w.queue(broadcast.Order{Plan: store.Plan{Form: store.FormBoth}})
		time.Sleep(4 * time.Minute)
		young := 0
		for _, a := range w.far.list() {
			if time.Since(a.at) < 2*time.Minute {
				young++
				if a.m.Kind != store.Image {
					t.Fatal("this test wants pictures alone in the last two minutes")
				}
			}
		}
		r, err := w.d.Recall(context.Background(), wave.ID, "kim")
		if err != nil || young < 4 || len(r.Recalled) != young {
			t.Errorf("of %d pictures in the last two minutes %d were taken back, %v", young, len(r.Recalled), err)
		}
	})
}
