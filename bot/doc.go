// Package bot is one WeChat account: it logs in, stays logged in, hears, knows its groups again, and sends.
//
// It drives the unmodified openwechat v1.4.10 and stands between that library and the wire, because the library alone
// loses messages when the program crashes, sends one message up to five times, ends the process on some answers of the
// server, and asks thousands of times a second when the server is in trouble.
//
// # What it promises
//
//   - What the server hands over is on disk, raw, together with the cursor behind it, before the library sees the answer.
//     A crash at any moment loses nothing that the server would have to repeat, and nothing is kept twice.
//   - A message is put on the wire at most once for each call of Send. The answer is classed by one table (classify.go);
//     what the table does not know is not known.
//   - Nothing is sent to a chat that is not proven to be the registered group, in this very session. What a person
//     decides about it holds from the next message on, for the session; the next one remembers which people were in the
//     chat that was chosen, and takes no chat for a group by a name that was ruled out.
//   - No answer of the server ends the process, and none makes the account ask in a tight loop: after an error it waits
//     5, 10, 20, 40, then 60 seconds, and while the server sees something but brings nothing 2, 4, 8, 16, then 30.
//   - Time in which the account could not hear is recorded as a gap, with the groups that must be read by hand, unless
//     the server is seen to take up the stream where it was left (hot login). Where it was left is the stream in which the gap
//     began: one that a login began since, and never came to use, is another (store.StartStream).
//   - At the first word of a ban (1203) or a session that is ended from outside right after a send, the account stops
//     and waits for a person. It never tries to get around either.
//
// # How a session goes
//
// Each attempt to log in uses a new library client in desktop mode with the account's own device id. Hot login takes up
// the same session after a restart; if the server refuses it, push login asks the phone to confirm; else a QR code is
// shown until it is scanned, a new one every five minutes. The cookies are kept with their domains, sealed in the
// ledger, because the library's own dump loses the domains. The contact list is read, groups are matched (match.go), and
// from then on Ready tells the truth without traffic.
//
// # What is kept of what is heard
//
// Text, app messages and recalls go to the registrar. Notices of WeChat, the account's own messages in groups and
// pairing phrases go to the account itself (notices.go). Pictures, voice, film, stickers, cards and the traffic between
// one's own devices are not stored at all: they cannot hold what the bureau asks for, and they are nobody's business.
//
// # What fails, and how
//
//   - The network or the server is in trouble: the account stays as it is and tries again at the pace above; after five
//     minutes an event says so.
//   - The ledger does not take a commit: the library is told that the request failed and asks again with the old key.
//   - The server refuses too many requests for contacts: none is made for half an hour. What is bound stays bound.
//   - An account is removed from a group, or a group changes beyond recognition: the binding is Gone or Quarantined, and
//     Ready says so.
//
// # Caveats
//
// A message that is said between the end of a session and the start of one that does not resume it is not heard; the gap
// says so, and begins when the server last brought anything, for a session may answer and bring nothing. What the account
// sent just before becomes Unknown when the gap ends: a notice that it did not arrive was not heard either. A session
// that answers and brings nothing looks like one in which nobody speaks: what is accepted in it counts as heard out
// until a notice comes late, and stays so when the session ends without one. A session that the phone ends by chance
// within ten seconds of a send stops the account, too. An answer to a resident (wave 0) whose outcome is unknown is not
// proven by its echo, because nothing leads from a group to it. Two members who use one name in one group count as one.
//
// # What cannot be proven against a simulator
//
// That hot login really resumes the stream without loss; that a server's user names stay the same in it; how long
// cookies live and what renews them; whether own messages are echoed; that Ret -1 means "not delivered"; that a media id
// may be used again; the real limits and the logic of bans; that member names are stable enough for the thresholds of
// match.go; that a server holds its long polls below the 40 seconds allowed here. Each is to be watched on the first
// supervised day with a live account.
package bot
