package main

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/bot"
)

// result is what came of one hardship.
type result struct {
	ledger, does string
	worst        string // endpoint
	most         int
	steady       string
	minute       float64
	well         time.Duration
	reckoning    reckoning
}

// suffer lives through one hardship from log-in to the end of the second wave.
func suffer(t *testing.T, x hardship, seed uint64) (out result) {
	o := trialOptions{accounts: 1, groups: 60, env: []string{
		"CHUNFENG_QUIET_HOURS=", "CHUNFENG_GROUP_DAILY_LIMIT=0", "CHUNFENG_PACING__WARM_UP=false", "CHUNFENG_WAVE__HOLD=0s",
	}}
	o.sim.Seed = seed
	if x.world != nil {
		x.world(&o)
	}
	lasts := x.lasts
	if lasts == 0 {
		lasts = 10 * time.Minute
	}
	tr := newTrial(t, o)
	tr.must(tr.sim.ParseFaults("residents.chatter:every=7m"))
	begin := func() {
		tr.forget()
		tr.must(tr.sim.ParseFaults(x.fault))
	}
	var before map[string]int
	began := time.Now()
	if x.early {
		begin()
		before = tr.totals()
		tr.start()
		tr.until("log-in", time.Hour, func() bool {
			return time.Since(began) >= lasts || tr.app.crewMember("a01").account.State().Settled
		})
		tr.push()
	} else {
		tr.start()
		tr.settled(10 * time.Minute)
		if !x.idle {
			tr.push()
		}
		time.Sleep(5 * time.Minute)
		begin()
		before, began = tr.totals(), time.Now()
		if x.do != nil {
			x.do(tr)
		}
	}
	for time.Since(began) < lasts {
		time.Sleep(time.Second)
		tr.over() // notes a pause
	}
	for what, n := range tr.totals() {
		if each := float64(n-before[what]) / lasts.Minutes(); each > out.minute {
			out.steady, out.minute = what, each
		}
	}
	tr.clear(x.fault)
	cleared, arrived := time.Now(), len(tr.sim.Arrivals())
	tr.relieve()
	tr.push()
	for len(tr.sim.Arrivals()) == arrived {
		if time.Since(cleared) > 48*time.Hour {
			t.Fatal("nothing arrives two days after the end")
		}
		time.Sleep(time.Second)
		tr.over()
		if time.Since(cleared)%time.Hour < time.Second {
			tr.relieve()
		}
	}
	out.well = time.Since(cleared)
	relieved := time.Now()
	tr.until("the end of both waves", 60*time.Hour, func() bool {
		if time.Since(relieved) > time.Hour {
			relieved = time.Now()
			tr.relieve()
		}
		return tr.over()
	})
	time.Sleep(20 * time.Minute)
	synctest.Wait()
	tr.late = strings.Contains(x.fault, "send.slow") && strings.Contains(x.fault, "when=before")
	out.reckoning = tr.reckon(x.lied)
	out.ledger = strings.Join(out.reckoning.ledger, ", ")
	out.does = tr.deeds()
	for what, n := range tr.sim.Requests() {
		if n.MaxPerSecond > out.most {
			out.worst, out.most = what, n.MaxPerSecond
		}
	}
	return out
}

// unheardAside is what the ledger says, but for the message of just before a session's end: by the moment somebody heard what
// became of it or nobody did. The row of WeChat's notice names it.
func unheardAside(x hardship, got result) string {
	const unheard = "unknown (unheard)"
	if !strings.Contains(got.does, "shows the gap") || strings.Contains(x.ledger, unheard) {
		return got.ledger
	}
	return strings.TrimSuffix(strings.TrimSuffix(got.ledger, unheard), ", ")
}

// totals are the requests so far, by endpoint.
func (tr *trial) totals() map[string]int {
	out := map[string]int{}
	for what, n := range tr.sim.Requests() {
		out[what] = n.Total
	}
	return out
}

// clear switches off what a line switched on.
func (tr *trial) clear(spec string) {
	for part := range strings.SplitSeq(spec, ";") {
		name, _, _ := strings.Cut(strings.TrimSpace(part), ":")
		tr.sim.ClearFault(name)
	}
}

// deeds says what was done since forget.
func (tr *trial) deeds() string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	var out []string
	for _, d := range []struct{ key, says string }{
		{string(bot.ConfirmPhone), "asks the phone to confirm"},
		{string(bot.ShowCode), "shows a code to scan"},
		{string(bot.Stopped), "stops for a person"},
		{"broadcast.cooling", "cools down"},
		{"broadcast.third_signal", "at the third sign rests for the day"},
		{string(bot.SyncTrouble), "tells staff that it hears nothing"},
		{string(bot.Silent), "asks staff to open WeChat on the phone"},
		{"wave paused", "the wave waits for a person"},
	} {
		if tr.did[d.key] {
			out = append(out, d.says)
		}
	}
	gaps, err := tr.app.store.Gaps(false)
	tr.must(err)
	if len(gaps) > tr.gaps0 {
		out = append(out, "shows the gap")
	}
	if len(out) == 0 {
		return "goes on"
	}
	return strings.Join(out, ", ")
}

