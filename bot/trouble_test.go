package bot_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"chunfeng/bot"
	"chunfeng/broadcast"
	"chunfeng/store"
)

// TestSyncTroubles switches each trouble of the sync stream on for half an hour, in which residents speak, and off again.
// While it lasts the account must not ask in a tight loop; afterwards everything that was said must be there once.
func TestSyncTroubles(t *testing.T) {
	for _, c := range []struct {
		faults string
		deaf   bool // nothing can be heard while it lasts
		alert  bool // and staff must be told
	}{
		{"sync.check:code=1205", true, true},
		{"sync.check:code=-1", true, true},
		{"sync.check:code=3", true, true},
		{"sync.ret3", true, true},
		{"sync.minus1", true, true},
		{"sync.no_key", true, true},
		{"sync.null_key", true, true},
		{"sync.bad_count", true, true},
		{"sync.stuck:selector=2,most=2h", true, true},
		{"sync.stuck:selector=6,most=2h,advance=true", true, true},
		{"sync.stuck:selector=7,most=2h", true, true},
		{"sync.redeliver:p=0.5", false, false},
		{"sync.duplicate", false, false},
		{"sync.batch:n=1", false, false},
		{"sync.wrong_type:field=MsgId", false, false},
		{"sync.wrong_type:field=Val", false, false},
		{"wire.refused:on=sync", true, true},
		{"wire.cut_before:on=sync", true, true},
		{"wire.cut_after:on=sync", true, true},
		{"wire.cut_mid:on=sync", true, true},
		{"wire.slow:on=webwxsync,delay=60s", true, true},
		{"wire.502:on=sync", true, true},
		{"wire.502:on=sync,p=0.3", false, false},
		{"wire.html:on=sync", true, true},
		{"wire.html:on=webwxsync,when=after", true, true},
		{"wire.gzip:on=sync", false, false},
		{"wire.gzip:on=sync,header=false", true, true},
		{"wire.truncated:on=webwxsync", true, true},
		{"session.midnight:from=0,to=24,on=sync", true, true},
	} {
		t.Run(c.faults, func(t *testing.T) {
			live(t, setup{groups: 5}, func(w *world) {
				w.settled()
				time.Sleep(time.Minute)
				w.faults(c.faults)
				before := w.sim.Requests()
				const said = 30
				for i := range said {
					w.sim.Group(gid(i%5)).Says("", fmt.Sprintf("%d번째 말", i))
					time.Sleep(time.Minute)
				}
				after := w.sim.Requests()
				for _, what := range []string{"synccheck", "webwxsync"} {
					n := after[what].Total - before[what].Total
					// Three a minute is what pauses of a minute and long polls of 25 s leave room for; a message brings two.
					if n > 6*said {
						t.Errorf("%d %s in half an hour", n, what)
					}
					if n := after[what].MaxPerSecond; n > 4 {
						t.Errorf("%d %s in one second", n, what)
					}
				}
				heard := len(w.replies())
				if c.deaf && heard > 1 || !c.deaf && heard < said-5 {
					t.Errorf("heard %d of %d while it lasted", heard, said)
				}
				if told := w.count(bot.SyncTrouble) > 0; told != c.alert {
					t.Errorf("staff were told: %v", told)
				}
				if w.acct.State().State != store.AccountOnline || w.count(bot.Online) != 1 {
					t.Errorf("state %+v", w.acct.State())
				}
				for _, f := range []string{"sync.check", "sync.ret3", "sync.minus1", "sync.no_key", "sync.null_key", "sync.bad_count", "sync.stuck",
					"wire.refused", "wire.cut_before", "wire.cut_after", "wire.cut_mid", "wire.slow", "wire.502", "wire.html", "wire.gzip", "wire.truncated", "session.midnight"} {
					w.sim.ClearFault(f)
				}
				w.until("everything that was said", 3*time.Minute, func() bool { return len(w.replies()) >= said })
				time.Sleep(time.Minute)
				if n := len(w.replies()); n != said {
					t.Errorf("%d replies of %d", n, said)
				}
				if c.alert && w.count(bot.SyncRecovered) == 0 {
					t.Error("staff were not told that it is over")
				}
				if n := len(w.gaps()); n != 0 {
					t.Errorf("%d gaps", n)
				}
			})
		})
	}
}

