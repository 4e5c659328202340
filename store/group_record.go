package store

import (
	"fmt"
	"slices"
	"time"
)

// GroupState tells whether a group may be written to.
type GroupState string

// The states of a registered group.
const (
	GroupActive   GroupState = "active"
	GroupPaused   GroupState = "paused"    // by staff
	GroupOptedOut GroupState = "opted_out" // by the group itself
)

// Group is one registered residents' group.
type Group struct {
	Number   uint32     `cbor:"1,keyasint" json:"-"` // its key, given in the order of import
	Code     string     `cbor:"2,keyasint" json:"code"`
	Name     string     `cbor:"3,keyasint" json:"name"`
	County   string     `cbor:"4,keyasint" json:"county"` // a code: yanji tumen dunhua hunchun longjing helong wangqing antu
	Township string     `cbor:"5,keyasint,omitempty" json:"township"`
	Kind     string     `cbor:"6,keyasint,omitempty" json:"kind"`    // urban, rural, or what the registry says
	Language string     `cbor:"7,keyasint" json:"language"`          // ko, zh or both
	Tags     []string   `cbor:"8,keyasint,omitempty" json:"tags"`    // interests: what the group's people look for
	Account  string     `cbor:"9,keyasint,omitempty" json:"account"` // who should serve it; empty: whoever can reach it
	State    GroupState `cbor:"10,keyasint" json:"state"`
	StateWhy string     `cbor:"11,keyasint,omitempty" json:"state_why,omitempty"`
	Pairing  string     `cbor:"12,keyasint,omitempty" json:"pairing,omitempty"` // the phrase that proves the group when it is posted in it
	Updated  time.Time  `cbor:"13,keyasint,omitzero" json:"updated_at,omitzero"`
	Without  []string   `cbor:"14,keyasint,omitempty" json:"without,omitempty"` // kinds of notice, by template, that the group is left out of
}

// LeftOut tells whether the group is left out of a kind of notice, or of all.
func (g Group) LeftOut(template string) bool {
	return g.State == GroupOptedOut || slices.Contains(g.Without, template)
}

// Binding is what one account's session calls a group, and how that was proven. It is worth nothing in another session.
type Binding struct {
	Account  string       `cbor:"1,keyasint" json:"account"`
	Epoch    string       `cbor:"2,keyasint" json:"epoch"` // the session: its uin and own user name
	Group    uint32       `cbor:"3,keyasint" json:"-"`
	UserName string       `cbor:"4,keyasint" json:"-"` // "@@…"; only this session knows it
	Name     string       `cbor:"5,keyasint" json:"name"`
	Members  int          `cbor:"6,keyasint,omitempty" json:"members,omitempty"`
	Evidence string       `cbor:"7,keyasint" json:"evidence"` // name, members, phrase, person
	Score    float64      `cbor:"8,keyasint,omitempty" json:"score,omitempty"`
	State    BindingState `cbor:"9,keyasint" json:"state"`
	Why      string       `cbor:"10,keyasint,omitempty" json:"why,omitempty"` // a key of the catalogue and its arguments with " | " between them, or what a person wrote
	At       time.Time    `cbor:"11,keyasint" json:"at"`

	Candidates []string `cbor:"12,keyasint,omitempty" json:"-"` // Quarantined: the chats that it may be, by user name
}

// The evidence that only a person or a phrase gives; matching has words of its own.
const (
	EvidencePerson = "person" // somebody decided
	EvidencePhrase = "phrase" // the pairing phrase was posted in the chat
)

// Chat is a group chat that an account's present session sees and that is not proven to be a registered group.
type Chat struct {
	UserName string `cbor:"1,keyasint" json:"id"` // "@@…": what this session calls it, and what Decision.Chat takes
	Name     string `cbor:"2,keyasint" json:"name"`
	Members  int    `cbor:"3,keyasint,omitempty" json:"members"` // 0: not known
}

// BindingState tells whether a binding may be used.
type BindingState string

// The states of a binding. Only Bound ones are sent to.
const (
	Bound       BindingState = "bound"
	Quarantined BindingState = "quarantined" // doubtful: two candidates, or too little evidence
	Gone        BindingState = "gone"        // removed from the group, or the group was dissolved
)

