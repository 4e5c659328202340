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
		if err := c.bot.Block(); !strings.Contains(err.Error(), openwechat.Ret(1101).String()) {
			t.Errorf("after a kick: %v", err)
		}
	})
}
