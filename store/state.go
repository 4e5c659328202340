package store

import (
	"encoding/json"
	"fmt"
)

// State is what is known of a delivery. Exactly one holds at any commit.
type State uint8

// The states of a delivery, each with what it means and who moves it on.
const (
	Planned   State = iota // waits for its lane; the lane claims it
	Held                   // Planned under a wave that is held or paused; a person or the hold's end releases it. Never stored: derived from the wave, so that holding a million costs one record
	Sending                // claimed, on disk, perhaps on the wire; the lane settles it, or start-up makes it Unknown
	Accepted               // the server answered with an id; the confirmer moves it on
	Sent                   // accepted, heard out by its account and not contradicted for wave.confirm_after, or confirmed by an echo or a person; a notice that comes later makes it Unknown
	Failed                 // certainly not sent, and final until a person retries it
	Unknown                // it may have arrived; only evidence or a person moves it on
	Skipped                // decided before the wire that it is not sent; its reason says why
	Cancelled              // the wave was cancelled before it was claimed
	Recalled               // sent, then taken back within the two minutes that WeChat grants
	states                 // their count
)

var stateNames = [states]string{"planned", "held", "sending", "accepted", "sent", "failed", "unknown", "skipped", "cancelled", "recalled"}

// States lists them in the order in which they are reported.
func States() []State {
	return []State{Planned, Held, Sending, Accepted, Sent, Failed, Unknown, Skipped, Cancelled, Recalled}
}

// String answers the name that scripts rely on.
func (s State) String() string {
	if s < states {
		return stateNames[s]
	}
	return fmt.Sprintf("state(%d)", uint8(s))
}

// ParseState takes a name.
func ParseState(name string) (State, bool) {
	for i, n := range stateNames {
		if n == name {
			return State(i), true
		}
	}
	return 0, false
}

// MarshalText writes the name.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the name.
func (s *State) UnmarshalText(b []byte) error {
	v, ok := ParseState(string(b))
	if !ok {
		return fmt.Errorf("no delivery state is called %q", b)
	}
	*s = v
	return nil
}

// moves is the state table of a delivery: from each state, the states that a verb may move it to.
// Held is missing: it is Planned as far as the table goes.
var moves = [states][]State{
	Planned:  {Sending, Skipped, Cancelled, Planned},
	Sending:  {Accepted, Planned, Failed, Unknown},
	Accepted: {Sent, Planned, Failed, Unknown, Recalled},
	Sent:     {Recalled, Failed, Planned, Unknown},
	Failed:   {Planned, Sent},
	Unknown:  {Sent, Failed, Planned},
	Skipped:  {Planned},
}

// may tells whether the table has a way from one state to another.
func may(from, to State) bool {
	for _, s := range moves[from] {
		if s == to {
			return true
		}
	}
	return false
}

// Tally counts a wave's deliveries by state. Held is never counted in the ledger: see Wave.View.
type Tally [states]int

// Total is the number of deliveries.
func (t Tally) Total() int {
	n := 0
	for _, c := range t {
		n += c
	}
	return n
}

// Open is the number of deliveries that the machine still has to move.
func (t Tally) Open() int { return t[Planned] + t[Held] + t[Sending] + t[Accepted] }

// MarshalJSON writes an object from state names to counts, every state present.
func (t Tally) MarshalJSON() ([]byte, error) {
	m := make(map[string]int, states)
	for i, c := range t {
		m[State(i).String()] = c
	}
	return json.Marshal(m)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (t *Tally) UnmarshalJSON(b []byte) error {
	m := map[State]int{}
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	*t = Tally{}
	for s, c := range m {
		t[s] = c
	}
	return nil
}

// Reason says in one stable word why a delivery was skipped, failed, is unknown or waits. People count by it; the
// words for people stand in the catalogue under "reason.".
type Reason string

// The reasons that the ledger itself gives. Senders add theirs.
const (
	ReasonNone          Reason = ""
	ReasonCrash         Reason = "crash"            // the program ended while the delivery was on the wire
	ReasonNoAccount     Reason = "no_account"       // no account that may serve the group
	ReasonNotBound      Reason = "not_bound"        // the group is not bound in this session
	ReasonGroupPaused   Reason = "group_paused"     // staff paused the group
	ReasonOptedOut      Reason = "opted_out"        // the group asked not to be written to
	ReasonNothing       Reason = "nothing_to_tell"  // no open vacancy concerns the group
	ReasonDailyLimit    Reason = "daily_limit"      // the group had its broadcasts for the day
	ReasonExpired       Reason = "expired"          // the wave's vacancies ran out before its turn came
	ReasonClosed        Reason = "vacancies_closed" // every vacancy of the content was filled or withdrawn
	ReasonResolved      Reason = "resolved"         // a person decided
	ReasonTooOften      Reason = "too_often"        // WeChat said "sent too often" in the chat
	ReasonEcho          Reason = "echo"             // the message came back through sync: it arrived
	ReasonUnheard       Reason = "unheard"          // the server took it, and the account could not hear whether it was taken back
	ReasonRetried       Reason = "retried"          // a person ordered the failed to be tried again
	ReasonRemoved       Reason = "removed"          // the account is no longer in the group
	ReasonNotAnswered   Reason = "no_answer"        // the bytes left and no answer came
	ReasonAfterExpiry   Reason = "too_late"         // an acknowledgement that would come too late to be polite
	ReasonWithdrawn     Reason = "withdrawn"        // the resident took back what it would have acknowledged
	ReasonHandedOver    Reason = "handed_over"      // a person gave the account's groups to another one
	ReasonOtherPartLost Reason = "other_part"       // an earlier part of the same post did not go out
)

// Outcome is how an attempt ended.
type Outcome uint8

// The outcomes of an attempt.
const (
	InFlight  Outcome = iota // claimed and not settled
	Taken                    // the server accepted the message
	NotSent                  // certainly not sent, trying again may help
	Refused                  // certainly not sent, final
	NotKnown                 // nothing is known
	TakenBack                // accepted, then contradicted by the platform's notice
	outcomeEnd
)

var outcomeNames = [outcomeEnd]string{"in_flight", "taken", "not_sent", "refused", "not_known", "taken_back"}

// String answers the outcome's name.
func (o Outcome) String() string {
	if o < outcomeEnd {
		return outcomeNames[o]
	}
	return fmt.Sprintf("outcome(%d)", uint8(o))
}

// MarshalText writes the name.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads the name.
func (o *Outcome) UnmarshalText(b []byte) error {
	for i, n := range outcomeNames {
		if n == string(b) {
			*o = Outcome(i)
			return nil
		}
	}
	return fmt.Errorf("no outcome is called %q", b)
}
