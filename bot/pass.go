package bot

import (
	"cmp"
	"context"
	"encoding/binary"
	"hash/fnv"
	"slices"
	"time"

	"chunfeng/store"
)

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

// taken are the user names of the chats that are bound. Whoever asks holds r.mu.
func (r *roster) taken() map[string]bool {
	out := map[string]bool{}
	for _, b := range r.byGroup {
		if b.State == store.Bound {
			out[b.UserName] = true
		}
	}
	return out
}

// free are the chats that are not bound.
func (r *roster) free() (out []chat) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	taken := r.taken()
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
	taken := r.taken()
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
