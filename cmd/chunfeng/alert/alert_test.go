package alert_test

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/config"
	"chunfeng/store"
	"chunfeng/store/storetest"
)

func contextOf(quit <-chan struct{}) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	go func() { <-quit; cancel() }()
	return ctx, cancel
}

// TestOnceAndAgainWhenOver raises once however long it is so, also across a restart, and tells once that it is over.
func TestOnceAndAgainWhenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.watch()
		w.pass(time.Minute)
		w.expect("")
		w.see(func() { w.free = gigabyte / 2 })
		w.pass(time.Hour)
		w.expect("disk raised")
		w.end()
		w.watch()
		w.pass(time.Hour)
		w.expect("disk raised")
		w.see(func() { w.free = gigabyte + gigabyte/10 })
		w.pass(time.Hour)
		w.expect("disk raised") // a little more room is no news
		w.see(func() { w.free = 2 * gigabyte })
		w.end()
		w.watch()
		w.pass(time.Hour)
		w.expect("disk raised, disk cleared")
		w.see(func() { w.free = gigabyte / 2 })
		w.pass(time.Minute)
		w.expect("disk raised, disk cleared, disk raised")
		w.end()
		all, err := w.store.Alerts(false)
		if err != nil || len(all) != 2 || !all[0].Open() || all[1].Open() {
			t.Fatalf("the ledger has %+v %v", all, err)
		}
		for _, a := range all {
			for _, n := range a.Notices {
				if n.Done.IsZero() || n.Failed != "" || n.Tries != 1 {
					t.Errorf("alert %d: %+v", a.Number, n)
				}
			}
		}
		t.Logf("proof: 2 alerts in 5 virtual hours and 3 restarts, told 2 times each at most: once raised, once cleared")
	})
}

// TestConditions goes through each kind: what raises it, what does not yet, and what clears it.
func TestConditions(t *testing.T) {
	for _, c := range []struct {
		name  string
		steps func(*world)
		want  string
		why   string
	}{
		{"logged out", func(w *world) {
			w.see(func() { w.accounts[0].Now, w.accounts[0].Since = store.AccountOffline, time.Now() })
			w.pass(9 * time.Minute)
			w.expect("")
			w.pass(2 * time.Minute)
			w.expect("account_out(a01) raised")
			w.end()
			w.see(func() { w.accounts[0].Since = time.Now() })
			w.watch()
			w.pass(time.Minute)
			w.online("a01")
			w.pass(time.Minute)
		}, "account_out(a01) raised, account_out(a01) cleared", "a restart begins to count anew and is no reason to say that it is over"},
		{"stopped", func(w *world) {
			w.see(func() { w.accounts[0].Now = store.AccountStopped })
			w.pass(time.Minute)
		}, "account_out(a01) raised", "at once: nothing brings it back but a person"},
		{"paused", func(w *world) {
			w.see(func() { w.accounts[0].Now, w.accounts[0].Paused = store.AccountPaused, true })
			w.pass(time.Hour)
		}, "", "a person paused it"},
		{"never logged in", func(w *world) {
			w.see(func() { w.accounts[0].Now, w.accounts[0].OnlineSince = store.AccountWaitingScan, time.Time{} })
			w.pass(time.Hour)
		}, "", "it is being set up"},
		{"backup", func(w *world) {
			w.see(func() { w.backup = time.Now().Add(-71 * time.Hour) })
			w.pass(30 * time.Minute)
			w.expect("")
			w.pass(time.Hour)
			w.expect("backup raised")
			w.see(func() { w.backup = time.Now() })
			w.pass(time.Minute)
		}, "backup raised, backup cleared", "three days"},
		{"no backup ever", func(w *world) {
			w.see(func() { w.backup = time.Time{} })
			w.pass(71 * time.Hour)
			w.expect("")
			w.pass(2 * time.Hour)
		}, "backup raised", "counted from when the ledger was made"},
		{"disk against the ledger", func(w *world) {
			w.see(func() { w.cfg.Alerts.DiskFree = 1; w.free = 2 << 20 })
			w.pass(time.Minute)
		}, "disk raised", "there must be room for the ledger twice"},
		{"nothing is watched", func(w *world) {
			w.see(func() { w.cfg.Alerts = config.Alerts{Webhook: w.cfg.Alerts.Webhook}; w.free, w.backup = 1, time.Time{} })
			w.see(func() { w.accounts[0].Now = store.AccountStopped })
			w.pass(100 * time.Hour)
		}, "", "0 is never"},
		{"disarmed", func(w *world) {
			if err := w.store.Disarm(); err != nil {
				w.t.Fatal(err)
			}
			w.pass(3 * time.Second)
			w.expect("disarmed raised")
			if err := w.store.Arm("t"); err != nil {
				w.t.Fatal(err)
			}
			w.pass(3 * time.Second)
		}, "disarmed raised, disarmed cleared", "within seconds"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.watch()
				w.pass(time.Minute)
				c.steps(w)
				w.end()
				if got := w.states(); got != c.want {
					t.Errorf("told: %s\nwant: %s (%s)", got, c.want, c.why)
				}
			})
		})
	}
}

