package broadcast_test

import (
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
)

// TestWhatANoticeIsAbout: the notice names no message. What it is about is sent again when that is certain and in time, unknown
// when it is not, and left alone when the notice is about something else.
func TestWhatANoticeIsAbout(t *testing.T) {
	const (
		confirm = 90 * time.Second
		hours   = 3 * time.Hour
	)
	for _, c := range []struct {
		why   string
		twice bool          // a second message goes to the group ten seconds after the first
		said  time.Duration // after the first was sent
		heard time.Duration // after it was sent
		skew  time.Duration // by how much the server's clock is ahead
		mute  bool          // the server's clock is not known
		echo  bool          // the first came back
		want  []store.State
	}{
		{"at once, of the only message", false, 4 * time.Second, 5 * time.Second, 0, false, false, []store.State{store.Planned}},
		{"at once, without a time", false, 4 * time.Second, 5 * time.Second, 0, true, false, []store.State{store.Planned}},
		{"the server's clock is 40 s ahead", false, 4 * time.Second, 5 * time.Second, 40 * time.Second, false, false, []store.State{store.Planned}},
		{"the server's clock is an hour behind: it may be an old notice", false, 4 * time.Second, 5 * time.Second, -time.Hour, false, false, []store.State{store.Unknown}},
		{"brought hours late, when the message counts as sent", false, 4 * time.Second, hours, 0, false, false, []store.State{store.Unknown}},
		{"brought late, when an echo has proven that the message arrived", false, 4 * time.Second, hours, 0, false, true, []store.State{store.Sent}},
		{"at once, when an echo has proven it", false, 4 * time.Second, 5 * time.Second, 0, false, true, []store.State{store.Sent}},
		{"about something that a person sent an hour later", false, time.Hour, time.Hour, 0, false, false, []store.State{store.Sent}},
		{"it can be about either of two", true, 13 * time.Second, 14 * time.Second, 0, false, false, []store.State{store.Unknown, store.Unknown}},
		{"it was said before the second was sent", true, 3 * time.Second, 14 * time.Second, 0, false, false, []store.State{store.Planned, store.Accepted}},
		{"it is about the second alone: the first came back", true, 13 * time.Second, 14 * time.Second, 0, false, true, []store.State{store.Sent, store.Planned}},
	} {
		t.Run(c.why, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := setup(t, 1, 1, func(w *world) { w.o.ConfirmAfter = confirm })
				w.start()
				waves := []store.Wave{w.queue(broadcast.Order{})}
				sent := time.Now()
				for ; len(w.far.list()) == 0; sent = time.Now() {
					time.Sleep(10 * time.Millisecond)
				}
				if c.twice {
					time.Sleep(10*time.Second - time.Since(sent))
					waves = append(waves, w.queue(broadcast.Order{}))
				}
				time.Sleep(time.Second)
				if c.echo {
					if err := w.s.Confirm(waves[0].Number, 0, "", store.ReasonEcho); err != nil {
						t.Fatal(err)
					}
				}
				time.Sleep(c.heard - time.Since(sent))
				n := broadcast.Notice{Account: name(0), Group: 1, Heard: time.Now(), Said: sent.Add(c.said + c.skew).Truncate(time.Second)}
				if c.mute {
					n.Said = time.Time{}
				}
				if err := w.d.TooOften(n); err != nil {
					t.Fatal(err)
				}
				doubt := false
				for i, wave := range waves {
					d := w.deliveries(wave)[0]
					if d.State != c.want[i] {
						t.Errorf("message %d is %v, want %v", i+1, d.State, c.want[i])
					}
					if d.State == store.Unknown && d.Reason != store.ReasonTooOften {
						t.Errorf("message %d is unknown because of %q", i+1, d.Reason)
					}
					doubt = doubt || d.State == store.Unknown
				}
				if w.saw("broadcast.contradicted") != doubt {
					t.Errorf("somebody is told: %v", !doubt)
				}
				if !w.saw("broadcast.cooling") {
					t.Error("the account does not cool down")
				}
			})
		})
	}
}
