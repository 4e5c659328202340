package main

import (
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"chunfeng/bot/wxsim"
	"chunfeng/cmd/chunfeng/api"
	"chunfeng/cmd/chunfeng/console/consoletest"
	"chunfeng/store"
)

// TestRegistryStory is what the bureau's people do about groups and accounts: a file is checked and imported; of two chats
// of one name a supervisor says which the group is; a wave goes out, to that chat alone; a resident answers, and both stand
// in the group's history; a further account is added and logged in by scanning, on a page that follows by itself.
func TestRegistryStory(t *testing.T) {
	needBrowser(t)
	s := newSeason(t, 24, 2)
	for name, role := range map[string]store.Role{"kim": store.RoleStaff, "li": store.RoleSupervisor, "cui": store.RoleAdmin} {
		s.person(t, api.NewUser{Name: name, Label: name, Role: role})
	}
	s.importsTwin(t)
	s.decidesTwin(t)
	s.hearsBack(t)
	s.addsAccount(t)
}

// importsTwin registers a group of which WeChat has two of the same name, by file.
func (s *season) importsTwin(t *testing.T) {
	for id, members := range map[string]int{"TWA": 31, "TWB": 58} {
		g := s.world.sim.AddGroup(wxsim.GroupOptions{ID: id, Name: "쌍둥이 취업방", Count: members})
		g.Join(s.world.sim.Account("a01"), true)
		g.Says("방장", "반갑습니다") // a session learns of a group when somebody writes in it
	}
	p := s.sit(t, "kim", consoletest.Options{})
	file := t.TempDir() + "/등록.csv"
	if err := os.WriteFile(file, []byte("编码,群名,县市,账号\nTW-1,쌍둥이 취업방,延吉市,a01\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.Go("/groups/import")
	p.Upload("[name=file]", file)
	p.Click("form[action='/groups/import'] button")
	p.WaitText("[role=status]", say("page_groups.is_fine"))
	if n := s.find(t, "TW-1"); n != 0 {
		t.Fatal("it is stored before it was confirmed")
	}
	p.Click("form[action='/groups/import/confirm'] button")
	p.WaitText("[role=status]", say("page_groups.imported", "등록.csv", 1, 0, 0))
	p.Fill("[name=q]", "tw-1")
	p.Click("form.filters button")
	p.WaitText("tbody", "쌍둥이 취업방")
}

// find counts the registered groups that a text finds.
func (s *season) find(t *testing.T, text string) int {
	return len(ask[api.GroupPage](t, s, "/v1/registry", url.Values{"q": {text}}).Groups)
}

// twin is the doubt about the group that WeChat has twice.
func (s *season) twin(t *testing.T) (d api.Doubt, ok bool) {
	page := ask[api.DoubtPage](t, s, "/v1/registry/doubtful", url.Values{"group": {"TW-1"}})
	if len(page.Doubts) == 0 {
		return d, false
	}
	return page.Doubts[0], true
}

// decidesTwin has a supervisor say which of the two chats the group is.
func (s *season) decidesTwin(t *testing.T) {
	larger := ""
	eventually(t, "the account sees both chats, and doubts", func() bool {
		d, _ := s.twin(t)
		for _, c := range d.Candidates {
			if c.Members > 50 {
				larger = c.UserName
			}
		}
		return len(d.Candidates) == 2 && larger != ""
	})
	p := s.sit(t, "li", consoletest.Options{})
	p.Go("/groups/coverage")
	p.Click("tfoot a[href*='reach=doubtful']")
	p.WaitText("tbody", "TW-1")
	p.Go("/groups/doubtful")
	p.WaitText("article", "TW-1")
	p.Click(`input[name=chat][value="` + larger + `"]`)
	p.Fill("article [name=why]", "the owner's telephone says 58 members")
	p.Click("button[value=bound]")
	p.WaitText("[role=status]", say("page_groups.decided_bound", "TW-1", "a01"))
	p.WaitText("main", say("page_groups.no_doubts"))
}

// hearsBack sends a wave and has a resident answer; the group's page shows both.
func (s *season) hearsBack(t *testing.T) {
	s.hasBatch(t)
	var w api.QueuedWave
	if err := s.clerk.post(t.Context(), "/v1/waves", nil, api.Order{Batch: "A", Audience: store.Audience{Groups: []string{"TW-1"}}}, &w); err != nil {
		t.Fatal(err)
	}
	if err := s.second.post(t.Context(), "/v1/waves/"+w.ID+"/approve", nil, api.Approval{Hash: w.Hash}, nil); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the wave is over", func() bool {
		return ask[api.Wave](t, s, "/v1/waves/"+w.ID, nil).State == store.WaveFinished
	})
	arrived := map[string]int{}
	for _, a := range s.world.sim.Arrivals() {
		arrived[a.Group]++
	}
	if arrived["TWA"] != 0 || arrived["TWB"] == 0 {
		t.Errorf("the chats got %v, want only the one that was chosen", arrived)
	}
	s.world.sim.Group("TWB").Says("小金", "报名 A001 13844331234")
	eventually(t, "the sign-up is there", func() bool {
		return len(ask[api.GroupSignups](t, s, "/v1/groups/TW-1/signups", nil).Signups) == 1
	})
	p := s.sit(t, "kim", consoletest.Options{Width: 360, Height: 740})
	p.Go("/groups/tw-1")
	for _, want := range []string{w.ID + ".", say("state.sent"), "138****1234", "A001"} {
		p.WaitText("main", want)
	}
	if text := p.Text("main"); strings.Contains(text, "13844331234") {
		t.Error("the number is shown")
	}
	p.Click("#told + .scroll a[href^='/log/" + w.ID + "']")
	p.Wait("the delivery is shown", `location.pathname.startsWith("/log/`+w.ID+`")`)
}

// addsAccount adds an account in the browser; a telephone scans its code.
func (s *season) addsAccount(t *testing.T) {
	phone := s.world.sim.AddAccount("a09", wxsim.AccountOptions{Nick: "가을바람"})
	p := s.sit(t, "cui", consoletest.Options{})
	p.Go("/accounts")
	p.Fill("[name=name]", "a09")
	p.Click("form[action='/accounts'] button")
	p.WaitText("h1", "a09")
	p.Eval("window.same = true", nil) // gone when the page is loaded anew
	p.Wait("the code is drawn", `(i => i && i.naturalWidth > 20)(document.querySelector("img.qr"))`)
	link := ask[api.Login](t, s, "/v1/accounts/a09/code", nil).URL
	if err := phone.ScanAndConfirm(link[strings.LastIndex(link, "/")+1:]); err != nil {
		t.Fatal(err)
	}
	p.WaitText("#account-now", say("state.online"))
	p.Wait("the code is gone and the page was not loaded again", `!document.querySelector("img.qr") && window.same === true`)
}

// eventually waits until something is so, for at most half a minute.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !so(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}
