package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// row is one line of a table of the document.
type row struct {
	id    string // what it is told apart by from the other rows
	held  bool
	cells []string
}

var heads = map[string][]string{
	"proofs":  {"", "promise", "held by", "what the run counted", "result", "run"},
	"mutants": {"", "what the mutant does", "its test", "the test", "run"},
}

// document writes rows between the marks <!-- NAME --> and <!-- end of NAME --> of a file. Rows that are there already and
// were not run now stay, unless all were run.
func document(file, name string, rows []row, all bool) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	from, to := "<!-- "+name+" -->\n", "<!-- end of "+name+" -->"
	before, rest, ok := strings.Cut(string(b), from)
	old, after, found := strings.Cut(rest, to)
	if !ok || !found {
		return fmt.Errorf("%s wants the lines %s and %s", file, strings.TrimSpace(from), to)
	}
	lines := map[string]string{}
	if !all {
		for line := range strings.Lines(old) {
			if id, ok := rowID(line); ok {
				lines[id] = line
			}
		}
	}
	for _, r := range rows {
		var b strings.Builder
		for i, cell := range r.cells {
			if b.WriteString("| "); i == 0 {
				fmt.Fprintf(&b, "<!-- %s -->", r.id)
			}
			b.WriteString(strings.ReplaceAll(strings.ReplaceAll(cell, "\n", " "), "|", `\|`) + " ")
		}
		b.WriteString("|\n")
		lines[r.id] = b.String()
	}
	var out strings.Builder
	out.WriteString("| " + strings.Join(heads[name], " | ") + " |\n" + strings.Repeat("|---", len(heads[name])) + "|\n")
	ids := make([]string, 0, len(lines))
	for id := range lines {
		ids = append(ids, id)
	}
	// The ledger's promises first, then those of privacy.
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(cmp.Compare(b[:1], a[:1]), cmp.Compare(number(a), number(b)), cmp.Compare(a, b))
	})
	for _, id := range ids {
		out.WriteString(lines[id])
	}
	return os.WriteFile(file, []byte(before+from+out.String()+to+after), 0o644)
}

func rowID(line string) (string, bool) {
	_, rest, ok := strings.Cut(line, "| <!-- ")
	id, _, found := strings.Cut(rest, " -->")
	return id, ok && found
}

// number is the first number in a row's id, so that R10 comes behind R9.
func number(id string) int {
	digits := strings.TrimLeftFunc(id, func(r rune) bool { return !unicode.IsDigit(r) })
	end := strings.IndexFunc(digits, func(r rune) bool { return !unicode.IsDigit(r) })
	if end >= 0 {
		digits = digits[:end]
	}
	if digits == "" {
		return 1 << 20
	}
	n, _ := strconv.Atoi(digits)
	return n
}
