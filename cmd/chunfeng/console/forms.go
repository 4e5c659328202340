package console

import (
	"crypto/rand"
	"sync"
	"time"

	"chunfeng/templates/words"
)

// formToken is the field that makes a form one of ours, and one that is taken once.
const formToken = "once"

// forms remembers which forms were given to whom and not yet taken.
type forms struct {
	mu    sync.Mutex
	given map[string]givenForm
	order []string // the oldest first
}

type givenForm struct {
	user string
	at   time.Time
	used bool
}

// formsKept is how many forms are remembered for all people together. A page gives out some ten; who comes back to a page
// that was given before the last 20,000 must load it again.
const formsKept = 20_000

func newForms() *forms { return &forms{given: map[string]givenForm{}} }

// give makes the token of a form for a person.
func (f *forms) give(user string) string {
	token := rand.Text()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.given[token] = givenForm{user: user, at: time.Now()}
	f.order = append(f.order, token)
	for len(f.order) > formsKept {
		delete(f.given, f.order[0])
		f.order = f.order[1:]
	}
	return token
}

// take takes a form that was given to this person and not yet taken.
func (f *forms) take(user, token string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	g, ok := f.given[token]
	switch {
	case !ok || g.user != user:
		return words.Refuse("console.old_form").Of(words.Conflict)
	case g.used:
		return words.Refuse("console.form_again").Of(words.Conflict)
	}
	g.used = true
	f.given[token] = g
	return nil
}

// again lets a form be sent once more after it was refused with nothing done.
func (f *forms) again(token string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if g, ok := f.given[token]; ok {
		g.used = false
		f.given[token] = g
	}
}
