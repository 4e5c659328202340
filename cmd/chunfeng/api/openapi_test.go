package api

import (
	"cmp"
	"flag"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	gocmp "github.com/google/go-cmp/cmp"

	"chunfeng/store"
)

var update = flag.Bool("update", false, "write openapi.yaml anew; then read what changed")

// again is what to do when the file is not what the routes say.
const again = "run go generate ./cmd/chunfeng/api and read what changed"

// TestOpenAPIFile holds the committed file against what the routes say of themselves.
func TestOpenAPIFile(t *testing.T) {
	want := describe(t, New(Options{}).Routes())
	if *update {
		if err := os.WriteFile("openapi.yaml", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := gocmp.Diff(strings.Split(string(described), "\n"), strings.Split(want, "\n")); diff != "" {
		t.Errorf("openapi.yaml does not say what the routes do; %s (-file +routes):\n%s", again, diff)
	}
}

// TestOpenAPIRoutes holds every route against one operation of the file, and every operation against a route.
func TestOpenAPIRoutes(t *testing.T) {
	operations := map[string]map[string]any{}
	for path, item := range object(openAPI(t)["paths"]) {
		for method, operation := range object(item) {
			operations[strings.ToUpper(method)+" "+path] = object(operation)
		}
	}
	for _, r := range New(Options{}).Routes() {
		o, ok := operations[r.Pattern]
		delete(operations, r.Pattern)
		switch {
		case r.Summary == "" || len(r.Answers)+len(r.Streams) == 0:
			t.Errorf("%s is not described: write .says(\"…\").answers(T{}) (also asks, needs, takes, streams; see openapi.go) behind its registration, then %s", r.Pattern, again)
		case !ok:
			t.Errorf("%s is not in openapi.yaml; %s", r.Pattern, again)
		case o["x-right"] != string(r.Right):
			t.Errorf("%s takes the right %s; openapi.yaml says %v; %s", r.Pattern, r.Right, o["x-right"], again)
		case !strings.HasSuffix(r.Summary, "."):
			t.Errorf("%s: %q is not a sentence", r.Pattern, r.Summary)
		}
	}
	for pattern := range operations {
		t.Errorf("openapi.yaml describes %s, which is no route; %s", pattern, again)
	}
}

// TestOpenAPIReferences follows every reference of the file, and finds every component used.
func TestOpenAPIReferences(t *testing.T) {
	doc := openAPI(t)
	used := map[string]bool{}
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				used[ref] = true
				if resolve(doc, ref) == nil {
					t.Errorf("%s leads to %s, where nothing is", at, ref)
				}
			}
			for k, v := range v {
				walk(at+"/"+k, v)
			}
		case []any:
			for _, v := range v {
				walk(at, v)
			}
		}
	}
	walk("", doc)
	for kind, all := range object(doc["components"]) {
		for name := range object(all) {
			if ref := "#/components/" + kind + "/" + name; !used[ref] && kind != "securitySchemes" {
				t.Errorf("%s is used by nothing", ref)
			}
		}
	}
	ids, braces := map[string]string{}, regexp.MustCompile(`\{(\w+)\}`)
	for path, item := range object(doc["paths"]) {
		for method, o := range object(item) {
			id, _ := object(o)["operationId"].(string)
			if other, taken := ids[id]; taken || id == "" {
				t.Errorf("%s %s has the operationId %q of %s", method, path, id, other)
			}
			ids[id] = method + " " + path
			var in, told []string
			for _, m := range braces.FindAllStringSubmatch(path, -1) {
				in = append(in, m[1])
			}
			list, _ := object(o)["parameters"].([]any)
			for _, p := range list {
				if object(p)["in"] == "path" {
					told = append(told, object(p)["name"].(string))
				}
			}
			if !slices.Equal(in, told) {
				t.Errorf("%s %s describes the parameters %v of its path", method, path, told)
			}
		}
	}
}

// openAPI is the file that is served, parsed.
func openAPI(t testing.TB) map[string]any {
	t.Helper()
	var doc map[string]any
	if err := yaml.Unmarshal(described, &doc); err != nil {
		t.Fatal("openapi.yaml:", err)
	}
	if doc["openapi"] != "3.1.0" {
		t.Fatalf("openapi.yaml is of version %v", doc["openapi"])
	}
	return doc
}

// object is a value as an object; none for any other value.
func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// resolve finds what a reference within the file leads to; nil when there is nothing.
func resolve(doc map[string]any, ref string) any {
	var at any = doc
	for _, step := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		at = object(at)[step]
	}
	return at
}

