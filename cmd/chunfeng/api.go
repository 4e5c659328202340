package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// userHeader says who acts. It is believed: who can open the socket owns the data folder.
const userHeader = "X-Chunfeng-User"

// uploadLimit is the largest workbook that is taken, in bytes.
const uploadLimit = 64 << 20

// problem is an error as the API answers it, said in the reader's language.
type problem struct {
	Key  string     `json:"key,omitempty"`
	Kind words.Kind `json:"kind,omitempty"`
	Text string     `json:"text"`
}

// Error implements error.
func (p *problem) Error() string { return p.Text }

// status answers the HTTP status of a kind of refusal.
func status(k words.Kind) int {
	switch k {
	case words.Missing:
		return http.StatusNotFound
	case words.Conflict:
		return http.StatusConflict
	case words.Usage:
		return http.StatusBadRequest
	case words.Later:
		return http.StatusServiceUnavailable
	case words.Settings:
		return http.StatusInternalServerError
	}
	return http.StatusUnprocessableEntity
}

// request is one request with who asks and in which language.
type request struct {
	*http.Request
	lang words.Lang
	who  string
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
		return nil, words.Refuse("cmd.file_too_big", r.URL.Query().Get("name"), uploadLimit>>20)
	}
	return b, err
}

// stream is an answer that is written as it comes, instead of one JSON value.
type stream func(w http.ResponseWriter) error

// handle makes a handler of a function that answers a value, a stream or an error.
func (a *App) handle(mux *http.ServeMux, pattern string, do func(request) (any, error)) {
	mux.HandleFunc(pattern, func(w http.ResponseWriter, hr *http.Request) {
		lang, _ := words.ParseLang(hr.Header.Get("Accept-Language"))
		who, err := url.QueryUnescape(hr.Header.Get(userHeader))
		if err != nil || who == "" {
			who = "?"
		}
		hr.Body = http.MaxBytesReader(w, hr.Body, uploadLimit)
		v, err := safely(func() (any, error) { return do(request{hr, lang, who}) })
		if s, ok := v.(stream); ok && err == nil {
			if err := s(w); err != nil {
				a.log.Error().Err(err).Str("path", hr.URL.Path).Msg("an answer broke off")
				panic(http.ErrAbortHandler) // the reader must not take a part for the whole
			}
			return
		}
		code := http.StatusOK
		if errors.Is(err, store.ErrStorage) {
			err = words.Refuse("cmd.disk_refuses").Because(err)
		}
		if err != nil {
			p := &problem{Kind: kindOf(err), Text: err.Error()}
			var refusal *words.Refusal
			var text words.Localised
			if errors.As(err, &refusal) {
				p.Key = refusal.Key
			} else if broke := (*panicked)(nil); errors.As(err, &broke) {
				a.log.Error().Err(err).Str("path", hr.URL.Path).Msg("a fault of the program")
			} else {
				a.log.Warn().Err(err).Str("path", hr.URL.Path).Msg("a request failed")
			}
			if errors.As(err, &text) {
				p.Text = text.In(lang)
			}
			v, code = p, status(p.Kind)
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(code)
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		if err := e.Encode(v); err != nil {
			a.log.Debug().Err(err).Msg("nobody read the answer")
		}
	})
}

// safely turns a panic in a handler into an error: one bad request must not end the daemon in the middle of a wave. What
// was asked for may stand in the panic's text, so it goes to the log alone.
func safely(do func() (any, error)) (v any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicked{p, string(debug.Stack())}
		}
	}()
	return do()
}

// panicked is a fault of the program itself.
type panicked struct {
	value any
	stack string
}

// Error says it for the log.
func (p *panicked) Error() string { return fmt.Sprintf("%v\n%s", p.value, p.stack) }

// In says it to whoever asked.
func (p *panicked) In(l words.Lang) string { return words.Say(l, "cmd.internal") }

// done is the answer of what has nothing to tell.
type done struct {
	OK bool `json:"ok"`
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
