package wxsim

import (
	"maps"
	"time"
)

// Arrival is a message that reached a chat: everybody in it could read it.
type Arrival struct {
	Seq         int       `json:"seq"` // 1, 2, 3 … in the order of arrival
	At          time.Time `json:"at"`
	Account     string    `json:"account"`
	Group       string    `json:"group,omitempty"`  // the hidden id; "" for a direct message
	Person      string    `json:"person,omitempty"` // for a direct message: a friend's nick, or filehelper
	Kind        string    `json:"kind"`             // text, image, file, video or emoticon
	Text        string    `json:"text,omitempty"`
	FileName    string    `json:"file_name,omitempty"`
	MediaMD5    string    `json:"media_md5,omitempty"`
	MediaSize   int64     `json:"media_size,omitempty"`
	ClientMsgID string    `json:"client_msg_id"`
	ServerMsgID string    `json:"server_msg_id"`
	Recalled    bool      `json:"recalled,omitempty"`
}

// Arrivals is the witness: all that really arrived, in order.
func (s *Sim) Arrivals() []Arrival { return s.ArrivalsSince(0) }

// ArrivalsSince leaves out the first n.
func (s *Sim) ArrivalsSince(n int) []Arrival {
	s.lock()
	defer s.mu.Unlock()
	if n < 0 || n >= len(s.arrivals) {
		if n < 0 {
			n = 0
		} else {
			return nil
		}
	}
	return append([]Arrival(nil), s.arrivals[n:]...)
}

// Swallowed is what was answered with Ret 0 and a message id and yet reached nobody.
func (s *Sim) Swallowed() []Arrival {
	s.lock()
	defer s.mu.Unlock()
	return append([]Arrival(nil), s.swallow...)
}

// Forget has the witness begin anew: it lets go what arrived and was swallowed, what was sent when and under which key, what
// the accounts have fetched of their messages, and sessions and codes that are over. For a simulator that lives for months,
// which would else hold all of them. A key of a place that was let go brings what came after it.
func (s *Sim) Forget() {
	now := s.lock()
	defer s.mu.Unlock()
	s.arrivals, s.swallow = nil, nil
	s.texts, s.arrived = map[string]*said{}, map[string]int{}
	for _, a := range s.accounts {
		if n := a.lastBatch[0] - a.forgotten; n > 0 {
			a.log, a.forgotten = append([]entry(nil), a.log[n:]...), a.lastBatch[0]
		}
		a.stats.sends, a.stats.clientID, a.same = nil, map[string]sendKey{}, map[string]int{}
	}
	for id, m := range s.media {
		if m.epoch != m.account.epoch {
			delete(s.media, id)
		}
	}
	for sid, ses := range s.sessions {
		if ses != ses.account.session {
			delete(s.sessions, sid)
		}
	}
	over := func(_ string, q *qr) bool { return q.state == qrUsed || q.expired(now) }
	maps.DeleteFunc(s.qrs, over)
	maps.DeleteFunc(s.tickets, over)
}

// A Saying is what a resident says in answer to a post.
type Saying struct {
	After  time.Duration // how long after the post
	Member string        // a nick; "" is a member by chance
	Text   string
	Quote  bool // the post is quoted, as a plain text
	AsApp  bool // the post is quoted, as an app message
	Of     Msg  // quoted instead of the post, if it has a text
}

// OnPost has fn asked after each message that arrives in a group what the residents answer. It is called without any
// lock, by the request that brought the message, before that is answered.
func (s *Sim) OnPost(fn func(Arrival) []Saying) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onPost = fn
}

func (s *Sim) answerPost(post Arrival, list []Saying) {
	if len(list) == 0 {
		return
	}
	now := s.lock()
	defer s.mu.Unlock()
	g := s.groupID[post.Group]
	for _, say := range list {
		s.at(now.Add(say.After), func(t time.Time) { g.resident(post, say, t) })
	}
}

func (g *Group) resident(post Arrival, say Saying, now time.Time) {
	if g.dissolved {
		return
	}
	i := g.speaker(say.Member)
	if !say.Quote && !say.AsApp {
		g.says(i, say.Text, now)
		return
	}
	of := say.Of
	if of.Text == "" {
		of = Msg{ID: post.ServerMsgID, Group: g.id, Text: post.Text, At: post.At}
		if a := g.sim.byID[post.Account]; a != nil {
			of.Member = a.nick
		}
	}
	g.quotes(i, of, say.Text, say.AsApp, now)
}
