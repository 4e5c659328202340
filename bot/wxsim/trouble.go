package wxsim

import (
	"bytes"
	"compress/gzip"
	"strconv"
	"strings"
	"time"
)

// meant reports whether a fault of the wire is about this request.
func (f *fault) meant(c *call) bool {
	switch on := f.str("on"); on {
	case "", "all":
		return true
	case "send":
		return c.isSend()
	case "sync":
		return c.endpoint == "synccheck" || c.endpoint == "webwxsync"
	default:
		return on == c.endpoint
	}
}

// strike is hit for faults of the wire: by the name in family wire, and for sends by the name in family send.
func (s *Sim) strike(c *call, name string, now time.Time) *fault {
	if len(s.faults) == 0 {
		return nil
	}
	if f := s.faults["wire."+name]; f != nil && f.meant(c) {
		if f := s.hit("wire."+name, c.acct, s.target(c, f), now); f != nil {
			return f
		}
	}
	if f := s.faults["send."+name]; c.isSend() && f != nil {
		return s.hit("send."+name, c.acct, s.target(c, f), now)
	}
	return nil
}

// target is the group that a send is for, read only if the fault asks for one.
func (s *Sim) target(c *call, f *fault) *Group {
	if c.acct == nil || !c.isSend() || f.str("group") == "" {
		return nil
	}
	var req sendRequest
	if decode(c.body, &req) {
		if m := c.acct.byUser[req.Msg.ToUserName]; m != nil {
			return m.group
		}
	}
	return nil
}

// refused is asked by Transport before there is a connection.
func (s *Sim) refused(c *call) bool {
	now := s.lock()
	defer s.mu.Unlock()
	c.dialled = true
	if uin, err := strconv.ParseInt(c.cookies["wxuin"], 10, 64); err == nil {
		c.acct = s.byUin[uin]
	}
	if strings.HasPrefix(c.path, "/_sim/") || s.strike(c, "refused", now) == nil {
		return false
	}
	s.count(c, now)
	return true
}

// wireBefore may stop a request before it is worked on, or delay it.
func (s *Sim) wireBefore(c *call, now time.Time) (reply, bool) {
	if len(s.faults) == 0 {
		return reply{}, false
	}
	if !c.dialled && s.strike(c, "refused", now) != nil {
		return reply{cut: cutRefused}, true
	}
	if f := s.faults["session.midnight"]; f != nil && f.meant(c) && f.night(now) && s.hit("session.midnight", c.acct, nil, now) != nil {
		return reply{cut: cutStatus}, true
	}
	if f := s.faults["session.cut"]; f != nil && f.meant(c) && c.acct != nil && c.acct.session.alive() {
		if s.hit("session.cut", c.acct, nil, now) != nil {
			c.acct.end(f.num("code"))
		}
	}
	if s.strike(c, "cut_before", now) != nil {
		return reply{cut: cutSilent}, true
	}
	if s.first(c, "502", now) {
		return page(502, "502 Bad Gateway"), true
	}
	if s.first(c, "html", now) {
		return page(200, "WeChat"), true
	}
	for _, name := range []string{"wire.slow", "send.slow"} {
		if f := s.slow(c, name, "before", now); f != nil {
			return reply{wait: f.span("delay", f.tally(s, c.acct).rng)}, false
		}
	}
	return reply{}, false
}

func (f *fault) night(now time.Time) bool {
	h := now.UTC().Add(time.Duration(f.num("zone")) * time.Hour).Hour()
	return h >= f.num("from") && h < f.num("to")
}

func (s *Sim) first(c *call, name string, now time.Time) bool {
	f := s.faults["wire."+name]
	return f != nil && f.str("when") != "after" && s.strike(c, name, now) != nil
}

func (s *Sim) slow(c *call, name, when string, now time.Time) *fault {
	f := s.faults[name]
	if f == nil || f.str("when") != when || !f.meant(c) || name == "send.slow" && !c.isSend() {
		return nil
	}
	return s.hit(name, c.acct, s.target(c, f), now)
}

