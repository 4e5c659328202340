package wxsim

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sort"
	"strconv"
	"time"
)

// Errors of the phone.
var (
	ErrNoQR       = errors.New("wxsim: no such QR code, or it is too old")
	ErrNoScan     = errors.New("wxsim: nothing waits for this account's confirmation")
	ErrNotAMember = errors.New("wxsim: the account is not in this group")
)

// AccountOptions describes a person's WeChat.
type AccountOptions struct {
	// Host is where web logins of this account are sent: "wx.qq.com" (when empty) or "wx2.qq.com".
	Host string
	// Nick is the name that others see; invented when empty.
	Nick string
	// Uin is the account's number; invented when zero.
	Uin int64
	// PlainWeb lets the account log in without the UOS header "extspam". Others get 1203.
	PlainWeb bool
	// AutoConfirm answers a push login on the phone without being asked, after Options.ScanDelay.
	AutoConfirm bool
	// Friends are the nicks of people in the contact list.
	Friends []string
}

// Account is a person's WeChat, with the phone that it runs on.
type Account struct {
	sim  *Sim
	id   string
	opt  AccountOptions
	uin  int64
	nick string
	rand *rand.Rand

	epoch    int // logins so far; user names are new in each
	session  *session
	reserved *qr // the code of an automatic scan that is under way
	scanned  *qr // what the phone asks to confirm
	device   string

	rooms    []*membership
	roomOf   map[*Group]*membership
	byUser   map[string]*membership // this epoch's user names
	byFriend map[string]string
	active   int // counts activity, to order recent chats

	log       []entry
	forgotten int // entries of the log before those, which Forget let go
	sent      int // messages by this account, for ids
	lastBatch [2]int
	wake      chan struct{} // closed and renewed when the log grows or the session ends
	touched   time.Time
	bannedTil time.Time
	stats     accountStats
	same      map[string]int // identical texts, for the rule of account.ban
}

// AddAccount adds a person's WeChat. The id is the witness's name for it and never appears on the WeChat wire.
// It panics if the id is taken.
func (s *Sim) AddAccount(id string, opt AccountOptions) *Account {
	now := s.lock()
	defer s.mu.Unlock()
	if _, ok := s.byID[id]; ok {
		panic("wxsim: two accounts with the id " + id)
	}
	if opt.Host == "" {
		opt.Host = "wx.qq.com"
	}
	a := &Account{
		sim: s, id: id, opt: opt, uin: opt.Uin, nick: opt.Nick, rand: s.rng("account", id),
		roomOf: map[*Group]*membership{}, byUser: map[string]*membership{}, byFriend: map[string]string{},
		wake: make(chan struct{}), touched: now, same: map[string]int{},
	}
	if a.uin == 0 {
		a.uin = int64(100_000_000 + s.num("uin", id)%1_900_000_000)
	}
	if a.nick == "" {
		a.nick = inventName(s.num("nick", id))
	}
	a.stats.init()
	s.accounts = append(s.accounts, a)
	s.byID[id] = a
	s.byUin[a.uin] = a
	return a
}

// Account finds an account by its id; nil if there is none.
func (s *Sim) Account(id string) *Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byID[id]
}

// Accounts are all accounts in order of AddAccount.
func (s *Sim) Accounts() []*Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*Account(nil), s.accounts...)
}

// ID is the hidden name of the account.
func (a *Account) ID() string { return a.id }

// Uin is the account's number on the wire.
func (a *Account) Uin() int64 { return a.uin }

// Nick is the name that others see.
func (a *Account) Nick() string { return a.nick }

// UserName is the account's own name in the current login, "" before the first.
func (a *Account) UserName() string {
	a.sim.lock()
	defer a.sim.mu.Unlock()
	if a.epoch == 0 {
		return ""
	}
	return a.user()
}

// LoggedIn reports whether the account has a living session.
func (a *Account) LoggedIn() bool {
	a.sim.lock()
	defer a.sim.mu.Unlock()
	return a.session.alive()
}

// Unfetched is how much of what came for the account its session has not fetched yet.
func (a *Account) Unfetched() int {
	a.sim.lock()
	defer a.sim.mu.Unlock()
	return a.written() - a.lastBatch[1]
}

// Scan points the phone at a QR code. Confirm must follow.
func (a *Account) Scan(uuid string) error {
	now := a.sim.lock()
	defer a.sim.mu.Unlock()
	return a.scan(uuid, now)
}

func (a *Account) scan(uuid string, now time.Time) error {
	q := a.sim.qrs[uuid]
	if q == nil || q.expired(now) || q.account != nil && q.account != a {
		return ErrNoQR
	}
	q.account, q.state = a, qrScanned
	q.bump()
	a.scanned = q
	a.touched = now
	return nil
}

