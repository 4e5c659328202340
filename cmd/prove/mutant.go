package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// mutantsFolder holds one patch a mutant, named by the promise that it breaks.
const mutantsFolder = "cmd/prove/mutants"

// mutant is a change to the program that breaks one promise, and the test that must see it. It stands in a file: the lines
// "Promise: R2", "Broken: what it does wrong", "Test: ./store -run '^TestX$'" and, where the test wants it, "Env: A=B C=D";
// then an empty line and the patch.
type mutant struct {
	file                  string
	promise, broken, test string
	env                   []string
}

func readMutant(file string) (m mutant, err error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return m, err
	}
	m.file = file
	head, _, _ := strings.Cut(string(b), "\n\n")
	for line := range strings.Lines(head) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "Promise":
			m.promise = value
		case "Broken":
			m.broken = value
		case "Test":
			m.test = value
		case "Env":
			m.env = strings.Fields(value)
		default:
			return m, fmt.Errorf("%s: the line %q means nothing here", file, strings.TrimSpace(line))
		}
	}
	if m.promise == "" || m.broken == "" || m.test == "" {
		return m, fmt.Errorf("%s begins with the lines Promise, Broken and Test", file)
	}
	return m, nil
}

func readMutants() (all []mutant, err error) {
	files, err := filepath.Glob(mutantsFolder + "/*.patch")
	for _, file := range files {
		m, err := readMutant(file)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, err
}

// killAll applies each chosen mutant to a copy of the tree, runs its test, and takes it back. Each test must be green
// without a mutant first: a test that is red anyway sees nothing.
func killAll(ctx context.Context, chosen func(string) bool) (rows []row, err error) {
	all, err := readMutants()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "chunfeng-mutants-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := copyTree(ctx, dir); err != nil {
		return nil, err
	}
	green := map[string]bool{}
	for _, m := range all {
		if !chosen(m.promise) || ctx.Err() != nil {
			continue
		}
		name := strings.TrimSuffix(filepath.Base(m.file), ".patch")
		key := m.test + strings.Join(m.env, " ")
		if _, known := green[key]; !known {
			out := goTest(ctx, dir, m.env, testArgs(m)...)
			green[key] = out.passed
			if !out.passed {
				fmt.Println(out.tail)
			}
		}
		verdict := "**its test is red without it, or was skipped**"
		begun := time.Now()
		if green[key] {
			if verdict, err = kill(ctx, dir, m); err != nil {
				return rows, err
			}
		}
		fmt.Printf("%s: %s\n", name, verdict)
		rows = append(rows, row{id: name, held: verdict == red, cells: []string{m.promise, m.broken, "`go test " + m.test + "`", verdict,
			time.Now().Format(time.DateOnly) + ", " + took(time.Since(begun))}})
	}
	return rows, ctx.Err()
}

const red = "red"

// kill answers what became of a test under its mutant. The tree is as before when it answers without an error.
func kill(ctx context.Context, dir string, m mutant) (string, error) {
	file, err := filepath.Abs(m.file)
	if err != nil {
		return "", err
	}
	if out, err := apply(ctx, dir, file); err != nil {
		return "**does not apply any more**", fmt.Errorf("%s: %s", m.file, out)
	}
	limited, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	out := goTest(limited, dir, m.env, testArgs(m)...)
	if text, err := apply(ctx, dir, "-R", file); err != nil {
		return "", fmt.Errorf("%s cannot be taken back: %s", m.file, text)
	}
	switch {
	case out.passed:
		fmt.Println(out.tail)
		return "**lives**", nil
	case !out.built:
		return "**does not build**", fmt.Errorf("%s: %s", m.file, out.tail)
	}
	return red, nil
}

func testArgs(m mutant) []string {
	args := []string{"test", "-json", "-count=1", "-timeout=9m"}
	for _, word := range strings.Fields(m.test) {
		args = append(args, strings.Trim(word, "'"))
	}
	return args
}

func apply(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"apply", "-p1"}, args...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// copyTree copies what git knows or would add, as it lies in the work tree now.
func copyTree(ctx context.Context, dir string) error {
	out, err := exec.CommandContext(ctx, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		return fmt.Errorf("the tree is copied from a clone: %w", err)
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(out), "\x00"), "\x00") {
		info, err := os.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
			continue // removed and not yet told to git, or a link
		} else if err != nil {
			return err
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(to, b, info.Mode().Perm()); err != nil {
			return err
		}
	}
	return nil
}
