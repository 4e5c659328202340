package wxsim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/bot/wxsim"
)

// faultTest is one fault with its settings, and what must be seen on the wire while it is on.
type faultTest struct {
	name  string
	spec  string
	check func(r *raw)
}

// TestFaults does for each fault what its line says. A fault without a row fails it.
func TestFaults(t *testing.T) {
	var rows []faultTest
	rows = append(rows, loginFaults()...)
	rows = append(rows, syncFaults()...)
	rows = append(rows, wireFaults()...)
	rows = append(rows, sendFaults()...)
	rows = append(rows, contactFaults()...)
	tested := map[string]bool{}
	for _, row := range rows {
		tested[row.name] = true
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRaw(t, row.name+":"+row.spec)
				defer r.sim.Close()
				row.check(r)
				if !strings.Contains(row.spec, "refresh") && r.sim.FaultHits(row.name) == 0 && !quiet(row.name) {
					t.Errorf("the fault %s never struck", row.name)
				}
			})
		})
	}
	for _, f := range wxsim.FaultNames() {
		if !tested[f.Name] {
			t.Errorf("the fault %s has no test", f.Name)
		}
	}
}

// quiet faults change a limit and have nothing to count.
func quiet(name string) bool { return name == "cookie.expiry" || name == "upload.limit" }

