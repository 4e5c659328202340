package main

import (
	"fmt"
	"time"

	"chunfeng/bot/wxsim"
	"chunfeng/store"
)

// hardship is one fault of the wire, and what the program must make of it. The run is always the same: accounts log in, a
// wave begins, five minutes later the fault is switched on, after its time it is switched off, people relieve what waits
// for them, and a second wave goes out.
type hardship struct {
	of    string        // the fault, for people
	fault string        // as wxsim.ParseFaults reads it; may be empty
	do    func(*trial)  // what else is done when it begins
	early bool          // it is on before anybody logs in
	idle  bool          // nothing is sent while it lasts
	lasts time.Duration // 10 min when zero
	world func(*trialOptions)
	lied  blind // the server says that it took what it dropped, without a word

	ledger  string        // what the wave's deliveries may be beside sent, and why they were tried again
	perhaps string        // what it may say besides, by the moment at which the fault strikes
	does    string        // what the account, the wave and the people see; "goes on" when empty
	maybe   string        // or this, by that moment
	most    int           // requests within one second, to any one endpoint; 3 when zero
	minute  int           // requests a minute on average while it lasts, to any one endpoint; 6 when zero
	well    time.Duration // and so long after its end, at most, a message arrives again; 2 min when zero
}

// quietSend waits until nothing was sent for a while, or until something has just been sent: a session that ends right
// after a send is the platform's answer to it.
func quietSend(tr *trial, justSent bool) {
	for n := len(tr.sim.Arrivals()); len(tr.sim.Arrivals()) == n; time.Sleep(time.Second) {
	}
	if justSent {
		time.Sleep(time.Second)
		return
	}
	time.Sleep(11 * time.Second)
}

func ends(code int, justSent bool) func(*trial) {
	return func(tr *trial) {
		quietSend(tr, justSent)
		tr.sim.Account("a01").End(code)
	}
}

func posters(o *trialOptions) { o.plan.Form, o.plan.PosterPages = store.FormPoster, 1 }

