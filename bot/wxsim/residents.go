package wxsim

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"
)

// begin starts a fault that happens by the clock instead of by requests.
func (s *Sim) begin(f *fault, now time.Time) {
	var do func(rng *rand.Rand, g *Group, now time.Time)
	switch f.name {
	case "residents.chatter":
		do = func(rng *rand.Rand, g *Group, now time.Time) {
			lines := chatter()
			g.says(g.speaker(""), lines[rng.IntN(len(lines))], now)
		}
	case "churn.rename":
		do = func(rng *rand.Rand, g *Group, now time.Time) {
			g.rename(fmt.Sprintf("%s %d", g.name, rng.IntN(90)+10), now)
		}
	case "churn.members":
		do = func(rng *rand.Rand, g *Group, now time.Time) {
			if i := g.someone(); i >= 0 {
				g.drop(i)
			}
			nick := inventName(rng.Uint64())
			g.addMember(nick)
			g.sysAll(`"`+nick+`"通过扫描二维码加入了群聊`, now)
		}
	case "churn.remove":
		do = func(rng *rand.Rand, g *Group, now time.Time) {
			if a := s.byID[f.str("account")]; a != nil {
				g.remove(a, now)
			} else if len(g.rooms) > 0 {
				g.remove(g.rooms[rng.IntN(len(g.rooms))].account, now)
			}
		}
	case "churn.dissolve":
		do = func(_ *rand.Rand, g *Group, _ time.Time) {
			g.dissolved = true
			for _, m := range g.rooms {
				m.account.append(entry{kind: entryModContact, room: m})
			}
		}
	default:
		return
	}
	rng := s.rng("clock", f.name, strconv.Itoa(f.num("seed")))
	every := max(f.dur("every"), time.Millisecond)
	var tick func(now time.Time)
	tick = func(now time.Time) {
		if s.faults[f.name] != f {
			return
		}
		if g := s.pick(f, rng); g != nil && s.hit(f.name, s.byID[f.str("account")], g, now) != nil {
			do(rng, g, now)
		}
		s.at(now.Add(every), tick)
	}
	s.at(now.Add(every), tick)
}

// pick is a living group by chance, within the settings account and group.
func (s *Sim) pick(f *fault, rng *rand.Rand) *Group {
	if id := f.str("group"); id != "" {
		if g := s.groupID[id]; g != nil && !g.dissolved {
			return g
		}
		return nil
	}
	a := s.byID[f.str("account")]
	n := len(s.groups)
	if a != nil {
		n = len(a.rooms)
	}
	// A few draws find one, unless nearly all are gone: then this time passes.
	for range 20 {
		if n == 0 {
			break
		}
		i := rng.IntN(n)
		if a != nil {
			if m := a.rooms[i]; m.in && !m.group.dissolved {
				return m.group
			}
		} else if g := s.groups[i]; !g.dissolved && len(g.rooms) > 0 {
			return g
		}
	}
	return nil
}

// residents may answer a post with something that means little or much.
func (s *Sim) residents(a *Account, g *Group, post Arrival, now time.Time) {
	f := s.hit("residents.reply", a, g, now)
	if f == nil {
		return
	}
	rng := f.tally(s, a).rng
	lines := answers()
	say := Saying{Text: lines[rng.IntN(len(lines))], Quote: rng.IntN(3) == 0}
	if rng.IntN(2) == 0 {
		// Numbers of a range that no operator has given out.
		say.Text = fmt.Sprintf("%s 1990000%04d", say.Text, rng.IntN(10000))
	}
	s.at(now.Add(f.span("delay", rng)), func(t time.Time) { g.resident(post, say, t) })
}

func chatter() []string {
	return []string{
		"오늘 날씨가 좋네요 😊", "今天菜市场的白菜便宜", "명절 잘 보내세요", "谁家有旧自行车？", "ㅋㅋㅋ", "收到", "谢谢群主 🙏",
		"停水通知看到了吗", "내일 회의 몇 시예요?", "<看图>", "孩子们放学了 & 接送请注意", "좋은 아침입니다\n모두 건강하세요",
	}
}

func answers() []string {
	return []string{"报名", "신청합니다", "我想报名", "怎么报名？", "工资多少？", "신청", "자리 있어요?", "A001", "已经有工作了", "감사합니다"}
}
