// Package console is what the bureau's people see in a browser: pages over the routes of package api, a sign-in before
// them, and the same routes in JSON for whoever is signed in.
//
// # Promise
//
//   - A page shows and does what a route of the API answers and does, with that route's rights and that person's county. No
//     page reads the ledger by itself or adds up a number of its own.
//   - Everything is in the program: no page asks another host for anything. One Content-Security-Policy without unsafe-*
//     holds for all of them. Pages work as plain links and forms; script adds live numbers and smoother lists.
//   - Whatever people wrote (names of groups and companies, residents' messages) is shown as text.
//   - Nobody is let in without a password or a one-time link; a session ends when it is idle, when it is old, when its
//     person or a supervisor ends it, and when its person's role, county or password changes.
//   - A form is taken once, from the session that it was given to, and from this site.
//   - Each page is there in Korean, Chinese and English, by the choice of the person.
//
// # Failure cases
//
// A page that cannot be shown is a page that says why, with the status of the refusal. A panic while a page is made is such a
// page and a line in the log. A session that ended in the middle of a form leads to the sign-in and back; what was typed
// must be typed again. While there is no person yet, only the one-time link of the first start is answered.
//
// # Caveats
//
// The console speaks plain HTTP. On any other address than this machine's own it belongs behind a reverse proxy with TLS,
// whose address is told in console.origin; else passwords go over the network in the clear, and the daemon says so.
// Which forms were given out is in memory: after a restart, a form that was open must be loaded again.
package console
