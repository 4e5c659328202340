package bot

import (
	"context"
	"maps"
	"reflect"
	"sync"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
)

const (
	// recheckEvery is how soon a change of the ledger (new groups, a binding by a person) is looked at.
	recheckEvery = 5 * time.Second
	// sketchLife is how long the memory of a group's members is taken to be fresh.
	sketchLife = 7 * 24 * time.Hour
)

// roster knows which registered group is which chat of one session. One goroutine asks the server and matches; others
// give hints and look up.
type roster struct {
	a *Account
	s *session

	wake chan struct{}
	desk *desk

	// binding is held from deciding on bindings to having written them.
	binding sync.Mutex

	mu      sync.RWMutex
	chats   map[string]*chat // by user name
	asked   map[string]asked // whose details were asked for
	dead    map[string]bool  // the account was removed from it
	doubts  []string         // chats that the server said it does not know
	version int              // grows with every change of the above
	byGroup map[uint32]store.Binding
	decided uint64 // how many decisions of persons byGroup knows of
	settled bool

	calm     bool      // the last pass left nothing open
	registry uint64    // the ledger's Registry before that pass
	calmAt   int       // the version that it looked at
	matched  uint64    // what the last matching looked at
	again    time.Time // when to match again although nothing changed: more may be asked for
	recorded int       // the version of what was last remembered
	shown    int       // the version of what people were last shown; less than zero: they were not in this run
	kept     []store.Chat
}

func newRoster(a *Account, s *session) *roster {
	r := &roster{
		a: a, s: s, wake: make(chan struct{}, 1), chats: map[string]*chat{}, asked: map[string]asked{}, dead: map[string]bool{},
		byGroup: map[uint32]store.Binding{}, shown: -1,
	}
	r.desk = &desk{s: s, every: a.o.ContactEvery}
	return r
}

// run reads the contact list, matches, and goes on matching when something changes.
func (r *roster) run(ctx context.Context) {
	r.load()
	for n := 1; ; n++ {
		list, err := r.desk.book(ctx)
		r.learn(list)
		if err == nil {
			break
		}
		r.s.log.Warn().Err(err).Msg("the contact list was not read")
		if !sleep(ctx, r.desk.after(err, n)) {
			return
		}
	}
	r.pass(ctx)
	r.publish()
	if ctx.Err() != nil {
		return
	}
	r.settle()
	r.remember(ctx)
	for ctx.Err() == nil {
		changed := r.a.o.Store.Changed()
		retry := time.NewTimer(time.Minute)
		select {
		case <-ctx.Done():
		case <-r.wake:
			// Hints come in bunches.
			sleep(ctx, 200*time.Millisecond)
		case <-changed:
			select {
			case <-r.wake:
			case <-time.After(recheckEvery):
			case <-ctx.Done():
			}
		case <-retry.C:
		}
		retry.Stop()
		if ctx.Err() == nil {
			r.pass(ctx)
			r.publish()
			r.remember(ctx)
		}
	}
}

func (r *roster) poke() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// settle marks that the session knows its groups: what could not be heard meanwhile must be read by hand, unless the
// stream was taken up where it was left.
func (r *roster) settle() {
	r.mu.Lock()
	r.settled = true
	r.mu.Unlock()
	r.s.settled.Store(true)
	if !r.s.resumed {
		r.s.closeGap()
	}
	var v State
	r.tell(&v)
	r.s.log.Info().Int("bound", v.Bound).Int("quarantined", v.Quarantined).Msg("groups matched")
	r.a.emit(Event{Kind: GroupsMatched})
}

// tell fills in what the roster knows.
func (r *roster) tell(v *State) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	v.Settled = r.settled
	for _, b := range r.byGroup {
		switch b.State {
		case store.Bound:
			v.Bound++
		case store.Quarantined:
			v.Quarantined++
		}
	}
}

// load takes the bindings of the session from the ledger, which is the one that knows: a person may have bound a group.
func (r *roster) load() {
	decided := r.a.o.Store.Decisions()
	list, err := r.a.o.Store.Bindings(r.a.o.Account)
	if err != nil {
		r.s.log.Warn().Err(err).Msg("the bindings were not read")
		return
	}
	byGroup := make(map[uint32]store.Binding, len(list))
	for _, b := range list {
		if b.Epoch == r.s.epoch {
			byGroup[b.Group] = b
		}
	}
	r.mu.Lock()
	r.decided = decided
	if !maps.EqualFunc(r.byGroup, byGroup, func(a, b store.Binding) bool { return reflect.DeepEqual(a, b) }) {
		r.byGroup = byGroup
		r.version++
		for _, b := range byGroup {
			if r.settled && b.State == store.Bound && b.Evidence == store.EvidencePerson && r.chats[b.UserName] == nil {
				r.doubts = append(r.doubts, b.UserName) // the account was taken out of it while the person chose
			}
		}
	}
	r.mu.Unlock()
}

// place is where a group stands in this session. What a person decided holds from the next message on.
func (r *roster) place(group uint32) (userName string, err error) {
	decided := r.a.o.Store.Decisions()
	r.mu.RLock()
	stale := r.decided < decided
	r.mu.RUnlock()
	if stale {
		r.load()
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	b, found := r.byGroup[group]
	switch {
	case r.decided < decided:
		// The ledger was not read: what is remembered may be what a person ruled out.
		return "", &broadcast.SendError{Reason: store.ReasonNotBound, Certain: true, Temporary: true, After: time.Second}
	case found && b.State == store.Bound:
		return b.UserName, nil
	case found && b.State == store.Gone:
		return "", &broadcast.SendError{Reason: store.ReasonRemoved, Certain: true}
	case !r.settled:
		// The session is not there yet, as far as sending goes: whoever waits for a login goes on waiting.
		return "", &broadcast.SendError{Reason: store.ReasonNotBound, Certain: true, Temporary: true, After: time.Second, Signal: broadcast.LoggedOut}
	}
	return "", &broadcast.SendError{Reason: store.ReasonNotBound, Certain: true, Temporary: true, After: time.Minute}
}
