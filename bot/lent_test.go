package bot_test

import (
	"testing"
	"time"

	"chunfeng/bot"
	"chunfeng/bot/wxsim"
	"chunfeng/store"
)

// The registry says who serves a group; who is in it is decided at the phone.
func TestGroupsOfAnotherAccountThatThisOneIsIn(t *testing.T) {
	live(t, setup{before: func(w *world) {
		if _, err := w.store.AddAccount("a2", "", "test"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.store.StartSession("a2", "e2", 9, "nick"); err != nil {
			t.Fatal(err)
		}
		w.registry(
			store.Group{Code: "G0001", Name: "바뀐 그룹", Account: "a2"},
			store.Group{Code: "G0002", Name: "함께 있는 그룹", Account: "a2"},
			store.Group{Code: "G0003", Name: "같은 이름", Account: "a1"}, store.Group{Code: "G0004", Name: "같은 이름", Account: "a2"},
			store.Group{Code: "G0005", Name: "두 채팅의 이름", Account: "a2"},
			store.Group{Code: "G0006", Name: "없는 계정의 그룹", Account: "zz"},
			store.Group{Code: "G0007", Name: "암호로 아는 그룹", Account: "a2"},
		)
		if err := w.store.Bind("a2", "e2", store.Binding{Group: w.group("G0002").Number, UserName: "@@2", State: store.Bound}); err != nil {
			t.Fatal(err)
		}
		for id, name := range map[string]string{
			"G0001": "바뀐 그룹", "G0002": "함께 있는 그룹", "G0003": "같은 이름", "G0005": "두 채팅의 이름", "other": "두 채팅의 이름",
			"G0006": "없는 계정의 그룹", "G0007": "다른 이름으로 된 그룹",
		} {
			w.sim.AddGroup(wxsim.GroupOptions{ID: id, Name: name, Count: 20}).Join(w.phone, true)
		}
	}}, func(w *world) {
		w.settled()
		for _, c := range []struct {
			code, why string
			want      store.BindingState
		}{
			{"G0001", "its own account is not in it", store.Bound},
			{"G0002", "its own account has it", ""},
			{"G0003", "this account's own", store.Bound},
			{"G0004", "another registered group has the name: the chat may be that one", ""},
			{"G0005", "two chats have the name", ""},
			{"G0006", "nobody added the account that the registry names", store.Bound},
			{"G0007", "no chat has the name", ""},
		} {
			if got := w.bound(c.code); got != c.want {
				t.Errorf("%s is %q, want %q: %s", c.code, got, c.want, c.why)
			}
		}
		if _, err := w.send("G0001", "G0001"); err != nil {
			t.Error(err)
		}
		w.sim.Group("G0007").Says("", "绑定 "+w.group("G0007").Pairing)
		w.until("bound by its phrase", time.Minute, func() bool { return w.bound("G0007") == store.Bound })
		// Its own account is removed from the group: the one that is still in it steps in.
		if err := w.store.Bind("a2", "e2", store.Binding{Group: w.group("G0002").Number, UserName: "@@2", State: store.Gone}); err != nil {
			t.Fatal(err)
		}
		w.until("left by its own account", 5*time.Minute, func() bool { return w.bound("G0002") == store.Bound })
	})
}

// A server that tells no sizes for half an hour must not keep a whole account from its groups.
func TestNamesDoWhenTheServerTellsNoSizes(t *testing.T) {
	live(t, setup{groups: 30}, func(w *world) {
		w.settled()
		w.until("members remembered", time.Minute, func() bool {
			k, _ := w.store.Sketches()
			return len(k[w.group(gid(29)).Number].Members) > 0
		})
		w.faults("batch.1205:n=0,per=1m,block=30m")
		w.relog()
		w.until("bound by name", 10*time.Second, func() bool { return w.acct.State().Bound == 30 })
		if b := w.binding(gid(3)); b.Evidence != "name" {
			t.Errorf("%+v", b)
		}
		if n := w.count(bot.GroupsMatched); n != 2 {
			t.Errorf("matched %d times", n)
		}
	})
}
