package wxsim_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eatmoreapple/openwechat"

	"chunfeng/bot/wxsim"
)

// serveSim puts a simulator on a loopback port.
func serveSim(t testing.TB, sim *wxsim.Sim) http.RoundTripper {
	t.Helper()
	srv := httptest.NewServer(sim.Handler())
	t.Cleanup(srv.Close)
	t.Cleanup(sim.Close)
	tr := &http.Transport{MaxIdleConnsPerHost: 32}
	t.Cleanup(tr.CloseIdleConnections)
	return loopback{addr: srv.Listener.Addr().String(), base: tr}
}

func TestOverAPort(t *testing.T) {
	sim := wxsim.New(wxsim.Options{Seed: 5, AutoScan: true, ScanDelay: time.Millisecond, Hold: 100 * time.Millisecond})
	a := sim.AddAccount("a01", wxsim.AccountOptions{Host: "wx2.qq.com"})
	g := sim.AddGroup(wxsim.GroupOptions{ID: "Y-0001", Name: "훈춘 & 취업 🇨🇳", Count: 40})
	g.Join(a, true)
	rt := serveSim(t, sim)
	c := newClient(t, clientOptions{rt: rt, handler: true})
	c.login(t)
	if d := string(c.bot.Caller.Client.Domain); d != "wx2.qq.com" {
		t.Errorf("domain %s", d)
	}
	rooms := c.groups(t)
	if len(rooms) != 1 || rooms[0].NickName != `훈춘 &amp; 취업 <span class="emoji emoji1f1e81f1f3"></span>` {
		t.Fatalf("groups: %v", rooms)
	}
	big := bytes.Repeat([]byte("0123456789"), 80_000)
	up, err := c.upload(t, big, "poster.png")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.sendImage(rooms[0].UserName, up.MediaId); err != nil {
		t.Fatal(err)
	}
	if _, err := c.send(rooms[0].UserName, "공고", "2"); err != nil {
		t.Fatal(err)
	}

	// What only sockets can show: each way in which a connection breaks.
	for _, tt := range []struct {
		spec, want string
		arrived    int
	}{
		{"send.cut_before:times=1", "EOF", 0},
		{"send.cut_after:times=1", "EOF", 1},
		{"send.cut_mid:times=1", "unexpected EOF", 1},
		{"wire.refused:on=send,times=1", "EOF", 0},
		{"session.midnight:on=webwxsendmsg,from=0,to=24,times=1", `malformed HTTP status code "0"`, 0},
		{"wire.gzip:on=send,times=1", "", 1},
	} {
		n := len(sim.Arrivals())
		if err := sim.ParseFaults(tt.spec); err != nil {
			t.Fatal(err)
		}
		_, err := c.send(rooms[0].UserName, tt.spec, tt.spec)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v, want %q", tt.spec, err, tt.want)
		}
		if got := len(sim.Arrivals()) - n; got != tt.arrived {
			t.Errorf("%s: %d arrived, want %d", tt.spec, got, tt.arrived)
		}
	}
	a.LogoutOnPhone()
	if err := c.ended(); !strings.Contains(err.Error(), openwechat.Ret(1100).String()) {
		t.Errorf("after a logout on the phone: %v", err)
	}
}

