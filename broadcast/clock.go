package broadcast

import (
	"context"
	"sync"
	"time"

	"chunfeng/templates/words"
)

const (
	clockLook = 5 * time.Second // how soon a clock that was set is noticed
	clockStep = 2 * time.Second // what the two clocks may drift apart in that time: a clock that is being adjusted is slower than that
)

// clock remembers how the machine's clock was set. Times in the ledger are that clock's; how long ago one was is known only
// together with what was done to the clock since.
type clock struct {
	begun time.Time // by both clocks: the steady one counts from here

	mu    sync.Mutex
	drift time.Duration // of the machine's clock from the steady one, when it was last read
	sets  int           // how often it was seen to be set
	setAt time.Duration // when last, by the steady clock
}

func newClock() *clock { return &clock{begun: time.Now()} }

// read takes note of what both clocks say now; the caller holds the lock. It answers how long the steady one has run.
func (c *clock) read() (ran time.Duration) {
	now := time.Now()
	ran = now.Sub(c.begun)
	drift := now.Round(0).Sub(c.begun.Round(0)) - ran
	if (drift - c.drift).Abs() >= clockStep {
		c.drift, c.setAt = drift, ran
		c.sets++
	}
	return ran
}

// untouched is for how long nobody has set the machine's clock, as far as it is known: since the start at most. set tells that
// somebody has since then.
func (c *clock) untouched() (since time.Duration, set bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.read() - c.setAt, c.sets > 0
}

// off is how far the machine's clock was set since the start, and how often.
func (c *clock) off() (by time.Duration, sets int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read()
	return c.drift, c.sets
}

// watchClock has everybody who waits for a time of day look again when the machine's clock is set, or the machine was asleep.
// Timers go by the monotonic clock: a lane that sleeps until the quiet hours end would oversleep by as much as the clock was
// set on. None would send too early: each looks at the clock before each message.
func (d *desk) watchClock(ctx context.Context) {
	for last, known := d.clock.off(); ; {
		pause(ctx, clockLook, nil)
		if ctx.Err() != nil {
			return
		}
		off, sets := d.clock.off()
		// Set on and back between two looks, it is where it was; who looked meanwhile may wait for what it showed then.
		if sets != known {
			d.Event(Event{What: words.T("broadcast.clock_set", (off - last).Round(time.Second).String())})
			d.Store.Wake()
		}
		last, known = off, sets
	}
}
