package api

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"chunfeng/bot/phone"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// tree is an object of the description, its keys in order.
type tree = yaml.MapSlice

func item(key string, value any) yaml.MapItem { return yaml.MapItem{Key: key, Value: value} }

// schemas turns Go types into schemas as encoding/json writes their values. What is not said by the type itself (a
// MarshalJSON of its own) is told in written.
type schemas struct {
	t       testing.TB
	source  *source
	written map[reflect.Type]tree
	names   map[string]reflect.Type
	all     tree // components, in the order in which they were met
}

func newSchemas(t testing.TB) *schemas {
	var tally tree
	var states, outcomes line
	for _, s := range store.States() {
		states = append(states, s.String())
		tally = append(tally, item(s.String(), tree{item("type", "integer")}))
	}
	for o := store.InFlight; !strings.HasPrefix(o.String(), "outcome("); o++ {
		outcomes = append(outcomes, o.String())
	}
	return &schemas{t: t, source: newSource(t), names: map[string]reflect.Type{}, written: map[reflect.Type]tree{
		reflect.TypeFor[time.Time]():       {item("type", "string"), item("format", "date-time")},
		reflect.TypeFor[phone.Number]():    {item("type", "string"), item("description", "A telephone number, masked.")},
		reflect.TypeFor[store.Tally]():     {item("type", "object"), item("properties", tally), item("required", states)},
		reflect.TypeFor[store.State]():     {item("type", "string"), item("enum", states)},
		reflect.TypeFor[store.Outcome]():   {item("type", "string"), item("enum", outcomes)},
		reflect.TypeFor[json.RawMessage](): {},
		// Senders have reasons of their own: those that are listed are the ledger's.
		reflect.TypeFor[store.Reason](): {item("type", "string"), item("examples", line(newSource(t).values(reflect.TypeFor[store.Reason]())))},
	}}
}

// line is a list of words that is written on one line.
type line []string

// MarshalYAML implements yaml.BytesMarshaler.
func (l line) MarshalYAML() ([]byte, error) { return json.Marshal([]string(l)) }

// name is what a type is called in the description: the API's own types and the ledger's as in Go, where the API's come
// first; others with their package before.
func (s *schemas) name(t reflect.Type) string {
	own := reflect.TypeFor[API]().PkgPath()
	s.source.need(own)
	name := t.Name()
	switch pkg := t.PkgPath(); {
	case t == reflect.TypeFor[words.Kind]():
		name = "ProblemKind"
	case pkg == own:
	case pkg == reflect.TypeFor[store.Tally]().PkgPath() && !s.source.types[own+"."+name]:
	default:
		last := pkg[strings.LastIndex(pkg, "/")+1:]
		name = strings.ToUpper(last[:1]) + last[1:] + name
	}
	if of, taken := s.names[name]; taken && of != t {
		s.t.Fatalf("both %v and %v are called %s in the description", of, t, name)
	}
	return name
}

// of answers a type's schema; a named type's is a reference to where it stands once.
func (s *schemas) of(t reflect.Type) tree {
	s.t.Helper()
	if t.PkgPath() != "" && t != reflect.TypeFor[time.Time]() && t != reflect.TypeFor[json.RawMessage]() && s.worthName(t) {
		name := s.name(t)
		if _, known := s.names[name]; !known {
			s.names[name] = t
			at := len(s.all)
			s.all = append(s.all, yaml.MapItem{}) // a type may hold itself
			body := s.inline(t)
			if about := s.source.typeSays(t); about != "" && !has(body, "description") {
				body = append(tree{item("description", about)}, body...)
			}
			s.all[at] = item(name, body)
		}
		return tree{item("$ref", "#/components/schemas/"+name)}
	}
	return s.inline(t)
}

func has(t tree, key string) bool {
	for _, i := range t {
		if i.Key == key {
			return true
		}
	}
	return false
}

func (s *schemas) worthName(t reflect.Type) bool {
	_, told := s.written[t]
	return told || t.Kind() == reflect.Struct || t.Kind() == reflect.String && len(s.source.values(t)) > 0
}

