package main

import (
	"fmt"
	"os"
	"testing"
)

// TestTorture is TestKilledDaemon many times over (make torture N=100).
func TestTorture(t *testing.T) {
	rounds := 0
	fmt.Sscan(os.Getenv("TORTURE"), &rounds)
	if rounds <= 0 {
		t.Skip("make torture N=100")
	}
	var sum ordeal
	worst := 0.0
	for seed := range rounds {
		t.Run(fmt.Sprint("seed ", seed+1), func(t *testing.T) {
			r := killRun(t, uint64(seed+1), 8)
			sum.kills += r.kills
			sum.groups += r.groups
			sum.sent += r.sent
			sum.unknown += r.unknown
			sum.arrivals += r.arrivals
			sum.replies += r.replies
			worst = max(worst, float64(r.unknown)/float64(r.kills*killAccounts))
		})
	}
	t.Logf("proof: %d waves, each with a seed of its own", rounds)
	t.Logf("proof: %d kills with SIGKILL, %d lanes each", sum.kills, killAccounts)
	t.Logf("proof: %d deliveries: %d sent, each arrived exactly once; %d unknown, each arrived once or not at all", sum.groups, sum.sent, sum.unknown)
	t.Logf("proof: %.2f unknown a lane and kill in the worst wave (the promise: at most 1)", worst)
	t.Logf("proof: %d messages arrived, answers to residents included, and %d replies, each one sign-up", sum.arrivals, sum.replies)
}
