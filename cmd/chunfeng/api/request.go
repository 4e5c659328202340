package api

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

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
		return words.Refuse("cmd.bad_body").Of(words.Usage).Because(err)
	}
	return nil
}

// file reads an uploaded file.
func (r request) file() ([]byte, error) {
	b, err := io.ReadAll(r.Body)
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return nil, words.Refuse("cmd.file_too_big", r.URL.Query().Get("name"), UploadLimit>>20)
	}
	return b, err
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
	for _, k := range known {
		if v == k {
			return v, nil
		}
	}
	return "", words.Refuse("cmd.bad_choice", "--"+name, v, strings.Join(known, ", ")).Of(words.Usage)
}
