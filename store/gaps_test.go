package store_test

import (
	"testing"
	"time"

	"chunfeng/store/storetest"
)

// TestOldGapIsClosed logs one account out for so long that the others' gaps bury its own: it still has one gap, and that
// gap ends when the account hears again.
func TestOldGapIsClosed(t *testing.T) {
	s := storetest.Open(t)
	must := must(t)
	for _, name := range []string{"drawer", "daily"} {
		_, err := s.AddAccount(name, "", "test")
		must(err)
	}
	must(s.OpenGap("drawer", "logged out", time.Now()))
	for range 150 {
		must(s.OpenGap("daily", "logged out", time.Now()))
		must(s.CloseGap("daily", false, time.Time{}))
	}
	must(s.OpenGap("drawer", "logged out", time.Now()))
	must(s.CloseGap("drawer", false, time.Time{}))
	all, err := s.Gaps(false)
	must(err)
	n := 0
	for _, g := range all {
		if g.Account == "drawer" {
			n++
		}
		if g.To.IsZero() {
			t.Errorf("the gap %d of %s still goes on", g.Number, g.Account)
		}
	}
	if n != 1 {
		t.Errorf("one absence has %d gaps", n)
	}
}

// TestTornGapIsKept: once another stream began in a gap, no session replays what was said before, whatever its login says.
func TestTornGapIsKept(t *testing.T) {
	for _, torn := range []bool{false, true} {
		s := storetest.Open(t)
		must := must(t)
		_, err := s.AddAccount("a01", "", "test")
		must(err)
		must(s.StartStream("a01", []byte("first")))
		must(s.OpenGap("a01", "logged out", time.Now()))
		if torn {
			must(s.StartStream("a01", []byte("second")))
		}
		got, err := s.Torn("a01")
		must(err)
		must(s.CloseGap("a01", true, time.Time{}))
		all, err := s.Gaps(false)
		must(err)
		if got != torn || len(all) != map[bool]int{true: 1}[torn] || torn && all[0].To.IsZero() {
			t.Errorf("torn=%v (the ledger says %v): %+v", torn, got, all)
		}
		must(s.OpenGap("a01", "logged out", time.Now()))
		if got, err := s.Torn("a01"); err != nil || got {
			t.Error("the next gap is torn from the beginning", err)
		}
	}
}