// TestWaves tells of a wave that is behind and of deliveries that nobody decides about.
func TestWaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		wave, _, err := w.store.AddWave(store.Wave{Schedule: "S1", At: time.Now(), Hash: "h"}, "kim")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.store.ApproveWave(wave.ID, "h", "li", true); err != nil {
			t.Fatal(err)
		}
		content := store.Content{Kind: store.Text, Body: []byte("vacancies")}
		row := store.Row{Group: 1, Account: "a01", Content: store.HashContent(content.Kind, "", content.Body), Part: 1, Kind: store.Text}
		_, err = w.store.OpenWave(store.Opening{
			Wave: wave.ID, Hash: "h", Contents: []store.Content{content}, Forecast: time.Now().Add(10 * time.Hour),
			Rows: func(yield func(store.Row) bool) {
				for range 5 {
					if !yield(row) {
						return
					}
				}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		w.see(func() { w.left = 11*time.Hour + 30*time.Minute })
		w.watch()
		w.pass(time.Minute)
		w.expect("") // an hour and a tenth of ten hours are allowed
		w.pass(40 * time.Minute)
		w.expect("behind(" + wave.ID + ") raised")
		if _, err := w.store.MoveWave(wave.ID, store.WavePaused, "", "t"); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Hour)
		if _, err := w.store.MoveWave(wave.ID, store.WaveRunning, "", "t"); err != nil {
			t.Fatal(err)
		}
		w.see(func() { w.left = 8 * time.Hour })
		w.pass(time.Minute)
		w.expect("behind(" + wave.ID + ") raised, behind(" + wave.ID + ") cleared")
		d, _, _, err := w.store.Next("a01", true, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		d, a, err := w.store.Claim(d, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.store.Settle(d.Wave, d.Seq, a.ClientID, store.Settlement{Outcome: store.NotKnown, Reason: store.ReasonNotAnswered}); err != nil {
			t.Fatal(err)
		}
		before := w.states()
		w.pass(119 * time.Minute)
		w.expect(before)
		w.pass(2 * time.Minute)
		w.expect(before + ", unknown(" + wave.ID + ") raised")
		if _, err := w.store.Resolve(d.Wave, d.Seq, store.Sent, "seen", "t"); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Minute)
		w.expect(before + ", unknown(" + wave.ID + ") raised, unknown(" + wave.ID + ") cleared")
		w.end()
	})
}

// TestWebhookInTrouble has the webhook answer with errors, or never: it is tried so often and not more, what comes behind is
// told in order, and the ledger is written as quickly as ever.
func TestWebhookInTrouble(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer func(n int) (int, error)
		tries  int
		failed string
	}{
		{"500 twice", func(n int) (int, error) { return map[bool]int{true: 500, false: 204}[n <= 2], nil }, 3, ""},
		{"500 for ever", func(int) (int, error) { return 500, nil }, 5, "the webhook answered 500"},
		{"elsewhere", func(int) (int, error) { return http.StatusFound, nil }, 5, "the webhook answered 302"},
		{"never", func(int) (int, error) { return 0, errors.New("never") }, 5, "the webhook does not answer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.answer = c.answer
				w.watch()
				w.see(func() { w.free = 1 })
				w.pass(time.Hour)
				if w.calls != c.tries {
					t.Errorf("%d requests, not %d", w.calls, c.tries)
				}
				open, err := w.store.Alerts(true)
				if err != nil || len(open) != 1 {
					t.Fatalf("%+v %v", open, err)
				}
				if n := open[0].Notices[0]; n.Failed != c.failed || n.Tries != c.tries || n.Done.IsZero() {
					t.Errorf("the ledger says %+v", n)
				}
				w.end()
				w.watch()
				w.pass(time.Hour)
				if w.calls != c.tries {
					t.Errorf("a restart tries again: %d requests", w.calls)
				}
				w.end()
			})
		})
	}
}

