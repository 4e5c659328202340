package broadcast_test

import (
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
)

func TestWholeRoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 3, 60, func(w *world) { w.o.ConfirmAfter = 90 * time.Second })
		w.start()
		wave := w.queue(broadcast.Order{Plan: store.Plan{Hold: 2 * time.Minute}})
		time.Sleep(time.Minute)
		if got := w.wave(wave.ID); got.State != store.WaveHolding || len(w.far.list()) > 0 {
			t.Fatalf("in its hold the wave is %s and %d messages went out", got.State, len(w.far.list()))
		}
		got := w.until(wave.ID, 10*time.Minute, store.WaveFinished)
		if got.Counts[store.Sent] != 60 || got.Total != 60 {
			t.Errorf("tally %v", got.Counts)
		}
		seen := map[uint32]int{}
		for _, a := range w.far.list() {
			seen[a.m.Group]++
		}
		for g, n := range seen {
			if n != 1 {
				t.Errorf("group %d got it %d times", g, n)
			}
		}
		if len(seen) != 60 {
			t.Errorf("%d groups got it", len(seen))
		}
	})
}
