package bot_test

import (
	"errors"
	"testing"

	"chunfeng/bot"
	"chunfeng/broadcast"
	"chunfeng/store"
)

// TestEveryAnswer holds each answer of the server to a send, and each way in which its line can break, to its class: what
// is known of the message, whether trying again may help, and what it says of the account. However it ends, one send is at
// most one request, and what is said to be certainly not sent has reached nobody.
func TestEveryAnswer(t *testing.T) {
	const (
		taken    = "taken"
		later    = "not sent, later again"
		final    = "not sent, final"
		unknown  = "unknown"
		nobody   = 0
		everyone = 1
	)
	sends, requests, certain := 0, 0, 0
	for _, c := range []struct {
		faults  string
		class   string
		reason  store.Reason
		signal  broadcast.Signal
		arrives int
	}{
		{"", taken, "", 0, everyone},
		{"send.echo", taken, "", 0, everyone},
		{"wire.gzip:on=send", taken, "", 0, everyone},
		{"wire.slow:on=send,delay=19s", taken, "", 0, everyone},
		{"send.ret0_notice", taken, "", 0, nobody}, // the notice in the chat comes later, and takes it back
		{"send.ret0_lost", taken, "", 0, nobody},   // which nobody outside can tell

		{"wire.refused:on=send", later, bot.ReasonNotConnected, broadcast.NoSignal, nobody},
		{"send.cut_before", unknown, store.ReasonNotAnswered, 0, nobody},
		{"send.cut_after", unknown, store.ReasonNotAnswered, 0, everyone},
		{"send.cut_mid", unknown, store.ReasonNotAnswered, 0, everyone},
		{"send.slow:delay=35s", unknown, store.ReasonNotAnswered, 0, everyone},
		{"send.slow:delay=35s,when=before", unknown, store.ReasonNotAnswered, 0, nobody},
		{"session.midnight:from=0,to=24,on=send", unknown, store.ReasonNotAnswered, 0, nobody},
		{"wire.502:on=send", unknown, bot.ReasonOddAnswer, 0, nobody},
		{"wire.502:on=send,when=after", unknown, bot.ReasonOddAnswer, 0, everyone},
		{"wire.html:on=send", unknown, bot.ReasonOddAnswer, 0, nobody},
		{"wire.html:on=send,when=after", unknown, bot.ReasonOddAnswer, 0, everyone},
		{"wire.truncated:on=send", unknown, bot.ReasonOddAnswer, 0, everyone},
		{"wire.gzip:on=send,header=false", unknown, bot.ReasonOddAnswer, 0, everyone},
		{"send.no_msgid", unknown, bot.ReasonOddAnswer, 0, everyone},
		{"send.no_msgid:bare=true", unknown, bot.ReasonOddAnswer, 0, everyone},

		{"send.1205", later, store.ReasonTooOften, broadcast.TooOften, nobody},
		{"send.bucket:n=0", later, store.ReasonTooOften, broadcast.TooOften, nobody},
		{"send.day_cap:n=0", later, store.ReasonTooOften, broadcast.TooOften, nobody},
		{"send.1101", later, bot.ReasonLoggedOut, broadcast.LoggedOut, nobody},
		{"session.cut:on=send,code=1100", later, bot.ReasonLoggedOut, broadcast.LoggedOut, nobody},
		{"session.cut:on=send,code=1102", later, bot.ReasonLoggedOut, broadcast.LoggedOut, nobody},
		{"account.ban:rate=0", later, bot.ReasonLoggedOut, broadcast.LoggedOut, nobody},
		{"send.minus1", later, bot.ReasonRefused, broadcast.NoSignal, nobody},
		{"send.long:limit=2,mode=reject", later, bot.ReasonRefused, broadcast.NoSignal, nobody},
		{"send.1204", final, bot.ReasonNotAddressable, broadcast.NoSignal, nobody},
	} {
		t.Run(c.faults, func(t *testing.T) {
			live(t, setup{groups: 2}, func(w *world) {
				w.settled()
				w.faults(c.faults)
				before := w.sim.Requests()["webwxsendmsg"].Total
				r, err := w.send(gid(0), "용접공 3명")
				var se *broadcast.SendError
				got := taken
				switch {
				case err == nil && r.ServerID == "":
					t.Error("taken without an id")
				case err == nil:
				case !errors.As(err, &se):
					got = unknown
				case !se.Certain:
					got = unknown
				case se.Temporary:
					got = later
				default:
					got = final
				}
				if got != c.class {
					t.Errorf("it is %s, want %s: %v", got, c.class, err)
				}
				if se != nil && (se.Reason != c.reason || se.Signal != c.signal) {
					t.Errorf("reason %s, signal %d, want %s and %d", se.Reason, se.Signal, c.reason, c.signal)
				}
				if n := w.sim.Requests()["webwxsendmsg"].Total - before; n > 1 {
					t.Errorf("%d requests for one send", n)
				} else {
					sends, requests = sends+1, requests+n
				}
				arrived := len(w.sim.Arrivals())
				if arrived != c.arrives {
					t.Errorf("%d arrived, want %d", arrived, c.arrives)
				}
				if got == later || got == final {
					certain++
				}
			})
		})
	}
	t.Logf("proof: %d answers and breaks of the wire, each in its class: %d requests for %d sends", sends, requests, sends)
	t.Logf("proof: %d of them are certain that nothing was sent, and nothing had arrived", certain)
}
