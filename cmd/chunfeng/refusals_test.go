package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"chunfeng/templates/words"
)

// TestRefusalsNameNoCommands walks every refusal that the console can show, and keeps the command line's words out of them:
// a clerk has no shell. The command line adds its own hint, under the key hint. and the refusal's.
func TestRefusalsNameNoCommands(t *testing.T) {
	apart := map[string]string{
		"store.no_folder":    "no console is up without a data folder",
		"console.nobody_yet": "who reads it is the one who installs: there is no other way in",
		"config.ignored":     "the console itself set it; the shell is the way out when the console cannot",

		"store.in_use":          "of the start, before there is a console",
		"store.newer":           "of the start",
		"backup.older_not_kept": "of the start",
		"backup.compact_broken": "compaction is for whoever owns the machine",
	}
	shell := regexp.MustCompile(`--[a-z]|chunfeng [a-z]|“[a-z]+ (list|show|add|resolve|resume|approve)`)
	checked := map[string]bool{}
	for _, dir := range []string{"api", "console", "../../store", "../../broadcast", "../../bot", "../../templates"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || len(call.Args) == 0 {
					return true
				}
				name, ok := call.Fun.(*ast.SelectorExpr)
				if !ok || name.Sel.Name != "Refuse" {
					return true
				}
				text, ok := call.Args[0].(*ast.BasicLit)
				if !ok {
					return true
				}
				key, err := strconv.Unquote(text.Value)
				if err != nil || checked[key] || apart[key] != "" || strings.HasPrefix(key, "key.") {
					return true // keys are changed from a shell alone
				}
				checked[key] = true
				for _, l := range words.Languages() {
					if said := words.Say(l, key); shell.MatchString(said) {
						t.Errorf("%s: %s (%s) speaks of the command line: %s", path, key, l, said)
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(checked) < 150 {
		t.Errorf("only %d refusals were looked at", len(checked))
	}
}
