package main

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestUnitIsHardened holds the package's unit to an exposure of 2.0 at most, as systemd itself counts it.
func TestUnitIsHardened(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd-analyze is not here")
	}
	out, err := exec.Command("systemd-analyze", "security", "--offline=true", filepath.Join("..", "..", "packaging", "chunfeng.service")).CombinedOutput()
	m := regexp.MustCompile(`exposure level for chunfeng.service: ([0-9.]+)`).FindSubmatch(out)
	if m == nil {
		t.Fatalf("%v: %s", err, out)
	}
	if n, err := strconv.ParseFloat(string(m[1]), 64); err != nil || n > 2 {
		t.Errorf("the unit's exposure is %s, at most 2.0", m[1])
	}
	t.Logf("proof: the unit's exposure is %s by systemd-analyze security (at most 2.0)", m[1])
}

// TestManual: one page that names every command, in each language, and nothing in it that roff would take for its own.
func TestManual(t *testing.T) {
	for _, lang := range []string{"en", "ko", "zh"} {
		c := newCLI([]string{"--lang", lang})
		var page strings.Builder
		if err := manual(&page, c.root()); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{`chunfeng backup now`, `chunfeng compact`, `chunfeng wave queue BATCH`, `\-\-data`} {
			if !strings.Contains(page.String(), name) {
				t.Errorf("%s: %s is missing", lang, name)
			}
		}
		for line := range strings.Lines(page.String()) {
			if strings.HasPrefix(line, ".") && !regexp.MustCompile(`^\.(TH|SH|TP|B|br|nf|fi)\b`).MatchString(line) {
				t.Errorf("%s: roff would take %q for a request", lang, line)
			}
		}
	}
}
