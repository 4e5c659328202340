package broadcast

import (
	"math/rand/v2"
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// Options of New. A zero duration takes the default that is named; so tests and the configuration say only what differs.
type Options struct {
	Store   *store.Store
	Planner *Planner // its zone, pacing, quiet time and daily limit are those of the lanes

	ConfirmAfter time.Duration // how long what the server accepted must stay uncontradicted to count as sent; 0: at once
	Answers      AnswerLimits  // to one group
	Late         time.Duration // an occurrence later than this was missed; 0: 5 min
	SendTimeout  time.Duration // the longest that one send may take; 0: 30 s
	HandOver     time.Duration // for how long an account is out of reach before others take over; 0: 30 min
	BindGrace    time.Duration // for how long after a login groups may be found; 0: 10 min
	Again        time.Duration // the wait before the second try, four times as long before the third; 0: 30 s
	Trouble      int           // so many failed and unknown since it last started, and a tenth of the tries, pause a wave; 0: 10

	// Event is told of what people should know. It must not block. nil: nobody.
	Event func(Event)
	// Signalled is told of each time that the platform said something of an account rather than of a message. It must not
	// block. nil: nobody.
	Signalled func(account string, s Signal)
}

// Event is something that people should know.
type Event struct {
	Account string // empty: none in particular
	Wave    string // its id; empty: none in particular
	Alert   bool   // somebody must do something
	What    words.Text
	Err     error // for the log; may be nil
}

// AnswerLimits keep answers to one group apart. The zero value does not limit.
type AnswerLimits struct {
	Every   time.Duration // between two answers
	PerHour int
	Within  time.Duration // an answer that would come later than this after its question is not sent; 0: 12 h
}

// PoliteAnswers is what goes with real groups: one in 30 s and five an hour. Members complain of a bot that talks more.
func PoliteAnswers() AnswerLimits { return AnswerLimits{Every: 30 * time.Second, PerHour: 5} }

// tries is how often a delivery is tried that certainly was not sent.
const tries = 3

func (o Options) withDefaults() Options {
	for _, d := range []struct {
		value    *time.Duration
		fallback time.Duration
	}{
		{&o.Late, 5 * time.Minute}, {&o.SendTimeout, 30 * time.Second}, {&o.HandOver, 30 * time.Minute},
		{&o.BindGrace, 10 * time.Minute}, {&o.Again, 30 * time.Second}, {&o.Answers.Within, 12 * time.Hour},
	} {
		if *d.value == 0 {
			*d.value = d.fallback
		}
	}
	if o.Trouble == 0 {
		o.Trouble = 10
	}
	if o.Event == nil {
		o.Event = func(Event) {}
	}
	if o.Signalled == nil {
		o.Signalled = func(string, Signal) {}
	}
	return o
}

// random draws a pause: drawn, not computed, so that accounts of one bureau do not all send at the same second.
func random(spread time.Duration) time.Duration {
	if spread <= 0 {
		return 0
	}
	return rand.N(spread + 1)
}
