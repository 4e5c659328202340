package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// bench is one run of this program.
type bench struct {
	rounds int
	quick  bool
	dir    string // scratch; removed at the end
	self   string // this program, to start a part of a measurement in a process of its own
	void   int    // rounds whose counts did not agree
	made   int
}

func newBench(dir string, rounds int, quick bool) (*bench, error) {
	if rounds < 1 {
		return nil, errors.New("-rounds must be 1 or more")
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	dir, err = os.MkdirTemp(dir, "chunfeng-bench-")
	if err != nil {
		return nil, err
	}
	return &bench{rounds: rounds, quick: quick, dir: dir, self: self}, nil
}

func (b *bench) close() {
	if err := os.RemoveAll(b.dir); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
}

// folder makes a new folder.
func (b *bench) folder() (string, error) {
	b.made++
	dir := filepath.Join(b.dir, fmt.Sprintf("%03d", b.made))
	return dir, os.Mkdir(dir, 0o700)
}

// size is a size in earnest, or the one for -quick.
func (b *bench) size(full, quick int) int {
	if b.quick {
		return quick
	}
	return full
}

// measure answers one figure of a round.
type measure func(ctx context.Context, round int) (float64, error)

// compare measures in turns, ours and against; against is nil where the target is absolute. A void round is left out
// and counted.
func (b *bench) compare(ctx context.Context, r *result, ours, against measure) error {
	var err error
	if r.syncs, err = syncRate(b.dir); err != nil {
		return err
	}
	for round := range b.rounds {
		x, err := b.once(ctx, round, ours)
		y := 0.0
		if err == nil && against != nil {
			y, err = b.once(ctx, round, against)
		}
		if errors.Is(err, errVoid) {
			b.void++
			fmt.Fprintf(os.Stderr, "  round %d: %v\n", round+1, err)
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", r.what, err)
		}
		r.ours = append(r.ours, x)
		if against != nil {
			r.against = append(r.against, y)
		}
	}
	fmt.Fprintf(os.Stderr, "  %s: %s, %s: %s; %s: %s\n", r.what, r.oursText(), r.baseline, r.againstText(), r.judged(), r.judgedText())
	return nil
}

func (b *bench) once(ctx context.Context, round int, m measure) (float64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	runtime.GC() // what the round before left is not this one's to clean up
	return m(ctx, round)
}

// syncRate is how many times a second the disk takes 4 KiB for certain: the median of five tries of 50 ms.
func syncRate(dir string) (float64, error) {
	f, err := os.CreateTemp(dir, "sync")
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	page := make([]byte, 4096)
	var rates []float64
	for range 5 {
		n, begin := 0, time.Now()
		for time.Since(begin) < 50*time.Millisecond {
			if _, err := f.WriteAt(page, int64(n%64)*4096); err != nil {
				return 0, err
			}
			if err := unix.Fdatasync(int(f.Fd())); err != nil {
				return 0, err
			}
			n++
		}
		rates = append(rates, float64(n)/time.Since(begin).Seconds())
	}
	slices.Sort(rates)
	return rates[len(rates)/2], nil
}
