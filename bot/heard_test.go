package bot_test

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"chunfeng/bot"
	"chunfeng/broadcast"
	"chunfeng/store"
)

// heardOut is for how long the account has not heard all that the server had to say.
func (w *world) heardOut() time.Duration {
	return time.Since(w.acct.Sender().(broadcast.Listener).HeardOut())
}

// poll is the longest that the server holds a poll, and what lies around it.
const poll = 30 * time.Second

func TestHeardOut(t *testing.T) {
	for _, c := range []struct {
		why    string
		opt    bot.Options
		happen func(*world)
		deaf   bool // and a quarter of an hour later
	}{
		{"nothing happens", bot.Options{}, func(*world) {}, false},
		{"residents write", bot.Options{}, func(w *world) { w.faults("residents.chatter:every=20s") }, false},
		{"there is no line", bot.Options{}, func(w *world) { w.faults("wire.refused") }, true},
		{"the server sees something and does not bring it", bot.Options{}, func(w *world) {
			w.faults("sync.stuck:most=1h")
			w.wave("용접공 3명", gid(0))
			time.Sleep(time.Second)
			w.faults("residents.chatter:every=20s")
		}, true},
		{"the session is over and web login is refused", bot.Options{}, func(w *world) { w.faults("login.push_refused;login.1203"); w.phone.Kick() }, true},
		{"the session is over and the phone confirms", bot.Options{}, func(w *world) { w.phone.Kick() }, false},
		{"the program is started again", bot.Options{}, func(w *world) { w.stop(); time.Sleep(time.Minute); w.start() }, false},
		{"a notice could not be dealt with", bot.Options{TooOften: func(broadcast.Notice) error { return errors.New("the disk is full") }}, func(w *world) {
			w.faults("send.ret0_notice:times=1")
			w.wave("용접공 3명", gid(0))
			w.lane()
		}, true},
	} {
		t.Run(c.why, func(t *testing.T) {
			live(t, setup{groups: 3, opt: c.opt}, func(w *world) {
				w.settled()
				time.Sleep(time.Minute)
				if d := w.heardOut(); d > poll {
					t.Fatalf("at rest it has heard all until %v ago", d)
				}
				c.happen(w)
				time.Sleep(15 * time.Minute)
				if d := w.heardOut(); c.deaf != (d > 14*time.Minute) || !c.deaf && d > poll {
					t.Errorf("a quarter of an hour later it has heard all until %v ago", d)
				}
			})
		})
	}
}

// TestNoticeInAGap: the notice that a message did not arrive comes when nobody hears; the message is not called sent.
func TestNoticeInAGap(t *testing.T) {
	live(t, setup{groups: 3, opt: bot.Options{ForcedLogout: -1}}, func(w *world) {
		w.settled()
		w.faults("send.ret0_notice:times=1,delay=5s")
		w.wave("용접공 3명", gid(0), gid(1))
		d := w.lane()
		if d.State != store.Accepted {
			t.Fatal(d.State)
		}
		time.Sleep(time.Second)
		w.phone.Kick()
		began := time.Now()
		w.until("the account is back", 10*time.Minute, func() bool { return w.online() && w.heardOut() < time.Since(began) })
		if got := w.state(d); got != store.Unknown {
			t.Errorf("%v, want %v", got, store.Unknown)
		}
	})
}

// TestGapOfASilentSession: a session that answers as it should and brings nothing until it ends has heard nothing since it was
// last brought something, and the gap says so.
func TestGapOfASilentSession(t *testing.T) {
	live(t, setup{groups: 3}, func(w *world) {
		w.settled()
		w.faults("session.silent:idle=1m")
		time.Sleep(10 * time.Minute)
		said := time.Now()
		w.sim.Group(gid(0)).SaysAt(1, "报名 A001 13900001234")
		time.Sleep(10 * time.Minute)
		w.phone.End(1102)
		w.until("the account is back", 10*time.Minute, func() bool { g := w.gaps(); return len(g) == 1 && !g[0].To.IsZero() })
		if g := w.gaps()[0]; g.From.After(said) {
			t.Errorf("the gap begins at %v, a resident spoke at %v", g.From, said)
		}
		if n := len(w.replies()); n != 0 {
			t.Errorf("%d replies were heard all the same", n)
		}
	})
}

