package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"
)

// Where the doors are listed and written.
const (
	doorsFile = "docs/doors.yaml"
	doorsDoc  = "docs/doors.md"
)

// door is one requirement of security or privacy. One of Tests, NA and Open says how it is met.
type door struct {
	ID    string   `yaml:"id"`
	What  string   `yaml:"what"`
	Tests []string `yaml:"tests"` // "package TestName"
	NA    string   `yaml:"na"`    // why it does not apply
	Open  string   `yaml:"open"`  // what is missing
}

func readDoors(file string) ([]door, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var all []door
	if err := yaml.NewDecoder(bytes.NewReader(b), yaml.Strict()).Decode(&all); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for _, d := range all {
		said := 0
		for _, is := range []bool{len(d.Tests) > 0, d.NA != "", d.Open != ""} {
			if is {
				said++
			}
		}
		if d.ID == "" || d.What == "" || said != 1 {
			return nil, fmt.Errorf("%s: %q wants an id, what it asks, and one of tests, na and open", file, d.ID)
		}
	}
	return all, nil
}

// missing answers which of the tests of a door are nowhere.
func (d door) missing() (out []string, err error) {
	for _, one := range d.Tests {
		pkg, name, _ := strings.Cut(one, " ")
		files, err := filepath.Glob(filepath.Join(pkg, "*_test.go"))
		if err != nil {
			return nil, err
		}
		found := false
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				return nil, err
			}
			found = found || bytes.Contains(b, []byte("func "+name+"(t *testing.T)"))
		}
		if !found {
			out = append(out, one)
		}
	}
	return out, nil
}

// layDoors is the document.
func layDoors(all []door) string {
	var b strings.Builder
	held, na, open := 0, 0, 0
	for _, d := range all {
		switch {
		case len(d.Tests) > 0:
			held++
		case d.NA != "":
			na++
		default:
			open++
		}
	}
	fmt.Fprintf(&b, `# Doors and privacy: each requirement, and the test that holds it

Written by `+"`make doors`"+` from doors.yaml; a test holds that every test named here exists. The numbers are those of OWASP ASVS 5.0,
level 2, in our own words; articles are those of China's Personal Information Protection Law, whose reading is a lawyer's work.

**%d of %d are held by a test, %d do not apply, %d are open.**

| | requirement | held by |
|---|---|---|
`, held, len(all), na, open)
	for _, d := range all {
		by := "does not apply: " + d.NA
		if d.Open != "" {
			by = "**open**: " + d.Open
		}
		if len(d.Tests) > 0 {
			var names []string
			for _, one := range d.Tests {
				pkg, name, _ := strings.Cut(one, " ")
				names = append(names, "`"+name+"` in `"+pkg+"`")
			}
			by = strings.Join(names, ", ")
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", d.ID, d.What, by)
	}
	return b.String()
}

// writeDoors writes the document anew.
func writeDoors() error {
	all, err := readDoors(doorsFile)
	if err != nil {
		return err
	}
	fmt.Println(strings.Trim(strings.Split(layDoors(all), "\n")[5], "*"))
	return os.WriteFile(doorsDoc, []byte(layDoors(all)), 0o644)
}
