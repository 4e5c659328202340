package bot

import (
	"context"
	"slices"
	"time"

	"chunfeng/store"
)

// maxNames is how many names of a group are remembered.
const maxNames = 8

// remember keeps how to know the bound groups again: the names that they have and had, and hashed member names. It asks
// for members that are not known, at the desk's pace.
func (r *roster) remember(ctx context.Context) {
	r.mu.RLock()
	version := r.version
	r.mu.RUnlock()
	if version == r.recorded {
		return
	}
	sketches, err := r.a.o.Store.Sketches()
	if err != nil {
		r.s.log.Warn().Err(err).Msg("the sketches were not read")
		return
	}
	stale := func(g uint32) bool { return time.Since(sketches[g].At) > sketchLife }
	r.mu.RLock()
	var ask []string
	for g, b := range r.byGroup {
		c := r.chats[b.UserName]
		if b.State == store.Bound && c != nil && c.members == nil && stale(g) {
			ask = append(ask, b.UserName)
		}
	}
	r.mu.RUnlock()
	slices.Sort(ask)
	_, whole := r.details(ctx, ask)
	if ctx.Err() != nil {
		return
	}
	r.binding.Lock()
	defer r.binding.Unlock()
	// Asking takes minutes, in which a person may have had a group forgotten.
	if sketches, err = r.a.o.Store.Sketches(); err != nil {
		r.s.log.Warn().Err(err).Msg("the sketches were not read")
		return
	}
	r.mu.RLock()
	version = r.version
	var save []store.Learned
	var named []store.Binding
	for g, b := range r.byGroup {
		c := r.chats[b.UserName]
		if b.State != store.Bound || c == nil {
			continue
		}
		if c.name != "" && c.shown != b.Name {
			b.Name, b.Members = c.shown, c.count
			named = append(named, b)
		}
		old := sketches[g]
		newName := c.name != "" && (len(old.Names) == 0 || old.Names[0] != c.name)
		if !newName && !(stale(g) && c.members != nil) {
			continue
		}
		k := store.Sketch{Group: g, Names: old.Names, Members: old.Members, Count: old.Count, At: old.At}
		if newName {
			k.Names = dedupe(append([]string{c.name}, old.Names...))
			k.Names = k.Names[:min(len(k.Names), maxNames)]
		}
		if c.members != nil {
			k.Members, k.Count, k.At = c.members, c.count, time.Now()
		}
		save = append(save, store.Learned{UserName: b.UserName, Sketch: k})
	}
	r.mu.RUnlock()
	if len(save) > 0 {
		slices.SortFunc(save, func(a, b store.Learned) int { return int(a.Sketch.Group) - int(b.Sketch.Group) })
		if err := r.a.o.Store.SaveSketch(r.a.o.Account, r.s.epoch, save...); err != nil {
			r.s.log.Warn().Err(err).Msg("sketches were not kept")
			return
		}
	}
	r.bind(named...)
	if whole {
		r.recorded = version
	}
}

// lose marks the group of a chat as gone. dead chats do not come back by themselves.
func (r *roster) lose(userName, why string, dead bool) {
	r.binding.Lock()
	defer r.binding.Unlock()
	r.mu.Lock()
	delete(r.chats, userName)
	delete(r.asked, userName)
	if dead {
		r.dead[userName] = true
	}
	r.version++
	var list []store.Binding
	for _, b := range r.byGroup {
		if b.UserName == userName && b.State == store.Bound {
			b.State, b.Why, b.At = store.Gone, Why(why), time.Time{}
			list = append(list, b)
		}
	}
	r.mu.Unlock()
	r.bind(list...)
}

// rename notes a chat's new name: in a session the user name stays, so a rename only adds a name.
func (r *roster) rename(userName, name string) {
	r.mu.Lock()
	if c := r.chats[userName]; c != nil && name != "" {
		now := *c
		now.shown, now.name = name, fold(name)
		r.chats[userName] = &now
		r.version++
	}
	r.mu.Unlock()
	r.poke()
}

// pair binds a group to the chat in which its phrase was posted. What the chat or the group was bound to before is void.
func (r *roster) pair(userName string, g store.Group) {
	r.binding.Lock()
	defer r.binding.Unlock()
	r.mu.Lock()
	delete(r.dead, userName)
	if r.chats[userName] == nil {
		r.chats[userName] = &chat{userName: userName}
		r.version++
	}
	c := *r.chats[userName]
	r.mu.Unlock()
	r.bind(store.Binding{
		Group: g.Number, UserName: userName, Name: c.shown, Members: c.count, Evidence: store.EvidencePhrase, Score: 1, State: store.Bound,
	})
	r.s.log.Info().Str("group", g.Code).Msg("bound by its phrase")
	r.poke()
}

// doubt has a chat looked at again that the server says it does not know.
func (r *roster) doubt(userName string) {
	r.mu.Lock()
	r.doubts = append(r.doubts, userName)
	r.mu.Unlock()
	r.poke()
}

// settleDoubts asks for the chats in doubt. One that the server does not show, or shows without members, is gone.
func (r *roster) settleDoubts(ctx context.Context) {
	r.mu.Lock()
	names := r.doubts
	r.doubts = nil
	r.mu.Unlock()
	slices.Sort(names)
	for part := range slices.Chunk(slices.Compact(names), batchSize) {
		list, err := r.desk.batch(ctx, part)
		if err != nil {
			if ctx.Err() == nil {
				r.s.log.Warn().Err(err).Msg("chats in doubt were not asked for")
			}
			r.mu.Lock()
			r.doubts = append(r.doubts, part...)
			r.mu.Unlock()
			return
		}
		for _, n := range part {
			i := slices.IndexFunc(list, func(c contact) bool { return string(c.UserName) == n })
			if i < 0 || len(list[i].MemberList) == 0 && list[i].MemberCount.int() == 0 {
				r.lose(n, "bot.not_addressable", false)
			}
		}
		r.learn(list)
	}
}
