package broadcast

import (
	"context"
	"time"

	"chunfeng/templates/words"
)

const (
	clockLook = 5 * time.Second // how soon a clock that was set is noticed
	clockStep = 2 * time.Second // what the two clocks may drift apart in that time: a clock that is being adjusted is slower than that
)

// watchClock has everybody who waits for a time of day look again when the machine's clock is set, or the machine was asleep.
// Timers go by the monotonic clock: a lane that sleeps until the quiet hours end would oversleep by as much as the clock was
// set on. None would send too early: each looks at the clock before each message.
func (d *desk) watchClock(ctx context.Context) {
	for last := time.Now(); ; {
		pause(ctx, clockLook, nil)
		if ctx.Err() != nil {
			return
		}
		now := time.Now()
		// Without a monotonic reading Sub goes by the wall clock alone.
		if by := now.Round(0).Sub(last.Round(0)) - now.Sub(last); by.Abs() >= clockStep {
			d.Event(Event{What: words.T("broadcast.clock_set", by.Round(time.Second).String())})
			d.Store.Wake()
		}
		last = now
	}
}
