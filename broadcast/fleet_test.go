package broadcast

import (
	"testing"

	"chunfeng/store"
)

func TestChooseTheAccountThatIsInTheGroup(t *testing.T) {
	const group = 7
	for _, c := range []struct {
		why    string
		own    string
		bound  []string
		change func([]store.Account)
		want   string
		reach  bool
	}{
		{"the registry's, which reaches it", "a", []string{"a", "b"}, nil, "a", true},
		{"the registry's does not, another does", "a", []string{"b"}, nil, "b", true},
		{"nobody does yet: the registry's", "b", nil, nil, "b", false},
		{"the other one is stopped", "a", []string{"b"}, func(l []store.Account) { l[1].State = store.AccountStopped }, "a", false},
		{"the other one is paused", "a", []string{"b"}, func(l []store.Account) { l[1].Paused = true }, "a", false},
		{"the registry names an account that is none", "z", []string{"b"}, nil, "b", true},
		{"the registry names none", "", []string{"b"}, nil, "b", true},
	} {
		f := &fleet{accounts: []store.Account{{Name: "a"}, {Name: "b"}}, index: map[string]int16{"a": 0, "b": 1}, load: make([]int, 2)}
		f.bound = []map[uint32]struct{}{{}, {}}
		for _, name := range c.bound {
			f.bound[f.index[name]][group] = struct{}{}
		}
		if c.change != nil {
			c.change(f.accounts)
		}
		i, reach := f.choose(store.Group{Number: group, Account: c.own}, 1)
		if got := f.accounts[i].Name; got != c.want || reach != c.reach {
			t.Errorf("%s: %s (%v), want %s (%v)", c.why, got, reach, c.want, c.reach)
		}
	}
}
