package bot

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"chunfeng/store"
)

// alertAfter is how long the sync stream may be in trouble before staff are told.
const alertAfter = 5 * time.Minute

var checkCode = regexp.MustCompile(`window\.synccheck\s*=\s*\{\s*retcode\s*:\s*"(-?\d+)"\s*,\s*selector\s*:\s*"(\d+)"`)

// syncCheck is the long poll. A negative code, which the library cannot read, becomes an error like the others.
func (s *session) syncCheck(r *http.Request) (*http.Response, error) {
	asked := time.Now()
	resp, body, err := s.fetch(r)
	if err != nil {
		return nil, err
	}
	m := checkCode.FindSubmatch(body)
	if m == nil {
		return nil, odd("synccheck", "%.80q", body)
	}
	held := time.Since(asked) > time.Second
	if code, _ := strconv.Atoi(string(m[1])); code != 0 {
		if held && over(code) {
			// Had anything come while the server held the poll, it would have said that first.
			s.lastGood.mark()
			s.drained(time.Now())
		}
		return nil, &retError{"synccheck", code}
	}
	if string(m[2]) == "0" {
		s.good(asked)
		s.drained(time.Now())
		// A long poll that is not held brings the library back at once.
		s.brought(held)
		s.unheld = !held
	}
	return refill(resp, []byte(`window.synccheck={retcode:"0",selector:"`+string(m[2])+`"}`)), nil
}

// syncAnswer is what matters of webwxsync.
type syncAnswer struct {
	messages []json.RawMessage
	changed  []contact // groups whose name or members changed
	gone     []string  // groups that left the contact list
	key      syncKey
	check    *syncKey // SyncCheckKey, when it is one
	more     int      // ContinueFlag
}

func readSync(body []byte) (in syncAnswer, err error) {
	var w struct {
		baseAnswer
		AddMsgList            []json.RawMessage
		ModContactList        json.RawMessage
		DelContactList        json.RawMessage
		ModChatRoomMemberList json.RawMessage
		SyncKey, SyncCheckKey json.RawMessage
		ContinueFlag          loose
	}
	if err := json.Unmarshal(body, &w); err != nil {
		return in, odd("webwxsync", "%v", err)
	}
	if w.BaseResponse.Ret == nil {
		return in, odd("webwxsync", "no Ret")
	}
	if ret := int(*w.BaseResponse.Ret); ret != 0 {
		return in, &retError{"webwxsync", ret}
	}
	if in.key, err = readKey(w.SyncKey); err != nil {
		return in, odd("webwxsync", "%v", err)
	}
	if k, err := readKey(w.SyncCheckKey); err == nil {
		in.check = &k
	}
	in.messages, in.more = w.AddMsgList, w.ContinueFlag.int()
	for _, list := range []json.RawMessage{w.ModContactList, w.ModChatRoomMemberList} {
		var raw []json.RawMessage
		// A list of another shape is no list: names are read again at the next login.
		_ = json.Unmarshal(list, &raw)
		in.changed = append(in.changed, contacts(raw)...)
	}
	var raw []json.RawMessage
	_ = json.Unmarshal(w.DelContactList, &raw)
	for _, c := range contacts(raw) {
		in.gone = append(in.gone, string(c.UserName))
	}
	return in, nil
}

