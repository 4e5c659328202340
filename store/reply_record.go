package store

import (
	"time"

	"chunfeng/bot/phone"
)

// ReplyState is what has been done about a reply.
type ReplyState string

// The states of a reply.
const (
	ReplyNew     ReplyState = "new"     // stored, not yet interpreted
	ReplyWaiting ReplyState = "waiting" // from a group that is not bound yet
	ReplyDone    ReplyState = "done"    // became what its intent says
	ReplyReview  ReplyState = "review"  // doubtful: a person decides
	ReplyNoise   ReplyState = "noise"   // chatter: its body is erased
	ReplyNotice  ReplyState = "notice"  // WeChat's own notice or echo, dealt with by the account; or what the bureau itself posted
)

// Class says who reads a stored reply.
type Class uint8

// The readers of stored replies.
const (
	ForRegistrar Class = iota // a resident's message
	ForAccount                // WeChat's notices and the account's own messages: the account itself reads them
)

// Reply is one inbound message that the bot keeps, raw, once.
type Reply struct {
	Number   uint64     `cbor:"1,keyasint" json:"-"`
	Account  string     `cbor:"2,keyasint" json:"account"`
	Epoch    string     `cbor:"3,keyasint" json:"-"`
	MsgID    string     `cbor:"4,keyasint" json:"msg_id"`
	At       time.Time  `cbor:"5,keyasint" json:"at"`          // when it was stored
	UserName string     `cbor:"6,keyasint,omitempty" json:"-"` // the chat, as this session calls it
	Group    uint32     `cbor:"7,keyasint,omitempty" json:"-"` // once known
	State    ReplyState `cbor:"8,keyasint" json:"state"`
	Intent   string     `cbor:"9,keyasint,omitempty" json:"kind,omitempty"`
	Review   string     `cbor:"10,keyasint,omitempty" json:"review,omitempty"` // why it is doubtful
	Sender   string     `cbor:"11,keyasint,omitempty" json:"sender,omitempty"` // the member, as that session calls him: not a name
	Class    Class      `cbor:"16,keyasint,omitempty" json:"-"`                // who reads it
	Raw      []byte     `cbor:"-" json:"-"`                                    // the message as WeChat sent it; sealed at rest, erased when it is noise
	Sealed   []byte     `cbor:"12,keyasint,omitempty" json:"-"`                // Raw, sealed; the store's own
	Handled  time.Time  `cbor:"13,keyasint,omitzero" json:"handled_at,omitzero"`
	Decided  string     `cbor:"14,keyasint,omitempty" json:"decided_by,omitempty"`
	Note     string     `cbor:"15,keyasint,omitempty" json:"note,omitempty"`
}

// SignupStatus is how far a sign-up came.
type SignupStatus string

// The statuses of a sign-up.
const (
	SignupNew       SignupStatus = "new"
	SignupCalled    SignupStatus = "called"
	SignupRefused   SignupStatus = "refused"
	SignupInterview SignupStatus = "interview"
	SignupHired     SignupStatus = "hired"
	SignupUnfit     SignupStatus = "unfit"     // no match was found
	SignupWithdrawn SignupStatus = "withdrawn" // by the resident; the number is erased
)

// Signup is a person's telephone number against a vacancy, traced to the reply and to the delivery that it answers.
type Signup struct {
	Number    uint64       `cbor:"1,keyasint" json:"-"`
	ID        string       `cbor:"2,keyasint" json:"id"` // "N12"
	At        time.Time    `cbor:"3,keyasint" json:"at"`
	Group     uint32       `cbor:"4,keyasint" json:"-"`
	Name      string       `cbor:"-" json:"name,omitempty"`
	Phone     phone.Number `cbor:"-" json:"phone"` // sealed at rest with the name
	Sealed    []byte       `cbor:"5,keyasint,omitempty" json:"-"`
	Lookup    []byte       `cbor:"6,keyasint,omitempty" json:"-"` // keyed hash of the number
	Vacancies []string     `cbor:"7,keyasint,omitempty" json:"vacancies"`
	Batch     string       `cbor:"8,keyasint,omitempty" json:"batch,omitempty"`
	Wave      uint32       `cbor:"9,keyasint,omitempty" json:"-"`
	Seq       uint32       `cbor:"10,keyasint,omitempty" json:"-"` // the delivery that it answers
	Reply     uint64       `cbor:"11,keyasint" json:"-"`
	Others    []uint64     `cbor:"12,keyasint,omitempty" json:"-"` // further replies that said the same
	Status    SignupStatus `cbor:"13,keyasint" json:"status"`
	Updated   time.Time    `cbor:"14,keyasint" json:"updated_at"`
	Notice    string       `cbor:"15,keyasint,omitempty" json:"notice,omitempty"` // hash of the consent notice in the acknowledgement: see ConsentNotice
	Note      string       `cbor:"16,keyasint,omitempty" json:"note,omitempty"`
	Ack       uint32       `cbor:"17,keyasint,omitempty" json:"-"` // the answer that acknowledged it, in wave 0
}

// Gap is a time in which an account could not hear its groups: those must be read by hand.
type Gap struct {
	Number  uint64    `cbor:"1,keyasint" json:"id"`
	Account string    `cbor:"2,keyasint" json:"account"`
	From    time.Time `cbor:"3,keyasint" json:"from"`
	To      time.Time `cbor:"4,keyasint,omitzero" json:"to,omitzero"` // zero: still going on
	Why     string    `cbor:"5,keyasint" json:"why"`
	Groups  []uint32  `cbor:"6,keyasint,omitempty" json:"-"` // the groups that this account served
	ReadBy  string    `cbor:"7,keyasint,omitempty" json:"read_by,omitempty"`
	Torn    bool      `cbor:"8,keyasint,omitempty" json:"-"` // another stream began since: no session that follows replays what was said before
}

// Event is one line of the audit trail.
type Event struct {
	Number uint64    `cbor:"1,keyasint" json:"id"`
	At     time.Time `cbor:"2,keyasint" json:"at"`
	Who    string    `cbor:"3,keyasint" json:"who"`
	What   string    `cbor:"4,keyasint" json:"what"` // "wave.approve"
	On     string    `cbor:"5,keyasint" json:"on"`   // what it was done to
	Detail string    `cbor:"6,keyasint,omitempty" json:"detail,omitempty"`
	Chain  []byte    `cbor:"7,keyasint" json:"chain"` // SHA-256 over the event before and this one
}