// wireAfter may spoil an answer.
func (s *Sim) wireAfter(c *call, rep *reply, now time.Time) {
	if len(s.faults) == 0 || rep.cut != cutNone {
		return
	}
	for _, name := range []string{"wire.slow", "send.slow"} {
		if f := s.slow(c, name, "after", now); f != nil {
			rep.wait += f.span("delay", f.tally(s, c.acct).rng)
		}
	}
	for _, p := range []struct {
		name  string
		title string
		code  int
	}{{"502", "502 Bad Gateway", 502}, {"html", "WeChat", 200}} {
		if f := s.faults["wire."+p.name]; f != nil && f.str("when") == "after" && s.strike(c, p.name, now) != nil {
			wait := rep.wait
			*rep = page(p.code, p.title)
			rep.wait = wait
			return
		}
	}
	switch {
	case s.strike(c, "cut_after", now) != nil:
		rep.cut = cutSilent
	case s.strike(c, "cut_mid", now) != nil:
		rep.cut = cutMid
	case s.strike(c, "truncated", now) != nil:
		rep.body = rep.body[:len(rep.body)/2]
	}
	if f := s.strike(c, "gzip", now); f != nil {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(rep.body)
		_ = z.Close()
		rep.body = b.Bytes()
		if f.flag("header") {
			rep.header.Set("Content-Encoding", "gzip")
		}
	}
}

// syncShape gives webwxsync one of the shapes that break clients.
func (s *Sim) syncShape(a *Account, now time.Time) (reply, bool) {
	type keyed struct {
		BaseResponse baseResponse
		AddMsgCount  int
		AddMsgList   []int
		SyncKey      any
	}
	none := wireKey{List: []wirePair{}}
	switch {
	case len(s.faults) == 0:
		return reply{}, false
	case s.hit("sync.ret3", a, nil, now) != nil:
		return answer(keyed{baseResponse{Ret: 3}, 0, []int{}, none}), true
	case s.hit("sync.minus1", a, nil, now) != nil:
		return answer(keyed{baseResponse{Ret: -1}, 0, []int{}, none}), true
	case s.hit("sync.1101", a, nil, now) != nil:
		a.end(1101)
		return retOnly(1101), true
	case s.hit("sync.no_key", a, nil, now) != nil:
		return answer(map[string]any{"BaseResponse": baseResponse{}, "AddMsgCount": 0, "AddMsgList": []int{}}), true
	case s.hit("sync.null_key", a, nil, now) != nil:
		return answer(keyed{SyncKey: nil, AddMsgList: []int{}}), true
	}
	if f := s.hit("sync.bad_count", a, nil, now); f != nil {
		key := a.key(a.written(), a.session)
		key.Count = f.num("count")
		return answer(keyed{AddMsgList: []int{}, SyncKey: key}), true
	}
	return reply{}, false
}

// stuck is the fault sync.stuck while it lasts.
func (s *Sim) stuck(a *Account, now time.Time) *fault {
	f := s.faults["sync.stuck"]
	if f == nil || !f.covers(a, nil) {
		return nil
	}
	t := f.tally(s, a)
	if now.Before(t.until) {
		return f
	}
	if !t.until.IsZero() {
		t.until, t.over = time.Time{}, true
	}
	if s.hit("sync.stuck", a, nil, now) == nil {
		return nil
	}
	t.until = now.Add(f.dur("most"))
	return f
}

// unstick is what the next send does.
func (a *Account) unstick() {
	if f := a.sim.faults["sync.stuck"]; f != nil && f.covers(a, nil) {
		if t := f.tally(a.sim, a); !t.until.IsZero() {
			t.until, t.over = time.Time{}, true
		}
	}
}

