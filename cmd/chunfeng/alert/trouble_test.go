package alert_test

import (
	"context"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"chunfeng/cmd/chunfeng/alert"
	"chunfeng/config"
	"chunfeng/store"
	"chunfeng/store/storetest"
)

// TestStorageDown fills the disk, as far as this process can see, while the outcome of a send waits to be written: the alarm
// goes out within five seconds although the ledger answers nobody, and the ledger has it once there is room.
func TestStorageDown(t *testing.T) {
	if os.Getenv("ALERT_FULL_DISK") == "" {
		// In a process of its own: the limit holds for every file that this one writes.
		c := exec.Command(os.Args[0], "-test.run=^TestStorageDown$", "-test.v")
		c.Env = append(os.Environ(), "ALERT_FULL_DISK=1")
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		for line := range strings.Lines(string(out)) {
			if _, said, ok := strings.Cut(line, "proof: "); ok {
				t.Logf("proof: %s", strings.TrimSpace(said))
			}
		}
		return
	}
	// Without this the system ends the process instead of refusing the write.
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var free syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &free); err != nil {
		t.Fatal(err)
	}
	limit := func(n uint64) {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: free.Max}); err != nil {
			t.Fatal(err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.watch()
		w.pass(time.Minute)
		if err := w.store.AddAnswer(store.Answer{Group: 1, Account: "a01", Content: store.Content{Kind: store.Text, Body: []byte("thanks")}}, 0); err != nil {
			t.Fatal(err)
		}
		d, _, _, err := w.store.Next("a01", true, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		d, a, err := w.store.Claim(d, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		limit(1)
		full := time.Now()
		settled := make(chan error, 1)
		go func() {
			_, err := w.store.Settle(d.Wave, d.Seq, a.ClientID, store.Settlement{Outcome: store.Taken, ServerID: "1"})
			settled <- err
		}()
		for w.states() == "" && time.Since(full) < time.Minute {
			w.pass(100 * time.Millisecond)
		}
		took := time.Since(full)
		if w.expect("storage_down raised"); took > 5*time.Second {
			t.Errorf("the alarm came after %v", took)
		}
		w.pass(time.Minute)
		w.expect("storage_down raised")
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if err := w.store.Pulse(ctx); err != nil {
			t.Errorf("on a full disk the writer does not turn: the process would be restarted for nothing: %v", err)
		}
		limit(free.Cur)
		if err := <-settled; err != nil {
			t.Errorf("the outcome was not kept: %v", err)
		}
		w.pass(10 * time.Second)
		w.expect("storage_down raised, storage_down cleared")
		w.end()
		all, err := w.store.Alerts(false)
		if err != nil || len(all) != 1 || all[0].Open() {
			t.Fatalf("the ledger has %+v %v", all, err)
		}
		for _, n := range all[0].Notices {
			if n.Done.IsZero() || n.Failed != "" {
				t.Errorf("the ledger says %+v", n)
			}
		}
		t.Logf("proof: the alarm went out %v after the disk took nothing any more (the promise: 5 s), once, and once when it was over", took.Round(100*time.Millisecond))
	})
}

// TestCommand runs real programs: one that takes its time, one that hangs with a child, one that fails, one that is not there.
func TestCommand(t *testing.T) {
	s := storetest.Open(t)
	pid := filepath.Join(t.TempDir(), "pid")
	for _, c := range []struct {
		name    string
		command []string
		why     string
	}{
		{"takes it", []string{"/bin/sh", "-c", "cat >/dev/null"}, ""},
		{"takes nothing", []string{"/bin/true"}, ""},
		{"hangs with a child", []string{"/bin/sh", "-c", "sleep 600 & echo $! >" + pid + "; wait"}, "did not end in time"},
		{"fails", []string{"/bin/sh", "-c", "exit 3"}, "exit status 3"},
		{"is not there", []string{"/nowhere/tell"}, "no such file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := config.Default()
			cfg.Alerts.Command = c.command
			w := alert.New(alert.Options{Store: s, Log: zerolog.Nop(), Config: func() *config.Config { return cfg }, Within: 500 * time.Millisecond})
			tried := w.Test(context.Background())
			if len(tried) != 1 {
				t.Fatalf("%d roads", len(tried))
			}
			switch err := tried[0].Err; {
			case c.why == "" && err != nil, c.why != "" && (err == nil || !strings.Contains(err.Error(), c.why)):
				t.Errorf("%v, want %q", err, c.why)
			case tried[0].Took > 5*time.Second:
				t.Errorf("it took %v", tried[0].Took)
			}
		})
	}
	b, err := os.ReadFile(pid)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	for begun := time.Now(); alive(n) && time.Since(begun) < 5*time.Second; time.Sleep(10 * time.Millisecond) {
	}
	if alive(n) {
		t.Errorf("the hanging command's child %d lives on", n)
	}
}

// alive tells whether a process runs; one that only waits to be buried does not.
func alive(pid int) bool {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	return err == nil && !strings.Contains(string(b), ") Z ")
}
