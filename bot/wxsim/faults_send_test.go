package wxsim_test

import (
	"fmt"
	"strings"
	"time"
)

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
