package console

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"chunfeng/cmd/chunfeng/console/consoletest"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// findable registers groups to search among: thirty of one name in Yanji, one of Tumen, and one with markup in its name.
func (s *site) findable(t testing.TB) {
	t.Helper()
	groups := []store.Group{{Code: "TM001", Name: "图们江边 就业群", County: "tumen", Township: "월궁", Language: "zh"}, {Code: "HT001", Name: `<i>강</i>"&`, County: "yanji", Language: "ko"}}
	for i := range 30 {
		groups = append(groups, store.Group{Code: fmt.Sprintf("YJ%03d", i), Name: fmt.Sprintf("하남가두 일자리방 %d", i), County: "yanji", Language: "ko"})
	}
	if _, err := s.store.PutGroups(groups, "test"); err != nil {
		t.Fatal(err)
	}
}

// TestFindAGroup asks for groups as a field does that somebody types into, and as a form does.
func TestFindAGroup(t *testing.T) {
	s := newSite(t)
	s.findable(t)
	if _, err := s.store.AddUser(store.User{Name: "tumen", Label: "tumen", Role: store.RoleStaff, County: "tumen", Password: hashed(), Lang: "en"}, "test"); err != nil {
		t.Fatal(err)
	}
	link := func(to string) string { return `<li><a href="` + to + `"` }
	for _, c := range []struct {
		who, ask  string
		has, hath []string // what is there, and what is not
		links     int
		why       string
	}{
		{"staff", "find=하남&for=/batches/A/preview&template=gig&parts=2", []string{link("/batches/A/preview?group=YJ000&amp;parts=2&amp;template=gig"), say("page_groups.n_found", 20), say("page_groups.find_more")}, []string{"YJ020"}, 20, "no more than a list of twenty, with what else is chosen"},
		{"staff", "find=하 남 가두일자리방 29&for=/log", []string{link("/log?group=YJ029"), say("page_groups.n_found", 1)}, []string{say("page_groups.find_more")}, 1, "spaces do not count"},
		{"staff", "find=ｔｍ０&for=/log", []string{"TM001", `<bdi lang="zh">图们江边 就业群</bdi>`, "Tumen · 월궁"}, nil, 1, "nor does the width of letters, nor their case"},
		{"staff", "group=TM&wave=2026-001&county=&for=/log", []string{link("/log?group=TM001&amp;wave=2026-001")}, nil, 1, "the field of the filter itself, whose text goes"},
		{"staff", "find=&group=YJ001&for=/log", nil, []string{"YJ001", say("page_groups.find_none")}, 0, "nothing is searched for, although a group is chosen"},
		{"staff", "find=nobody&for=/log", []string{say("page_groups.find_none")}, nil, 0, "nothing is found"},
		{"staff", "find=HT&for=/log", []string{`<bdi lang="ko">&lt;i&gt;강&lt;/i&gt;&#34;&amp;</bdi>`}, []string{"<i>"}, 1, "a name is text"},
		{"staff", "find=TM&for=" + url.QueryEscape("https://example.invalid/x"), []string{link("/?group=TM001")}, []string{"example.invalid"}, 1, "it leads nowhere else"},
		{"staff", "find=TM&for=" + url.QueryEscape("//example.invalid"), []string{link("/?group=TM001")}, []string{"example.invalid"}, 1, "likewise"},
		{"staff", "find=TM&for=" + url.QueryEscape("javascript:alert(1)"), []string{link("/?group=TM001")}, []string{"javascript"}, 1, "likewise"},
		{"staff", `find=TM&for=/log&"><b>=` + url.QueryEscape(`"><script>`), []string{"TM001"}, []string{"<b>", "<script>"}, 1, "what else is chosen is text"},
		{"tumen", "find=0&for=/log", []string{"TM001"}, []string{"YJ0", "HT0"}, 1, "a county's people find its groups"},
		{"tumen", "find=하남&for=/log", []string{say("page_groups.find_none")}, []string{"YJ0"}, 0, "and are not told of others"},
	} {
		status, _, body := s.visit(t, c.who).send("GET", "/groups/find?"+strings.ReplaceAll(c.ask, " ", "%20"), nil, "HX-Request", "true")
		if status != http.StatusOK || strings.Contains(body, "<html") || strings.Count(body, "<li>") != c.links {
			t.Errorf("%s: %d with %d links (%s)\n%s", c.ask, status, strings.Count(body, "<li>"), c.why, body)
		}
		for _, want := range c.has {
			if !strings.Contains(body, want) {
				t.Errorf("%s: no %s (%s)\n%s", c.ask, want, c.why, body)
			}
		}
		for _, not := range c.hath {
			if strings.Contains(body, not) {
				t.Errorf("%s: there is %s (%s)\n%s", c.ask, not, c.why, body)
			}
		}
	}
	v := s.visit(t, "staff")
	if page := v.page("/groups/find?find=TM&for=/log&wave=2026-001"); !strings.Contains(page, "<html") || !strings.Contains(page, link("/log?group=TM001&amp;wave=2026-001")) || !strings.Contains(page, `<input type="hidden" name="wave" value="2026-001">`) {
		t.Errorf("without scripts: %s", page)
	}
	if status, _, _ := s.visit(t, "").send("GET", "/groups/find?find=TM", nil, "HX-Request", "true"); status != http.StatusUnauthorized {
		t.Errorf("who is not signed in is answered %d", status)
	}
}

