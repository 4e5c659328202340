package broadcast_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
)

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

func TestALineThatTellsNothingIsNotFilledUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 1, 40, nil)
		w.far.fail = func(int, broadcast.Message) (error, bool) { return errLost, true }
		w.start()
		w.queue(broadcast.Order{})
		for len(w.far.list()) == 0 {
			time.Sleep(time.Second)
		}
		time.Sleep(15 * time.Second)
		if n := len(w.far.list()); n < 3 || n > 7 {
			t.Errorf("%d messages went into a line that answers none of them, in 15 s", n)
		}
	})
}
