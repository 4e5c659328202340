package broadcast

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"chunfeng/store"
)

var errPanic = errors.New("panic in the sender")

// post claims, sends and settles a delivery.
func (l *lane) post(ctx context.Context, d store.Delivery, c *store.Content) error {
	if !l.work.take(ctx) {
		return nil
	}
	defer l.work.give()
	before, waited := d.Attempts, d.Queued
	l.mu.Lock()
	was := l.pacer.state
	pace := l.pacer.spend(d.Kind, l.now())
	d, a, err := l.desk.Store.Claim(d, c.Number, pace)
	if err != nil {
		l.pacer.state = was
		l.mu.Unlock()
		return ignoreConflict(err)
	}
	if pace != nil {
		l.pacer.wired(d.Kind, l.now())
	}
	l.status = Status{State: LaneSending}
	l.mu.Unlock()
	r, sendErr := l.send(ctx, Message{ClientID: a.ClientID, Group: d.Group, Kind: c.Kind, Name: c.Name, Hash: c.Hash}, c)
	s, signal := outcome(r, sendErr, before, l.desk.Again, time.Now())
	_, err = l.desk.Store.Settle(d.Wave, d.Seq, a.ClientID, s)
	l.unheard++
	if s.Outcome != store.NotKnown {
		l.unheard = 0
	}
	l.restUntil = time.Now().Add(restAfter(l.unheard))
	if s.Outcome == store.Taken {
		l.mu.Lock()
		l.meters.add(d.Wave, time.Since(l.begun))
		if waited {
			l.noteQueued(d)
		}
		l.mu.Unlock()
		l.outSince = time.Time{}
		l.noteAnswer(d)
	}
	return errors.Join(err, l.heed(signal, d.Kind, sendErr))
}

// restAfter is how long a lane rests after so many sends in a row of which nothing is known. One happens; more are a line
// that takes messages and tells nothing, and each further one would be another unknown for a person to decide.
func restAfter(unheard int) time.Duration {
	if unheard < 2 {
		return 0
	}
	return min(time.Second<<min(unheard-2, 6), time.Minute)
}

func (l *lane) send(ctx context.Context, m Message, c *store.Content) (r Receipt, err error) {
	if c.Kind == store.Text {
		m.Text = string(c.Body)
	} else {
		m.Body = c.Body
	}
	l.wire.take(context.WithoutCancel(ctx)) // the claim is on disk: it goes
	defer l.wire.give()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v\n%s", errPanic, p, debug.Stack())
		}
	}()
	// Shutting down must not cut a message off half-way: nobody would know whether it arrived.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.desk.SendTimeout)
	defer cancel()
	return l.sender.Send(ctx, m)
}