// sync takes what the server brings: into the ledger, with the key behind it, in one commit. The library gets an answer
// without messages, so that none of them can surprise it.
func (s *session) sync(r *http.Request) (*http.Response, error) {
	asked := time.Now()
	resp, body, err := s.fetch(r)
	if err != nil {
		return nil, err
	}
	in, err := readSync(body)
	if err != nil {
		return nil, err
	}
	next := in.key
	if next.equal(s.key) && in.check != nil {
		// The server has been seen to move only the second key; with the first one it would bring the same for ever.
		next = *in.check
	}
	var keep []store.Inbound
	var chats []string
	forUs := false
	for _, raw := range in.messages {
		m := s.sort(raw)
		chats = append(chats, m.chats...)
		if m.keep {
			keep = append(keep, store.Inbound{MsgID: m.id, UserName: m.chat, Raw: raw, Class: m.class})
			forUs = forUs || m.class == store.ForAccount
		}
	}
	fresh, moved := 0, !next.equal(s.key)
	if len(keep) > 0 || moved {
		if fresh, err = s.commit(keep, next); err != nil {
			return nil, err
		}
	}
	s.key = next
	s.good(asked)
	// A key that stands still is of a server that sees something and does not bring it.
	if moved && in.more == 0 {
		s.drained(asked)
	}
	// A server whose key stands still brings the same again and again.
	some := fresh > 0 || moved && len(in.messages)+len(in.changed)+len(in.gone) > 0
	s.brought(some)
	s.unheld = false
	if some {
		s.a.heard()
	}
	if forUs {
		s.a.wakeNotices()
	}
	s.roster.hint(chats, in.changed, in.gone)
	return refillJSON(resp, map[string]any{
		"BaseResponse": map[string]any{"Ret": 0, "ErrMsg": ""}, "AddMsgCount": 0, "AddMsgList": []any{},
		"ContinueFlag": in.more, "SyncKey": next,
	})
}

// commit keeps messages and the key behind them, and answers how many of the messages were not there yet.
func (s *session) commit(messages []store.Inbound, key syncKey) (fresh int, err error) {
	b, err := s.cursor(key)
	if err != nil {
		return 0, err
	}
	return s.a.o.Store.Receive(s.a.o.Account, s.epoch, messages, b)
}

// sorted is what the tap makes of a message: whether it is kept, for whom, and which groups it tells of.
type sorted struct {
	id    string
	chat  string
	class store.Class
	keep  bool
	chats []string
}

// head is the part of a message by which it is sorted.
type head struct {
	MsgID                loose `json:"MsgId"`
	NewMsgID             loose `json:"NewMsgId"`
	FromUserName         loose
	ToUserName           loose
	MsgType              loose
	Content              loose
	StatusNotifyUserName loose
}

// The message types that are told apart.
const (
	typeText    = 1
	typePicture = 3
	typeApp     = 49
	typeStatus  = 51
	typeNotice  = 10000
	typeRecall  = 10002
)

// sort decides about a message; see the package comment for what is kept. It refuses nothing: what is no message at all is
// kept for the registrar, who counts it, rather than lost.
func (s *session) sort(raw json.RawMessage) sorted {
	var h head
	if err := json.Unmarshal(raw, &h); err != nil {
		return sorted{id: hashID(raw), keep: true}
	}
	m := sorted{id: string(h.MsgID)}
	if m.id == "" || m.id == "0" {
		m.id = string(h.NewMsgID)
	}
	if m.id == "" || m.id == "0" {
		m.id = hashID(raw)
	}
	if len(m.id) > longestID {
		m.id = hashID([]byte(m.id))
	}
	from, to := string(h.FromUserName), string(h.ToUserName)
	m.chat = from
	if from == s.self {
		m.chat = to
	}
	if isGroup(m.chat) {
		m.chats = []string{m.chat}
	}
	kind := h.MsgType.int()
	switch {
	case kind == typeStatus:
		m.chats = groupsIn(string(h.StatusNotifyUserName))
	case from == s.self:
		m.class, m.keep = store.ForAccount, isGroup(to)
	case kind == typeNotice:
		m.class, m.keep = store.ForAccount, isGroup(from)
	case kind == typeText, kind == typeApp, kind == typeRecall:
		// A chat without @ is one of WeChat's own helpers.
		m.keep = len(from) > 1 && from[0] == '@'
		if kind == typeText && isGroup(from) && s.a.pairs(spoken(string(h.Content))) {
			m.class = store.ForAccount
		}
	}
	return m
}

// spoken is what a member said in a group, without the member's name before it.
func spoken(content string) string {
	if sender, rest, ok := strings.Cut(content, ":<br/>"); ok && strings.HasPrefix(sender, "@") && !strings.ContainsAny(sender, " <") {
		content = rest
	}
	return plain(content)
}

