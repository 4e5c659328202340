package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"chunfeng/bot/wxsim"
	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store/storetest/disk"
)

// alarm is how soon whoever watches is told that nothing can be kept.
const alarm = 5 * time.Second

// working starts a daemon in the middle of a wave: some of its messages are out, most are not.
func working(t *testing.T, data string, groups int) (*bureau, api.Wave) {
	t.Helper()
	b := newBureauAt(t, data, 2, groups, 11)
	slow := func(delay string) {
		if err := b.sim.Fault("send.slow", wxsim.Params{"delay": delay}); err != nil {
			t.Fatal(err)
		}
	}
	slow("400ms") // so that the wave is not over before the command that approves it is, on a machine that is busy
	b.start()
	b.bound(groups)
	b.batch()
	w := b.wave()
	b.until(20*time.Second, func() bool { return len(b.sim.Arrivals()) >= groups/8 })
	if n := len(b.sim.Arrivals()); n > groups/2 {
		t.Fatalf("%d of %d are out already: it is not the middle of the wave", n, groups)
	}
	slow("20ms")
	return b, w
}

// ask asks the daemon over its socket, as whoever watches it does, and answers the body.
func (b *bureau) ask(path string) string {
	t := dialDaemon(filepath.Join(b.data, socketName))
	if t == nil {
		return ""
	}
	defer t.CloseIdleConnections()
	res, err := (&http.Client{Transport: t, Timeout: 5 * time.Second}).Get("http://chunfeng" + path)
	if err != nil {
		return ""
	}
	defer res.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(res.Body); err != nil {
		return ""
	}
	return body.String()
}

// says reads what the daemons have written to their log.
func (b *bureau) says() string {
	log, _ := os.ReadFile(b.log)
	return string(log)
}

// alarmed waits until the daemon says that its storage is down, to machines, to staff and in the log, and then until nothing is
// sent any more.
func (b *bureau) alarmed() (after time.Duration) {
	b.t.Helper()
	start := time.Now()
	b.until(alarm, func() bool {
		var today api.Today
		if json.Unmarshal([]byte(b.ask("/v1/today")), &today) != nil {
			return false
		}
		needs := slices.ContainsFunc(today.Needs, func(n api.Need) bool { return n.What == "storage" })
		return needs && strings.Contains(b.ask("/readyz"), "storage_down") && strings.Contains(b.says(), "storage_down")
	})
	after = time.Since(start)
	time.Sleep(200 * time.Millisecond) // what had been claimed before is on its way
	before := len(b.sim.Arrivals())
	time.Sleep(1500 * time.Millisecond)
	if n := len(b.sim.Arrivals()) - before; n > 0 {
		b.t.Errorf("%d messages were sent while no claim could be kept", n)
	}
	return after
}

// refused runs a command that must fail, and answers its code and what it said.
func (b *bureau) refused(args ...string) (code int, said string) {
	b.t.Helper()
	cmd := exec.Command(b.exe, append([]string{"--data", b.data}, args...)...)
	cmd.Env = b.env
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		b.t.Errorf("chunfeng %s: %v, want it to fail:\n%s", strings.Join(args, " "), err, out)
		return 0, string(out)
	}
	if strings.Contains(string(out), "goroutine ") {
		b.t.Errorf("chunfeng %s ended in a trace:\n%s", strings.Join(args, " "), out)
	}
	return exit.ExitCode(), string(out)
}

// account holds the ledger against the witness, on a copy where the test serves the disk itself.
func (b *bureau) account(d *disk.Disk, mostUnknown int) ordeal {
	b.t.Helper()
	if d != nil {
		b.data = b.t.TempDir()
		if err := d.Pull(rand.New(rand.NewPCG(7, 7))).Write("data", b.data); err != nil {
			b.t.Fatal(err)
		}
	}
	return b.verdict(mostUnknown)
}

// limit sets a limit of the daemon's resources from outside, and answers how to put it back.
func (b *bureau) limit(resource int, to uint64) (back func()) {
	b.t.Helper()
	var was syscall.Rlimit
	set := func(next, old *syscall.Rlimit) {
		_, _, errno := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(b.serve.Process.Pid), uintptr(resource), uintptr(unsafe.Pointer(next)), uintptr(unsafe.Pointer(old)), 0, 0)
		if errno != 0 {
			b.t.Fatal(errno)
		}
	}
	set(nil, &was)
	set(&syscall.Rlimit{Cur: to, Max: was.Max}, nil)
	return func() { set(&was, nil) }
}