func (r *raw) want(what string, got, want any) {
	r.t.Helper()
	if got != want {
		r.t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func loginFaults() []faultTest {
	return []faultTest{
		{"login.expire", "ttl=10s", func(r *raw) {
			// A code that nobody scans: the account is busy.
			r.login()
			start := time.Now()
			code, _ := r.poll(r.newUUID())
			r.want("poll", code, "400")
			r.want("life", time.Since(start), 10*time.Second)
		}},
		{"login.code500", "times=1", func(r *raw) {
			uuid := r.newUUID()
			code, _ := r.poll(uuid)
			r.want("poll", code, "500")
			r.page(r.redirect(uuid))
			r.want("login", r.info.Ret, 0)
		}},
		{"login.201_repeats", "account=b", func(r *raw) {
			r.login()
			uuid := r.newUUID()
			b := r.sim.AddAccount("b", wxsim.AccountOptions{})
			if err := b.Scan(uuid); err != nil {
				r.t.Fatal(err)
			}
			start := time.Now()
			for range 3 {
				code, _ := r.poll(uuid)
				r.want("poll", code, "201")
			}
			r.want("waited", time.Since(start), time.Duration(0))
			r.sim.ClearFault("login.201_repeats")
			r.poll(uuid)
			r.want("waited without the fault", time.Since(start), 25*time.Second)
			_ = r.sim.Fault("login.201_repeats", nil)
			r.poll(uuid)
		}},
		{"login.1203", "times=1", func(r *raw) {
			r.page(r.redirect(r.newUUID()))
			r.want("ret", r.info.Ret, 1203)
			if !strings.Contains(r.info.Message, "当前登录环境异常") {
				r.t.Errorf("message: %s", r.info.Message)
			}
			r.info.Ret = 0
			r.login()
		}},
		{"login.extspam", "", func(r *raw) {
			r.sim.ClearFault("login.extspam")
			r.bare = true
			r.page(r.redirect(r.newUUID()))
			r.want("an account that always needs it", r.info.Ret, 1203)
			r.bare, r.info.Ret = false, 0
			r.login()
			r.bare = true
			plain := r.sim.AddAccount("plain", wxsim.AccountOptions{PlainWeb: true})
			r.page(r.redirect(r.newUUID()))
			r.want("one that does not", r.info.Ret, 0)
			plain.Kick()
			_ = r.sim.Fault("login.extspam", nil)
			r.page(r.redirect(r.newUUID()))
			r.want("with the fault", r.info.Ret, 1203)
		}},
		{"login.host", "host=wx2.qq.com", func(r *raw) {
			r.login()
			r.want("host", r.host, "wx2.qq.com")
			r.want("poll there", r.check(), "0/0")
		}},
		{"login.301", "", func(r *raw) {
			resp, b := r.page(r.redirect(r.newUUID()))
			r.want("status", resp.StatusCode, 301)
			r.want("body", len(b), 0)
		}},
		{"login.html", "", func(r *raw) {
			_, b := r.page(r.redirect(r.newUUID()))
			r.want("html", strings.HasPrefix(string(b), "<html>"), true)
		}},
		{"login.push_refused", "times=1", func(r *raw) {
			r.login()
			for _, want := range []string{`"ret":"1"`, `"ret":"0"`} {
				_, b, _ := r.do("GET", fmt.Sprintf("https://%s/cgi-bin/mmwebwx-bin/webwxpushloginurl?uin=%d", r.host, r.info.WxUin), nil)
				if !strings.Contains(string(b), want) {
					r.t.Errorf("push: %s, want %s", b, want)
				}
			}
		}},
		{"session.life", "ttl=15m,code=1100", func(r *raw) {
			r.login()
			time.Sleep(14 * time.Minute)
			r.want("at 14 min", r.check(), "0/0")
			time.Sleep(time.Minute)
			r.want("after", r.check(), "1100/0")
		}},
		{"session.life", "", func(r *raw) {
			r.login()
			time.Sleep(15 * 24 * time.Hour)
			r.want("whatever was drawn, 14 days are the longest", r.check(), "1101/0")
		}},
		{"session.cut", "on=webwxsendmsg,after=1,times=1,code=1102", func(r *raw) {
			r.login()
			r.want("first", r.send(r.rooms[0], "a").BaseResponse.Ret, 0)
			r.want("second", r.send(r.rooms[0], "b").BaseResponse.Ret, 1102)
			r.want("poll", r.check(), "1102/0")
			r.want("arrived", len(r.sim.Arrivals()), 1)
		}},
		{"session.midnight", "", func(r *raw) {
			// A bubble's clock starts at midnight UTC, when it is eight in the morning there.
			r.login()
			time.Sleep(16*time.Hour + time.Minute)
			if _, err := r.trySend(r.rooms[0], "a"); err == nil || !strings.Contains(err.Error(), "malformed HTTP status code") {
				r.t.Errorf("at night: %v", err)
			}
			time.Sleep(4 * time.Hour)
			r.want("in the morning", r.send(r.rooms[0], "b").BaseResponse.Ret, 0)
		}},
		{"session.silent", "idle=6h", func(r *raw) {
			r.login()
			time.Sleep(7 * time.Hour)
			r.gs[0].Says("", "들려요?")
			r.want("poll", r.check(), "0/0")
			r.want("sync", len(r.sync().AddMsgList), 0)
			r.want("send", r.send(r.rooms[0], "a").BaseResponse.Ret, 0)
			r.acct.Touch()
			r.want("after the phone was touched", r.check(), "0/2")
			r.want("sync", len(r.sync().texts()), 1)
		}},
		{"cookie.expiry", "ttl=1h", func(r *raw) {
			r.login()
			time.Sleep(59 * time.Minute)
			r.want("young", r.check(), "0/0")
			time.Sleep(2 * time.Minute)
			r.want("old", r.check(), "1102/0")
		}},
		{"cookie.expiry", "ttl=1h,refresh=webwxsync", func(r *raw) {
			r.login()
			for range 4 {
				time.Sleep(30 * time.Minute)
				r.sync()
			}
			r.want("renewed", r.check(), "0/0")
		}},
		{"cookie.init", "", func(r *raw) {
			r.login()
			r.want("cookies from webwxinit", len(r.init.Cookies()), 7)
			r.sim.ClearFault("cookie.init")
			r.webinit()
			r.want("without the fault", len(r.init.Cookies()), 0)
			_ = r.sim.Fault("cookie.init", nil)
			r.webinit()
		}},
	}
}

func syncFaults() []faultTest {
	shape := func(want string) func(r *raw) {
		return func(r *raw) {
			r.login()
			r.gs[0].Says("", "x")
			if got := r.sync().body; !strings.Contains(got, want) {
				r.t.Errorf("%s, want %s", got, want)
			}
		}
	}
	return []faultTest{
		{"sync.check", "code=-1,times=1", func(r *raw) {
			r.login()
			r.want("poll", r.check(), "-1/0")
			r.want("next", r.check(), "0/0")
		}},
		{"sync.check", "code=1100,times=1", func(r *raw) {
			r.login()
			r.want("poll", r.check(), "1100/0")
			r.want("the session ended", r.acct.LoggedIn(), false)
		}},
		{"sync.ret3", "", func(r *raw) {
			shape(`"BaseResponse":{"Ret":3,"ErrMsg":""},"AddMsgCount":0,"AddMsgList":[],"SyncKey":{"Count":0,"List":[]}`)(r)
			r.acct.Touch()
			r.want("after the phone was touched", len(r.sync().texts()), 1)
		}},
		{"sync.minus1", "", shape(`"Ret":-1`)},
		{"sync.1101", "", func(r *raw) {
			r.login()
			v := r.sync()
			r.want("ret", v.BaseResponse.Ret, 1101)
			r.want("key", strings.Contains(v.body, "SyncKey"), false)
		}},
		{"sync.no_key", "", func(r *raw) {
			r.login()
			r.want("key", strings.Contains(r.sync().body, "SyncKey"), false)
		}},
		{"sync.null_key", "", shape(`"SyncKey":null`)},
		{"sync.bad_count", "count=2", shape(`"SyncKey":{"Count":2,"List":[`)},
		{"sync.stuck", "selector=7,times=1,advance", func(r *raw) {
			r.login()
			start := time.Now()
			for range 3 {
				r.want("poll", r.check(), "0/7")
				key := string(r.key)
				v := r.sync()
				r.want("messages", len(v.AddMsgList), 0)
				r.want("SyncKey", string(v.SyncKey), key)
				r.want("SyncCheckKey moved", string(v.SyncCheckKey) != key, time.Since(start) > 0)
				time.Sleep(2 * time.Second)
			}
			r.send(r.rooms[0], "a")
			r.want("after a send", r.check(), "0/0")
		}},
		{"sync.stuck", "times=1,most=1m", func(r *raw) {
			r.login()
			r.want("poll", r.check(), "0/2")
			time.Sleep(61 * time.Second)
			r.want("ends by itself", r.check(), "0/0")
		}},
		{"sync.redeliver", "times=1", func(r *raw) {
			r.login()
			for _, tt := range []struct{ say, want string }{{"하나", "하나"}, {"둘", "하나 둘"}, {"셋", "셋"}} {
				r.gs[0].Says("", tt.say)
				r.want("batch", strings.Join(r.sync().texts(), " "), tt.want)
			}
		}},
		{"sync.duplicate", "", func(r *raw) {
			r.login()
			r.gs[0].Says("", "x")
			v := r.sync()
			r.want("messages", len(v.AddMsgList), 2)
			r.want("ids", v.AddMsgList[0].MsgId, v.AddMsgList[1].MsgId)
		}},
		{"sync.batch", "n=2", func(r *raw) {
			r.login()
			for i := range 5 {
				r.gs[0].Says("", fmt.Sprint(i))
			}
			var flags []int
			var texts []string
			for range 3 {
				v := r.sync()
				flags = append(flags, v.ContinueFlag)
				texts = append(texts, v.texts()...)
			}
			r.want("flags", fmt.Sprint(flags), "[1 1 0]")
			r.want("texts", strings.Join(texts, ""), "01234")
		}},
		{"sync.wrong_type", "times=1", func(r *raw) {
			r.login()
			old := r.key
			r.gs[0].Says("", "x")
			for range 2 {
				r.key = old
				_, isNum := r.sync().AddMsgList[0].MsgId.(float64)
				r.want("a number, each time", isNum, true)
			}
		}},
		{"sync.wrong_type", "field=Val", func(r *raw) {
			r.login()
			if b := r.sync().body; !strings.Contains(b, `"Val":"`) {
				r.t.Errorf("no string in %s", b)
			}
		}},
		{"sync.old_key", "mode=1101,times=2", func(r *raw) {
			r.login()
			old := r.key
			r.acct.Kick()
			r.gs[0].Says("", "그사이")
			r.login()
			r.key = old
			r.want("poll", r.check(), "1101/0")
			r.want("sync", r.sync().BaseResponse.Ret, 1101)
			r.want("without the fault", strings.Join(r.sync().texts(), ""), "그사이")
		}},
		{"sync.old_key", "mode=ignore", func(r *raw) {
			r.login()
			old := r.key
			r.acct.Kick()
			r.gs[0].Says("", "그사이")
			r.login()
			r.key = old
			r.want("sync", len(r.sync().texts()), 0)
		}},
	}
}

func wireFaults() []faultTest {
	// broken: the client got no answer; arrived tells whether the message did.
	broken := func(arrived int) func(r *raw) {
		return func(r *raw) {
			r.login()
			if v, err := r.trySend(r.rooms[0], "a"); err == nil {
				r.t.Errorf("answered: %s", v.body)
			}
			r.want("arrived", len(r.sim.Arrivals()), arrived)
			r.want("the next one", r.send(r.rooms[0], "b").BaseResponse.Ret, 0)
		}
	}
	slow := func(arrived int) func(r *raw) {
		return func(r *raw) {
			r.login()
			r.http.Timeout = 30 * time.Second
			if _, err := r.trySend(r.rooms[0], "a"); err == nil {
				r.t.Error("answered within 30 s")
			}
			r.want("arrived when the client gave up", len(r.sim.Arrivals()), arrived)
			time.Sleep(10 * time.Second)
			r.want("arrived in the end", len(r.sim.Arrivals()), 1)
		}
	}
	on := "on=webwxsendmsg,times=1"
	return []faultTest{
		{"wire.refused", on, broken(0)},
		{"wire.cut_before", on, broken(0)},
		{"wire.cut_after", on, broken(1)},
		{"wire.cut_mid", "on=send,times=1", broken(1)},
		{"wire.slow", on, slow(1)},
		{"wire.slow", on + ",when=before", slow(0)},
		{"wire.502", on, broken(0)},
		{"wire.502", on + ",when=after", broken(1)},
		{"wire.html", on, broken(0)},
		{"wire.html", on + ",when=after", broken(1)},
		{"wire.gzip", on, func(r *raw) {
			r.login()
			r.want("unpacked on the way", len(r.send(r.rooms[0], "a").MsgID), 19)
		}},
		{"wire.gzip", on + ",header=false", broken(1)},
		{"wire.truncated", on, broken(1)},
		{"wire.cut_before", "on=sync,times=1", func(r *raw) {
			r.login()
			r.want("poll", strings.Contains(r.check(), "EOF"), true)
			r.want("next", r.check(), "0/0")
		}},
		{"send.cut_before", "times=1", broken(0)},
		{"send.cut_after", "times=1", broken(1)},
		{"send.cut_mid", "times=1", broken(1)},
		{"send.slow", "times=1", slow(1)},
		{"send.slow", "times=1,when=before", slow(0)},
	}
}

func sendFaults() []faultTest {
	refuse := func(ret int) func(r *raw) {
		return func(r *raw) {
			r.login()
			r.want("first", r.send(r.rooms[0], "a").BaseResponse.Ret, 0)
			r.want("second", r.send(r.rooms[0], "b").BaseResponse.Ret, ret)
			r.want("third", r.send(r.rooms[0], "c").BaseResponse.Ret, 0)
			r.want("arrived", len(r.sim.Arrivals()), 2)
		}
	}
	once := "after=1,times=1"
	noticed := func(r *raw) bool {
		time.Sleep(11 * time.Second)
		for _, m := range r.sync().AddMsgList {
			if m.MsgType == 10000 && m.FromUserName == r.rooms[0] && m.Content == "发送消息过于频繁，可稍后再试。" {
				return true
			}
		}
		return false
	}
	return []faultTest{
		{"send.1204", once, refuse(1204)},
		{"send.1205", once, refuse(1205)},
		{"send.1205", "after=1,for=30m", func(r *raw) {
			r.login()
			for i, want := range []int{0, 1205, 1205, 0} {
				r.want(fmt.Sprint("send ", i), r.send(r.rooms[0], fmt.Sprint(i)).BaseResponse.Ret, want)
				time.Sleep(20 * time.Minute)
			}
		}},
		{"send.1101", once, refuse(1101)},
		{"send.minus1", once, refuse(-1)},
		{"send.no_msgid", "", func(r *raw) {
			r.login()
			v := r.send(r.rooms[0], "a")
			r.want("ret and id", fmt.Sprintf("%d %q", v.BaseResponse.Ret, v.MsgID), `0 ""`)
			r.want("arrived", len(r.sim.Arrivals()), 1)
		}},
		{"send.no_msgid", "bare", func(r *raw) {
			r.login()
			r.want("body", r.send(r.rooms[0], "a").body, "{}")
			r.want("arrived", len(r.sim.Arrivals()), 1)
		}},
		{"send.ret0_lost", once, func(r *raw) {
			r.login()
			for _, x := range []string{"a", "b", "c"} {
				r.want("id", len(r.send(r.rooms[0], x).MsgID), 19)
			}
			r.want("arrived", len(r.sim.Arrivals()), 2)
			r.want("swallowed", r.sim.Swallowed()[0].Text, "b")
		}},
		{"send.ret0_notice", "", func(r *raw) {
			r.login()
			r.want("id", len(r.send(r.rooms[0], "a").MsgID), 19)
			r.want("arrived", len(r.sim.Arrivals()), 0)
			r.want("notice", noticed(r), true)
		}},
		{"send.gone_ret0", "times=1", func(r *raw) {
			r.login()
			r.gs[0].Remove(r.acct)
			r.want("with the fault", r.send(r.rooms[0], "a").BaseResponse.Ret, 0)
			r.want("without", r.send(r.rooms[0], "b").BaseResponse.Ret, 1204)
			r.want("arrived", len(r.sim.Arrivals()), 0)
			r.want("counted", r.sim.Report().Accounts[0].GoneGroup, 2)
		}},
		{"send.bucket", "n=3,per=50s", func(r *raw) {
			r.login()
			for i, want := range []int{0, 0, 0, 1205, 1205} {
				r.want(fmt.Sprint("send ", i), r.send(r.rooms[0], fmt.Sprint(i)).BaseResponse.Ret, want)
			}
			time.Sleep(50 * time.Second)
			r.want("later", r.send(r.rooms[0], "z").BaseResponse.Ret, 0)
		}},
		{"send.bucket", "n=1,mode=notice", func(r *raw) {
			r.login()
			r.send(r.rooms[0], "a")
			r.want("ret", r.send(r.rooms[0], "b").BaseResponse.Ret, 0)
			r.want("arrived", len(r.sim.Arrivals()), 1)
			r.want("notice", noticed(r), true)
		}},
		{"send.day_cap", "n=2", func(r *raw) {
			r.login()
			for i, want := range []int{0, 0, 1205} {
				r.want(fmt.Sprint("send ", i), r.send(r.rooms[0], fmt.Sprint(i)).BaseResponse.Ret, want)
			}
			time.Sleep(11 * time.Hour)
			r.want("after 11 h", r.send(r.rooms[0], "x").BaseResponse.Ret, 1205)
			time.Sleep(time.Hour)
			r.want("after 12 h", r.send(r.rooms[0], "y").BaseResponse.Ret, 0)
		}},
		{"send.long", "limit=5", func(r *raw) {
			r.login()
			r.send(r.rooms[0], "가나다라마바사")
			r.want("arrived", r.sim.Arrivals()[0].Text, "가나다라마")
		}},
		{"send.long", "limit=5,mode=reject", func(r *raw) {
			r.login()
			r.want("long", r.send(r.rooms[0], "가나다라마바사").BaseResponse.Ret, -1)
			r.want("short", r.send(r.rooms[0], "가나다라마").BaseResponse.Ret, 0)
		}},
		{"send.echo", "p=0.5", func(r *raw) {
			r.login()
			for i := range 40 {
				r.send(r.rooms[0], fmt.Sprint(i))
			}
			time.Sleep(5 * time.Second)
			n := 0
			for _, m := range r.sync().AddMsgList {
				if m.FromUserName == r.self && m.ToUserName == r.rooms[0] && m.MsgType == 1 {
					n++
				}
			}
			if n < 10 || n > 30 {
				r.t.Errorf("%d echoes of 40, want about half", n)
			}
		}},
		{"send.revoke_fails", "", func(r *raw) {
			r.login()
			v := r.send(r.rooms[0], "a")
			b, err := r.call("webwxrevokemsg", "", map[string]any{"ClientMsgId": "a", "SvrMsgId": v.MsgID, "ToUserName": r.rooms[0]})
			r.want("answer", strings.Contains(string(b), `"Ret":-1`) && err == nil, true)
			r.want("recalled", r.sim.Arrivals()[0].Recalled, false)
		}},
		{"media.bucket", "hour=2,warnings=1", func(r *raw) {
			r.login()
			id := r.upload("pic", []byte("png"))
			for i, want := range []int{0, 0, 1205, -1} {
				r.want(fmt.Sprint("image ", i), r.image(id), want)
			}
			r.want("text", r.send(r.rooms[0], "text").BaseResponse.Ret, 0)
			time.Sleep(time.Hour)
			r.want("an hour later", r.image(id), 0)
		}},
		{"upload.1205", "", func(r *raw) {
			r.login()
			r.want("upload", r.upload("pic", []byte("png")), "ret 1205")
		}},
		{"upload.502", "", func(r *raw) {
			r.login()
			r.want("upload", r.upload("pic", []byte("png")), "status 502")
		}},
		{"upload.limit", "max=10", func(r *raw) {
			r.login()
			r.want("picture", r.upload("pic", []byte("12345678901")), "ret -1")
			r.want("document", strings.HasPrefix(r.upload("doc", []byte("12345678901")), "@crypt_"), true)
			r.want("at the limit", strings.HasPrefix(r.upload("pic", []byte("1234567890")), "@crypt_"), true)
			r.want("in one piece above 512 KiB", r.upload("doc", make([]byte, 524_289)), "status 502")
		}},
		{"account.ban", "rate=3,per=1h,ban=24h", func(r *raw) { banned(r, 3) }},
		{"account.ban", "same=2", func(r *raw) {
			r.login()
			for i, want := range []int{0, 0, 1100} {
				v, _ := r.trySend(r.rooms[i], "같은 글")
				r.want("same text", v.BaseResponse.Ret, want)
			}
		}},
		{"account.ban", "complaint=1", func(r *raw) { banned(r, 0) }},
	}
}

func banned(r *raw, free int) {
	r.login()
	for i := range free {
		r.want("send", r.send(r.rooms[0], fmt.Sprint(i)).BaseResponse.Ret, 0)
	}
	r.want("one too many", r.send(r.rooms[0], "x").BaseResponse.Ret, 1100)
	uuid := r.newUUID()
	if err := r.acct.ScanAndConfirm(uuid); err != nil {
		r.t.Fatal(err)
	}
	r.page(r.redirect(uuid))
	r.want("login", r.info.Ret, 1203)
	time.Sleep(24 * time.Hour)
	r.info.Ret = 0
	r.login()
}

func contactFaults() []faultTest {
	kinds := func(r *raw) string {
		time.Sleep(time.Hour)
		var out []string
		v := r.sync()
		for _, m := range v.AddMsgList {
			out = append(out, fmt.Sprint(m.MsgType))
		}
		out = append(out, fmt.Sprint("mod", len(v.ModContactList)), fmt.Sprint("del", len(v.DelContactList)), fmt.Sprint("members", len(v.ModChatRoomMemberList)))
		return strings.Join(out, " ")
	}
	return []faultTest{
		{"batch.dropped", "times=1,after=1", func(r *raw) {
			r.login()
			list, _ := r.batch(r.rooms...)
			r.want("entries", len(list), 2)
			r.want("the second is missing", list[1].UserName, r.rooms[2])
		}},
		{"batch.reorder", "", func(r *raw) {
			r.login()
			moved := false
			for range 10 {
				list, _ := r.batch(r.rooms...)
				r.want("entries", len(list), 3)
				moved = moved || list[0].UserName != r.rooms[0]
			}
			r.want("another order", moved, true)
		}},
		{"batch.1205", "n=2,per=1m,block=30m", func(r *raw) {
			r.login()
			for i, want := range []int{0, 0, 1205} {
				_, ret := r.batch(r.rooms...)
				r.want(fmt.Sprint("request ", i), ret, want)
			}
			time.Sleep(29 * time.Minute)
			_, ret := r.batch(r.rooms...)
			r.want("after 29 min", ret, 1205)
			time.Sleep(time.Minute)
			_, ret = r.batch(r.rooms...)
			r.want("after 30 min", ret, 0)
		}},
		{"batch.minus1", "times=1", func(r *raw) {
			r.login()
			_, ret := r.batch(r.rooms...)
			r.want("ret", ret, -1)
		}},
		{"contact.page", "size=2", func(r *raw) {
			r.login()
			list, next, _ := r.contactPage(0)
			r.want("first page", len(list), 2)
			r.want("there is more", next > 0, true)
			r.want("all", len(r.contacts()), 5)
		}},
		{"contact.endless", "", func(r *raw) {
			r.login()
			seq := 0
			for range 5 {
				_, next, _ := r.contactPage(seq)
				r.want("Seq goes on", next > seq, true)
				seq = next
			}
		}},
		{"contact.missing", "times=1", func(r *raw) {
			r.login()
			r.want("groups", len(r.rooms), 2)
		}},
		{"contact.empty_names", "times=1", func(r *raw) {
			r.login()
			r.want("with the name ''", slices.ContainsFunc(r.contactsFirst, func(c rawContact) bool { return strings.HasPrefix(c.UserName, "@@") && c.NickName == "" }), true)
		}},
		{"contact.slow", "delay=20s", func(r *raw) {
			start := time.Now()
			r.login()
			r.want("took", time.Since(start) >= 20*time.Second, true)
		}},
		{"churn.rename", "every=10m,times=1", func(r *raw) {
			r.login()
			r.want("sync", kinds(r), "10000 mod1 del0 members0")
		}},
		{"churn.members", "every=10m,times=1", func(r *raw) {
			r.login()
			r.want("sync", kinds(r), "10000 mod0 del0 members1")
		}},
		{"churn.remove", "every=10m,times=1", func(r *raw) {
			r.login()
			r.want("sync", kinds(r), "10000 mod0 del1 members0")
		}},
		{"churn.dissolve", "every=10m,times=1,group=g0001", func(r *raw) {
			r.login()
			r.want("sync", kinds(r), "mod1 del0 members0")
			r.want("still in the list, without a name", r.contacts()[2].NickName, "")
			r.want("a send", r.send(r.rooms[0], "x").BaseResponse.Ret, 1204)
		}},
		{"residents.chatter", "every=10m,times=3", func(r *raw) {
			r.login()
			r.want("sync", kinds(r), "1 1 1 mod0 del0 members0")
		}},
		{"residents.reply", "delay=1m", func(r *raw) {
			r.login()
			r.send(r.rooms[0], "A001 초빙")
			r.want("sync", kinds(r), "1 mod0 del0 members0")
		}},
	}
}

func TestFaultSettings(t *testing.T) {
	for _, tt := range []struct{ spec, why string }{
		{"send.nonsense", "no such fault"},
		{"send.1205:colour=red", "no such setting"},
		{"send.1205:p=often", "not a number"},
		{"send.1205:for=5", "a time without a unit"},
		{"send.bucket:mode=loud", "none of the words"},
		{"send.bucket:p=0.5", "a rule has no chance"},
		{"send.echo:delay=5s-1s", "a span that runs backwards"},
	} {
		if _, err := wxsim.ParseFaults(tt.spec); err == nil {
			t.Errorf("%s was accepted: %s", tt.spec, tt.why)
		}
	}
	list, err := wxsim.ParseFaults(" send.1205:after=30,for=30m ; send.cut_after:p=0.01;;session.silent ")
	if err != nil || len(list) != 3 {
		t.Errorf("%v %v", list, err)
	}
	sim := wxsim.New(wxsim.Options{})
	defer sim.Close()
	for _, f := range wxsim.FaultNames() {
		if err := sim.Fault(f.Name, nil); err != nil {
			t.Errorf("with its defaults: %v", err)
		}
		if f.Line == "" {
			t.Errorf("%s has no line", f.Name)
		}
	}
	if err := sim.Fault("send.1205", wxsim.Params{"p": 0.5, "for": 30 * time.Minute, "times": 3}); err != nil {
		t.Errorf("values that are not text: %v", err)
	}
}

func TestSameSeedSameTroubles(t *testing.T) {
	run := func(spec string) string {
		var out strings.Builder
		synctest.Test(t, func(t *testing.T) {
			r := newRaw(t, spec).login()
			defer r.sim.Close()
			for i := range 40 {
				v, err := r.trySend(r.rooms[i%3], fmt.Sprint(i))
				fmt.Fprint(&out, v.BaseResponse.Ret, err != nil, v.MsgID, " ")
			}
		})
		return out.String()
	}
	a, b, c := run("send.1205:p=0.3"), run("send.1205:p=0.3"), run("send.1205:p=0.3,seed=9")
	if a != b {
		t.Error("the same seed went another way")
	}
	if a == c {
		t.Error("another seed went the same way")
	}
}

func TestOnlyThisAccountAndGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRaw(t, "send.1204:group=g0002;send.cut_before:group=g0003;send.minus1:account=other").login()
		defer r.sim.Close()
		r.want("g0001", r.send(r.rooms[0], "a").BaseResponse.Ret, 0)
		r.want("g0002", r.send(r.rooms[1], "a").BaseResponse.Ret, 1204)
		if _, err := r.trySend(r.rooms[2], "a"); err == nil {
			t.Error("g0003 was not cut")
		}
	})
}
