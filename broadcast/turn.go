package broadcast

import (
	"context"
)

// turn is held by one at a time, perhaps for as long as a message is on the wire.
type turn chan struct{}

// take waits for the turn; false: the context ended first.
func (t turn) take(ctx context.Context) bool {
	select {
	case t <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (t turn) give() { <-t }
