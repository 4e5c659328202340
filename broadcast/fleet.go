package broadcast

import (
	"slices"

	"chunfeng/store"
)

// fleet is the accounts as a plan sees them: whom each can reach at the moment and how much each has to do.
type fleet struct {
	accounts []store.Account
	paces    []store.Pace
	index    map[string]int16
	bound    []map[uint32]struct{} // by account
	load     []int                 // deliveries of this plan
	backlog  []backlog             // of waves before
}

// backlog is what an account has to send before this wave's deliveries.
type backlog struct{ text, media int }

func (p *Planner) fleet() (*fleet, error) {
	f := &fleet{index: map[string]int16{}}
	all, err := p.Store.Accounts()
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		pace, err := p.Store.Pace(a.Name)
		if err != nil {
			return nil, err
		}
		bindings, err := p.Store.Bindings(a.Name)
		if err != nil {
			return nil, err
		}
		bound := make(map[uint32]struct{}, len(bindings))
		for _, b := range bindings {
			if b.State == store.Bound {
				bound[b.Group] = struct{}{}
			}
		}
		f.index[a.Name] = int16(len(f.accounts))
		f.accounts, f.paces, f.bound = append(f.accounts, a), append(f.paces, pace), append(f.bound, bound)
	}
	f.load, f.backlog = make([]int, len(f.accounts)), make([]backlog, len(f.accounts))
	waves, err := p.Store.Waves(true)
	if err != nil {
		return nil, err
	}
	for _, w := range waves {
		lanes, err := p.Store.Lanes(w.Number)
		if err != nil {
			return nil, err
		}
		for _, l := range lanes {
			if i, ok := f.index[l.Account]; ok {
				f.backlog[i].media += l.Pictures
				f.backlog[i].text += l.Counts[store.Planned] - l.Pictures
			}
		}
	}
	return f, nil
}

// choose answers the account that is to serve a group: the registry's, unless it does not reach the group now and another
// does; else one that is in the group now, else one of its county, else any; among equals the one with the least to do.
// bound tells whether it can reach the group at the moment.
func (f *fleet) choose(g store.Group, parts int) (account int16, bound bool) {
	best, rank := -1, 0
	if i, ok := f.index[g.Account]; ok && (f.reaches(int(i), g) || !f.reached(g)) {
		best = int(i)
	} else {
		for i, a := range f.accounts {
			r := 0
			if f.reaches(i, g) {
				r += 2
			}
			if a.County == g.County {
				r++
			}
			if a.Paused || a.State == store.AccountStopped {
				r -= 4
			}
			if best < 0 || r > rank || r == rank && f.load[i] < f.load[best] {
				best, rank = i, r
			}
		}
	}
	if best < 0 {
		return -1, false
	}
	f.load[best] += parts
	return int16(best), f.reaches(best, g)
}

// reaches tells whether an account's present session is in a group.
func (f *fleet) reaches(account int, g store.Group) bool {
	_, ok := f.bound[account][g.Number]
	return ok
}

// reached tells whether an account that may send is in a group.
func (f *fleet) reached(g store.Group) bool {
	for i, a := range f.accounts {
		if f.reaches(i, g) && !a.Paused && a.State != store.AccountStopped {
			return true
		}
	}
	return false
}

// names lists the accounts' names by their place.
func (f *fleet) names() []string {
	out := make([]string, len(f.accounts))
	for i, a := range f.accounts {
		out[i] = a.Name
	}
	return slices.Clip(out)
}
