package api

import (
	"errors"
	"net/http"
	"syscall"

	"chunfeng/templates/words"
)

// Problem is an error as the API answers it, said in the caller's language.
type Problem struct {
	Key  string     `json:"key,omitempty"` // of the sentence; stable enough to act on
	Kind words.Kind `json:"kind,omitempty"`
	Text string     `json:"text"`
	// Fields says what is wrong with which field of what was sent, where that is known.
	Fields map[string]string `json:"fields,omitempty"`
}

// Error implements error.
func (p *Problem) Error() string { return p.Text }

// ProblemOf says an error in a language. What is not meant for people stays in the log.
func ProblemOf(err error, l words.Lang) *Problem {
	p := (*Problem)(nil)
	if errors.As(err, &p) {
		return p
	}
	if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		// Whatever else is said of it, a file that is missing or a folder that is closed, is not what is wrong.
		err = words.Refuse("api.no_files").Of(words.Later).Because(err)
	}
	p = &Problem{Kind: words.KindOf(err), Text: words.SayError(l, err)}
	var refusal *words.Refusal
	if errors.As(err, &refusal) {
		p.Key = refusal.Key
	}
	var fields interface {
		Fields(words.Lang) map[string]string
	}
	if errors.As(err, &fields) {
		p.Key, p.Kind, p.Fields = "api.fields", words.Usage, fields.Fields(l)
	}
	return p
}

// Status answers the HTTP status of a problem.
func (p *Problem) Status() int {
	switch p.Kind {
	case words.Missing:
		return http.StatusNotFound
	case words.Conflict:
		return http.StatusConflict
	case words.Usage:
		return http.StatusBadRequest
	case words.Forbidden:
		return http.StatusForbidden
	case words.Unproven, words.FreshCode:
		return http.StatusUnauthorized
	case words.TooLarge:
		return http.StatusRequestEntityTooLarge
	case words.TooMany:
		return http.StatusTooManyRequests
	case words.Later:
		return http.StatusServiceUnavailable
	case words.Settings:
		return http.StatusInternalServerError
	}
	return http.StatusUnprocessableEntity
}
