package api

import (
	"fmt"
	"net/url"
	"testing"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// doubts registers six groups of which a1 knows G000 for certain and doubts the others: G001 and G004, of Tumen, may be
// the chat @@t, the others may be @@x or @@y.
func doubts(t *testing.T, a *API) {
	t.Helper()
	register(t, a, 6, map[int]store.BindingState{0: store.Bound})
	var list []store.Binding
	for i := 1; i < 6; i++ {
		b := store.Binding{Group: uint32(i + 1), State: store.Quarantined, Why: "bot.doubtful_name | G | chat", Candidates: []string{"@@x", "@@y"}}
		if i%3 == 1 {
			b.Candidates = []string{"@@t"}
		}
		list = append(list, b)
	}
	if err := a.store.Bind("a1", "e", list...); err != nil {
		t.Fatal(err)
	}
	if err := a.store.SaveChats("a1", "e", []store.Chat{{UserName: "@@t", Name: "图们群", Members: 40}, {UserName: "@@x", Name: "群 x"}, {UserName: "@@y", Name: "群 y"}, {UserName: "@@z", Name: "同学"}}); err != nil {
		t.Fatal(err)
	}
}

func supervisorOf(county string) Caller {
	return Caller{Name: "li", Role: store.RoleSupervisor, County: county, Lang: words.English}
}

func TestDoubtsArePaged(t *testing.T) {
	a := newAPI(t)
	doubts(t, a)
	for _, c := range []struct {
		caller Caller
		q      url.Values
		want   string
		why    string
	}{
		{staffOf(""), nil, "[G001 G002 G003 G004 G005] of 5", "everybody sees them"},
		{staffOf("tumen"), nil, "[G001 G004] of 2", "of one's own county"},
		{staffOf("tumen"), url.Values{"county": {"helong"}}, "[] of 0", "and no other"},
		{staffOf(""), url.Values{"county": {"和龙"}}, "[G002 G005] of 2", "of a county"},
		{staffOf(""), url.Values{"account": {"a9"}}, "[] of 0", "of another account"},
		{staffOf(""), url.Values{"group": {"g003"}}, "[G003] of 1", "of one group"},
	} {
		for _, limit := range []string{"1", "2", "100"} {
			got, total := []string{}, 0
			q := url.Values{"limit": {limit}}
			for k, v := range c.q {
				q[k] = v
			}
			for range 10 {
				page := get[DoubtPage](t, a, c.caller, "/v1/registry/doubtful", q)
				total = page.Total
				for _, d := range page.Doubts {
					got = append(got, d.Code)
				}
				if page.Next == "" {
					break
				}
				q.Set("after", page.Next)
			}
			if said := fmt.Sprint(got, " of ", total); said != c.want {
				t.Errorf("%s, %s a page: %s, want %s", c.why, limit, said, c.want)
			}
		}
	}
	d := get[DoubtPage](t, a, staffOf(""), "/v1/registry/doubtful", url.Values{"group": {"G001"}}).Doubts[0]
	if len(d.Candidates) != 1 || d.Candidates[0].Name != "图们群" || d.Candidates[0].Members != 40 || d.Why == "" || d.Pairing == "" {
		t.Errorf("%+v", d)
	}
}

func TestDecideADoubt(t *testing.T) {
	a := newAPI(t)
	doubts(t, a)
	for _, c := range []struct {
		caller Caller
		path   string
		order  BindingOrder
		want   words.Kind
		why    string
	}{
		{staffOf(""), "/v1/groups/G001/bindings/a1", BindingOrder{As: "bound", Why: "x"}, words.Forbidden, "staff decide"},
		{supervisorOf(""), "/v1/groups/G001/bindings/a1", BindingOrder{As: "bound", Why: " "}, words.Usage, "without a reason"},
		{supervisorOf("yanji"), "/v1/groups/G001/bindings/a1", BindingOrder{As: "bound", Why: "x"}, words.Missing, "another county's"},
		{supervisorOf(""), "/v1/groups/G001/bindings/a9", BindingOrder{As: "bound", Why: "x"}, words.Missing, "an account that there is not"},
		{supervisorOf(""), "/v1/groups/G002/bindings/a1", BindingOrder{As: "bound", Why: "x"}, words.Usage, "one of two chats, without saying which"},
		{supervisorOf(""), "/v1/groups/G001/bindings/a1", BindingOrder{As: "paused", Why: "x"}, words.Usage, "no decision"},
		{supervisorOf(""), "/v1/groups/G000/bindings/a1", BindingOrder{As: "bound", Chat: "@@x", Why: "x"}, words.Conflict, "what is certain already"},
	} {
		if k := refused(t, a, c.caller, "POST", c.path, nil, c.order); k != c.want {
			t.Errorf("%s: %q, want %q", c.why, k, c.want)
		}
	}
	order := BindingOrder{As: "bound", Why: "its owner told us"}
	d, err := Ask[GroupDetail](t.Context(), a, supervisorOf("tumen"), "POST", "/v1/groups/G001/bindings/a1", nil, order)
	if err != nil || d.Reach != Reachable || d.Bindings[0].Name != "图们群" || d.Bindings[0].Evidence != store.EvidencePerson {
		t.Fatalf("%+v %v", d, err)
	}
	if k := refused(t, a, supervisorOf(""), "POST", "/v1/groups/G001/bindings/a1", nil, order); k != words.Conflict {
		t.Error("the second one is told nothing:", k)
	}
	// A chat that is no candidate can be chosen too; and one that is none is ruled out.
	if _, err := Ask[GroupDetail](t.Context(), a, supervisorOf(""), "POST", "/v1/groups/G002/bindings/a1", nil, BindingOrder{As: "bound", Chat: "@@z", Why: "renamed"}); err != nil {
		t.Error(err)
	}
	if d, err := Ask[GroupDetail](t.Context(), a, supervisorOf(""), "POST", "/v1/groups/G003/bindings/a1", nil, BindingOrder{As: "gone", Why: "neither"}); err != nil || d.Reach != ReachRemoved {
		t.Error(d, err)
	}
	if chats := get[[]store.Chat](t, a, supervisorOf(""), "/v1/accounts/a1/chats", nil); len(chats) != 2 {
		t.Errorf("chats left: %+v", chats)
	}
	if k := refused(t, a, staffOf(""), "GET", "/v1/accounts/a1/chats", nil, nil); k != words.Forbidden {
		t.Error("staff see all chats of an account:", k)
	}
}

func TestHandOver(t *testing.T) {
	a := newAPI(t)
	register(t, a, 6, nil)
	must(t)(a.store.AddAccount("a2", "", "kim"))
	must(t)(a.store.StartSession("a2", "e2", 2, ""))
	var groups []store.Group
	for i := range 4 {
		groups = append(groups, store.Group{Code: fmt.Sprintf("H%d", i), Name: "群", County: "yanji", Language: "zh", Account: "a1"})
	}
	must(t)(a.store.PutGroups(groups, "kim"))
	for i := range 3 {
		if err := a.store.Bind("a2", "e2", store.Binding{Group: uint32(7 + i), UserName: fmt.Sprint("@@", i), State: store.Bound}); err != nil {
			t.Fatal(err)
		}
	}
	path, li := "/v1/accounts/a1/hand-over", supervisorOf("")
	v := get[HandOver](t, a, li, path, url.Values{"to": {"a2"}})
	if v.Groups != 3 || v.Missing != 1 || v.NotIn[0].Code != "H3" || v.ToState != store.AccountOnline || v.Done {
		t.Errorf("%+v", v)
	}
	seen := v.Groups
	if err := a.store.Bind("a2", "e2", store.Binding{Group: 10, UserName: "@@9", State: store.Bound}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		caller Caller
		order  HandOverOrder
		want   words.Kind
		why    string
	}{
		{staffOf(""), HandOverOrder{To: "a2"}, words.Forbidden, "staff hand over"},
		{supervisorOf("yanji"), HandOverOrder{To: "a2"}, words.Forbidden, "somebody of one county"},
		{li, HandOverOrder{To: "a1"}, words.Usage, "to itself"},
		{li, HandOverOrder{To: "a9"}, words.Missing, "to nobody"},
		{li, HandOverOrder{To: "a2", Groups: &seen}, words.Conflict, "another number than was shown"},
	} {
		if k := refused(t, a, c.caller, "POST", path, nil, c.order); k != c.want {
			t.Errorf("%s: %q, want %q", c.why, k, c.want)
		}
	}
	now := 4
	if v, err := Ask[HandOver](t.Context(), a, li, "POST", path, nil, HandOverOrder{To: "a2", Groups: &now}); err != nil || !v.Done || v.Groups != 4 || v.Missing != 0 {
		t.Errorf("%+v %v", v, err)
	}
	if g := get[GroupDetail](t, a, li, "/v1/groups/H0", nil); g.Account != "a2" {
		t.Error("H0 is still", g.Account)
	}
	if k := refused(t, a, li, "POST", path, nil, HandOverOrder{To: "a2"}); k != words.Conflict {
		t.Error("there is nothing left, and it is done again:", k)
	}
}
