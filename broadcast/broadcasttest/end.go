package broadcasttest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
)

// patience is how long the sender of an End waits for an answer.
const patience = 20 * time.Second

// End is a far end of memory. The zero value is ready; every group can be written to but those of Unready.
type End struct {
	mu       sync.Mutex
	script   []Trouble
	arrivals []broadcast.Message
	unready  map[uint32]bool
	hold     chan struct{}
	reached  chan struct{}
	serial   int
}

// Next adds troubles, one for each of the next sends.
func (e *End) Next(script ...Trouble) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.script = append(e.script, script...)
}

// Unready has a group refused before the wire, or no longer.
func (e *End) Unready(group uint32, refuse bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.unready == nil {
		e.unready = map[uint32]bool{}
	}
	e.unready[group] = refuse
}

// Arrivals are the messages that reached the members of their groups, in order.
func (e *End) Arrivals() []broadcast.Message {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]broadcast.Message(nil), e.arrivals...)
}

// Arrived counts the arrivals of one attempt.
func (e *End) Arrived(clientID int64) (n int) {
	for _, m := range e.Arrivals() {
		if m.ClientID == clientID {
			n++
		}
	}
	return n
}

// Hold has messages arrive and wait for their answers until release is called.
func (e *End) Hold() (reached <-chan struct{}, release func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.hold, e.reached = make(chan struct{}), make(chan struct{})
	gate := e.hold
	return e.reached, sync.OnceFunc(func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		close(gate)
		e.hold, e.reached = nil, nil
	})
}

// Sender is a sender to this end that keeps the rules.
func (e *End) Sender() broadcast.Sender { return line{e} }

// Far is the end as the rules see it, with the groups 1, 2 and 3, and 99 that is not ready.
func (e *End) Far() Far {
	e.Unready(99, true)
	return Far{
		Sender: e.Sender(), Groups: []uint32{1, 2, 3}, Unready: 99,
		Next: func(t Trouble) { e.Next(t) }, Arrived: e.Arrived, Hold: e.Hold,
	}
}

var (
	errCut      = errors.New("the connection broke")
	errNonsense = errors.New("an answer that is none")
)

// take is the far end's side of one send.
func (e *End) take(ctx context.Context, m broadcast.Message) (id string, trouble Trouble) {
	e.mu.Lock()
	trouble = Fine
	if len(e.script) > 0 {
		trouble, e.script = e.script[0], e.script[1:]
	}
	switch trouble {
	case CutBefore, TooOften, NoSuchTarget, SessionOver:
		e.mu.Unlock()
		return "", trouble
	}
	e.serial++
	id = fmt.Sprintf("%019d", e.serial)
	e.arrivals = append(e.arrivals, m)
	gate, reached := e.hold, e.reached
	if reached != nil {
		close(reached)
		e.reached = nil
	}
	e.mu.Unlock()
	if gate != nil {
		<-gate
	}
	if trouble == NoAnswer {
		<-ctx.Done()
	}
	return id, trouble
}

// line is the sender of an End.
type line struct{ end *End }

// Ready refuses the groups of Unready.
func (l line) Ready(group uint32) error {
	l.end.mu.Lock()
	defer l.end.mu.Unlock()
	if l.end.unready[group] {
		return &broadcast.SendError{Reason: store.ReasonNotBound, Certain: true, Temporary: true, After: time.Minute}
	}
	return nil
}

// Send sends once.
func (l line) Send(ctx context.Context, m broadcast.Message) (broadcast.Receipt, error) {
	if err := ctx.Err(); err != nil {
		return broadcast.Receipt{}, &broadcast.SendError{Reason: "interrupted", Certain: true, Temporary: true, Err: err}
	}
	if err := l.Ready(m.Group); err != nil {
		return broadcast.Receipt{}, err
	}
	own, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	id, trouble := l.end.take(own, m)
	return verdict(id, trouble)
}

func verdict(id string, trouble Trouble) (broadcast.Receipt, error) {
	switch trouble {
	case CutBefore:
		return broadcast.Receipt{}, &broadcast.SendError{Reason: "not_connected", Certain: true, Temporary: true, Err: errCut}
	case TooOften:
		return broadcast.Receipt{}, &broadcast.SendError{Reason: store.ReasonTooOften, Certain: true, Temporary: true, After: 30 * time.Minute, Signal: broadcast.TooOften}
	case NoSuchTarget:
		return broadcast.Receipt{}, &broadcast.SendError{Reason: "not_addressable", Certain: true}
	case SessionOver:
		return broadcast.Receipt{}, &broadcast.SendError{Reason: "logged_out", Certain: true, Temporary: true, Signal: broadcast.LoggedOut}
	case CutAfter:
		return broadcast.Receipt{}, &broadcast.SendError{Reason: store.ReasonNotAnswered, Err: errCut}
	case NoAnswer:
		return broadcast.Receipt{}, &broadcast.SendError{Reason: store.ReasonNotAnswered, Err: context.DeadlineExceeded}
	case Nonsense, NoID:
		return broadcast.Receipt{}, errNonsense
	}
	return broadcast.Receipt{ServerID: id}, nil
}
