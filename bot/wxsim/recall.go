package wxsim

import (
	"time"
)

// recallWindow is how long a message can be taken back. Assumed: only clients are known to check it.
const recallWindow = 2 * time.Minute

func (s *Sim) revoke(c *call) reply {
	var req struct {
		BaseRequest baseRequest
		ClientMsgId string
		SvrMsgId    string
		ToUserName  string
	}
	read := decode(c.body, &req)
	now := s.lock()
	defer s.mu.Unlock()
	ses, code := s.admit(c, read, req.BaseRequest, now)
	if code != 0 {
		return retOnly(code)
	}
	a := ses.account
	i, ok := s.arrived[req.SvrMsgId]
	if !ok || s.arrivals[i].Account != a.id || now.Sub(s.arrivals[i].At) > recallWindow {
		return retOnly(-1)
	}
	room := a.byUser[req.ToUserName]
	if room == nil && s.arrivals[i].Group != "" || room != nil && room.group.id != s.arrivals[i].Group {
		return retOnly(1)
	}
	if s.hit("send.revoke_fails", a, nil, now) != nil {
		return retOnly(-1)
	}
	s.arrivals[i].Recalled = true
	if room != nil {
		m := recallNotice(0, req.SvrMsgId, a.nick)
		a.sent++
		m.id, m.at, m.group, m.from = s.msgID(a.id, a.sent), now, room.group, a
		room.group.deliver(m, a)
	}
	return answer(struct {
		BaseResponse       baseResponse
		Introduction       string
		SysWording         string
		RevokeMsgErrorCode int
	}{Introduction: "你可以撤回2分钟内发送的消息", SysWording: "你撤回了一条消息"})
}

func recallNotice(member int, id, nick string) *message {
	xml := `<sysmsg type="revokemsg"><revokemsg><session></session><oldmsgid>` + id[:min(10, len(id))] + `</oldmsgid><msgid>` + id +
		`</msgid><replacemsg><![CDATA["` + nick + `" 撤回了一条消息]]></replacemsg></revokemsg></sysmsg>`
	return &message{kind: 10002, member: member, content: wireXML(xml)}
}
