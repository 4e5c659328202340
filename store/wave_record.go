package store

import (
	"time"

	"chunfeng/templates/words"
)

// Audience is a filter over groups. An empty field does not filter; within a field any value will do.
type Audience struct {
	Counties  []string `cbor:"1,keyasint,omitempty" json:"counties,omitempty"`
	Townships []string `cbor:"2,keyasint,omitempty" json:"townships,omitempty"`
	Kinds     []string `cbor:"3,keyasint,omitempty" json:"kinds,omitempty"`
	Languages []string `cbor:"4,keyasint,omitempty" json:"languages,omitempty"`
	Tags      []string `cbor:"5,keyasint,omitempty" json:"tags,omitempty"`
	Groups    []string `cbor:"6,keyasint,omitempty" json:"groups,omitempty"` // codes
}

// Missed says what happens to an occurrence whose time passed while the program was down or the wave not approved.
type Missed string

// The policies for a missed occurrence.
const (
	MissedSkip Missed = "skip" // it is recorded as skipped
	MissedLate Missed = "late" // it is sent late, the newest missed one only
	MissedAsk  Missed = "ask"  // its wave waits as a draft for a person
)

// Form says as what a group gets a wave.
type Form string

// The forms of a wave.
const (
	FormText   Form = "" // so that the plans of before there were posters keep their hash
	FormPoster Form = "poster"
	FormBoth   Form = "both" // the text first, then the poster
)

// Plan is what a schedule sends, to whom and how: what approval is bound to.
type Plan struct {
	Batch    string        `cbor:"1,keyasint" json:"batch"`
	Template string        `cbor:"2,keyasint" json:"template"` // "digest" unless staff chose another
	Audience Audience      `cbor:"3,keyasint" json:"audience"`
	Parts    int           `cbor:"4,keyasint" json:"parts"` // the most texts a group gets; at least 1
	Hold     time.Duration `cbor:"5,keyasint" json:"hold"`
	Canary   int           `cbor:"6,keyasint,omitempty" json:"canary,omitempty"`  // groups that go first; 0: none
	Observe  time.Duration `cbor:"7,keyasint,omitempty" json:"observe,omitempty"` // how long the canary is watched
	Missed   Missed        `cbor:"8,keyasint" json:"missed"`

	// 9 was the hash of a picture, which no command ever set.
	Form        Form   `cbor:"10,keyasint,omitempty" json:"form,omitempty"`
	PosterPages int    `cbor:"11,keyasint,omitempty" json:"poster_pages,omitempty"` // the most pictures a group gets; 0 where the form has none
	PosterURL   string `cbor:"12,keyasint,omitempty" json:"poster_url,omitempty"`   // behind the poster's QR code; empty: it has none
}

// Texts tells whether groups get the plan as text.
func (p Plan) Texts() bool { return p.Form != FormPoster }

// Posters tells whether groups get the plan as pictures.
func (p Plan) Posters() bool { return p.Form == FormPoster || p.Form == FormBoth }

// Schedule is a plan with a time: once, or by a cron spec.
type Schedule struct {
	ID         string    `cbor:"1,keyasint" json:"id"` // "S3"
	Plan       Plan      `cbor:"2,keyasint" json:"plan"`
	At         time.Time `cbor:"3,keyasint,omitzero" json:"at,omitzero"` // once
	Cron       string    `cbor:"4,keyasint,omitempty" json:"cron,omitempty"`
	Zone       string    `cbor:"5,keyasint" json:"zone"`
	State      string    `cbor:"6,keyasint" json:"state"` // draft, approved, ended, cancelled
	Hash       string    `cbor:"7,keyasint" json:"hash"`
	Last       time.Time `cbor:"8,keyasint,omitzero" json:"last,omitzero"` // the last occurrence that was dealt with
	CreatedAt  time.Time `cbor:"9,keyasint" json:"created_at"`
	CreatedBy  string    `cbor:"10,keyasint,omitempty" json:"created_by,omitempty"`
	ApprovedBy string    `cbor:"11,keyasint,omitempty" json:"approved_by,omitempty"`
}

// WaveState is a wave's place in its life.
type WaveState string

