package wxsim_test

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

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
