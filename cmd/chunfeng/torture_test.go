package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestTorture is TestKilledDaemon many times over (make torture N=100), and writes what came of it between the marks of
// docs/reliability.md.
func TestTorture(t *testing.T) {
	rounds := 0
	fmt.Sscan(os.Getenv("TORTURE"), &rounds)
	if rounds <= 0 {
		t.Skip("make torture N=100")
	}
	begun := time.Now()
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
	verdict := "0, and every sign-up there once"
	if t.Failed() {
		verdict = "**some: see the output of the run**"
	}
	table := fmt.Sprintf(`| what | figure |
|---|---|
| waves, each with a seed of its own | %d |
| kills with SIGKILL, %d lanes each | %d |
| deliveries | %d |
| sent, each arrived exactly once | %d |
| unknown, each arrived once or not at all | %d |
| unknown a lane and kill, the worst wave (the promise: at most 1) | %.2f |
| messages that arrived, answers to residents included | %d |
| residents' replies, each one sign-up | %d |
| groups posted twice, or missing and not shown as unknown; replies lost or doubled | %s |

Written by make torture N=%d on %s, %d cores, in %s.
`, rounds, killAccounts, sum.kills, sum.groups, sum.sent, sum.unknown, worst, sum.arrivals, sum.replies, verdict,
		rounds, time.Now().Format(time.DateOnly), runtime.NumCPU(), time.Since(begun).Round(time.Second))
	const file, from, to = "../../docs/reliability.md", "<!-- torture -->\n", "<!-- end of torture -->"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(b), from)
	_, after, found := strings.Cut(rest, to)
	if !ok || !found {
		t.Fatalf("%s has no marks for the table", file)
	}
	if err := os.WriteFile(file, []byte(before+from+table+to+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
