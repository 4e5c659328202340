package main

import (
	"net/http"
	"strings"
	"testing"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/cmd/chunfeng/console/consoletest"
	"chunfeng/store"
)

// TestConsoleTestOfAWave has a clerk look at a wave that waits for approval where it will be read: in an account's own file
// helper, which only its telephone shows, and in one group; and nowhere else.
func TestConsoleTestOfAWave(t *testing.T) {
	needBrowser(t)
	s := newSeason(t, 12, 2)
	s.person(t, api.NewUser{Name: demoClerk, Label: "김선희", Role: store.RoleStaff})
	s.hasBatch(t)
	clerk := s.sit(t, demoClerk, consoletest.Options{})
	id := s.queues(t, clerk, "A")
	clerk.Follow(`a[href="/wave-tests/` + id + `"]`)
	clerk.Choose("[name=account]", accountName(1))
	clerk.Follow(`form:has([name=account]) button`)
	clerk.WaitText("[role=status]", accountName(1))
	arrived := s.world.sim.Arrivals()
	if len(arrived) == 0 {
		t.Fatal("nothing arrived")
	}
	for _, a := range arrived {
		if a.Person != "filehelper" || a.Group != "" || a.Account != accountName(1) {
			t.Errorf("a test for the file helper of %s arrived as %+v", accountName(1), a)
		}
	}
	clerk.Go("/waves/" + id)
	clerk.WaitFor(".bubble")
	shown := clerk.Text(".bubble")
	if first := strings.TrimSpace(arrived[0].Text); !strings.Contains(first, "A0") || shown == "" {
		t.Errorf("the file helper shows %q, the page of the wave %q", first, shown)
	}

	clerk.Go("/wave-tests/" + id)
	clerk.Fill("[name=group]", "XX999")
	clerk.Expect(http.StatusNotFound)
	clerk.Follow(`form:has([name=group]) button`)
	clerk.WaitText("[role=alert]", "XX999")
	if n := len(s.world.sim.Arrivals()); n != len(arrived) {
		t.Errorf("%d messages more arrived", n-len(arrived))
	}
	group := s.world.groups[3]
	clerk.Go("/wave-tests/" + id)
	clerk.TabTo("[name=find]")
	clerk.Type(group.Name)
	clerk.WaitText("#groups-found a", group.Code)
	clerk.Follow(`#groups-found a[href$="` + group.Code + `"]`)
	clerk.WaitText("#group-hint", group.Name)
	clerk.Follow(`form:has([name=group]) button`)
	clerk.WaitText("[role=status]", group.Code)
	clerk.WaitText("main", say("state.finished"))
	seen := s.world.sim.Arrivals()[len(arrived):]
	home := s.world.sim.Group(group.Code).ID()
	if len(seen) == 0 {
		t.Fatal("nothing arrived in the group")
	}
	for _, a := range seen {
		if a.Group != home {
			t.Errorf("a test for %s arrived as %+v", group.Code, a)
		}
	}
	clerk.Go("/log?group=" + group.Code)
	clerk.Follow("main tbody td.code a")
	if text := clerk.Text(".bubble"); !arrivedIn(seen, home, text) {
		t.Errorf("the log shows %q, which did not arrive in %s", text, group.Code)
	}
	if w, err := s.app.store.Wave(id); err != nil || w.State != store.WaveDraft || !w.OpenedAt.IsZero() {
		t.Errorf("the wave itself is %s (%v)", w.State, err)
	}
}
