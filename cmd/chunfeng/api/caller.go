package api

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// UserHeader says who acts over the socket, percent-encoded. It is believed: who can open the socket owns the data folder.
const UserHeader = "X-Chunfeng-User"

// Caller is who asks for something.
type Caller struct {
	Name   string     // of the person, as the audit trail keeps it
	From   string     // the address that the person asks from; empty: the socket
	Role   store.Role // empty: the owner of the data folder, who may do everything
	County string     // a code: only that county's groups are seen and used; empty: the whole prefecture
	Lang   words.Lang

	Half  bool // signed in by password alone where a second factor is asked for: may do nothing but prove it
	Stale bool // gave the second factor longer ago than FreshFor: gives it once more before the deeds that ask for it
}

// FreshFor is how long a code of the second factor is fresh: what cannot be taken back (a number that is shown or handed out, a
// person who is erased, a wave that is approved, a sign-in that is given to somebody) asks for one that is no older, so that a
// screen left open or a cookie that was stolen does not suffice. Fifteen minutes are what NIST SP 800-63B (revision 3,
// section 4.3.3) lets pass without a request where it asks for the most. Nobody sets it: longer, it would come to the idle time
// of the session itself, and shorter, whoever calls residents would look at the telephone more than at them.
const FreshFor = 15 * time.Minute

// CodeHeader holds a code of the second factor beside a request over HTTP that asks for a fresh one.
const CodeHeader = "X-Chunfeng-Code"

// staleCode refuses what asks for a fresh code.
func staleCode() error {
	return words.Refuse("second.again", int(FreshFor/time.Minute)).Of(words.FreshCode)
}

// Right is what a route demands of a caller's role.
type Right string

// The rights.
const (
	Read    Right = "read"    // see lists and single things; numbers masked
	Prepare Right = "prepare" // batches, vacancies, groups, plans, tests
	Queue   Right = "queue"   // queue a wave, send again what failed
	Approve Right = "approve" // what somebody else queued
	Control Right = "control" // pause, resume, cancel, stop, recall: the way to less is open to everybody
	Answer  Right = "answer"  // sign-ups' status as calls are made, doubtful replies, gaps
	Reveal  Right = "reveal"  // full numbers, for a stated purpose
	Privacy Right = "privacy" // what one person may ask of the bureau: a copy, erasure; and whom a breach concerns
	Decide  Right = "decide"  // unknown deliveries, doubtful bindings, hand-over
	Oversee Right = "oversee" // sessions of others, the audit trail
	Manage  Right = "manage"  // people, accounts, settings
	Keep    Right = "keep"    // backup and what else belongs to the machine: the owner of the data folder alone
)

// rights says what each role may. Nobody may both queue and approve; who manages people does not see numbers,
// but for the one that a person who asks for a copy has told.
func rights() map[store.Role][]Right {
	return map[store.Role][]Right{
		store.RoleStaff:      {Read, Prepare, Queue, Control, Answer, Reveal},
		store.RoleApprover:   {Read, Approve, Control},
		store.RoleSupervisor: {Read, Control, Answer, Reveal, Privacy, Decide, Oversee},
		store.RoleAdmin:      {Read, Control, Privacy, Oversee, Manage},
	}
}

// May tells whether the caller's role allows something.
func (c Caller) May(r Right) bool {
	return c.Role == "" || slices.Contains(rights()[c.Role], r)
}

// Sees tells whether the caller may see and use a county's groups.
func (c Caller) Sees(county string) bool { return c.County == "" || c.County == county }

// Owner is the handler of the socket: whoever can open it is the owner of the data folder, by the name in UserHeader.
func (a *API) Owner() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lang, _ := words.ParseLang(r.Header.Get("Accept-Language"))
		who, err := url.QueryUnescape(r.Header.Get(UserHeader))
		if err != nil || who == "" {
			who = "?"
		}
		a.Serve(w, r, Caller{Name: who, Lang: lang})
	})
}
