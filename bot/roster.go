package bot

import (
	"cmp"
	"context"
	"encoding/binary"
	"hash/fnv"
	"maps"
	"reflect"
	"slices"
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

	mu        sync.RWMutex
	chats     map[string]*chat // by user name
	asked     map[string]asked // whose details were asked for
	dead      map[string]bool  // the account was removed from it
	doubts    []string         // chats that the server said it does not know
	version   int              // grows with every change of the above
	byGroup   map[uint32]store.Binding
	decided   uint64 // how many decisions of persons byGroup knows of
	settled   bool
	settledAt time.Time

	calm     bool      // the last pass left nothing open
	registry uint64    // the ledger's Registry before that pass
	calmAt   int       // the version that it looked at
	matched  uint64    // what the last matching looked at
	again    time.Time // when to match again although nothing changed: more may be asked for
	recorded int       // the version of what was last remembered
	shown    int       // the version of what people were last shown; less than zero: they were not in this run
	kept     []store.Chat
}

// asked is when the details of a chat were last asked for, and how often.
type asked struct {
	at time.Time
	n  int
}

// due tells whether details may be asked for: at once, then after ten minutes, then each time after twice as long, up to
// some eleven hours. The server leaves chats out now and then, and some it never shows.
func (q asked) due() bool { return q.n == 0 || !time.Now().Before(q.next()) }

func (q asked) next() time.Time { return q.at.Add(10 * time.Minute << min(max(q.n-1, 0), 6)) }

// next is when the first of those chats may be asked for again whose members are still not known; zero: never.
func (r *roster) next(names []string) (first time.Time) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, n := range names {
		if c := r.chats[n]; c != nil && c.members == nil {
			if at := r.asked[n].next(); first.IsZero() || at.Before(first) {
				first = at
			}
		}
	}
	return first
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
	r.settled, r.settledAt = true, time.Now()
	r.mu.Unlock()
	if !r.s.resumed {
		if err := r.a.o.Store.CloseGap(r.a.o.Account, false); err != nil {
			r.s.log.Warn().Err(err).Msg("the gap was not closed")
		}
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
	v.Settled, v.SettledAt = r.settled, r.settledAt
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

// pass matches what is not bound yet. While neither the ledger's registry nor what the server says of chats changes, it
// costs nothing: a wave's commits, which wake it every few seconds, must not have each account walk over every group.
func (r *roster) pass(ctx context.Context) {
	registry := r.a.o.Store.Registry()
	unwritten := r.calm && registry == r.registry
	if !unwritten {
		r.load()
	}
	r.settleDoubts(ctx)
	r.details(ctx, r.nameless())
	r.mu.RLock()
	version := r.version
	r.mu.RUnlock()
	notYet := r.again.IsZero() || time.Now().Before(r.again)
	if unwritten && version == r.calmAt && notYet {
		return
	}
	r.calm = false
	groups, sum, err := r.unbound()
	same := sum == r.matched && notYet
	if err == nil && !same {
		err = r.recall(groups)
	}
	if err != nil {
		r.s.log.Warn().Err(err).Msg("the registry was not read")
		return
	}
	if same {
		r.calm, r.registry, r.calmAt = true, registry, version
		return
	}
	verdicts, ask := match(groups, r.free())
	learned, whole := r.details(ctx, ask)
	if time.Now().Before(r.desk.blocked) {
		// Half an hour without a size is half an hour without a group: where only the size is missing, the name has to do,
		// as it does for a group that is seen the first time.
		for i := range groups {
			groups[i].blind = true
		}
		learned = true
	}
	if learned {
		verdicts, _ = match(groups, r.free())
	}
	if ctx.Err() != nil {
		return
	}
	r.record(verdicts)
	r.again = r.next(ask)
	held, err := r.lent(ctx)
	if err != nil {
		r.s.log.Warn().Err(err).Msg("the registry was not read")
	}
	if soon := time.Now().Add(lentAgain); held && (r.again.IsZero() || soon.Before(r.again)) {
		r.again = soon
	}
	if !whole {
		// The next look, in a minute, asks again.
		r.matched = 0
		return
	}
	// What was learned on the way counts as looked at; what comes in between does not.
	if _, again, err := r.unbound(); err == nil {
		r.matched = again
	}
}

// nameless are the chats that were seen and of which nothing else is known.
func (r *roster) nameless() (out []string) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for n, c := range r.chats {
		if c.name == "" && r.asked[n].due() {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

// free are the chats that are not bound.
func (r *roster) free() (out []chat) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	taken := map[string]bool{}
	for _, b := range r.byGroup {
		if b.State == store.Bound {
			taken[b.UserName] = true
		}
	}
	for n, c := range r.chats {
		if !taken[n] {
			out = append(out, *c)
		}
	}
	slices.SortFunc(out, func(a, b chat) int { return cmp.Compare(a.userName, b.userName) })
	return out
}

// unbound are the registered groups that this account may serve and that are not bound, and a sum of all that matching
// depends on: as long as it stays, matching again would say the same.
func (r *roster) unbound() (out []known, sum uint64, err error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	h := fnv.New64a()
	note := func(n uint64) {
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], n)
		h.Write(b[:])
	}
	note(uint64(r.version))
	err = r.a.o.Store.EachGroup(func(g store.Group) bool {
		note(uint64(g.Number))
		note(uint64(g.Updated.UnixNano()))
		if b := r.byGroup[g.Number]; g.Account != "" && g.Account != r.a.o.Account || b.State == store.Bound || ruledOut(b) {
			return true
		}
		out = append(out, known{group: g.Number, code: g.Code, names: []string{g.Name}})
		return true
	})
	return out, h.Sum64(), err
}

