package wxsim

// catalog lists what can go wrong. Figures in defaults are those that people reported; where nobody did, the line says
// "assumed".
func catalog() []FaultInfo {
	num := func(n, d, l string) ParamInfo { return ParamInfo{n, "number", d, l} }
	dur := func(n, d, l string) ParamInfo { return ParamInfo{n, "time", d, l} }
	span := func(n, d, l string) ParamInfo { return ParamInfo{n, "span", d, l} }
	word := func(n, d, l string) ParamInfo { return ParamInfo{n, "word", d, l} }
	yes := func(n, d, l string) ParamInfo { return ParamInfo{n, "yesno", d, l} }
	on := word("on", "all", "which requests: all, or the last part of a path, such as webwxsendmsg; send for all sends; sync for synccheck and webwxsync")
	when := word("when", "before", "before: nothing is done; after: the request is worked on first")
	return []FaultInfo{
		// Logging in.
		{"login.expire", "a QR code dies early: the poll answers 400", []ParamInfo{dur("ttl", "10s", "its life")}},
		{"login.code500", "the poll answers window.code=500", nil},
		{"login.201_repeats", "once scanned, every poll answers 201 at once until the confirmation", nil},
		{"login.1203", "webwxnewloginpage refuses web login: 1203", nil},
		{"login.extspam", "accounts with PlainWeb, too, get 1203 without the extspam header", nil},
		{"login.host", "the redirect leads to another host", []ParamInfo{word("host", "wx2.qq.com", "the host")}},
		{"login.301", "webwxnewloginpage answers 301 with an empty body", nil},
		{"login.html", "webwxnewloginpage answers with a page of HTML", nil},
		{"login.push_refused", "webwxpushloginurl answers ret 1", nil},

		// The life of a session.
		{"session.life", "sessions end by themselves", []ParamInfo{
			dur("ttl", "0s", "the life; 0s draws from the mixture 15m (5 %), 12h, 24h, 30h, 48h, 336h"),
			num("code", "1101", "how it ends: 1100, 1101 or 1102")}},
		{"session.cut", "the session ends at this request with a code", []ParamInfo{on, num("code", "1101", "1100, 1101 or 1102")}},
		{"session.midnight", "at night every answer is the malformed status line HTTP/1.1 0", []ParamInfo{
			num("from", "0", "first hour"), num("to", "4", "hour of the end"), num("zone", "8", "hours east of UTC"), on}},
		{"session.silent", "sync looks normal and brings nothing until the phone is touched; sending works", []ParamInfo{
			dur("idle", "6h", "starts when the phone was not used for so long")}},
		{"cookie.expiry", "cookies end by Max-Age and at the server", []ParamInfo{
			dur("ttl", "12h", "their life"), word("refresh", "newloginpage", "what renews them: newloginpage alone, or webwxsync too")}},
		{"cookie.init", "webwxinit sets all cookies again", nil},

		// Sync.
		{"sync.check", "synccheck answers a retcode; 1100, 1101 and 1102 end the session", []ParamInfo{num("code", "1205", "-1, 3, 1205, 1100 …")}},
		{"sync.ret3", "webwxsync answers Ret 3 with SyncKey{0,[]}", nil},
		{"sync.minus1", "webwxsync answers Ret -1", nil},
		{"sync.1101", "webwxsync answers Ret 1101 without SyncKey", nil},
		{"sync.no_key", "webwxsync answers Ret 0 without SyncKey", nil},
		{"sync.null_key", "webwxsync answers Ret 0 with SyncKey null", nil},
		{"sync.bad_count", "SyncKey.Count is not the length of its list", []ParamInfo{num("count", "99", "the Count")}},
		{"sync.stuck", "synccheck sees something, webwxsync brings nothing and the key does not move, until the next send", []ParamInfo{
			num("selector", "2", "2, 6 or 7"), dur("most", "10m", "ends by itself"), yes("advance", "false", "SyncCheckKey moves although SyncKey does not")}},
		{"sync.redeliver", "webwxsync brings the batch before once more", nil},
		{"sync.duplicate", "a batch has one message twice", nil},
		{"sync.batch", "batches are small, with ContinueFlag 1 while there is more", []ParamInfo{num("n", "50", "most messages in one")}},
		{"sync.wrong_type", "a field has the wrong JSON type", []ParamInfo{word("field", "MsgId", "MsgId: a message's id is a number, each time it is fetched; Val: a SyncKey value is a string")}},
		{"sync.old_key", "a key of an earlier login is not replayed", []ParamInfo{word("mode", "1101", "1101, or ignore: what came before this login is left out")}},

		// The wire.
		{"wire.refused", "no connection is made (through Handler: it is closed at once)", []ParamInfo{on}},
		{"wire.cut_before", "the connection breaks before the request is worked on", []ParamInfo{on}},
		{"wire.cut_after", "the connection breaks after the request was worked on", []ParamInfo{on}},
		{"wire.cut_mid", "the connection breaks in the middle of the answer", []ParamInfo{on}},
		{"wire.slow", "the answer takes long", []ParamInfo{on, span("delay", "35s", "how long"), word("when", "after", "after: worked on at once; before: only then")}},
		{"wire.502", "nginx answers 502 with HTML", []ParamInfo{on, when}},
		{"wire.html", "status 200 with HTML", []ParamInfo{on, when}},
		{"wire.gzip", "the answer is compressed", []ParamInfo{on, yes("header", "true", "false: without saying so")}},
		{"wire.truncated", "half the JSON, with a correct length", []ParamInfo{on}},

		// Sending.
		{"send.cut_before", "a send's connection breaks before it is accepted", nil},
		{"send.cut_after", "a send's connection breaks after it arrived", nil},
		{"send.cut_mid", "a send's answer breaks in the middle after it arrived", nil},
		{"send.slow", "a send's answer takes longer than clients wait", []ParamInfo{span("delay", "35s", "how long"), word("when", "after", "after: it arrives at once; before: only then")}},
		{"send.1204", "Ret 1204: not addressable", nil},
		{"send.1205", "Ret 1205: too often", nil},
		{"send.1101", "Ret 1101: a stale session", nil},
		{"send.minus1", "Ret -1", nil},
		{"send.no_msgid", "it arrives; Ret 0 with an empty MsgID", []ParamInfo{yes("bare", "false", "the answer is {}")}},
		{"send.ret0_lost", "Ret 0 with a MsgID, and it reaches nobody", nil},
		{"send.ret0_notice", "Ret 0 with a MsgID, it reaches nobody, and a notice in the chat says too often", []ParamInfo{span("delay", "1s-10s", "until the notice")}},
		{"send.gone_ret0", "a send to a group that was left or dissolved is answered Ret 0", nil},
		{"send.bucket", "more than n sends in a time are too often", []ParamInfo{
			num("n", "120", "sends"), dur("per", "50s", "the time"), word("mode", "1205", "1205, or notice: as send.ret0_notice")}},
		{"send.day_cap", "more than n sends in 24 h block the account", []ParamInfo{
			num("n", "500", "sends"), dur("block", "12h", "how long"), word("mode", "1205", "1205, or notice")}},
		{"send.long", "long texts", []ParamInfo{num("limit", "2000", "characters"), word("mode", "truncate", "truncate, or reject: Ret -1")}},
		{"send.echo", "own messages come back through sync", []ParamInfo{span("delay", "0s-5s", "until they do")}},
		{"send.revoke_fails", "a recall is refused: Ret -1", nil},

		// Media.
		{"media.bucket", "too many pictures and files: 1205, then -1", []ParamInfo{
			num("hour", "40", "in an hour"), num("day", "200", "in a day"), num("warnings", "3", "so many 1205 before -1")}},
		{"upload.1205", "the upload endpoint answers Ret 1205", nil},
		{"upload.502", "the upload endpoint answers 502", nil},
		{"upload.limit", "pictures and films above a size are refused", []ParamInfo{num("max", "20971520", "bytes")}},

		// Contacts.
		{"batch.dropped", "webwxbatchgetcontact leaves an entry out; the chance is for each entry", nil},
		{"batch.reorder", "webwxbatchgetcontact answers in another order", nil},
		{"batch.1205", "too many webwxbatchgetcontact block them: Ret 1205", []ParamInfo{
			num("n", "20", "requests"), dur("per", "1m", "in this time"), dur("block", "30m", "how long")}},
		{"batch.minus1", "webwxbatchgetcontact answers Ret -1", nil},
		{"contact.page", "webwxgetcontact has pages of another size", []ParamInfo{num("size", "300", "contacts")}},
		{"contact.endless", "the last page has a Seq, too, another one each time", nil},
		{"contact.missing", "saved groups are missing from the list; the chance is for each group", nil},
		{"contact.empty_names", "saved groups have empty names; the chance is for each group", nil},
		{"contact.slow", "webwxgetcontact takes long", []ParamInfo{span("delay", "20s-28s", "how long; 20–60 s were seen for 3,000 groups")}},

		// People.
		{"churn.rename", "groups are renamed while all run", []ParamInfo{dur("every", "10m", "how often one is")}},
		{"churn.members", "somebody leaves a group and somebody joins", []ParamInfo{dur("every", "1m", "how often")}},
		{"churn.remove", "an account is removed from a group", []ParamInfo{dur("every", "1h", "how often one is")}},
		{"churn.dissolve", "a group is dissolved", []ParamInfo{dur("every", "24h", "how often one is")}},
		{"residents.chatter", "residents talk about other things", []ParamInfo{dur("every", "30s", "how often somebody does")}},
		{"residents.reply", "residents answer a post", []ParamInfo{span("delay", "5s-10m", "how long after it")}},
		{"account.ban", "rules end the session and forbid web login: 1203", []ParamInfo{
			num("rate", "3600", "more sends than this"), dur("per", "1h", "in this time"),
			num("same", "0", "or one text to more groups than this, 0 for any number"),
			num("complaint", "0", "or the chance that a post is complained of"), dur("ban", "24h", "how long: 24h, 168h or 720h were seen")}},
	}
}