// hardships is the table of docs/faults.md, in the order of the road: log-in, session, sync, wire, sends, media, contacts,
// groups, the platform's verdict.
func hardships() []hardship {
	const (
		mins = time.Minute
		half = 30 * time.Minute
		hour = time.Hour
	)
	return []hardship{
		{of: "no trouble", lasts: mins},

		{of: "the QR code dies after ten seconds (400)", fault: "login.expire", early: true, world: func(o *trialOptions) { o.scan = 20 * time.Second },
			does: "shows a code to scan"},
		{of: "the poll answers window.code=500", fault: "login.code500", early: true,
			does: "shows a code to scan", minute: 15},
		{of: "after the scan every poll answers 201 at once", fault: "login.201_repeats", early: true, world: func(o *trialOptions) { o.scan = 40 * time.Second },
			does: "shows a code to scan"},
		{of: "web login is refused: 1203", fault: "login.1203", early: true,
			does: "shows a code to scan, stops for a person"},
		{of: "1203 without the extspam header, for everybody", fault: "login.extspam", early: true,
			does: "shows a code to scan"},
		{of: "the redirect leads to wx2.qq.com", fault: "login.host", early: true,
			does: "shows a code to scan"},
		{of: "webwxnewloginpage answers 301 with nothing", fault: "login.301", early: true,
			does: "shows a code to scan"},
		{of: "webwxnewloginpage answers HTML", fault: "login.html", early: true,
			does: "shows a code to scan"},
		{of: "webwxinit answers HTML", fault: "wire.html:on=webwxinit", early: true,
			does: "asks the phone to confirm, shows a code to scan"},
		{of: "webwxstatusnotify answers 502", fault: "wire.502:on=webwxstatusnotify", early: true,
			does: "asks the phone to confirm, shows a code to scan"},
		{of: "no network while logging in", fault: "wire.refused", early: true,
			does: "shows a code to scan"},

		{of: "the phone logs out (1100), nothing was just sent", do: ends(1100, false),
			does: "asks the phone to confirm, shows the gap"},
		{of: "the phone logs out (1100) right after a send", do: ends(1100, true),
			does: "asks the phone to confirm, stops for a person, shows the gap"},
		{of: "another login throws it out (1101)", do: ends(1101, false),
			does: "asks the phone to confirm, shows the gap"},
		{of: "the session ends right after a send (1101)", do: ends(1101, true),
			does: "asks the phone to confirm, stops for a person, shows the gap"},
		{of: "the cookies are over (1102)", do: ends(1102, false),
			does: "asks the phone to confirm, shows the gap"},
		{of: "sessions live 15 minutes (1102)", fault: "session.life:ttl=15m,code=1102", early: true, lasts: 45 * mins,
			does: "asks the phone to confirm, shows a code to scan, shows the gap"},
		{of: "push login is refused after a log-out", fault: "login.push_refused", do: ends(1102, false),
			does: "asks the phone to confirm, shows a code to scan, shows the gap"},
		{of: "at night every answer is the status line HTTP/1.1 0", fault: "session.midnight:from=0,to=24", lasts: 4 * hour,
			ledger: "unknown (no_answer)", does: "tells staff that it hears nothing, the wave waits for a person",
			maybe: "tells staff that it hears nothing, asks staff to open WeChat on the phone, the wave waits for a person"},
		{of: "cookies end after 12 h, nothing renews them", fault: "cookie.expiry", early: true, lasts: 13 * hour,
			does: "asks the phone to confirm, shows a code to scan, shows the gap"},
		{of: "cookies end after 12 h, webwxsync renews them", fault: "cookie.expiry:refresh=webwxsync", early: true, lasts: 13 * hour,
			does: "shows a code to scan"},
		{of: "webwxinit sets the cookies again", fault: "cookie.init", early: true,
			does: "shows a code to scan"},
		{of: "the session ends, the phone confirms, and the new login breaks off at its last request", fault: "wire.502:on=webwxstatusnotify,times=1", do: ends(1102, false),
			does: "asks the phone to confirm, shows the gap"},
		{of: "假死: sync looks normal and brings nothing until the phone is touched", fault: "session.silent:idle=1m", lasts: 2 * hour,
			does: "asks staff to open WeChat on the phone"},

		{of: "synccheck answers 1205", fault: "sync.check:code=1205",
			does: "tells staff that it hears nothing"},
		{of: "synccheck answers -1", fault: "sync.check:code=-1",
			does: "tells staff that it hears nothing"},
		{of: "synccheck answers 3", fault: "sync.check:code=3",
			does: "tells staff that it hears nothing"},
		{of: "webwxsync answers Ret 3 and an empty key for 2 h", fault: "sync.ret3", lasts: 2 * hour,
			does: "tells staff that it hears nothing, asks staff to open WeChat on the phone"},
		{of: "webwxsync answers Ret -1", fault: "sync.minus1",
			does: "tells staff that it hears nothing"},
		{of: "webwxsync answers Ret 1101 without a key", do: func(tr *trial) {
			quietSend(tr, false)
			tr.must(tr.sim.ParseFaults("sync.1101:times=1"))
			tr.sim.Group("G0001").Says("", "좋은 아침입니다")
		},
			does: "asks the phone to confirm, shows the gap"},
		{of: "webwxsync answers without SyncKey", fault: "sync.no_key",
			does: "tells staff that it hears nothing"},
		{of: "webwxsync answers SyncKey null", fault: "sync.null_key",
			does: "tells staff that it hears nothing"},
		{of: "SyncKey.Count is not its length", fault: "sync.bad_count",
			does: "tells staff that it hears nothing"},
		{of: "selector 2, nothing comes, the key stands still", fault: "sync.stuck:selector=2,most=30m", lasts: 30 * mins, idle: true,
			does: "tells staff that it hears nothing", most: 4},
		{of: "selector 6, nothing comes, only SyncCheckKey moves", fault: "sync.stuck:selector=6,most=30m,advance=true", lasts: 30 * mins, idle: true,
			does: "tells staff that it hears nothing", most: 4},
		{of: "selector 7, nothing comes, the key stands still", fault: "sync.stuck:selector=7,most=30m", lasts: 30 * mins, idle: true,
			does: "tells staff that it hears nothing", most: 4},
		{of: "one batch in ten is brought again", fault: "sync.redeliver:p=0.1", lasts: 30 * mins},
		{of: "a message is twice in a batch", fault: "sync.duplicate:p=0.1", lasts: 30 * mins},
		{of: "200 messages at once, in batches of 50 with ContinueFlag", fault: "sync.batch:n=50", do: func(tr *trial) {
			for i := range 200 {
				tr.sim.Group(fmt.Sprintf("G%04d", i%60)).Says("", fmt.Sprintf("오늘 회의 %d", i))
			}
		},
			most: 4, minute: 6},
		{of: "MsgId is a number", fault: "sync.wrong_type:field=MsgId"},
		{of: "Val of a key is a string", fault: "sync.wrong_type:field=Val"},
		{of: "a key of an earlier login gets 1101", fault: "sync.old_key:mode=1101", do: ends(1102, false),
			does: "asks the phone to confirm, shows the gap"},
		{of: "a key of an earlier login is ignored", fault: "sync.old_key:mode=ignore", do: ends(1102, false),
			does: "asks the phone to confirm, shows the gap"},

		{of: "no connection is made", fault: "wire.refused",
			perhaps: "tried again (not_connected)", does: "tells staff that it hears nothing"},
		{of: "one send in ten is cut before it is accepted", fault: "send.cut_before:p=0.1", lasts: half,
			ledger: "unknown (no_answer)"},
		{of: "one send in ten is cut after it arrived", fault: "send.cut_after:p=0.1", lasts: half,
			ledger: "unknown (no_answer)"},
		{of: "one send's answer in ten breaks in the middle", fault: "send.cut_mid:p=0.1", lasts: half,
			ledger: "unknown (no_answer)"},
		{of: "every send is cut after it arrived", fault: "send.cut_after",
			ledger: "unknown (no_answer)", does: "the wave waits for a person"},
		{of: "every send is cut before it is accepted", fault: "send.cut_before",
			ledger: "unknown (no_answer)", does: "the wave waits for a person"},
		{of: "one send in ten is answered after 35 s", fault: "send.slow:p=0.1", lasts: half,
			ledger: "unknown (no_answer)"},
		{of: "one send in ten arrives only after 35 s", fault: "send.slow:p=0.1,when=before", lasts: half,
			ledger: "unknown (no_answer)"},
		{of: "sync requests are cut after they were worked on", fault: "wire.cut_after:on=sync",
			does: "tells staff that it hears nothing"},
		{of: "sync answers take 60 s", fault: "wire.slow:on=webwxsync,delay=60s",
			does: "tells staff that it hears nothing"},
		{of: "one send in ten is answered 502 and not worked on", fault: "wire.502:p=0.1,on=send", lasts: half,
			ledger: "unknown (odd_answer)"},
		{of: "two sync answers in ten are 502 with HTML", fault: "wire.502:p=0.2,on=sync", lasts: half},
		{of: "one send in ten is answered 502 after it arrived", fault: "wire.502:p=0.1,on=send,when=after", lasts: half,
			ledger: "unknown (odd_answer)"},
		{of: "one send in ten is answered HTML with 200", fault: "wire.html:p=0.1,on=send,when=after", lasts: half,
			ledger: "unknown (odd_answer)"},
		{of: "two sync answers in ten are HTML with 200", fault: "wire.html:p=0.2,on=sync", lasts: half},
		{of: "answers are gzip", fault: "wire.gzip"},
		{of: "answers are gzip and do not say so", fault: "wire.gzip:header=false",
			ledger: "unknown (odd_answer)", does: "tells staff that it hears nothing, the wave waits for a person"},
		{of: "one send's answer in ten is half its JSON", fault: "wire.truncated:p=0.1,on=send", lasts: half,
			ledger: "unknown (odd_answer)"},
		{of: "two sync answers in ten are half their JSON", fault: "wire.truncated:p=0.2,on=webwxsync", lasts: half},

		{of: "120 sends in 50 s are too often (1205)", fault: "send.bucket"},
		{of: "10 sends in 10 min are too often (1205)", fault: "send.bucket:n=10,per=10m", lasts: 20 * mins, world: mute,
			ledger: "tried again (too_often)", does: "cools down", well: 30 * mins},
		{of: "500 sends a day block for 12 h", fault: "send.day_cap"},
		{of: "30 sends a day block for 12 h (1205)", fault: "send.day_cap:n=30", early: true, lasts: 20 * mins, world: mute,
			ledger: "tried again (too_often)", does: "shows a code to scan, cools down", well: 30 * mins},
		{of: "one 1205", fault: "send.1205:times=1", lasts: mins, world: mute,
			ledger: "tried again (too_often)", does: "cools down", well: 30 * mins},
		{of: "1205 to everything", fault: "send.1205", lasts: 3 * hour, world: mute,
			ledger: "failed (too_often), tried again (too_often)", does: "cools down, at the third sign rests for the day", well: 14 * hour},
		{of: "Ret 0 and a notice \"too often\", not delivered", fault: "send.ret0_notice:times=1", lasts: mins, world: mute,
			ledger: "tried again (too_often)", does: "cools down", well: 30 * mins},
		{of: "that notice while the account is logged out", fault: "send.ret0_notice:times=1,delay=1s-2s", do: func(tr *trial) {
			for tr.sim.FaultHits("send.ret0_notice") == 0 {
				time.Sleep(100 * time.Millisecond)
			}
			tr.sim.Account("a01").End(1102)
		}, lasts: mins, world: mute,
			ledger: "unknown (unheard)", does: "asks the phone to confirm, shows the gap"},
		{of: "that notice in a session that brings nothing until the phone is touched", fault: "session.silent:idle=1s;send.ret0_notice:times=1", lasts: 2 * hour, world: mute,
			ledger: "unknown (too_often)", does: "cools down, asks staff to open WeChat on the phone", well: 30 * mins},
		{of: "10 sends in 10 min bring that notice", fault: "send.bucket:n=10,per=10m,mode=notice", lasts: 20 * mins, world: mute,
			ledger: "tried again (too_often)", does: "cools down", well: 30 * mins},
		{of: "Ret 0, and it reaches nobody", fault: "send.ret0_lost:p=0.1", lasts: half, lied: true},
		{of: "Ret 1204 for one send in ten", fault: "send.1204:p=0.1", lasts: half,
			ledger: "failed (not_addressable)"},
		{of: "Ret 1101 for one send", fault: "send.1101:times=1", world: mute,
			ledger: "tried again (logged_out)"},
		{of: "Ret -1 for one send in ten", fault: "send.minus1:p=0.1", lasts: half,
			ledger: "tried again (refused)"},
		{of: "MsgID is empty, one in ten", fault: "send.no_msgid:p=0.1", lasts: half,
			ledger: "unknown (odd_answer)"},
		{of: "the answer is {}, one in ten", fault: "send.no_msgid:p=0.1,bare=true", lasts: half,
			ledger: "unknown (odd_answer)"},
		{of: "own messages come back, half of them, within 5 s", fault: "send.echo:p=0.5", lasts: half},
		{of: "own messages come back, and one answer in ten is lost", fault: "send.echo;send.cut_after:p=0.1", lasts: half},
		{of: "the phone's owner writes in the groups", do: func(tr *trial) {
			for i := range 20 {
				_ = tr.sim.Account("a01").PhoneSays(tr.sim.Group(fmt.Sprintf("G%04d", i)), "안녕하세요")
			}
		}},
		{of: "texts over 2,000 characters are cut", fault: "send.long"},
		{of: "texts over 20 characters are refused (-1)", fault: "send.long:limit=20,mode=reject",
			ledger: "tried again (refused)"},

		{of: "posters: 10 pictures an hour, then 1205, then -1", fault: "media.bucket:hour=10", lasts: 30 * mins, world: posters,
			ledger: "tried again (too_often)", does: "cools down", well: 30 * mins},
		{of: "posters: the upload answers 1205", fault: "upload.1205:times=1", early: true, lasts: 20 * mins, world: posters,
			ledger: "tried again (too_often)", does: "shows a code to scan, cools down", well: 30 * mins},
		{of: "posters: the upload answers 502", fault: "upload.502:times=1", early: true, world: posters,
			ledger: "tried again (upload)", does: "shows a code to scan"},
		{of: "posters: larger than the server takes", fault: "upload.limit:max=1000", early: true, world: posters,
			ledger: "tried again (refused)", does: "shows a code to scan"},
		{of: "posters: two sends are cut after they arrived", fault: "send.cut_after:times=2", lasts: 30 * mins, world: posters,
			ledger: "unknown (no_answer)", well: 30 * mins},

		{of: "one contact in five is left out of webwxbatchgetcontact", fault: "batch.dropped:p=0.2", early: true,
			does: "shows a code to scan"},
		{of: "webwxbatchgetcontact answers in another order", fault: "batch.reorder", early: true,
			does: "shows a code to scan"},
		{of: "webwxbatchgetcontact is blocked for 30 min (1205)", fault: "batch.1205:n=0", early: true, lasts: 40 * mins,
			does: "shows a code to scan"},
		{of: "webwxbatchgetcontact answers -1", fault: "batch.minus1", early: true,
			does: "shows a code to scan"},
		{of: "the contact list has pages of 7", fault: "contact.page:size=7", early: true,
			does: "shows a code to scan", most: 9},
		{of: "Seq never becomes 0", fault: "contact.endless", early: true,
			does: "shows a code to scan"},
		{of: "one group in ten is missing from the contact list", fault: "contact.missing:p=0.1", early: true, lasts: 30 * mins,
			ledger: "skipped (not_bound)", does: "shows a code to scan"},
		{of: "one group in ten has an empty name", fault: "contact.empty_names:p=0.1", early: true, lasts: 30 * mins,
			does: "shows a code to scan"},
		{of: "the contact list takes 20 to 28 s", fault: "contact.slow", early: true,
			does: "shows a code to scan"},

		{of: "groups are renamed while all run", fault: "churn.rename:every=1m"},
		{of: "a group is renamed while the account is away", do: func(tr *trial) {
			ends(1102, false)(tr)
			tr.sim.Group("G0058").Rename("연변 새 이름")
		},
			does: "asks the phone to confirm, shows the gap"},
		{of: "members come and go", fault: "churn.members:every=5s", minute: 15},
		{of: "two groups have one name", world: func(o *trialOptions) {
			o.name = func(i int) string { return fmt.Sprintf("연변 취업 %04d", min(i, 58)) }
		},
			ledger: "skipped (not_bound)"},
		{of: "names with emoji, &amp; and flags", world: func(o *trialOptions) {
			o.name = func(i int) string { return fmt.Sprintf("연변 🔥 취업 & 봄 🇨🇳 <%04d>", i) }
		}},
		{of: "the account is removed from three groups", do: func(tr *trial) { leave(tr, (*wxsim.Group).Remove) }, world: mute,
			ledger: "skipped (removed)"},
		{of: "three groups are dissolved", do: func(tr *trial) { leave(tr, func(g *wxsim.Group, _ *wxsim.Account) { g.Dissolve() }) }, world: mute,
			ledger: "skipped (removed)"},
		{of: "a send to a group that is gone is answered Ret 0", fault: "send.gone_ret0", do: func(tr *trial) { leave(tr, func(g *wxsim.Group, _ *wxsim.Account) { g.Dissolve() }) }, world: mute, lied: true,
			ledger: "skipped (removed)"},

		{of: "ban for a day: more than 3,600 sends an hour", fault: "account.ban"},
		{of: "ban for a day: one text to more than 15 groups", fault: "account.ban:same=15", lasts: 25 * hour,
			ledger: "tried again (logged_out)", does: "asks the phone to confirm, shows a code to scan, stops for a person, shows the gap"},
		{of: "ban for a week after a complaint", fault: "account.ban:complaint=0.1,ban=168h", lasts: 169 * hour, world: mute,
			ledger: "tried again (logged_out)", does: "asks the phone to confirm, shows a code to scan, stops for a person, shows the gap"},
	}
}

func mute(o *trialOptions) { o.deaf = true }

// leave takes the account out of groups that still wait for their message.
func leave(tr *trial, how func(*wxsim.Group, *wxsim.Account)) {
	for i := 55; i < 58; i++ {
		how(tr.sim.Group(fmt.Sprintf("G%04d", i)), tr.sim.Account("a01"))
	}
}