// ruledOut tells whether a person said that the group is no chat of this session.
func ruledOut(b store.Binding) bool {
	return b.State == store.Gone && b.Evidence == store.EvidencePerson
}

// recall adds to groups what is remembered of them, and folds their names.
func (r *roster) recall(groups []known) error {
	sketches, err := r.a.o.Store.Sketches()
	if err != nil {
		return err
	}
	for i := range groups {
		g := &groups[i]
		s := sketches[g.group]
		g.names = dedupe(append([]string{fold(g.names[0])}, s.Names...))
		g.members, g.count = s.Members, s.Count
		for _, n := range s.Not {
			g.not = append(g.not, fold(n))
		}
	}
	return nil
}

// dedupe drops what is empty or comes a second time, and keeps the order.
func dedupe(names []string) (out []string) {
	for _, n := range names {
		if n != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// record writes what changed. What was bound otherwise meanwhile, by a phrase say, stays.
func (r *roster) record(verdicts []verdict) {
	r.binding.Lock()
	defer r.binding.Unlock()
	r.mu.RLock()
	taken := map[string]bool{}
	for _, b := range r.byGroup {
		if b.State == store.Bound {
			taken[b.UserName] = true
		}
	}
	var list []store.Binding
	for _, v := range verdicts {
		var c chat
		if p := r.chats[v.userName]; p != nil {
			c = *p
		}
		b, old := v.binding(c), r.byGroup[v.group]
		same := old.State == b.State && old.UserName == b.UserName && old.Why == b.Why && slices.Equal(old.Candidates, b.Candidates)
		if old.State == store.Bound || ruledOut(old) || taken[b.UserName] || same {
			continue
		}
		if b.State == store.Bound && c.userName == "" {
			continue // it was left meanwhile
		}
		list = append(list, b)
	}
	r.mu.RUnlock()
	r.bind(list...)
}

// bind writes bindings and lets Ready know.
func (r *roster) bind(list ...store.Binding) {
	if len(list) == 0 {
		return
	}
	if err := r.a.o.Store.Bind(r.a.o.Account, r.s.epoch, list...); err != nil {
		r.s.log.Warn().Err(err).Msg("bindings were not written")
		return
	}
	r.load()
}

// details asks for what is not known of chats, as far as it is due. learned tells whether anything was, whole whether
// everything was asked.
func (r *roster) details(ctx context.Context, names []string) (learned, whole bool) {
	r.mu.RLock()
	names = slices.DeleteFunc(dedupe(names), func(n string) bool { return !r.asked[n].due() })
	r.mu.RUnlock()
	for part := range slices.Chunk(names, batchSize) {
		list, err := r.desk.batch(ctx, part)
		if err != nil {
			if ctx.Err() == nil {
				r.s.log.Debug().Err(err).Msg("chats were not asked for")
			}
			return learned, false
		}
		r.mu.Lock()
		for _, n := range part {
			r.asked[n] = asked{time.Now(), r.asked[n].n + 1}
		}
		r.mu.Unlock()
		learned = r.learn(list) || learned
	}
	return learned, true
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