func (s *schemas) inline(t reflect.Type) tree {
	s.t.Helper()
	if told, ok := s.written[t]; ok {
		return told
	}
	for _, own := range []reflect.Type{reflect.TypeFor[json.Marshaler](), reflect.TypeFor[encoding.TextMarshaler]()} {
		if t.Kind() != reflect.Pointer && (t.Implements(own) || reflect.PointerTo(t).Implements(own)) {
			s.t.Fatalf("%v writes itself; tell how in newSchemas (openapi_schema_test.go)", t)
		}
	}
	switch t.Kind() {
	case reflect.String:
		if values := s.source.values(t); len(values) > 0 {
			return tree{item("type", "string"), item("enum", line(values))}
		}
		return tree{item("type", "string")}
	case reflect.Bool:
		return tree{item("type", "boolean")}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return tree{item("type", "integer")}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return tree{item("type", "integer"), item("minimum", 0)}
	case reflect.Float32, reflect.Float64:
		return tree{item("type", "number")}
	case reflect.Interface:
		return tree{}
	case reflect.Pointer:
		return orNull(s.of(t.Elem()))
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 && t.Kind() == reflect.Slice {
			return tree{item("type", "string"), item("contentEncoding", "base64")}
		}
		return tree{item("type", "array"), item("items", s.of(t.Elem()))}
	case reflect.Map:
		out := tree{item("type", "object"), item("additionalProperties", s.of(t.Elem()))}
		if key := s.of(t.Key()); has(key, "$ref") {
			out = append(out, item("propertyNames", key))
		}
		return out
	case reflect.Struct:
		return s.object(t)
	}
	s.t.Fatalf("nothing is known of how %v is written as JSON", t)
	return nil
}

// orNull lets a schema be null, too.
func orNull(of tree) tree {
	null := tree{item("type", "null")}
	if len(of) > 0 && of[0].Key == "type" && !has(of, "enum") {
		return append(tree{item("type", line{of[0].Value.(string), "null"})}, of[1:]...)
	}
	return tree{item("anyOf", []any{of, null})}
}

// property is a field as encoding/json writes it.
type property struct {
	name    string
	depth   int
	always  bool // it is written whatever it holds
	of      reflect.Type
	enum    []string
	comment string
}

// object flattens what is embedded, as encoding/json does: of two of a name the one less deep wins.
func (s *schemas) object(t reflect.Type) tree {
	s.t.Helper()
	all := s.properties(t, 0)
	depth := map[string]int{}
	for _, p := range all {
		if d, ok := depth[p.name]; !ok || p.depth < d {
			depth[p.name] = p.depth
		}
	}
	var props tree
	var required line
	for _, p := range all {
		if p.depth > depth[p.name] {
			continue
		}
		if has(props, p.name) {
			s.t.Fatalf("%v has two fields %q", t, p.name)
		}
		schema := slices.Clone(s.of(p.of))
		if p.comment != "" {
			schema = append(schema, item("description", p.comment))
		}
		if len(p.enum) > 0 {
			schema = append(schema, item("enum", line(p.enum)))
		}
		props = append(props, item(p.name, schema))
		if p.always {
			required = append(required, p.name)
		}
	}
	out := tree{item("type", "object"), item("properties", props)}
	if len(required) > 0 {
		out = append(out, item("required", required))
	}
	return out
}

func (s *schemas) properties(t reflect.Type, depth int) (out []property) {
	s.t.Helper()
	for i := range t.NumField() {
		f := t.Field(i)
		tag, told := f.Tag.Lookup("json")
		name, options, _ := strings.Cut(tag, ",")
		if tag == "-" || !f.IsExported() && !f.Anonymous {
			continue
		}
		if f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct {
			out = append(out, s.properties(f.Type, depth+1)...)
			continue
		}
		if !told || name == "" {
			s.t.Fatalf("%v.%s has no name in JSON: write json:\"…\" behind it", t, f.Name)
		}
		of, omitted := f.Type, strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")
		if of.Kind() == reflect.Pointer && omitted {
			of = of.Elem() // nil is left out instead of being null
		}
		p := property{name: name, depth: depth, always: !omitted, of: of, comment: s.source.fieldSays(t, f.Name)}
		if e := f.Tag.Get("enum"); e != "" {
			p.enum = strings.Split(e, ",")
		}
		out = append(out, p)
	}
	return out
}