func TestControlSide(t *testing.T) {
	sim := wxsim.New(wxsim.Options{Seed: 5, Hold: 100 * time.Millisecond})
	a := sim.AddAccount("a01", wxsim.AccountOptions{})
	g := sim.AddGroup(wxsim.GroupOptions{ID: "Y-0001", Name: "훈춘", Count: 4})
	g.Join(a, true)
	rt := serveSim(t, sim)
	const base = "http://sim.local/_sim/"
	c := newClient(t, clientOptions{rt: rt, handler: true, uuid: func(uuid string) {
		code, b := post(t, rt, base+"scan?account=a01&uuid="+url.QueryEscape(uuid), nil)
		if code != 200 {
			t.Errorf("scan: %d %s", code, b)
		}
	}})
	c.login(t)
	if _, err := c.send(c.groups(t)[0].UserName, "공고", "2"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		verb string
		form url.Values
		code int
	}{
		{"say", url.Values{"group": {"Y-0001"}, "member": {"김영희"}, "text": {"신청"}}, 200},
		{"say", url.Values{"group": {"Y-0001"}, "text": {"저요"}, "quote": {"1"}}, 200},
		{"say", url.Values{"group": {"nowhere"}, "text": {"x"}}, 404},
		{"sys", url.Values{"group": {"Y-0001"}, "text": {"通知"}}, 200},
		{"phone", url.Values{"group": {"Y-0001"}, "account": {"a01"}, "text": {"绑定 G0421"}}, 200},
		{"rename", url.Values{"group": {"Y-0001"}, "name": {"훈춘 2"}}, 200},
		{"fault", url.Values{"spec": {"send.1205:times=1"}}, 200},
		{"fault", url.Values{"spec": {"nonsense"}}, 400},
		{"fault", url.Values{"clear": {"send.1205"}}, 200},
		{"scan", url.Values{"account": {"a01"}, "uuid": {"nonsense"}}, 409},
		{"touch", url.Values{"account": {"a01"}}, 200},
		{"explode", nil, 404},
	} {
		if code, b := post(t, rt, base+tt.verb, tt.form); code != tt.code {
			t.Errorf("%s %v: %d %s", tt.verb, tt.form, code, b)
		}
	}
	want := map[string]string{
		"arrivals":         `"text":"공고"`,
		"arrivals?since=1": `[]`,
		"accounts":         `"logged_in":true`,
		"groups":           `"name":"훈춘 2"`,
		"report":           `"posts":{"Y-0001":1}`,
		"faults":           `"send.cut_after"`,
		"swallowed":        `[]`,
	}
	for verb, part := range want {
		code, b := get(t, rt, base+verb)
		if code != 200 || !json.Valid(b) || !strings.Contains(string(b), part) {
			t.Errorf("%s: %d %.200s", verb, code, b)
		}
	}
	deadline := time.Now().Add(5 * time.Second)
	seen := func() string {
		var out []string
		for _, m := range c.messages() {
			out = append(out, m.RawContent)
		}
		return strings.Join(out, "\n")
	}
	for !strings.Contains(seen(), "修改群名为") && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	for _, part := range []string{":<br/>신청", ":<br/>「" + a.Nick() + "：공고」<br/>- - - - - - - - - - - - - - -<br/>저요", "通知", "绑定 G0421", "修改群名为“훈춘 2”"} {
		if !strings.Contains(seen(), part) {
			t.Errorf("the client did not see %s in\n%s", part, seen())
		}
	}
	if code, _ := post(t, rt, base+"kick", url.Values{"account": {"a01"}}); code != 200 {
		t.Error("kick")
	}
	_ = c.ended()
}

// fleet is 12 accounts in 2,971 groups, two accounts a group.
func fleet(t testing.TB, rt http.RoundTripper, sim *wxsim.Sim, groups int) []*openwechat.Bot {
	t.Helper()
	var accts []*wxsim.Account
	for i := range 12 {
		accts = append(accts, sim.AddAccount(fmt.Sprintf("a%02d", i+1), wxsim.AccountOptions{Host: []string{"wx.qq.com", "wx2.qq.com"}[i%2]}))
	}
	for i := range groups {
		g := sim.AddGroup(wxsim.GroupOptions{ID: fmt.Sprintf("Y-%04d", i+1), Name: fmt.Sprintf("연변 취업 %04d 招工", i+1), Count: 30 + i%30})
		g.Join(accts[i%12], true)
		g.Join(accts[(i+5)%12], true)
	}
	var bots []*openwechat.Bot
	for i := range 12 {
		b := openwechat.NewBot(t.Context())
		openwechat.Desktop.Prepare(b)
		openwechat.WithDeviceID(fmt.Sprintf("e1234567801234%02d", i)).Prepare(b)
		b.Caller.Client.MaxRetryTimes = 1
		b.Caller.Client.HTTPClient().Transport = rt
		if err := b.Login(); err != nil {
			t.Fatal(err)
		}
		bots = append(bots, b)
	}
	return bots
}

func TestAWaveOfTwelveAccountsOverAPort(t *testing.T) {
	if testing.Short() {
		t.Skip("two waves of 2,971 messages")
	}
	sim := wxsim.New(wxsim.Options{Seed: 2, AutoScan: true, ScanDelay: time.Millisecond})
	bots := fleet(t, serveSim(t, sim), sim, 2971)
	text := strings.Repeat("용접공 모집, 급여 상담. A017 훈춘 ☎ ", 30)
	start := time.Now()
	var wg sync.WaitGroup
	for _, b := range bots {
		wg.Go(func() {
			list, err := b.Caller.WebWxGetContact(b.Context(), b.Storage.LoginInfo)
			if err != nil {
				t.Error(err)
				return
			}
			self, err := b.GetCurrentUser()
			if err != nil {
				t.Error(err)
				return
			}
			n := 0
			for _, u := range list {
				if !u.IsGroup() {
					continue
				}
				n++
				m := openwechat.NewTextSendMessage(text, self.UserName, u.UserName)
				if _, err := b.Caller.WebWxSendMsg(b.Context(), &openwechat.CallerWebWxSendMsgOptions{
					LoginInfo: b.Storage.LoginInfo, BaseRequest: b.Storage.Request, Message: m,
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d messages in %v", len(sim.Arrivals()), time.Since(start))
	rep := sim.Report()
	if rep.Arrivals != 2*2971 || rep.MaxPosts != 2 || len(rep.Posts) != 2971 || len(rep.Doubles) != 2971 {
		t.Errorf("arrivals %d, most in a group %d, groups %d, doubles %d", rep.Arrivals, rep.MaxPosts, len(rep.Posts), len(rep.Doubles))
	}
	sim.Close()
}
