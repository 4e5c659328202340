package api

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// deeds are the functions that write into the audit trail, with the place of the deed's name among their arguments.
var deeds = map[string]int{"audit": 1, "Note": 1, "note": 1, "changeWave": 2, "ChangeUser": 2, "changeUser": 2, "ChangeAccount": 2}

// endings are what may stand behind the beginning of a name that the sources put together.
var endings = map[string][]string{
	"schedule.": {"approved", "cancelled", "ended"},
	"wave.":     {string(store.WaveRunning), string(store.WavePaused), string(store.WaveHolding)},
	"vacancy.":  {string(store.VacancyOpen), string(store.VacancyFilled), string(store.VacancyExpired), string(store.VacancyWithdrawn)},
	"group.":    {string(store.GroupActive), string(store.GroupPaused), string(store.GroupOptedOut)},
	"binding.":  {string(store.Bound), string(store.Gone)},
	"user.":     {"label", "role", "county", "disabled", "password"},
}

// ledger tells whether a function is the ledger's, by the name of what it is called on.
func ledger(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name == "t" || x.Name == "s"
	case *ast.SelectorExpr:
		return strings.EqualFold(x.Sel.Name, "store") || x.Sel.Name == "trail"
	}
	return false
}

// TestEveryDeedHasWords looks for whatever the program writes into the audit trail in its sources: a deed without words
// would be shown by its name. Words for what nobody does are a fault as well.
func TestEveryDeedHasWords(t *testing.T) {
	known := words.Names("event.")
	seen := map[string]bool{"and": true, store.DamagedEvent: true}
	check := func(at token.Position, what string) {
		seen[what] = true
		if !slices.Contains(known, what) {
			t.Errorf("%s writes %q, which has no words in templates/words/files/event.yaml", at, what)
		}
	}
	files := token.NewFileSet()
	calls := 0
	for _, root := range []string{"store", "broadcast", "bot", "cmd"} {
		err := filepath.WalkDir(filepath.Join("..", "..", "..", root), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			f, err := parser.ParseFile(files, path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(f, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				i, writes := 0, false
				switch f := call.Fun.(type) {
				case *ast.SelectorExpr:
					i, writes = deeds[f.Sel.Name]
					writes = writes && ledger(f.X)
				case *ast.Ident: // the API's own way to three of them
					i, writes = 1, f.Name == "change" && strings.HasSuffix(path, "api/account.go")
				}
				if !writes || len(call.Args) < 4 {
					return true
				}
				at := files.Position(call.Pos())
				calls++
				switch what := call.Args[i].(type) {
				case *ast.BasicLit:
					if name, err := strconv.Unquote(what.Value); err == nil && name != "" {
						check(at, name)
					}
				case *ast.BinaryExpr:
					begin, ok := what.X.(*ast.BasicLit)
					if !ok {
						t.Errorf("%s: a deed's name begins with what it is about", at)
						return true
					}
					name, _ := strconv.Unquote(begin.Value)
					if len(endings[name]) == 0 {
						t.Errorf("%s writes %s and something: put what it may be into endings", at, name)
					}
					for _, end := range endings[name] {
						check(at, name+end)
					}
				case *ast.Ident:
					if what.Name != "what" { // the parameter of a function that is among deeds itself
						t.Errorf("%s: the name of the deed cannot be followed through %s", at, what.Name)
					}
				default:
					t.Errorf("%s: the name of the deed cannot be followed", at)
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range known {
		if !seen[name] {
			t.Errorf("nothing writes %q any more: take its words out", name)
		}
	}
	if calls < 40 {
		t.Errorf("only %d calls were found", calls)
	}
	for what, want := range map[string]string{
		"wave.approve": "approved a wave", "user.role_county": "changed a person's role, changed a person's county", "moon.full": "moon.full", "user.shoes": "user.shoes",
	} {
		if got := eventText(words.English, what); got != want {
			t.Errorf("%s is said %q, want %q", what, got, want)
		}
	}
}