const (
	limitFileSize = 1
	limitFiles    = 7
)

// TestDiskTakesNothing has the disk refuse in the middle of a wave: nothing is sent without a claim, whoever watches is told,
// and when there is room again the wave goes on by itself and nothing of it is unknown.
func TestDiskTakesNothing(t *testing.T) {
	for _, c := range []struct {
		name string
		on   func(b *bureau, d *disk.Disk) (off func())
		own  bool // on a disk of the test's own
	}{
		{"full", func(_ *bureau, d *disk.Disk) func() { d.Fill(true); return func() { d.Fill(false) } }, true},
		{"read-only", func(_ *bureau, d *disk.Disk) func() { d.Lock(true); return func() { d.Lock(false) } }, true},
		{"limit of a file's size", func(b *bureau, _ *disk.Disk) func() { return b.limit(limitFileSize, 4096) }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var d *disk.Disk
			data := filepath.Join(t.TempDir(), "data")
			if c.own {
				mount := t.TempDir()
				d, data = disk.Mount(t, mount, nil), filepath.Join(mount, "data")
			}
			b, w := working(t, data, 48)
			off := c.on(b, d)
			after := b.alarmed()
			code, said := b.refused("account", "add", "more")
			if code != exitLater && code != exitFailed || !strings.Contains(said, "disk") {
				t.Errorf("a command is answered with %d: %s", code, said)
			}
			off()
			back := time.Now()
			b.until(10*time.Second, func() bool { return !strings.Contains(b.ask("/readyz"), "storage_down") })
			again := time.Since(back)
			b.finish(w.ID)
			r := b.account(d, 0)
			t.Logf("proof: %s in the middle of a wave: told after %v, nothing sent meanwhile, at work %v after there was room; %d of %d sent, %d unknown",
				c.name, after.Round(100*time.Millisecond), again.Round(100*time.Millisecond), r.sent, r.groups, r.unknown)
		})
	}
}

// TestSyncFails: when the disk says that a sync failed, nobody knows what it holds. Nothing is written until a restart, even
// when the next sync would succeed.
func TestSyncFails(t *testing.T) {
	t.Parallel()
	mount := t.TempDir()
	d := disk.Mount(t, mount, nil)
	b, w := working(t, filepath.Join(mount, "data"), 40)
	d.FailSync(true)
	after := b.alarmed()
	d.FailSync(false)
	before := len(b.sim.Arrivals())
	time.Sleep(2 * time.Second)
	if n := len(b.sim.Arrivals()); n != before || !strings.Contains(b.ask("/readyz"), "storage_down") {
		t.Errorf("it went on by itself: %d more sent, %s", n-before, b.ask("/readyz"))
	}
	if !strings.Contains(b.says(), "input/output error") {
		t.Errorf("the log does not say what happened: %s", b.says())
	}
	b.serve.Process.Signal(syscall.SIGTERM)
	_ = b.serve.Wait() // it may say that it could not note its end
	b.start()
	b.online()
	b.finish(w.ID)
	r := b.account(d, 2)
	t.Logf("proof: a failed sync stops the ledger until a restart: told after %v; after it %d of %d sent, %d unknown (at most one a lane)", after.Round(100*time.Millisecond), r.sent, r.groups, r.unknown)
}

