package bot_test

import (
	"testing"
	"time"

	"chunfeng/bot"
	"chunfeng/bot/wxsim"
	"chunfeng/store"
)

// chat finds what the session calls a chat that staff may choose, by name and size (0: the server did not tell it).
func (w *world) chat(name string, members int) string {
	w.t.Helper()
	list, err := w.store.Chats("a1")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, c := range list {
		if c.Name == name && c.Members == members {
			return c.UserName
		}
	}
	w.t.Fatalf("staff are not offered %s (%d) among %v", name, members, list)
	return ""
}

func (w *world) decide(code string, as store.BindingState, chat string) {
	w.t.Helper()
	if _, err := w.store.DecideBinding(store.Decision{Account: "a1", Group: w.group(code).Number, As: as, Chat: chat, Who: "li", Why: "seen on the phone"}); err != nil {
		w.t.Fatal(err)
	}
}

// arrived fails the test when something stands in another chat than it was meant for.
func (w *world) arrived() {
	w.t.Helper()
	for _, a := range w.sim.Arrivals() {
		if a.Group != a.Text {
			w.t.Errorf("what was meant for %s reached %s", a.Text, a.Group)
		}
	}
}

func TestAPersonDecidesBetweenTwoOfOneName(t *testing.T) {
	live(t, setup{before: func(w *world) {
		w.registry(store.Group{Code: "G0001", Name: "취업정보"}, store.Group{Code: "G0002", Name: "취업정보"})
		w.sim.AddGroup(wxsim.GroupOptions{ID: "G0001", Name: "취업정보", Members: names("갑", 30)}).Join(w.phone, true)
		w.sim.AddGroup(wxsim.GroupOptions{ID: "G0002", Name: "취업정보", Members: names("을", 40)}).Join(w.phone, true)
	}}, func(w *world) {
		w.settled()
		doubts, err := w.store.DoubtfulBindings()
		if err != nil || len(doubts) != 2 || len(doubts[0].Candidates) != 2 || len(doubts[1].Candidates) != 2 {
			t.Fatalf("%+v, %v", doubts, err)
		}
		w.decide("G0001", store.Bound, w.chat("취업정보", 31))
		if _, err := w.send("G0001", "G0001"); err != nil {
			t.Errorf("a moment after the decision: %v", err)
		}
		w.until("the other one, for nothing else is left", time.Minute, func() bool { return w.bound("G0002") == store.Bound })
		if _, err := w.send("G0002", "G0002"); err != nil {
			t.Error(err)
		}
		w.until("remembered", 5*time.Minute, func() bool {
			k, _ := w.store.Sketches()
			return len(k[1].Members) > 0 && len(k[2].Members) > 0
		})
		if b := w.binding("G0001"); b.State != store.Bound || b.Evidence != store.EvidencePerson {
			t.Errorf("later in the session: %+v", b)
		}
		w.relog()
		w.until("both", time.Minute, func() bool { return w.bound("G0001") == store.Bound && w.bound("G0002") == store.Bound })
		for _, code := range []string{"G0001", "G0002"} {
			if b := w.binding(code); b.Evidence != "members" {
				t.Errorf("%s in the next session: %+v", code, b)
			}
			if _, err := w.send(code, code); err != nil {
				t.Error(err)
			}
		}
		w.arrived()
	})
}

// TestARulingIsKept: the machine takes a stranger's chat for a group because of its name, and a person says that it is not.
func TestARulingIsKept(t *testing.T) {
	live(t, setup{before: func(w *world) {
		w.registry(store.Group{Code: "G0001", Name: "무지개마을"})
		w.sim.AddGroup(wxsim.GroupOptions{ID: "stranger", Name: "무지개마을", Members: names("남", 25)}).Join(w.phone, true)
		w.sim.AddGroup(wxsim.GroupOptions{ID: "G0001", Name: "간판을 바꾼 그룹", Members: names("우리", 30)}).Join(w.phone, true)
	}}, func(w *world) {
		refused := func(when string) {
			t.Helper()
			if _, err := w.send("G0001", "안 됩니다"); err == nil {
				t.Errorf("%s it was sent to", when)
			}
		}
		w.settled()
		if got := w.bound("G0001"); got != store.Bound {
			t.Fatal(got)
		}
		w.until("remembered", 5*time.Minute, func() bool { k, _ := w.store.Sketches(); return len(k[1].Members) > 0 })
		w.decide("G0001", store.Gone, "")
		refused("a moment after the ruling")
		time.Sleep(time.Hour)
		refused("an hour later")
		if b := w.binding("G0001"); b.State != store.Gone || b.Evidence != store.EvidencePerson {
			t.Errorf("an hour later: %+v", b)
		}
		w.relog()
		time.Sleep(time.Hour)
		refused("in the next session")
		if b := w.binding("G0001"); b.State != store.Quarantined || bot.ReadWhy(b.Why).Key != "binding.ruled_out" || len(b.Candidates) != 1 {
			t.Errorf("in the next session: %+v", b)
		}

		// The real one has another name; a person finds it in the list.
		w.decide("G0001", store.Bound, w.chat("간판을 바꾼 그룹", 0))
		if _, err := w.send("G0001", "G0001"); err != nil {
			t.Error(err)
		}
		w.until("remembered", 5*time.Minute, func() bool { k, _ := w.store.Sketches(); return len(k[1].Members) > 0 })
		w.relog()
		w.until("known by its people, whoever has its name", time.Hour, func() bool { return w.bound("G0001") == store.Bound })
		if _, err := w.send("G0001", "G0001"); err != nil {
			t.Error(err)
		}
		w.arrived()
		if n := len(w.sim.Arrivals()); n != 2 {
			t.Errorf("%d messages arrived, want 2", n)
		}
	})
}

// TestChosenChatEnds: the account is taken out of the chat that a person chose, and comes back.
func TestChosenChatEnds(t *testing.T) {
	live(t, setup{before: func(w *world) {
		w.registry(store.Group{Code: "G0001", Name: "등록부의 이름"})
		w.sim.AddGroup(wxsim.GroupOptions{ID: "G0001", Name: "전혀 다른 이름", Members: names("우리", 20)}).Join(w.phone, true)
	}}, func(w *world) {
		w.settled()
		chosen := w.chat("전혀 다른 이름", 0)
		w.decide("G0001", store.Bound, chosen)
		w.sim.Group("G0001").Rename("또 다른 이름")
		w.until("renamed, and still a person's word", 2*time.Minute, func() bool {
			b := w.binding("G0001")
			return b.Name == "또 다른 이름" && b.State == store.Bound && b.Evidence == store.EvidencePerson
		})
		w.sim.Group("G0001").Leave(w.phone)
		w.until("gone", time.Minute, func() bool { return w.bound("G0001") == store.Gone })
		if _, err := w.send("G0001", "?"); err == nil {
			t.Error("it was sent to")
		}
		list, err := w.store.Chats("a1")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			if c.UserName == chosen {
				t.Error("a chat that the account is not in is offered")
			}
		}
	})
}
