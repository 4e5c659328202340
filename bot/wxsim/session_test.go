package wxsim_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eatmoreapple/openwechat"

	"chunfeng/bot/wxsim"
)

func TestScanLoginContactsTextAndSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, acct, gs := world(t, wxsim.Options{})
		defer sim.Close()
		c := newClient(t, clientOptions{rt: sim.Transport(), handler: true})
		c.login(t)
		if !acct.LoggedIn() || c.self.UserName != acct.UserName() || c.self.NickName != "春风" {
			t.Fatalf("logged in as %q %q", c.self.NickName, c.self.UserName)
		}
		rooms := c.groups(t)
		if len(rooms) != 3 || !strings.HasPrefix(rooms[0].UserName, "@@") || len(rooms[0].UserName) != 66 {
			t.Fatalf("groups: %v", rooms)
		}
		sent, err := c.send(rooms[0].UserName, "초빙 A017", "17000000000000001")
		if err != nil || len(sent.MsgId) != 19 {
			t.Fatalf("send: %v %v", sent, err)
		}
		all := sim.Arrivals()
		if len(all) != 1 || all[0].Group != gs[0].ID() || all[0].Text != "초빙 A017" || all[0].ServerMsgID != sent.MsgId || all[0].ClientMsgID != "17000000000000001" {
			t.Fatalf("arrivals: %+v", all)
		}
		gs[1].Says("김영희", "신청 <19900001234> 🔥\n감사")
		time.Sleep(time.Second)
		var texts []string
		for _, m := range c.messages() {
			if m.IsText() {
				texts = append(texts, m.RawContent)
			}
		}
		if len(texts) != 1 || !strings.HasSuffix(texts[0], `:<br/>신청 &lt;19900001234&gt; <span class="emoji emoji1f525"></span><br/>감사`) {
			t.Fatalf("sync: %q", texts)
		}
		before := sim.Requests()["synccheck"].Total
		time.Sleep(10 * time.Minute)
		if n := sim.Requests()["synccheck"].Total - before; n < 20 || n > 30 {
			t.Errorf("ten quiet minutes took %d long polls of 25 s", n)
		}
		acct.Kick()
		if err := c.ended(); !strings.Contains(err.Error(), openwechat.Ret(1101).String()) {
			t.Errorf("after a kick: %v", err)
		}
	})
}

func TestHotLoginKeepsNamesAndReplaysTheOldKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, acct, gs := world(t, wxsim.Options{})
		defer sim.Close()
		log := &cookieLog{next: sim.Transport()}
		c := newClient(t, clientOptions{rt: log, handler: true})
		c.login(t)
		time.Sleep(time.Second)
		name := acct.UserName()
		k := storage(t, c, log, true)
		c.bot.ExitWith(openwechat.ErrUserLogout)
		gs[0].Says("", "하나")
		gs[0].Says("", "둘")

		// The process died and comes back with the key that it had.
		h := newClient(t, clientOptions{rt: sim.Transport(), handler: true})
		if err := h.bot.HotLogin(k); err != nil {
			t.Fatal(err)
		}
		h.whoami(t)
		time.Sleep(time.Second)
		if h.self.UserName != name {
			t.Errorf("a hot login changed the user names")
		}
		var texts []string
		for _, m := range h.messages() {
			if m.IsText() {
				texts = append(texts, m.Content)
			}
		}
		if len(texts) != 2 || texts[0] != "하나" || texts[1] != "둘" {
			t.Errorf("missed while away: %q", texts)
		}
		rep := sim.Report().Accounts[0]
		if rep.CookiesSeen["webpush"] == 0 || rep.CookiesMissing["webpush"] != 0 || rep.DeviceChanges != 0 {
			t.Errorf("cookies: %+v", rep)
		}
	})
}

func TestPushLoginGivesNewNamesAndEndsTheOldSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, acct, _ := world(t, wxsim.Options{})
		defer sim.Close()
		log := &cookieLog{next: sim.Transport()}
		c := newClient(t, clientOptions{rt: log})
		c.login(t)
		name, room := acct.UserName(), c.groups(t)[0].UserName
		k := storage(t, c, log, false)
		p := newClient(t, clientOptions{rt: sim.Transport()})
		if err := p.bot.PushLogin(k); err != nil {
			t.Fatal(err)
		}
		p.whoami(t)
		if p.self.UserName == name || p.groups(t)[0].UserName == room {
			t.Error("a new login kept the old user names")
		}
		if err := c.ended(); err == nil || !strings.Contains(err.Error(), "failed login check") {
			t.Errorf("the old session ended with %v, want 1101", err)
		}
		// The name of the login before means nobody now.
		if _, err := p.send(room, "x", "1"); err == nil || !strings.Contains(err.Error(), "1204") {
			t.Errorf("a stale user name: %v", err)
		}
		if n := sim.Report().Accounts[0].UnknownTarget; n != 1 {
			t.Errorf("unknown targets: %d", n)
		}
	})
}

func TestLogoutEndsTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, acct, _ := world(t, wxsim.Options{})
		defer sim.Close()
		c := newClient(t, clientOptions{rt: sim.Transport()})
		c.login(t)
		// The real answer is a redirect without JSON, on which the library stumbles.
		if err := c.bot.Logout(); err == nil {
			t.Error("the library understood the answer to logout: is it JSON?")
		}
		if acct.LoggedIn() {
			t.Error("still logged in")
		}
	})
}

func TestCookiesAreWantedOnEachHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, _, _ := world(t, wxsim.Options{})
		defer sim.Close()
		strip := &stripper{next: sim.Transport()}
		c := newClient(t, clientOptions{rt: strip})
		c.login(t)
		room := c.groups(t)[0].UserName
		for _, tt := range []struct {
			host, why string
			do        func() error
		}{
			{"wx.qq.com", "text without cookies on the base host", func() error { _, err := c.send(room, "x", "1"); return err }},
			{"wx.qq.com", "contacts are authorised by cookies alone", func() error {
				_, err := c.bot.Caller.WebWxGetContact(t.Context(), c.bot.Storage.LoginInfo)
				return err
			}},
			{"file.wx.qq.com", "an upload without cookies", func() error { _, err := c.upload(t, []byte("abc"), "a.png"); return err }},
			{"webpush.wx.qq.com", "the long poll", func() error { return c.ended() }},
		} {
			strip.host.Store(tt.host)
			if err := tt.do(); err == nil || !strings.Contains(err.Error(), openwechat.Ret(1102).String()) {
				t.Errorf("%s: %v, want 1102", tt.why, err)
			}
			strip.host.Store("")
		}
		if n := len(sim.Arrivals()); n != 0 {
			t.Errorf("%d messages arrived without cookies", n)
		}
	})
}
