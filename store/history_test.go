package store_test

import (
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/store"
	"chunfeng/store/storetest"
)

// TestHistoryKnowsWavesThatOverlap: an older wave may come to a group later than a younger one, and the limit for a day counts it.
func TestHistoryKnowsWavesThatOverlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := storetest.Open(t)
		older := openRunning(t, s, 1, 1)
		time.Sleep(time.Minute)
		openOne(t, s)
		younger, err := s.Waves(false)
		must(t)(err)
		list, err := s.History(1, time.Time{})
		must(t)(err)
		if len(list) != 2 || list[0].Wave == older.Number {
			t.Fatalf("%+v", list)
		}
		claimed := func(d store.Delivery) {
			t.Helper()
			d, a, err := s.Claim(d, 0, nil)
			must(t)(err)
			_, err = s.Settle(d.Wave, d.Seq, a.ClientID, store.Settlement{Outcome: store.Taken, ServerID: "9"})
			must(t)(err)
		}
		claimed(list[0])
		time.Sleep(12 * time.Hour)
		midnight := time.Now()
		time.Sleep(8 * time.Hour)
		claimed(list[1])
		time.Sleep(time.Hour)
		list, err = s.History(1, midnight)
		must(t)(err)
		if len(list) != 1 || list[0].Wave != older.Number {
			t.Errorf("since midnight %d deliveries, want that of wave %d beside wave %s", len(list), older.Number, younger[0].ID)
		}
	})
}

// TestNothingIsOfferedBeforeItsTime: a wait that ends between two microseconds of the ledger is not over at the first of them.
func TestNothingIsOfferedBeforeItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := storetest.Open(t)
		openRunning(t, s, 1, 1)
		d, found, _, err := s.Next("a01", true, time.Now())
		if err != nil || !found {
			t.Fatal(found, err)
		}
		until := time.Now().Add(time.Minute + 100*time.Nanosecond)
		must(t)(s.Defer(d.Wave, d.Seq, "", until, store.ReasonDailyLimit))
		for _, c := range []struct {
			at   time.Time
			want bool
		}{{until.Add(-100 * time.Nanosecond), false}, {until.Add(-time.Nanosecond), false}, {until.Add(time.Microsecond), true}} {
			if _, found, _, err := s.Next("a01", true, c.at); err != nil || found != c.want {
				t.Errorf("%v after its time it is offered: %v, want %v (%v)", c.at.Sub(until), found, c.want, err)
			}
		}
	})
}
