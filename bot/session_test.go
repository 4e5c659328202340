package bot_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"chunfeng/bot"
	"chunfeng/bot/wxsim"
	"chunfeng/broadcast"
	"chunfeng/store"
)

func (w *world) gaps() []store.Gap {
	w.t.Helper()
	list, err := w.store.Gaps(false)
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

func (w *world) online() bool { return w.acct.State().State == store.AccountOnline }

// requests counts what reached an endpoint.
func (w *world) requests(endpoint string) int { return w.sim.Requests()[endpoint].Total }

// missing counts requests that came without the cookies of their host.
func (w *world) missing() (n int) {
	for _, a := range w.sim.Report().Accounts {
		for _, k := range a.CookiesMissing {
			n += k
		}
	}
	return n
}

func TestARestartTakesUpTheSession(t *testing.T) {
	live(t, setup{groups: 60}, func(w *world) {
		w.settled()
		w.sim.Group(gid(1)).Says("", "첫째")
		w.until("a reply", time.Minute, func() bool { return len(w.replies()) == 1 })
		before, self := w.binding(gid(5)), w.phone.UserName()
		for round := range 3 {
			w.stop()
			if got := w.gaps(); len(got) != 1 || !got[0].To.IsZero() || len(got[0].Groups) != 60 {
				t.Fatalf("round %d: gaps %+v", round, got)
			}
			w.sim.Group(gid(2)).Says("", fmt.Sprintf("프로그람이 멎은 사이 %d", round))
			time.Sleep(time.Hour)
			w.start()
			w.until("the reply of meanwhile", time.Minute, func() bool { return len(w.replies()) == 2+round })
			w.until("no gap", time.Minute, func() bool { return len(w.gaps()) == 0 })
			w.settled()
			if w.phone.UserName() != self || w.count(bot.ShowCode) != 1 || w.count(bot.ConfirmPhone) != 0 {
				t.Fatalf("round %d: logged in anew", round)
			}
			if got := w.binding(gid(5)); got.UserName != before.UserName || got.State != store.Bound {
				t.Errorf("round %d: binding %+v", round, got)
			}
			if _, err := w.acct.Sender().Send(context.Background(), broadcast.Message{
				ClientID: time.Now().UnixNano() / 100, Group: w.group(gid(3)).Number, Kind: store.Image, Name: "포스터", Body: picture(100 << 10),
			}); err != nil {
				t.Errorf("round %d: a picture, which needs the cookie of the file host: %v", round, err)
			}
		}
		if n := w.missing(); n != 0 {
			t.Errorf("%d requests without their cookies", n)
		}
	})
}

func picture(size int) []byte {
	return append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte{7}, size)...)
}

