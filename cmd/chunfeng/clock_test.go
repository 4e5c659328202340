package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"chunfeng/bot/wxsim"
	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
)

// stepped is put beside the standard library's package time in the program under test: its wall clock is off by as many
// seconds as the file named by STEPPED_CLOCK says at that moment. The monotonic clock goes on, and so do timers: that is
// what a process sees when somebody sets the machine's clock.
const stepped = `package time

import (
	"sync/atomic"
	"syscall"
	"unsafe"
)

var steppedBy = func() *int64 {
	name, _ := syscall.Getenv("STEPPED_CLOCK")
	fd, err := syscall.Open(name, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		panic("STEPPED_CLOCK: " + err.Error())
	}
	b, err := syscall.Mmap(fd, 0, 8, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		panic("STEPPED_CLOCK: " + err.Error())
	}
	return (*int64)(unsafe.Pointer(&b[0]))
}()

func stepped() int64 { return atomic.LoadInt64(steppedBy) }
`

// buildStepped builds the program with a clock that can be set, and answers its path.
func buildStepped(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Skipf("the program is built anew for this, and there is no Go here: %v", err)
	}
	pkg := filepath.Join(strings.TrimSpace(string(out)), "src", "time")
	source, err := os.ReadFile(filepath.Join(pkg, "time.go"))
	if err != nil {
		t.Fatal(err)
	}
	const head = "func Now() Time {\n\tsec, nsec, mono := runtimeNow()\n"
	if strings.Count(string(source), head) != 1 {
		t.Fatalf("time.Now of %s begins otherwise than this test knows: see %s", runtime.Version(), pkg)
	}
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {
		filepath.Join(pkg, "time.go"):    write("time.go", strings.Replace(string(source), head, head+"\tsec += stepped()\n", 1)),
		filepath.Join(pkg, "stepped.go"): write("stepped.go", stepped),
	}})
	if err != nil {
		t.Fatal(err)
	}
	exe := filepath.Join(dir, "chunfeng")
	if out, err := exec.Command("go", "build", "-overlay", write("overlay.json", string(overlay)), "-o", exe, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return exe
}

// wallClock is the wall clock that a bureau's processes see.
type wallClock struct {
	t    *testing.T
	file *os.File
	off  time.Duration
}

// clocked has a bureau's processes run by a clock of their own, that shows a time of the bureau's zone.
func clocked(t *testing.T, exe string, accounts, groups int, at string, env ...string) (*bureau, *wallClock) {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "clock"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	c := &wallClock{t: t, file: f}
	c.set(at)
	b := newBureauAt(t, filepath.Join(t.TempDir(), "data"), accounts, groups, 5)
	b.env = append(b.env, append(env, "STEPPED_CLOCK="+f.Name(), "CHUNFENG_TIMEZONE=Asia/Shanghai")...)
	b.exe = exe
	t.Cleanup(func() {
		if t.Failed() {
			for _, args := range [][]string{{"wave", "list"}, {"account", "list"}, {"delivery", "list", "--state", "planned"}} {
				out, err := b.command(args...).CombinedOutput()
				t.Logf("%v %s", err, out[:min(len(out), 4000)])
			}
		}
	})
	return b, c
}

// set sets the clock to a time of the bureau's zone.
func (c *wallClock) set(at string) {
	c.t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		c.t.Fatal(err)
	}
	to, err := time.ParseInLocation("2006-01-02 15:04:05", at, zone)
	if err != nil {
		c.t.Fatal(err)
	}
	c.step(time.Until(to) - c.off)
}

// step sets the clock on or back.
func (c *wallClock) step(by time.Duration) {
	c.t.Helper()
	c.off += by
	if _, err := c.file.WriteAt(binary.NativeEndian.AppendUint64(nil, uint64(int64(c.off/time.Second))), 0); err != nil {
		c.t.Fatal(err)
	}
}

// sent waits until so many messages arrived.
func (b *bureau) sent(n int) {
	b.t.Helper()
	b.until(20*time.Second, func() bool { return len(b.sim.Arrivals()) >= n })
}

// still fails the test when more than so many messages arrive from about here on: one a lane had been claimed and is on its
// way, for which a busy machine takes its time.
func (b *bureau) still(claimed int, for_ time.Duration, why string) {
	b.t.Helper()
	time.Sleep(time.Second)
	before := len(b.sim.Arrivals())
	time.Sleep(for_)
	if n := len(b.sim.Arrivals()) - before; n > claimed {
		b.t.Errorf("%d messages were sent %s", n, why)
	}
}

// noticed is how long the daemon takes at most to see that the clock was set, and what a busy machine adds.
const noticed = 8 * time.Second

