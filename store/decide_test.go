package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chunfeng/store"
	"chunfeng/store/storetest"
	"chunfeng/templates/words"
)

// doubtful makes a ledger with three groups, of which account a01 takes two for either of two chats.
func doubtful(t *testing.T) *store.Store {
	t.Helper()
	s := storetest.Open(t)
	openRunning(t, s, 2, 3)
	if _, err := s.StartSession("a01", "e1", 1, "n"); err != nil {
		t.Fatal(err)
	}
	twins := []string{"@@x", "@@y"}
	if err := s.Bind("a01", "e1",
		store.Binding{Group: 1, State: store.Quarantined, Why: "bot.same_name | 2", Candidates: twins},
		store.Binding{Group: 2, State: store.Quarantined, Why: "bot.same_name | 2", Candidates: twins},
		store.Binding{Group: 3, State: store.Bound, UserName: "@@3", Name: "셋", Evidence: "name"}); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveSketch("a01", "e1", store.Learned{UserName: "@@3", Sketch: store.Sketch{Group: 3, Names: []string{"셋"}, Members: []uint64{1, 2, 3}, Count: 3}}); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveChats("a01", "e1", []store.Chat{{UserName: "@@x", Name: "취업", Members: 30}, {UserName: "@@y", Name: "취업"}, {UserName: "@@z", Name: "가족"}}); err != nil {
		t.Fatal(err)
	}
	return s
}

// standing is what a01's session calls a group.
func standing(t *testing.T, s *store.Store, group uint32) string {
	t.Helper()
	b, found, err := s.Binding("a01", group)
	if err != nil {
		t.Fatal(err)
	}
	if !found {
		return "none"
	}
	return fmt.Sprintf("%s %s %s %v", b.State, b.UserName, b.Evidence, b.Candidates)
}

func TestDoubtfulBindingsShowBothSides(t *testing.T) {
	s := doubtful(t)
	if _, err := s.StartSession("a02", "e2", 2, "n"); err != nil {
		t.Fatal(err)
	}
	if err := s.Bind("a02", "e2", store.Binding{Group: 2, State: store.Bound, UserName: "@@other", Evidence: "name"}); err != nil {
		t.Fatal(err)
	}
	got, err := s.DoubtfulBindings()
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	want := []store.Chat{{UserName: "@@x", Name: "취업", Members: 30}, {UserName: "@@y", Name: "취업"}}
	for i, d := range got {
		if d.Account != "a01" || d.Group.Number != uint32(i+1) || d.Binding.Why != "bot.same_name | 2" || !slices.Equal(d.Candidates, want) || d.Elsewhere != []string{"", "a02"}[i] {
			t.Errorf("%+v", d)
		}
	}
}

