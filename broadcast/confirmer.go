package broadcast

import (
	"context"
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// hearWithin is how long an acceptance waits for its account to hear whether it is contradicted. An account that is logged out
// is scanned again within that time, or a person looks into the group.
const hearWithin = time.Hour

// confirmer makes Sent what the server accepted and nobody contradicted, although the account was there to hear it. What nobody
// can have heard is Unknown: at the latest after hearWithin, and as soon as the account is back from a gap (store.CloseGap).
type confirmer struct {
	desk  *desk
	heard func(account string) time.Time
}

// Pass confirms what is due at a moment, and answers when to look again.
//
// When somebody has just set the machine's clock, the ledger does not tell what was accepted a moment ago: it waits until all of
// that is due. By then, what was accepted at a time to come is due as well: the clock ran ahead.
func (c confirmer) pass(now time.Time) (next time.Time, err error) {
	untouched, set := c.desk.clock.untouched()
	if left := c.desk.ConfirmAfter - untouched; set && left > 0 {
		return now.Add(left), nil
	}
	due := store.Due{Before: now.Add(-c.desk.ConfirmAfter), Heard: c.heard, Notice: min(store.NoticeWithin, c.desk.ConfirmAfter)}
	if untouched >= c.desk.ConfirmAfter+due.Notice {
		due.Ahead = now.Add(clockStep)
	}
	// After a start the accounts need their time to come back.
	if untouched >= hearWithin {
		due.GivenUp = now.Add(-hearWithin)
	}
	for {
		n, oldest, err := c.desk.Store.ConfirmDue(due)
		if err != nil {
			return now.Add(retryLedger), err
		}
		if n >= 1000 {
			continue
		}
		// Accepting wakes nobody: what is accepted from now on is due after ConfirmAfter at the soonest. A commit for
		// each message alone would cost as much as sending it, so some are gathered.
		// By a clock that was put back the oldest lies ahead; it may be put on again.
		next = now.Add(c.desk.ConfirmAfter)
		if due := oldest.Add(c.desk.ConfirmAfter); !oldest.IsZero() && due.Before(next) {
			next = due
		}
		if gather := now.Add(min(max(c.desk.ConfirmAfter/10, 100*time.Millisecond), 5*time.Second)); next.Before(gather) {
			next = gather
		}
		return next, nil
	}
}

func (c confirmer) run(ctx context.Context) {
	for ctx.Err() == nil {
		next, err := c.pass(time.Now())
		if err != nil {
			c.desk.Event(Event{Alert: true, What: words.T("broadcast.ledger", ""), Err: err})
		}
		pause(ctx, max(time.Until(next), time.Millisecond), nil)
	}
}
