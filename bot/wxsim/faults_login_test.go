package wxsim_test

import (
	"fmt"
	"strings"
	"time"

	"chunfeng/bot/wxsim"
)

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
