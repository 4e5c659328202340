package wxsim

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// batchMax is the most messages that one webwxsync brings.
const batchMax = 200

// An entry is one change in an account's log. The log only grows, so that any old key can be replayed.
type entry struct {
	kind  entryKind
	wrong bool // the message is sent with a number where a string belongs
	msg   *message
	room  *membership
}

type entryKind uint8

const (
	entryMessage entryKind = iota
	entryModContact
	entryDelContact
	entryMembers
)

func (a *Account) append(e entry) {
	now := time.Now()
	if e.kind == entryMessage {
		if f := a.sim.faults["sync.wrong_type"]; f != nil && f.str("field") == "MsgId" {
			e.wrong = a.sim.hit("sync.wrong_type", a, nil, now) != nil
		}
		if e.msg.group != nil {
			if m := a.roomOf[e.msg.group]; m != nil {
				a.active++
				m.active = a.active
			}
		}
	}
	a.log = append(a.log, e)
	a.bump()
}

// written is how many entries the log ever had: the place behind its last one.
func (a *Account) written() int { return a.forgotten + len(a.log) }

// part is the log between two places, without what was forgotten.
func (a *Account) part(from, to int) []entry {
	return a.log[max(from-a.forgotten, 0):max(to-a.forgotten, 0)]
}

type wirePair struct {
	Key int64
	Val any
}

type wireKey struct {
	Count int
	List  []wirePair
}

// key writes a place in the log as the real server writes its own: several counters of which one moves with messages.
func (a *Account) key(pos int, ses *session) wireKey {
	list := []wirePair{
		{1, a.base(1)},
		{2, a.base(2) + int64(pos)},
		{3, a.base(3) + int64(pos)},
		{11, a.base(11) + int64(a.epoch)},
		{201, ses.started.Unix() + int64(pos)},
		{1000, ses.started.Unix()},
	}
	return wireKey{Count: len(list), List: list}
}

func (a *Account) base(key int) int64 {
	return int64(600_000_000 + a.sim.num("key", a.id, strconv.Itoa(key))%100_000_000)
}

// place reads a key back: the place in the log, and whether another login gave it.
func (a *Account) place(get map[int64]int64) (pos int, old, ok bool) {
	v, ok := get[2]
	if !ok {
		return 0, false, false
	}
	n := v - a.base(2)
	if n < 0 || n > int64(a.written()) {
		return 0, false, false
	}
	return int(n), get[11] != a.base(11)+int64(a.epoch), true
}

func syncCheckReply(code, selector int) reply {
	return text(fmt.Sprintf(`window.synccheck={retcode:"%d",selector:"%d"}`, code, selector))
}

func (s *Sim) synccheck(c *call) reply {
	now := s.lock()
	uin, _ := strconv.ParseInt(c.query.Get("uin"), 10, 64)
	ses, code := s.auth(c, baseRequest{Uin: uin, Sid: c.query.Get("sid"), Skey: c.query.Get("skey"), DeviceID: c.query.Get("deviceid")}, now)
	if code != 0 {
		s.mu.Unlock()
		return syncCheckReply(code, 0)
	}
	a := ses.account
	if f := s.hit("sync.check", a, nil, now); f != nil {
		code := f.num("code")
		if code == 1100 || code == 1101 || code == 1102 {
			a.end(code)
		}
		s.mu.Unlock()
		return syncCheckReply(code, 0)
	}
	get := map[int64]int64{}
	for _, p := range strings.Split(c.query.Get("synckey"), "|") {
		k, v, _ := strings.Cut(p, "_")
		key, err1 := strconv.ParseInt(k, 10, 64)
		val, err2 := strconv.ParseInt(v, 10, 64)
		if err1 == nil && err2 == nil {
			get[key] = val
		}
	}
	pos, old, ok := a.place(get)
	if !ok {
		s.mu.Unlock()
		return syncCheckReply(1101, 0)
	}
	pos, code = s.oldKey(a, pos, old, now)
	if code != 0 {
		s.mu.Unlock()
		return syncCheckReply(code, 0)
	}
	if f := s.stuck(a, now); f != nil {
		s.mu.Unlock()
		return syncCheckReply(0, f.num("selector"))
	}
	end := now.Add(s.opt.Hold)
	for {
		if ses.dead != 0 {
			code := ses.dead
			s.mu.Unlock()
			return syncCheckReply(code, 0)
		}
		if sel := a.selector(pos); sel != 0 && !s.silent(ses, now) {
			s.mu.Unlock()
			return syncCheckReply(0, sel)
		}
		if !now.Before(end) {
			s.mu.Unlock()
			return syncCheckReply(0, 0)
		}
		wake := a.wake
		s.mu.Unlock()
		if !s.wait(c, wake, end.Sub(now)) {
			return reply{cut: cutSilent}
		}
		now = s.lock()
	}
}

func (a *Account) selector(pos int) int {
	sel := 0
	for _, e := range a.part(pos, a.written()) {
		switch e.kind {
		case entryMessage:
			return 2
		case entryDelContact:
			sel = 6
		case entryModContact, entryMembers:
			if sel == 0 {
				sel = 4
			}
		}
	}
	return sel
}

// oldKey is what becomes of a key that another login gave: replayed unless a fault says otherwise.
func (s *Sim) oldKey(a *Account, pos int, old bool, now time.Time) (int, int) {
	if !old {
		return pos, 0
	}
	f := s.hit("sync.old_key", a, nil, now)
	if f == nil {
		return pos, 0
	}
	if f.str("mode") == "1101" {
		return pos, 1101
	}
	return max(pos, a.session.from), 0
}

