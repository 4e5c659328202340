package bot

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func seq(from, n int) []uint64 {
	out := make([]uint64, n)
	for i := range out {
		out[i] = uint64(from + i)
	}
	return out
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		why    string
		groups []known
		chats  []chat
		want   []string // "group=user name evidence", "group?" for quarantine
		ask    []string
	}{
		{"one of a name on both sides",
			[]known{{group: 1, names: []string{"가"}}}, []chat{{userName: "@@1", name: "가"}}, []string{"1=@@1 name"}, nil},
		{"nothing to be seen: no verdict at all, for the group may be another account's",
			[]known{{group: 1, names: []string{"가"}}}, []chat{{userName: "@@1", name: "나"}}, nil, nil},
		{"two chats of one name: never guess",
			[]known{{group: 1, names: []string{"가"}}}, []chat{{userName: "@@1", name: "가"}, {userName: "@@2", name: "가"}}, []string{"1?"}, []string{"@@1", "@@2"}},
		{"two registered groups of one name and one chat: never guess",
			[]known{{group: 1, names: []string{"가"}}, {group: 2, names: []string{"가"}}}, []chat{{userName: "@@1", name: "가"}}, []string{"1?", "2?"}, []string{"@@1"}},
		{"a name that it had before counts as much",
			[]known{{group: 1, names: []string{"새 이름", "옛 이름"}}}, []chat{{userName: "@@1", name: "옛 이름"}}, []string{"1=@@1 name"}, nil},
		{"somebody else took the name that it had before",
			[]known{{group: 1, names: []string{"가", "나"}}, {group: 2, names: []string{"나"}}}, []chat{{userName: "@@1", name: "나"}}, []string{"1?", "2?"}, []string{"@@1"}},
		{"the size is known and has to be asked for first",
			[]known{{group: 1, names: []string{"가"}, count: 40}}, []chat{{userName: "@@1", name: "가"}}, []string{"1?"}, []string{"@@1", "@@1"}},
		{"the size fits within a fifth",
			[]known{{group: 1, names: []string{"가"}, count: 40}}, []chat{{userName: "@@1", name: "가", count: 33}}, []string{"1=@@1 name"}, nil},
		{"the size of a small group fits within five",
			[]known{{group: 1, names: []string{"가"}, count: 8}}, []chat{{userName: "@@1", name: "가", count: 13}}, []string{"1=@@1 name"}, nil},
		{"the size does not fit and nothing else speaks for it",
			[]known{{group: 1, names: []string{"가"}, count: 40}}, []chat{{userName: "@@1", name: "가", count: 90}}, []string{"1?"}, []string{"@@1"}},
		{"the name and the size fit and the people are others",
			[]known{{group: 1, names: []string{"가"}, count: 20, members: seq(0, 20)}}, []chat{{userName: "@@1", name: "가", count: 20, members: seq(100, 20)}}, []string{"1?"}, nil},
		{"renamed while nobody listened: the people are the same",
			[]known{{group: 1, names: []string{"가"}, count: 20, members: seq(0, 20)}}, []chat{{userName: "@@1", name: "나", count: 21, members: seq(2, 20)}}, []string{"1=@@1 members"}, nil},
		{"two of one name, told apart by their people",
			[]known{{group: 1, names: []string{"가"}, members: seq(0, 20)}, {group: 2, names: []string{"가"}, members: seq(50, 20)}},
			[]chat{{userName: "@@1", name: "가", members: seq(51, 20)}, {userName: "@@2", name: "가", members: seq(1, 20)}},
			[]string{"1=@@2 members", "2=@@1 members"}, nil},
		{"two chats of the same people: the margin is too small",
			[]known{{group: 1, names: []string{"가"}, members: seq(0, 20)}}, []chat{{userName: "@@1", name: "나", members: seq(0, 20)}, {userName: "@@2", name: "다", members: seq(0, 19)}}, []string{"1?"}, nil},
		{"two groups of the same people and one chat: the margin is too small on the other side",
			[]known{{group: 1, names: []string{"가"}, members: seq(0, 20)}, {group: 2, names: []string{"나"}, members: seq(0, 20)}}, []chat{{userName: "@@1", name: "다", members: seq(0, 20)}}, []string{"1?", "2?"}, nil},
		{"a person ruled out a chat of this name: the name alone proves nothing any more",
			[]known{{group: 1, names: []string{"가"}, not: []string{"가"}}}, []chat{{userName: "@@1", name: "가"}}, []string{"1?"}, []string{"@@1"}},
		{"… and the people still do",
			[]known{{group: 1, names: []string{"가"}, not: []string{"가"}, members: seq(0, 20)}}, []chat{{userName: "@@1", name: "가", members: seq(1, 20)}}, []string{"1=@@1 members"}, nil},
		{"four people are too few to tell",
			[]known{{group: 1, names: []string{"가"}, members: seq(0, 4)}}, []chat{{userName: "@@1", name: "나", members: seq(0, 4)}}, nil, nil},
		{"half the people went: a person looks",
			[]known{{group: 1, names: []string{"가"}, members: seq(0, 20)}}, []chat{{userName: "@@1", name: "나", members: seq(10, 20)}}, []string{"1?"}, nil},
		{"a chat without a name is nobody's",
			[]known{{group: 1, names: []string{""}}}, []chat{{userName: "@@1"}}, nil, nil},
	} {
		verdicts, ask := match(c.groups, c.chats)
		var got []string
		for _, v := range verdicts {
			switch {
			case v.bound:
				got = append(got, fmt.Sprintf("%d=%s %s", v.group, v.userName, v.evidence))
			default:
				got = append(got, fmt.Sprintf("%d?", v.group))
				if v.why == "" || v.userName != "" {
					t.Errorf("%s: a quarantine without its facts, or with a chat: %+v", c.why, v)
				}
			}
		}
		slices.Sort(got)
		slices.Sort(ask)
		if !slices.Equal(got, c.want) || !slices.Equal(ask, c.ask) {
			t.Errorf("%s: got %v and asks %v, want %v and %v", c.why, got, ask, c.want, c.ask)
		}
	}
}

