package rehearsal

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"chunfeng/store"
)

// Outcome is what became of the wave with one seed.
type Outcome struct {
	Model    Model          `json:"model"`
	Seed     uint64         `json:"seed"`
	Over     bool           `json:"over"`  // within Horizon
	First    time.Time      `json:"first"` // the first message
	Last     time.Time      `json:"last"`  // the last one
	Tally    store.Tally    `json:"tally"`
	Lost     map[string]int `json:"lost"`    // groups' messages that did not go out or are not known, by state and reason
	Arrived  int            `json:"arrived"` // of what is unknown, what really arrived
	Twice    int            `json:"twice"`   // groups that got one message twice: must be none
	Scans    int            `json:"scans"`   // times that somebody had to log an account in again
	Resumed  int            `json:"resumed"` // times that the wave waited for a person
	Accounts []Share        `json:"accounts"`
	Error    string         `json:"error,omitempty"` // the seed broke down
}

// Share is one account's part of it.
type Share struct {
	Account  string         `json:"account"`
	Messages int            `json:"messages"`
	Last     time.Time      `json:"last"`
	Minutes  map[string]int `json:"minutes"` // in each state of its lane, from the time of the wave until its end
}

// Range is a figure over all seeds: the tenth of a hundred, the middle one, the ninetieth, and both ends.
type Range[T cmp.Ordered] struct {
	Least  T `json:"least"`
	Low    T `json:"low"`
	Middle T `json:"middle"`
	High   T `json:"high"`
	Most   T `json:"most"`
}

func rangeOf[T cmp.Ordered](all []T) (r Range[T]) {
	if len(all) == 0 {
		return r
	}
	slices.Sort(all)
	at := func(share int) T { return all[min(len(all)-1, len(all)*share/100)] }
	return Range[T]{all[0], at(10), at(50), at(90), all[len(all)-1]}
}

// Summary is a model over all seeds.
type Summary struct {
	Model    Model                 `json:"model"`
	Seeds    int                   `json:"seeds"`
	NotOver  int                   `json:"not_over"` // seeds in which the wave was not over within Horizon
	Twice    int                   `json:"twice"`
	Hours    Range[float64]        `json:"hours"`  // from when it is to go out until the last message; of those that were over
	Finish   map[string]*time.Time `json:"finish"` // least, low, middle, high, most: the same as moments
	Sent     Range[int]            `json:"sent"`
	Unknown  Range[int]            `json:"unknown"`
	Arrived  Range[int]            `json:"unknown_arrived"`
	Failed   Range[int]            `json:"failed"`
	Skipped  Range[int]            `json:"skipped"`
	Scans    Range[int]            `json:"scans"`
	Resumed  Range[int]            `json:"resumed"`
	Reasons  []ReasonCount         `json:"reasons"`    // why messages did not go out, the most first
	Slowest  []Bottleneck          `json:"bottleneck"` // who is the last to end, the most often first
	Problems []string              `json:"problems,omitempty"`
}

// ReasonCount is how many messages a seed lost for one reason, on average.
type ReasonCount struct {
	Reason string  `json:"reason"` // state and reason, with a dot between them
	Mean   float64 `json:"mean"`
}

// Bottleneck is an account that ended last, and what it did meanwhile.
type Bottleneck struct {
	Account  string         `json:"account"`
	Seeds    int            `json:"seeds"`    // in which it was the last
	Messages int            `json:"messages"` // the middle figure over those seeds
	Share    map[string]int `json:"share"`    // hundredths of its time in each state of its lane
}

// Sum sums up the seeds of one model.
func Sum(m Model, at time.Time, all []Outcome) Summary {
	s := Summary{Model: m, Seeds: len(all), Finish: map[string]*time.Time{}}
	var hours []float64
	figures := map[string]*[]int{}
	figure := func(name string, n int) {
		if figures[name] == nil {
			figures[name] = &[]int{}
		}
		*figures[name] = append(*figures[name], n)
	}
	reasons := map[string]int{}
	slow := map[string][]Share{}
	for _, o := range all {
		if o.Error != "" {
			s.Problems = append(s.Problems, o.Error)
			continue
		}
		s.Twice += o.Twice
		for reason, n := range o.Lost {
			reasons[reason] += n
		}
		figure("sent", o.Tally[store.Sent]+o.Tally[store.Accepted])
		figure("unknown", o.Tally[store.Unknown])
		figure("arrived", o.Arrived)
		figure("failed", o.Tally[store.Failed])
		figure("skipped", o.Tally[store.Skipped])
		figure("scans", o.Scans)
		figure("resumed", o.Resumed)
		if !o.Over {
			s.NotOver++
			continue
		}
		hours = append(hours, o.Last.Sub(at).Hours())
		if len(o.Accounts) > 0 {
			last := slices.MaxFunc(o.Accounts, func(a, b Share) int { return a.Last.Compare(b.Last) })
			slow[last.Account] = append(slow[last.Account], last)
		}
	}
	get := func(name string) Range[int] {
		if figures[name] == nil {
			return Range[int]{}
		}
		return rangeOf(*figures[name])
	}
	s.Sent, s.Unknown, s.Arrived, s.Failed, s.Skipped = get("sent"), get("unknown"), get("arrived"), get("failed"), get("skipped")
	s.Scans, s.Resumed = get("scans"), get("resumed")
	s.Hours = rangeOf(hours)
	if len(hours) > 0 {
		for name, h := range map[string]float64{"least": s.Hours.Least, "low": s.Hours.Low, "middle": s.Hours.Middle, "high": s.Hours.High, "most": s.Hours.Most} {
			moment := at.Add(time.Duration(h * float64(time.Hour))).Round(time.Second)
			s.Finish[name] = &moment
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		s.Reasons = append(s.Reasons, ReasonCount{reason, float64(reasons[reason]) / float64(max(1, len(all)-len(s.Problems)))})
	}
	slices.SortStableFunc(s.Reasons, func(a, b ReasonCount) int { return cmp.Compare(b.Mean, a.Mean) })
	for _, account := range slices.Sorted(maps.Keys(slow)) {
		s.Slowest = append(s.Slowest, bottleneck(account, slow[account]))
	}
	slices.SortStableFunc(s.Slowest, func(a, b Bottleneck) int { return cmp.Compare(b.Seeds, a.Seeds) })
	return s
}

func bottleneck(account string, all []Share) Bottleneck {
	b := Bottleneck{Account: account, Seeds: len(all), Share: map[string]int{}}
	var messages []int
	minutes, total := map[string]int{}, 0
	for _, one := range all {
		messages = append(messages, one.Messages)
		for state, n := range one.Minutes {
			minutes[state] += n
			total += n
		}
	}
	for state, n := range minutes {
		if share := (100*n + total/2) / max(1, total); share > 0 {
			b.Share[state] = share
		}
	}
	b.Messages = rangeOf(messages).Middle
	return b
}
