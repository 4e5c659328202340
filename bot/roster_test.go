package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"chunfeng/bot"
	"chunfeng/bot/wxsim"
	"chunfeng/store"
)

// registry adds registered groups.
func (w *world) registry(groups ...store.Group) {
	w.t.Helper()
	for i := range groups {
		if groups[i].County == "" {
			groups[i].County, groups[i].Language = "yanji", "ko"
		}
	}
	if _, err := w.store.PutGroups(groups, "test"); err != nil {
		w.t.Fatal(err)
	}
}

// state of a group's binding, "" when there is none.
func (w *world) bound(code string) store.BindingState {
	w.t.Helper()
	b, found, err := w.store.Binding("a1", w.group(code).Number)
	if err != nil {
		w.t.Fatal(err)
	}
	if !found {
		return ""
	}
	return b.State
}

// names makes a list of invented members.
func names(prefix string, n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf("%s%d", prefix, i))
	}
	return out
}

// relog ends the session and waits for the next one.
func (w *world) relog() {
	w.t.Helper()
	n := w.count(bot.GroupsMatched)
	time.Sleep(time.Minute)
	w.phone.Kick()
	w.until("the next session", 10*time.Minute, func() bool { return w.count(bot.GroupsMatched) == n+1 })
}

func TestWhatCannotBeToldApartIsNotSentTo(t *testing.T) {
	live(t, setup{before: func(w *world) {
		w.registry(
			store.Group{Code: "G0001", Name: "취업정보"}, store.Group{Code: "G0002", Name: "취업정보"},
			store.Group{Code: "G0003", Name: "왕청 🔥 취업 & 정보"}, store.Group{Code: "G0004", Name: "다른 계정의 그룹", Account: "other"},
			store.Group{Code: "G0005", Name: "저장하지 않은 그룹"}, store.Group{Code: "G0006", Name: "없는 그룹"},
		)
		for _, g := range []struct {
			id, name string
			saved    bool
		}{{"G0001", "취업정보", true}, {"G0002", "취업정보", true}, {"G0003", "왕청 🔥 취업 & 정보", true}, {"G0004", "다른 계정의 그룹", true}, {"G0005", "저장하지 않은 그룹", false}} {
			w.sim.AddGroup(wxsim.GroupOptions{ID: g.id, Name: g.name, Members: names(g.id+"사람", 30)}).Join(w.phone, g.saved)
		}
	}}, func(w *world) {
		w.settled()
		w.until("the unsaved group, which webwxinit names", time.Minute, func() bool { return w.bound("G0005") == store.Bound })
		for code, want := range map[string]store.BindingState{
			"G0001": store.Quarantined, "G0002": store.Quarantined, "G0003": store.Bound, "G0004": store.Bound, "G0006": "",
		} {
			if got := w.bound(code); got != want {
				t.Errorf("%s is %q, want %q", code, got, want)
			}
		}
		if why := bot.ReadWhy(w.binding("G0001").Why); why.Key != "bot.same_name" || !strings.Contains(why.String(), "취업정보 (31)") {
			t.Errorf("why %q", why)
		}
		for _, code := range []string{"G0001", "G0002", "G0006"} {
			if _, err := w.send(code, "안 됩니다"); err == nil {
				t.Errorf("%s was sent to", code)
			}
		}
		if len(w.sim.Arrivals()) != 0 {
			t.Error("something arrived")
		}

		// A member posts the phrase of the one: that one is proven, and the other follows because nothing else is left.
		w.sim.Group("G0002").Says("", "绑定 "+strings.ToLower(w.group("G0002").Pairing))
		w.until("bound by its phrase", time.Minute, func() bool { return w.bound("G0002") == store.Bound })
		if b := w.binding("G0002"); b.Evidence != "phrase" {
			t.Errorf("%+v", b)
		}
		w.until("the other one", time.Minute, func() bool { return w.bound("G0001") == store.Bound })
		for _, code := range []string{"G0001", "G0002", "G0003", "G0005"} {
			if _, err := w.send(code, code); err != nil {
				t.Error(code, err)
			}
		}
		for _, a := range w.sim.Arrivals() {
			if a.Group != a.Text {
				t.Errorf("what was meant for %s reached %s", a.Text, a.Group)
			}
		}
		if n := len(w.replies()); n != 0 {
			t.Errorf("the registrar was given %d phrases", n)
		}
	})
}

func TestThePhraseFromTheOwnPhone(t *testing.T) {
	live(t, setup{before: func(w *world) {
		w.registry(store.Group{Code: "G0001", Name: "등록부의 이름"})
		w.sim.AddGroup(wxsim.GroupOptions{ID: "G0001", Name: "전혀 다른 이름", Count: 20}).Join(w.phone, false)
	}}, func(w *world) {
		w.settled()
		if got := w.bound("G0001"); got != "" {
			t.Fatal(got)
		}
		if err := w.phone.PhoneSays(w.sim.Group("G0001"), "매칭 "+w.group("G0001").Pairing); err != nil {
			t.Fatal(err)
		}
		w.until("bound", time.Minute, func() bool { return w.bound("G0001") == store.Bound })
		// Next time the name that it really has is known.
		w.until("remembered", time.Minute, func() bool {
			k, _ := w.store.Sketches()
			return len(k[w.group("G0001").Number].Members) > 0
		})
		w.relog()
		w.until("bound again", time.Minute, func() bool { return w.bound("G0001") == store.Bound })
		if b := w.binding("G0001"); b.Evidence != "name" || b.Name != "전혀 다른 이름" {
			t.Errorf("%+v", b)
		}
	})
}