// season makes groups as the registry has them, and the chats of a session some weeks later.
func season(rng *rand.Rand, n int) (groups []known, chats []chat, truth map[uint32]string) {
	truth = map[uint32]string{}
	people := n * 12 // everybody is in several groups
	for i := range n {
		name := fmt.Sprintf("연변 취업 %04d", i)
		if rng.Float64() < 0.03 {
			name = "취업정보 교류"
		}
		size := 8 + rng.IntN(60)
		now := map[uint64]bool{}
		for len(now) < size {
			now[uint64(rng.IntN(people))] = true
		}
		g := known{group: uint32(i + 1), code: fmt.Sprintf("G%04d", i), names: []string{name}, count: size}
		c := chat{userName: fmt.Sprintf("@@%04d", rng.IntN(1<<30)), name: name, shown: name}
		for m := range now {
			g.members = append(g.members, m)
		}
		for _, m := range g.members {
			if rng.Float64() > 0.05 {
				c.members = append(c.members, m)
			}
		}
		for range size / 20 {
			c.members = append(c.members, uint64(rng.IntN(people)))
		}
		slices.Sort(g.members)
		slices.Sort(c.members)
		c.members = slices.Compact(c.members)
		c.count = len(c.members)
		if rng.Float64() < 0.02 {
			c.name = fmt.Sprintf("새 이름 %d", i)
		}
		truth[g.group] = c.userName
		groups, chats = append(groups, g), append(chats, c)
	}
	// The account sits in chats that are nobody's business.
	for i := range n / 3 {
		c := chat{userName: fmt.Sprintf("@@x%d", i), name: fmt.Sprintf("가족 %d", i%50), members: seq(rng.IntN(people), 10), count: 10}
		chats = append(chats, c)
	}
	rng.Shuffle(len(chats), func(i, j int) { chats[i], chats[j] = chats[j], chats[i] })
	return groups, chats, truth
}

