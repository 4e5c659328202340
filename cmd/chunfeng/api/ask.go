package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// Ask has a route done within this process, with the rights and checks that it has over the wire, and answers the value
// that would go out as JSON. body is nil, bytes or a reader that are sent as they are, or a value that is sent as JSON.
func Ask[T any](ctx context.Context, a *API, c Caller, method, path string, q url.Values, body any) (v T, err error) {
	r, err := newRequest(ctx, method, path, q, body)
	if err != nil {
		return v, err
	}
	got, err := a.ask(noWriter{}, r, c)
	if err != nil {
		return v, err
	}
	v, ok := got.(T)
	if !ok {
		return v, fmt.Errorf("%s %s answers %T, not %T", method, path, got, v)
	}
	return v, nil
}

// File has a route done that answers a file, and answers what writes it. A refusal comes before anything is written.
func File(ctx context.Context, a *API, c Caller, method, path string, q url.Values, body any) (write func(http.ResponseWriter) error, err error) {
	s, err := Ask[stream](ctx, a, c, method, path, q, body)
	return s, err
}

// Copy has a route done that answers a file, and writes the file.
func Copy(w http.ResponseWriter, r *http.Request, a *API, c Caller, path string, q url.Values) error {
	s, err := Ask[stream](r.Context(), a, c, http.MethodGet, path, q, nil)
	if err != nil {
		return err
	}
	return s(w)
}

func newRequest(ctx context.Context, method, path string, q url.Values, body any) (*http.Request, error) {
	var from io.Reader
	switch body := body.(type) {
	case nil:
		from = http.NoBody
	case []byte:
		from = bytes.NewReader(body)
	case io.Reader:
		from = body
	default:
		b, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		from = bytes.NewReader(b)
	}
	u := url.URL{Scheme: "http", Host: "chunfeng", Path: path, RawQuery: q.Encode()}
	return http.NewRequestWithContext(ctx, method, u.String(), from)
}

// noWriter stands where a connection would be.
type noWriter struct{}

// Header implements http.ResponseWriter.
func (noWriter) Header() http.Header { return http.Header{} }

// Write implements http.ResponseWriter.
func (noWriter) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader implements http.ResponseWriter.
func (noWriter) WriteHeader(int) {}
