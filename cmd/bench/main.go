package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := 0
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		code = part(ctx, os.Args[1], os.Args[2:])
	} else {
		code = run(ctx, os.Args[1:])
	}
	stop()
	os.Exit(code)
}

// benchmark is one row of the design's table of targets; it may yield several results.
type benchmark struct {
	id  string
	run func(context.Context, *bench) ([]*result, error)
}

func suite() []benchmark {
	return []benchmark{
		{"B1", speed}, {"B2", latency}, {"B3", commits}, {"B4", claims}, {"B5", bytesOnDisk}, {"B6", start}, {"B7", logPages}, {"B7", consolePages}, {"B8", slowClient}, {"B8", watchers}, {"B8", firstPaint}, {"B9", scan}, {"B10", receive},
		{"B11", planAndOpen}, {"B12", rest},
	}
}

// part runs one of the parts of a measurement that need a process of their own.
func part(ctx context.Context, name string, args []string) int {
	parts := map[string]func(context.Context, []string) error{"far": serveFar, "slow": slowPart, "registry": registryPart, "open": openPart, "rest": restPart}
	do, ok := parts[name]
	if !ok {
		fmt.Fprintf(os.Stderr, "bench: there is no part %q\n", name)
		return 2
	}
	if err := do(ctx, args); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	return 0
}

func run(ctx context.Context, args []string) int {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	only := flags.String("only", "", "run these only, as B1,B5")
	rounds := flags.Int("rounds", 5, "rounds of each comparison")
	quick := flags.Bool("quick", false, "small sizes: shows that the program works, and measures nothing")
	write := flags.String("write", "", "renew the generated part of this file")
	dir := flags.String("dir", "", "where ledgers are made; the system's temporary folder when empty")
	profile := flags.String("profile", "", "write a profile of the processor's time of each benchmark into this folder, as B1.pprof")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	b, err := newBench(*dir, *rounds, *quick)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	defer b.close()
	code := 0
	var results []*result
	for _, m := range suite() {
		if *only != "" && !slices.Contains(strings.Split(*only, ","), m.id) || ctx.Err() != nil {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s …\n", m.id)
		rs, err := profiled(*profile, m.id, func() ([]*result, error) { return m.run(ctx, b) })
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", m.id, err)
			code = 1
		}
		for _, r := range rs {
			r.bench = m.id
			if len(r.ours) > 0 {
				results = append(results, r)
			}
		}
	}
	if ctx.Err() != nil {
		return 1
	}
	printTable(os.Stdout, results)
	if b.void > 0 {
		fmt.Fprintf(os.Stderr, "bench: %d rounds are void: what arrived is not what was recorded\n", b.void)
		code = 1
	}
	if *write != "" {
		if err := renew(*write, b, results); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			return 1
		}
	}
	return code
}

// profiled runs a benchmark and, when a folder is given, records where this process spent its time meanwhile.
func profiled(dir, id string, run func() ([]*result, error)) ([]*result, error) {
	if dir == "" {
		return run()
	}
	f, err := os.Create(filepath.Join(dir, id+".pprof"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, err
	}
	defer pprof.StopCPUProfile()
	return run()
}

// errVoid is the error of a round whose counts do not agree.
var errVoid = errors.New("void")

// agree voids a round in which two counts differ.
func agree(what string, got, want int) error {
	if got == want {
		return nil
	}
	return fmt.Errorf("%w: %s: %d, recorded %d", errVoid, what, got, want)
}
