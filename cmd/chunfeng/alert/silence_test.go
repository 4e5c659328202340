package alert_test

import (
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/cmd/chunfeng/alert"
	"chunfeng/store"
)

func alertAccount(rec store.Account) alert.Account {
	return alert.Account{Account: rec, Now: store.AccountStopped, Since: time.Now()}
}

// hears has the account hear something now.
func (w *world) hears() {
	w.see(func() { w.accounts[0].LastHeard, w.accounts[0].Unheard = time.Now(), 0 })
}

// day lets a day go by from midnight on: nothing at night, at seven the first message, by day one every ten minutes, and an
// hour of rest at noon.
func (w *world) day() {
	for h := range 24 {
		for m := 0; m < 60; m += 10 {
			if h >= 7 && h < 22 && h != 12 {
				w.hears()
			}
			w.pass(10 * time.Minute)
		}
	}
}

// TestUnusualSilence learns an account's days, and then tells a silence at ten in the morning from the same silence at night
// and at noon.
func TestUnusualSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		zone := w.cfg.Zone
		now := time.Now().In(zone)
		w.pass(time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, zone).Sub(now))
		w.online("a01")
		w.watch()
		// Nothing is known yet: without sends a night is no alert.
		for range 14 {
			w.day()
		}
		w.expect("")
		w.end()
		w.watch() // what was learned is in the ledger
		monday := time.Now().In(zone).Weekday()
		for monday == time.Saturday || monday == time.Sunday {
			w.day()
			monday = time.Now().In(zone).Weekday()
		}
		w.pass(7 * time.Hour)
		for range 3 * 6 {
			w.hears()
			w.pass(10 * time.Minute)
		}
		w.expect("")
		silentFrom := time.Now()
		w.hears()
		w.pass(40 * time.Minute)
		w.expect("")
		w.pass(20 * time.Minute)
		w.expect("silent(a01) raised")
		all, err := w.store.Alerts(true)
		if err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		late := all[0].Raised.Sub(silentFrom).Round(time.Minute)
		// Noon, when nobody ever writes, is no sign of life; nor is a new login.
		w.pass(2 * time.Hour)
		w.online("a01")
		w.pass(time.Minute)
		w.expect("silent(a01) raised")
		w.hears()
		w.pass(time.Minute)
		w.expect("silent(a01) raised, silent(a01) cleared")
		w.end()
		days, err := w.store.Hearing("a01")
		if err != nil || len(days) < 14 {
			t.Fatalf("%d days were learned: %v", len(days), err)
		}
		today := days[len(days)-1]
		if m := today.Hours[10]; m > 60 {
			t.Errorf("a silence that was told of taught %d minutes", m)
		}
		t.Logf("proof: after 14 days of an account a silence at ten in the morning was told of after %v; 14 nights of nine hours and 14 noons of an hour were not", late)
	})
}

// TestSilenceOfANewAccount counts sends where nothing is known of an account.
func TestSilenceOfANewAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.watch()
		w.pass(3 * time.Hour)
		w.expect("")
		w.see(func() { w.accounts[0].Unheard = 3 })
		w.pass(time.Minute)
		w.expect("silent(a01) raised")
		w.end()
	})
}
