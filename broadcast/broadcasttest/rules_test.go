package broadcasttest_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"chunfeng/broadcast"
	"chunfeng/broadcast/broadcasttest"
)

func TestTheEndsOwnSenderKeepsTheRules(t *testing.T) {
	broadcasttest.Run(t, func(t *testing.T, rule func(broadcasttest.Far) error) {
		synctest.Test(t, func(t *testing.T) {
			if err := rule(new(broadcasttest.End).Far()); err != nil {
				t.Error(err)
			}
		})
	})
}

// broken is a sender with one fault.
type broken struct {
	broadcast.Sender
	send func(broadcast.Sender, context.Context, broadcast.Message) (broadcast.Receipt, error)
}

func (b broken) Send(ctx context.Context, m broadcast.Message) (broadcast.Receipt, error) {
	return b.send(b.Sender, ctx, m)
}

func (b broken) Ready(group uint32) error { return b.Sender.Ready(group) }

// TestTheRulesTellBrokenSenders shows for each way to be wrong which rule sees it.
func TestTheRulesTellBrokenSenders(t *testing.T) {
	again := func(when func(*broadcast.SendError) bool) func(broadcast.Sender, context.Context, broadcast.Message) (broadcast.Receipt, error) {
		return func(s broadcast.Sender, ctx context.Context, m broadcast.Message) (broadcast.Receipt, error) {
			r, err := s.Send(ctx, m)
			var se *broadcast.SendError
			if err != nil && (!errors.As(err, &se) || when(se)) {
				return s.Send(ctx, m)
			}
			return r, err
		}
	}
	change := func(f func(*broadcast.SendError)) func(broadcast.Sender, context.Context, broadcast.Message) (broadcast.Receipt, error) {
		return func(s broadcast.Sender, ctx context.Context, m broadcast.Message) (broadcast.Receipt, error) {
			r, err := s.Send(ctx, m)
			var se *broadcast.SendError
			if errors.As(err, &se) {
				now := *se
				f(&now)
				err = &now
			}
			return r, err
		}
	}
	for _, c := range []struct {
		fault string
		rule  string // that must see it
		send  func(broadcast.Sender, context.Context, broadcast.Message) (broadcast.Receipt, error)
	}{
		{"tries again after a lost answer", "cut_after", again(func(e *broadcast.SendError) bool { return !e.Certain })},
		{"tries again after a timeout", "no_answer", again(func(e *broadcast.SendError) bool { return !e.Certain })},
		{"takes every error for certain", "cut_after", change(func(e *broadcast.SendError) { e.Certain = true })},
		{"takes what cannot help for temporary", "no_target", change(func(e *broadcast.SendError) { e.Temporary = true })},
		{"takes nothing for temporary", "cut_before", change(func(e *broadcast.SendError) { e.Temporary = false })},
		{"keeps the signals to itself", "too_often", change(func(e *broadcast.SendError) { e.Signal = broadcast.NoSignal })},
		{"forgets the reason", "no_target", change(func(e *broadcast.SendError) { e.Reason = "" })},
		{"swallows errors", "nonsense", func(s broadcast.Sender, ctx context.Context, m broadcast.Message) (broadcast.Receipt, error) {
			r, _ := s.Send(ctx, m)
			return r, nil
		}},
		{"loses the id", "accepted", func(s broadcast.Sender, ctx context.Context, m broadcast.Message) (broadcast.Receipt, error) {
			_, err := s.Send(ctx, m)
			return broadcast.Receipt{}, err
		}},
		{"invents ids of its own", "same_id", func(s broadcast.Sender, ctx context.Context, m broadcast.Message) (broadcast.Receipt, error) {
			m.ClientID = 7
			return s.Send(ctx, m)
		}},
		{"sends although it was told not to", "cancelled_before", func(s broadcast.Sender, ctx context.Context, m broadcast.Message) (broadcast.Receipt, error) {
			return s.Send(context.WithoutCancel(ctx), m)
		}},
		{"tears a send off", "cancelled_after", func(s broadcast.Sender, ctx context.Context, m broadcast.Message) (broadcast.Receipt, error) {
			if err := ctx.Err(); err != nil {
				return s.Send(ctx, m)
			}
			done := make(chan error, 1)
			var r broadcast.Receipt
			go func() {
				var err error
				r, err = s.Send(ctx, m)
				done <- err
			}()
			select {
			case err := <-done:
				return r, err
			case <-ctx.Done():
				return broadcast.Receipt{}, ctx.Err()
			}
		}},
	} {
		t.Run(c.fault, func(t *testing.T) {
			for _, r := range broadcasttest.Rules() {
				if r.Name != c.rule {
					continue
				}
				synctest.Test(t, func(t *testing.T) {
					far := new(broadcasttest.End).Far()
					far.Sender = broken{far.Sender, c.send}
					if r.Check(far) == nil {
						t.Errorf("rule %s did not see it", r.Name)
					}
				})
				return
			}
			t.Fatalf("no rule is called %s", c.rule)
		})
	}
}