// TestFiltersTakeNames writes a group's name where its code is asked for.
func TestFiltersTakeNames(t *testing.T) {
	s := newSite(t)
	s.findable(t)
	v := s.visit(t, "staff")
	for _, path := range []string{"/log", "/signups"} {
		status, _, body := v.send("GET", path+"?state=failed&status=new&group="+url.QueryEscape("일자리방 7"), nil)
		if status == http.StatusOK || !strings.Contains(body, "group=YJ007&amp;") || !strings.Contains(body, `value="일자리방 7"`) {
			t.Errorf("%s: %d\n%s", path, status, body)
		}
		if page := v.page(path + "?group=YJ007"); strings.Contains(page, say("page_groups.n_found", 1)) || !strings.Contains(page, `value="YJ007"`) {
			t.Errorf("%s searches although a group is chosen: %s", path, page)
		}
	}
}

// TestFindInABrowser finds a group by typing a part of its name and choosing it with the arrows; without scripts by the form.
func TestFindInABrowser(t *testing.T) {
	s := newSite(t)
	s.batch(t, "spring", goods)
	s.findable(t)
	chosen := say("page_batches.for_group", "YJ001")
	p := s.sits(t, "staff", consoletest.Options{Width: 360, Height: 740})
	p.Go("/batches/A/preview?parts=2")
	p.TabTo("[name=find]")
	p.Type("하남")
	p.WaitText("#groups-found [role=status]", say("page_groups.n_found", 20))
	p.Axe()
	p.Fits()
	p.Type("가두 일자리방 1")
	p.WaitText("#groups-found [role=status]", say("page_groups.n_found", 11))
	p.Press(kb.ArrowDown, kb.ArrowDown, kb.ArrowUp, kb.ArrowUp, kb.ArrowDown)
	p.Leads(func() { p.Press(kb.Enter) })
	if p.URL() != "/batches/A/preview?group=YJ001&parts=2" {
		t.Errorf("the first of the list leads to %s", p.URL())
	}
	p.WaitText("main", chosen)
	p.TabTo("[name=find]")
	p.Type("no such")
	p.WaitText("#groups-found [role=status]", say("page_groups.find_none"))

	p.Go("/log?state=failed&to=2030-01-01")
	p.TabTo("[name=group]")
	p.Type("图们江")
	p.WaitText("#groups-found a", "TM001")
	p.Press(kb.ArrowDown, kb.Escape)
	p.Eval(`document.activeElement.name === "group" || Promise.reject(new Error("Escape leads to " + document.activeElement.outerHTML))`, nil)
	p.Press(kb.ArrowDown)
	p.Leads(func() { p.Press(kb.Enter) })
	if p.URL() != "/log?group=TM001&state=failed&to=2030-01-01" {
		t.Errorf("the log is asked at %s", p.URL())
	}

	p = s.sits(t, "staff", consoletest.Options{NoScript: true})
	p.Go("/batches/A/poster")
	p.Fill("[name=find]", "하남")
	p.Follow("form.filters button")
	p.WaitText("#groups-found [role=status]", say("page_groups.n_found", 20))
	p.Follow("#groups-found li:nth-child(2) a")
	p.WaitText("main", chosen)
}

// say is what the console says in English.
func say(key string, args ...any) string { return words.Say(words.English, key, args...) }