// TestRestartGoesOnTelling ends the program while nobody could be told yet: the next one tells, and what was over meanwhile
// is told behind it.
func TestRestartGoesOnTelling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.answer = func(int) (int, error) { return 0, errors.New("never") }
		w.watch()
		w.see(func() { w.free = 1 })
		w.pass(time.Minute)
		w.end()
		w.see(func() { w.answer, w.told, w.free = nil, nil, 100*gigabyte })
		w.watch()
		w.pass(10 * time.Minute)
		w.expect("disk raised, disk cleared")
		w.end()
	})
}

// TestStaffGroup is told by a planned delivery, in its languages, once.
func TestStaffGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cfg.Alerts.Webhook, w.cfg.Alerts.Group = "", "G1"
		w.watch()
		w.see(func() { w.free = 1 })
		w.pass(time.Minute)
		w.end()
		w.watch()
		w.pass(time.Minute)
		w.see(func() { w.free = 100 * gigabyte })
		w.pass(time.Minute)
		w.end()
		p, err := w.store.Deliveries(store.Answers, store.Filter{Start: true})
		if err != nil || len(p.Deliveries) != 2 {
			t.Fatalf("%d messages, not 2: %v", len(p.Deliveries), err)
		}
		for i, want := range []string{"춘풍 경보: 디스크", "춘풍 경보 해제: 디스크"} {
			d := p.Deliveries[i]
			c, err := w.store.Content(d.Content)
			if err != nil {
				t.Fatal(err)
			}
			if d.Group != 1 || d.Account != "a01" || !strings.HasPrefix(string(c.Body), want) || !strings.Contains(string(c.Body), "\n春风告警") {
				t.Errorf("%+v says %s", d, c.Body)
			}
		}
	})
}

// TestGroupWaitsForAnAccount keeps what the group cannot be told until an account can write there, but not what is over.
func TestGroupWaitsForAnAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cfg.Alerts.Webhook, w.cfg.Alerts.Group = "", "G1"
		w.watch()
		w.see(func() { w.accounts[0].Now, w.accounts[0].Since = store.AccountOffline, time.Now() })
		w.pass(20 * time.Minute)
		w.see(func() { w.free = 1 })
		w.pass(20 * time.Minute)
		answers, err := w.store.Wave(store.AnswersID)
		if err != nil || answers.Total != 0 {
			t.Fatalf("%d messages without an account: %v", answers.Total, err)
		}
		w.online("a01")
		w.pass(5 * time.Minute)
		w.end()
		all, err := w.store.Alerts(false)
		if err != nil {
			t.Fatal(err)
		}
		if answers, err = w.store.Wave(store.AnswersID); err != nil || answers.Total != 2 {
			t.Errorf("%d messages: that the disk is full, and that the account is back; %+v %v", answers.Total, all, err)
		}
	})
}

// TestSentencesNameNobody looks for numbers in all that is told, an account that staff named by its telephone among it.
func TestSentencesNameNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		if _, err := w.store.AddAccount("13944330000", "", "t"); err != nil {
			t.Fatal(err)
		}
		rec, err := w.store.Account("13944330000")
		if err != nil {
			t.Fatal(err)
		}
		rec.OnlineSince = time.Now()
		w.see(func() {
			w.accounts = append(w.accounts, alertAccount(rec))
			w.free = 1
			w.backup = time.Now().Add(-1000 * time.Hour)
		})
		w.watch()
		w.pass(time.Minute)
		w.end()
		if len(w.told) != 3 {
			t.Fatalf("%d alerts, not 3: %s", len(w.told), w.states())
		}
		number := regexp.MustCompile(`[0-9]{7,}`)
		for _, one := range w.told {
			if number.MatchString(one.On) {
				t.Errorf("on %s", one.On)
			}
			for l, said := range one.Text {
				if number.MatchString(said) || strings.Contains(said, "%!") {
					t.Errorf("%s: %s", l, said)
				}
			}
		}
	})
}

// TestManyAlertsKeepTheLedgerWhole is a month of accounts coming and going, with restarts; storetest checks the ledger.
func TestManyAlertsKeepTheLedgerWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.watch()
		for i := range 510 {
			w.see(func() { w.free = 1 })
			w.pass(40 * time.Second)
			w.see(func() { w.free = 100 * gigabyte })
			w.pass(40 * time.Second)
			if i%100 == 0 {
				w.end()
				w.watch()
			}
		}
		w.end()
		all, err := w.store.Alerts(false)
		if err != nil || len(all) > 501 || len(all) < 500 {
			t.Errorf("%d alerts are kept: %v", len(all), err)
		}
		if len(w.told) != 1020 {
			t.Errorf("%d tellings of 1020", len(w.told))
		}
		storetest.Check(t, w.store)
	})
}
