package bot

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"chunfeng/store"
)

// The thresholds of matching by members. They are proposals, tried on the simulator alone.
const (
	leastOverlap = 0.60 // weighted Jaccard of member names
	leastMargin  = 0.25 // to the runner-up, on both sides
	leastShared  = 5    // names in common that tell something
	doubtOverlap = 0.30 // from here on a likeness is worth a person's look

	mostFacts      = 5  // chats that a quarantine names
	mostCandidates = 20 // chats that a person is offered for one group

	strangeOverlap = 0.20 // below it a group of the right name and size is another one
)

// known is a registered group as matching sees it.
type known struct {
	group   uint32
	code    string
	names   []string // folded: the registry's and those it was seen to have
	members []uint64 // sorted hashes of member names; nil when nothing is remembered
	count   int      // members when last seen; 0: not known
	blind   bool     // the server tells no sizes now: one that is not known decides nothing
	not     []string // folded names of chats that a person ruled out: such a name alone proves nothing
}

// chat is a group of this session as matching sees it.
type chat struct {
	userName string
	name     string   // folded; "" when it has none
	shown    string   // the name as people see it
	count    int      // members; 0: not known
	members  []uint64 // sorted hashes; nil when not asked for
}

// verdict is what matching says of a registered group. A group of which nothing is to be seen gets none.
type verdict struct {
	group    uint32
	userName string // empty when it is quarantined between several
	bound    bool
	evidence string // name or members
	score    float64
	why      string // for people, when it is not bound

	candidates []string // the chats that it may be, when it is not bound
}

// match says which registered group is which chat. It looks at nothing but its arguments. A pair is bound when no other
// chat and no other group has the name, and the sizes agree as far as the server tells them; otherwise by members, when they are
// much alike and much less like any other; otherwise a person decides. ask are the chats whose members would help to
// decide and are not known.
func match(groups []known, chats []chat) (verdicts []verdict, ask []string) {
	byName := map[string][]int{}
	for i, c := range chats {
		if c.name != "" {
			byName[c.name] = append(byName[c.name], i)
		}
	}
	claims := map[string]int{} // how many groups have a name
	for _, g := range groups {
		for _, n := range g.names {
			claims[n]++
		}
	}
	taken := make([]bool, len(chats))
	var rest []int
	alike := make([][]int, len(groups)) // the chats that bear one of the group's names
	for i, g := range groups {
		alone := true
		for _, n := range g.names {
			alike[i] = append(alike[i], byName[n]...)
			alone = alone && (len(byName[n]) == 0 || claims[n] == 1)
		}
		if len(alike[i]) != 1 || !alone {
			rest = append(rest, i)
			continue
		}
		c := chats[alike[i][0]]
		switch {
		case slices.Contains(g.not, c.name):
			rest = append(rest, i)
		case g.count > 0 && c.count == 0 && !g.blind:
			ask = append(ask, c.userName)
			rest = append(rest, i)
		case g.count > 0 && c.count > 0 && abs(g.count-c.count) > max(5, g.count/5):
			rest = append(rest, i)
		case len(g.members) >= leastShared && c.members != nil && overlap(g.members, c.members, nil) < strangeOverlap:
			// The name and the size are right and the people are others.
			rest = append(rest, i)
		default:
			taken[alike[i][0]] = true
			verdicts = append(verdicts, verdict{group: g.group, userName: c.userName, bound: true, evidence: "name", score: 1})
		}
	}
	more, want := matchMembers(groups, rest, alike, chats, taken)
	return append(verdicts, more...), append(ask, want...)
}