// TestClockIsSet sets the clock of a running daemon on and back in the middle of a wave, over the edge of the quiet hours, over
// midnight and over the time of a schedule: nothing is sent in the quiet hours or above a day's cap, no pause is cut short,
// no occurrence fires twice, no group is missed or told twice, and no reply is lost.
func TestClockIsSet(t *testing.T) {
	if testing.Short() {
		t.Skip("the program is built anew for this")
	}
	exe := buildStepped(t)
	const groups = 60
	steps := 0

	t.Run("quiet hours", func(t *testing.T) {
		const pause = 300 * time.Millisecond
		b, c := clocked(t, exe, 2, groups, "2031-03-11 20:20:00", "CHUNFENG_QUIET_HOURS=21:00-07:30", fmt.Sprint("CHUNFENG_PACING__TEXT__EVERY=", pause))
		b.start()
		b.bound(groups)
		b.batch()
		w := b.wave()
		b.sent(groups / 6)
		c.step(time.Hour)
		b.still(2, noticed, "after the clock was set on into the quiet hours")
		c.step(-time.Hour)
		b.sent(groups / 3)
		c.step(-time.Hour)
		b.sent(groups / 2)
		c.set("2031-03-12 02:00:00")
		b.still(2, noticed, "after the clock was set on into the night")
		c.set("2031-03-12 07:30:01")
		b.finish(w.ID)
		steps += 5
		r := b.verdict(0)
		t.Logf("%+v", r)
		for _, a := range b.sim.Report().Accounts {
			if a.MinGap < pause/4 { // what goes out in time arrives with the delays of a busy machine
				t.Errorf("%s: two messages within %v, the pause is %v", a.Account, a.MinGap, pause)
			}
		}
	})

	t.Run("a day's cap", func(t *testing.T) {
		const cap = 10
		b, c := clocked(t, exe, 2, groups, "2031-03-11 23:30:00", fmt.Sprint("CHUNFENG_PACING__TEXT__PER_DAY=", cap), "CHUNFENG_PACING__WARM_UP=false")
		b.sim.OnPost(func(wxsim.Arrival) []wxsim.Saying { return nil }) // answers would count too
		b.start()
		b.bound(groups)
		b.batch()
		w := b.wave()
		b.sent(2 * cap)
		for _, by := range []time.Duration{-time.Hour, 25 * time.Minute, 50 * time.Minute, -time.Hour} { // 22:30, 22:55, 23:45, 22:45
			c.step(by)
			b.still(0, 700*time.Millisecond, "above the day's cap")
			steps++
		}
		c.set("2031-03-12 00:10:00")
		b.sent(4 * cap)
		for _, at := range []string{"2031-03-11 23:50:00", "2031-03-12 00:20:00", "2031-03-10 12:00:00", "2031-03-12 12:00:00"} {
			c.set(at)
			b.still(0, 700*time.Millisecond, "above the caps of two days")
			steps++
		}
		c.set("2031-03-13 00:00:01")
		b.finish(w.ID)
		b.verdict(0)
		steps += 2
	})

	t.Run("a schedule", func(t *testing.T) {
		b, c := clocked(t, exe, 2, groups, "2031-03-11 09:50:00")
		b.start()
		b.bound(groups)
		b.batch()
		var s api.Schedule
		b.run(&s, "wave", "queue", "A", "--cron", "0 10 * * *", "--missed", "late")
		b.run(nil, "wave", "approve", s.ID, "--hash", s.Hash)
		waves := func() (n int) {
			var all []api.Wave
			b.run(&all, "wave", "list")
			for _, w := range all {
				if w.State == store.WaveFinished {
					n++
				}
			}
			return n
		}
		c.set("2031-03-11 10:00:01")
		b.until(20*time.Second, func() bool { return waves() == 1 })
		for _, at := range []string{"2031-03-11 09:00:00", "2031-03-11 10:00:02", "2031-03-10 10:00:01", "2031-03-11 11:00:00"} {
			c.set(at)
			b.still(0, time.Second, "by an occurrence that had been sent")
			steps++
		}
		if n := waves(); n != 1 {
			t.Errorf("one occurrence made %d waves", n)
		}
		c.set("2031-03-12 10:00:01")
		b.until(20*time.Second, func() bool { return waves() == 2 })
		b.until(20*time.Second, func() bool {
			var all []any
			b.run(&all, "signup", "list")
			return len(all) >= len(b.said)
		})
		b.stop()
		b.verdict(0)
		steps += 2
	})
	t.Logf("proof: the clock of running daemons was set on and back %d times, over the quiet hours' edge, midnight and the time of a schedule; nothing was sent in the quiet hours or above a cap, no occurrence twice, and each group and reply stands in the ledger once", steps)
}
