package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"chunfeng/bot/wxsim"
	"chunfeng/broadcast/intake"
	"chunfeng/examples"
	"chunfeng/store"
)

// world is the other side of the demonstration: WeChat with its groups, their residents, and the telephones of the
// bureau's accounts. It knows what was really said and what really arrived, and the program under demonstration is
// never asked for it.
type world struct {
	sim    *wxsim.Sim
	server *http.Server
	url    string
	rng    *rand.Rand
	groups []store.Group // the registry as it is imported

	vacancy func(code string) (store.Vacancy, bool)

	mu      sync.Mutex
	season  int                       // which wave's replies are given out
	replies map[string]examples.Reply // by group, for the wave of the season
	said    []expectation             // what residents have really said
	spoken  time.Time                 // when the last of it is said
}

// expectation is what a person would make of a message that a resident really wrote.
type expectation struct {
	id, group, intent string
	at                time.Time // when it is said
	people            []expectedPerson
}

type expectedPerson struct {
	phone     string
	vacancies []string
}

func newWorld(groups, accounts int, seed uint64) (*world, error) {
	w := &world{
		sim:     wxsim.New(wxsim.Options{Seed: seed, ScanDelay: 50 * time.Millisecond, Hold: 200 * time.Millisecond}),
		rng:     rand.New(rand.NewPCG(seed, 1)),
		replies: map[string]examples.Reply{},
	}
	if err := w.readRegistry(groups, accounts); err != nil {
		return nil, err
	}
	for i := range accounts {
		host := "wx.qq.com"
		if i%2 == 1 {
			host = "wx2.qq.com"
		}
		w.sim.AddAccount(accountName(i), wxsim.AccountOptions{Host: host, AutoConfirm: true})
	}
	w.twins()
	for _, g := range w.groups {
		w.sim.AddGroup(wxsim.GroupOptions{ID: g.Code, Name: g.Name, Count: 12 + w.rng.IntN(40)}).Join(w.sim.Account(g.Account), true)
	}
	w.sim.OnPost(w.answer)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w.url = "http://" + listener.Addr().String()
	w.server = &http.Server{Handler: w.sim.Handler(), ReadHeaderTimeout: 10 * time.Second}
	go w.server.Serve(listener)
	return w, nil
}

func accountName(i int) string { return fmt.Sprintf("a%02d", i+1) }

// readRegistry takes as many groups of the shipped registry as asked for, evenly over the counties, and shares them out
// among as many accounts.
func (w *world) readRegistry(groups, accounts int) error {
	data, err := examples.FS.ReadFile(examples.Registry)
	if err != nil {
		return err
	}
	read, err := intake.ReadGroups(examples.Registry, data, intake.Options{})
	if err != nil {
		return err
	}
	all := read.Items
	for i := range groups {
		g := all[i*len(all)/groups]
		var n int
		fmt.Sscanf(g.Account, "a%d", &n)
		g.Account = accountName((n + accounts - 1) % accounts)
		w.groups = append(w.groups, g)
	}
	return nil
}

// twins gives two groups of one account the same name, as happens in every registry: which is which cannot be known from
// the name, so neither may be written to until a phrase posted in it has proven it.
func (w *world) twins() {
	for i := 1; i < len(w.groups); i++ {
		if w.groups[i].Account == w.groups[i-1].Account {
			w.groups[i].Name = w.groups[i-1].Name
			return
		}
	}
}

// registry is the file that the bureau's clerk imports.
func (w *world) registry() []byte {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	c := csv.NewWriter(&b)
	c.Write([]string{"code", "name", "county", "township", "kind", "language", "tags", "account"})
	for _, g := range w.groups {
		c.Write([]string{g.Code, g.Name, g.County, g.Township, g.Kind, g.Language, strings.Join(g.Tags, " "), g.Account})
	}
	c.Flush()
	return b.Bytes()
}

func (w *world) close() {
	w.server.Close()
	w.sim.Close()
}

// prepare gives out the labelled messages for a wave, each to one group of its language: the even ones after the first
// wave, the odd ones after the second.
func (w *world) prepare(season int) error {
	all, err := examples.ReadReplies()
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.season = season
	clear(w.replies)
	free := map[string][]string{}
	for _, i := range w.rng.Perm(len(w.groups)) {
		g := w.groups[i]
		free[g.Language] = append(free[g.Language], g.Code)
	}
	for i, m := range all {
		if (i+1)%2 != season%2 {
			continue
		}
		for _, lang := range []string{m.Lang, "both"} {
			if f := free[lang]; len(f) > 0 {
				w.replies[f[0]] = m
				free[lang] = f[1:]
				break
			}
		}
	}
	return nil
}

