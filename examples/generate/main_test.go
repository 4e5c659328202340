package main

import (
	"bytes"
	"os"
	"testing"

	"chunfeng/examples"
)

// The shipped files are what the generator writes, byte for byte, so that nobody edits them by hand.
func TestFilesAreGenerated(t *testing.T) {
	all, err := files()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range all {
		got, err := os.ReadFile("../" + name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs from what is generated: run go run ./examples/generate", name)
		}
	}
}

func TestTotals(t *testing.T) {
	first, second := seasons()
	groups := 0
	for _, c := range counties() {
		groups += c.groups
	}
	for _, c := range []struct {
		what      string
		got, want int
	}{
		{"employers of the first season", len(first), examples.Batch1Employers},
		{"vacancies of the first season", count(first), examples.Batch1Vacancies},
		{"employers of the second season", len(second), examples.Batch2Employers},
		{"vacancies of the second season", count(second), examples.Batch2Vacancies},
		{"groups", groups, examples.Groups},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d, want %d", c.what, c.got, c.want)
		}
	}
}
