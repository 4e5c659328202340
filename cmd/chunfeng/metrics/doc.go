// Package metrics tells a Prometheus how the daemon fares.
//
// # Promise
//
// A scrape reads what the store counts in memory and one short transaction over counters and heads of queues: it costs the
// same with a million deliveries as with none (10 µs for the ledger's part, BenchmarkWaiting in store), and holds nothing
// while the answer goes over the network.
//
// No label holds a telephone number, nor the name of a person or a group. Labels are words of this program, and the names
// of accounts, which staff choose; one of those that has five digits in a row is told by its number in the ledger instead.
//
// # Failure cases
//
// What cannot be read is left out, chunfeng_ledger_readable says 0, and the rest is told all the same.
//
// # Caveats
//
// Counters begin at zero with each start, as Prometheus expects. Gauges in seconds say how long something waits, 0 when
// nothing does; what happened last is told as a time.
package metrics
