package wxsim

import (
	"fmt"
	"html"
	"math/rand/v2"
	"strconv"
	"time"
)

// GroupOptions describes a group.
type GroupOptions struct {
	// ID is the witness's name for the group, such as its code in the registry. It never appears on the WeChat wire.
	// Invented when empty.
	ID string
	// Name is what its members see. Two groups may have one name.
	Name string
	// Members are nicks. When nil, Count members have invented names.
	Members []string
	Count   int
}

// Group is a WeChat group.
type Group struct {
	sim       *Sim
	id        string
	name      string
	names     []string     // nil: names are invented when they are asked for
	count     int          // people ever in the roster
	gone      map[int]bool // those who left
	rooms     []*membership
	dissolved bool
	said      int
	rand      *rand.Rand
}

// A membership is one account in one group.
type membership struct {
	account *Account
	group   *Group
	saved   bool
	in      bool
	user    string // this login's user name
	active  int
}

// Msg names a message that was said in a group.
type Msg struct {
	ID     string
	Group  string
	Member string
	Text   string
	At     time.Time
}

// AddGroup adds a group. It panics if the id is taken.
func (s *Sim) AddGroup(opt GroupOptions) *Group {
	s.lock()
	defer s.mu.Unlock()
	if opt.ID == "" {
		opt.ID = fmt.Sprintf("g%04d", len(s.groups)+1)
	}
	if _, ok := s.groupID[opt.ID]; ok {
		panic("wxsim: two groups with the id " + opt.ID)
	}
	g := &Group{sim: s, id: opt.ID, name: opt.Name, names: opt.Members, count: opt.Count}
	if opt.Members != nil {
		g.count = len(opt.Members)
	}
	s.groups = append(s.groups, g)
	s.groupID[g.id] = g
	return g
}

// Group finds a group by its hidden id; nil if there is none.
func (s *Sim) Group(id string) *Group {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.groupID[id]
}

// Groups are all groups in order of AddGroup.
func (s *Sim) Groups() []*Group {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*Group(nil), s.groups...)
}

// ID is the hidden name.
func (g *Group) ID() string { return g.id }

// Name is the name that members see now.
func (g *Group) Name() string {
	g.sim.lock()
	defer g.sim.mu.Unlock()
	return g.name
}

// Members are the nicks of those in the group now, without accounts.
func (g *Group) Members() []string {
	g.sim.lock()
	defer g.sim.mu.Unlock()
	var list []string
	for i := range g.count {
		if !g.gone[i] {
			list = append(list, g.nick(i))
		}
	}
	return list
}

func (g *Group) nick(i int) string {
	if g.names != nil {
		return g.names[i]
	}
	return inventName(g.sim.num("person", g.id, strconv.Itoa(i)))
}

// Join puts an account into the group. Only saved groups are in its contact list.
func (g *Group) Join(a *Account, saved bool) {
	g.sim.lock()
	defer g.sim.mu.Unlock()
	m := a.roomOf[g]
	if m == nil {
		m = &membership{account: a, group: g}
		a.roomOf[g] = m
		a.rooms = append(a.rooms, m)
		g.rooms = append(g.rooms, m)
		if a.epoch > 0 {
			a.name(m)
		}
	}
	m.in, m.saved = true, saved
}

// Save says whether the account's phone has the group saved to its contacts.
func (g *Group) Save(a *Account, saved bool) {
	g.sim.lock()
	defer g.sim.mu.Unlock()
	if m := a.roomOf[g]; m != nil {
		m.saved = saved
	}
}

// Leave takes the account out as if its owner had left on the phone: without a notice.
func (g *Group) Leave(a *Account) {
	g.sim.lock()
	defer g.sim.mu.Unlock()
	g.leave(a)
}

// Remove takes the account out as a group's owner does: with the notice that WeChat shows.
func (g *Group) Remove(a *Account) {
	now := g.sim.lock()
	defer g.sim.mu.Unlock()
	g.remove(a, now)
}

func (g *Group) remove(a *Account, now time.Time) {
	if m := a.roomOf[g]; m != nil && m.in {
		g.notice(a, `你被"`+g.anyNick()+`"移出群聊`, now)
		g.leave(a)
	}
}

func (g *Group) leave(a *Account) {
	if m := a.roomOf[g]; m != nil && m.in {
		m.in = false
		a.append(entry{kind: entryDelContact, room: m})
	}
}

