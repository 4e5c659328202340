package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// module is the path under which our own packages are imported.
const module = "chunfeng"

// rows says on which row each package stands. Imports point to a lower row only, so packages of one row never import
// each other.
func rows() map[string]int {
	return map[string]int{
		"config":                  0,
		"templates/words":         -1, // below the rest of its row: templates and place speak through it
		"templates/place":         -1,
		"bot/phone":               -1,
		"templates":               0,
		"bot/wxsim":               0,
		"examples":                0,
		"store":                   1,
		"templates/poster":        1,
		"store/storetest":         2,
		"store/storetest/disk":    0, // knows bytes only
		"broadcast":               2,
		"broadcast/intake":        2,
		"broadcast/match":         2,
		"broadcast/report":        2,
		"bot/signup":              2,
		"broadcast/fleet":         3,
		"bot":                     3,
		"broadcast/broadcasttest": 3,
		"cmd/chunfeng/api":        3, // asks everything below, and is asked by the console and the commands
		"cmd/chunfeng/metrics":    3,
		"cmd/chunfeng/alert":      3,
		"cmd/chunfeng/backup":     2,
		"cmd/chunfeng/console":    4,
		"cmd/chunfeng/rehearsal":  4,
		"cmd/chunfeng":            5,
		"cmd/bench":               5,
		"cmd/prove":               5,
		"examples/generate":       5,

		"cmd/chunfeng/console/consoletest": 0, // knows pages by their addresses only
	}
}

// mayHold says which other imports of our own a package may have at all, where the rows alone would allow more.
func mayHold() map[string][]string {
	return map[string][]string{
		"config":    {},
		"bot/wxsim": {},
		"bot/phone": {},
		"templates": {"templates/words", "templates/place"},
	}
}

// homes says which packages alone may import an outside library.
func homes() map[string][]string {
	return map[string][]string{
		"go.etcd.io/bbolt":                   {"store", "cmd/bench"},
		"github.com/robfig/cron":             {"broadcast"},
		"github.com/eatmoreapple/openwechat": {"bot", "cmd/bench"},
		"github.com/nats-io":                 {"broadcast/fleet"},
		"github.com/nyaruka/phonenumbers":    {"bot/phone"},
		"github.com/spf13/cobra":             {"cmd/chunfeng"},
		"github.com/prometheus":              {"cmd/chunfeng/metrics"},
		"github.com/chromedp":                {"cmd/chunfeng/console/consoletest"},
		"github.com/hanwen/go-fuse":          {"store/storetest/disk"},
		"github.com/xuri/excelize":           {"broadcast/intake", "broadcast/report", "examples/generate"},
	}
}

// strangers says which package must not know which other, whatever their rows say.
func strangers() [][2]string {
	return [][2]string{
		{"bot", "bot/signup"}, {"bot/signup", "bot"}, {"broadcast", "bot"}, {"broadcast", "bot/signup"}, {"bot", "bot/wxsim"}, {"cmd/chunfeng/api", "bot"}, {"bot/wxsim", "bot"},
	}
}

// TestLayers holds the imports of the whole module to the rules of the architecture, and names the rule that broke.
// Tests of a package may reach further (a simulator, the library itself); what ships may not.
func TestLayers(t *testing.T) {
	root := filepath.Join("..", "..")
	rows, seen := rows(), 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "bin" || name == "docs") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		rel, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		seen++
		pkg := filepath.ToSlash(rel)
		row, known := rows[pkg]
		if !known {
			t.Errorf("%s: the package stands on no row; give it one in layers_test.go", pkg)
			return nil
		}
		for _, broken := range faults(t, path, pkg, row, rows) {
			t.Errorf("%s: %s", path, broken)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 50 {
		t.Fatalf("only %d files were looked at", seen)
	}
}

// faults lists the rules that a file's imports break.
func faults(t *testing.T, path, pkg string, row int, rows map[string]int) (out []string) {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := parser.ParseFile(token.NewFileSet(), path, src, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range f.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		for library, in := range homes() {
			if strings.HasPrefix(name, library) && !slices.Contains(in, pkg) {
				out = append(out, "imports "+name+", whose only home is "+strings.Join(in, ", "))
			}
		}
		ours, ok := strings.CutPrefix(name, module+"/")
		if !ok {
			continue
		}
		other, known := rows[ours]
		only, bounded := mayHold()[pkg]
		switch {
		case !known:
			out = append(out, "imports "+ours+", which stands on no row")
		case other >= row:
			out = append(out, "imports "+ours+": imports point down, never across or up")
		case bounded && !slices.Contains(only, ours):
			out = append(out, "imports "+ours+": this package may import of ours only ["+strings.Join(only, " ")+"]")
		case strings.HasPrefix(ours, pkg+"/") && pkg != "cmd/chunfeng" && pkg != "templates":
			out = append(out, "imports its own sub-folder "+ours)
		}
		for _, pair := range strangers() {
			if pair[0] == pkg && pair[1] == ours {
				out = append(out, "imports "+ours+": the two do not know each other, they meet in the ledger")
			}
		}
	}
	return out
}
