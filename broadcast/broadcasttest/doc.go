// Package broadcasttest holds every [broadcast.Sender] to the same promises.
//
// A sender's own test builds a [Far] for each rule, a world of its own each time, and hands it to [Run]:
//
//	broadcasttest.Run(t, func(t *testing.T, rule func(broadcasttest.Far) error) {
//		synctest.Test(t, func(t *testing.T) {
//			if err := rule(newWorld(t).far()); err != nil {
//				t.Error(err)
//			}
//		})
//	})
//
// A sender that needs sockets does the same without the bubble. The far end counts what really arrives for each attempt:
// a sender that tries again behind its caller's back, to be kind, fails here whatever it answers.
//
// What the rules ask is in [Rules]. They say nothing about speed, order between groups, or what a sender does with its
// session: that is the sender's own test. [End] is a far end of memory with a sender of its own, for tests of what uses
// senders; it keeps the rules, and the test of this package shows that they tell it from its broken brothers.
package broadcasttest
