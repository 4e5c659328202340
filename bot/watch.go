package bot

import (
	"context"
	"sync/atomic"
	"time"
)

// moment is when something last happened, by the monotonic clock: setting the machine's clock moves it nowhere. The zero
// value is never.
type moment struct{ atomic.Pointer[time.Time] }

func (m *moment) mark() { m.set(time.Now()) }

func (m *moment) set(t time.Time) { m.Store(&t) }

// at answers the moment; the zero time for never.
func (m *moment) at() time.Time {
	if t := m.Load(); t != nil {
		return *t
	}
	return time.Time{}
}

// heard notes that the server brought something.
func (a *Account) heard() {
	a.lastHeard.mark()
	a.sends.Store(0)
	a.silent.Store(false)
}

// listen watches for the state in which sync looks normal and brings nothing until somebody opens WeChat on the phone. An
// account that sends nothing may be silent for good reasons, so three accepted sends since the last sign of life are asked for.
func (a *Account) listen(ctx context.Context) {
	for sleep(ctx, time.Minute) {
		quiet := time.Since(a.lastHeard.at())
		if quiet > a.o.SilentAfter && a.sends.Load() >= 3 && a.silent.CompareAndSwap(false, true) {
			a.log.Warn().Dur("quiet", quiet).Msg("sends and hears nothing: open WeChat on the phone")
			a.emit(Event{Kind: Silent, Why: Why("bot.silent")})
		}
	}
}
