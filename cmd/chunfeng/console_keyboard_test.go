package main

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"chunfeng/bot/wxsim"
	"chunfeng/cmd/chunfeng/api"
	"chunfeng/cmd/chunfeng/console/consoletest"
	"chunfeng/store"
)

// TestConsoleByKeyboard signs in, finds in the log the message whose fate is not known, and decides it, with no mouse.
func TestConsoleByKeyboard(t *testing.T) {
	needBrowser(t)
	s := newSeason(t, 6, 1)
	s.person(t, api.NewUser{Name: "piao-chengji", Label: "朴成基", Role: store.RoleSupervisor})
	s.hasBatch(t)
	if err := s.world.sim.Fault("send.cut_after", wxsim.Params{"times": 1}); err != nil {
		t.Fatal(err)
	}
	var w api.Wave
	if err := s.clerk.post(t.Context(), "/v1/waves", nil, map[string]any{"batch": "A"}, &w); err != nil {
		t.Fatal(err)
	}
	if err := s.second.post(t.Context(), "/v1/waves/"+w.ID+"/approve", nil, map[string]string{"hash": w.Hash}, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.until(t.Context(), 20*time.Second, "wave", func() (bool, error) {
		v, err := s.app.store.Wave(w.ID)
		return v.State == store.WaveFailures, err
	}); err != nil {
		t.Fatal(err)
	}
	p := consoletest.Open(t, s.url, consoletest.Options{})
	p.Go("/sign-in")
	p.TabTo("[name=name]")
	p.Type("piao-chengji")
	p.TabTo("[name=password]")
	p.Type(phrase)
	p.Leads(func() { p.Press(kb.Enter) })
	p.TabTo(`nav.main a[href="/log"]`)
	p.Leads(func() { p.Press(kb.Enter) })
	p.TabTo(`form[action="/log"] [name=state]`)
	p.Press("u") // the first option that begins so
	p.TabTo(`form[action="/log"] button`)
	p.Leads(func() { p.Press(kb.Enter) })
	p.TabTo("main tbody td a")
	p.Leads(func() { p.Press(kb.Enter) })
	p.WaitText("h1", say("state.unknown"))
	p.TabTo("input[name=as]")
	p.Press(kb.ArrowDown) // to the second: it did not arrive
	p.Press(" ")
	p.TabTo("input[name=why]")
	p.Type("nobody in the group has seen it")
	p.Leads(func() { p.Press(kb.Enter) })
	p.WaitText("h1", say("state.failed"))
	if v, err := s.app.store.Wave(w.ID); err != nil || v.Counts[store.Unknown] != 0 || v.Counts[store.Failed] != 1 {
		t.Errorf("the wave is %v (%v)", v.Counts, err)
	}
}
