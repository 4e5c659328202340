package wxsim

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// control is the other entrance, for a person or a test in another process: the phone, the residents, the faults and
// the witness, in JSON, under /_sim/ on any host. Settings are in the query or in a form.
//
//	POST scan?uuid=&account=         scan and confirm; without account, the next that is not logged in
//	POST confirm?account=            confirm a push login
//	POST say?group=&member=&text=    a member speaks; quote=<arrival seq> quotes a post, app=1 as an app message
//	POST sys?group=&text=            a grey notice
//	POST phone?account=&group=&text= the account's owner writes on the phone
//	POST fault?spec=                 switch faults on; clear=<name> switches one off
//	POST kick?account=  logout?account=  touch?account=
//	POST rename?group=&name=  remove?group=&account=  leave?group=&account=  dissolve?group=  join?group=&account=&saved=
//	GET  arrivals?since=  swallowed  accounts  groups  report  faults
func (s *Sim) control(c *call) reply {
	q := c.query
	if strings.HasPrefix(c.header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		if form, err := url.ParseQuery(string(c.body)); err == nil {
			for k, v := range form {
				q[k] = append(q[k], v...)
			}
		}
	}
	verb := strings.TrimPrefix(c.path, "/_sim/")
	if c.method == http.MethodGet || c.method == "" {
		return s.look(verb, q)
	}
	if c.method != http.MethodPost {
		return wrong(http.StatusMethodNotAllowed, "only GET and POST")
	}
	return s.act(verb, q)
}

func wrong(status int, why string) reply {
	rep := answer(map[string]string{"error": why})
	rep.status = status
	rep.header.Set("Content-Type", "application/json; charset=utf-8")
	return rep
}

func right(v any) reply {
	rep := answer(v)
	rep.header.Set("Content-Type", "application/json; charset=utf-8")
	return rep
}

// AccountView is an account in the control side's list.
type AccountView struct {
	ID       string `json:"id"`
	Uin      int64  `json:"uin"`
	Nick     string `json:"nick"`
	Host     string `json:"host"`
	LoggedIn bool   `json:"logged_in"`
	Groups   int    `json:"groups"`
	Confirm  bool   `json:"confirm"` // the phone asks for a confirmation
}

// GroupView is a group in the control side's list.
type GroupView struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Members   int      `json:"members"`
	Accounts  []string `json:"accounts"`
	Dissolved bool     `json:"dissolved,omitempty"`
}

func (s *Sim) look(verb string, q url.Values) reply {
	switch verb {
	case "arrivals":
		since, _ := strconv.Atoi(q.Get("since"))
		list := s.ArrivalsSince(since)
		if list == nil {
			list = []Arrival{}
		}
		return right(list)
	case "swallowed":
		return right(append([]Arrival{}, s.Swallowed()...))
	case "accounts":
		return right(s.accountViews())
	case "groups":
		return right(s.groupViews())
	case "report":
		return right(s.Report())
	case "faults":
		return right(FaultNames())
	}
	return wrong(http.StatusNotFound, "no such list: "+verb)
}

func (s *Sim) accountViews() []AccountView {
	now := s.lock()
	defer s.mu.Unlock()
	list := []AccountView{}
	for _, a := range s.accounts {
		n := 0
		for _, m := range a.rooms {
			if m.in && !m.group.dissolved {
				n++
			}
		}
		list = append(list, AccountView{a.id, a.uin, a.nick, a.opt.Host, a.session.alive(), n, a.scanned != nil && !a.scanned.expired(now)})
	}
	return list
}

func (s *Sim) groupViews() []GroupView {
	s.lock()
	defer s.mu.Unlock()
	list := []GroupView{}
	for _, g := range s.groups {
		v := GroupView{ID: g.id, Name: g.name, Members: g.count - len(g.gone), Accounts: []string{}, Dissolved: g.dissolved}
		for _, m := range g.rooms {
			if m.in {
				v.Accounts = append(v.Accounts, m.account.id)
			}
		}
		list = append(list, v)
	}
	return list
}

// nextFree is the first account that is not logged in.
func (s *Sim) nextFree() *Account {
	s.lock()
	defer s.mu.Unlock()
	for _, a := range s.accounts {
		if !a.session.alive() && a.reserved == nil && a.scanned == nil {
			return a
		}
	}
	return nil
}

func (s *Sim) act(verb string, q url.Values) reply {
	done := func(err error) reply {
		if err != nil {
			return wrong(http.StatusConflict, err.Error())
		}
		return right(map[string]bool{"ok": true})
	}
	g, a := s.Group(q.Get("group")), s.Account(q.Get("account"))
	if verb == "scan" && q.Get("account") == "" {
		a = s.nextFree()
	}
	needG := strings.Contains(" say sys phone rename remove leave dissolve join ", " "+verb+" ")
	needA := strings.Contains(" scan confirm phone kick logout touch remove leave join ", " "+verb+" ")
	if needG && g == nil {
		return wrong(http.StatusNotFound, "no such group: "+q.Get("group"))
	}
	if needA && a == nil {
		return wrong(http.StatusNotFound, "no such account: "+q.Get("account"))
	}
	switch verb {
	case "scan":
		if err := a.ScanAndConfirm(q.Get("uuid")); err != nil {
			return done(err)
		}
		return right(map[string]any{"ok": true, "account": a.id})
	case "confirm":
		return done(a.Confirm())
	case "say":
		return s.say(g, q)
	case "sys":
		g.Sys(q.Get("text"))
	case "phone":
		return done(a.PhoneSays(g, q.Get("text")))
	case "fault":
		if n := q.Get("clear"); n != "" {
			return right(map[string]bool{"ok": s.ClearFault(n)})
		}
		if err := s.ParseFaults(q.Get("spec")); err != nil {
			return wrong(http.StatusBadRequest, err.Error())
		}
	case "kick":
		a.Kick()
	case "logout":
		a.LogoutOnPhone()
	case "touch":
		a.Touch()
	case "rename":
		g.Rename(q.Get("name"))
	case "remove":
		g.Remove(a)
	case "leave":
		g.Leave(a)
	case "dissolve":
		g.Dissolve()
	case "join":
		g.Join(a, q.Get("saved") != "false")
	default:
		return wrong(http.StatusNotFound, "no such verb: "+verb)
	}
	return done(nil)
}

func (s *Sim) say(g *Group, q url.Values) reply {
	seq, _ := strconv.Atoi(q.Get("quote"))
	var msg Msg
	if list := s.Arrivals(); seq > 0 && seq <= len(list) {
		post := list[seq-1]
		nick := ""
		if a := s.Account(post.Account); a != nil {
			nick = a.nick
		}
		msg = g.Quotes(q.Get("member"), Msg{ID: post.ServerMsgID, Member: nick, Text: post.Text}, q.Get("text"), q.Get("app") != "")
	} else {
		msg = g.Says(q.Get("member"), q.Get("text"))
	}
	b, err := json.Marshal(msg)
	if err != nil {
		return wrong(http.StatusInternalServerError, err.Error())
	}
	return right(json.RawMessage(b))
}
