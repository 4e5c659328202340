package wxsim_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/bot/wxsim"
)

// TestWitnessAgreesWithAnswers runs days of sends under all troubles at once. Whatever the client was told, the
// witness must make sense of it: an id that was given out is an arrival or was swallowed, a refusal is neither.
func TestWitnessAgreesWithAnswers(t *testing.T) {
	const spec = "send.1204:p=0.03;send.1205:p=0.03;send.minus1:p=0.03;send.no_msgid:p=0.03;send.ret0_lost:p=0.03;" +
		"send.ret0_notice:p=0.03;send.cut_before:p=0.03;send.cut_after:p=0.03;send.cut_mid:p=0.03;send.slow:p=0.01;" +
		"send.echo:p=0.5;wire.502:on=send,p=0.02;wire.html:on=send,p=0.02,when=after;wire.gzip:p=0.1,on=sync;" +
		"session.life;session.silent:idle=20h;sync.redeliver:p=0.1;sync.duplicate:p=0.1;sync.batch:n=3;sync.stuck:p=0.05;" +
		"residents.chatter:every=20m;residents.reply:p=0.1;churn.rename:every=3h;churn.members:every=1h;send.day_cap:n=300"
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRaw(t, "")
				defer r.sim.Close()
				if err := r.sim.ParseFaults(strings.ReplaceAll(spec, "p=", fmt.Sprintf("seed=%d,p=", seed))); err != nil {
					t.Fatal(err)
				}
				r.http.Timeout = 30 * time.Second
				r.login()
				told := map[string]rawSent{} // by text: what could be read
				for i := range 1500 {
					if !r.acct.LoggedIn() {
						r.login()
					}
					text := fmt.Sprintf("%d-%d", seed, i)
					if v, err := r.trySend(r.rooms[i%3], text); err == nil {
						told[text] = v
					}
					if i%5 == 0 && strings.HasPrefix(r.check(), "0/2") {
						r.sync()
					}
					time.Sleep(2 * time.Minute)
				}
				agree(t, r.sim, told)
			})
		})
	}
}

// TestForget lets the witness begin anew in the middle of a session: what is not fetched yet is still brought, an older place
// brings what came after, and nothing of before is told.
func TestForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRaw(t, "").login()
		defer r.sim.Close()
		r.send(r.rooms[0], "before")
		r.gs[0].Says("", "read")
		r.sync()
		r.gs[0].Says("", "unread")
		if n := r.acct.Unfetched(); n != 1 {
			t.Errorf("%d messages are not fetched", n)
		}
		r.sim.Forget()
		if n := len(r.sim.Arrivals()); n != 0 || r.sim.Report().Accounts[0].MaxPerDay != 0 {
			t.Errorf("%d arrivals are remembered", n)
		}
		if texts := r.sync().texts(); len(texts) != 1 || !strings.HasSuffix(texts[0], "unread") {
			t.Errorf("sync brings %q", texts)
		}
		r.sim.Forget()
		r.sim.Forget()
		r.send(r.rooms[0], "after")
		if all := r.sim.Arrivals(); len(all) != 1 || all[0].Text != "after" || all[0].Seq != 1 || r.acct.Unfetched() != 0 {
			t.Errorf("then %+v arrived, %d not fetched", all, r.acct.Unfetched())
		}
	})
}

func agree(t *testing.T, sim *wxsim.Sim, told map[string]rawSent) {
	t.Helper()
	arrived, swallowed := map[string]wxsim.Arrival{}, map[string]wxsim.Arrival{}
	for i, a := range sim.Arrivals() {
		if _, twice := arrived[a.Text]; twice || a.Seq != i+1 {
			t.Errorf("%s arrived twice, or out of order at %d", a.Text, i)
		}
		arrived[a.Text] = a
	}
	for _, a := range sim.Swallowed() {
		swallowed[a.Text] = a
	}
	kinds := map[string]int{}
	for text, v := range told {
		a, in := arrived[text]
		b, out := swallowed[text]
		switch {
		case in && out:
			t.Errorf("%s arrived and was swallowed", text)
		case v.BaseResponse.Ret != 0 && (in || out):
			t.Errorf("%s was refused with %d and arrived: %v", text, v.BaseResponse.Ret, in)
		case v.BaseResponse.Ret == 0 && v.MsgID != "" && !(in && a.ServerMsgID == v.MsgID) && !(out && b.ServerMsgID == v.MsgID):
			t.Errorf("%s has the id %s of nothing", text, v.MsgID)
		case v.BaseResponse.Ret == 0 && v.MsgID == "" && !in:
			t.Errorf("%s was taken without an id and did not arrive", text)
		}
		kinds[fmt.Sprint(v.BaseResponse.Ret, " ", in)]++
	}
	if len(kinds) < 5 {
		t.Errorf("too little happened: %v", kinds)
	}
}
