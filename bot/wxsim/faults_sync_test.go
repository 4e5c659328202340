package wxsim_test

import (
	"fmt"
	"strings"
	"time"
)

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
