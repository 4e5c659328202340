package wxsim

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// A message is what one person, or WeChat itself, put into a chat. Accounts that receive it share it.
type message struct {
	id     int64
	at     time.Time
	kind   int      // MsgType
	app    int      // AppMsgType, for kind 49
	code   int      // StatusNotifyCode, for kind 51
	group  *Group   // nil outside groups
	from   *Account // the speaker, if it is an account
	member int      // the speaker's place in the group's roster, if from is nil
	friend string   // the speaker of a direct message
	// content is in wire form without the speaker's prefix; plain is what a person reads.
	content string
	plain   string
	file    string
	size    int64
}

// system reports whether nobody speaks.
func (m *message) system() bool { return m.kind == 10000 }

// wireMsg has the fields of the real AddMsgList.
type wireMsg struct {
	MsgId                any
	FromUserName         string
	ToUserName           string
	MsgType              int
	Content              string
	Status               int
	ImgStatus            int
	CreateTime           int64
	VoiceLength          int
	PlayLength           int
	FileName             string
	FileSize             string
	MediaId              string
	Url                  string
	AppMsgType           int
	StatusNotifyCode     int
	StatusNotifyUserName string
	RecommendInfo        recommendInfo
	ForwardFlag          int
	AppInfo              appInfo
	HasProductId         int
	Ticket               string
	ImgHeight            int
	ImgWidth             int
	SubMsgType           int
	NewMsgId             int64
	OriContent           string
	EncryFileName        string
}

type recommendInfo struct {
	UserName, NickName, Province, City, Content, Signature, Alias, Ticket string
	QQNum, Scene, VerifyFlag, AttrStatus, Sex, OpCode                     int
}

type appInfo struct {
	AppID string
	Type  int
}

// wireMessage writes an entry of the log as this account's session sees it.
func (a *Account) wireMessage(e entry) json.RawMessage {
	m := e.msg
	w := wireMsg{
		MsgId: strconv.FormatInt(m.id, 10), NewMsgId: m.id, MsgType: m.kind, Content: m.content, Status: 3, ImgStatus: 1,
		CreateTime: m.at.Unix(), AppMsgType: m.app, StatusNotifyCode: m.code, FileName: m.file,
	}
	if m.size > 0 {
		w.FileSize = strconv.FormatInt(m.size, 10)
	}
	if m.kind == 3 {
		w.ImgStatus, w.ImgHeight, w.ImgWidth = 2, 120, 90
	}
	self := a.user()
	switch {
	case m.kind == 51:
		w.FromUserName, w.ToUserName = self, self
		var names []string
		for _, r := range a.recent(100) {
			names = append(names, r.user)
		}
		names = append(names, "filehelper")
		w.StatusNotifyUserName = strings.Join(names, ",")
	case m.group == nil && m.from == a:
		w.FromUserName, w.ToUserName = self, a.friendUser(m.friend)
	case m.group == nil:
		w.FromUserName, w.ToUserName = a.friendUser(m.friend), self
	default:
		room := a.roomOf[m.group].user
		switch {
		case m.from == a && !m.system():
			w.FromUserName, w.ToUserName = self, room
		case m.system():
			w.FromUserName, w.ToUserName = room, self
		case m.from != nil:
			w.FromUserName, w.ToUserName = room, self
			w.Content = a.otherUser(m.from) + ":<br/>" + m.content
		default:
			w.FromUserName, w.ToUserName = room, self
			w.Content = a.memberUser(m.group, m.member) + ":<br/>" + m.content
		}
	}
	if e.wrong {
		w.MsgId = m.id
	}
	return json.RawMessage(answer(w).body)
}
