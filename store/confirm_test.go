package store_test

import (
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/store"
	"chunfeng/store/storetest"
)

// accepts has an account send its next message, which the server takes.
func accepts(t testing.TB, s *store.Store, account string) store.Delivery {
	t.Helper()
	d, found, _, err := s.Next(account, true, time.Now())
	if err != nil || !found {
		t.Fatal(found, err)
	}
	d, a, err := s.Claim(d, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Settle(d.Wave, d.Seq, a.ClientID, store.Settlement{Outcome: store.Taken, ServerID: "9"}); err != nil {
		t.Fatal(err)
	}
	return d
}

// state is what a delivery is now, and why.
func state(t testing.TB, s *store.Store, d store.Delivery) (store.State, store.Reason) {
	t.Helper()
	w, err := s.Waves(false)
	if err != nil {
		t.Fatal(err)
	}
	d, err = s.Delivery(store.DeliveryID(w[0].ID, d.Seq))
	if err != nil {
		t.Fatal(err)
	}
	return d.State, d.Reason
}

// TestConfirmNeedsToHaveHeard: an acceptance counts as sent when its account was there to hear that it did not arrive.
func TestConfirmNeedsToHaveHeard(t *testing.T) {
	const after = 90 * time.Second
	for _, c := range []struct {
		why     string
		heard   time.Duration // until so long after the acceptance; negative: never
		ahead   bool          // the clock was put back an hour since
		givenUp time.Duration // before now; zero: not yet
		want    store.State
		reason  store.Reason
	}{
		{"heard for as long as a notice takes", store.NoticeWithin, false, 0, store.Sent, store.ReasonNone},
		{"not heard for so long", store.NoticeWithin - time.Second, false, 0, store.Accepted, store.ReasonNone},
		{"never heard", -1, false, 0, store.Accepted, store.ReasonNone},
		{"never heard, and nobody waits any more", -1, false, time.Minute, store.Unknown, store.ReasonUnheard},
		{"heard, although nobody waits any more", time.Minute, false, time.Minute, store.Sent, store.ReasonNone},
		{"never heard, given up is what is older", -1, false, time.Hour, store.Accepted, store.ReasonNone},
		{"by a clock that ran ahead, heard since", -time.Hour + 2*time.Minute, true, 0, store.Sent, store.ReasonNone},
		{"by a clock that ran ahead, not heard since", -time.Hour - time.Minute, true, 0, store.Accepted, store.ReasonNone},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := storetest.Open(t)
			openRunning(t, s, 1, 2)
			d := accepts(t, s, "a01")
			accepted := time.Now()
			time.Sleep(2 * time.Minute)
			now := time.Now()
			if c.ahead {
				now = accepted.Add(-time.Hour + 2*time.Minute)
			}
			due := store.Due{Before: now.Add(-after), Notice: store.NoticeWithin, Heard: func(account string) time.Time {
				if account != "a01" {
					t.Errorf("%s: asked for %q", c.why, account)
				}
				if c.heard < 0 && !c.ahead {
					return time.Time{}
				}
				return accepted.Add(c.heard)
			}}
			if c.ahead {
				due.Ahead = now.Add(2 * time.Second)
			}
			if c.givenUp > 0 {
				due.GivenUp = now.Add(-c.givenUp)
			}
			n, next, err := s.ConfirmDue(due)
			if err != nil {
				t.Fatal(err)
			}
			got, reason := state(t, s, d)
			if got != c.want || reason != c.reason {
				t.Errorf("%s: %s (%s), want %s (%s)", c.why, got, reason, c.want, c.reason)
			}
			if want := got != store.Accepted; n != map[bool]int{true: 1}[want] || next.IsZero() != want {
				t.Errorf("%s: %d moved, the next one at %v", c.why, n, next)
			}
			storetest.Check(t, s)
		})
	}
}

// TestWhatNobodyHeardIsUnknown: when an account is back from a gap, what it had accepted just before is Unknown, for the notice
// that it did not arrive would have come in the gap. What it sent in the new session, what was heard out, and what others sent
// is not touched; nor is anything when the server replayed what was said meanwhile.
func TestWhatNobodyHeardIsUnknown(t *testing.T) {
	for _, lossless := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := storetest.Open(t)
			openRunning(t, s, 2, 12)
			must := must(t)
			_, err := s.StartSession("a01", "e1", 5, "")
			must(err)
			heard := accepts(t, s, "a01")
			time.Sleep(store.NoticeWithin)
			before := accepts(t, s, "a01")
			other := accepts(t, s, "a02")
			time.Sleep(5 * time.Second)
			must(s.OpenGap("a01", "logged out", time.Now()))
			time.Sleep(time.Minute)
			_, err = s.StartSession("a01", "e2", 5, "")
			must(err)
			time.Sleep(time.Second)
			since := accepts(t, s, "a01")
			must(s.CloseGap("a01", lossless, time.Time{}))
			want := store.Unknown
			if lossless {
				want = store.Accepted
			}
			for _, c := range []struct {
				what string
				d    store.Delivery
				want store.State
			}{
				{"what was heard out", heard, store.Accepted}, {"what was sent just before", before, want},
				{"what another account sent", other, store.Accepted}, {"what was sent since", since, store.Accepted},
			} {
				if got, _ := state(t, s, c.d); got != c.want {
					t.Errorf("lossless %v: %s is %s, want %s", lossless, c.what, got, c.want)
				}
			}
			if _, why := state(t, s, before); !lossless && why != store.ReasonUnheard {
				t.Errorf("why it is not known: %q", why)
			}
			// An own message that comes back proves it all the same.
			must(s.Confirm(before.Wave, before.Seq, "9", store.ReasonEcho))
			if got, _ := state(t, s, before); got != store.Sent {
				t.Errorf("with its echo it is %s", got)
			}
			storetest.Check(t, s)
		})
	}
}
