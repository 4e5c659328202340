package words

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Kind says what sort of refusal it is: the command line turns it into an exit code, the API into a status.
type Kind string

// The kinds of refusal.
const (
	Refused   Kind = ""           // the thing asked for may not or cannot be done; exit 1, status 422
	Missing   Kind = "missing"    // what was named does not exist; exit 1, status 404
	Conflict  Kind = "conflict"   // something else was decided meanwhile; exit 1, status 409
	Usage     Kind = "usage"      // the request itself is malformed; exit 2, status 400
	Forbidden Kind = "forbidden"  // the caller may not; exit 1, status 403
	Unproven  Kind = "unproven"   // it is not proven who asks; exit 1, status 401
	FreshCode Kind = "fresh_code" // the second factor was given too long ago for this; exit 1, status 401
	TooLarge  Kind = "too_large"  // what was sent is larger than what is taken; exit 1, status 413
	TooMany   Kind = "too_many"   // asked too often; exit 75, status 429
	Later     Kind = "try_later"  // nothing is wrong with it, but not now; exit 75, status 503
	Settings  Kind = "config"     // the configuration is at fault; exit 78, status 500
)

// Refusal is an error that says what was refused, where, and what to do, in the reader's language.
// What was refused has changed nothing.
type Refusal struct {
	Text
	Kind Kind
	Err  error // what lies beneath, for logs and errors.Is; may be nil
}

// Refuse makes a Refusal from a sentence of the catalogue. A text among the arguments that is longer than any line loses its
// middle: it is what somebody gave, said back, and what is wrong with it may stand at its end.
func Refuse(key string, args ...any) *Refusal {
	args = slices.Clone(args)
	for i, a := range args {
		if s, ok := a.(string); ok && len(s) > longestArg {
			args[i] = strings.ToValidUTF8(s[:longestArg/2], "") + " … " + strings.ToValidUTF8(s[len(s)-longestArg/2:], "")
		}
	}
	return &Refusal{Text: T(key, args...)}
}

// longestArg is how much of an argument a refusal says, in bytes.
const longestArg = 1000

// Of sets the kind and answers the refusal itself.
func (r *Refusal) Of(k Kind) *Refusal { r.Kind = k; return r }

// Because sets the error beneath and answers the refusal itself.
func (r *Refusal) Because(err error) *Refusal { r.Err = err; return r }

// Error says the refusal in English.
func (r *Refusal) Error() string { return r.In(English) }

// In says the refusal in a language, with the error beneath behind it.
func (r *Refusal) In(l Lang) string {
	s := r.Text.In(l)
	if r.Err == nil {
		return s
	}
	if t, ok := r.Err.(Localised); ok {
		return fmt.Sprintf("%s (%s)", s, t.In(l))
	}
	return fmt.Sprintf("%s (%v)", s, r.Err)
}

// KindOf answers what sort of refusal an error is or wraps; Refused for any other error.
func KindOf(err error) Kind {
	var r *Refusal
	if errors.As(err, &r) {
		return r.Kind
	}
	return Refused
}

// SayError says an error in a language where it can be said in one, else as it says itself.
func SayError(l Lang, err error) string {
	var t Localised
	if errors.As(err, &t) {
		return t.In(l)
	}
	return err.Error()
}

// Unwrap answers the error beneath.
func (r *Refusal) Unwrap() error { return r.Err }

// Is holds two refusals of one key for the same error, so that a test can ask for a refusal by its key.
func (r *Refusal) Is(target error) bool {
	t, ok := target.(*Refusal)
	return ok && t.Key == r.Key
}
