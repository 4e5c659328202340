package wxsim

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A session is one login of one account on one host.
type session struct {
	account *Account
	host    string // wx.qq.com
	sid     string
	skey    string
	pass    string
	data    string // webwx_data_ticket
	started time.Time
	cookies time.Time // when cookies were last set
	from    int       // where the log was when it began
	dead    int       // the code that its requests get; 0 while it lives
	book    []contact // the contact list as the pages of this session show it
}

func (ses *session) alive() bool { return ses != nil && ses.dead == 0 }

func (s *Sim) newSession(a *Account, host string, now time.Time) *session {
	a.end(1101)
	a.newEpoch()
	n := strconv.Itoa(a.epoch)
	ses := &session{
		account: a, host: host, started: now, cookies: now, from: a.written(),
		sid:  s.hex("sid", a.id, n)[:16],
		skey: "@crypt_" + s.hex("skey", a.id, n)[:8] + "_" + s.hex("skey2", a.id, n)[:32],
		// Percent-encoded as the real one is: the client encodes it once more.
		pass: s.hex("pass", a.id, n)[:40] + "%2B" + s.hex("pass2", a.id, n)[:8] + "%3D",
		data: "gS" + s.hex("data", a.id, n)[:22],
	}
	a.session = ses
	a.touched = now
	a.lastBatch = [2]int{}
	s.sessions[ses.sid] = ses
	s.limitLife(ses, now)
	return ses
}

// authTicket is what lets a later push login recognise the computer.
func (a *Account) authTicket() string { return "CIsBEN" + a.sim.hex("auth", a.id)[:40] }

// setCookies gives the cookies with the domains that were traced on the real server: all for the login's host and
// what is below it, but webwx_data_ticket for .qq.com.
func (s *Sim) setCookies(rep *reply, ses *session, now time.Time) {
	life := 30 * 24 * time.Hour
	if f := s.faults["cookie.expiry"]; f != nil && f.covers(ses.account, nil) {
		life = f.dur("ttl")
	}
	ses.cookies = now
	set := func(name, value, domain string) {
		ck := &http.Cookie{
			Name: name, Value: value, Domain: domain, Path: "/",
			Expires: now.Add(life).UTC(), MaxAge: int(life / time.Second), Secure: true,
		}
		rep.header.Add("Set-Cookie", ck.String())
	}
	set("wxuin", strconv.FormatInt(ses.account.uin, 10), ses.host)
	set("wxsid", ses.sid, ses.host)
	set("wxloadtime", strconv.FormatInt(now.Unix(), 10), ses.host)
	set("mm_lang", "zh_CN", ses.host)
	set("webwxuvid", s.hex("uvid", ses.account.id), ses.host)
	set("webwx_auth_ticket", ses.account.authTicket(), ses.host)
	set("webwx_data_ticket", ses.data, "qq.com")
}

// baseRequest is in nearly every body.
type baseRequest struct {
	Uin      int64
	Sid      string
	Skey     string
	DeviceID string
}

// checkCookies wants wxuin and wxsid on each of the login's hosts.
func (s *Sim) checkCookies(c *call, ses *session, now time.Time) bool {
	kind := "base"
	if i := strings.IndexByte(c.host, '.'); i > 0 && (c.host[:i] == "webpush" || c.host[:i] == "file") {
		kind = c.host[:i]
	}
	ok := c.cookies["wxsid"] != "" && c.cookies["wxuin"] != ""
	if ok && ses != nil {
		ok = c.cookies["wxsid"] == ses.sid && c.cookies["wxuin"] == strconv.FormatInt(ses.account.uin, 10)
		if f := s.faults["cookie.expiry"]; ok && f != nil && f.covers(ses.account, nil) {
			ok = now.Sub(ses.cookies) < f.dur("ttl")
		}
	}
	if ses != nil {
		ses.account.stats.cookies(kind, ok)
	}
	return ok
}

// admit is auth for a request whose body was read, or could not be read.
func (s *Sim) admit(c *call, read bool, b baseRequest, now time.Time) (*session, int) {
	if !read {
		return nil, 1
	}
	return s.auth(c, b, now)
}

