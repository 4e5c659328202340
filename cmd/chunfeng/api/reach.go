package api

import (
	"chunfeng/store"
)

// Reach says whether a group can be written to now, and else the first reason why not: each group has exactly one.
type Reach string

// The reaches, in the order in which they are looked for.
const (
	ReachOptedOut  Reach = "opted_out" // the group asked not to be written to
	ReachPaused    Reach = "paused"    // staff paused it
	Reachable      Reach = "reachable" // an account that is online knows it for certain
	ReachOffline   Reach = "offline"   // accounts know it for certain, and none of them is online
	ReachDoubtful  Reach = "doubtful"  // an account sees a chat that may be it: a person decides
	ReachRemoved   Reach = "removed"   // the account that was in it is in it no more
	ReachNeverSeen Reach = "never_seen"
)

// Reaches lists them: what can be reached first, then why not.
func Reaches() []Reach {
	return []Reach{Reachable, ReachOffline, ReachDoubtful, ReachRemoved, ReachNeverSeen, ReachOptedOut, ReachPaused}
}

// online answers the accounts that can send now, as accountState has it: none while no daemon runs.
func (a *API) online() (map[string]bool, error) {
	all, err := a.store.Accounts()
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for _, one := range all {
		out[one.Name] = a.accountState(one, false) == store.AccountOnline
	}
	return out, nil
}

// reachOf says whether a group can be written to by the accounts that are online.
func reachOf(g store.SeenGroup, online map[string]bool) Reach {
	switch g.State {
	case store.GroupOptedOut:
		return ReachOptedOut
	case store.GroupPaused:
		return ReachPaused
	}
	out := ReachNeverSeen
	for _, b := range g.Bindings {
		switch {
		case b.State == store.Bound && online[b.Account]:
			return Reachable
		case b.State == store.Bound:
			out = ReachOffline
		case b.State == store.Quarantined && out != ReachOffline:
			out = ReachDoubtful
		case b.State == store.Gone && out == ReachNeverSeen:
			out = ReachRemoved
		}
	}
	return out
}

// seenEach visits every group with its bindings, in short transactions. It ends when visit answers false.
func (a *API) seenEach(from uint32, visit func(store.SeenGroup) bool) error {
	const page = 1000
	for {
		all, err := a.store.SeenGroups(from, page)
		if err != nil {
			return err
		}
		for _, g := range all {
			if !visit(g) {
				return nil
			}
		}
		if len(all) < page {
			return nil
		}
		from = all[page-1].Number + 1
	}
}