// TestLoginTroubles has each trouble of logging in last for ten minutes.
func TestLoginTroubles(t *testing.T) {
	for _, faults := range []string{
		"login.expire:for=10m", "login.code500:for=10m", "login.201_repeats", "login.301:for=10m", "login.html:for=10m", "login.host",
		"wire.502:on=jslogin,for=10m", "wire.html:on=jslogin,for=10m", "wire.html:on=login,for=10m", "wire.html:on=webwxinit,for=10m",
		"wire.truncated:on=webwxinit,for=10m", "wire.refused:on=all,for=10m", "wire.cut_after:on=webwxinit,for=10m",
		"wire.html:on=webwxstatusnotify,for=10m", "wire.502:on=webwxstatusnotify,for=10m", "wire.cut_mid:on=webwxnewloginpage,for=10m",
		"wire.502:on=webwxgetcontact,for=10m", "contact.endless", "contact.page:size=7", "contact.slow", "batch.minus1:for=10m", "cookie.init",
	} {
		t.Run(faults, func(t *testing.T) {
			live(t, setup{groups: 20, before: func(w *world) { w.faults(faults) }}, func(w *world) {
				// Somebody stands by with the phone: the simulator itself scans for nobody who is logged in.
				w.until("matched", 30*time.Minute, func() bool {
					if url, _, expires, ok := w.acct.QR(); ok && time.Until(expires) < 4*time.Minute {
						_ = w.phone.ScanAndConfirm(url[strings.LastIndex(url, "/")+1:])
					}
					return w.acct.State().Settled
				})
				for what, n := range w.sim.Requests() {
					if n.MaxPerSecond > 6 {
						t.Errorf("%d %s in one second", n.MaxPerSecond, what)
					}
					if n.Total > 600 {
						t.Errorf("%d %s", n.Total, what)
					}
				}
				if got := w.acct.State(); got.Bound != 20 {
					t.Errorf("%+v", got)
				}
				if _, err := w.send(gid(0), "들어왔습니다"); err != nil {
					t.Error(err)
				}
				if w.missing() != 0 {
					t.Errorf("%d requests without cookies", w.missing())
				}
			})
		})
	}
}

// TestNoLineIsWaitedOut: while sync finds no connection nothing is tried, for each try of a delivery counts; one send that
// found none spoils nothing.
func TestNoLineIsWaitedOut(t *testing.T) {
	live(t, setup{groups: 3}, func(w *world) {
		w.settled()
		ready := func() error { return w.acct.Sender().Ready(w.group(gid(0)).Number) }
		w.faults("wire.refused:on=send")
		var se *broadcast.SendError
		if _, err := w.send(gid(0), "하나"); !errors.As(err, &se) || !se.Certain || !se.Temporary || se.Reason != bot.ReasonNotConnected {
			t.Fatalf("no connection is %v", err)
		}
		if err := ready(); err != nil {
			t.Errorf("one send without a connection: %v", err)
		}
		w.faults("wire.refused:on=all")
		time.Sleep(2 * time.Minute)
		before := w.sim.FaultHits("wire.refused")
		if err := ready(); !errors.As(err, &se) || se.Reason != bot.ReasonNotConnected || se.Signal != broadcast.LoggedOut {
			t.Errorf("sync finds no connection and the lane is told %v", err)
		}
		if _, err := w.send(gid(0), "둘"); err == nil || w.sim.FaultHits("wire.refused") != before {
			t.Errorf("tried all the same: %v", err)
		}
		w.sim.ClearFault("wire.refused")
		w.until("a line again", 2*time.Minute, func() bool { return ready() == nil })
		if _, err := w.send(gid(0), "셋"); err != nil || w.count(bot.Online) != 1 {
			t.Errorf("after it: %v, %d log-ins", err, w.count(bot.Online))
		}
	})
}