func TestADecisionHolds(t *testing.T) {
	s := doubtful(t)
	b, err := s.DecideBinding(store.Decision{Account: "a01", Group: 1, As: store.Bound, Chat: "@@x", Who: "li", Why: "asked | the owner"})
	if err != nil || b.Evidence != store.EvidencePerson || b.Name != "취업" || b.Members != 30 || b.Why != "asked / the owner" {
		t.Fatalf("%+v, %v", b, err)
	}
	if n, found, err := s.BoundGroup("a01", "@@x"); err != nil || !found || n != 1 {
		t.Errorf("what is said in the chat is taken for group %d, %v", n, err)
	}
	if got := standing(t, s, 2); got != "quarantined   [@@y]" {
		t.Errorf("the chat is still a candidate of the other group: %s", got)
	}
	if chats, err := s.Chats("a01"); err != nil || len(chats) != 2 {
		t.Errorf("chats to choose from: %v, %v", chats, err)
	}
	if s.Decisions() != 1 {
		t.Error("whoever remembers bindings is not told")
	}
	// What the session's matching says later, of this group or of its chat, changes nothing.
	for _, b := range []store.Binding{
		{Group: 1, State: store.Quarantined, Why: "bot.same_name | 2"},
		{Group: 1, State: store.Bound, UserName: "@@y", Evidence: "members"},
		{Group: 1, State: store.Gone, UserName: "@@y", Evidence: "name"},
		{Group: 1, State: store.Gone, UserName: "@@y", Evidence: store.EvidencePerson},
		{Group: 2, State: store.Bound, UserName: "@@x", Evidence: "name"},
	} {
		if err := s.Bind("a01", "e1", b); err != nil {
			t.Fatal(err)
		}
		if got := standing(t, s, 1); got != "bound @@x person []" {
			t.Errorf("after %+v it is %s", b, got)
		}
	}
	if got := standing(t, s, 2); got != "quarantined   [@@y]" {
		t.Errorf("one chat for two groups: %s", got)
	}
	// The chat's own end counts, and a phrase is proof.
	if err := s.Bind("a01", "e1", store.Binding{Group: 2, State: store.Bound, UserName: "@@x", Evidence: store.EvidencePhrase}); err != nil {
		t.Fatal(err)
	}
	if one, two := standing(t, s, 1), standing(t, s, 2); one != "quarantined @@x  []" || two != "bound @@x phrase []" {
		t.Errorf("after a phrase: %s; %s", one, two)
	}
	if n, _, _ := s.BoundGroup("a01", "@@x"); n != 2 {
		t.Errorf("what is said in the chat is taken for group %d", n)
	}
	if _, err := s.DecideBinding(store.Decision{Account: "a01", Group: 1, As: store.Bound, Chat: "@@y", Who: "li"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Bind("a01", "e1", store.Binding{Group: 1, State: store.Gone, UserName: "@@y", Evidence: store.EvidencePerson}); err != nil {
		t.Fatal(err)
	}
	if got := standing(t, s, 1); got != "gone @@y  []" {
		t.Errorf("the account was removed from the chat, and may come back: %s", got)
	}
	if _, found, _ := s.BoundGroup("a01", "@@y"); found {
		t.Error("and what is said in it is still taken for the group's")
	}
}

func TestRuledOut(t *testing.T) {
	s := doubtful(t)
	// A wrong binding that the machine made.
	if _, err := s.DecideBinding(store.Decision{Account: "a01", Group: 3, As: store.Gone, Who: "li", Why: "another village"}); err != nil {
		t.Fatal(err)
	}
	if _, found, _ := s.BoundGroup("a01", "@@3"); found {
		t.Error("what is said in the chat is still taken for the group's")
	}
	if err := s.Bind("a01", "e1", store.Binding{Group: 3, State: store.Bound, UserName: "@@3", Evidence: "name"}); err != nil {
		t.Fatal(err)
	}
	if got := standing(t, s, 3); got != "gone @@3 person []" {
		t.Errorf("matching bound it again: %s", got)
	}
	if _, err := s.DecideBinding(store.Decision{Account: "a01", Group: 1, As: store.Gone, Who: "li"}); err != nil {
		t.Fatal(err)
	}
	k, err := s.Sketches()
	want := map[uint32]store.Sketch{3: {Group: 3, Not: []string{"셋"}}, 1: {Group: 1, Not: []string{"취업"}}}
	if diff := cmp.Diff(want, k); diff != "" || err != nil {
		t.Errorf("remembered: %v\n%s", err, diff)
	}
	// What was learned before of the chat that is now ruled out comes too late.
	if err := s.SaveSketch("a01", "e1", store.Learned{UserName: "@@3", Sketch: store.Sketch{Group: 3, Members: []uint64{1, 2, 3}}}); err != nil {
		t.Fatal(err)
	}
	// The chat that was ruled out for one group is another one; what is learned of that one leaves the ruling alone.
	if _, err := s.DecideBinding(store.Decision{Account: "a01", Group: 1, As: store.Bound, Chat: "@@z", Who: "li"}); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveSketch("a01", "e1", store.Learned{UserName: "@@z", Sketch: store.Sketch{Group: 1, Names: []string{"가족"}, Members: []uint64{9}}}); err != nil {
		t.Fatal(err)
	}
	k, err = s.Sketches()
	want[1] = store.Sketch{Group: 1, Names: []string{"가족"}, Members: []uint64{9}, Not: []string{"취업"}}
	if diff := cmp.Diff(want, k); diff != "" || err != nil {
		t.Errorf("remembered: %v\n%s", err, diff)
	}
}

// TestAChoiceIsLearnedAnew: what is remembered of a group may have led to the doubt.
func TestAChoiceIsLearnedAnew(t *testing.T) {
	s := doubtful(t)
	if _, err := s.StartSession("a01", "e2", 1, "n"); err != nil {
		t.Fatal(err)
	}
	if err := s.Bind("a01", "e2", store.Binding{Group: 3, State: store.Quarantined, Candidates: []string{"@@new"}}); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveChats("a01", "e2", []store.Chat{{UserName: "@@new", Name: "새 이름"}}); err != nil {
		t.Fatal(err)
	}
	doubts, err := s.DoubtfulBindings()
	if err != nil || len(doubts) != 1 || doubts[0].Members != 3 || !slices.Equal(doubts[0].Names, []string{"셋"}) {
		t.Errorf("%+v, %v", doubts, err)
	}
	if _, err := s.DecideBinding(store.Decision{Account: "a01", Group: 3, As: store.Bound, Who: "li"}); err != nil {
		t.Fatal(err)
	}
	if k, err := s.Sketches(); err != nil || len(k) != 0 {
		t.Errorf("still remembered: %+v, %v", k, err)
	}
}

func TestDecisionRefuses(t *testing.T) {
	s := doubtful(t)
	if _, err := s.AddAccount("a09", "", "t"); err != nil {
		t.Fatal(err)
	}
	before := []string{standing(t, s, 1), standing(t, s, 2), standing(t, s, 3)}
	for name, c := range map[string]struct {
		d   store.Decision
		key string
	}{
		"nobody added the account":             {store.Decision{Account: "x", Group: 1, As: store.Gone}, "store.no_account"},
		"the account never logged in":          {store.Decision{Account: "a09", Group: 1, As: store.Gone}, "binding.no_session"},
		"no such group":                        {store.Decision{Account: "a01", Group: 99, As: store.Gone}, "store.no_group"},
		"no decision":                          {store.Decision{Account: "a01", Group: 1, As: store.Quarantined}, "binding.bad_state"},
		"several candidates and none named":    {store.Decision{Account: "a01", Group: 1, As: store.Bound}, "binding.choose"},
		"a chat that the session does not see": {store.Decision{Account: "a01", Group: 1, As: store.Bound, Chat: "@@gone"}, "binding.no_chat"},
		"a chat of another group":              {store.Decision{Account: "a01", Group: 1, As: store.Bound, Chat: "@@3"}, "binding.chat_taken"},
		"the group has a chat":                 {store.Decision{Account: "a01", Group: 3, As: store.Bound, Chat: "@@x"}, "binding.is_bound"},
	} {
		if _, err := s.DecideBinding(c.d); !errors.Is(err, words.Refuse(c.key)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after := []string{standing(t, s, 1), standing(t, s, 2), standing(t, s, 3)}; !slices.Equal(before, after) || s.Decisions() != 0 {
		t.Errorf("a refusal changed %q to %q", before, after)
	}
	if _, err := s.DecideBinding(store.Decision{Account: "a01", Group: 1, As: store.Gone, Who: "li"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DecideBinding(store.Decision{Account: "a01", Group: 1, As: store.Gone, Who: "kim"}); !errors.Is(err, words.Refuse("binding.is_gone")) {
		t.Errorf("decided a second time: %v", err)
	}
	// One candidate is left to the other after this; then it need not be named.
	if _, err := s.DecideBinding(store.Decision{Account: "a01", Group: 1, As: store.Bound, Chat: "@@y", Who: "li"}); err != nil {
		t.Fatal(err)
	}
	if b, err := s.DecideBinding(store.Decision{Account: "a01", Group: 2, As: store.Bound, Who: "li"}); err != nil || b.UserName != "@@x" {
		t.Errorf("the only candidate: %+v, %v", b, err)
	}
}

// TestTwoDecideAtOnce: one chat for two groups, and two chats for one group, by many people at the same moment.
func TestTwoDecideAtOnce(t *testing.T) {
	s := doubtful(t)
	var people sync.WaitGroup
	var mu sync.Mutex
	took := 0
	for _, group := range []uint32{1, 2} {
		for _, chat := range []string{"@@x", "@@y"} {
			for range 5 {
				people.Go(func() {
					if _, err := s.DecideBinding(store.Decision{Account: "a01", Group: group, As: store.Bound, Chat: chat, Who: "li"}); err == nil {
						mu.Lock()
						took++
						mu.Unlock()
					}
				})
			}
		}
	}
	people.Wait()
	x, _, _ := s.BoundGroup("a01", "@@x")
	y, _, _ := s.BoundGroup("a01", "@@y")
	if took != 2 || x+y != 3 {
		t.Errorf("%d decisions were taken; the chats are groups %d and %d", took, x, y)
	}
}

func TestChatsEndWithTheSession(t *testing.T) {
	dir := t.TempDir()
	s := storetest.OpenDir(t, dir)
	if _, err := s.AddAccount("a01", "", "t"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.StartSession("a01", "e1", 1, "n"); err != nil {
		t.Fatal(err)
	}
	var many []store.Chat
	for i := range 1500 {
		many = append(many, store.Chat{UserName: fmt.Sprintf("@@%d", i), Name: fmt.Sprintf("우리가족%d", i)})
	}
	if err := s.SaveChats("a01", "e1", many); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Chats("a01"); err != nil || len(got) != 1000 || got[0] != many[0] {
		t.Errorf("%d chats, %v", len(got), err)
	}
	b, err := os.ReadFile(filepath.Join(dir, store.DatabaseFile))
	if err != nil || bytes.Contains(b, []byte("우리가족")) {
		t.Error("the names of private chats lie open in the file", err)
	}
	if err := s.SaveChats("a01", "e0", many); !errors.Is(err, words.Refuse("store.other_session")) {
		t.Errorf("another session's chats: %v", err)
	}
	if _, err := s.StartSession("a01", "e2", 1, "n"); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Chats("a01"); err != nil || len(got) != 0 {
		t.Errorf("the session before saw %v, %v", got, err)
	}
	if err := s.SaveChats("a01", "e2", many); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ChangeAccount("a01", "t", "", func(a *store.Account) error { a.Removed = true; return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddAccount("a01", "", "t"); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Chats("a01"); err != nil || len(got) != 0 {
		t.Errorf("an account that was removed and came back saw %d", len(got))
	}
}

// TestRegistryCounts: whoever remembers groups and bindings reads them again when one was written, and only then. A count
// that also grew with each delivery would have every account walk over every group while a wave runs.
func TestRegistryCounts(t *testing.T) {
	s := storetest.Open(t)
	for _, c := range []struct {
		what  string
		do    func() error
		grows bool
	}{
		{"groups", func() error {
			_, err := s.PutGroups([]store.Group{{Code: "YJ0001", Name: "연길", County: "yanji", Language: "ko"}}, "test")
			return err
		}, true},
		{"an account", func() error { _, err := s.AddAccount("a1", "", "test"); return err }, false},
		{"a group's state", func() error { _, err := s.SetGroup("YJ0001", store.GroupPaused, "", "test"); return err }, true},
		{"a pace", func() error { return s.SavePace(store.Pace{Account: "a1"}) }, false},
		{"a note", func() error { return s.Note("test", "x", "y", "z") }, false},
	} {
		before := s.Registry()
		if err := c.do(); err != nil {
			t.Fatal(err)
		}
		if grew := s.Registry() > before; grew != c.grows {
			t.Errorf("%s: it grew: %v", c.what, grew)
		}
	}
}
