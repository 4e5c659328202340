package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"chunfeng/templates/words"
)

// UploadLimit is the largest workbook that is taken, in bytes.
const UploadLimit = 64 << 20

// request is one request with who asks.
type request struct {
	*http.Request
	Caller
}

// json reads the body into v.
func (r request) json(v any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil && !errors.Is(err, io.EOF) {
		return words.Refuse("cmd.bad_body").Of(words.Usage).Because(&badBody{v, err})
	}
	return tooLong("", reflect.ValueOf(v))
}

// longestField is how many characters people may write into one field: it stands in tables and in the trail. A field that
// is called text holds a file.
const longestField = 1000

// tooLong refuses a value with a text that is longer than any field may be. name is the field that it stands in.
func tooLong(name string, v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return tooLong(name, v.Elem())
		}
	case reflect.String:
		if s := v.String(); len(s) > longestField && utf8.RuneCountInString(s) > longestField {
			return words.Refuse("cmd.field_long", name, longestField).Of(words.Usage)
		}
	case reflect.Slice:
		for i := range v.Len() {
			if err := tooLong(name, v.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Struct:
		for _, f := range reflect.VisibleFields(v.Type()) {
			is, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if !f.IsExported() || f.Anonymous || is == "text" {
				continue
			}
			if err := tooLong(is, v.FieldByIndex(f.Index)); err != nil {
				return err
			}
		}
	}
	return nil
}

// badBody is a body that is not what a route takes.
type badBody struct {
	into any // what it was to be
	err  error
}

// Error says what is wrong, and which fields there are.
func (b *badBody) Error() string {
	var known []string
	if t := reflect.TypeOf(b.into).Elem(); t.Kind() == reflect.Struct {
		for _, f := range reflect.VisibleFields(t) {
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
				known = append(known, name)
			}
		}
	}
	return fmt.Sprintf("%v; the fields: %s", b.err, strings.Join(known, ", "))
}

// Unwrap answers the error beneath.
func (b *badBody) Unwrap() error { return b.err }

// file reads an uploaded file.
func (r request) file() ([]byte, error) {
	b, err := io.ReadAll(r.Body)
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return nil, words.Refuse("cmd.file_too_big", r.URL.Query().Get("name"), UploadLimit>>20).Of(words.TooLarge)
	}
	return b, err
}

// drainLimit is how much of a refused upload is taken and thrown away, in bytes.
const drainLimit = 1 << 30

// Drain takes what is left of a refused upload. Whoever sends reads no answer before the end: a connection that is cut
// instead is all that a browser would tell. It ends with the connection's own time limit.
func Drain(body io.Reader) {
	if body != nil {
		_, _ = io.CopyN(io.Discard, body, drainLimit)
	}
}

// stream is an answer that is written as it comes, instead of one value.
type stream func(w http.ResponseWriter) error

// Done is the answer of what has nothing to tell.
type Done struct {
	OK bool `json:"ok"`
}

// Because is why something is done.
type Because struct {
	Why string `json:"why,omitempty"`
}

// Approval approves what has a hash.
type Approval struct {
	Hash string `json:"hash"` // of what was seen
}

// list answers an empty list instead of none, for scripts.
func list[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}

// only takes a query's value when it is one of those known.
func only(q url.Values, name string, known ...string) (string, error) {
	v := q.Get(name)
	if v == "" {
		return "", nil
	}
	if slices.Contains(known, v) {
		return v, nil
	}
	return "", words.Refuse("cmd.bad_choice", "--"+name, v, strings.Join(known, ", ")).Of(words.Usage)
}