func TestGroupsAreKnownAgain(t *testing.T) {
	live(t, setup{groups: 30}, func(w *world) {
		// Two of one name, told apart by a phrase once and by their members from then on.
		w.registry(store.Group{Code: "G0100", Name: "두 얼굴"}, store.Group{Code: "G0101", Name: "두 얼굴"})
		w.sim.AddGroup(wxsim.GroupOptions{ID: "G0100", Name: "두 얼굴", Members: names("갑", 25)}).Join(w.phone, true)
		w.sim.AddGroup(wxsim.GroupOptions{ID: "G0101", Name: "두 얼굴", Members: names("을", 25)}).Join(w.phone, true)
		w.settled()
		w.sim.Group("G0100").Says("갑3", w.group("G0100").Pairing)
		w.sim.Group("G0101").Says("을3", w.group("G0101").Pairing)
		w.until("both", time.Minute, func() bool { return w.bound("G0100") == store.Bound && w.bound("G0101") == store.Bound })
		w.until("all remembered", 5*time.Minute, func() bool { k, _ := w.store.Sketches(); return len(k) == 32 })
		// While nobody listens one is renamed, and a stranger's group takes the name of another one.
		w.stop()
		w.phone.Kick()
		w.sim.Group(gid(4)).Rename("새 간판")
		w.sim.Group(gid(5)).Leave(w.phone)
		w.sim.AddGroup(wxsim.GroupOptions{ID: "stranger", Name: "연변 취업 0005", Members: names("남", 25)}).Join(w.phone, true)
		w.sim.Group(gid(6)).Leave(w.phone)
		w.sim.AddGroup(wxsim.GroupOptions{ID: "crowd", Name: "연변 취업 0006", Count: 300}).Join(w.phone, true)
		w.start()
		w.settled()
		w.until("bound", time.Minute, func() bool { return w.bound("G0101") == store.Bound })
		for code, want := range map[string]string{"G0100": "members", "G0101": "members", gid(4): "members", gid(0): "name"} {
			if b := w.binding(code); b.State != store.Bound || b.Evidence != want {
				t.Errorf("%s: %+v, want %s", code, b, want)
			}
		}
		for _, code := range []string{gid(5), gid(6)} {
			if b := w.binding(code); b.State != store.Quarantined || b.Why == "" {
				t.Errorf("%s, whose name a stranger has: %+v", code, b)
			}
		}
		for i := range 30 {
			if i == 5 || i == 6 {
				continue
			}
			if _, err := w.send(gid(i), gid(i)); err != nil {
				t.Error(gid(i), err)
			}
		}
		for _, a := range w.sim.Arrivals() {
			if a.Group != a.Text {
				t.Errorf("what was meant for %s reached %s", a.Text, a.Group)
			}
		}
	})
}

func TestGroupsChangeInASession(t *testing.T) {
	live(t, setup{groups: 6}, func(w *world) {
		w.settled()
		w.until("remembered", time.Minute, func() bool { k, _ := w.store.Sketches(); return len(k) == 6 })

		w.sim.Group(gid(0)).Rename("새 이름 🔥")
		w.until("renamed", 2*time.Minute, func() bool { return w.binding(gid(0)).Name == "새 이름 🔥" })
		k, _ := w.store.Sketches()
		if got := k[w.group(gid(0)).Number].Names; len(got) != 2 || got[0] != "새 이름 🔥" || got[1] != "연변 취업 0000" {
			t.Errorf("remembered names %q", got)
		}
		if w.bound(gid(0)) != store.Bound {
			t.Error("a rename unbinds nothing")
		}

		w.sim.Group(gid(1)).Remove(w.phone)
		w.sim.Group(gid(2)).Leave(w.phone)
		w.sim.Group(gid(3)).Dissolve()
		w.until("gone", time.Minute, func() bool {
			return w.bound(gid(1)) == store.Gone && w.bound(gid(2)) == store.Gone && w.bound(gid(3)) == store.Gone
		})
		if got := w.binding(gid(1)).Why; got != "bot.removed" && got != "bot.left" {
			t.Error(got)
		}
		time.Sleep(10 * time.Minute)
		for _, i := range []int{1, 2, 3} {
			if _, err := w.send(gid(i), "?"); err == nil {
				t.Errorf("%s was sent to", gid(i))
			}
		}

		// New in the registry, and joined and saved since.
		w.registry(store.Group{Code: "G0200", Name: "새로 등록"}, store.Group{Code: "G0201", Name: "새로 들어온"})
		w.sim.AddGroup(wxsim.GroupOptions{ID: "G0201", Name: "새로 들어온", Count: 12}).Join(w.phone, true)
		w.sim.Group("G0201").Says("", "안녕하세요")
		w.until("the new one", time.Minute, func() bool { return w.bound("G0201") == store.Bound })

		// A person binds by hand, and unbinds.
		g := w.sim.AddGroup(wxsim.GroupOptions{ID: "G0200", Name: "다른 이름", Count: 12})
		g.Join(w.phone, false)
		rec, _ := w.store.Account("a1")
		b := w.binding(gid(4))
		b.State, b.Why = store.Quarantined, "person"
		if err := w.store.Bind("a1", rec.Epoch, b); err != nil {
			t.Fatal(err)
		}
		w.until("unbound", time.Minute, func() bool { _, err := w.send(gid(4), "?"); return err != nil || w.bound(gid(4)) == store.Bound })
	})
}