// throttled counts a send and says what the throttles make of it: a code, or the silent refusal with a notice.
func (s *Sim) throttled(a *Account, g *Group, media bool, now time.Time) (ret int, notice bool) {
	if len(s.faults) == 0 {
		return 0, false
	}
	if f := s.faults["send.bucket"]; f != nil && f.covers(a, g) {
		if s.over(f, a, f.num("n"), f.dur("per"), 0, now) {
			return refusal(f)
		}
	}
	if f := s.faults["send.day_cap"]; f != nil && f.covers(a, g) {
		if s.over(f, a, f.num("n"), 24*time.Hour, f.dur("block"), now) {
			return refusal(f)
		}
	}
	if f := s.faults["media.bucket"]; f != nil && media && f.covers(a, g) {
		t := f.tally(s, a)
		t.times = within(t.times, now, 24*time.Hour)
		if len(t.times) >= f.num("day") || len(within(t.times, now, time.Hour)) >= f.num("hour") {
			t.hits++
			f.hits++
			if t.hits > f.num("warnings") {
				return -1, false
			}
			return 1205, false
		}
		t.times = append(t.times, now)
	}
	return 0, false
}

// over counts an occasion of a throttle, and says whether there were too many or a block is still on.
func (s *Sim) over(f *fault, a *Account, n int, per, block time.Duration, now time.Time) bool {
	t := f.tally(s, a)
	if now.Before(t.until) {
		f.hits++
		return true
	}
	t.times = within(t.times, now, per)
	if len(t.times) >= n {
		f.hits++
		if block > 0 {
			t.until, t.times = now.Add(block), nil
		}
		return true
	}
	t.times = append(t.times, now)
	return false
}

func refusal(f *fault) (int, bool) {
	if f.str("mode") == "notice" {
		return 0, true
	}
	return 1205, false
}

// batchLimit is the throttle of webwxbatchgetcontact.
func (s *Sim) batchLimit(a *Account, now time.Time) int {
	if s.hit("batch.minus1", a, nil, now) != nil {
		return -1
	}
	if f := s.faults["batch.1205"]; f != nil && f.covers(a, nil) && s.over(f, a, f.num("n"), f.dur("per"), f.dur("block"), now) {
		return 1205
	}
	return 0
}

// banRules ends the session and forbids logging in, when a rule is broken.
func (s *Sim) banRules(a *Account, g *Group, d Arrival, now time.Time) bool {
	f := s.faults["account.ban"]
	if f == nil || !f.covers(a, g) {
		return false
	}
	t := f.tally(s, a)
	t.times = append(within(t.times, now, f.dur("per")), now)
	broken := len(t.times) > f.num("rate")
	if n := f.num("same"); n > 0 && g != nil {
		a.same[d.Text]++
		broken = broken || a.same[d.Text] > n
	}
	if p := f.share("complaint"); p > 0 && g != nil {
		broken = broken || t.rng.Float64() < p
	}
	if !broken {
		return false
	}
	f.hits++
	a.bannedTil = now.Add(f.dur("ban"))
	a.end(1100)
	return true
}

// limitLife has a session end by itself.
func (s *Sim) limitLife(ses *session, now time.Time) {
	a := ses.account
	f := s.hit("session.life", a, nil, now)
	if f == nil {
		return
	}
	life := f.dur("ttl")
	if life == 0 {
		hours := []time.Duration{12, 24, 30, 48, 336}
		rng := f.tally(s, a).rng
		life = hours[rng.IntN(len(hours))] * time.Hour
		if rng.Float64() < 0.05 {
			life = 15 * time.Minute
		}
	}
	code := f.num("code")
	s.at(now.Add(life), func(time.Time) {
		if ses.alive() {
			ses.dead = code
			a.bump()
		}
	})
}

// within forgets what is older than a window, and returns what is left.
func within(list []time.Time, now time.Time, d time.Duration) []time.Time {
	i := 0
	for i < len(list) && now.Sub(list[i]) >= d {
		i++
	}
	return list[i:]
}