// matchMembers decides about what names alone do not decide.
func matchMembers(groups []known, rest []int, alike [][]int, chats []chat, taken []bool) (verdicts []verdict, ask []string) {
	weights, lists := rarity(chats)
	best := make(map[int]rival, len(rest)) // by group
	worst := map[int]rival{}               // by chat
	for _, i := range rest {
		g := groups[i]
		if len(g.members) == 0 {
			continue
		}
		shared := map[int]int{}
		for _, m := range g.members {
			for _, c := range lists[m] {
				if !taken[c] {
					shared[c]++
				}
			}
		}
		for c, n := range shared {
			j := overlap(g.members, chats[c].members, weights)
			best[i] = best[i].with(c, j, n)
			worst[c] = worst[c].with(i, j, n)
		}
	}
	wanted := map[int]bool{}
	for _, i := range rest {
		g, b := groups[i], best[i]
		v := verdict{group: g.group}
		if b.found && b.score >= leastOverlap && b.shared >= leastShared && b.margin() >= leastMargin &&
			worst[b.who].who == i && worst[b.who].margin() >= leastMargin {
			v.userName, v.bound, v.evidence, v.score = chats[b.who].userName, true, "members", b.score
			verdicts = append(verdicts, v)
			continue
		}
		var facts []string
		rivals, only := 0, 0
		likely := b.found && b.score >= doubtOverlap && b.shared >= leastShared
		if likely {
			v.candidates = append(v.candidates, chats[b.who].userName)
		}
		for _, c := range alike[i] {
			if taken[c] {
				continue
			}
			if len(v.candidates) < mostCandidates && !slices.Contains(v.candidates, chats[c].userName) {
				v.candidates = append(v.candidates, chats[c].userName)
			}
			only = c
			if rivals++; rivals <= mostFacts {
				facts = append(facts, chats[c].facts())
			}
			if chats[c].members == nil && !wanted[c] {
				wanted[c] = true
				ask = append(ask, chats[c].userName)
			}
		}
		switch {
		case rivals > 0:
			if rivals > mostFacts {
				facts = append(facts, "…")
			}
			v.why = Why("bot.same_name", rivals, g.facts(), strings.Join(facts, "; "))
			if rivals == 1 {
				v.why = Why("bot.doubtful_name", g.facts(), facts[0])
			}
			if rivals == 1 && slices.Contains(g.not, chats[only].name) {
				v.why = Why("binding.ruled_out", g.facts(), facts[0])
			}
		case likely:
			v.why = Why("bot.doubtful_members", g.facts(), chats[b.who].facts(), fmt.Sprintf("%.0f %%", 100*b.score))
		default:
			continue
		}
		v.score = b.score
		verdicts = append(verdicts, v)
	}
	return verdicts, ask
}

func (g known) facts() string {
	s := g.code
	if len(g.names) > 0 {
		s += " " + g.names[0]
	}
	if g.count > 0 {
		s += fmt.Sprintf(" (%d)", g.count)
	}
	return s
}

func (c chat) facts() string {
	if c.count > 0 {
		return fmt.Sprintf("%s (%d)", c.shown, c.count)
	}
	return c.shown
}

// rival is the best and the second best of one side.
type rival struct {
	found         bool
	who           int
	score, second float64
	shared        int
}

func (r rival) with(who int, score float64, shared int) rival {
	switch {
	case !r.found || score > r.score || score == r.score && who < r.who:
		return rival{true, who, score, r.score, shared}
	case score > r.second:
		r.second = score
	}
	return r
}

func (r rival) margin() float64 { return r.score - r.second }

// rarity weighs a member's name by how few chats have it, for a name that is everywhere tells nothing; the commonest
// hundredth is not counted at all. lists are the chats of each name that counts.
func rarity(chats []chat) (weights map[uint64]float64, lists map[uint64][]int) {
	lists = map[uint64][]int{}
	for i, c := range chats {
		for _, m := range c.members {
			lists[m] = append(lists[m], i)
		}
	}
	counts := make([]int, 0, len(lists))
	for _, l := range lists {
		counts = append(counts, len(l))
	}
	slices.Sort(counts)
	limit := math.MaxInt
	if n := len(counts); n >= 100 {
		// Where most names are rare the limit is one above them, so that no rare name is left out.
		limit = max(2, counts[n-n/100-1])
	}
	weights = make(map[uint64]float64, len(lists))
	for m, l := range lists {
		if len(l) > limit {
			delete(lists, m)
			weights[m] = 0
			continue
		}
		weights[m] = 1 / float64(len(l))
	}
	return weights, lists
}

// overlap is the weighted Jaccard index of two sorted lists. A name that no chat has weighs as much as one that one has.
func overlap(a, b []uint64, weights map[uint64]float64) float64 {
	weigh := func(m uint64) float64 {
		if w, ok := weights[m]; ok {
			return w
		}
		return 1
	}
	var both, all float64
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0] < b[0]:
			all += weigh(a[0])
			a = a[1:]
		case len(a) == 0 || b[0] < a[0]:
			all += weigh(b[0])
			b = b[1:]
		default:
			all += weigh(a[0])
			both += weigh(a[0])
			a, b = a[1:], b[1:]
		}
	}
	if all == 0 {
		return 0
	}
	return both / all
}

func abs(n int) int { return max(n, -n) }

// binding is the ledger's record of a verdict.
func (v verdict) binding(c chat) store.Binding {
	b := store.Binding{Candidates: v.candidates, Group: v.group, UserName: v.userName, Name: c.shown, Members: c.count, Evidence: v.evidence, Score: v.score, State: store.Quarantined, Why: v.why}
	if v.bound {
		b.State = store.Bound
	}
	return b
}
