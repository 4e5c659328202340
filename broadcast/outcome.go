package broadcast

import (
	"errors"
	"time"

	"chunfeng/store"
)

// The reasons that lanes give beside those of the ledger.
const (
	ReasonPanic  store.Reason = "panic"         // the sender broke down; what it had sent is not known
	ReasonRender store.Reason = "render_failed" // the message could not be rendered without what was filled
)

// outcome says what the ledger must keep of a send: the one place where an error becomes a state. before is the delivery's
// earlier attempts; again is the wait before the second try.
func outcome(r Receipt, err error, before []store.Attempt, again time.Duration, now time.Time) (store.Settlement, Signal) {
	if err == nil && r.ServerID != "" {
		return store.Settlement{Outcome: store.Taken, ServerID: r.ServerID}, NoSignal
	}
	var se *SendError
	if err == nil || !errors.As(err, &se) {
		detail := "the sender answered without an id"
		if err != nil {
			detail = err.Error()
		}
		why := store.ReasonNotAnswered
		if errors.Is(err, errPanic) {
			why = ReasonPanic
		}
		return store.Settlement{Outcome: store.NotKnown, Reason: why, Detail: detail}, NoSignal
	}
	s := store.Settlement{Outcome: store.NotKnown, Reason: se.Reason, Detail: se.Error()}
	if s.Reason == "" {
		s.Reason = store.ReasonNotAnswered
	}
	// Trying again helps at most twice in a row; a person's order to retry begins anew.
	failed := 1
	for i := len(before) - 1; i >= 0 && before[i].Outcome == store.NotSent; i-- {
		failed++
	}
	switch {
	case !se.Certain:
	case se.Temporary && failed < tries:
		s.Outcome = store.NotSent
		for range failed - 1 {
			again *= 4
		}
		s.After = now.Add(max(se.After, again))
	default:
		s.Outcome = store.Refused
	}
	return s, se.Signal
}