// Sketch is what is remembered of a group across sessions, to know it again: past names and hashed member names.
type Sketch struct {
	Group   uint32    `cbor:"1,keyasint"`
	Names   []string  `cbor:"2,keyasint"`           // normalised, the newest first, at most 8
	Members []uint64  `cbor:"3,keyasint,omitempty"` // keyed hashes of member names, sorted; names themselves are not kept
	Count   int       `cbor:"4,keyasint,omitempty"`
	At      time.Time `cbor:"5,keyasint"`
	Not     []string  `cbor:"6,keyasint,omitempty"` // names, as they were shown, of chats that a person ruled out; the newest first, at most 8
}

// AccountState is what an account is doing.
type AccountState string

// The states of an account.
const (
	AccountNew         AccountState = "new"
	AccountWaitingScan AccountState = "waiting_scan"
	AccountOnline      AccountState = "online"
	AccountCooling     AccountState = "cooling" // online, but the platform asked for less; derived from Pace
	AccountOffline     AccountState = "offline"
	AccountStopped     AccountState = "stopped" // the platform forbade it; a person decides
	AccountPaused      AccountState = "paused"  // by staff
)

// Account is one WeChat login.
type Account struct {
	Number        uint32       `cbor:"1,keyasint" json:"-"`
	Name          string       `cbor:"2,keyasint" json:"name"`
	County        string       `cbor:"3,keyasint,omitempty" json:"county,omitempty"`
	State         AccountState `cbor:"4,keyasint" json:"state"`
	Why           string       `cbor:"5,keyasint,omitempty" json:"why,omitempty"` // for people: why it is offline or stopped
	DeviceID      string       `cbor:"6,keyasint" json:"-"`
	Uin           int64        `cbor:"7,keyasint,omitempty" json:"-"`
	NickName      string       `cbor:"8,keyasint,omitempty" json:"nick_name,omitempty"`
	Epoch         string       `cbor:"9,keyasint,omitempty" json:"-"` // the session in force
	Paused        bool         `cbor:"10,keyasint,omitempty" json:"paused,omitempty"`
	AddedAt       time.Time    `cbor:"11,keyasint" json:"added_at"`
	OnlineSince   time.Time    `cbor:"12,keyasint,omitzero" json:"online_since,omitzero"`
	LastInboundAt time.Time    `cbor:"13,keyasint,omitzero" json:"last_inbound_at,omitzero"`
	Removed       bool         `cbor:"14,keyasint,omitempty" json:"removed,omitempty"`
}

// Label is the account's name where others than staff may read it: what has more than four digits in a row, and so may be a
// telephone number, is told by the account's number instead. # is in no name.
func (a Account) Label() string {
	run := 0
	for _, r := range a.Name {
		switch {
		case r >= '0' && r <= '9':
			run++
		case r == '-' || r == '.' || r == '_':
			// 138-0013-8000 is one number.
		default:
			run = 0
		}
		if run > 4 {
			return fmt.Sprintf("#%d", a.Number)
		}
	}
	return a.Name
}

// Spent is what an account sent of one kind, as far as its limits look back.
type Spent struct {
	Last   time.Time `cbor:"1,keyasint,omitzero"`
	Recent []int64   `cbor:"2,keyasint,omitempty"` // Unix seconds of the sends of the last hour, oldest first
	Day    string    `cbor:"3,keyasint,omitempty"` // the day that Today counts, 2026-11-22 in the bureau's time zone
	Today  int       `cbor:"4,keyasint,omitempty"`
	Gap    int64     `cbor:"5,keyasint,omitempty"` // the pause drawn for the next send, in milliseconds: a restart does not draw again

	CoolingUntil time.Time   `cbor:"6,keyasint,omitzero"`
	Level        int         `cbor:"7,keyasint,omitempty"`  // how many cool-downs in a row
	Hits         []time.Time `cbor:"8,keyasint,omitempty"`  // the platform's signals of the last 24 hours
	HalvedUntil  time.Time   `cbor:"9,keyasint,omitzero"`   // the daily cap is halved until then
	Probe        bool        `cbor:"10,keyasint,omitempty"` // one send is on trial after a cool-down
}

// Pace is what an account's pacing remembers, kept with every claim so that a restart forgets nothing.
type Pace struct {
	Account string    `cbor:"1,keyasint"`
	Text    Spent     `cbor:"2,keyasint"`
	Media   Spent     `cbor:"3,keyasint"`
	Since   time.Time `cbor:"4,keyasint,omitzero"` // when the account first sent: the warm-up counts from here
}
