package bot

import (
	"context"
	"time"
)

// heard notes that the server brought something.
func (a *Account) heard() {
	a.lastHeard.Store(time.Now().UnixNano())
	a.sends.Store(0)
	a.silent.Store(false)
}

// listen watches for the state in which sync looks normal and brings nothing until somebody opens WeChat on the phone. An
// account that sends nothing may be silent for good reasons, so three accepted sends since the last sign of life are asked for.
func (a *Account) listen(ctx context.Context) {
	for sleep(ctx, time.Minute) {
		quiet := time.Since(time.Unix(0, a.lastHeard.Load()))
		if quiet > a.o.SilentAfter && a.sends.Load() >= 3 && a.silent.CompareAndSwap(false, true) {
			a.log.Warn().Dur("quiet", quiet).Msg("sends and hears nothing: open WeChat on the phone")
			a.emit(Event{Kind: Silent, Why: Why("bot.silent")})
		}
	}
}
