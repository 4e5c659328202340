// Package consoletest opens pages in a real browser for tests, as a person would, and fails a test for what a person
// would not see: an error on the console, a breach of the content policy, a file that did not load, a fault of
// accessibility, a page that scrolls sideways.
//
// # What it promises
//
// One browser serves all tests of a package, without a window, with a profile of its own that is removed when the tests
// end. Each tab has its own cookies and no cache: two tabs are two persons. Whatever a tab does is bounded in time.
// A fault that a test expects (a form that is refused with 422) must be announced with Expect, and must then happen.
//
// # What fails, and how
//
// Without a browser the test is skipped, with a sentence that says how to get one; the variable CHUNFENG_BROWSER names
// one, and a wrong name fails the test. A browser that does not start fails the test.
//
// # Caveats
//
// The browser is outside the test, so its clock is the real one: what waits asks the page again every 20 ms, for 15 s at
// the most. Root runs the browser without its sandbox, so no tab may be sent anywhere but to the test's own server; names
// other than loopback's do not resolve. The package uses axe-core (axe.min.js 4.14.1 as published, licence in
// axe.LICENSE), which finds about half of the faults that a person with a screen reader would meet.
package consoletest
