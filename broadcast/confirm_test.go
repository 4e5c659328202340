package broadcast_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
)

// ear is an account that hears until it is made deaf.
type ear struct {
	account
	deafSince atomic.Pointer[time.Time]
}

func (e *ear) HeardOut() time.Time {
	if t := e.deafSince.Load(); t != nil {
		return *t
	}
	return time.Now()
}

// TestSentWasHeardOut: what was accepted while nobody heard is not called sent, but waits for its account, for an hour at most.
func TestSentWasHeardOut(t *testing.T) {
	for _, c := range []struct {
		why  string
		deaf time.Duration // how long it hears nothing
		want store.State
	}{
		{"it hears all the time", 0, store.Sent},
		{"it is back in time", 50 * time.Minute, store.Sent},
		{"it stays away", 24 * time.Hour, store.Unknown},
	} {
		synctest.Test(t, func(t *testing.T) {
			e := &ear{}
			w := setup(t, 0, 1, func(w *world) { w.o.ConfirmAfter = 90 * time.Second })
			e.account = account{"a01", w.far}
			_, err := w.s.AddAccount("a01", "", "test")
			if err == nil {
				_, err = w.s.PutGroups([]store.Group{{Code: "G00001", Name: "群 1", County: "yanji", Language: "zh", Account: "a01"}}, "test")
			}
			if err == nil {
				err = w.d.Add("a01", e)
			}
			if err != nil {
				t.Fatal(err)
			}
			w.start()
			began := time.Now()
			if c.deaf > 0 {
				e.deafSince.Store(&began)
			}
			wave := w.queue(broadcast.Order{})
			time.Sleep(2 * time.Minute)
			got, err := w.s.Wave(wave.ID)
			if err != nil {
				t.Fatal(err)
			}
			if c.deaf > 0 && (got.Counts[store.Accepted] != 1 || got.State != store.WaveRunning) {
				t.Errorf("%s: after two minutes %v, the wave is %s", c.why, got.Counts, got.State)
			}
			time.Sleep(min(c.deaf, 2*time.Hour))
			if c.deaf < 2*time.Hour {
				e.deafSince.Store(nil)
			}
			time.Sleep(10 * time.Second)
			if got, err = w.s.Wave(wave.ID); err != nil || got.Counts[c.want] != 1 {
				t.Errorf("%s: in the end %v (%v), want %s", c.why, got.Counts, err, c.want)
			}
		})
	}
}