func TestAServerThatLeavesThingsOut(t *testing.T) {
	live(t, setup{groups: 120, before: func(w *world) {
		w.faults("batch.dropped:p=0.3;batch.reorder;contact.missing:p=0.1;contact.page:size=17")
	}}, func(w *world) {
		w.settled()
		n := w.acct.State().Bound
		if n < 95 || n > 119 {
			t.Errorf("%d of 120 bound although a tenth is missing", n)
		}
		// Who speaks is found, also when it is missing from the list.
		w.sim.ClearFault("batch.dropped")
		for i := range 120 {
			w.sim.Group(gid(i)).Says("", "여기 있습니다")
		}
		w.until("all", 5*time.Minute, func() bool { return w.acct.State().Bound == 120 })
		for i := range 120 {
			if _, err := w.send(gid(i), gid(i)); err != nil {
				t.Error(err)
			}
		}
		for _, a := range w.sim.Arrivals() {
			if a.Group != a.Text {
				t.Errorf("what was meant for %s reached %s", a.Text, a.Group)
			}
		}
	})
}

func TestContactRequestsArePaced(t *testing.T) {
	live(t, setup{groups: 600, opt: bot.Options{ContactEvery: 5 * time.Second}, before: func(w *world) {
		w.faults("batch.1205:n=20,per=1m,block=30m")
	}}, func(w *world) {
		w.settled()
		if got := w.acct.State().Bound; got != 600 {
			t.Fatalf("%d bound by name", got)
		}
		w.until("all remembered", 10*time.Minute, func() bool { k, _ := w.store.Sketches(); return len(k) == 600 })
		if n := w.sim.Requests()["webwxbatchgetcontact"]; n.MaxPerSecond > 1 || n.Total > 15 {
			t.Errorf("%+v", n)
		}
	})
}

func TestMembersAreAskedForUntilTheyAreKnown(t *testing.T) {
	for _, faults := range []string{"batch.minus1:for=5m", "batch.dropped:for=15m", "batch.1205:n=0,per=1m,block=10m", "wire.html:on=webwxbatchgetcontact,for=5m"} {
		t.Run(faults, func(t *testing.T) {
			live(t, setup{before: func(w *world) {
				w.registry(store.Group{Code: "G0100", Name: "두 얼굴"}, store.Group{Code: "G0101", Name: "두 얼굴"})
				w.sim.AddGroup(wxsim.GroupOptions{ID: "G0100", Name: "두 얼굴", Members: names("갑", 25)}).Join(w.phone, true)
				w.sim.AddGroup(wxsim.GroupOptions{ID: "G0101", Name: "두 얼굴", Members: names("을", 25)}).Join(w.phone, true)
			}}, func(w *world) {
				w.settled()
				w.sim.Group("G0100").Says("갑3", w.group("G0100").Pairing)
				w.sim.Group("G0101").Says("을3", w.group("G0101").Pairing)
				w.until("remembered", 5*time.Minute, func() bool { k, _ := w.store.Sketches(); return len(k) == 2 })
				w.stop()
				w.phone.Kick()
				// Recent chats come with their members at login: these are not recent any more.
				for i := range 20 {
					g := w.sim.AddGroup(wxsim.GroupOptions{ID: fmt.Sprint("x", i), Name: fmt.Sprint("가족 ", i), Count: 5})
					g.Join(w.phone, true)
					g.Says("", "안녕")
				}
				w.faults(faults)
				w.start()
				w.settled()
				if got := w.bound("G0100"); got != store.Quarantined {
					t.Errorf("without its members it is %q", got)
				}
				if faults == "batch.1205:n=0,per=1m,block=10m" {
					time.Sleep(20 * time.Minute)
					w.sim.ClearFault("batch.1205")
				}
				w.until("both", time.Hour, func() bool { return w.bound("G0100") == store.Bound && w.bound("G0101") == store.Bound })
				if b := w.binding("G0100"); b.Evidence != "members" {
					t.Errorf("%+v", b)
				}
				if n := w.sim.Requests()["webwxbatchgetcontact"]; n.Total > 20 {
					t.Errorf("%d requests", n.Total)
				}
			})
		})
	}
}