// In says the state for people.
func (s WaveState) In(l words.Lang) string { return words.Say(l, "state."+string(s)) }

// The states of a wave.
const (
	WaveDraft     WaveState = "draft"    // queued, waits for approval
	WaveApproved  WaveState = "approved" // waits for its time, or is being opened
	WaveHolding   WaveState = "holding"  // open; the undo window runs
	WaveRunning   WaveState = "running"
	WavePaused    WaveState = "paused" // by a person, by the canary, or by the emergency stop
	WaveFinished  WaveState = "finished"
	WaveFailures  WaveState = "finished_with_failures" // some failed or are unknown
	WaveCancelled WaveState = "cancelled"
)

// Over tells that the machine sends nothing more of a wave in this state.
func (s WaveState) Over() bool {
	return s == WaveFinished || s == WaveFailures || s == WaveCancelled
}

// Wave is one occurrence of a schedule: one push. Unique by (schedule, time).
type Wave struct {
	Number     uint32    `cbor:"1,keyasint" json:"-"`
	ID         string    `cbor:"2,keyasint" json:"id"` // "2026-012"
	Schedule   string    `cbor:"3,keyasint" json:"schedule"`
	At         time.Time `cbor:"4,keyasint" json:"at"` // the occurrence
	Plan       Plan      `cbor:"5,keyasint" json:"plan"`
	State      WaveState `cbor:"6,keyasint" json:"state"`
	Why        string    `cbor:"7,keyasint,omitempty" json:"why,omitempty"` // why it is paused, cancelled or a draft again: a key of the catalogue
	Hash       string    `cbor:"8,keyasint" json:"hash"`
	Total      int       `cbor:"9,keyasint" json:"total"`
	Counts     Tally     `cbor:"-" json:"-"` // as stored, in a record of its own; people see View's
	CreatedAt  time.Time `cbor:"11,keyasint" json:"created_at"`
	CreatedBy  string    `cbor:"12,keyasint,omitempty" json:"created_by,omitempty"`
	ApprovedAt time.Time `cbor:"13,keyasint,omitzero" json:"approved_at,omitzero"`
	ApprovedBy string    `cbor:"14,keyasint,omitempty" json:"approved_by,omitempty"`
	OpenedAt   time.Time `cbor:"15,keyasint,omitzero" json:"opened_at,omitzero"`
	HoldUntil  time.Time `cbor:"16,keyasint,omitzero" json:"hold_until,omitzero"`
	FirstAt    time.Time `cbor:"17,keyasint,omitzero" json:"first_at,omitzero"` // the first claim
	FinishedAt time.Time `cbor:"18,keyasint,omitzero" json:"finished_at,omitzero"`
	Opening    bool      `cbor:"19,keyasint,omitempty" json:"-"` // its deliveries are being written
	CanaryDone bool      `cbor:"20,keyasint,omitempty" json:"-"`
	Stopped    bool      `cbor:"21,keyasint,omitempty" json:"stopped,omitempty"` // by the emergency stop
	Expires    time.Time `cbor:"22,keyasint,omitzero" json:"expires,omitzero"`   // when the last of its vacancies runs out
	Groups     int       `cbor:"23,keyasint,omitempty" json:"-"`                 // that were to get it when it was opened
	Test       bool      `cbor:"25,keyasint,omitempty" json:"test,omitempty"`    // staff look at what one group would get
	Shares     []Share   `cbor:"24,keyasint,omitempty" json:"-"`                 // what was said to how many, as it was approved
	Forecast   time.Time `cbor:"26,keyasint,omitzero" json:"-"`                  // when it was to be done, as it was opened; zero: nobody reckoned
}

// Share is to how many groups of a wave a content was to go.
type Share struct {
	Content uint32 `cbor:"1,keyasint"`
	Groups  int    `cbor:"2,keyasint"`
}

// Held tells whether the wave's planned deliveries are held.
func (w Wave) Held() bool { return w.State == WaveHolding || w.State == WavePaused }

// View answers the tally as people see it: under a held wave what is planned is held.
func (w Wave) View() Tally {
	t := w.Counts
	if w.Held() {
		t[Held], t[Planned] = t[Planned], 0
	}
	return t
}