// TestFilesExhausted takes the daemon's file descriptors away in the middle of a wave. Whoever had a connection to it is answered,
// or refused in words; whoever comes anew waits, and is answered when there are descriptors again. Nothing of it is a panic.
func TestFilesExhausted(t *testing.T) {
	t.Parallel()
	b, w := working(t, filepath.Join(t.TempDir(), "data"), 48)
	old := b.caller(t, 3*time.Second)
	if code, said := old.ask("GET", "/v1/today", nil); code != http.StatusOK {
		t.Fatalf("before: %d %s", code, said)
	}
	back := b.limit(limitFiles, 3)
	start := time.Now()
	answered, refused := 0, 0
	for _, c := range []struct {
		why, method, path string
		body              any
		files             bool // it wants a descriptor
	}{
		{"the ledger is open", "GET", "/v1/today", nil, false},
		{"so are its waves", "GET", "/v1/waves/" + w.ID, nil, false},
		{"what is written to it needs none", "POST", "/v1/waves/" + w.ID + "/pause", struct{}{}, false},
		{"nor does what goes on", "POST", "/v1/waves/" + w.ID + "/resume", struct{}{}, false},
		{"a workbook is made in memory", "GET", "/v1/registry/export?form=xlsx", nil, false},
		{"it is alive", "GET", "/livez", nil, false},
		{"it holds its ledger", "GET", "/readyz", nil, false},
		{"a backup is a file", "GET", "/v1/backup", nil, true},
		{"templates of the bureau's own are files", "GET", "/v1/templates/files", nil, true},
		{"they may say what a notice says", "GET", "/v1/batches/A/preview", nil, true},
		{"a key is a file", "POST", "/v1/keys/rotate", struct{}{}, true},
		{"who asks what is wrong", "GET", "/v1/doctor", nil, true},
	} {
		code, said := old.ask(c.method, c.path, c.body)
		var refusal struct{ Text string }
		switch {
		case code == http.StatusOK:
			answered++
		case !c.files || code == 0:
			t.Errorf("%s: %s %s is answered with %d: %s", c.why, c.method, c.path, code, said)
		case json.Unmarshal([]byte(said), &refusal) != nil || code != http.StatusServiceUnavailable || !strings.Contains(refusal.Text, "too many files"):
			t.Errorf("%s: %s %s is refused with %d: %s", c.why, c.method, c.path, code, said)
		default:
			refused++
		}
	}
	anew := make(chan string, 1)
	go func() { anew <- b.ask("/v1/today") }()
	time.Sleep(time.Second)
	lines := strings.Count(b.says(), "\n")
	time.Sleep(2 * time.Second)
	if n := strings.Count(b.says(), "\n") - lines; n > 40 {
		t.Errorf("%d lines in two seconds: it turns in a tight loop", n)
	}
	without := time.Since(start)
	back()
	again := time.Now()
	if said := <-anew; said != "" && !json.Valid([]byte(said)) {
		t.Errorf("who came anew was answered %q", said)
	}
	b.until(10*time.Second, func() bool { return json.Valid([]byte(b.ask("/v1/today"))) })
	if code, said := b.caller(t, time.Second).ask("GET", "/v1/templates/files", nil); code != http.StatusOK {
		t.Errorf("with descriptors again: %d %s", code, said)
	}
	took := time.Since(again)
	b.finish(w.ID)
	r := b.account(nil, 2)
	for line := range strings.Lines(b.says()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("the log has a line that is not of its form: %s", line)
		}
	}
	if answered < 8 || refused < 3 {
		t.Errorf("%d requests were answered, %d refused: the descriptors were not exhausted", answered, refused)
	}
	t.Logf("proof: without file descriptors for %v: %d of %d sent, %d unknown", without.Round(100*time.Millisecond), r.sent, r.groups, r.unknown)
	t.Logf("proof: %d requests over a connection that was open were answered meanwhile and %d refused in words; a new connection is answered %v after there are descriptors again", answered, refused, took.Round(100*time.Millisecond))
}

// caller keeps one connection to the daemon open, as a console does that somebody looks at.
type caller struct {
	t    *testing.T
	http *http.Client
}

func (b *bureau) caller(t *testing.T, patience time.Duration) *caller {
	t.Helper()
	wire := dialDaemon(filepath.Join(b.data, socketName))
	if wire == nil {
		t.Fatal("the daemon does not listen")
	}
	t.Cleanup(wire.CloseIdleConnections)
	return &caller{t, &http.Client{Transport: wire, Timeout: patience}}
}

// ask asks over the connection that is open, and answers 0 and why where there is no answer.
func (c *caller) ask(method, path string, body any) (code int, said string) {
	c.t.Helper()
	sent, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	r, err := http.NewRequest(method, "http://chunfeng"+path, bytes.NewReader(sent))
	if err != nil {
		c.t.Fatal(err)
	}
	res, err := c.http.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err.Error()
	}
	return res.StatusCode, string(b)
}

// TestTermDuringSend ends the daemon while the far end has a message and does not answer: it is gone within ten seconds, in
// order, and the next one knows what it does not know.
func TestTermDuringSend(t *testing.T) {
	t.Parallel()
	b := newBureauAt(t, filepath.Join(t.TempDir(), "data"), 2, 20, 3)
	b.start()
	b.bound(20)
	b.batch()
	hold := b.sim.HoldAfter()
	w := b.wave()
	for range 2 {
		select {
		case <-hold.Waiting():
		case <-time.After(10 * time.Second):
			t.Fatal("nothing was sent")
		}
	}
	start := time.Now()
	b.stop()
	took := time.Since(start)
	if took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	hold.Release()
	b.start()
	b.online()
	b.finish(w.ID)
	r := b.account(nil, 2)
	if r.unknown != 2 {
		t.Errorf("%d unknown, want the two whose answers nobody heard", r.unknown)
	}
	t.Logf("proof: SIGTERM with two messages on the wire that nobody answers: gone after %v with code 0; the next start shows %d unknown and sends the other %d", took.Round(100*time.Millisecond), r.unknown, r.sent)
}

