// Package alert tells people by itself that something is wrong: once when it begins, and once when it is over.
//
// # Promise
//
// What is wrong is looked at every two seconds where it cannot wait (the ledger takes nothing, the ledger may be a copy) and
// every half minute otherwise. An alert is in the ledger before anybody is told, and so is what became of each telling: a
// restart raises nothing a second time and goes on telling where it was. Nobody who tells is waited for: an address that
// never answers and a program that hangs cost the daemon one waiting goroutine each, and the ledger nothing.
//
// A sentence holds the name of an account, which staff chose, the id of a wave, and counts; no number and no name of a
// resident or a group. The staff's group is told by the ordinary road: a planned delivery, sent by a lane at its pace.
//
// # How an unusual silence is known
//
// For each account and hour of the day the longest time without anything heard is kept, for four weeks, working days and
// weekends apart. A silence is unusual when it is half as long again as the longest of that hour and the one before it, and
// not below alerts.silent. A silence that was told of teaches nothing, nor does one that a log-out ends. Before there are
// five days (three of a weekend) of an account it counts that three sends were accepted since anything was heard.
//
// # Failure cases
//
// A telling that fails is tried five times, after 10 s, 1 min, 5 min and 15 min; then it is given up, which alert list
// shows. While the ledger takes nothing, alerts are raised from memory and told by webhook and command; they are written
// when it takes something again. No account in the staff's group, or none that can write to it: tried each minute for a day.
//
// # Caveats
//
// A crash between a telling and its note has it told once more: webhook and command are told at least once, the group is
// told at most once. What begins and ends between two looks is not told. An alert that is cleared before the group could be
// told of it is not told there at all.
package alert