// TestMatchIsNeverWrong binds seasons of groups with churn, double names and renames: a group bound to another's chat is
// a post in front of strangers, so none may be; most must be bound.
func TestMatchIsNeverWrong(t *testing.T) {
	for seed := range uint64(20) {
		groups, chats, truth := season(rand.New(rand.NewPCG(seed, 1)), 300)
		verdicts, _ := match(groups, chats)
		bound := 0
		for _, v := range verdicts {
			if !v.bound {
				continue
			}
			bound++
			if truth[v.group] != v.userName {
				t.Errorf("seed %d: group %d is %s, bound to %s by %s", seed, v.group, truth[v.group], v.userName, v.evidence)
			}
		}
		if bound < 297 {
			t.Errorf("seed %d: only %d of 300 bound", seed, bound)
		}
	}
}

// TestMatchWithoutMemory is the first session: names alone.
func TestMatchWithoutMemory(t *testing.T) {
	groups, chats, truth := season(rand.New(rand.NewPCG(7, 1)), 1000)
	for i := range groups {
		groups[i].members, groups[i].count = nil, 0
	}
	for i := range chats {
		chats[i].members, chats[i].count = nil, 0
	}
	verdicts, ask := match(groups, chats)
	bound := 0
	for _, v := range verdicts {
		if v.bound {
			bound++
			if truth[v.group] != v.userName {
				t.Errorf("group %d bound to a stranger", v.group)
			}
		}
	}
	t.Logf("%d of 1000 bound by name alone, %d chats asked for", bound, len(ask))
	if bound < 930 {
		t.Errorf("only %d of 1000 bound", bound)
	}
}

func BenchmarkMatch(b *testing.B) {
	for _, n := range []int{300, 2971} {
		groups, chats, _ := season(rand.New(rand.NewPCG(1, 1)), n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				match(groups, chats)
			}
		})
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct{ why, a, b string }{
		{"escapes", "A &amp; B &lt;1&gt;", "a & b <1>"},
		{"an emoji span", `불 <span class="emoji emoji1f525"></span>`, "불 🔥"},
		{"a flag in one span", `<span class="emoji emoji1f1e81f1f3"></span> 연길`, "🇨🇳 연길"},
		{"a family in one span", `<span class="emoji emoji1f468200d1f469200d1f467"></span>`, "👨👩👧"},
		{"a keycap in one span", `<span class="emoji emoji3120e3"></span>반`, "1⃣반"},
		{"a heart, with and without the selector", "❤️ 취업", "❤ 취업"},
		{"full width and compatibility", "취업ＡＢＣ１２３　방", "취업abc123 방"},
		{"decomposed Hangul", "취업", "취업"},
		{"zero width and spaces", " 연\u200b변   취업\u00a0방\ufeff ", "연변 취업 방"},
		{"nonsense in a span is left out", `가<span class="emoji emojizz"></span>`, `가<span class="emoji emojizz"></span>`},
	} {
		if got, want := foldWire(c.a), fold(c.b); got != want {
			t.Errorf("%s: %q is %q, want %q", c.why, c.a, got, want)
		}
	}
	if foldWire("연변 취업 1") == foldWire("연변 취업 2") {
		t.Error("two names are one")
	}
}

func TestPhraseIn(t *testing.T) {
	for text, want := range map[string]string{
		"G0421-7F3AK":             "G0421-7F3AK",
		" g0421-7f3ak ":           "G0421-7F3AK",
		"绑定 G0421-7F3AK":          "G0421-7F3AK",
		"绑定：Ｇ0421－7F3AK":          "G0421-7F3AK",
		"매칭 G0421-7F3AK\n":        "G0421-7F3AK",
		"매칭G0421–7F3AK":           "G0421-7F3AK",
		"G0421-7F3AK 13800138000": "", // a resident's message
		"이것이 우리 구절: G0421-7F3AK":  "",
		"0433-2512345":            "", // 1 is not in the alphabet of phrases
		"":                        "",
		strings.Repeat("가", 5000): "",
	} {
		if got := phraseIn(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func FuzzNames(f *testing.F) {
	for _, s := range []string{"", "가 & <b>", `<span class="emoji emoji1f1e81f1f3"></span>`, "매칭 G0421-7F3AK", "\xff\xfe&#x110000;"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := foldWire(s)
		if fold(once) != once {
			t.Errorf("%q folds to %q and then to %q", s, once, fold(once))
		}
		phraseIn(s)
	})
}
