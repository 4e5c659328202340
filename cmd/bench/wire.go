package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"time"
)

const bareLoop = "openwechat's own send in a plain loop, nothing recorded"

// speed is B1: messages a second over the wire, each with its intent on disk before and its outcome after.
func speed(ctx context.Context, b *bench) ([]*result, error) {
	ten := &result{what: "messages a second, 10 accounts, 0 ms", unit: "/s", baseline: bareLoop, target: 0.25,
		note: "One claim at a time an account, on disk before the request is written, and its outcome after the answer. The simulator takes a good part of the two cores in both."}
	hundred := &result{what: "messages a second, 100 accounts, 0 ms", unit: "/s", baseline: bareLoop, target: 0.6,
		note: "The same with ten times the accounts: more claims share a commit."}
	if err := overWire(ctx, b, ten, 10, b.size(12_000, 600), 0); err != nil {
		return []*result{ten}, err
	}
	return []*result{ten, hundred}, overWire(ctx, b, hundred, 100, b.size(20_000, 1000), 0)
}

// latency is B2: the same where the server takes its time.
func latency(ctx context.Context, b *bench) ([]*result, error) {
	five := &result{what: "messages a second, 10 accounts, server answers after 5 ms", unit: "/s", baseline: bareLoop, target: 0.9,
		note: "The message arrives at once and its answer comes later, to both."}
	fifty := &result{what: "messages a second, 10 accounts, server answers after 50 ms", unit: "/s", baseline: bareLoop, target: 0.98,
		note: "A real server takes 100 ms and more; politeness allows an account a few messages a minute."}
	if err := overWire(ctx, b, five, 10, b.size(5_000, 400), 5*time.Millisecond); err != nil {
		return []*result{five}, err
	}
	return []*result{five, fifty}, overWire(ctx, b, fifty, 10, b.size(600, 100), 50*time.Millisecond)
}

// overWire compares the program with the bare client, n messages each a round.
func overWire(ctx context.Context, b *bench, r *result, accounts, n int, answer time.Duration) error {
	return b.withBoth(ctx, accounts, func(f *far, ours *fleet, bare bareFleet) error {
		if err := f.latency(answer); err != nil {
			return err
		}
		return b.compare(ctx, r,
			func(ctx context.Context, _ int) (float64, error) { return ours.send(ctx, n) },
			func(context.Context, int) (float64, error) { return bare.send(f, n) })
	})
}

// commits is B3: against a ledger that is put together in the usual way, with two transactions a delivery.
func commits(ctx context.Context, b *bench) ([]*result, error) {
	const baseline = "two bbolt transactions a delivery around the bare client's send"
	quick := &result{what: "messages a second, 10 accounts, 0 ms", unit: "/s", baseline: baseline, target: 4.5,
		note: "The baseline keeps a row and an index of open attempts and nothing else: no tally, no lanes, no history."}
	if err := againstTwo(ctx, b, quick, b.size(4_000, 300)); err != nil {
		return []*result{quick}, err
	}
	slow := &result{what: "the same where a commit takes 5 ms", unit: "/s", baseline: baseline, target: 8,
		note: "The slow disk is emulated for both in a process of its own: a seccomp filter has each fdatasync wait 2.4 ms before the kernel goes on with it, and a commit syncs twice."}
	out, err := b.part(ctx, "slow", "-n", fmt.Sprint(b.size(600, 100)), "-rounds", fmt.Sprint(b.rounds), "-dir", b.dir)
	if err != nil {
		return []*result{quick, slow}, err
	}
	var told slowResult
	if err := json.Unmarshal(out, &told); err != nil {
		return []*result{quick, slow}, err
	}
	slow.ours, slow.against, slow.syncs = told.Ours, told.Against, told.Syncs
	b.void += told.Void
	return []*result{quick, slow}, nil
}

func againstTwo(ctx context.Context, b *bench, r *result, n int) error {
	return b.withBoth(ctx, 10, func(f *far, ours *fleet, bare bareFleet) error {
		return b.compareTwo(ctx, r, f, ours, bare, n)
	})
}

// withBoth logs in accounts of the program and as many bare clients.
func (b *bench) withBoth(ctx context.Context, accounts int, do func(*far, *fleet, bareFleet) error) error {
	const groups = 3000
	f, err := b.far(ctx, accounts, groups, true)
	if err != nil {
		return err
	}
	defer f.close()
	ours, err := b.fleet(ctx, f, accounts, groups)
	if err != nil {
		return err
	}
	defer ours.close()
	bare, err := newBareFleet(ctx, f, accounts)
	if err != nil {
		return err
	}
	defer bare.close()
	return do(f, ours, bare)
}

func (b *bench) compareTwo(ctx context.Context, r *result, f *far, ours *fleet, bare bareFleet, n int) error {
	return b.compare(ctx, r,
		func(ctx context.Context, _ int) (float64, error) { return ours.send(ctx, n) },
		func(context.Context, int) (float64, error) { return bare.sendTwoTransactions(b, f, n) })
}

// slowResult is what the process with the slow disk tells.
type slowResult struct {
	Ours, Against []float64
	Syncs         float64
	Void          int
}

// slowPart is the part that measures with a slow disk.
func slowPart(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("slow", flag.ContinueOnError)
	n := flags.Int("n", 600, "messages a round")
	rounds := flags.Int("rounds", 5, "rounds")
	dir := flags.String("dir", "", "scratch")
	if err := flags.Parse(args); err != nil {
		return err
	}
	b, err := newBench(*dir, *rounds, false)
	if err != nil {
		return err
	}
	defer b.close()
	r := &result{what: "5 ms a commit", unit: "/s"}
	err = b.withBoth(ctx, 10, func(f *far, ours *fleet, bare bareFleet) error {
		if err := slowSyncs(2400 * time.Microsecond); err != nil {
			return err
		}
		return b.compareTwo(ctx, r, f, ours, bare, *n)
	})
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(slowResult{r.ours, r.against, r.syncs, b.void})
}

// part runs a part of a measurement in a process of its own and answers what it prints.
func (b *bench) part(ctx context.Context, args ...string) ([]byte, error) {
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, b.self, args...)
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w", args[0], err)
	}
	return out.Bytes(), nil
}