// describe writes the description of routes.
func describe(t testing.TB, routes []Route) string {
	t.Helper()
	s := newSchemas(t)
	slices.SortStableFunc(routes, func(x, y Route) int {
		return cmp.Or(cmp.Compare(x.path(), y.path()), cmp.Compare(x.method(), y.method()))
	})
	lists := map[string]bool{}
	for _, r := range routes {
		lists[r.Pattern] = true
	}
	var paths tree
	for _, r := range routes {
		if r.Summary == "" {
			continue // TestOpenAPIRoutes names it
		}
		o := item(strings.ToLower(r.method()), s.operation(r, lists))
		if n := len(paths); n > 0 && paths[n-1].Key == r.path() {
			paths[n-1].Value = append(paths[n-1].Value.(tree), o)
			continue
		}
		paths = append(paths, item(r.path(), tree{o}))
	}
	problem := tree{item("description", "It was refused, or it failed: the kind decides the status. Nothing was changed."), item("content", asJSON(s.of(reflect.TypeFor[Problem]())))}
	slices.SortFunc(s.all, func(x, y yaml.MapItem) int { return cmp.Compare(x.Key.(string), y.Key.(string)) })
	b, err := yaml.MarshalWithOptions(tree{
		item("openapi", "3.1.0"),
		item("info", tree{item("title", "chunfeng"), item("version", "1"), item("description", introduction)}),
		item("servers", []any{tree{item("url", "/")}}),
		item("security", []any{tree{item("session", []any{})}}),
		item("paths", paths),
		item("components", tree{
			item("securitySchemes", tree{item("session", tree{
				item("type", "apiKey"), item("in", "cookie"), item("name", "chunfeng"),
				item("description", "The cookie of a sign-in over HTTP; behind an https:// origin it is called __Host-chunfeng. Over the socket nothing is asked for."),
			})}),
			item("responses", tree{item("Problem", problem)}),
			item("schemas", s.all),
		}),
	}, yaml.IndentSequence(true), yaml.UseLiteralStyleIfMultiline(true))
	if err != nil {
		t.Fatal(err)
	}
	return "# Written by go generate ./cmd/chunfeng/api from the routes and their Go types. Change those.\n" + string(b)
}

const introduction = `What the bureau's program can be asked: by its commands over the socket in the data folder, and over HTTP by
whoever is signed in. docs/api.md shows both.

x-right is the right that a route takes, and x-roles the roles that have it; a route without roles is for the
owner of the data folder alone, over the socket. A caller of one county sees and moves nothing of another's groups.

x-fresh marks what asks a person over HTTP for a code of the second factor that is no older than fifteen minutes. Without one
the answer is 401 with the kind fresh_code and nothing was done: send the same request again with a code in the header
X-Chunfeng-Code. The answer sets the session's cookie anew.

Names of paths, parameters, fields and values stay. New ones may be added: take no offence at a field or a value that
you do not know. A parameter that is not listed is refused.
`

func (r Route) method() string { m, _, _ := strings.Cut(r.Pattern, " "); return m }
func (r Route) path() string   { _, p, _ := strings.Cut(r.Pattern, " "); return p }

func asJSON(schema tree) tree { return tree{item("application/json", tree{item("schema", schema)})} }

// operation describes one route.
func (s *schemas) operation(r Route, lists map[string]bool) tree {
	s.t.Helper()
	var id strings.Builder
	id.WriteString(strings.ToLower(r.method()))
	for _, word := range strings.FieldsFunc(strings.TrimPrefix(r.path(), "/v1/"), func(c rune) bool { return strings.ContainsRune("/{}.", c) }) {
		id.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	area, _, _ := strings.Cut(strings.TrimPrefix(r.path(), "/v1/"), "/")
	o := tree{item("operationId", id.String()), item("summary", r.Summary), item("tags", line{area}), item("x-right", string(r.Right)), item("x-roles", roles(r.Right))}
	if r.Fresh {
		o = append(o, item("x-fresh", true))
	}
	if p := parameters(r, lists); len(p) > 0 {
		o = append(o, item("parameters", p))
	}
	if r.Body != nil {
		schema := s.of(reflect.TypeOf(r.Body))
		needed := has(s.object(reflect.TypeOf(r.Body)), "required")
		o = append(o, item("requestBody", tree{item("required", needed), item("content", asJSON(schema))}))
	} else if len(r.Files) > 0 {
		o = append(o, item("requestBody", tree{item("required", true), item("content", files(r.Files))}))
	}
	var content tree
	if len(r.Answers) > 0 {
		var any []any
		for _, v := range r.Answers {
			any = append(any, s.of(reflect.TypeOf(v)))
		}
		if len(any) == 1 {
			content = asJSON(any[0].(tree))
		} else {
			content = asJSON(tree{item("anyOf", any)})
		}
	}
	content = append(content, files(r.Streams)...)
	return append(o, item("responses", tree{
		item("200", tree{item("description", "It was done."), item("content", content)}),
		item("default", tree{item("$ref", "#/components/responses/Problem")}),
	}))
}

func files(media []string) (out tree) {
	for _, m := range media {
		out = append(out, item(m, tree{}))
	}
	return out
}

// roles are those that have a right.
func roles(right Right) line {
	out := line{}
	for _, role := range store.Roles() {
		if slices.Contains(rights()[role], right) {
			out = append(out, string(role))
		}
	}
	return out
}

func parameters(r Route, lists map[string]bool) (out []any) {
	path := r.path()
	for i := 0; ; {
		start := strings.IndexByte(path[i:], '{')
		if start < 0 {
			break
		}
		start += i
		i = start + strings.IndexByte(path[start:], '}')
		p := tree{item("name", path[start+1:i]), item("in", "path"), item("required", true)}
		if list := "GET " + strings.TrimSuffix(path[:start], "/"); lists[list] {
			p = append(p, item("description", "as "+list+" lists it"))
		}
		out = append(out, append(p, item("schema", tree{item("type", "string")})))
	}
	for _, q := range r.Params {
		schema := tree{item("type", "string")}
		if len(q.OneOf) > 0 {
			schema = append(schema, item("enum", line(q.OneOf)))
		}
		if q.Many {
			schema = tree{item("type", "array"), item("items", schema)}
		}
		out = append(out, tree{item("name", q.Name), item("in", "query"), item("required", q.Needed), item("description", q.About), item("schema", schema)})
	}
	if r.Fresh {
		out = append(out, tree{item("name", CodeHeader), item("in", "header"), item("required", false), item("description", "a code of the second factor, where the last one is too old"), item("schema", tree{item("type", "string")})})
	}
	return out
}
