package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/templates/words"
)

// Exit codes, as scripts rely on them.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
	exitLater  = 75
	exitConfig = 78
)

func main() { os.Exit(run(os.Args[1:])) }

// run is main with an exit code, so that stories can run it inside the test's binary.
func run(args []string) int {
	c := newCLI(args)
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	go func() {
		<-signals
		cancel(errStopped)
		<-signals
		os.Exit(exitFailed) // a second signal: at once
	}()
	err := c.execute(ctx, args)
	if err == nil {
		return exitDone
	}
	code := exitCode(err)
	// An interrupted command was told to end: that is no failure to explain.
	if !errors.Is(err, errStopped) && !errors.Is(err, errSaid) {
		c.complain(err)
	}
	return code
}

// errStopped is the cause of a context that a signal ended.
var errStopped = errors.New("stopped by a signal")

// errSaid ends a command with exit code 1 whose output has already said why.
var errSaid = errors.New("already said")

// exitCode answers the code of an error.
func exitCode(err error) int {
	switch kindOf(err) {
	case words.Usage:
		return exitUsage
	case words.Later, words.TooMany:
		return exitLater
	case words.Settings:
		return exitConfig
	}
	return exitFailed
}

// kindOf answers what sort of refusal an error is, whether it was made here or came from the daemon.
func kindOf(err error) words.Kind {
	var p *api.Problem
	if errors.As(err, &p) {
		return p.Kind
	}
	var f *api.ConfigFaults
	if errors.As(err, &f) {
		return words.Settings
	}
	return words.KindOf(err)
}
