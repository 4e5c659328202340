package bot

import (
	"fmt"
	"strings"

	"chunfeng/templates/words"
)

// EventKind says what happened.
type EventKind string

// What can happen to an account.
const (
	ShowCode      EventKind = "show_code"      // a QR code waits to be scanned: ask QR
	CodeScanned   EventKind = "code_scanned"   // it was scanned; the phone asks for a confirmation
	ConfirmPhone  EventKind = "confirm_phone"  // push login: the phone asks for a confirmation
	Online        EventKind = "online"         // a session began
	GroupsMatched EventKind = "groups_matched" // the groups of the session are known: State has the counts
	Offline       EventKind = "offline"        // a session ended or a login failed; it goes on by itself
	Stopped       EventKind = "stopped"        // a person must decide
	SyncTrouble   EventKind = "sync_trouble"   // nothing was heard for five minutes because of errors
	SyncRecovered EventKind = "sync_recovered" // and that is over
	Silent        EventKind = "silent"         // it sends and hears nothing: open WeChat on the phone
)

// Event is something that happened to an account.
type Event struct {
	Account string
	Kind    EventKind
	Why     string // a text of Why; may be empty
	Err     error  // what lies beneath, for logs; may be nil
}

// emit tells of an event.
func (a *Account) emit(e Event) {
	e.Account = a.o.Account
	if a.o.Events != nil {
		a.o.Events(e)
	}
}

// whySeparator stands between a catalogue's key and its arguments.
const whySeparator = " | "

// Why is a reason as the ledger keeps it: a key of the catalogue and its arguments in one string, which can be read as it
// is. ReadWhy takes it apart.
func Why(key string, args ...any) string {
	parts := []string{key}
	for _, v := range args {
		parts = append(parts, strings.ReplaceAll(fmt.Sprint(v), whySeparator, " / "))
	}
	return strings.Join(parts, whySeparator)
}

// ReadWhy answers the text for people of what Why made; anything else is its own text.
func ReadWhy(s string) words.Text {
	parts := strings.Split(s, whySeparator)
	args := make([]any, len(parts)-1)
	for i, p := range parts[1:] {
		args[i] = p
	}
	return words.T(parts[0], args...)
}
