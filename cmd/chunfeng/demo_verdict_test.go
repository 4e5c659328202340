package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chunfeng/store"
	"chunfeng/store/storetest"
)

// TestVerdictOfTheUnheard says one thing in each group and never finds it again: only what nobody could hear, by the ledger
// and by the witness, is not missed.
func TestVerdictOfTheUnheard(t *testing.T) {
	s := storetest.Open(t)
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	for _, name := range []string{"a01", "a02"} {
		must(s.AddAccount(name, "", "test"))
		must(s.StartSession(name, "e", 1, name))
	}
	var said []expectation
	alone := map[string]bool{}
	missed := []string{}
	for i, c := range []struct {
		states []store.BindingState // of a01 and a02
		gone   time.Duration        // when they were told, before it was said
		empty  bool                 // the witness knows of no account there
		out    bool
		why    string
	}{
		{[]store.BindingState{store.Gone}, time.Minute, true, true, "the only account was removed before"},
		{[]store.BindingState{store.Gone, store.Gone}, time.Minute, true, true, "both were"},
		{[]store.BindingState{store.Gone}, time.Minute, false, false, "the ledger gave an account up that is there and hears"},
		{[]store.BindingState{store.Gone}, -time.Minute, true, false, "it was said while the account was there"},
		{[]store.BindingState{store.Gone, store.Bound}, time.Minute, true, false, "the ledger says that the other one hears"},
		{[]store.BindingState{store.Bound}, time.Minute, true, false, "the ledger does not know that nobody hears"},
		{nil, 0, true, false, "the group was never seen, and nothing says so"},
	} {
		code := fmt.Sprintf("G%03d", i)
		must(s.PutGroups([]store.Group{{Code: code, Name: code, County: "yanji", Language: "ko"}}, "test"))
		g, err := s.Group(code)
		must(g, err)
		for j, state := range c.states {
			b := store.Binding{Group: g.Number, UserName: fmt.Sprint("@@", i), Name: code, Evidence: "name", State: state, At: now.Add(-c.gone)}
			must(nil, s.Bind(fmt.Sprintf("a%02d", j+1), "e", b))
		}
		alone[code] = c.empty
		said = append(said, expectation{id: c.why, group: code, intent: "signup", at: now, people: []expectedPerson{{phone: fmt.Sprintf("1384433%04d", i), vacancies: []string{"A001"}}}})
		if !c.out {
			missed = append(missed, c.why)
		}
	}
	v := &verdict{}
	must(nil, v.listen(s, said, func(code string) bool { return alone[code] }))
	got := make([]string, 0, len(v.unheard))
	for _, e := range said {
		for _, id := range v.unheard {
			if id == e.id {
				got = append(got, id)
			}
		}
	}
	if diff := cmp.Diff(missed, got); diff != "" {
		t.Errorf("missed (-want +got):\n%s", diff)
	}
	if v.said != len(said) || v.outOfReach != 2 || v.missed != len(missed) {
		t.Errorf("of %d said %d were out of reach and %d missed", v.said, v.outOfReach, v.missed)
	}
}
