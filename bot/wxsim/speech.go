package wxsim

import (
	"strconv"
	"time"
)

// Msg names a message that was said in a group.
type Msg struct {
	ID     string
	Group  string
	Member string
	Text   string
	At     time.Time
}

// speaker is the place of a nick in the roster; a nick that is not there joins, "" is someone by chance.
func (g *Group) speaker(nick string) int {
	i := -1
	if nick == "" {
		i = g.someone()
		nick = "路人"
	} else {
		i = g.find(nick)
	}
	if i < 0 {
		i = g.addMember(nick)
	}
	return i
}

// Says has a member speak: every account in the group gets it through sync. A nick that is not in the roster joins
// first; "" is a member by chance.
func (g *Group) Says(nick, text string) Msg {
	now := g.sim.lock()
	defer g.sim.mu.Unlock()
	return g.says(g.speaker(nick), text, now)
}

// SaysAt is Says for the member at a place in the roster.
func (g *Group) SaysAt(i int, text string) Msg {
	now := g.sim.lock()
	defer g.sim.mu.Unlock()
	if i < 0 || i >= g.count {
		i = g.speaker("")
	}
	return g.says(i, text, now)
}

func (g *Group) says(i int, text string, now time.Time) Msg {
	return g.speak(&message{kind: 1, member: i, content: wireText(text), plain: text}, now)
}

// quoteLine is the line that WeChat draws between what is quoted and what is said.
const quoteLine = "- - - - - - - - - - - - - - -"

// Quotes has a member answer a message. Seen on the wire are a plain text with the quotation in front, and (asApp) an
// app message of type 57.
func (g *Group) Quotes(nick string, quoted Msg, text string, asApp bool) Msg {
	now := g.sim.lock()
	defer g.sim.mu.Unlock()
	return g.quotes(g.speaker(nick), quoted, text, asApp, now)
}

func (g *Group) quotes(i int, quoted Msg, text string, asApp bool, now time.Time) Msg {
	if !asApp {
		whole := "「" + quoted.Member + "：" + quoted.Text + "」\n" + quoteLine + "\n" + text
		return g.speak(&message{kind: 1, member: i, content: wireText(whole), plain: whole}, now)
	}
	xml := `<msg><appmsg appid="" sdkver="0"><title>` + wireXML(text) + `</title><des></des><type>57</type><refermsg><type>1</type><svrid>` +
		quoted.ID + `</svrid><fromusr></fromusr><chatusr></chatusr><displayname>` + wireXML(quoted.Member) +
		`</displayname><content>` + wireXML(quoted.Text) + `</content></refermsg></appmsg></msg>`
	return g.speak(&message{kind: 49, app: 57, member: i, content: wireXML(xml), plain: text}, now)
}

// Image has a member post a picture.
func (g *Group) Image(nick string) Msg {
	now := g.sim.lock()
	defer g.sim.mu.Unlock()
	return g.speak(&message{kind: 3, member: g.speaker(nick), plain: "[图片]",
		content: wireXML(`<msg><img aeskey="" encryver="0" cdnthumburl="" length="48211" md5="" /></msg>`)}, now)
}

// Recalls has a member take a message back.
func (g *Group) Recalls(m Msg) {
	now := g.sim.lock()
	defer g.sim.mu.Unlock()
	i := g.speaker(m.Member)
	g.speak(recallNotice(i, m.ID, m.Member), now)
}

// Sys shows a grey notice to all accounts in the group.
func (g *Group) Sys(text string) {
	now := g.sim.lock()
	defer g.sim.mu.Unlock()
	g.sysAll(text, now)
}

func (g *Group) sysAll(text string, now time.Time) {
	g.speak(&message{kind: 10000, content: wireText(text), plain: text}, now)
}

// notice shows a grey notice to one account.
func (g *Group) notice(a *Account, text string, now time.Time) {
	g.said++
	a.append(entry{kind: entryMessage, msg: &message{id: g.sim.msgID("group "+g.id, g.said), at: now, kind: 10000,
		group: g, content: wireText(text), plain: text}})
}

func (g *Group) speak(m *message, now time.Time) Msg {
	g.said++
	m.id, m.at, m.group = g.sim.msgID("group "+g.id, g.said), now, g
	out := Msg{ID: strconv.FormatInt(m.id, 10), Group: g.id, Text: m.plain, At: now}
	if !m.system() {
		out.Member = g.nick(m.member)
	}
	g.deliver(m, nil)
	return out
}

// deliver puts a message into the log of each account in the group but one.
func (g *Group) deliver(m *message, but *Account) {
	if g.dissolved {
		return
	}
	for _, r := range g.rooms {
		if r.in && r.account != but {
			r.account.append(entry{kind: entryMessage, msg: m})
		}
	}
}
