// Package store is the ledger: what was to be said to whom, what became of it, and what was answered.
//
// # What it promises
//
//   - A verb is done whole and on disk when it returns nil; when it returns an error it has changed nothing.
//   - The total of a wave equals the sum of its tally at every commit, and each delivery is in exactly one state.
//   - A claim is on disk before it is granted. At start every delivery that was Sending becomes Unknown: the ledger never
//     says "not sent" of what may have been sent.
//   - A reply and the cursor behind it are committed together. A reply that comes twice is kept once.
//   - Telephone numbers, names and raw messages are sealed (AES-256-GCM, bound to their record) under a key that lies in a
//     file of its own; a number is found again by a keyed hash.
//   - Each line of the audit trail is chained to the one before, and the last is noted under the key with it: what is
//     deleted, changed, inserted or cut off shows, unless the whole file is put back from an earlier copy.
//   - A web session that was ended lets nobody in any more, also when a request that was under way saves it afterwards.
//   - A database that was copied, moved or put back grants no claim until a person arms it (see guard.go).
//   - Every value carries a CRC32C over its key and itself, because bbolt does not notice a flipped bit in a value.
//
// # How it works
//
// One goroutine writes. It takes the verbs that wait at that moment, at most a thousand, into one transaction, and answers
// them when it is on disk; the next batch forms meanwhile. There is no timer. Outcomes go before replies, replies before
// claims, claims before everything else. A verb may refuse; it does not decide: what to skip, when to try again and what
// a reply means is said by the caller.
//
// Keys grow in the order of writing (wave, account, position), for random keys cost thirty times as much at a million
// records. The queue of a lane is a run of rows and a position in it; only what waits for a later time, was retried or
// answers a resident stands in an index.
//
// What pages of the delivery log need beside the file is kept in memory: the county of each group, and of each stretch of
// rows which states, accounts, reasons and counties occur in it (see zones).
//
// # What fails, and how
//
//   - A commit that fails (disk full) grants no claim and takes no reply; outcomes of sends wait in memory and are tried
//     again each second; Down says so. After an input/output error of the disk itself nothing is written until a restart.
//   - Damage in a value is an error that names bucket and key (ErrDamaged). Damage in a page may make bbolt panic; Open
//     and Check turn such a panic into an error, other readers do not.
//   - A second process is refused within a second (ErrInUse), a file of a newer version at once (ErrNewer).
//
// # Caveats
//
// A page of a listing is read in one short transaction and copied; no reader holds one across a network write. Held is
// not stored: a planned delivery under a held wave is held. Wave 0 holds the answers to residents and never ends.
package store
