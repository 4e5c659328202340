package backup

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chunfeng/store"
)

// lanes work a wave off at full speed, and time every commit.
type lanes struct {
	s    *store.Store
	stop atomic.Bool
	work sync.WaitGroup
	mu   sync.Mutex
	took []time.Duration
	sent atomic.Int64
}

func (l *lanes) start(t *testing.T, accounts int) {
	for i := range accounts {
		l.work.Go(func() {
			account := fmt.Sprintf("a%02d", i+1)
			for !l.stop.Load() {
				d, found, _, err := l.s.Next(account, true, time.Now())
				if err != nil || !found {
					if err != nil {
						t.Error(err)
					}
					return
				}
				begun := time.Now()
				d, a, err := l.s.Claim(d, 0, nil)
				if err != nil {
					t.Error(err)
					return
				}
				claimed := time.Now()
				if _, err := l.s.Settle(d.Wave, d.Seq, a.ClientID, store.Settlement{Outcome: store.Taken, ServerID: fmt.Sprint(7_000_000 + d.Seq)}); err != nil {
					t.Error(err)
					return
				}
				l.sent.Add(1)
				l.mu.Lock()
				l.took = append(l.took, claimed.Sub(begun), time.Since(claimed))
				l.mu.Unlock()
			}
		})
	}
}

// lap answers the median and the 99th of a hundred commits since the last lap, and how many there were.
func (l *lanes) lap() (p50, p99 time.Duration, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n = len(l.took)
	if n == 0 {
		return 0, 0, 0
	}
	slices.Sort(l.took)
	p50, p99 = l.took[n/2], l.took[n*99/100]
	l.took = nil
	return p50, p99, n
}

// TestBackupUnderLoad makes backups while ten lanes write as fast as they can. Each is whole; restored, it sends nothing:
// not what was still open in it and has long been sent since, until a person arms it. BACKUPS says how many.
func TestBackupUnderLoad(t *testing.T) {
	backups, accounts, rest := 3, 10, 500*time.Millisecond
	fmt.Sscan(os.Getenv("BACKUPS"), &backups)
	deliveries := 80_000 + 25_000*max(0, backups-3) // lanes on an idle machine do ten thousand a second
	s := ledger(t, accounts, deliveries)
	r, id := rule(t)
	l := &lanes{s: s}
	l.start(t, accounts)
	var quiet, busy, quiet99, busy99 []time.Duration
	files := []store.BackupRun{}
	commits := 0
	for range backups {
		l.lap()
		time.Sleep(rest)
		p50, p99, n := l.lap()
		quiet, quiet99, commits = append(quiet, p50), append(quiet99, p99), commits+n
		// Two of one second would have one name.
		time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second + 10*time.Millisecond)))
		l.lap()
		files = append(files, take(t, s, r))
		p50, p99, n = l.lap()
		busy, busy99, commits = append(busy, p50), append(busy99, p99), commits+n
	}
	open := l.sent.Load() < int64(deliveries)
	l.stop.Store(true)
	l.work.Wait()
	if !open {
		t.Fatal("the wave ended before the backups did: they were not under load")
	}
	sent := int(l.sent.Load())
	grown, err := os.Stat(filepath.Join(s.Dir(), store.DatabaseFile))
	must(t, err)
	seen := 0
	for i, b := range files {
		dir, checked, err := putBack(t, b.File, id)
		must(t, err)
		if !checked.OK || checked.Deliveries != deliveries {
			t.Fatalf("backup %d: %+v", i, checked)
		}
		seen += stillOpen(t, dir, accounts)
	}
	if left := hidden(t, s.Dir()); len(left) > 0 {
		t.Error("left in the data folder:", left)
	}
	if left := hidden(t, r.Folder); len(left) > 0 {
		t.Error("left in the folder of the backups:", left)
	}
	mid := func(all []time.Duration) time.Duration {
		slices.Sort(all)
		return all[len(all)/2].Round(10 * time.Microsecond)
	}
	t.Logf("proof: %d backups of a ledger with %d deliveries while %d lanes sent %d messages in %d timed commits; each opened and every law of it held", len(files), deliveries, accounts, sent, commits)
	t.Logf("proof: %d deliveries that stood open in the restored copies were asked for: none was granted before a person armed the copy", seen)
	t.Logf("proof: a commit took %v at rest and %v during a backup (median), %v and %v (99 of 100)", mid(quiet), mid(busy), mid(quiet99), mid(busy99))
	t.Logf("proof: the ledger's file has %d MB after it, its copies %d MB sealed each", grown.Size()>>20, files[0].Bytes>>20)
	// The promise is that sending goes on, not a figure of this machine: a stall of seconds is what must not be.
	if worst := slices.Max(busy99); worst > 2*time.Second {
		t.Errorf("a commit in a hundred waited %v for a backup", worst)
	}
}

// stillOpen tries to claim what a restored ledger holds open, for each of its accounts: nothing may be granted. Then it
// arms it, and it must.
func stillOpen(t *testing.T, dir string, accounts int) (n int) {
	t.Helper()
	s, err := store.Open(store.Options{Dir: dir})
	must(t, err)
	defer s.Close()
	if s.Disarmed() == nil {
		t.Fatal("a restored ledger is armed")
	}
	var one store.Delivery
	for i := range accounts {
		d, found, _, err := s.Next(fmt.Sprintf("a%02d", i+1), true, time.Now())
		must(t, err)
		if !found {
			continue
		}
		n++
		one = d
		if _, _, err := s.Claim(d, 0, nil); !errors.Is(err, store.ErrDisarmed) {
			t.Errorf("delivery %s was granted by a restored ledger: %v", d.ID(), err)
		}
	}
	if n == 0 {
		return 0
	}
	must(t, s.Arm("kim"))
	if _, _, err := s.Claim(one, 0, nil); err != nil {
		t.Error("an armed ledger sends nothing:", err)
	}
	return n
}