// Lane is one account's share of a wave: a run of deliveries, and how far the lane came.
type Lane struct {
	Wave    uint32
	Account string
	From    uint32    // first seq
	To      uint32    // behind the last
	Next    uint32    // everything before was claimed, skipped or moved to the queue of those that wait
	Counts  Tally     // of the deliveries that this account has
	FirstAt time.Time // the first claim
	LastAt  time.Time // the last claim

	Pictures int // of Counts[Planned], those with a pace of their own: pictures and files
}

// Content is the rendered bytes, stored once by hash. A private one, which names a resident, is stored for its one delivery
// alone and erased with the sign-up.
type Content struct {
	Number    uint32   `cbor:"1,keyasint" json:"-"`
	Hash      string   `cbor:"2,keyasint" json:"hash"` // SHA-256 of kind, name and body, in hex
	Kind      Kind     `cbor:"3,keyasint" json:"kind"`
	Body      []byte   `cbor:"-" json:"body"`                              // sealed at rest: it may name people
	Name      string   `cbor:"5,keyasint,omitempty" json:"name,omitempty"` // a file's name as residents see it
	Vacancies []string `cbor:"6,keyasint,omitempty" json:"vacancies,omitempty"`
	Batch     string   `cbor:"7,keyasint,omitempty" json:"batch,omitempty"`
	Language  string   `cbor:"8,keyasint,omitempty" json:"language,omitempty"`
	County    string   `cbor:"9,keyasint,omitempty" json:"county,omitempty"`
	Template  string   `cbor:"10,keyasint,omitempty" json:"template,omitempty"`
	Amends    uint32   `cbor:"11,keyasint,omitempty" json:"-"`              // the approved content that this one is, less what was filled since
	Part      int      `cbor:"12,keyasint,omitempty" json:"part,omitempty"` // from 1
	Of        int      `cbor:"13,keyasint,omitempty" json:"of,omitempty"`
	Private   bool     `cbor:"14,keyasint,omitempty" json:"private,omitempty"`
	Sealed    []byte   `cbor:"15,keyasint,omitempty" json:"-"` // Body, sealed; the store's own
	Doomed    bool     `cbor:"16,keyasint,omitempty" json:"-"` // to be erased when it is no longer on the wire
}

// Kind is the kind of a message on the wire; each kind has a pace of its own.
type Kind string

// The kinds of message.
const (
	Text  Kind = "text"
	Image Kind = "image"
	File  Kind = "file"
)

// Media tells whether a kind is uploaded before it is sent, which the platform counts apart.
func (k Kind) Media() bool { return k == Image || k == File }

// Delivery is one content for one group. It has the state.
type Delivery struct {
	Wave     uint32 // 0: answers to residents
	Seq      uint32 // its place in the wave, in the order of writing
	Group    uint32
	Part     uint8
	Account  string
	Content  uint32
	State    State
	Reason   Reason
	After    time.Time // Planned: not before
	Updated  time.Time
	Attempts []Attempt
	Reply    uint64 // what it answers, for wave 0
	Kind     Kind   // empty: text
	Note     string // what a person said when deciding
	Queued   bool   // it waits in the queue rather than in its lane's run
	Canary   bool
}

// Attempt is one try at a delivery. It reaches the wire at most once.
type Attempt struct {
	ClientID int64     `json:"client_id"` // the idempotency key on the wire: 17 digits, never used twice
	Account  string    `json:"account"`
	At       time.Time `json:"at"`
	Ended    time.Time `json:"ended,omitzero"`
	Outcome  Outcome   `json:"outcome"`
	Reason   Reason    `json:"reason,omitempty"`
	ServerID string    `json:"server_id,omitempty"`
	Detail   string    `json:"detail,omitempty"` // the error's text, for the operator
	Content  uint32    `json:"-"`                // what was sent
}

// ServerID is the id that the server gave to the last attempt that it took.
func (d Delivery) ServerID() string {
	for i := len(d.Attempts) - 1; i >= 0; i-- {
		if id := d.Attempts[i].ServerID; id != "" {
			return id
		}
	}
	return ""
}
