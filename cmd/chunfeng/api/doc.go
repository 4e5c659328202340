// Package api is what the program can be asked: one table of routes, with JSON over the socket for the commands and over
// HTTP for whoever is signed in, and as Go values for the console's pages.
//
// # Promise
//
// A route means the same on each of the three ways: the same rights, the same checks, the same numbers. Who asks is a
// Caller, given by whoever let the request in; a route that the Caller's role may not use is refused before its handler
// sees anything, and a Caller of one county sees and moves nothing of another's groups.
//
// A telephone number is masked in every answer but the two that reveal it for a stated purpose, which is in the audit
// trail before the number is in the answer.
//
// # Failure cases
//
// A refusal is a Problem: its kind decides the HTTP status, its text is in the caller's language. A panic in a handler is
// an answer of status 500 and a line in the log; it does not end the daemon. An answer that breaks off is cut, so that
// nobody takes a part for the whole.
//
// # Caveats
//
// What needs a login (a QR code, a recall) is refused as words.Later while no daemon runs. The package decides nothing
// that the ledger or the planner decides; it translates.
//
// # A new route
//
// on registers it and says describes it, in one chain: a sentence, what it takes from the query, its body, its answer. Then
// go generate writes openapi.yaml anew. The tests ask every GET route on a small season and hold the answer against the
// description; they name what is missing, in the description as in the season.
package api
