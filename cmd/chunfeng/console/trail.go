package console

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"chunfeng/store"
)

// trail puts what happens at the door into the audit trail. Refused sign-ins are counted and told at most once a minute: who
// guesses passwords must not fill the trail. The first one is told at once, those of the minute after it together.
type trail struct {
	store *store.Store
	log   zerolog.Logger

	mu      sync.Mutex
	waiting *time.Timer // runs until the minute is over; nil when none does
	count   int
	names   map[string]bool // of people that there are: what else was typed into the field may be a password
	from    map[string]bool
	last    string
}

// refusedEvery is how often refused sign-ins are told of at most.
const refusedEvery = time.Minute

// mostTold is how many names of people one line tells, and how many addresses are told apart.
const (
	mostTold      = 5
	mostAddresses = 1000
)

func newTrail(s *store.Store, log zerolog.Logger) *trail {
	return &trail{store: s, log: log, names: map[string]bool{}, from: map[string]bool{}}
}

// note writes a line. One that cannot be written keeps nobody from working: the log tells of it.
func (t *trail) note(who, what, on, detail string) {
	if err := t.store.Note(who, what, on, detail); err != nil && !errors.Is(err, store.ErrClosed) {
		t.log.Error().Err(err).Str("what", what).Msg("the audit trail does not take a line")
	}
}

// refused counts a refused sign-in. name is the person's, empty when there is none of that name.
func (t *trail) refused(name, from string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count++
	if t.last = from; len(t.from) < mostAddresses {
		t.from[from] = true
	}
	if name != "" {
		t.names[name] = true
	}
	if t.waiting == nil {
		t.tell()
	}
}

// tell writes what was counted, and has what comes within a minute wait for its end. t.mu is held.
func (t *trail) tell() {
	if t.waiting = nil; t.count == 0 {
		return
	}
	names := slices.Sorted(maps.Keys(t.names))
	detail := fmt.Sprintf("%d, %d addresses, last %s", t.count, len(t.from), t.last)
	if len(names) > mostTold {
		names = append(names[:mostTold], "…")
	}
	t.note("", "session.refused", strings.Join(names, " "), detail)
	t.count = 0
	clear(t.names)
	clear(t.from)
	t.waiting = time.AfterFunc(refusedEvery, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.tell()
	})
}

// flush writes what was counted and not yet told.
func (t *trail) flush() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.waiting != nil {
		t.waiting.Stop()
	}
	t.tell()
	if t.waiting != nil {
		t.waiting.Stop()
		t.waiting = nil
	}
}
