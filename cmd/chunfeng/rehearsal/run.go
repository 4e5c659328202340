package rehearsal

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"sync"
	"syscall"
)

// Command is the hidden argument by which a program that calls Run must call Child, with the errand on standard input and
// the outcomes on file 3.
const Command = "rehearse-child"

// Run plays a model with seeds 1 to n on all cores, in children of this program's own file, and answers the outcomes in
// the order of their seeds. Done is told after each; it may be nil.
func Run(ctx context.Context, st *Stage, m Model, n int, done func(Outcome)) ([]Outcome, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	hands := min(runtime.NumCPU(), n)
	shares := make([][]uint64, hands)
	for i := range n {
		shares[i%hands] = append(shares[i%hands], uint64(i+1))
	}
	var mu sync.Mutex
	var all []Outcome
	var failed error
	var work sync.WaitGroup
	for _, seeds := range shares {
		work.Go(func() {
			err := one(ctx, self, Errand{st, m, seeds}, func(o Outcome) {
				mu.Lock()
				defer mu.Unlock()
				all = append(all, o)
				if done != nil {
					done(o)
				}
			})
			mu.Lock()
			defer mu.Unlock()
			failed = errors.Join(failed, err)
		})
	}
	work.Wait()
	slices.SortFunc(all, func(a, b Outcome) int { return cmp.Compare(a.Seed, b.Seed) })
	return all, failed
}

// one runs a child to its end.
func one(ctx context.Context, self string, e Errand, done func(Outcome)) error {
	in, err := json.Marshal(e)
	if err != nil {
		return err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer read.Close()
	cmd := exec.CommandContext(ctx, self, Command)
	cmd.Args[0] = os.Args[0] // a program may be several, by the name that it is called
	var said bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = bytes.NewReader(in), &said, &said, []*os.File{write}
	err = cmd.Start()
	write.Close()
	if err != nil {
		return err
	}
	// A rehearsal must not take the cores from a daemon beside it.
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, cmd.Process.Pid, 10)
	played := 0
	lines := bufio.NewScanner(read)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var o Outcome
		if json.Unmarshal(lines.Bytes(), &o) == nil {
			played++
			done(o)
		}
	}
	if err := errors.Join(cmd.Wait(), ctx.Err()); err != nil {
		text := said.Bytes()
		return fmt.Errorf("a rehearsal broke down with seed %d: %w: %s", e.Seeds[min(played, len(e.Seeds)-1)], err, text[max(0, len(text)-4000):])
	}
	return nil
}