// Confirm presses "log in" on the phone, for a QR code or for a push login.
func (a *Account) Confirm() error {
	now := a.sim.lock()
	defer a.sim.mu.Unlock()
	return a.confirm(now)
}

func (a *Account) confirm(now time.Time) error {
	q := a.scanned
	if q == nil {
		return ErrNoScan
	}
	a.scanned = nil
	if q.expired(now) {
		return ErrNoQR
	}
	q.state = qrConfirmed
	q.bump()
	a.touched = now
	return nil
}

// ScanAndConfirm does both.
func (a *Account) ScanAndConfirm(uuid string) error {
	now := a.sim.lock()
	defer a.sim.mu.Unlock()
	if err := a.scan(uuid, now); err != nil {
		return err
	}
	return a.confirm(now)
}

// Kick ends the session as a login elsewhere does: 1101.
func (a *Account) Kick() { a.End(1101) }

// LogoutOnPhone ends the session from the phone: 1100.
func (a *Account) LogoutOnPhone() { a.End(1100) }

// End ends the session; its requests get the code from then on.
func (a *Account) End(code int) {
	a.sim.lock()
	defer a.sim.mu.Unlock()
	a.end(code)
}

func (a *Account) end(code int) {
	if a.session.alive() {
		a.session.dead, a.session.book = code, nil
		a.bump()
	}
}

// Touch is somebody opening WeChat on the phone: it ends the state in which sync is silent.
func (a *Account) Touch() {
	now := a.sim.lock()
	defer a.sim.mu.Unlock()
	a.touched = now
	if f := a.sim.faults["sync.ret3"]; f != nil {
		// Using the phone is what unsticks it.
		if t := f.tally(a.sim, a); t.hits > 0 {
			t.over = true
		}
	}
	a.bump()
}

// PhoneSays writes in a group from the phone. The session sees it as an own message; the witness does not count it.
func (a *Account) PhoneSays(g *Group, text string) error {
	now := a.sim.lock()
	defer a.sim.mu.Unlock()
	m := a.roomOf[g]
	if m == nil || !m.in || g.dissolved {
		return ErrNotAMember
	}
	a.sent++
	g.deliver(&message{
		id: a.sim.msgID(a.id, a.sent), at: now, kind: 1, group: g, from: a, content: wireText(text), plain: text,
	}, nil)
	return nil
}

// FriendSays has a person of the contact list write to the account directly.
func (a *Account) FriendSays(nick, text string) {
	now := a.sim.lock()
	defer a.sim.mu.Unlock()
	a.sent++
	a.append(entry{kind: entryMessage, msg: &message{
		id: a.sim.msgID("friend "+a.id, a.sent), at: now, kind: 1, friend: nick, content: wireText(text), plain: text,
	}})
}

// bump wakes the long poll.
func (a *Account) bump() {
	close(a.wake)
	a.wake = make(chan struct{})
}

// newEpoch gives all chats new user names.
func (a *Account) newEpoch() {
	a.epoch++
	a.byUser = make(map[string]*membership, len(a.rooms))
	for _, m := range a.rooms {
		a.name(m)
	}
	a.byFriend = make(map[string]string, len(a.opt.Friends))
	for _, f := range a.opt.Friends {
		a.byFriend[a.friendUser(f)] = f
	}
}

func (a *Account) name(m *membership) {
	m.user = "@@" + a.sim.hex("group", a.id, strconv.Itoa(a.epoch), m.group.id)
	a.byUser[m.user] = m
}

func (a *Account) user() string { return "@" + a.sim.hex("self", a.id, strconv.Itoa(a.epoch)) }

func (a *Account) friendUser(nick string) string {
	return "@" + a.sim.hex("friend", a.id, strconv.Itoa(a.epoch), nick)
}

// memberUser is a member's name as this account's session sees it.
func (a *Account) memberUser(g *Group, i int) string {
	return "@" + a.sim.hex("member", a.id, strconv.Itoa(a.epoch), g.id, strconv.Itoa(i))
}

// otherUser is another account's name as this account's session sees it.
func (a *Account) otherUser(b *Account) string {
	if a == b {
		return a.user()
	}
	return "@" + a.sim.hex("other", a.id, strconv.Itoa(a.epoch), b.id)
}

// recent are up to n chats, the latest first, saved or not.
func (a *Account) recent(n int) []*membership {
	var list []*membership
	for _, m := range a.rooms {
		if m.in && !m.group.dissolved && (m.active > 0 || !m.saved) {
			list = append(list, m)
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].active > list[j].active })
	if len(list) > n {
		list = list[:n]
	}
	return list
}

func (a *Account) String() string { return fmt.Sprintf("account %s", a.id) }