// TestTermDuringCommit ends the daemon while the disk takes its time.
func TestTermDuringCommit(t *testing.T) {
	t.Parallel()
	mount := t.TempDir()
	d := disk.Mount(t, mount, nil)
	b, w := working(t, filepath.Join(mount, "data"), 40)
	d.SlowSync(150 * time.Millisecond)
	time.Sleep(100 * time.Millisecond)
	start := time.Now()
	b.stop()
	took := time.Since(start)
	d.SlowSync(0)
	if took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	b.start()
	b.online()
	b.finish(w.ID)
	r := b.account(d, 0)
	t.Logf("proof: SIGTERM while commits wait for a slow disk: gone after %v with code 0, %d unknown", took.Round(100*time.Millisecond), r.unknown)
}

// TestTermTwice: who asks twice does not want to wait.
func TestTermTwice(t *testing.T) {
	t.Parallel()
	b := newBureauAt(t, filepath.Join(t.TempDir(), "data"), 1, 5, 3)
	b.start()
	b.bound(5)
	b.batch()
	hold := b.sim.HoldAfter()
	defer hold.Release()
	b.wave()
	<-hold.Waiting()
	b.serve.Process.Signal(syscall.SIGTERM)
	b.until(5*time.Second, func() bool { return strings.Contains(b.says(), "stopping") })
	start := time.Now()
	b.serve.Process.Signal(syscall.SIGTERM)
	var exit *exec.ExitError
	if err := b.serve.Wait(); !errors.As(err, &exit) || exit.ExitCode() != exitFailed || time.Since(start) > time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	t.Logf("proof: a second SIGTERM ends it after %v", time.Since(start).Round(time.Millisecond))
}