func TestSessionsEndAndBeginAgain(t *testing.T) {
	for _, c := range []struct {
		name   string
		before string // faults from the start
		end    func(*world)
		// what must have been seen when it is online again
		codes, confirms int
	}{
		{"kicked by a login elsewhere: the phone confirms", "", func(w *world) { w.phone.Kick() }, 1, 1},
		{"logged out on the phone: the phone confirms", "", func(w *world) { w.phone.LogoutOnPhone() }, 1, 1},
		{"cookies at their end: the phone confirms", "cookie.expiry:ttl=2h", func(*world) { time.Sleep(2*time.Hour + time.Minute) }, 1, 1},
		{"push refused: another code", "login.push_refused", func(w *world) { w.phone.Kick() }, 2, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			live(t, setup{groups: 40}, func(w *world) {
				w.settled()
				if c.before != "" {
					w.faults(c.before)
				}
				was := w.binding(gid(7))
				time.Sleep(time.Minute)
				c.end(w)
				w.until("the session's end", 2*time.Minute, func() bool { return w.count(bot.Offline) > 0 })
				w.sim.Group(gid(7)).Says("", "그 사이")
				w.until("online again", 10*time.Minute, func() bool { return w.count(bot.Online) == 2 })
				w.settled()
				if n := w.count(bot.ShowCode); n != c.codes {
					t.Errorf("%d codes, want %d", n, c.codes)
				}
				if n := w.count(bot.ConfirmPhone); n != c.confirms {
					t.Errorf("%d confirmations, want %d", n, c.confirms)
				}
				if got := w.binding(gid(7)); got.State != store.Bound || got.UserName == was.UserName || got.Epoch == was.Epoch {
					t.Errorf("the group was not bound anew: %+v", got)
				}
				g := w.gaps()
				if len(g) != 1 || g[0].To.IsZero() || len(g[0].Groups) != 40 || g[0].From.After(g[0].To) {
					t.Errorf("gaps %+v", g)
				}
				if _, err := w.send(gid(7), "다시"); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestTheAccountStopsForAPerson(t *testing.T) {
	for _, c := range []struct {
		name, faults string
		do           func(*world)
		why          string
	}{
		{"web login is forbidden", "login.1203:times=1", func(*world) {}, "bot.forbidden"},
		{"the session is ended right after a send", "", func(w *world) {
			w.settled()
			if _, err := w.send(gid(0), "안녕하십니까"); err != nil {
				w.t.Fatal(err)
			}
			time.Sleep(3 * time.Second)
			w.phone.Kick()
		}, "bot.forced_logout"},
	} {
		t.Run(c.name, func(t *testing.T) {
			live(t, setup{groups: 2, before: func(w *world) { w.faults(c.faults) }}, func(w *world) {
				c.do(w)
				w.until("stopped", time.Minute, func() bool { return w.acct.State().State == store.AccountStopped })
				n := w.requests("jslogin")
				time.Sleep(6 * time.Hour)
				rec, _ := w.store.Account("a1")
				if rec.State != store.AccountStopped || rec.Why != c.why || w.requests("jslogin") != n || w.count(bot.Stopped) != 1 {
					t.Errorf("%+v, %d logins", rec, w.requests("jslogin")-n)
				}
				if err := w.acct.Sender().Ready(w.group(gid(0)).Number); err == nil {
					t.Error("ready")
				}
				// A restart changes nothing.
				w.stop()
				w.start()
				time.Sleep(time.Hour)
				if w.acct.State().State != store.AccountStopped {
					t.Errorf("after a restart %+v", w.acct.State())
				}
				if _, err := w.store.ChangeAccount("a1", "staff", "account.resume", func(a *store.Account) error {
					a.State, a.Why = store.AccountOffline, ""
					return nil
				}); err != nil {
					t.Fatal(err)
				}
				w.settled()
				if _, err := w.send(gid(0), "재개"); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestALogoutLongAfterASendStopsNothing(t *testing.T) {
	live(t, setup{groups: 2}, func(w *world) {
		w.settled()
		if _, err := w.send(gid(0), "안녕하십니까"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(11 * time.Second)
		w.phone.Kick()
		w.until("online again", time.Minute, func() bool { return w.count(bot.Online) == 2 })
	})
}

func TestTwoAccountsOfOnePerson(t *testing.T) {
	live(t, setup{groups: 1}, func(w *world) {
		w.settled()
		if _, err := w.store.AddAccount("a2", "", "test"); err != nil {
			t.Fatal(err)
		}
		second := bot.New(bot.Options{Account: "a2", Store: w.store, Transport: w.sim.Transport()})
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { defer close(done); _ = second.Run(ctx) }()
		w.t.Cleanup(func() { cancel(); <-done })
		w.until("a code", time.Minute, func() bool { _, _, _, ok := second.QR(); return ok })
		url, _, _, _ := second.QR()
		if err := w.phone.ScanAndConfirm(url[strings.LastIndex(url, "/")+1:]); err != nil {
			t.Fatal(err)
		}
		w.until("stopped", time.Minute, func() bool { return second.State().State == store.AccountStopped })
		if got := second.State().Why; got != "bot.same_person" {
			t.Error(got)
		}
		w.until("the first one is online again", time.Minute, func() bool { return w.count(bot.Online) == 2 })
		time.Sleep(time.Hour)
		if n := w.count(bot.Online); n != 2 {
			t.Errorf("the two threw each other out: %d sessions", n)
		}
	})
}

func TestPauseRemoveAndCodes(t *testing.T) {
	paused := func(w *world, yes bool) {
		if _, err := w.store.ChangeAccount("a1", "staff", "account.pause", func(a *store.Account) error { a.Paused = yes; return nil }); err != nil {
			w.t.Fatal(err)
		}
	}
	live(t, setup{groups: 2, before: func(w *world) { paused(w, true) }}, func(w *world) {
		time.Sleep(time.Hour)
		if n := w.requests("jslogin"); n != 0 || w.acct.State().State != store.AccountPaused {
			t.Fatalf("paused: %d logins, %+v", n, w.acct.State())
		}
		paused(w, false)
		w.settled()
		paused(w, true)
		time.Sleep(2 * time.Second)
		if err := w.acct.Sender().Ready(w.group(gid(0)).Number); err == nil {
			t.Error("paused and ready")
		}
		w.sim.Group(gid(0)).Says("", "들립니까")
		w.until("a paused account still hears", time.Minute, func() bool { return len(w.replies()) == 1 })
		if _, err := w.store.ChangeAccount("a1", "staff", "account.remove", func(a *store.Account) error { a.Removed = true; return nil }); err != nil {
			t.Fatal(err)
		}
		<-w.done
	})
	live(t, setup{sim: wxsim.Options{ScanDelay: 1}}, func(w *world) {
		w.until("a code", time.Minute, func() bool { _, _, _, ok := w.acct.QR(); return ok })
		first, _, expires, _ := w.acct.QR()
		if d := time.Until(expires); d < 4*time.Minute || d > 5*time.Minute {
			t.Errorf("good for %v", d)
		}
		time.Sleep(26 * time.Minute)
		second, _, _, ok := w.acct.QR()
		if !ok || first == second || w.count(bot.ShowCode) != 6 {
			t.Errorf("%d codes, the last %q", w.count(bot.ShowCode), second)
		}
		if got := w.acct.State().State; got != store.AccountWaitingScan {
			t.Error(got)
		}
	})
}

func TestHotLoginSurvivesTroubleAtTheServer(t *testing.T) {
	live(t, setup{groups: 10}, func(w *world) {
		w.settled()
		w.stop()
		w.faults("wire.502:on=webwxinit,times=2")
		w.start()
		w.settled()
		if n, m := w.count(bot.ShowCode), w.count(bot.ConfirmPhone); n != 1 || m != 0 {
			t.Errorf("%d codes, %d confirmations: trouble at the server is no reason to trouble a person", n, m)
		}
	})
}

func TestNobodyConfirmsOnThePhone(t *testing.T) {
	live(t, setup{groups: 1, sim: wxsim.Options{ScanDelay: 1}}, func(w *world) {
		scanned := func() {
			w.until("a code", time.Minute, func() bool { _, _, _, ok := w.acct.QR(); return ok })
			url, _, _, _ := w.acct.QR()
			if err := w.phone.ScanAndConfirm(url[strings.LastIndex(url, "/")+1:]); err != nil {
				w.t.Fatal(err)
			}
		}
		scanned()
		w.settled()
		w.phone.Kick()
		w.until("the phone is asked", time.Minute, func() bool { return w.count(bot.ConfirmPhone) == 1 })
		if got := w.acct.State(); got.State != store.AccountWaitingScan || got.Why != "bot.confirm_on_phone" {
			t.Errorf("%+v", got)
		}
		time.Sleep(6 * time.Minute)
		if w.count(bot.ShowCode) != 2 {
			t.Errorf("%d codes", w.count(bot.ShowCode))
		}
		scanned()
		w.until("online again", time.Minute, func() bool { return w.count(bot.Online) == 2 })
	})
}

// TestNothingSecretIsTold reads all that an account says of itself through all sorts of trouble: neither the keys of the
// session nor what residents write may be in it.
func TestNothingSecretIsTold(t *testing.T) {
	var told bytes.Buffer
	out := zerolog.SyncWriter(&told)
	live(t, setup{groups: 3, opt: bot.Options{Log: zerolog.New(out).Level(zerolog.TraceLevel)}}, func(w *world) {
		w.settled()
		w.sim.Group(gid(0)).Says("김영희", "A017 김영희 13800138000")
		time.Sleep(time.Second)
		for _, f := range []string{"wire.cut_after", "wire.refused", "wire.html", "wire.truncated", "wire.502", "wire.cut_mid"} {
			w.faults(f + ":on=all,for=3m")
			if _, err := w.send(gid(0), "용접공"); err != nil {
				fmt.Fprintln(out, err)
			}
			if _, err := w.post(gid(0), store.Image, "p.png", picture(700<<10)); err != nil {
				fmt.Fprintln(out, err)
			}
			time.Sleep(5 * time.Minute)
			w.sim.ClearFault(f)
		}
		w.phone.Kick()
		w.faults("wire.cut_after:on=all,for=10m")
		time.Sleep(15 * time.Minute)
		rec, _ := w.store.Account("a1")
		fmt.Fprintln(out, rec.Why, w.acct.State().Why)
		w.mu.Lock()
		for _, e := range w.events {
			fmt.Fprintln(out, e)
		}
		w.mu.Unlock()
		w.stop()
	})
	if told.Len() < 2000 {
		t.Fatalf("only %d bytes were told", told.Len())
	}
	for _, secret := range []string{"skey", "@crypt", "pass_ticket", "sid=", "ticket=", "13800138000", "영희", "wxuin"} {
		if i := strings.Index(told.String(), secret); i >= 0 {
			t.Errorf("%q is told: …%s…", secret, told.String()[max(0, i-150):min(told.Len(), i+60)])
		}
	}
}

func TestAScanIsNotAskedForTwice(t *testing.T) {
	for _, faults := range []string{"wire.html:on=webwxinit,times=2", "wire.cut_after:on=webwxinit,times=2", "wire.502:on=webwxstatusnotify,times=2"} {
		live(t, setup{groups: 2, before: func(w *world) { w.faults(faults) }}, func(w *world) {
			w.settled()
			if n, m := w.count(bot.ShowCode), w.count(bot.ConfirmPhone); n != 1 || m != 0 {
				t.Errorf("%s: %d codes, %d confirmations", faults, n, m)
			}
		})
	}
}
