package console

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"time"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/templates/words"
)

// What cannot be taken back asks for a code of the second factor that is fresh: see api.FreshFor. A form of such a deed has a
// field for it where the last one is too old. Whatever is sent without it, or with a wrong one, is answered with a page that
// holds all that was typed and asks for the code alone: nothing is done before, and nothing has to be typed again.

// freshField is the field of a form that holds the code.
const freshField = "fresh"

// clockSlack is how far a code may seem to have been given in the future, by a clock that was put right since.
const clockSlack = time.Minute

// freshCode tells whether a code that was given at a moment, as the session keeps it, is fresh now. What cannot be read is not.
func freshCode(given string, now time.Time) bool {
	at, err := time.Parse(time.RFC3339Nano, given)
	age := now.Sub(at)
	return err == nil && age <= api.FreshFor && age > -clockSlack
}

// freshen takes a code of somebody who gave the last one too long ago.
func (c *Console) freshen(r *request, typed string) error {
	left := -1
	if err := c.tries(r, func() (err error) {
		_, left, err = c.takeCode(r, typed)
		return err
	}); err != nil {
		return err
	}
	if err := c.proven(r); err != nil {
		return err
	}
	if left >= 0 {
		c.tell(r, r.say("second.spare_used", left))
	}
	r.Caller.Stale = false
	return nil
}

// takeFresh takes the code that a form brings beside what it is for.
func (c *Console) takeFresh(r *request) error {
	typed := r.PostForm.Get(freshField)
	r.PostForm.Del(freshField)
	if typed == "" || !r.Caller.Stale {
		return nil
	}
	if err := c.freshen(r, typed); err != nil {
		return &freshRefused{err}
	}
	return nil
}

// freshRefused is that the code beside a form was not taken.
type freshRefused struct{ error }

// Unwrap answers why.
func (f *freshRefused) Unwrap() error { return f.error }

// asksFresh tells whether a refusal is answered with a fresh code.
func asksFresh(err error) bool {
	var wrong *freshRefused
	return words.KindOf(err) == words.FreshCode || errors.As(err, &wrong)
}

// again is what the page shows that asks for a code.
type again struct {
	To     string // where the form was sent to
	Fields []keptField
}

// keptField is one of the fields that were sent.
type keptField struct{ Name, Value string }

// showFresh asks for a code in the place of a deed, with everything that was sent for it.
func (c *Console) showFresh(w http.ResponseWriter, r *request, refused error) error {
	p, v := api.ProblemOf(refused, r.Caller.Lang), again{To: r.URL.RequestURI()}
	for _, name := range slices.Sorted(maps.Keys(r.PostForm)) {
		for _, value := range r.PostForm[name] {
			if name != formToken {
				v.Fields = append(v.Fields, keptField{name, value})
			}
		}
	}
	c.forms.again(r.PostForm.Get(formToken))
	shown := c.look(r, "", r.say("second.again_title"), v)
	shown.Passing = true
	if p.Kind != words.FreshCode {
		shown.Error = p.Text // the code was wrong, or came too soon after wrong ones
	}
	return c.write(w, p.Status(), "second-again", shown)
}
