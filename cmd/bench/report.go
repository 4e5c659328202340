package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/sys/unix"
)

// The marks between which renew writes. What stands outside of them is written by people and stays.
const (
	beginMark = "<!-- begin: written by make bench -->"
	endMark   = "<!-- end: written by make bench -->"
)

func printTable(w io.Writer, results []*result) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "\tmeasured\tours\tagainst\tratio\ttarget\t\tsyncs/s")
	for _, r := range results {
		ratio := "–"
		if len(r.against) > 0 {
			ratio = told(ratios(r), "×")
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.bench, r.what, r.oursText(), r.againstText(), ratio, r.targetText(), strings.Trim(r.verdict(), "*"), figure(r.syncs))
	}
	tw.Flush()
}

func ratios(r *result) []float64 {
	c := *r
	c.absolute = false
	return c.values()
}

// renew replaces the generated part of a file, which it makes when there is none.
func renew(path string, b *bench, results []*result) error {
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(old) == 0 {
		old = []byte("# Benchmarks\n\n" + beginMark + "\n" + endMark + "\n")
	}
	head, rest, ok := bytes.Cut(old, []byte(beginMark))
	_, tail, ok2 := bytes.Cut(rest, []byte(endMark))
	if !ok || !ok2 {
		return fmt.Errorf("%s has no part between %q and %q", path, beginMark, endMark)
	}
	var out bytes.Buffer
	out.Write(head)
	out.WriteString(beginMark + "\n\n")
	if err := writeTable(&out, b, results); err != nil {
		return err
	}
	out.WriteString("\n" + endMark)
	out.Write(tail)
	return os.WriteFile(path, out.Bytes(), 0o644)
}

func writeTable(w io.Writer, b *bench, results []*result) error {
	m, err := machine(b.dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "Measured on %s: %s.\n%d rounds in turns; median (smallest–largest). ", time.Now().UTC().Format("2006-01-02 15:04 UTC"), m, b.rounds)
	fmt.Fprintf(w, "%d rounds were void because what arrived was not what was recorded.\n\n", b.void)
	if b.quick {
		fmt.Fprint(w, "**Small sizes (-quick): these figures mean nothing.**\n\n")
	}
	fmt.Fprintln(w, "| | what | ours | against | its figure | ratio | target | met | syncs/s then | explanation |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|---|")
	for _, r := range results {
		ratio, baseline := "–", "–"
		if len(r.against) > 0 {
			ratio, baseline = told(ratios(r), "×"), r.baseline
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", r.bench, r.what, r.oursText(), baseline, r.againstText(), ratio, r.targetText(), r.verdict(), figure(r.syncs), r.note)
	}
	return nil
}

// machine says what it was measured on, without naming it.
func machine(dir string) (string, error) {
	rate, err := syncRate(dir)
	if err != nil {
		return "", err
	}
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return "", err
	}
	kernel, _, _ := strings.Cut(unix.ByteSliceToString(u.Release[:]), "-")
	return fmt.Sprintf("%d cores (%s), %s, %s, Linux %s; the disk synced 4 KiB %s times a second", runtime.NumCPU(), processor(), memory(), runtime.Version(), kernel, figure(rate)), nil
}

func processor() string { return procField("/proc/cpuinfo", "model name") }

func memory() string {
	kb := 0
	fmt.Sscan(procField("/proc/meminfo", "MemTotal"), &kb)
	return fmt.Sprintf("%d GiB", (kb+1<<19)>>20)
}

// procField reads one line "name : value" of a file of the kernel's.
func procField(path, name string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(text)) {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == name {
			return strings.TrimSpace(v)
		}
	}
	return "unknown"
}
