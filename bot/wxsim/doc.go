// Package wxsim is a WeChat web (UOS) server made of memory: the other side of the wire, for tests, for the
// demonstration and for training.
//
// # What it promises
//
// The unmodified openwechat v1.4.10 can log in to it (scan, hot, push), read contacts, follow the sync stream, send
// text, images and files, recall and log out. It keeps what really arrived as a witness ([Sim.Arrivals]): a message is
// in that list exactly if a group's members would have seen it, whatever the client was told. The hidden id of a group
// and of an account never appear on the WeChat wire. It shares no code with package bot, so that it cannot flatter it.
//
// [Sim.Handler] serves a port and dispatches on the Host header. [Sim.Transport] is the same server without sockets:
// every wait is a timer or a channel, so inside a testing/synctest bubble hours pass in milliseconds. Make the Sim
// inside the bubble that uses it. No goroutine outlives the requests; [Sim.Close] releases whatever is still held.
//
// With the same seed and the same order of requests an account sees the same names, ids, faults and troubles: each
// account and each fault draws from its own stream, so that accounts do not disturb each other. The order of arrivals
// between accounts is the order in which they really came.
//
// # Failure cases
//
// Nothing goes wrong unless it is switched on by name: see [FaultNames] and [Sim.Fault]. WeChat's throttles are faults
// too, so that by default a wave runs at full speed. What is always enforced is the shape of the protocol: cookies per
// host, the session's ids in each request, 512 KiB chunks, the 20 MB limit of images, 50 contacts a batch, the life of
// a QR code, user names that are new at each login.
//
// A misuse of the control side that only a programming error explains (two groups with one id, a fault name in Options
// that does not exist) panics; whatever reads foreign bytes answers with an error.
//
// # What it cannot prove
//
// Real limits, the refresh of real cookies, whether own messages are echoed, the ceiling on groups, the logic of bans,
// whether a media id outlives its login, and what a real server answers to a recall after two minutes: these are
// assumptions here, and are to be watched on a supervised first day with a live account. Rendering replays an old key with the
// user names of the current login; a real server may differ.
package wxsim
