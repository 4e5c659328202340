package api

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// validator holds JSON values against the schemas of the description. Fields that are not described are faults, though the
// description lets further ones come later: what the program writes now must all be told.
type validator struct {
	doc  map[string]any
	seen map[string]bool // the references that a value was held against
}

func newValidator(t testing.TB) *validator { return &validator{openAPI(t), map[string]bool{}} }

// faults lists what is wrong with a value, each with where. at is the value's own place.
func (v *validator) faults(at string, schema any, value any) (out []string) {
	s := object(schema)
	say := func(form string, args ...any) { out = append(out, at+": "+fmt.Sprintf(form, args...)) }
	props, named := s["properties"]
	_, open := s["additionalProperties"]
	for keyword, is := range s {
		switch keyword {
		case "description", "examples", "required", "additionalProperties":
		case "$ref":
			v.seen[is.(string)] = true
			out = append(out, v.faults(at, resolve(v.doc, is.(string)), value)...)
		case "type":
			kinds, several := is.([]any)
			if !several {
				kinds = []any{is}
			}
			if !slices.Contains(kinds, any(kindOf(value))) && !(kindOf(value) == "integer" && slices.Contains(kinds, any("number"))) {
				say("is %s %.60v, want %v", kindOf(value), value, kinds)
			}
		case "enum":
			if !slices.Contains(is.([]any), value) {
				say("%v is none of %v", value, is)
			}
		case "format":
			if text, ok := value.(string); ok {
				if _, err := time.Parse(time.RFC3339Nano, text); is != "date-time" || err != nil {
					say("%q is no %v", text, is)
				}
			}
		case "contentEncoding":
			if text, ok := value.(string); ok {
				if _, err := base64.StdEncoding.DecodeString(text); is != "base64" || err != nil {
					say("is not in %v: %v", is, err)
				}
			}
		case "minimum":
			if n, ok := value.(json.Number); ok && fmt.Sprint(is) == "0" && strings.HasPrefix(n.String(), "-") {
				say("%v is less than %v", n, is)
			}
		case "anyOf":
			fits := false
			for _, one := range is.([]any) {
				trial := &validator{v.doc, map[string]bool{}}
				if len(trial.faults(at, one, value)) == 0 {
					fits = true
					maps.Copy(v.seen, trial.seen)
				}
			}
			if !fits {
				say("is none of what it may be")
			}
		case "items":
			list, _ := value.([]any)
			for i, one := range list {
				out = append(out, v.faults(fmt.Sprintf("%s[%d]", at, i), is, one)...)
			}
		case "properties":
			for name, one := range object(value) {
				if of, told := object(is)[name]; told {
					out = append(out, v.faults(at+"."+name, of, one)...)
				} else if !open {
					say("%q is not described", name)
				}
			}
		case "propertyNames":
			for name := range object(value) {
				out = append(out, v.faults(at+" (name)", is, name)...)
			}
		default:
			say("the test knows no %q", keyword)
		}
	}
	if of, isObject := value.(map[string]any); isObject {
		for _, name := range slice(s["required"]) {
			if _, there := of[name.(string)]; !there {
				say("%q is missing", name)
			}
		}
		for name, one := range of {
			if _, told := object(props)[name]; open && !told {
				out = append(out, v.faults(at+"."+name, s["additionalProperties"], one)...)
			}
		}
		if !named && !open && s["type"] == "object" {
			say("nothing says what an object holds")
		}
	}
	return out
}

// slice is a value as a list; none for any other value.
func slice(v any) []any {
	l, _ := v.([]any)
	return l
}

// kindOf is what JSON Schema calls a value that was read with json.Number.
func kindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return "number"
		}
		return "integer"
	case []any:
		return "array"
	}
	return "object"
}

// parsed reads JSON as the validator takes it.
func parsed(text string) (v any, err error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err = d.Decode(&v); err == nil && d.More() {
		err = fmt.Errorf("there is more behind the value")
	}
	return v, err
}

// TestValidator holds the validator itself: one that finds no fault would let every answer pass.
func TestValidator(t *testing.T) {
	v := newValidator(t)
	const audit = `"at":"2026-11-22T09:00:00+08:00","who":"kim","what":"wave.queue"`
	for _, c := range []struct{ schema, value, fault, why string }{
		{"PastDeed", `{` + audit + `,"detail":""}`, "", "whole"},
		{"PastDeed", `{"at":null,"who":"kim","what":"w","detail":""}`, "", "null where it may be"},
		{"PastDeed", `{` + audit + `}`, `"detail" is missing`, "a field is missing"},
		{"PastDeed", `{` + audit + `,"detail":null}`, "is null", "null where it may not be"},
		{"PastDeed", `{` + audit + `,"detail":"","more":1}`, `"more" is not described`, "a field too many"},
		{"PastDeed", `{"at":"yesterday","who":"","what":"","detail":""}`, "no date-time", "no time"},
		{"PastDeed", `{"at":5,"who":"","what":"","detail":""}`, "is integer 5", "another type"},
		{"PastDeed", `[]`, "is array", "no object"},
		{"Progress", `{"lanes":[{"state":5}]}`, ".lanes[0].state: is integer", "within a list"},
		{"Tally", `{"planned":1.5}`, ".planned: is number 1.5", "a broken number"},
		{"Role", `"king"`, "none of", "a value that is none"},
		{"Role", `"admin"`, "", "a value that is one"},
		{"Login", `{"account":"a","state":"online","png":"%%"}`, "not in base64", "no base64"},
		{"Gap", `{"id":-1}`, "less than 0", "below its least"},
		{"Coverage", `{"reach":{"nowhere":1}}`, "(name): nowhere is none of", "a map's name that is none"},
		{"Coverage", `{"reach":{"paused":"x"}}`, ".reach.paused: is string", "a map's value of another type"},
	} {
		value, err := parsed(c.value)
		if err != nil {
			t.Fatal(c.value, err)
		}
		faults := strings.Join(v.faults("", map[string]any{"$ref": "#/components/schemas/" + c.schema}, value), "\n")
		if c.fault == "" && faults != "" || !strings.Contains(faults, c.fault) {
			t.Errorf("%s: %s %s has the faults %q, want %q", c.why, c.schema, c.value, faults, c.fault)
		}
	}
	either := map[string]any{"anyOf": []any{map[string]any{"$ref": "#/components/schemas/Tally"}, map[string]any{"type": "null"}}}
	if len(v.faults("", either, nil)) > 0 || len(v.faults("", either, map[string]any{})) == 0 {
		t.Error("what is neither of two passes for one, or null does not")
	}
}
