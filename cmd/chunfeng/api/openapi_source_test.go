package api

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// source is what reflection cannot tell: comments, and which constants a type has.
type source struct {
	t      testing.TB
	read   map[string]bool     // packages by their import path
	about  map[string]string   // by "import/path.Type" and "import/path.Type.Field"
	consts map[string][]string // values of a type's string constants, in the order of writing
	types  map[string]bool
}

func newSource(t testing.TB) *source {
	return &source{t, map[string]bool{}, map[string]string{}, map[string][]string{}, map[string]bool{}}
}

// need reads the package in which a type is declared, once.
func (s *source) need(pkg string) {
	s.t.Helper()
	rest, ours := strings.CutPrefix(pkg, "chunfeng/")
	if !ours || s.read[pkg] {
		return
	}
	s.read[pkg] = true
	files, err := filepath.Glob(filepath.Join("..", "..", "..", rest, "*.go"))
	if err != nil || len(files) == 0 {
		s.t.Fatalf("no source of %s: %v", pkg, err)
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), f, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, d := range file.Decls {
			if g, ok := d.(*ast.GenDecl); ok {
				s.decl(pkg, g)
			}
		}
	}
}

func (s *source) decl(pkg string, g *ast.GenDecl) {
	for _, spec := range g.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			name := pkg + "." + spec.Name.Name
			s.types[name] = true
			s.about[name] = said(g.Doc, spec.Doc, spec.Comment)
			if of, ok := spec.Type.(*ast.StructType); ok {
				for _, f := range of.Fields.List {
					for _, n := range f.Names {
						s.about[name+"."+n.Name] = said(f.Doc, f.Comment)
					}
				}
			}
		case *ast.ValueSpec:
			of, ok := spec.Type.(*ast.Ident)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, v := range spec.Values {
				if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					if text, err := strconv.Unquote(lit.Value); err == nil {
						s.consts[pkg+"."+of.Name] = append(s.consts[pkg+"."+of.Name], text)
					}
				}
			}
		}
	}
}

// said is the first comment that says anything, on one line.
func said(groups ...*ast.CommentGroup) string {
	for _, c := range groups {
		if text := strings.Join(strings.Fields(c.Text()), " "); text != "" {
			return text
		}
	}
	return ""
}

// typeSays is the comment of a type.
func (s *source) typeSays(t reflect.Type) string {
	s.need(t.PkgPath())
	return s.about[t.PkgPath()+"."+t.Name()]
}

// fieldSays is the comment of a struct's field.
func (s *source) fieldSays(of reflect.Type, field string) string {
	s.need(of.PkgPath())
	return s.about[of.PkgPath()+"."+of.Name()+"."+field]
}

// values are the constants of a string type.
func (s *source) values(t reflect.Type) []string {
	s.need(t.PkgPath())
	return s.consts[t.PkgPath()+"."+t.Name()]
}

// called answers the name of the function that is called, and what it is called on: a variable, or the function before.
func called(c *ast.CallExpr) (name, of string) {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name, ""
	case *ast.SelectorExpr:
		switch x := f.X.(type) {
		case *ast.Ident:
			return f.Sel.Name, x.Name
		case *ast.CallExpr:
			of, _ = called(x)
		}
		return f.Sel.Name, of
	}
	return "", ""
}

// TestQueryNames holds the names that handlers read from the query against those that are described. It looks at the
// package as a whole: which of them a route takes is held by the refusal of every other.
func TestQueryNames(t *testing.T) {
	read, literals, told := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, r := range New(Options{}).Routes() {
		for _, p := range r.Params {
			told[p.Name] = true
		}
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	text := func(e ast.Expr) string {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			s, _ := strconv.Unquote(lit.Value)
			return s
		}
		return ""
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), f, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				name, of := called(n)
				switch {
				case (name == "asks" || name == "needs") && len(n.Args) > 0:
					n.Args = nil // what a description says is not read
				case name == "Get" && (of == "q" || of == "Query") && len(n.Args) == 1:
					read[text(n.Args[0])] = true
				case (name == "numberOf" || name == "only") && len(n.Args) > 1:
					read[text(n.Args[1])] = true
				}
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Name" {
					return false // a Param's, likewise
				}
			case *ast.BasicLit:
				literals[text(n)] = true
			}
			return true
		})
	}
	for name := range read {
		if !told[name] && name != "" {
			t.Errorf("a handler reads %q from the query, and no route is described to take it: write .asks(%q, …) behind the registration", name, name)
		}
	}
	for name := range told {
		if !literals[name] {
			t.Errorf("%q is described as a parameter, and no handler reads it", name)
		}
	}
}
