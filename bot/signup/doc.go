// Package signup turns what residents write into sign-ups.
//
// # Promise
//
// Decode and Interpret are pure: the same message and the same vacancies told give the same reading, and nothing is
// read or written besides. Decode makes an [Inbound] of one raw element of the web protocol's AddMsgList, as the
// ledger keeps it. Interpret says what it means, given what its group was lately told.
//
// A reading is either sure, or it names in [Reading.Review] why a person should look at it. The interpreter prefers
// a person's look to a guess: a sign-up that is read as chatter is lost, for chatter is not kept.
//
// # How a reply is read
//
//   - The telephone numbers are found first (package phone) and taken out of the text. An employer's own number is
//     nobody's sign-up, however it is quoted back.
//   - A vacancy is named by its code (A017, a17, Ａ０１７, A-17) or by its bare number with a counter (17번, 17号, 第17个,
//     编号17), which means the newest batch told that has such a number. A line that begins with a bare number and
//     names no other vacancy counts as well. What belongs to houses, buses and dates (17号楼, 17路, 12月17号) does not.
//   - A reply that names no vacancy takes those of the message that it quotes; failing that, the only one that was
//     listed to the group; failing that, none, and staff ask.
//   - A number with neither code nor a word of signing up is a sign-up when little else is said, since that is how
//     residents answer. Words of trade (selling, letting, lending, recruiting) make it chatter.
//   - Several numbers are several people. Each has the name and the codes on its own line or on its side; what stands
//     before or behind them all is shared.
//   - A person who says that he is under fourteen is not kept at all: the reading is noise with ReviewMinor.
//
// # Caveats
//
// Names are guesses from surnames in Korean and Chinese; a wrong one costs a moment on the telephone. Posts and
// employers named in words are not bound to codes: many share them. The words are those of Yanbian's Korean and
// northern Chinese. What a picture or a voice message says is not read.
package signup
