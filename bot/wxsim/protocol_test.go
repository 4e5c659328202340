package wxsim_test

import (
	"crypto/md5"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLongPollEndsWhenSomethingHappens(t *testing.T) {
	for _, tt := range []struct {
		why  string
		do   func(r *raw)
		want string
	}{
		{"a resident speaks", func(r *raw) { r.gs[0].Says("", "x") }, "0/2"},
		{"a group is dissolved", func(r *raw) { r.gs[0].Dissolve() }, "0/4"},
		{"the account leaves a group", func(r *raw) { r.gs[0].Leave(r.acct) }, "0/6"},
		{"the phone logs out", func(r *raw) { r.acct.LogoutOnPhone() }, "1100/0"},
		{"another login", func(r *raw) { r.acct.Kick() }, "1101/0"},
		{"cookies were lost", func(r *raw) { r.acct.End(1102) }, "1102/0"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRaw(t, "").login()
				defer r.sim.Close()
				start := time.Now()
				go func() {
					time.Sleep(3 * time.Second)
					tt.do(r)
				}()
				r.want("answer", r.check(), tt.want)
				r.want("after", time.Since(start), 3*time.Second)
			})
		})
	}
}

func TestSpeakerIsInTheMemberList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRaw(t, "").login()
		defer r.sim.Close()
		nick := r.gs[0].Members()[4]
		r.gs[0].SaysAt(4, "x")
		from, _, _ := strings.Cut(r.sync().AddMsgList[0].Content, ":<br/>")
		list, _ := r.batch(r.rooms[0])
		i := slices.IndexFunc(list[0].MemberList, func(m rawContact) bool { return m.UserName == from })
		if i < 0 || !strings.HasPrefix(list[0].MemberList[i].NickName, nick[:3]) || from == r.self {
			t.Errorf("%s spoke as %s, which is place %d of the list", nick, from, i)
		}
	})
}

func TestRequestsMustBelongToTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRaw(t, "").login()
		defer r.sim.Close()
		room := r.rooms[0]
		for _, tt := range []struct {
			why    string
			change func() (undo func())
			want   int
		}{
			{"as it should be", func() func() { return func() {} }, 0},
			{"another skey", func() func() { old := r.info.SKey; r.info.SKey = "@crypt_x"; return func() { r.info.SKey = old } }, 1101},
			{"another sid", func() func() { old := r.info.WxSid; r.info.WxSid = "x"; return func() { r.info.WxSid = old } }, 1101},
			{"another uin", func() func() { r.info.WxUin++; return func() { r.info.WxUin-- } }, 1101},
			{"another pass_ticket", func() func() {
				old := r.info.PassTicket
				r.info.PassTicket = "x"
				return func() { r.info.PassTicket = old }
			}, 1},
			{"an own name that is not its own", func() func() { old := r.self; r.self = "@x"; return func() { r.self = old } }, 1},
		} {
			undo := tt.change()
			r.want(tt.why, r.send(room, tt.why).BaseResponse.Ret, tt.want)
			undo()
		}
		r.want("arrived", len(r.sim.Arrivals()), 1)

		host := r.host
		r.host = "wx2.qq.com"
		r.want("on another host, where the jar has no cookies", r.check(), "1102/0")
		jar := r.http.Jar
		r.http.Jar = everywhere{jar, &url.URL{Scheme: "https", Host: host, Path: "/"}}
		r.want("on another host, with the cookies", r.check(), "1100/0")
		r.host, r.http.Jar = host, jar

		r.otherDevice = true
		r.send(room, "x")
		r.want("device changes", r.sim.Report().Accounts[0].DeviceChanges, 1)
	})
}

// everywhere shows the cookies of one host to all.
type everywhere struct {
	http.CookieJar
	home *url.URL
}

func (e everywhere) Cookies(*url.URL) []*http.Cookie { return e.CookieJar.Cookies(e.home) }

func TestUploadsAreChecked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRaw(t, "").login()
		defer r.sim.Close()
		a, b := make([]byte, 524_288), []byte("the rest")
		h := md5.New()
		h.Write(a)
		h.Write(b)
		sum, total := hex.EncodeToString(h.Sum(nil)), len(a)+len(b)
		part := func(data []byte, n string) string {
			return r.piece("pic", data, total, sum, map[string]string{"chunks": "2", "chunk": n})
		}
		r.want("the second first", part(b, "1"), "ret 1")
		r.want("the first", part(a, "0"), "")
		id := part(b, "1")
		r.want("the second", strings.HasPrefix(id, "@crypt_"), true)
		r.want("another MD5", r.piece("pic", b, len(b), sum, nil), "ret 1")
		r.want("another length", r.piece("pic", b, len(b)+1, sum, nil), "ret 1")
		r.want("another data ticket", r.piece("pic", b, len(b), sum, map[string]string{"webwx_data_ticket": "x"}), "ret 1102")
		r.want("used", r.image(id), 0)
		r.acct.Kick()
		r.login()
		r.want("used after another login", r.image(id), 1)
	})
}

func TestTrafficIsCountedBySecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRaw(t, "sync.stuck").login()
		defer r.sim.Close()
		for range 3 {
			time.Sleep(time.Second)
			for range 7 {
				r.check()
			}
		}
		n := r.sim.Requests()["synccheck"]
		r.want("total", n.Total, 21)
		r.want("most in a second", n.MaxPerSecond, 7)
		r.want("for the account", r.sim.Report().Accounts[0].SyncChecks, 7)
	})
}
