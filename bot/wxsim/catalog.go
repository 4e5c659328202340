package wxsim

// catalog lists what can go wrong. Figures in defaults are those that people reported; where nobody did, the line says
// "assumed".
func catalog() []FaultInfo {
	num := func(n, d, l string) ParamInfo { return ParamInfo{n, "number", d, l} }
	dur := func(n, d, l string) ParamInfo { return ParamInfo{n, "time", d, l} }
	span := func(n, d, l string) ParamInfo { return ParamInfo{n, "span", d, l} }
	word := func(n, d, l string) ParamInfo { return ParamInfo{n, "word", d, l} }
	one := func(n, of, d, l string) ParamInfo { return ParamInfo{n, of, d, l} }
	yes := func(n, d, l string) ParamInfo { return ParamInfo{n, "yesno", d, l} }
	strike := func(n, l string, p ...ParamInfo) FaultInfo { return FaultInfo{Name: n, Line: l, Params: p} }
	rule := func(n, l string, p ...ParamInfo) FaultInfo {
		return FaultInfo{Name: n, Line: l, Params: p, Steady: true}
	}
	on := word("on", "all", "which requests: all, or the last part of a path, such as webwxsendmsg; send for all sends; sync for synccheck and webwxsync")
	when := one("when", "before|after", "before", "before: nothing is done; after: the request is worked on first")
	return []FaultInfo{
		// Logging in.
		strike("login.expire", "a QR code dies early: the poll answers 400", dur("ttl", "10s", "its life")),
		strike("login.code500", "the poll answers window.code=500"),
		strike("login.201_repeats", "once scanned, every poll answers 201 at once until the confirmation"),
		strike("login.1203", "webwxnewloginpage refuses web login: 1203"),
		strike("login.extspam", "accounts with PlainWeb, too, get 1203 without the extspam header"),
		strike("login.host", "the redirect leads to another host", word("host", "wx2.qq.com", "the host")),
		strike("login.301", "webwxnewloginpage answers 301 with an empty body"),
		strike("login.html", "webwxnewloginpage answers with a page of HTML"),
		strike("login.push_refused", "webwxpushloginurl answers ret 1"),

		// The life of a session.
		strike("session.life", "sessions end by themselves",
			dur("ttl", "0s", "the life; 0s draws from the mixture 15m (5 %), 12h, 24h, 30h, 48h, 336h"),
			num("code", "1101", "how it ends: 1100, 1101 or 1102")),
		strike("session.cut", "the session ends at this request with a code", on, num("code", "1101", "1100, 1101 or 1102")),
		strike("session.midnight", "at night every answer is the malformed status line HTTP/1.1 0",
			num("from", "0", "first hour"), num("to", "4", "hour of the end"), num("zone", "8", "hours east of UTC"), on),
		rule("session.silent", "sync looks normal and brings nothing until the phone is touched; sending works",
			dur("idle", "6h", "starts when the phone was not used for so long")),
		rule("cookie.expiry", "cookies end by Max-Age and at the server",
			dur("ttl", "12h", "their life"), one("refresh", "newloginpage|webwxsync", "newloginpage", "what renews them: newloginpage alone, or webwxsync too")),
		strike("cookie.init", "webwxinit sets all cookies again"),

		// Sync.
		strike("sync.check", "synccheck answers a retcode; 1100, 1101 and 1102 end the session", num("code", "1205", "-1, 3, 1205, 1100 …")),
		strike("sync.ret3", "webwxsync answers Ret 3 with SyncKey{0,[]}"),
		strike("sync.minus1", "webwxsync answers Ret -1"),
		strike("sync.1101", "webwxsync answers Ret 1101 without SyncKey"),
		strike("sync.no_key", "webwxsync answers Ret 0 without SyncKey"),
		strike("sync.null_key", "webwxsync answers Ret 0 with SyncKey null"),
		strike("sync.bad_count", "SyncKey.Count is not the length of its list", num("count", "99", "the Count")),
		strike("sync.stuck", "synccheck sees something, webwxsync brings nothing and the key does not move, until the next send",
			num("selector", "2", "2, 6 or 7"), dur("most", "10m", "ends by itself"), yes("advance", "false", "SyncCheckKey moves although SyncKey does not")),
		strike("sync.redeliver", "webwxsync brings the batch before once more"),
		strike("sync.duplicate", "a batch has one message twice"),
		strike("sync.batch", "batches are small, with ContinueFlag 1 while there is more", num("n", "50", "most messages in one")),
		strike("sync.wrong_type", "a field has the wrong JSON type", one("field", "MsgId|Val", "MsgId", "MsgId: a message's id is a number, each time it is fetched; Val: a SyncKey value is a string")),
		strike("sync.old_key", "a key of an earlier login is not replayed", one("mode", "1101|ignore", "1101", "ignore: what came before this login is left out")),

		// The wire.
		strike("wire.refused", "no connection is made (through Handler: it is closed at once)", on),
		strike("wire.cut_before", "the connection breaks before the request is worked on", on),
		strike("wire.cut_after", "the connection breaks after the request was worked on", on),
		strike("wire.cut_mid", "the connection breaks in the middle of the answer", on),
		strike("wire.slow", "the answer takes long", on, span("delay", "35s", "how long"), one("when", "before|after", "after", "after: worked on at once; before: only then")),
		strike("wire.502", "nginx answers 502 with HTML", on, when),
		strike("wire.html", "status 200 with HTML", on, when),
		strike("wire.gzip", "the answer is compressed", on, yes("header", "true", "false: without saying so")),
		strike("wire.truncated", "half the JSON, with a correct length", on),

		// Sending.
		strike("send.cut_before", "a send's connection breaks before it is accepted"),
		strike("send.cut_after", "a send's connection breaks after it arrived"),
		strike("send.cut_mid", "a send's answer breaks in the middle after it arrived"),
		strike("send.slow", "a send's answer takes longer than clients wait", span("delay", "35s", "how long"), one("when", "before|after", "after", "after: it arrives at once; before: only then")),
		strike("send.1204", "Ret 1204: not addressable"),
		strike("send.1205", "Ret 1205: too often"),
		strike("send.1101", "Ret 1101: a stale session"),
		strike("send.minus1", "Ret -1"),
		strike("send.no_msgid", "it arrives; Ret 0 with an empty MsgID", yes("bare", "false", "the answer is {}")),
		strike("send.ret0_lost", "Ret 0 with a MsgID, and it reaches nobody"),
		strike("send.ret0_notice", "Ret 0 with a MsgID, it reaches nobody, and a notice in the chat says too often", span("delay", "1s-10s", "until the notice")),
		strike("send.gone_ret0", "a send to a group that was left or dissolved is answered Ret 0"),
		rule("send.bucket", "more than n sends in a time are too often",
			num("n", "120", "sends"), dur("per", "50s", "the time"), one("mode", "1205|notice", "1205", "notice: as send.ret0_notice")),
		rule("send.day_cap", "more than n sends in 24 h block the account",
			num("n", "500", "sends"), dur("block", "12h", "how long"), one("mode", "1205|notice", "1205", "notice: as send.ret0_notice")),
		strike("send.long", "long texts", num("limit", "2000", "characters"), one("mode", "truncate|reject", "truncate", "reject: Ret -1")),
		strike("send.echo", "own messages come back through sync", span("delay", "0s-5s", "until they do")),
		strike("send.revoke_fails", "a recall is refused: Ret -1"),

		// Media.
		rule("media.bucket", "too many pictures and files: 1205, then -1",
			num("hour", "40", "in an hour"), num("day", "200", "in a day"), num("warnings", "3", "so many 1205 before -1")),
		strike("upload.1205", "the upload endpoint answers Ret 1205"),
		strike("upload.502", "the upload endpoint answers 502"),
		rule("upload.limit", "pictures and films above a size are refused", num("max", "20971520", "bytes")),

		// Contacts.
		strike("batch.dropped", "webwxbatchgetcontact leaves an entry out; the chance is for each entry"),
		strike("batch.reorder", "webwxbatchgetcontact answers in another order"),
		rule("batch.1205", "too many webwxbatchgetcontact block them: Ret 1205",
			num("n", "20", "requests"), dur("per", "1m", "in this time"), dur("block", "30m", "how long")),
		strike("batch.minus1", "webwxbatchgetcontact answers Ret -1"),
		strike("contact.page", "webwxgetcontact has pages of another size", num("size", "300", "contacts")),
		strike("contact.endless", "the last page has a Seq, too, another one each time"),
		strike("contact.missing", "saved groups are missing from the list; the chance is for each group"),
		strike("contact.empty_names", "saved groups have empty names; the chance is for each group"),
		strike("contact.slow", "webwxgetcontact takes long", span("delay", "20s-28s", "how long; 20–60 s were seen for 3,000 groups")),

		// People.
		strike("churn.rename", "groups are renamed while all run", dur("every", "10m", "how often one is")),
		strike("churn.members", "somebody leaves a group and somebody joins", dur("every", "1m", "how often")),
		strike("churn.remove", "an account is removed from a group", dur("every", "1h", "how often one is")),
		strike("churn.dissolve", "a group is dissolved", dur("every", "24h", "how often one is")),
		strike("residents.chatter", "residents talk about other things", dur("every", "30s", "how often somebody does")),
		strike("residents.reply", "residents answer a post", span("delay", "5s-10m", "how long after it")),
		rule("account.ban", "rules end the session and forbid web login: 1203",
			num("rate", "3600", "more sends than this"), dur("per", "1h", "in this time"),
			num("same", "0", "or one text to more groups than this, 0 for any number"),
			num("complaint", "0", "or the chance that a post is complained of"), dur("ban", "24h", "how long: 24h, 168h or 720h were seen")),
	}
}