// auth finds the session of a request and the code it is refused with, 0 if it is good.
func (s *Sim) auth(c *call, b baseRequest, now time.Time) (*session, int) {
	ses := s.sessions[b.Sid]
	if !s.checkCookies(c, ses, now) {
		return ses, 1102
	}
	if ses == nil {
		return nil, 1101
	}
	if ses.dead != 0 {
		return ses, ses.dead
	}
	if b.Skey != ses.skey || b.Uin != 0 && b.Uin != ses.account.uin {
		return ses, 1101
	}
	if base := strings.TrimPrefix(strings.TrimPrefix(c.host, "webpush."), "file."); base != ses.host {
		return ses, 1100
	}
	if p := c.query.Get("pass_ticket"); p != "" && p != ses.pass && c.endpoint != "webwxsendvideomsg" {
		return ses, 1
	}
	if b.DeviceID != "" {
		a := ses.account
		if a.device != "" && a.device != b.DeviceID {
			a.stats.DeviceChanges++
		}
		a.device = b.DeviceID
	}
	return ses, 0
}

func (s *Sim) webInit(c *call) reply {
	now := s.lock()
	defer s.mu.Unlock()
	var req struct{ BaseRequest baseRequest }
	if !decode(c.body, &req) {
		return retOnly(1)
	}
	ses, code := s.auth(c, req.BaseRequest, now)
	if code != 0 {
		return answer(map[string]any{"BaseResponse": baseResponse{Ret: code}, "Count": 0, "ContactList": []any{},
			"SyncKey": wireKey{List: []wirePair{}}, "User": contact{}})
	}
	a := ses.account
	recent := a.recent(10)
	list := []contact{{UserName: "filehelper", NickName: "文件传输助手", ContactFlag: 2}}
	set := []string{"filehelper"}
	for _, m := range recent {
		list = append(list, s.groupContact(m, true))
		set = append(set, m.user)
	}
	rep := answer(map[string]any{
		"BaseResponse": baseResponse{}, "Count": len(list), "ContactList": list,
		"SyncKey": a.key(a.written(), ses), "User": a.contact(), "ChatSet": strings.Join(set, ",") + ",",
		"SKey": ses.skey, "ClientVersion": 637929271, "SystemTime": now.Unix(), "GrayScale": 1,
		"InviteStartCount": 40, "MPSubscribeMsgCount": 0, "MPSubscribeMsgList": []any{}, "ClickReportInterval": 600000,
	})
	if s.hit("cookie.init", a, nil, now) != nil {
		s.setCookies(&rep, ses, now)
	}
	return rep
}

// statusNotify code 3 tells the phone of the login, which answers with the list of recent chats, saved or not.
func (s *Sim) statusNotify(c *call) reply {
	now := s.lock()
	defer s.mu.Unlock()
	var req struct {
		BaseRequest baseRequest
		Code        int
	}
	if !decode(c.body, &req) {
		return retOnly(1)
	}
	ses, code := s.auth(c, req.BaseRequest, now)
	if code != 0 {
		return answer(sendReply{BaseResponse: baseResponse{Ret: code}})
	}
	a := ses.account
	a.sent++
	id := s.msgID(a.id, a.sent)
	if req.Code == 3 {
		a.append(entry{kind: entryMessage, msg: &message{id: id, at: now, kind: 51, code: 4,
			content: "&lt;msg&gt;<br/>&lt;op id='4'&gt;<br/>&lt;/op&gt;<br/>&lt;/msg&gt;"}})
	}
	return answer(sendReply{MsgID: strconv.FormatInt(id, 10)})
}

// logout answers with a redirect and no JSON, as the real server does.
func (s *Sim) logout(c *call) reply {
	now := s.lock()
	defer s.mu.Unlock()
	if ses := s.sessions[c.cookies["wxsid"]]; ses != nil && s.checkCookies(c, ses, now) && c.query.Get("skey") == ses.skey {
		if ses.alive() {
			ses.account.end(1100)
		}
	}
	return reply{status: 301, header: http.Header{"Location": {"https://" + c.host + "/"}}}
}
