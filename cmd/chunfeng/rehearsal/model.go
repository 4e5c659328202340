package rehearsal

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Model names what goes wrong in a rehearsal.
type Model string

// The models. Each but Calm has the troubles of Usual too.
const (
	Calm      Model = "calm"       // nothing goes wrong
	Usual     Model = "usual"      // what this installation's own history shows
	Throttled Model = "throttled"  // WeChat asks for less from 250 messages a day on, half of what people report
	LoggedOut Model = "logged_out" // sessions end as often as the worst that people report
	BadLine   Model = "bad_line"   // one send in fifty stays without an answer, and now and then the line is bad for minutes
	Banned    Model = "banned"     // one account is forbidden web login in the middle of the wave
)

// Models are all of them, the mildest first.
func Models() []Model { return []Model{Calm, Usual, Throttled, LoggedOut, BadLine, Banned} }

// Known tells whether there is such a model.
func (m Model) Known() bool { return slices.Contains(Models(), m) }

// What is assumed where an installation has no history of its own. Connections cut in one to two sends of a hundred and
// sessions of half a day to some weeks are what users of the web protocol report; the others nobody has measured.
const (
	assumedUnknown = 0.01
	assumedAnswer  = 400 * time.Millisecond
	assumedReplies = 0.01

	// shortestSession is the shortest that people report: what is shorter in a history is a trial and not a season.
	shortestSession = 15 * time.Minute
)

// troubles is a model for one seed: faults of the simulator, how residents answer, and how long people take.
type troubles struct {
	faults  string
	replies float64
	away    time.Duration
}

// Assumed tells which figures of a history are too few to go by, so that assumed ones stand in.
func (h History) Assumed() (rates, sessions bool) {
	return h.Attempts < enoughAttempts, h.Sessions < enoughSessions || h.Session < shortestSession || h.Away == 0
}

// spell is a model in the simulator's words.
func (m Model) spell(st *Stage, rng *rand.Rand) troubles {
	t := troubles{away: st.Person}
	if m == Calm {
		return t
	}
	h := st.History
	rates, sessions := h.Assumed()
	if rates {
		h.Unknown, h.Refused, h.Unreachable, h.TooOften, h.Answer, h.Replies = assumedUnknown, 0, 0, 0, assumedAnswer, assumedReplies
	}
	if !sessions {
		t.away = h.Away
	}
	t.replies = h.Replies
	add := func(f string, args ...any) {
		if t.faults != "" {
			t.faults += ";"
		}
		t.faults += fmt.Sprintf(f, args...)
	}
	chance := func(name string, p float64, more string) {
		if p > 0 {
			add("%s:p=%.6f%s", name, p, more)
		}
	}
	unknown := h.Unknown
	if m == BadLine {
		unknown = max(unknown, 0.02)
		add("wire.502:p=0.002,on=send")
		add("send.minus1:p=0.002")
		add("wire.cut_after:p=0.01,on=sync")
	} else {
		chance("send.minus1", h.Refused, "")
	}
	// Nobody knows of an answer that did not come whether the message did: half of them do here.
	chance("send.cut_before", unknown/2, "")
	chance("send.cut_after", unknown/2, "")
	chance("send.1204", h.Unreachable, "")
	if m == Throttled {
		add("send.day_cap:n=250,block=12h,mode=notice")
	} else {
		chance("send.1205", h.TooOften, "")
	}
	if h.Answer > 0 {
		add("wire.slow:on=send,when=before,delay=%s-%s", (h.Answer / 2).Round(time.Millisecond), (h.Answer * 3 / 2).Round(time.Millisecond))
	}
	switch {
	case m == LoggedOut:
		add("session.life:ttl=%s", time.Duration((2+22*rng.Float64())*float64(time.Hour)).Round(time.Second))
		add("session.midnight:from=0,to=4,on=sync")
	case sessions:
		add("session.life") // the mixture that people report
	default:
		// The life of a session is drawn anew a seed, for nobody knows more of it than a mean.
		add("session.life:ttl=%s", time.Duration(rng.ExpFloat64()*float64(h.Session)+float64(shortestSession)).Round(time.Second))
	}
	if m == Banned && len(st.Accounts) > 0 {
		unlucky := st.Accounts[rng.IntN(len(st.Accounts))].Name
		after := 1 + rng.IntN(max(1, len(st.Groups)/len(st.Accounts)))
		add("session.cut:account=%s,on=send,after=%d,times=1,code=1101", unlucky, after)
		add("login.1203:account=%s,after=1", unlucky)
		add("login.push_refused:account=%s", unlucky)
	}
	return t
}
