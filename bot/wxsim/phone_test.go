package wxsim_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/bot/wxsim"
)

func TestThePhoneIsAskedAndAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := wxsim.New(wxsim.Options{Seed: 1})
		defer sim.Close()
		a := sim.AddAccount("a01", wxsim.AccountOptions{})
		r := &raw{t: t, sim: sim, acct: a, http: &http.Client{Transport: sim.Transport(), Jar: newJar()}}
		r.want("nothing to confirm", a.Confirm(), wxsim.ErrNoScan)
		uuid := r.newUUID()
		code, _ := r.poll(uuid)
		r.want("nobody scans", code, "408")
		// The console's way: no account is named.
		if code, b := post(t, sim.Transport(), "http://sim.local/_sim/scan", url.Values{"uuid": {uuid}}); code != 200 || !strings.Contains(string(b), `"a01"`) {
			t.Errorf("scan: %d %s", code, b)
		}
		r.page(r.redirect(uuid))
		r.want("login", fmt.Sprint(r.info.Ret, a.LoggedIn()), "0 true")

		_, b, err := r.do("GET", fmt.Sprintf("https://%s/cgi-bin/mmwebwx-bin/webwxpushloginurl?uin=%d", r.host, a.Uin()), nil)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(b), `"uuid":"`)
		push, _, _ := strings.Cut(rest, `"`)
		start := time.Now()
		code, _ = r.poll(push)
		r.want("the phone is asked and held", fmt.Sprint(code, " ", time.Since(start)), "201 25s")
		if code, _ := post(t, sim.Transport(), "http://sim.local/_sim/confirm", url.Values{"account": {"a01"}}); code != 200 {
			t.Errorf("confirm: %d", code)
		}
		code, _ = r.poll(push)
		r.want("confirmed", code, "200")

		late := r.newUUID()
		time.Sleep(5 * time.Minute)
		r.want("a code of five minutes ago", a.Scan(late), wxsim.ErrNoQR)
	})
}

func TestAnAccountMayRenameAGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRaw(t, "").login()
		defer r.sim.Close()
		for _, tt := range []struct{ fun, room, want, why string }{
			{"modtopic", r.rooms[0], `"Ret":0`, "what the client asks"},
			{"delmember", r.rooms[0], `"Ret":1`, "what is not there"},
			{"modtopic", "@@0", `"Ret":1`, "a group of another login"},
		} {
			b, err := r.call("webwxupdatechatroom", "fun="+tt.fun, map[string]any{"ChatRoomName": tt.room, "NewTopic": "새 이름"})
			if err != nil || !strings.Contains(string(b), tt.want) {
				t.Errorf("%s: %s %v", tt.why, b, err)
			}
		}
		r.want("name", r.gs[0].Name(), "새 이름")
		r.gs[1].Save(r.acct, false)
		r.want("one group less in the list", len(r.contacts()), 4)
		if _, b, err := r.do("GET", "https://"+r.host+"/cgi-bin/mmwebwx-bin/webwxgetmsgimg?MsgID=1", nil); err != nil || !strings.HasPrefix(string(b), "GIF8") {
			t.Errorf("a picture: %q %v", b, err)
		}
	})
}
