package wxsim

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// pageSize is how many contacts one webwxgetcontact brings; several hundred to 1,700 were seen.
const pageSize = 1000

// batchSize is how many contacts webwxbatchgetcontact answers.
const batchSize = 50

// contact is a person or a group on the wire.
type contact struct {
	Uin             int64
	UserName        string
	NickName        string
	HeadImgUrl      string
	ContactFlag     int
	MemberCount     int
	MemberList      []member
	RemarkName      string
	HideInputBar    int `json:"HideInputBarFlag"`
	Sex             int
	Signature       string
	VerifyFlag      int
	OwnerUin        int64
	PYInitial       string
	PYQuanPin       string
	RemarkPYInitial string
	RemarkPYQuanPin string
	StarFriend      int
	AppAccountFlag  int
	Statues         int
	AttrStatus      int64
	Province        string
	City            string
	Alias           string
	SnsFlag         int
	UniFriend       int
	DisplayName     string
	ChatRoomId      int
	KeyWord         string
	EncryChatRoomId string
	IsOwner         int
}

// member is a person in a group's list.
type member struct {
	Uin             int64
	UserName        string
	NickName        string
	AttrStatus      int64
	PYInitial       string
	PYQuanPin       string
	RemarkPYInitial string
	RemarkPYQuanPin string
	MemberStatus    int
	DisplayName     string
	KeyWord         string
}

func (a *Account) contact() contact {
	return contact{Uin: a.uin, UserName: a.user(), NickName: wireName(a.nick), Sex: 1, SnsFlag: 17,
		HeadImgUrl: "/cgi-bin/mmwebwx-bin/webwxgeticon?seq=1&username=" + a.user() + "&skey="}
}

// groupContact is a group as an account sees it: webwxgetcontact leaves the members out, webwxbatchgetcontact has them.
func (s *Sim) groupContact(m *membership, full bool) contact {
	g, a := m.group, m.account
	n := strconv.Itoa(a.epoch)
	c := contact{
		UserName: m.user, NickName: wireName(g.name), MemberList: []member{}, Statues: 1,
		HeadImgUrl: fmt.Sprintf("/cgi-bin/mmwebwx-bin/webwxgetheadimg?seq=%d&username=%s&skey=", s.num("seq", a.id, n, g.id)%1_000_000_000, m.user),
	}
	if m.saved {
		c.ContactFlag = 3
	}
	if g.dissolved {
		c.NickName = ""
		return c
	}
	if !full {
		return c
	}
	c.EncryChatRoomId = "@" + s.hex("room", a.id, n, g.id)[:32]
	c.MemberList = make([]member, 0, g.count+len(g.rooms))
	for i := range g.count {
		if !g.gone[i] {
			c.MemberList = append(c.MemberList, member{UserName: a.memberUser(g, i), NickName: wireName(g.nick(i)), AttrStatus: 102501})
		}
	}
	for _, r := range g.rooms {
		if r.in {
			c.MemberList = append(c.MemberList, member{UserName: a.otherUser(r.account), NickName: wireName(r.account.nick), AttrStatus: 102501})
		}
	}
	c.MemberCount = len(c.MemberList)
	return c
}

// book is the contact list: people, and the groups that are saved.
func (s *Sim) book(a *Account, now time.Time) []contact {
	list := []contact{{UserName: "filehelper", NickName: "文件传输助手", ContactFlag: 2, MemberList: []member{}}}
	for _, f := range a.opt.Friends {
		list = append(list, contact{UserName: a.friendUser(f), NickName: wireName(f), ContactFlag: 3, MemberList: []member{}})
	}
	missing := s.faults["contact.missing"]
	empty := s.faults["contact.empty_names"]
	for _, m := range a.rooms {
		if !m.saved || !m.in {
			continue
		}
		if missing != nil && s.hit("contact.missing", a, m.group, now) != nil {
			continue
		}
		c := s.groupContact(m, false)
		if empty != nil && s.hit("contact.empty_names", a, m.group, now) != nil {
			c.NickName = ""
		}
		list = append(list, c)
	}
	return list
}