// silent is the state in which sync looks normal and brings nothing until somebody opens WeChat on the phone.
func (s *Sim) silent(ses *session, now time.Time) bool {
	f := s.faults["session.silent"]
	if f == nil || !f.covers(ses.account, nil) {
		return false
	}
	if now.Sub(ses.account.touched) < f.dur("idle") {
		return false
	}
	f.hits++
	return true
}

type syncReply struct {
	BaseResponse           baseResponse
	AddMsgCount            int
	AddMsgList             []json.RawMessage
	ModContactCount        int
	ModContactList         []contact
	DelContactCount        int
	DelContactList         []contact
	ModChatRoomMemberCount int
	ModChatRoomMemberList  []contact
	Profile                json.RawMessage
	ContinueFlag           int
	SyncKey                any
	SKey                   string
	SyncCheckKey           any
}

// emptySync is a refusal with all fields and an empty key. The fault sync.1101 has the shorter form.
func emptySync(ret int) reply {
	none := wireKey{List: []wirePair{}}
	return answer(syncReply{BaseResponse: baseResponse{Ret: ret}, AddMsgList: []json.RawMessage{}, ModContactList: []contact{},
		DelContactList: []contact{}, ModChatRoomMemberList: []contact{}, Profile: json.RawMessage(profile), SyncKey: none, SyncCheckKey: none})
}

// profile is what an unchanged profile looks like.
const profile = `{"BitFlag":0,"UserName":{"Buff":""},"NickName":{"Buff":""},"BindUin":0,"BindEmail":{"Buff":""},"BindMobile":{"Buff":""},"Status":0,"Sex":0,"PersonalCard":0,"Alias":"","HeadImgUpdateFlag":0,"HeadImgUrl":"","Signature":""}`

func (s *Sim) webSync(c *call) reply {
	var req struct {
		BaseRequest baseRequest
		SyncKey     struct{ List []struct{ Key, Val int64 } }
	}
	read := decode(c.body, &req)
	now := s.lock()
	defer s.mu.Unlock()
	ses, code := s.admit(c, read, req.BaseRequest, now)
	if code != 0 {
		return emptySync(code)
	}
	a := ses.account
	if rep, ok := s.syncShape(a, now); ok {
		return rep
	}
	get := map[int64]int64{}
	for _, p := range req.SyncKey.List {
		get[p.Key] = p.Val
	}
	pos, old, ok := a.place(get)
	if !ok {
		return emptySync(1101)
	}
	if pos, code = s.oldKey(a, pos, old, now); code != 0 {
		return emptySync(code)
	}
	out := syncReply{Profile: json.RawMessage(profile), AddMsgList: []json.RawMessage{}, ModContactList: []contact{},
		DelContactList: []contact{}, ModChatRoomMemberList: []contact{}}
	if f := s.stuck(a, now); f != nil {
		out.SyncKey, out.SyncCheckKey = a.key(pos, ses), a.key(pos, ses)
		if f.flag("advance") {
			ahead := a.key(pos, ses)
			ahead.List[5].Val = now.Unix()
			out.SyncCheckKey = ahead
		}
		return answer(out)
	}
	if s.silent(ses, now) {
		out.SyncKey, out.SyncCheckKey = a.key(pos, ses), a.key(pos, ses)
		return answer(out)
	}
	most := batchMax
	if f := s.hit("sync.batch", a, nil, now); f != nil {
		most = max(1, f.num("n"))
	}
	to := min(a.written(), pos+most)
	if to < a.written() {
		out.ContinueFlag = 1
	}
	if a.lastBatch[1] > a.lastBatch[0] && to > pos && s.hit("sync.redeliver", a, nil, now) != nil {
		a.render(&out, a.lastBatch[0], a.lastBatch[1])
	}
	a.render(&out, pos, to)
	if len(out.AddMsgList) > 0 && s.hit("sync.duplicate", a, nil, now) != nil {
		out.AddMsgList = append(out.AddMsgList, out.AddMsgList[0])
	}
	if to > pos {
		a.lastBatch = [2]int{pos, to}
	}
	out.AddMsgCount, out.ModContactCount = len(out.AddMsgList), len(out.ModContactList)
	out.DelContactCount, out.ModChatRoomMemberCount = len(out.DelContactList), len(out.ModChatRoomMemberList)
	key := a.key(to, ses)
	out.SyncKey, out.SyncCheckKey = key, a.key(to, ses)
	if f := s.faults["sync.wrong_type"]; f != nil && f.str("field") == "Val" && s.hit("sync.wrong_type", a, nil, now) != nil {
		key.List[1].Val = fmt.Sprint(key.List[1].Val)
	}
	rep := answer(out)
	if f := s.faults["cookie.expiry"]; f != nil && f.str("refresh") == "webwxsync" {
		s.setCookies(&rep, ses, now)
	}
	return rep
}

func (a *Account) render(out *syncReply, from, to int) {
	for _, e := range a.part(from, to) {
		switch e.kind {
		case entryMessage:
			out.AddMsgList = append(out.AddMsgList, a.wireMessage(e))
		case entryModContact:
			out.ModContactList = append(out.ModContactList, a.sim.groupContact(e.room, true))
		case entryDelContact:
			out.DelContactList = append(out.DelContactList, contact{UserName: e.room.user})
		case entryMembers:
			out.ModChatRoomMemberList = append(out.ModChatRoomMemberList, a.sim.groupContact(e.room, false))
		}
	}
}
