package wxsim_test

import (
	"strings"
	"time"
)

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
