package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestProofsExist holds the list against the tests: a proof whose test was renamed would run nothing.
func TestProofsExist(t *testing.T) {
	t.Chdir("../..")
	all, err := readProofs(proofsFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		source := sources(t, p.Package)
		if !strings.Contains(source, "func "+p.Test+"(t *testing.T)") {
			t.Errorf("%s: there is no %s in %s", p.ID, p.Test, p.Package)
		}
		if !strings.Contains(source, "\"proof: ") {
			t.Errorf("%s: no test of %s tells what it counted", p.ID, p.Package)
		}
		for name := range p.Scale {
			if !strings.Contains(source, `"`+name+`"`) {
				t.Errorf("%s: nothing in %s reads %s", p.ID, p.Package, name)
			}
		}
	}
}

// TestMutantsApply keeps the patches from growing stale while nobody runs them, and their tests from being renamed away.
func TestMutantsApply(t *testing.T) {
	t.Chdir("../..")
	all, err := readMutants()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not here")
	}
	for _, m := range all {
		if out, err := exec.Command("git", "apply", "-p1", "--check", m.file).CombinedOutput(); err != nil {
			t.Errorf("%s does not apply any more: %s", m.file, out)
		}
		args := testArgs(m)
		names := regexp.MustCompile(`\^?((?:Test|Fuzz)\w+)`).FindAllStringSubmatch(m.test, -1)
		var source string
		for _, a := range args {
			if strings.HasPrefix(a, "./") {
				source += sources(t, a)
			}
		}
		if len(names) == 0 {
			t.Errorf("%s names no test", m.file)
		}
		for _, n := range names {
			if !strings.Contains(source, "func "+n[1]+"(") {
				t.Errorf("%s: there is no %s", m.file, n[1])
			}
		}
	}
}

// sources are the test files of a package, one behind the other.
func sources(t *testing.T, pkg string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(pkg, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	return all.String()
}

// TestDocument: rows that were not run stay, R10 comes behind R9, and a figure with a bar does not break the table.
func TestDocument(t *testing.T) {
	file := filepath.Join(t.TempDir(), "doc.md")
	if err := os.WriteFile(file, []byte("a\n<!-- mutants -->\nold\n<!-- end of mutants -->\nb\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, rows := range [][]row{
		{{id: "R10-x", cells: []string{"R10", "x"}}, {id: "R09-y", cells: []string{"R9", "y|z"}}},
		{{id: "R10-x", cells: []string{"R10", "again"}}},
	} {
		if err := document(file, "mutants", rows, false); err != nil {
			t.Fatal(err)
		}
	}
	got, _ := os.ReadFile(file)
	want := "a\n<!-- mutants -->\n|  | what the mutant does | its test | the test | run |\n|---|---|---|---|---|\n" +
		"| <!-- R09-y -->R9 | y\\|z |\n| <!-- R10-x -->R10 | again |\n<!-- end of mutants -->\nb\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
	if err := document(file, "proofs", nil, true); err == nil {
		t.Error("a document without the marks was written")
	}
}

// TestRuns tells a test that fails from one that does not build, is skipped, or is not there: only the first kills a mutant.
func TestRuns(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module x\n\ngo 1.26\n")
	for _, c := range []struct {
		name, text string
		want       outcome
	}{
		{"passes", `t.Log("proof: 3 things")`, outcome{passed: true, built: true, figures: []string{"3 things"}}},
		{"fails", `t.Fatal("no")`, outcome{built: true}},
		{"panics", `panic("no")`, outcome{built: true}},
		{"is skipped", `t.Skip("no room")`, outcome{skipped: true, built: true}},
		{"does not build", `t.Nothing()`, outcome{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			write("x_test.go", "package x\n\nimport \"testing\"\n\nfunc TestX(t *testing.T) { "+c.text+" }\n")
			got := goTest(t.Context(), dir, nil, "test", "-json", "-count=1", "-run", "^TestX$", ".")
			got.tail, got.why = "", ""
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(outcome{})); diff != "" {
				t.Error(diff)
			}
		})
	}
	if got := goTest(t.Context(), dir, nil, "test", "-json", "-run", "^TestNotThere$", "."); got.passed {
		t.Error("a test that is not there passed")
	}
}

// TestDoors holds the table of security and privacy: each test that it names exists, and the document is what the table says.
func TestDoors(t *testing.T) {
	t.Chdir("../..")
	all, err := readDoors(doorsFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		missing, err := d.missing()
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range missing {
			t.Errorf("%s: there is no %s", d.ID, one)
		}
	}
	got, err := os.ReadFile(doorsDoc)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(layDoors(all), string(got)); diff != "" {
		t.Errorf("make doors writes it anew:\n%s", diff)
	}
	t.Log(strings.Split(layDoors(all), "\n")[5])
}
