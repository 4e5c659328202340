package bot

import (
	"context"
	"time"

	"chunfeng/store"
)

// lentAgain is how soon a group is looked at again that its own account reaches now.
const lentAgain = time.Minute

// lent binds groups that the registry gives to another account and that are in this one's contacts. Who scans which code
// is decided at the phone, and a registry falls behind; a group is served by an account that is in it. It is done only
// for a group whose name no other registered group and no other chat has, that its own account does not reach now, and
// by the same proofs as any other; a doubtful one is left to its own account. held tells whether a group was left because
// its own account has it.
func (r *roster) lent(ctx context.Context) (held bool, err error) {
	free := map[string]*chat{}
	chats := r.free()
	r.mu.RLock()
	names := map[string]int{}
	for _, c := range r.chats {
		names[c.name]++
	}
	r.mu.RUnlock()
	for i, c := range chats {
		if c.name != "" && names[c.name] == 1 {
			free[c.name] = &chats[i]
		}
	}
	if len(free) == 0 {
		return false, nil
	}
	bearers := map[string]int{}
	found := map[string]store.Group{}
	err = r.a.o.Store.EachGroup(func(g store.Group) bool {
		name := fold(g.Name)
		if free[name] == nil {
			return true
		}
		bearers[name]++
		if g.Account != "" && g.Account != r.a.o.Account {
			found[name] = g
		}
		return true
	})
	if err != nil {
		return false, err
	}
	var groups []known
	var some []chat
	for name, g := range found {
		if bearers[name] != 1 {
			continue
		}
		// An account that the registry names and nobody added has no binding.
		if b, ok, err := r.a.o.Store.Binding(g.Account, g.Number); err == nil && ok && b.State == store.Bound {
			held = true
			continue
		}
		groups = append(groups, known{group: g.Number, code: g.Code, names: []string{g.Name}})
		some = append(some, *free[name])
	}
	if err := r.recall(groups); err != nil || len(groups) == 0 {
		return held, err
	}
	verdicts, ask := match(groups, some)
	if learned, _ := r.details(ctx, ask); learned {
		r.mu.RLock()
		for i, c := range some {
			if now := r.chats[c.userName]; now != nil {
				some[i] = *now
			}
		}
		r.mu.RUnlock()
		verdicts, _ = match(groups, some)
	}
	var sure []verdict
	for _, v := range verdicts {
		if v.bound {
			sure = append(sure, v)
		}
	}
	if ctx.Err() == nil {
		r.record(sure)
	}
	return held, nil
}
