package console

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"chunfeng/cmd/chunfeng/console/consoletest"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// TestOrderCountsAsOneChooses ticks boxes and sees the number of groups change on the page that is there, reads on in the
// list, and sees and queues the plan.
func TestOrderCountsAsOneChooses(t *testing.T) {
	s := newSite(t)
	s.season(t)
	var more []store.Group
	for i := range listedGroups {
		more = append(more, store.Group{Code: "HC" + string(rune('A'+i)), Name: "珲春群", County: "hunchun", Language: "zh"})
	}
	if _, err := s.store.PutGroups(more, "test"); err != nil {
		t.Fatal(err)
	}
	p := s.sits(t, "staff", consoletest.Options{})
	p.Go("/waves/new?batch=A")
	p.Eval("window.same = true", nil) // gone when the page is loaded anew
	p.WaitText("#audience .big", number(listedGroups+3))
	p.Click("#audience details summary")
	p.Click("#audience td.more a")
	p.Wait("the rest of the list comes", `document.querySelectorAll("#audience tbody tr td.code").length === `+number(listedGroups+3))
	p.Click("[name=county][value=yanji]")
	p.WaitText("#audience .big", "2")
	p.Click("[name=language][value=ko]")
	p.WaitText("#audience .big", "1")
	p.Click("details:has([name=groups]) > summary")
	p.Fill("[name=groups]", "TM001")
	p.WaitText("#audience .big", "0")
	p.Fill("[name=groups]", "XX9")
	p.WaitText("#audience .notice", "XX9")
	p.Fill("[name=groups]", "")
	p.WaitText("#audience .big", "1")
	same := false
	p.Eval("window.same === true", &same)
	if !same {
		t.Error("the page was loaded again")
	}
	p.Click("[name=when][value=weekly]")
	p.Click("[name=day][value='1']")
	p.Follow("[name=plan]")
	p.WaitText("#plan", words.Say(words.English, "page_waves.first_texts"))
	p.WaitText("#plan .bubble", "해란강<i>식당")
	p.Follow("#plan form button")
	p.WaitText("h1", "S1")
	p.WaitText("main", "every Mon at 09:00")
}

// TestOrderWithoutScripts counts by the button, and goes by the keyboard.
func TestOrderWithoutScripts(t *testing.T) {
	s := newSite(t)
	s.season(t)
	p := s.sits(t, "staff", consoletest.Options{NoScript: true, Width: 360, Height: 740})
	p.Go("/waves/new")
	p.TabTo("[name=batch]")
	p.Press("A")
	p.TabTo("[name=county][value=tumen]")
	p.Press(" ")
	p.TabTo("#whom > button")
	p.Press(kb.Enter)
	p.Wait("the count is of the choice", `document.querySelector("#audience .big").innerText === "1" && document.querySelector("[name=county][value=tumen]").checked`)
	p.TabTo("[name=plan]")
	p.Press(kb.Enter)
	p.Wait("the plan is there", `!!document.querySelector("#plan form button")`)
}

// TestWavesInABrowser looks at the waves' pages when there is something to show.
func TestWavesInABrowser(t *testing.T) {
	s := newSite(t)
	s.season(t)
	v := s.visit(t, "staff")
	for _, order := range []string{
		"batch=A&form=both&when=at&at=2031-03-31T09:00&plan=1", "batch=A&county=yanji&when=at&at=2031-03-31T15:00&canary=1&observe=5&plan=1",
		"batch=A&when=weekly&day=1&clock=09:00&plan=1", "batch=A&when=at&at=2031-03-31T16:00&plan=1",
	} {
		page := v.page("/waves/new?" + order)
		if status, _, body := v.send("POST", "/waves", fields(t, page, "/waves")); status != http.StatusSeeOther {
			t.Fatal(status, body)
		}
	}
	if _, err := s.store.ApproveWave("2031-002", mustWave(t, s, "2031-002").Hash, "approver", true); err != nil {
		t.Fatal(err)
	}
	s.opened(t, "2031-002")
	for name, o := range windows() {
		t.Run(name, func(t *testing.T) {
			p := s.sits(t, "staff", o)
			for _, path := range []string{
				"/waves", "/waves/new", "/waves/new?batch=A&county=tumen&form=both&plan=1", "/waves/2031-002", "/waves/schedules/S3", "/waves/calendar?month=2031-03",
				"/waves/audience", "/stop", "/stop?wave=2031-002",
			} {
				p.Go(path)
				look(t, p)
			}
			p = s.sits(t, "approver", o)
			p.Go("/waves/2031-001")
			for _, d := range []string{"#plan-head ~ details", "#texts-head ~ details"} {
				p.Eval(`for (const d of document.querySelectorAll("`+d+`")) d.open = true`, nil)
			}
			look(t, p)
		})
	}
}

func mustWave(t testing.TB, s *site, id string) store.Wave {
	t.Helper()
	w, err := s.store.Wave(id)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestWaveIsLive: a page that nobody touches shows what goes out, gets other buttons when the state is another, and ends
// its stream when the wave is at its end.
func TestWaveIsLive(t *testing.T) {
	s := newSite(t)
	s.season(t)
	v := s.visit(t, "staff")
	if status, _, body := v.send("POST", "/waves", fields(t, v.page("/waves/new?batch=A&when=at&at=2031-03-31T09:00&plan=1"), "/waves")); status != http.StatusSeeOther {
		t.Fatal(status, body)
	}
	p := s.sits(t, "staff", consoletest.Options{})
	p.Go("/waves/2031-001")
	p.Eval("window.same = true", nil)
	if _, err := s.store.ApproveWave("2031-001", mustWave(t, s, "2031-001").Hash, "approver", true); err != nil {
		t.Fatal(err)
	}
	p.WaitText("h1", "approved")
	open := s.opened(t, "2031-001")
	p.WaitText("h1", "running")
	p.WaitFor(`form[action="/waves/2031-001/pause"] button`)
	for seq := range uint32(open.Total) {
		d, err := s.store.Delivery(store.DeliveryID(open.ID, seq))
		if err != nil {
			t.Fatal(err)
		}
		_, try, err := s.store.Claim(d, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		outcome := store.Settlement{Outcome: store.Taken, ServerID: "1"}
		if seq == 2 {
			outcome = store.Settlement{Outcome: store.Refused, Reason: store.ReasonRemoved}
		}
		if d, err = s.store.Settle(d.Wave, d.Seq, try.ClientID, outcome); err != nil {
			t.Fatal(err)
		}
		if d.State == store.Accepted {
			if err := s.store.Confirm(d.Wave, d.Seq, "", ""); err != nil {
				t.Fatal(err)
			}
		}
		if seq == 0 {
			p.WaitText("#wave-progress", "1 of 3 messages done")
			p.WaitFor(`form[action="/waves/2031-001/recall"], details.ask`)
		}
	}
	p.WaitText("h1", "finished with failures")
	p.Wait("the stream is over", `!document.querySelector("[hx-sse\\:connect]")`)
	p.WaitText(".tools", strings.TrimSuffix(words.Say(words.English, "page_waves.retry", "1"), " …"))
	same := false
	p.Eval("window.same === true", &same)
	if !same {
		t.Error("the page was loaded again")
	}
}