// TestGapSurvivesAFailedLogin: a new session's stream begins when it is made. When the login fails behind that, or the program
// ends, the next hot login takes up that stream, and not the one in which residents spoke meanwhile.
func TestGapSurvivesAFailedLogin(t *testing.T) {
	for _, c := range []struct {
		why    string
		kicked string       // faults when the line is back
		hits   string       // the one that strikes
		happen func(*world) // until the account is back
	}{
		{"the phone confirms, and a request of the login fails", "wire.502:on=webwxstatusnotify,times=1", "wire.502", func(*world) {}},
		{"a code is scanned, and a request of the login fails", "login.push_refused;wire.502:on=webwxstatusnotify,times=1", "wire.502", func(*world) {}},
		{"the phone confirms, and the program ends before the groups are known", "contact.slow:delay=30s", "contact.slow", func(w *world) {
			w.until("it is in", 5*time.Minute, func() bool { return w.count(bot.Online) == 2 })
			w.stop()
			w.start()
		}},
	} {
		t.Run(c.why, func(t *testing.T) {
			live(t, setup{groups: 3}, func(w *world) {
				w.settled()
				w.phone.End(1102)
				w.until("it is out", time.Minute, func() bool { return !w.online() })
				w.faults("wire.refused")
				time.Sleep(time.Minute)
				said := time.Now()
				w.sim.Group(gid(0)).SaysAt(1, "报名 A001 13900001234")
				time.Sleep(4 * time.Minute)
				w.faults(c.kicked)
				w.sim.ClearFault("wire.refused")
				c.happen(w)
				time.Sleep(30 * time.Minute)
				if !w.online() || w.sim.FaultHits(c.hits) == 0 {
					t.Fatalf("%d times %s; the account is %+v", w.sim.FaultHits(c.hits), c.hits, w.acct.State())
				}
				g := w.gaps()
				if len(w.replies()) == 0 && (len(g) == 0 || g[0].From.After(said) || g[0].To.Before(said)) {
					t.Errorf("nobody heard what was said at %v, and the gaps are %+v", said, g)
				}
			})
		})
	}
}

// TestGapIsClosedWhenTheDiskHasRoom: that an account hears again is in the ledger although it could not be written at once.
func TestGapIsClosedWhenTheDiskHasRoom(t *testing.T) {
	live(t, setup{groups: 3}, func(w *world) {
		w.settled()
		w.faults("contact.slow:delay=5s")
		w.phone.End(1102)
		w.until("it is in again", time.Minute, func() bool { return w.count(bot.Online) == 2 })
		room := w.full()
		time.Sleep(5 * time.Minute)
		if g := w.gaps(); len(g) != 1 || !g[0].To.IsZero() {
			t.Fatalf("the disk takes nothing, and the gaps are %+v", g)
		}
		room()
		time.Sleep(3 * time.Minute)
		if g := w.gaps(); g[0].To.IsZero() {
			t.Errorf("the gap since %v goes on", g[0].From)
		}
		if n := w.heardOut(); n > time.Minute {
			t.Errorf("it has heard all until %v ago", n)
		}
	})
}

// full has every write to the ledger end with "no space left on device", until there is room.
func (w *world) full() (room func()) {
	w.t.Helper()
	path, err := filepath.EvalSymlinks(filepath.Join(w.store.Dir(), store.DatabaseFile))
	if err != nil {
		w.t.Fatal(err)
	}
	open, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, one := range open {
		if to, err := os.Readlink(one); err != nil || to != path {
			continue
		}
		fd, err := strconv.Atoi(filepath.Base(one))
		if err != nil {
			w.t.Fatal(err)
		}
		kept, err := syscall.Dup(fd) // which keeps the lock as well
		if err != nil {
			w.t.Fatal(err)
		}
		full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
		if err == nil {
			err = syscall.Dup3(int(full.Fd()), fd, syscall.O_CLOEXEC)
			_ = full.Close()
		}
		if err != nil {
			w.t.Fatal(err)
		}
		return func() {
			if err := syscall.Dup3(kept, fd, syscall.O_CLOEXEC); err != nil {
				w.t.Error(err)
			}
			_ = syscall.Close(kept)
		}
	}
	w.t.Fatal("the ledger has no file open")
	return nil
}