// TestUnusableFolders starts the daemon on folders that it cannot or must not work on: each is refused within two seconds, in
// words that say what to do, with a code that scripts can tell, and without a trace.
func TestUnusableFolders(t *testing.T) {
	b := newBureauAt(t, filepath.Join(t.TempDir(), "data"), 1, 20, 3)
	b.batch()
	whole, err := os.ReadFile(filepath.Join(b.data, "chunfeng.db"))
	if err != nil {
		t.Fatal(err)
	}
	used := len(bytes.TrimRight(whole, "\x00"))
	database := func(change func([]byte) []byte) func(dir string) {
		return func(dir string) {
			if err := os.WriteFile(filepath.Join(dir, "chunfeng.db"), change(bytes.Clone(whole)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	good := b.data
	n := 0
	for _, c := range []struct {
		name  string
		spoil func(dir string)
		code  int
		says  string
	}{
		{"a bit flipped in a record", database(func(d []byte) []byte { d[bytes.Index(d, []byte("residents of lane 7"))] ^= 1; return d }), exitFailed, "newest backup"},
		{"a page zeroed", database(func(d []byte) []byte { clear(d[used-5000&^4095 : used]); return d }), exitFailed, "newest backup"},
		{"a sector written over", database(func(d []byte) []byte { copy(d[3*4096:], bytes.Repeat([]byte{0xA5}, 512)); return d }), exitFailed, "newest backup"},
		{"cut short", database(func(d []byte) []byte { return d[:used/2] }), exitFailed, "newest backup"},
		{"an empty file", database(func([]byte) []byte { return nil }), exitFailed, "empty file"},
		{"another program's file", database(func([]byte) []byte { return bytes.Repeat([]byte("SQLite format 3\x00"), 4096) }), exitFailed, "newest backup"},
		{"no key", func(dir string) { os.Remove(filepath.Join(dir, "chunfeng.key")) }, exitFailed, "key file"},
		{"a file in the place of the folder", func(dir string) { os.RemoveAll(dir); os.WriteFile(dir, []byte("x"), 0o600) }, exitConfig, "not a directory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b.t, b.data = t, filepath.Join(t.TempDir(), "data")
			if err := os.CopyFS(b.data, os.DirFS(good)); err != nil {
				t.Fatal(err)
			}
			c.spoil(b.data)
			start := time.Now()
			code, said := b.refused("serve")
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("it took %v", took)
			}
			if code != c.code || !strings.Contains(said, c.says) {
				t.Errorf("code %d: %s", code, said)
			}
			n++
		})
	}
	b.t, b.data = t, good
	t.Run("another daemon holds it", func(t *testing.T) {
		b.t = t
		b.start()
		b.until(10*time.Second, func() bool { return b.ask("/livez") != "" })
		start := time.Now()
		code, said := b.refused("serve")
		if took := time.Since(start); code != exitLater || !strings.Contains(said, "Another chunfeng holds") || took > 2*time.Second {
			t.Errorf("code %d after %v: %s", code, took, said)
		}
		b.stop()
		n++
	})
	t.Run("a read-only disk", func(t *testing.T) {
		mount := t.TempDir()
		d := disk.Mount(t, mount, nil)
		d.Lock(true)
		b.t, b.data = t, filepath.Join(mount, "data")
		code, said := b.refused("serve")
		if code != exitFailed || !strings.Contains(said, "data folder") {
			t.Errorf("code %d: %s", code, said)
		}
		n++
	})
	t.Logf("proof: %d unusable folders, files and disks: each refused in words within two seconds, without a trace", n)
}

// TestLittleMemory sends a wave in a tight cage.
func TestLittleMemory(t *testing.T) {
	t.Parallel()
	const cage = "/sys/fs/cgroup/memory"
	dir := filepath.Join(cage, fmt.Sprintf("chunfeng-test-%d", os.Getpid()))
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Skipf("memory cannot be limited here: %v", err)
	}
	t.Cleanup(func() { os.Remove(dir) })
	if err := os.WriteFile(filepath.Join(dir, "memory.limit_in_bytes"), []byte("83886080"), 0o644); err != nil {
		t.Skipf("memory cannot be limited here: %v", err)
	}
	b := newBureauAt(t, filepath.Join(t.TempDir(), "data"), 2, 60, 3)
	b.env = append(b.env, "GOMEMLIMIT=48MiB")
	b.start()
	if err := os.WriteFile(filepath.Join(dir, "cgroup.procs"), []byte(fmt.Sprint(b.serve.Process.Pid)), 0o644); err != nil {
		t.Skipf("memory cannot be limited here: %v", err)
	}
	b.bound(60)
	b.batch()
	b.finish(b.wave().ID)
	r := b.account(nil, 0)
	t.Logf("proof: in 80 MiB of memory, the pages of the file included: %d of %d sent, %d unknown", r.sent, r.groups, r.unknown)
}

// TestMemoryRunsOut gives the daemon no more memory than it has, in the middle of a wave, and uploads to it: it may end, and then
// says why; the next one takes up the wave, and nothing is sent twice or lost.
func TestMemoryRunsOut(t *testing.T) {
	t.Parallel()
	b, w := working(t, filepath.Join(t.TempDir(), "data"), 60)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", b.serve.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	has := 0
	for line := range strings.Lines(string(status)) {
		if n, ok := strings.CutPrefix(line, "VmData:"); ok {
			fmt.Sscan(n, &has)
		}
	}
	var book strings.Builder
	book.WriteString("用人单位,岗位,工资,县市\n")
	for i := range 60_000 {
		fmt.Fprintf(&book, "长白山梨园饭店%d,服务员,4000-5000,延吉市\n", i)
	}
	file := filepath.Join(t.TempDir(), "big.csv")
	if err := os.WriteFile(file, []byte(book.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	const limitData = 2
	back := b.limit(limitData, uint64(has)<<10)
	gone := make(chan error, 1)
	go func() { gone <- b.serve.Wait() }()
	b.refused("batch", "import", file, "--name", "big")
	ended := false
	select {
	case <-gone:
		ended = true
		// How the runtime says it hangs on who asked for the memory: the heap, the kernel, or a thread's stack.
		log := b.says()
		if !slices.ContainsFunc([]string{"out of memory", "cannot allocate memory", "pthread_create failed", "failed to create new OS thread"}, func(s string) bool { return strings.Contains(log, s) }) {
			t.Errorf("it ended without a word about memory: %s", log[max(0, len(log)-2000):])
		}
	case <-time.After(3 * time.Second):
		back()
		b.serve.Process.Signal(syscall.SIGTERM)
		<-gone
	}
	b.start()
	b.online()
	b.finish(w.ID)
	r := b.account(nil, 2)
	t.Logf("proof: memory taken away in the middle of a wave and a large file uploaded: the upload was refused, the daemon ended: %v; %d of %d sent, %d unknown", ended, r.sent, r.groups, r.unknown)
}