// TestFaultTable suffers every fault of the wire alone. FAULTS=1 has it suffer all, else a quarter of them; WRITE_FAULTS=1
// writes what was measured into docs/faults.md.
func TestFaultTable(t *testing.T) {
	if testing.Short() {
		t.Skip("days of waves take some seconds")
	}
	write := os.Getenv("WRITE_FAULTS") != ""
	all := write || os.Getenv("FAULTS") != ""
	var mu sync.Mutex
	measured := map[string]result{}
	t.Run("each", func(t *testing.T) {
		for i, x := range hardships() {
			if !all && i%4 != 0 {
				continue
			}
			t.Run(x.of, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					got := suffer(t, x, 1)
					if says := unheardAside(x, got); says != x.ledger && (x.perhaps == "" || says != x.perhaps) {
						t.Errorf("the ledger says %q, want %q", got.ledger, x.ledger)
					}
					if want := cmp.Or(x.does, "goes on"); got.does != want && (x.maybe == "" || got.does != x.maybe) {
						t.Errorf("it %q, want %q", got.does, want)
					}
					if got.most > cmp.Or(x.most, 3) {
						t.Errorf("%d %s in one second", got.most, got.worst)
					}
					if got.minute > cmp.Or(float64(x.minute), 6) {
						t.Errorf("%.1f %s a minute while it lasted", got.minute, got.steady)
					}
					if got.well > cmp.Or(x.well, 2*time.Minute) {
						t.Errorf("a message arrives only %v after its end", got.well)
					}
					mu.Lock()
					defer mu.Unlock()
					measured[x.of] = got
				})
			})
		}
	})
	var sum reckoning
	var worst, slowest result
	var slow string
	for of, r := range measured {
		sum.deliveries, sum.sent, sum.unknown = sum.deliveries+r.reckoning.deliveries, sum.sent+r.reckoning.sent, sum.unknown+r.reckoning.unknown
		sum.arrivals, sum.replies, sum.inGap = sum.arrivals+r.reckoning.arrivals, sum.replies+r.reckoning.replies, sum.inGap+r.reckoning.inGap
		if r.minute > worst.minute {
			worst = r
		}
		if r.well > slowest.well {
			slowest, slow = r, of
		}
	}
	t.Logf("proof: %d faults of the wire, each alone through two waves on virtual time", len(measured))
	t.Logf("proof: %d deliveries: %d sent, each arrived exactly once; %d unknown, each arrived once or not at all", sum.deliveries, sum.sent, sum.unknown)
	t.Logf("proof: %d replies: %d said in a gap that is shown, each of the others one sign-up", sum.replies, sum.inGap)
	t.Logf("proof: at most %.1f requests a minute to one endpoint (%s) while a fault lasts", worst.minute, worst.steady)
	t.Logf("proof: the longest until a message arrives again: %v after %q", slowest.well.Round(time.Second), slow)
	if write && !t.Failed() {
		if err := writeFaults(measured); err != nil {
			t.Error(err)
		}
	}
}

const (
	faultsFile = "../../docs/faults.md"
	faultsFrom = "<!-- faults -->\n"
	faultsTo   = "<!-- end of faults -->"
)

// declared are the cells of a row of docs/faults.md that do not depend on the run.
func declared(x hardship) string {
	ledger, how := cmp.Or(x.ledger, "all sent"), ""
	if x.fault != "" {
		how = "`" + strings.ReplaceAll(x.fault, ";", "`, `") + "`, "
	}
	does := cmp.Or(x.does, "goes on")
	if x.maybe != "" {
		does += "; or " + x.maybe
	}
	if x.perhaps != "" {
		ledger += ", or " + x.perhaps
	}
	if x.early {
		how += "from before the log-in, "
	}
	return fmt.Sprintf("| %s | %s%s | %s | %s | ≤ %d, ≤ %d | ≤ %s |", x.of, how, span(cmp.Or(x.lasts, 10*time.Minute)), ledger, does,
		cmp.Or(x.most, 3), cmp.Or(x.minute, 6), span(cmp.Or(x.well, 2*time.Minute)))
}

func span(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func writeFaults(measured map[string]result) error {
	b, err := os.ReadFile(faultsFile)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(b), faultsFrom)
	_, after, found := strings.Cut(rest, faultsTo)
	if !ok || !found {
		return fmt.Errorf("%s wants its two marks", faultsFile)
	}
	var out strings.Builder
	out.WriteString("| fault | as the simulator makes it | the ledger | the account, the wave, the people | requests | a message arrives again | measured |\n|---|---|---|---|---|---|---|\n")
	for _, x := range hardships() {
		r := measured[x.of]
		fmt.Fprintf(&out, "%s %d/s, %.1f/min, %v |\n", declared(x), r.most, r.minute, r.well.Round(time.Second))
	}
	return os.WriteFile(faultsFile, []byte(before+faultsFrom+out.String()+faultsTo+after), 0o644)
}

// TestFaultDocument holds docs/faults.md to the table that the test holds the program to.
func TestFaultDocument(t *testing.T) {
	b, err := os.ReadFile(faultsFile)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), faultsFrom)
	table, _, found := strings.Cut(rest, faultsTo)
	lines := strings.Split(strings.TrimSpace(table), "\n")
	want := hardships()
	if !found || len(lines) != len(want)+2 {
		t.Fatalf("docs/faults.md has %d rows of %d; WRITE_FAULTS=1 go test ./cmd/chunfeng -run TestFaultTable", len(lines)-2, len(want))
	}
	for i, x := range want {
		if !strings.HasPrefix(lines[i+2], declared(x)) {
			t.Errorf("docs/faults.md says\n%s\nand the test holds\n%s\nWRITE_FAULTS=1 go test ./cmd/chunfeng -run TestFaultTable", lines[i+2], declared(x))
		}
	}
}
