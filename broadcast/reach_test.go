package broadcast_test

import (
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
)

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
