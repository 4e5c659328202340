// Package broadcast says what is to be told to whom and when, and sees to it that it is told once: it plans waves, opens
// them at their time, sends them politely through the accounts, and keeps the ledger true.
//
// # What it promises
//
//   - A wave is opened only when it is, to the byte, what was approved: it is planned again first, and a plan with another
//     hash voids the approval instead of being sent.
//   - An occurrence of a schedule fires at most once, whatever the clock does and however often the program starts.
//   - A claim is on disk before a message goes to the wire and the outcome right after; a lane has one claim at a time, so
//     that a crash leaves one Unknown a lane at most. An outcome that nobody knows is Unknown and is not sent again.
//   - What the server accepted is called sent when its account was there to hear that it did not arrive, and heard nothing of the
//     kind. What nobody can have heard of is Unknown, and so is what WeChat contradicts too late, or not clearly enough, for it
//     to be sent again (notice.go).
//   - Pause, cancel and stop work between two messages of a lane. A send in hand is never cut off: shutting down waits for
//     it, for SendTimeout at most.
//   - Pauses between messages are measured by the monotonic clock, and what an account sent is kept with each claim: neither
//     a clock that is put back nor a restart shortens a pause or raises a limit.
//   - The first sign from WeChat that it is too much stops that kind of message on that account (see pacer.go).
//   - What is not sent is a delivery with its reason.
//   - What staff want to look at first goes to an account's own file helper, which no resident reads and which is no delivery, or
//     to one group, as a wave that counts in that group's day.
//   - What WeChat takes back is taken back within its two minutes, of one message, a wave or all of them; what stands is told.
//   - A poster is drawn when its wave is planned and is part of what is approved, to the byte. A page one of whose vacancies
//     was filled since is drawn again before it goes; a page of which none is left is skipped, and those behind it still go.
//
// # How it works
//
// Planner is pure reading: audience, texts, order, forecast. Scheduler.Pass opens what is due, releases holds, watches
// canaries and ends what ran out; a loop calls it. A lane an account asks the ledger for the next delivery, looks at all
// that may have changed since it was planned, waits for its pace, claims, sends, settles. The confirmer makes Sent what
// was heard out and not contradicted. Dispatcher starts and stops them all. They meet in the ledger only.
//
// # What fails, and how
//
//   - The ledger cannot be read or written: lanes send nothing and try again each second.
//   - The account is logged out: its lane waits, and what it sent within the last fifteen seconds is Unknown; after HandOver its deliveries go to accounts that are in the same groups.
//   - The account is forbidden by the platform: its lane stops until it logs in anew by a person's hand.
//   - A sender panics: that attempt is Unknown, the lane lives.
//   - Too many failures pause a wave; a person resumes it.
//
// # Caveats
//
// A vacancy that is filled is left out of messages claimed a second later, not earlier. A post of several messages whose
// part failed does not go on with the next; retrying the failed part later does not bring back those skipped for it.
// A poster tells the vacancies in the order of the group's text: groups of a county whose tags order them otherwise get a
// poster of their own, which every account uploads once, up to 500 posters a plan. Vacancies beyond the plan's pages, or with a character that the fonts lack, are not
// on it, which the plan says.
// The forecast knows limits, quiet hours, days of rest and what waits already; it does not know answers to residents,
// accounts that will be logged out, and groups that had their message of the day from another wave. A proof for the file
// helper that is cut off by the end of the program is in the audit trail as begun and not as ended.
package broadcast
