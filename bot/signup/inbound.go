package signup

import "time"

// Sort is the sort of an inbound message.
type Sort uint8

// The sorts, as far as reading differs.
const (
	OtherSort  Sort = iota // pictures, voice, video, stickers, cards, links, files: not read
	TextSort               // something written, perhaps quoting
	SystemSort             // notices of WeChat itself in the group
	RecallSort             // a member took a message back; Inbound.Recalls says which
	StatusSort             // traffic between the account's own devices
)

// String returns the sort's stable name.
func (s Sort) String() string {
	switch s {
	case TextSort:
		return "text"
	case SystemSort:
		return "system"
	case RecallSort:
		return "recall"
	case StatusSort:
		return "status"
	}
	return "other"
}

// Inbound is one message as a person would see it: no markup, no escapes, no sender's prefix.
type Inbound struct {
	ID      string // the server's id for the message in this account's session
	Room    string // the group's user name in this session (@@…); "" when it was not said in a group
	Sender  string // the member's user name in this session (@…); "" for the account itself and for WeChat
	IsSelf  bool   // written by the account's own holder, on the telephone or by this program
	Sort    Sort
	Text    string    // what was written, without what it quotes; "" unless TextSort or SystemSort
	Quote   *Quote    // what it quotes, if anything
	Recalls string    // the ID of the message taken back, for RecallSort
	At      time.Time // when the server took it, to the second; zero when it did not say
}

// Quote is what a reply quotes, as far as the protocol carries it: WeChat shortens it.
type Quote struct {
	By   string // the nickname of who wrote it
	Text string
}
