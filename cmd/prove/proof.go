package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// proofsFile lists the proofs; paths are from the repository's root, where the program runs.
const proofsFile = "cmd/prove/proofs.yaml"

// proof is a test that holds a promise.
type proof struct {
	ID      string         `yaml:"id"`      // of the promise, as in R1; several proofs may hold one
	Promise string         `yaml:"promise"` // a sentence
	Package string         `yaml:"package"`
	Test    string         `yaml:"test"`  // the name of the test function
	Scale   map[string]int `yaml:"scale"` // variables of the environment, and their value at -n 1
	Race    bool           `yaml:"race"`  // under the race detector
}

func readProofs(file string) ([]proof, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var all []proof
	if err := yaml.NewDecoder(bytes.NewReader(b), yaml.Strict()).Decode(&all); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for _, p := range all {
		if p.ID == "" || p.Promise == "" || p.Package == "" || !strings.HasPrefix(p.Test, "Test") {
			return nil, fmt.Errorf("%s: %+v wants an id, a promise, a package and a test", file, p)
		}
	}
	return all, nil
}

// proveAll runs the chosen proofs one after the other: they measure nothing, but their daemons want the machine.
func proveAll(ctx context.Context, n int, chosen func(string) bool) (rows []row, err error) {
	all, err := readProofs(proofsFile)
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		if !chosen(p.ID) && !chosen(p.Test) || ctx.Err() != nil {
			continue
		}
		args := []string{"test", "-json", "-count=1", "-timeout=0", "-run", "^" + p.Test + "$"}
		if p.Race {
			args = append(args, "-race")
		}
		env := []string{}
		for _, name := range slices.Sorted(maps.Keys(p.Scale)) {
			env = append(env, name+"="+strconv.Itoa(p.Scale[name]*n))
		}
		fmt.Printf("%s %s %s %s\n", p.ID, strings.Join(env, " "), p.Package, p.Test)
		begun := time.Now()
		out := goTest(ctx, "", env, append(args, p.Package)...)
		r := row{id: p.ID + " " + p.Test, held: out.passed, cells: []string{
			p.ID, p.Promise, "`" + p.Test + "` in `" + strings.TrimPrefix(p.Package, "./") + "`", strings.Join(out.figures, "; "),
			verdict(out), time.Now().Format(time.DateOnly) + ", " + took(time.Since(begun))},
		}
		if len(env) > 0 {
			r.cells[5] += " with " + strings.Join(env, " ")
		}
		if !out.passed {
			fmt.Println(out.tail)
		}
		fmt.Printf("  %s: %s\n", verdict(out), strings.Join(out.figures, "; "))
		rows = append(rows, r)
	}
	return rows, ctx.Err()
}

func verdict(o outcome) string {
	switch {
	case o.skipped:
		return "**skipped here**: " + o.why
	case o.passed:
		return "held"
	}
	return "**broken**"
}

func took(d time.Duration) string {
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// outcome is what one run of go test came to.
type outcome struct {
	passed, skipped bool
	built           bool     // the test was built and run, whatever it said
	why             string   // of a skipped one
	figures         []string // what the test told
	tail            string   // the end of what it printed
}

var (
	figure  = regexp.MustCompile(`proof: (.*)$`)
	skipped = regexp.MustCompile(`^\s+\S+\.go:\d+: (.*)$`)
)

// goTest runs the go command, which must be asked for JSON, in a folder. Nothing is read that a passing test did not say
// itself: a test that did not run at all has neither passed nor failed.
func goTest(ctx context.Context, dir string, env []string, args ...string) (o outcome) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 30 * time.Second
	raw, err := cmd.CombinedOutput()
	var said []string
	ran := false
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var e struct{ Action, Test, Output string }
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			said = append(said, lines.Text()+"\n")
			continue
		}
		said = append(said, e.Output)
		if e.Test != "" {
			ran = true
		}
		line := strings.TrimRight(e.Output, "\n")
		if m := figure.FindStringSubmatch(line); m != nil {
			o.figures = append(o.figures, m[1])
		} else if m := skipped.FindStringSubmatch(line); m != nil {
			o.why = m[1]
		}
		if e.Action == "skip" && e.Test != "" && !strings.Contains(e.Test, "/") {
			o.skipped = true
		}
	}
	o.built = ran
	o.passed = err == nil && ran && !o.skipped
	o.tail = strings.Join(said[max(0, len(said)-40):], "")
	return o
}
