// Command prove runs the tests that hold the product's promises and writes down what came of them, so that no figure in
// docs/reliability.md is older or better than a run that anyone can repeat.
//
//	go run ./cmd/prove -n 100                 each proof of proofs.yaml, at a hundred times its smallest size
//	go run ./cmd/prove -mutants               each mutant of mutants/, applied to a copy of the tree: its test must go red
//	go run ./cmd/prove -doors                 docs/doors.md from docs/doors.yaml
//	go run ./cmd/prove -only R1,R2 …          those alone; the other rows of the document stay as they are
//	go run ./cmd/prove -write FILE …          the rows are written between the marks of FILE, each with its day
//
// A test says what it counted in lines that begin with "proof: "; the document repeats them and adds nothing. A proof whose
// mutant lives proves nothing: the mutants are changes that break one promise each, and a test that stays green under one is
// told as an error. A mutant that no longer applies or does not build is an error too, never a success.
//
// It ends with 0 when everything held, with 1 otherwise, and with 2 when it was asked wrongly.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string) int {
	f := flag.NewFlagSet("prove", flag.ContinueOnError)
	n := f.Int("n", 1, "how many times the smallest size")
	mutants := f.Bool("mutants", false, "run the mutants and not the proofs")
	doors := f.Bool("doors", false, "write docs/doors.md and run nothing")
	only := f.String("only", "", "promises or tests, such as R1,TestDamage; empty: all")
	write := f.String("write", "", "the document whose tables are written anew")
	if err := f.Parse(args); err != nil || f.NArg() > 0 || *n < 1 {
		f.Usage()
		return 2
	}
	if *doors {
		if err := writeDoors(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return 0
	}
	chosen := func(id string) bool {
		return *only == "" || strings.Contains(","+strings.ToUpper(*only)+",", ","+strings.ToUpper(id)+",")
	}
	var rows []row
	var err error
	mark := "proofs"
	if *mutants {
		mark = "mutants"
		rows, err = killAll(ctx, chosen)
	} else {
		rows, err = proveAll(ctx, *n, chosen)
	}
	if len(rows) == 0 && err == nil {
		err = fmt.Errorf("-only %s names nothing that is here", *only)
	}
	failed := 0
	for _, r := range rows {
		if !r.held {
			failed++
		}
	}
	if *write != "" && len(rows) > 0 {
		if e := document(*write, mark, rows, *only == "" && err == nil); e != nil {
			err = e
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Printf("%d of %d held\n", len(rows)-failed, len(rows))
	if failed > 0 {
		return 1
	}
	return 0
}
