package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestVerdict(t *testing.T) {
	tests := []struct {
		why  string
		r    result
		met  bool
		told string
	}{
		{"a floor for the ratio, by the median", result{ours: []float64{1, 9, 3}, against: []float64{10, 10, 10}, target: 0.3}, true, "0.300 × (0.100–0.900)"},
		{"a floor that is missed", result{ours: []float64{1, 9, 2}, against: []float64{10, 10, 10}, target: 0.3}, false, "0.200 × (0.100–0.900)"},
		{"a ceiling", result{ours: []float64{2}, against: []float64{10}, target: 0.15, atMost: true}, false, "0.200 ×"},
		{"times are compared the other way round", result{ours: []float64{2}, against: []float64{10}, target: 5, inverse: true}, true, "5.00 ×"},
		{"an absolute target looks at ours alone", result{ours: []float64{1.5}, against: []float64{10}, unit: "s", target: 2, atMost: true, absolute: true}, true, "1.50 s"},
		{"an even number of rounds has its median between two", result{ours: []float64{1, 2, 3, 40}, unit: "s", target: 2.5, absolute: true}, true, "2.50 s (1.00–40.0)"},
	}
	for _, tt := range tests {
		if got := tt.r.met(); got != tt.met {
			t.Errorf("%s: met %v", tt.why, got)
		}
		if got := tt.r.judgedText(); got != tt.told {
			t.Errorf("%s: told %q, want %q", tt.why, got, tt.told)
		}
	}
}

func TestFigure(t *testing.T) {
	for x, want := range map[float64]string{1234567: "1,234,567", 1000: "1,000", 999.4: "999", 12.34: "12.3", 1.234: "1.23", 0.1234: "0.123", 0: "0.00"} {
		if got := figure(x); got != want {
			t.Errorf("%v: %s, want %s", x, got, want)
		}
	}
}

func TestRenewLeavesPeoplesWordsAlone(t *testing.T) {
	b, err := newBench(t.TempDir(), 1, true)
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	path := filepath.Join(t.TempDir(), "benchmarks.md")
	before := "# Words\n\n" + beginMark + "\nold\n" + endMark + "\n\nMore words.\n"
	if err := os.WriteFile(path, []byte(before), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := renew(path, b, []*result{{bench: "B9", what: "new", ours: []float64{1}, unit: "s", untold: true}}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"# Words\n\n" + beginMark, endMark + "\n\nMore words.\n", "| B9 | new | 1.00 s |", "figures mean nothing"} {
		if !strings.Contains(string(got), part) {
			t.Errorf("%q is missing in\n%s", part, got)
		}
	}
	if strings.Contains(string(got), "\nold\n") {
		t.Error("the old part is still there")
	}
	for _, private := range []string{b.dir, os.TempDir()} {
		if strings.Contains(string(got), private) {
			t.Errorf("a path of this machine is in it: %s", private)
		}
	}
	if err := os.WriteFile(path, []byte("no marks"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := renew(path, b, nil); err == nil {
		t.Error("a file without marks was overwritten")
	}
}

func TestSharesCoverEverything(t *testing.T) {
	for _, n := range []int{1, 7, 100, 2971} {
		for _, accounts := range []int{1, 10, 12, 100} {
			for i := range n {
				a := i * accounts / n
				if i < firstOf(a, accounts, n) || i >= firstOf(a+1, accounts, n) {
					t.Fatalf("%d of %d belongs to account %d, whose share is %d to %d", i, n, a, firstOf(a, accounts, n), firstOf(a+1, accounts, n))
				}
			}
		}
	}
}
