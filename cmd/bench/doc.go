// Command bench measures what the design promises about speed, space and memory, and writes docs/benchmarks.md.
//
//	go run ./cmd/bench [-only B1,B5] [-rounds N] [-quick] [-write FILE] [-dir FOLDER] [-profile FOLDER]
//
// # What it promises
//
// A figure is a ratio of two things measured in the same run, in turns (ours, the other, ours, the other …), so that what
// else the machine does meets both. The median decides; the smallest and the largest are printed beside it, and so is
// how often the disk synced a second just before. A few targets are absolute, because people wait for them or pay for
// them: seconds to start and to open a wave, mebibytes at rest.
//
// Whatever goes over the wire goes to package wxsim in another process over a loopback socket. At the end of a round the
// count that arrived there is held against the count that the ledger recorded (or the baseline sent); when they differ
// the round is void, it is said, and the exit code is 1. The same holds where records are written: they are counted.
//
// # What fails, and how
//
// A target that is missed is no failure of the program: it is printed as missed, and docs/benchmarks.md explains it below
// the generated part, which this program leaves alone. A benchmark that cannot be run on this machine is named with its
// reason, and the exit code is 1.
//
// # Caveats
//
// This program is not shipped. It imports openwechat and bbolt itself, which no package but bot and store may, and for
// baselines only: the bare client in a loop, two transactions a delivery, db.Batch. With -quick the sizes are small and
// the figures mean nothing but that the program works. Ratios depend on the disk: where a sync takes 0.1 ms the ledger
// costs more beside a bare loop, and gains less over two transactions, than where it takes 5 ms.
package main
