package main

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"runtime/debug"
	"runtime/pprof"
	"time"

	"chunfeng/examples"
)

// resting is the memory of a process that has nothing to do: looked at each second, and after its heap was given back.
type resting struct {
	Each       []float64
	Freed, Own float64
}

// rest is B12: the memory of the program at rest, all accounts logged in and all groups bound.
func rest(ctx context.Context, b *bench) ([]*result, error) {
	wait := 45 * time.Second
	if b.quick {
		wait = 2 * time.Second
	}
	at := &result{what: "resident memory at rest, 2,971 groups, 12 accounts", unit: "MiB", target: 60, atMost: true, absolute: true,
		note: "VmRSS, each second for half a minute around the minute after the last group was bound, mapped pages of the ledger included. Ledger, dispatcher, lanes and accounts; the simulator is another process, the console is not there."}
	freed := &result{what: "the same after the heap was given back", unit: "MiB", untold: true, note: "debug.FreeOSMemory, which the runtime does by itself only slowly."}
	own := &result{what: "of that, the process's own", unit: "MiB", untold: true, note: "RssAnon: what is neither the program's file nor pages of the ledger."}
	var err error
	if at.syncs, err = syncRate(b.dir); err != nil {
		return nil, err
	}
	// One process: what rests does not depend on what else the machine does.
	out, err := b.part(ctx, "rest", "-dir", b.dir, "-for", wait.String())
	if err != nil {
		return nil, err
	}
	var r resting
	if err := json.Unmarshal(out, &r); err != nil {
		return nil, err
	}
	at.ours, freed.ours, own.ours = r.Each, []float64{r.Freed}, []float64{r.Own}
	freed.syncs, own.syncs = at.syncs, at.syncs
	return []*result{at, freed, own}, nil
}

// restPart is the part that logs in and rests.
func restPart(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("rest", flag.ContinueOnError)
	dir := flags.String("dir", "", "scratch")
	wait := flags.Duration("for", 45*time.Second, "how long it rests before it is looked at")
	heap := flags.String("heap", "", "write a profile of the heap into this file at the end")
	if err := flags.Parse(args); err != nil {
		return err
	}
	b, err := newBench(*dir, 1, false)
	if err != nil {
		return err
	}
	defer b.close()
	f, err := b.far(ctx, examples.Accounts, examples.Groups, false)
	if err != nil {
		return err
	}
	defer f.close()
	ours, err := b.fleet(ctx, f, examples.Accounts, examples.Groups)
	if err != nil {
		return err
	}
	defer ours.close()
	var r resting
	for until := *wait; len(r.Each) < 30; until = time.Second {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(until):
		}
		m, err := memoryOf("self")
		if err != nil {
			return err
		}
		r.Each = append(r.Each, m.resident)
	}
	debug.FreeOSMemory()
	m, err := memoryOf("self")
	if err != nil {
		return err
	}
	r.Freed, r.Own = m.resident, m.own
	if *heap != "" {
		h, err := os.Create(*heap)
		if err != nil {
			return err
		}
		defer h.Close()
		if err := pprof.WriteHeapProfile(h); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}
