package wxsim

import (
	"encoding/xml"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

type sendReply struct {
	BaseResponse baseResponse
	MsgID        string
	LocalID      string
}

type sendRequest struct {
	BaseRequest baseRequest
	Msg         struct {
		Type         int
		Content      string
		FromUserName string
		ToUserName   string
		LocalID      string
		ClientMsgId  string
		MediaId      string
		Signature    string
		EMoticonMd5  string
	}
}

func (c *call) kind() string {
	switch c.endpoint {
	case "webwxsendmsgimg":
		return "image"
	case "webwxsendappmsg":
		return "file"
	case "webwxsendvideomsg":
		return "video"
	case "webwxsendemoticon":
		return "emoticon"
	}
	return "text"
}

func (s *Sim) send(c *call) reply {
	var req sendRequest
	if !decode(c.body, &req) {
		return retOnly(1)
	}
	now := s.lock()
	ses, code := s.auth(c, req.BaseRequest, now)
	if code != 0 {
		s.mu.Unlock()
		return answer(sendReply{BaseResponse: baseResponse{Ret: code}})
	}
	a := ses.account
	draft := Arrival{Account: a.id, Kind: c.kind(), Text: req.Msg.Content, ClientMsgID: req.Msg.ClientMsgId, At: now}
	room := a.byUser[req.Msg.ToUserName]
	if room != nil {
		draft.Group = room.group.id
	}
	a.stats.send(now, draft, req.Msg.MediaId)
	watched := len(s.onSend) > 0 || len(s.holds) > 0
	s.mu.Unlock()
	if watched {
		s.stage(BeforeAccept, draft)
	}
	now = s.lock()
	if ses.dead != 0 {
		code = ses.dead
		s.mu.Unlock()
		return answer(sendReply{BaseResponse: baseResponse{Ret: code}})
	}
	out := s.accept(a, room, &req, draft, now)
	post := s.onPost
	s.mu.Unlock()
	if out.done {
		if watched {
			s.stage(AfterAccept, out.arrival)
		}
		if post != nil && out.arrival.Group != "" {
			s.answerPost(out.arrival, post(out.arrival))
		}
	}
	switch {
	case out.bare:
		return text("{}")
	default:
		return answer(sendReply{BaseResponse: baseResponse{Ret: out.ret}, MsgID: out.msgID, LocalID: req.Msg.LocalID})
	}
}

// outcome is what becomes of a send.
type outcome struct {
	ret     int
	msgID   string
	bare    bool // answered with {}
	done    bool // it arrived
	arrival Arrival
}

// accept decides about a send. The order is that of the real checks as far as reports tell: the session, the target,
// the throttles, the content.
func (s *Sim) accept(a *Account, room *membership, req *sendRequest, d Arrival, now time.Time) outcome {
	var g *Group
	if room != nil {
		g = room.group
	}
	media := d.Kind != "text"
	if s.banRules(a, g, d, now) {
		return outcome{ret: 1100}
	}
	if f := s.hit("send.1101", a, g, now); f != nil {
		return outcome{ret: 1101}
	}
	if req.Msg.FromUserName != a.user() {
		a.stats.Refused++
		return outcome{ret: 1}
	}
	switch {
	case room != nil && (!room.in || g.dissolved):
		a.stats.GoneGroup++
		if s.hit("send.gone_ret0", a, g, now) != nil {
			return s.swallowed(a, d, now, false)
		}
		return outcome{ret: 1204}
	case room == nil:
		if req.Msg.ToUserName != "filehelper" && a.byFriend[req.Msg.ToUserName] == "" && req.Msg.ToUserName != a.user() {
			a.stats.UnknownTarget++
			return outcome{ret: 1204}
		}
		d.Person = req.Msg.ToUserName
		if n := a.byFriend[req.Msg.ToUserName]; n != "" {
			d.Person = n
		}
	}
	for _, r := range []struct {
		fault string
		ret   int
	}{{"send.1204", 1204}, {"send.minus1", -1}, {"send.1205", 1205}} {
		if s.hit(r.fault, a, g, now) != nil {
			return outcome{ret: r.ret}
		}
	}
	if ret, notice := s.throttled(a, g, media, now); ret != 0 || notice {
		if notice {
			return s.withNotice(a, g, d, now)
		}
		return outcome{ret: ret}
	}
	if g != nil && s.hit("send.ret0_notice", a, g, now) != nil {
		return s.withNotice(a, g, d, now)
	}
	if s.hit("send.ret0_lost", a, g, now) != nil {
		return s.swallowed(a, d, now, true)
	}
	if ret := s.content(a, req, &d, now); ret != 0 {
		return outcome{ret: ret}
	}
	out := s.arrive(a, g, d, now)
	if f := s.hit("send.no_msgid", a, g, now); f != nil {
		out.msgID, out.bare = "", f.flag("bare")
	}
	return out
}

// content checks what is sent, and completes the record.
func (s *Sim) content(a *Account, req *sendRequest, d *Arrival, now time.Time) int {
	switch d.Kind {
	case "text":
		if f := s.faults["send.long"]; f != nil && utf8.RuneCountInString(d.Text) > f.num("limit") && s.hit("send.long", a, nil, now) != nil {
			if f.str("mode") == "reject" {
				return -1
			}
			d.Text = string([]rune(d.Text)[:f.num("limit")])
		}
		return 0
	case "emoticon":
		d.Text = ""
		return 0
	}
	id := req.Msg.MediaId
	d.Text = ""
	if d.Kind == "file" {
		var app struct {
			Title  string `xml:"title"`
			Attach struct {
				TotalLen int64  `xml:"totallen"`
				AttachID string `xml:"attachid"`
			} `xml:"appattach"`
		}
		if xml.NewDecoder(strings.NewReader(req.Msg.Content)).Decode(&app) != nil {
			return 1
		}
		id, d.FileName = app.Attach.AttachID, app.Title
	}
	m := s.media[id]
	if m == nil || m.account != a || m.epoch != a.epoch || m.size > bigFile && req.Msg.Signature != m.signature {
		return 1
	}
	d.MediaMD5, d.MediaSize = m.md5, m.size
	return 0
}

// said is a text as people read it and as the wire has it.
type said struct{ plain, wire string }

// arrive puts the message into the group and into the record.
func (s *Sim) arrive(a *Account, g *Group, d Arrival, now time.Time) outcome {
	a.sent++
	id := s.msgID(a.id, a.sent)
	d.ServerMsgID, d.At = strconv.FormatInt(id, 10), now
	d.Seq = len(s.arrivals) + 1
	kept := s.texts[d.Text]
	if kept == nil {
		kept = &said{d.Text, wireText(d.Text)}
		s.texts[d.Text] = kept
	}
	d.Text = kept.plain
	s.arrivals = append(s.arrivals, d)
	s.arrived[d.ServerMsgID] = d.Seq - 1
	a.stats.Arrived++
	a.unstick()
	if g != nil {
		m := &message{id: id, at: now, kind: wireKind(d.Kind), group: g, from: a, content: kept.wire, plain: kept.plain, file: d.FileName, size: d.MediaSize}
		if m.kind == 49 {
			m.app = 6
		}
		g.deliver(m, a)
		if f := s.hit("send.echo", a, g, now); f != nil {
			s.at(now.Add(f.span("delay", f.tally(s, a).rng)), func(time.Time) { a.append(entry{kind: entryMessage, msg: m}) })
		}
		s.residents(a, g, d, now)
	}
	return outcome{msgID: d.ServerMsgID, done: true, arrival: d}
}

func wireKind(kind string) int {
	switch kind {
	case "image":
		return 3
	case "file":
		return 49
	case "video":
		return 43
	case "emoticon":
		return 47
	}
	return 1
}

// swallowed answers as if the message had arrived.
func (s *Sim) swallowed(a *Account, d Arrival, now time.Time, known bool) outcome {
	a.sent++
	d.ServerMsgID, d.At = strconv.FormatInt(s.msgID(a.id, a.sent), 10), now
	a.stats.Swallowed++
	if known {
		a.unstick()
	}
	s.swallow = append(s.swallow, d)
	return outcome{msgID: d.ServerMsgID}
}

// withNotice is the third face of throttling: Ret 0 and a message id, nothing arrives, and a grey notice says so later.
func (s *Sim) withNotice(a *Account, g *Group, d Arrival, now time.Time) outcome {
	out := s.swallowed(a, d, now, true)
	if g == nil {
		return out
	}
	delay := time.Second + time.Duration(a.rand.Int64N(int64(9*time.Second)))
	if f := s.faults["send.ret0_notice"]; f != nil {
		delay = f.span("delay", f.tally(s, a).rng)
	}
	s.at(now.Add(delay), func(t time.Time) { g.notice(a, "发送消息过于频繁，可稍后再试。", t) })
	return out
}
