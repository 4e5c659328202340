package broadcast

import (
	"context"
	"time"
)

// pause waits for a time (0: without end), a change of the ledger, or the end of the context.
func pause(ctx context.Context, d time.Duration, changed <-chan struct{}) {
	await(ctx, d, changed, nil)
}

// await waits as pause does, and also for somebody who asks for a proof; nil: nobody did.
func await(ctx context.Context, d time.Duration, changed <-chan struct{}, asked <-chan *proofAsk) *proofAsk {
	var timer <-chan time.Time
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-timer:
	case <-changed:
	case <-ctx.Done():
	case a := <-asked:
		return a
	}
	return nil
}
