package bot

import (
	"cmp"
	"slices"

	"chunfeng/store"
)

// hint takes what the sync stream tells of chats.
func (r *roster) hint(chats []string, changed []contact, gone []string) {
	fresh := r.see(chats)
	fresh = r.learn(changed) || fresh
	for _, c := range changed {
		if c.NickName == "" {
			// A dissolved group loses its name, and an incomplete answer lacks it.
			r.doubt(string(c.UserName))
		}
	}
	for _, name := range gone {
		r.lose(name, "bot.left", false)
	}
	if fresh || len(gone) > 0 {
		r.poke()
	}
}

// see notes chats of which nothing but the user name is known.
func (r *roster) see(names []string) (fresh bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range names {
		if r.chats[n] == nil && !r.dead[n] {
			r.chats[n] = &chat{userName: n}
			r.version++
			fresh = true
		}
	}
	return fresh
}

// learn notes what contacts tell of chats.
func (r *roster) learn(list []contact) (fresh bool) {
	for _, c := range list {
		members := r.hashed(c)
		r.mu.Lock()
		old := r.chats[string(c.UserName)]
		if old == nil {
			old = &chat{userName: string(c.UserName)}
		}
		now := *old
		// An empty name is what a dissolved group has, and what an incomplete answer has too: it changes nothing.
		if c.NickName != "" {
			now.shown, now.name = shown(string(c.NickName)), foldWire(string(c.NickName))
		}
		if n := max(c.MemberCount.int(), len(c.MemberList)); n > 0 {
			now.count = n
		}
		if members != nil {
			now.members = members
		}
		if !r.dead[now.userName] && (r.chats[now.userName] == nil || now.name != old.name || now.count != old.count || members != nil) {
			r.chats[now.userName] = &now
			r.version++
			fresh = true
		}
		r.mu.Unlock()
	}
	return fresh
}

// hashed is a contact's member list as a sorted set of hashes, without the account itself; nil when it has none.
func (r *roster) hashed(c contact) []uint64 {
	if len(c.MemberList) == 0 {
		return nil
	}
	out := make([]uint64, 0, len(c.MemberList))
	for _, m := range c.MemberList {
		if name := foldWire(string(m.NickName)); name != "" && string(m.UserName) != r.s.self {
			out = append(out, r.a.o.Store.HashName(name))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// publish keeps the chats that are no registered group where staff can choose among them: the candidates of doubtful
// bindings first, then the others that have a name.
func (r *roster) publish() {
	r.mu.RLock()
	version := r.version
	candidates := map[string]bool{}
	for _, b := range r.byGroup {
		for _, c := range b.Candidates {
			candidates[c] = true
		}
	}
	r.mu.RUnlock()
	if version == r.shown {
		return
	}
	var list []store.Chat
	for _, c := range r.free() {
		if c.name != "" || candidates[c.userName] {
			list = append(list, store.Chat{UserName: c.userName, Name: c.shown, Members: c.count})
		}
	}
	slices.SortFunc(list, func(a, b store.Chat) int {
		if x, y := candidates[a.UserName], candidates[b.UserName]; x != y {
			if x {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.UserName, b.UserName))
	})
	if first := r.shown < 0; first || !slices.Equal(list, r.kept) {
		if err := r.a.o.Store.SaveChats(r.a.o.Account, r.s.epoch, list); err != nil {
			r.s.log.Warn().Err(err).Msg("the chats that are no registered group were not kept")
			return
		}
		r.kept = list
	}
	r.shown = version
}