func (s *Sim) getContact(c *call) reply {
	now := s.lock()
	defer s.mu.Unlock()
	// This request has no BaseRequest: the cookie names the session.
	ses := s.sessions[c.cookies["wxsid"]]
	b := baseRequest{Sid: c.cookies["wxsid"], Skey: c.query.Get("skey")}
	_, code := s.auth(c, b, now)
	if code != 0 {
		return answer(map[string]any{"BaseResponse": baseResponse{Ret: code}, "MemberCount": 0, "MemberList": []any{}, "Seq": 0})
	}
	a := ses.account
	size := pageSize
	if f := s.hit("contact.page", a, nil, now); f != nil {
		size = max(1, f.num("size"))
	}
	from, _ := strconv.Atoi(c.query.Get("seq"))
	if from <= 0 || ses.book == nil {
		ses.book = s.book(a, now)
	}
	// A Seq on the wire is a place in the list plus one, so that it is never 0 while there is more.
	start := min(max(from-1, 0), len(ses.book))
	end := min(start+size, len(ses.book))
	next := 0
	if end < len(ses.book) {
		next = end + 1
	} else if s.hit("contact.endless", a, nil, now) != nil {
		next = max(from, len(ses.book)) + 2
	}
	rep := answer(map[string]any{"BaseResponse": baseResponse{}, "MemberCount": end - start, "MemberList": ses.book[start:end], "Seq": next})
	if f := s.hit("contact.slow", a, nil, now); f != nil {
		rep.wait = f.span("delay", f.tally(s, a).rng)
	}
	return rep
}

func (s *Sim) batchGetContact(c *call) reply {
	var req struct {
		BaseRequest baseRequest
		List        []struct{ UserName, EncryChatRoomId string }
	}
	good := decode(c.body, &req)
	now := s.lock()
	defer s.mu.Unlock()
	if !good {
		return retOnly(1)
	}
	ses, code := s.auth(c, req.BaseRequest, now)
	if code == 0 {
		code = s.batchLimit(ses.account, now)
	}
	if code != 0 {
		return answer(map[string]any{"BaseResponse": baseResponse{Ret: code}, "Count": 0, "ContactList": []any{}})
	}
	a := ses.account
	want := req.List
	if len(want) > batchSize {
		want = want[:batchSize]
	}
	list := []contact{}
	for _, w := range want {
		if m := a.byUser[w.UserName]; m != nil {
			if !m.in || s.hit("batch.dropped", a, m.group, now) != nil {
				continue
			}
			list = append(list, s.groupContact(m, true))
		} else if nick, ok := a.byFriend[w.UserName]; ok {
			list = append(list, contact{UserName: w.UserName, NickName: wireName(nick), ContactFlag: 3, MemberList: []member{}})
		}
	}
	if f := s.hit("batch.reorder", a, nil, now); f != nil {
		f.tally(s, a).rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	return answer(map[string]any{"BaseResponse": baseResponse{}, "Count": len(list), "ContactList": list})
}

func (s *Sim) oplog(c *call) reply {
	var req struct{ BaseRequest baseRequest }
	read := decode(c.body, &req)
	now := s.lock()
	defer s.mu.Unlock()
	_, code := s.admit(c, read, req.BaseRequest, now)
	return retOnly(code)
}

// updateChatRoom knows modtopic: an account renames a group. Whatever else is asked is refused.
func (s *Sim) updateChatRoom(c *call) reply {
	var req struct {
		BaseRequest            baseRequest
		ChatRoomName, NewTopic string
	}
	read := decode(c.body, &req)
	now := s.lock()
	defer s.mu.Unlock()
	ses, code := s.admit(c, read, req.BaseRequest, now)
	if code != 0 {
		return retOnly(code)
	}
	m := ses.account.byUser[req.ChatRoomName]
	if c.query.Get("fun") != "modtopic" || m == nil || !m.in || m.group.dissolved || req.NewTopic == "" {
		return retOnly(1)
	}
	m.group.rename(req.NewTopic, now)
	return retOnly(0)
}

// onePixel is the smallest picture there is.
const onePixel = "R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs="

// picture is every portrait and every picture that residents posted.
func (s *Sim) picture(c *call) reply {
	now := s.lock()
	defer s.mu.Unlock()
	if !s.checkCookies(c, s.sessions[c.cookies["wxsid"]], now) {
		return reply{status: 200, header: http.Header{}}
	}
	b, _ := base64.StdEncoding.DecodeString(onePixel)
	return reply{status: 200, header: http.Header{"Content-Type": {"image/gif"}}, body: b}
}
