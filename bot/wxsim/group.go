package wxsim

import (
	"fmt"
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

// Accounts are the names of the accounts that are in the group now, whether or not they are logged in: who is not there
// hears nothing of what is said.
func (g *Group) Accounts() []string {
	g.sim.lock()
	defer g.sim.mu.Unlock()
	var list []string
	for _, m := range g.rooms {
		if m.in {
			list = append(list, m.account.id)
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
