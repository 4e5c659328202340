package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const limitSpace = 9

// TestLittleAddressSpace starts daemons that may map less than their database wants: each is refused in words, without a trace.
// (Below a GiB and a half it hangs on the runtime of Go, which wants as much for itself and says so in its own words.)
func TestLittleAddressSpace(t *testing.T) {
	b := newBureauAt(t, filepath.Join(t.TempDir(), "data"), 1, 5, 3)
	limits := []int{1800, 2000, 2200}
	for _, mib := range limits {
		cmd := exec.Command("sh", "-c", fmt.Sprintf(`ulimit -v %d && exec "$0" --data "$1" serve`, mib<<10), b.exe, b.data)
		cmd.Env = b.env
		start := time.Now()
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != exitFailed || !strings.Contains(string(out), "ulimit -v") || strings.Contains(string(out), "goroutine ") {
			t.Errorf("with %d MiB: %v %s", mib, err, out)
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("with %d MiB: it took %v", mib, took)
		}
	}
	b.start()
	b.online()
	b.stop()
	t.Logf("proof: with %d to %d MiB of address space a daemon is refused in words, without a trace; without the limit it starts", limits[0], limits[len(limits)-1])
}

// TestAddressSpaceTaken leaves the daemon no address space but what it has, in the middle of a wave: it goes on, or it ends with a
// word and the next one takes up the wave. Nothing is sent twice or lost.
func TestAddressSpaceTaken(t *testing.T) {
	t.Parallel()
	b, w := working(t, filepath.Join(t.TempDir(), "data"), 60)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", b.serve.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	has := uint64(0)
	for line := range strings.Lines(string(status)) {
		if n, ok := strings.CutPrefix(line, "VmSize:"); ok {
			fmt.Sscan(n, &has)
		}
	}
	back := b.limit(limitSpace, has<<10)
	gone := make(chan error, 1)
	go func() { gone <- b.serve.Wait() }()
	for range 20 {
		b.ask("/v1/today")
		b.ask("/v1/registry/export?form=xlsx")
	}
	ended := false
	select {
	case <-gone:
		ended = true
		log := b.says()
		if !slices.ContainsFunc([]string{"out of memory", "cannot allocate memory", "pthread_create failed", "failed to create new OS thread"}, func(s string) bool { return strings.Contains(log, s) }) {
			t.Errorf("it ended without a word about memory: %s", log[max(0, len(log)-2000):])
		}
	case <-time.After(2 * time.Second):
		back()
		b.serve.Process.Signal(syscall.SIGTERM)
		<-gone
	}
	b.start()
	b.online()
	b.finish(w.ID)
	r := b.account(nil, 2)
	t.Logf("proof: no address space but what it has in the middle of a wave, and workbooks asked for: the daemon ended: %v; %d of %d sent, %d unknown", ended, r.sent, r.groups, r.unknown)
}
