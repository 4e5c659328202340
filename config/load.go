package config

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// loader gathers faults instead of stopping at the first.
type loader struct {
	c        *Config
	index    map[string]key
	faults   []Fault
	warnings []Fault
}

func (l *loader) fault(f Fault) { l.faults = append(l.faults, f) }

// file takes a whole file. The tree is walked by hand because a decoder stops at its first fault.
func (l *loader) file(path string, b []byte) {
	at := Origin{Kind: FromFile, Name: path}
	tree, err := parser.ParseBytes(b, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		f := Fault{Origin: at, Problem: "no_yaml", Args: []any{firstLine(err)}}
		var e yaml.Error
		if errors.As(err, &e) {
			f.Args = []any{e.GetMessage()}
			if t := e.GetToken(); t != nil && t.Position != nil {
				f.Line, f.Column = t.Position.Line, t.Position.Column
			}
		}
		l.fault(f)
		return
	}
	for i, doc := range tree.Docs {
		if doc.Body == nil {
			continue
		}
		if i > 0 {
			l.faultAt(at, doc.Body, "", "second_document")
			return
		}
		if _, empty := doc.Body.(*ast.NullNode); empty {
			continue
		}
		l.walk(at, "", doc.Body)
	}
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

func (l *loader) faultAt(at Origin, n ast.Node, name, problem string, args ...any) {
	f := Fault{Origin: at, Key: name, Problem: problem, Args: args}
	if t := n.GetToken(); t != nil && t.Position != nil {
		f.Line, f.Column = t.Position.Line, t.Position.Column
	}
	l.fault(f)
}

// walk takes a mapping whose keys stand under prefix.
func (l *loader) walk(at Origin, prefix string, n ast.Node) {
	var entries []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		entries = n.Values
	case *ast.MappingValueNode:
		entries = []*ast.MappingValueNode{n}
	case *ast.NullNode:
		return // a section whose every line is commented out
	default:
		l.faultAt(at, n, strings.TrimSuffix(prefix, "."), "no_mapping")
		return
	}
	seen := map[string]bool{}
	for _, e := range entries {
		token := e.Key.GetToken()
		name := prefix + token.Value
		if seen[name] {
			l.faultAt(at, e.Key, name, "twice")
			continue
		}
		seen[name] = true
		if k, ok := l.index[name]; ok {
			l.value(at, k, e)
			continue
		}
		if !l.section(name) {
			l.faultAt(at, e.Key, name, "unknown_key", l.near(prefix))
			continue
		}
		l.walk(at, name+".", e.Value)
	}
}

// section tells whether keys stand under a name.
func (l *loader) section(name string) bool {
	for k := range l.index {
		if strings.HasPrefix(k, name+".") {
			return true
		}
	}
	return false
}

// near lists what may stand in a section, for who misspelt it.
func (l *loader) near(prefix string) string {
	var known []string
	for k := range l.index {
		if rest, ok := strings.CutPrefix(k, prefix); ok {
			rest, _, _ = strings.Cut(rest, ".")
			known = append(known, rest)
		}
	}
	slices.Sort(known)
	return strings.Join(slices.Compact(known), ", ")
}

func (l *loader) value(at Origin, k key, e *ast.MappingValueNode) {
	written, ok := scalar(e.Value)
	if s, isList := e.Value.(*ast.SequenceNode); isList && k.list {
		var parts []string
		ok = true
		for _, v := range s.Values {
			part, isScalar := scalar(v)
			if strings.Contains(part, ",") {
				// A list is kept with commas between its parts.
				l.faultAt(at, v, k.name, "comma", part)
				return
			}
			ok = ok && isScalar
			parts = append(parts, part)
		}
		written = strings.Join(parts, ", ")
	}
	if !ok {
		l.faultAt(at, e.Value, k.name, "no_scalar")
		return
	}
	if problem, args := k.read(l.c, written); problem != "" {
		l.faultAt(at, e.Value, k.name, problem, args...)
		return
	}
	if t := e.Key.GetToken(); t.Position != nil {
		at.Line = t.Position.Line
	}
	l.c.set[k.name], l.c.origins[k.name] = written, at
}

// scalar answers a plain value as it was written. "~" and nothing at all are the empty value.
func scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.NullNode:
		return "", true
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return strings.TrimSpace(n.Value.Value), true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// console takes what was set in the console, which wins over the file.
func (l *loader) console(kept map[string]string) {
	at := Origin{Kind: FromConsole}
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		k, ok := l.index[name]
		value := strings.TrimSpace(kept[name])
		switch {
		case !ok:
			l.fault(Fault{Origin: at, Key: name, Problem: "unknown_key", Args: []any{strings.Join(Settable(), ", ")}})
			continue
		case !settable(name):
			l.fault(Fault{Origin: at, Key: name, Problem: "not_from_console"})
			continue
		case name == "approval" && value != "second_person":
			l.fault(Fault{Origin: at, Key: name, Problem: "not_loosened", Args: []any{value}})
			continue
		}
		if problem, args := k.read(l.c, value); problem != "" {
			l.fault(Fault{Origin: at, Key: name, Problem: problem, Args: args})
			continue
		}
		l.c.set[name], l.c.origins[name] = value, at
	}
}

// env takes the environment, which wins over everything.
func (l *loader) env(environ []string) {
	names := map[string]string{}
	for name := range l.index {
		names[variable(name)] = name
	}
	sorted := slices.Clone(environ)
	slices.Sort(sorted)
	for _, pair := range sorted {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, "CHUNFENG_") || slices.Contains(Reserved(), name) {
			continue
		}
		at := Origin{Kind: FromEnv, Name: name}
		k, ok := l.index[names[name]]
		if !ok {
			l.fault(Fault{Origin: at, Key: name, Problem: "unknown_variable"})
			continue
		}
		if problem, args := k.read(l.c, strings.TrimSpace(value)); problem != "" {
			l.fault(Fault{Origin: at, Key: k.name, Problem: problem, Args: args})
			continue
		}
		l.c.set[k.name], l.c.origins[k.name] = strings.TrimSpace(value), at
	}
}
