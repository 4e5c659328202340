package broadcasttest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
)

// Trouble is what the far end does with the next send.
type Trouble string

// The troubles that a far end must be able to make.
const (
	Fine         Trouble = "fine"
	CutBefore    Trouble = "cut_before"   // no connection: not a byte leaves
	CutAfter     Trouble = "cut_after"    // the message arrives, and the connection breaks before the answer
	NoAnswer     Trouble = "no_answer"    // the message arrives, and no answer comes within any patience
	TooOften     Trouble = "too_often"    // refused: slow down
	NoSuchTarget Trouble = "no_target"    // refused: this target is not there
	SessionOver  Trouble = "session_over" // refused: not logged in
	Nonsense     Trouble = "nonsense"     // the message arrives, and the answer is no answer
	NoID         Trouble = "no_id"        // the message arrives, and is accepted without an id
)

// Far is a sender with the far end that it sends to.
type Far struct {
	Sender broadcast.Sender
	// Groups can be written to; at least three.
	Groups []uint32
	// Unready is a group that cannot be written to.
	Unready uint32
	// Next decides what the far end does with the next send, and with no other.
	Next func(Trouble)
	// Arrived counts the messages with this id that reached the group's members.
	Arrived func(clientID int64) int
	// Hold has sends arrive and wait for their answers until the function it returns is called. Reached is closed when the
	// first one has arrived.
	Hold func() (reached <-chan struct{}, release func())
}

// Rule is one promise of every sender.
type Rule struct {
	Name  string
	Why   string
	Check func(Far) error
}

// Run holds a sender to every rule. world makes a fresh one for each and reports what the rule answers.
func Run(t *testing.T, world func(t *testing.T, rule func(Far) error)) {
	t.Helper()
	for _, r := range Rules() {
		t.Run(r.Name, func(t *testing.T) {
			world(t, func(f Far) error {
				if err := r.Check(f); err != nil {
					return fmt.Errorf("%w; %s", err, r.Why)
				}
				return nil
			})
		})
	}
}

// Rules lists the promises.
func Rules() []Rule {
	return []Rule{
		{"accepted", "a nil error means that the server took the message, and its id is the proof", accepted},
		{"cut_before", "what never left can be sent again", meets(CutBefore, 0, certain, temporary)},
		{"cut_after", "what may have arrived must never be sent again by the machine", meets(CutAfter, 1, unsure)},
		{"no_answer", "a timeout after the bytes left proves nothing", meets(NoAnswer, 1, unsure)},
		{"nonsense", "an answer that cannot be read proves nothing", meets(Nonsense, 1, unsure)},
		{"no_id", "an acceptance without an id proves nothing", meets(NoID, 1, unsure)},
		{"too_often", "the lane must hear the platform's first signal", meets(TooOften, 0, certain, temporary, signals(broadcast.TooOften))},
		{"no_target", "a target that is not there is not there the next time either", meets(NoSuchTarget, 0, certain, final)},
		{"session_over", "the lane waits for the next login", meets(SessionOver, 0, certain, temporary, signals(broadcast.LoggedOut))},
		{"unready", "nothing is sent to a group that is not proven", unready},
		{"ready", "Ready costs nothing and says what Send would", ready},
		{"cancelled_before", "a lane that is told to stop before it sends has not sent", cancelledBefore},
		{"cancelled_after", "a send in hand is finished, not torn off", cancelledAfter},
		{"next_one", "one failure does not spoil the next send", nextOne},
		{"together", "several lanes may send at once", together},
		{"same_id", "the id on the wire is the attempt's own", sameID},
	}
}

// message is the nth message of a rule. Its id has 17 digits, as the ledger's have.
func message(n int, group uint32, text string) broadcast.Message {
	return broadcast.Message{
		ClientID: 17_300_000_000_000_000 + int64(n), Group: group, Kind: store.Text, Text: text,
		Hash: store.HashContent(store.Text, "", []byte(text)),
	}
}

func arrived(f Far, m broadcast.Message, want int) error {
	if n := f.Arrived(m.ClientID); n != want {
		return fmt.Errorf("%d arrivals of one attempt, want %d", n, want)
	}
	return nil
}

func accepted(f Far) error {
	for i, text := range []string{"용접공 3명", "招聘焊工 <b> & \"引号\"", "🔥\n두 줄", strings.Repeat("가", 1000)} {
		m := message(i, f.Groups[i%len(f.Groups)], text)
		r, err := f.Sender.Send(context.Background(), m)
		if err != nil {
			return fmt.Errorf("send %d: %w", i, err)
		}
		if r.ServerID == "" {
			return fmt.Errorf("send %d: no server id", i)
		}
		if err := arrived(f, m, 1); err != nil {
			return err
		}
	}
	return nil
}