// longestID is how long a message's id may be, in bytes: the server's have some nineteen digits. One that the ledger cannot
// take as a key would hold up every message behind it.
const longestID = 100

// hashID is the id of a message that has none: the same message is known again.
func hashID(raw []byte) string {
	sum := sha256.Sum256(raw)
	return "x" + hex.EncodeToString(sum[:12])
}

// good notes that the server answered a sync request as it should, and when that was asked.
func (s *session) good(asked time.Time) {
	s.lastGood.mark()
	if n := s.noLine.Load(); n != nil && asked.After(*n) {
		s.noLine.CompareAndSwap(n, nil)
	}
	// Again and again until the ledger takes it.
	if !s.whole.Load() && (s.resumed || s.settled.Load()) {
		s.closeGap()
	}
	if s.trouble > 0 {
		s.trouble = 0
		s.recovered()
	}
}

// closeGap records that the account hears again, and that it missed nothing if the stream was taken up.
func (s *session) closeGap() {
	var since time.Time
	if at := s.a.polled.at(); !at.IsZero() {
		since = at.Add(-s.a.o.Notice)
	}
	if err := s.a.o.Store.CloseGap(s.a.o.Account, s.resumed, since); err != nil {
		s.log.Warn().Err(err).Msg("the gap was not closed")
		return
	}
	s.a.polled.Store(nil)
	s.whole.Store(true)
}

// drained notes that at a moment the server had no more to say than was taken.
func (s *session) drained(at time.Time) {
	if s.whole.Load() {
		s.a.drained.set(at)
	}
	s.a.wakeNotices()
}

func (s *session) recovered() {
	if s.told {
		s.told = false
		s.a.emit(Event{Kind: SyncRecovered})
	}
}

// brought notes whether a round of sync brought anything or at least took its time.
func (s *session) brought(some bool) {
	if some {
		s.barren = 0
		s.recovered()
		return
	}
	if s.barren++; s.barren == 1 {
		s.barrenSince = time.Now()
	}
}

// barrenPause is the rest after n rounds that brought nothing: the first three are ordinary.
func barrenPause(n int) time.Duration {
	if n < 3 {
		return 0
	}
	return min(2*time.Second<<min(n-3, 4), 30*time.Second)
}

// rest is called by the library between synccheck and webwxsync: outside of any request, so that no timeout cuts it.
func (s *session) rest() {
	if d := barrenPause(s.barren); d > 0 {
		if s.unheld && s.a.o.ContactEvery < 0 {
			// A stand-in on this machine may not hold its polls; residents should not wait for half a minute there.
			d = min(d, time.Second)
		}
		if !s.unheld && time.Since(s.barrenSince) > alertAfter {
			s.alert(s.barrenSince, errors.New("the server sees something and brings nothing"))
		}
		s.wait(d)
	}
}

// troublePause is the rest after n errors in a row.
func troublePause(n int) time.Duration { return min(5*time.Second<<min(n-1, 4), time.Minute) }

// onError is asked by the library what to do about an error of its loop: end the session, or go on after a rest.
func (s *session) onError(err error) error {
	err = bare(err)
	ret, _ := retOf(err)
	switch {
	case s.ctx.Err() != nil:
		err = s.ctx.Err()
	case over(ret), ret == 1203:
	default:
		if s.trouble++; s.trouble == 1 {
			s.troubleSince = time.Now()
		}
		s.log.Debug().Err(err).Int("times", s.trouble).Msg("sync failed")
		if time.Since(s.troubleSince) > alertAfter {
			s.alert(s.troubleSince, err)
		}
		if s.wait(troublePause(s.trouble)) {
			return nil
		}
		err = s.ctx.Err()
	}
	s.end(err)
	return err
}

func (s *session) alert(since time.Time, err error) {
	if s.told {
		return
	}
	s.told = true
	s.log.Warn().Err(err).Time("since", since).Msg("sync is in trouble")
	s.a.emit(Event{Kind: SyncTrouble, Err: err})
}
