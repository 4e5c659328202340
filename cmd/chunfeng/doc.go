// Command chunfeng posts a labour bureau's vacancies to residents' WeChat groups and keeps account of every message and
// every answer.
//
// # Promise
//
// One handler serves everything: the socket DATA/chunfeng.sock of a running daemon, and, when no daemon holds the data
// folder, the command itself, which then opens the ledger and calls the same handler in its own process. A command
// therefore means the same with and without a daemon; what needs a login (a QR code, a recall) is refused with exit code
// 75 while none runs.
//
// Exit codes: 0 done, 1 failed or refused, 2 usage, 75 try later, 78 configuration. Data goes to standard output,
// messages to standard error, in the language of --lang, $CHUNFENG_LANG or the locale.
//
// # Who acts
//
// The socket has mode 0600: who can open it is the owner of the data folder, and may do everything. For the audit trail
// and the approval by a second person an invocation says its name: --user NAME, else $CHUNFENG_USER, else the name of
// the operating system's user. Nothing proves it: on one account of the operating system, approval by a second person is
// a promise that two people make each other. In the console a password proves it; its people are kept by the user
// commands and by its own page.
//
// # Failure cases
//
// A daemon that is starting, or another command that holds the ledger, is waited for up to ten seconds; then the command
// ends with 75. A daemon that is told to stop finishes the send in hand; told a second time it leaves at once, and what
// was on the wire is unknown at the next start.
//
// # Caveats
//
// A backup that a command writes without --recipient is a plain copy of the database: telephone numbers and messages in
// it are sealed under the key file, which is not in it and must be kept elsewhere. What the daemon makes by itself is sealed
// as a whole, always.
package main