// A property is something asked of an error.
type property struct {
	name  string
	holds func(*broadcast.SendError) bool
}

var (
	certain   = property{"certain", func(e *broadcast.SendError) bool { return e != nil && e.Certain && e.Reason != "" }}
	temporary = property{"temporary", func(e *broadcast.SendError) bool { return e != nil && e.Temporary }}
	final     = property{"final", func(e *broadcast.SendError) bool { return e != nil && !e.Temporary }}
	unsure    = property{"not certain", func(e *broadcast.SendError) bool { return e == nil || !e.Certain }}
)

func signals(s broadcast.Signal) property {
	return property{fmt.Sprintf("signal %d", s), func(e *broadcast.SendError) bool { return e != nil && e.Signal == s }}
}

// meets is the rule for one trouble: how often the message arrives, and what is said of it.
func meets(trouble Trouble, arrivals int, want ...property) func(Far) error {
	return func(f Far) error {
		m := message(0, f.Groups[0], "용접공 3명 "+string(trouble))
		f.Next(trouble)
		_, err := f.Sender.Send(context.Background(), m)
		if err == nil {
			return errors.New("no error")
		}
		var se *broadcast.SendError
		errors.As(err, &se)
		for _, p := range want {
			if !p.holds(se) {
				return fmt.Errorf("not %s: %#v (%w)", p.name, se, err)
			}
		}
		return arrived(f, m, arrivals)
	}
}

func unready(f Far) error {
	if err := f.Sender.Ready(f.Unready); err == nil {
		return errors.New("ready")
	}
	m := message(0, f.Unready, "아무도 읽지 말 것")
	_, err := f.Sender.Send(context.Background(), m)
	var se *broadcast.SendError
	if !errors.As(err, &se) || !se.Certain {
		return fmt.Errorf("not certain: %w", err)
	}
	return arrived(f, m, 0)
}

func ready(f Far) error {
	for _, g := range f.Groups {
		if err := f.Sender.Ready(g); err != nil {
			return fmt.Errorf("group %d: %w", g, err)
		}
	}
	return nil
}

func cancelledBefore(f Far) error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	m := message(0, f.Groups[0], "취소")
	_, err := f.Sender.Send(ctx, m)
	var se *broadcast.SendError
	if !errors.As(err, &se) || !se.Certain || !se.Temporary {
		return fmt.Errorf("not certain and temporary: %w", err)
	}
	return arrived(f, m, 0)
}

func cancelledAfter(f Far) error {
	reached, release := f.Hold()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	m := message(0, f.Groups[0], "끝까지")
	done := make(chan error, 1)
	go func() {
		_, err := f.Sender.Send(ctx, m)
		done <- err
	}()
	<-reached
	cancel()
	// Time for a sender that gives up now to say so.
	select {
	case err := <-done:
		release()
		return fmt.Errorf("it gave up although the message had arrived: %w", err)
	case <-time.After(50 * time.Millisecond):
	}
	release()
	if err := <-done; err != nil {
		return fmt.Errorf("after the answer: %w", err)
	}
	return arrived(f, m, 1)
}

func nextOne(f Far) error {
	for i, trouble := range []Trouble{CutBefore, CutAfter, Nonsense, NoID, TooOften} {
		f.Next(trouble)
		if _, err := f.Sender.Send(context.Background(), message(2*i, f.Groups[0], "첫째 "+string(trouble))); err == nil {
			return fmt.Errorf("%s: no error", trouble)
		}
		m := message(2*i+1, f.Groups[1], "둘째 "+string(trouble))
		if _, err := f.Sender.Send(context.Background(), m); err != nil {
			return fmt.Errorf("after %s: %w", trouble, err)
		}
		if err := arrived(f, m, 1); err != nil {
			return err
		}
	}
	return nil
}

func together(f Far) error {
	const each = 20
	var wg sync.WaitGroup
	errs := make([]error, len(f.Groups))
	for i, g := range f.Groups {
		wg.Go(func() {
			for n := range each {
				m := message(each*i+n, g, fmt.Sprintf("무리 %d 통보 %d", i, n))
				if _, err := f.Sender.Send(context.Background(), m); err != nil {
					errs[i] = fmt.Errorf("lane %d, send %d: %w", i, n, err)
					return
				}
				if errs[i] = arrived(f, m, 1); errs[i] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func sameID(f Far) error {
	a, b := message(0, f.Groups[0], "같은 글"), message(1, f.Groups[0], "같은 글")
	for _, m := range []broadcast.Message{a, b} {
		if _, err := f.Sender.Send(context.Background(), m); err != nil {
			return err
		}
	}
	return errors.Join(arrived(f, a, 1), arrived(f, b, 1))
}