var codeInText = regexp.MustCompile(`\b[A-Z]{1,2}[0-9]{3}\b`)

// answer is what the residents of a group say to a post: most groups nothing, some a message of the labelled file with
// the codes of the post put in. A post that tells too few vacancies for the message is left unanswered.
func (w *world) answer(post wxsim.Arrival) []wxsim.Saying {
	w.mu.Lock()
	defer w.mu.Unlock()
	if post.Kind != "text" || post.Group == "" {
		return nil
	}
	codes := codeInText.FindAllString(post.Text, -1)
	m, ok := w.replies[post.Group]
	if !ok || len(codes) == 0 || !strings.HasPrefix(codes[0], string(rune('A'+w.season-1))) {
		return nil
	}
	slices.Sort(codes)
	codes = slices.Compact(codes)
	fill, ok := w.filler(m, codes)
	if !ok {
		return nil
	}
	delete(w.replies, post.Group)
	e := expectation{id: m.ID, group: post.Group, intent: m.Want.Intent}
	for _, p := range m.Want.People {
		one := expectedPerson{phone: fill(p.Phone)}
		for _, v := range p.Vacancies {
			one.vacancies = append(one.vacancies, fill(v))
		}
		e.people = append(e.people, one)
	}
	s := wxsim.Saying{After: time.Duration(50+w.rng.IntN(950)) * time.Millisecond, Text: fill(m.Text)}
	if e.at = time.Now().Add(s.After); e.at.After(w.spoken) {
		w.spoken = e.at
	}
	w.said = append(w.said, e)
	if m.Quote == nil {
		return []wxsim.Saying{s}
	}
	// The labelled quotation is of its own wording, not of this post: it is said as WeChat carries it.
	g := w.sim.Group(post.Group)
	quoted := wxsim.Msg{ID: post.ServerMsgID, Group: post.Group, Member: fill(m.Quote.By), Text: fill(m.Quote.Text), At: post.At}
	time.AfterFunc(s.After, func() { g.Quotes("", quoted, s.Text, m.Quote.As == "app") })
	return nil
}

// filler answers what puts a post's codes into a message, false when the post does not tell enough for it.
func (w *world) filler(m examples.Reply, codes []string) (func(string) string, bool) {
	raw, err := json.Marshal(m)
	if err != nil || len(codes) == 0 {
		return nil, false
	}
	two := bytes.Contains(raw, []byte("{code2}")) || bytes.Contains(raw, []byte("{n2}"))
	if two && len(codes) < 2 {
		return nil, false
	}
	second := codes[0]
	if two {
		second = codes[1]
	}
	v, ok := w.vacancy(codes[0])
	if !ok || bytes.Contains(raw, []byte("{employer_phone}")) && len(v.Phones) == 0 {
		return nil, false
	}
	number := func(code string) string {
		return strings.TrimLeft(strings.TrimLeft(code, "ABCDEFGHJKLMNPQRSTUVWXYZ"), "0")
	}
	pairs := []string{
		"{code}", codes[0], "{code2}", second, "{n}", number(codes[0]), "{n2}", number(second),
		"{employer}", v.Employer.In(m.Lang), "{post}", v.Post.In(m.Lang),
	}
	if len(v.Phones) > 0 {
		pairs = append(pairs, "{employer_phone}", v.Phones[0].RevealNational())
	}
	r := strings.NewReplacer(pairs...)
	return r.Replace, true
}

// heard is what residents have really said so far.
func (w *world) heard() []expectation {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.said)
}

// empty tells that no account is in a group.
func (w *world) empty(code string) bool { return len(w.sim.Group(code).Accounts()) == 0 }

// lastSaid is when the last of it is said at the latest.
func (w *world) lastSaid() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.spoken
}

// lastGroupOf is the group of an account that stands last in the registry.
func (w *world) lastGroupOf(account string) string {
	for _, g := range slices.Backward(w.groups) {
		if g.Account == account {
			return g.Code
		}
	}
	return ""
}

// nameOf is a group's name in the registry.
func (w *world) nameOf(code string) string {
	for _, g := range w.groups {
		if g.Code == code {
			return g.Name
		}
	}
	return ""
}
