package broadcast

import (
	"context"
	"fmt"
	"time"

	"chunfeng/store"
)

// Message is one content for one group, as an attempt puts it on a wire.
type Message struct {
	ClientID int64  // the attempt's idempotency key: 17 digits, never used twice
	Group    uint32 // the group's number in the ledger; the sender knows what its session calls it
	Self     bool   // it goes to the account's own file helper instead, which nobody but its owner reads; Group is 0
	Kind     store.Kind
	Text     string // Kind Text
	Body     []byte // Kind Image, File
	Name     string // a file's name as residents see it
	Hash     string // the content's hash: a sender that uploads keeps what it uploaded under it
}

// Receipt is what the server said of a message that it accepted.
type Receipt struct {
	ServerID string // never empty
}

// Sender puts messages on a wire. One account has one; it is called by one lane at a time.
type Sender interface {
	// Ready tells whether a group can be written to at this moment: nil, or a *SendError that says why not. It costs no
	// traffic.
	Ready(group uint32) error
	// Send sends m once. It must not retry. A nil error means that the server accepted m; a *SendError says what is known;
	// any other error means that nothing is known.
	Send(ctx context.Context, m Message) (Receipt, error)
}

// Recaller is a Sender that can take a message back.
type Recaller interface {
	// Recall takes back a message that this session sent less than two minutes ago.
	Recall(ctx context.Context, group uint32, clientID int64, serverID string) error
}

// Listener is a Sender that hears what WeChat says afterwards: a message may be accepted and then contradicted by a notice in
// its chat.
type Listener interface {
	// HeardOut answers until when everything that the server had to say was heard without a gap, and had its effect; zero:
	// nothing since the program started. It costs no traffic.
	HeardOut() time.Time
}

// SendError says what is known of a message that was not accepted. The zero value claims nothing: not certain, not
// temporary.
type SendError struct {
	Reason    store.Reason  // for people, stable enough to count by
	Certain   bool          // the message certainly did not arrive
	Temporary bool          // and trying again may help
	After     time.Duration // but not sooner than this
	Signal    Signal        // what it tells of the account
	Err       error
}

// Signal is what the platform tells of the account rather than of one message.
type Signal uint8

// The signals, each stronger than the one before.
const (
	NoSignal  Signal = iota
	TooOften         // slow down: 1205, or "sent too often" in the chat
	LoggedOut        // the session is over: wait for the next login
	Forbidden        // the account may not: a person decides
)

// String answers the name by which signals are counted.
func (s Signal) String() string {
	switch s {
	case TooOften:
		return "too_often"
	case LoggedOut:
		return "logged_out"
	case Forbidden:
		return "forbidden"
	}
	return "none"
}

// Error says the reason and what lies beneath.
func (e *SendError) Error() string {
	if e.Err == nil {
		return string(e.Reason)
	}
	return fmt.Sprintf("%s: %v", e.Reason, e.Err)
}

// Unwrap answers what lies beneath.
func (e *SendError) Unwrap() error { return e.Err }