// Rename changes the name, with the notice and the change of contacts that members get.
func (g *Group) Rename(name string) {
	now := g.sim.lock()
	defer g.sim.mu.Unlock()
	g.rename(name, now)
}

func (g *Group) rename(name string, now time.Time) {
	g.name = name
	g.sysAll(`"`+g.anyNick()+`"修改群名为“`+name+`”`, now)
	for _, m := range g.rooms {
		if m.in {
			m.account.append(entry{kind: entryModContact, room: m})
		}
	}
}

// Dissolve ends the group. A saved one stays in the contact list with an empty name, as was seen on the real server.
func (g *Group) Dissolve() {
	g.sim.lock()
	defer g.sim.mu.Unlock()
	g.dissolved = true
	for _, m := range g.rooms {
		if m.in {
			m.account.append(entry{kind: entryModContact, room: m})
		}
	}
}

// AddMember has somebody join.
func (g *Group) AddMember(nick string) {
	now := g.sim.lock()
	defer g.sim.mu.Unlock()
	g.addMember(nick)
	g.sysAll(`"`+nick+`"通过扫描二维码加入了群聊`, now)
	g.membersChanged()
}

func (g *Group) addMember(nick string) int {
	if g.names == nil {
		g.names = make([]string, g.count, g.count+1)
		for i := range g.names {
			g.names[i] = inventName(g.sim.num("person", g.id, strconv.Itoa(i)))
		}
	}
	g.names = append(g.names, nick)
	g.count++
	return g.count - 1
}

// RemoveMember has somebody leave, without a notice. It reports whether such a member was there.
func (g *Group) RemoveMember(nick string) bool {
	g.sim.lock()
	defer g.sim.mu.Unlock()
	i := g.find(nick)
	if i < 0 {
		return false
	}
	g.drop(i)
	return true
}

func (g *Group) drop(i int) {
	if g.gone == nil {
		g.gone = map[int]bool{}
	}
	g.gone[i] = true
	g.membersChanged()
}

func (g *Group) membersChanged() {
	for _, m := range g.rooms {
		if m.in {
			m.account.append(entry{kind: entryMembers, room: m})
		}
	}
}

func (g *Group) find(nick string) int {
	for i := range g.count {
		if !g.gone[i] && g.nick(i) == nick {
			return i
		}
	}
	return -1
}

func (g *Group) rng() *rand.Rand {
	if g.rand == nil {
		g.rand = g.sim.rng("group", g.id)
	}
	return g.rand
}

// someone is a member by chance, -1 if there is none.
func (g *Group) someone() int {
	for range 8 * (g.count + 1) {
		if g.count == 0 {
			break
		}
		if i := g.rng().IntN(g.count); !g.gone[i] {
			return i
		}
	}
	return -1
}

func (g *Group) anyNick() string {
	if i := g.someone(); i >= 0 {
		return g.nick(i)
	}
	return "群主"
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
	xml := `<msg><appmsg appid="" sdkver="0"><title>` + html.EscapeString(text) + `</title><des></des><type>57</type><refermsg><type>1</type><svrid>` +
		quoted.ID + `</svrid><fromusr></fromusr><chatusr></chatusr><displayname>` + html.EscapeString(quoted.Member) +
		`</displayname><content>` + html.EscapeString(quoted.Text) + `</content></refermsg></appmsg></msg>`
	return g.speak(&message{kind: 49, app: 57, member: i, content: html.EscapeString(xml), plain: text}, now)
}

// Image has a member post a picture.
func (g *Group) Image(nick string) Msg {
	now := g.sim.lock()
	defer g.sim.mu.Unlock()
	return g.speak(&message{kind: 3, member: g.speaker(nick), plain: "[图片]",
		content: html.EscapeString(`<msg><img aeskey="" encryver="0" cdnthumburl="" length="48211" md5="" /></msg>`)}, now)
}

// Recalls has a member take a message back.
func (g *Group) Recalls(m Msg) {
	now := g.sim.lock()
	defer g.sim.mu.Unlock()
	i := g.speaker(m.Member)
	g.speak(recallNotice(i, m.ID, m.Member), now)
}

func recallNotice(member int, id, nick string) *message {
	xml := `<sysmsg type="revokemsg"><revokemsg><session></session><oldmsgid>` + id[:min(10, len(id))] + `</oldmsgid><msgid>` + id +
		`</msgid><replacemsg><![CDATA["` + nick + `" 撤回了一条消息]]></replacemsg></revokemsg></sysmsg>`
	return &message{kind: 10002, member: member, content: html.EscapeString(xml)}
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
