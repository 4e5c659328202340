// Package disk is a disk for tests that loses what was not synced, fills up, and fails.
//
// It is a file system in memory, mounted through FUSE, so that a real process works on it with its own system calls and
// memory maps. What is written is seen at once by everybody, as on any system; what a sync has not reached is lost, wholly
// or by sectors of 512 bytes, when the power is cut. Names are synced apart from contents, as POSIX has it: a file that was
// synced in a folder that was not may be gone with its name.
//
// Everything written and synced is noted in the order in which it came. From that record a Replay makes what a cut at any
// moment would have left, so that one run of a program is cut at hundreds of moments.
//
// # Caveats
//
// Mounting needs root and /dev/fuse; Mount skips the test where it cannot. A sector is never torn itself. A folder's names
// are lost from some moment on, or by chance, but a rename is whole or not at all. Names are renamed within their folder only. Dates and
// rights are not kept beyond the mode. The process that mounts must not map files of the disk: it serves its own faults.
package disk
