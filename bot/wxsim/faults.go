package wxsim

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Params are a fault's settings: numbers, strings, time.Durations or booleans, or the same written as text.
type Params map[string]any

// Fault names a fault and its settings.
type Fault struct {
	Name   string
	Params Params
}

// FaultInfo describes a fault that can be switched on.
type FaultInfo struct {
	Name   string      `json:"name"`
	Line   string      `json:"line"`
	Params []ParamInfo `json:"params"`
	// Steady faults are a rule, not a series of strikes: of the common settings they take account, group and seed.
	Steady bool `json:"steady,omitempty"`
}

// ParamInfo describes a setting. Kind is number, time, span (two times, "1s-10s"), word, yesno, or one of several
// words with bars between them.
type ParamInfo struct {
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	Default string `json:"default"`
	Line    string `json:"line"`
}

// FaultNames are all faults in order of name. Each also takes the settings of CommonParams.
func FaultNames() []FaultInfo {
	list := catalog()
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list
}

// CommonParams are the settings that faults share.
func CommonParams() []ParamInfo {
	return []ParamInfo{
		{"account", "word", "", "only this account (its id)"},
		{"group", "word", "", "only this group (its hidden id), where the fault has to do with one"},
		{"seed", "number", "0", "another series of chances"},
		{"p", "number", "1", "the chance on each occasion"},
		{"after", "number", "0", "so many occasions of an account pass first"},
		{"times", "number", "0", "strikes at most so often for an account, 0 for ever"},
		{"for", "time", "0s", "ends so long after it first struck an account, 0s for ever"},
	}
}

// steadyParams is how many of CommonParams a steady fault takes.
const steadyParams = 3

// value is a setting after it was read.
type value struct {
	num      float64
	from, to time.Duration
	word     string
}

// fault is a fault that is switched on.
type fault struct {
	name string
	vals map[string]value
	seen map[string]*tally // by account
	hits int
}

// tally is what a fault did to one account.
type tally struct {
	occasions, hits int
	first           time.Time
	over            bool
	rng             *rand.Rand
	times           []time.Time // sends of late, for throttles
	until           time.Time   // a block's end
}

func (f *fault) num(k string) int           { return int(f.vals[k].num) }
func (f *fault) dur(k string) time.Duration { return f.vals[k].from }
func (f *fault) str(k string) string        { return f.vals[k].word }
func (f *fault) flag(k string) bool         { return f.vals[k].num != 0 }
func (f *fault) share(k string) float64     { return f.vals[k].num }

func accountKey(a *Account) (id string) {
	if a != nil {
		id = a.id
	}
	return id
}

// span is a moment between two.
func (f *fault) span(k string, rng *rand.Rand) time.Duration {
	v := f.vals[k]
	if v.to <= v.from {
		return v.from
	}
	return v.from + time.Duration(rng.Int64N(int64(v.to-v.from)+1))
}

func (f *fault) tally(s *Sim, a *Account) *tally {
	id := accountKey(a)
	t := f.seen[id]
	if t == nil {
		t = &tally{rng: s.rng("fault", f.name, id, strconv.Itoa(f.num("seed")))}
		f.seen[id] = t
	}
	return t
}

// covers reports whether the fault is about this account and group at all.
func (f *fault) covers(a *Account, g *Group) bool {
	if want := f.str("account"); want != "" && accountKey(a) != want {
		return false
	}
	if want := f.str("group"); want != "" && (g == nil || g.id != want) {
		return false
	}
	return true
}

// hit asks whether a fault strikes on this occasion, and is nil if not.
func (s *Sim) hit(name string, a *Account, g *Group, now time.Time) *fault {
	f := s.faults[name]
	if f == nil || !f.covers(a, g) {
		return nil
	}
	t := f.tally(s, a)
	if t.over {
		return nil
	}
	t.occasions++
	if t.occasions <= f.num("after") {
		return nil
	}
	if d := f.dur("for"); d > 0 && t.hits > 0 && now.Sub(t.first) >= d {
		t.over = true
		return nil
	}
	if p := f.share("p"); p < 1 && t.rng.Float64() >= p {
		return nil
	}
	if n := f.num("times"); n > 0 && t.hits >= n {
		t.over = true
		return nil
	}
	if t.hits == 0 {
		t.first = now
	}
	t.hits++
	f.hits++
	return f
}

// Fault switches a fault on, or gives it new settings and a fresh start. It refuses names and settings that do not
// exist, and values that cannot be read.
func (s *Sim) Fault(name string, p Params) error {
	f, err := read(name, p)
	if err != nil {
		return err
	}
	now := s.lock()
	defer s.mu.Unlock()
	s.faults[name] = f
	s.begin(f, now)
	return nil
}

// ClearFault switches a fault off. It reports whether it was on.
func (s *Sim) ClearFault(name string) bool {
	s.lock()
	defer s.mu.Unlock()
	_, ok := s.faults[name]
	delete(s.faults, name)
	for _, a := range s.accounts {
		a.bump()
	}
	return ok
}

// FaultHits is how often a fault that is on has struck.
func (s *Sim) FaultHits(name string) int {
	s.lock()
	defer s.mu.Unlock()
	if f := s.faults[name]; f != nil {
		return f.hits
	}
	return 0
}

// ParseFaults switches on what a line such as "send.1205:after=30,for=30m;send.cut_after:p=0.01" says, all or nothing.
func (s *Sim) ParseFaults(spec string) error {
	list, err := ParseFaults(spec)
	if err != nil {
		return err
	}
	for _, f := range list {
		if err := s.Fault(f.Name, f.Params); err != nil {
			return err
		}
	}
	return nil
}

// ParseFaults reads such a line, for Options.Faults. A setting without a value means yes.
func ParseFaults(spec string) ([]Fault, error) {
	var list []Fault
	for _, part := range strings.Split(spec, ";") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		name, rest, _ := strings.Cut(part, ":")
		f := Fault{Name: strings.TrimSpace(name), Params: Params{}}
		for _, kv := range strings.Split(rest, ",") {
			if kv = strings.TrimSpace(kv); kv == "" {
				continue
			}
			k, v, ok := strings.Cut(kv, "=")
			if !ok {
				v = "true"
			}
			f.Params[strings.TrimSpace(k)] = strings.TrimSpace(v)
		}
		if _, err := read(f.Name, f.Params); err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	return list, nil
}

func read(name string, p Params) (*fault, error) {
	var info *FaultInfo
	for _, i := range catalog() {
		if i.Name == name {
			info = &i
			break
		}
	}
	if info == nil {
		return nil, fmt.Errorf("wxsim: there is no fault %q", name)
	}
	f := &fault{name: name, vals: map[string]value{}, seen: map[string]*tally{}}
	known := CommonParams()
	if info.Steady {
		known = known[:steadyParams]
	}
	for _, q := range append(known, info.Params...) {
		raw, ok := p[q.Name]
		if !ok {
			raw = q.Default
		}
		v, err := readValue(q.Kind, raw)
		if err != nil {
			return nil, fmt.Errorf("wxsim: fault %s: %s: %w", name, q.Name, err)
		}
		f.vals[q.Name] = v
	}
	for k := range p {
		if _, ok := f.vals[k]; !ok {
			return nil, fmt.Errorf("wxsim: fault %s has no setting %q", name, k)
		}
	}
	return f, nil
}

func readValue(kind string, raw any) (value, error) {
	if d, ok := raw.(time.Duration); ok {
		raw = d.String()
	}
	text := fmt.Sprint(raw)
	switch kind {
	case "number":
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return value{}, fmt.Errorf("%q is not a number", text)
		}
		return value{num: n}, nil
	case "yesno":
		b, err := strconv.ParseBool(text)
		if err != nil {
			return value{}, fmt.Errorf("%q is neither true nor false", text)
		}
		if b {
			return value{num: 1}, nil
		}
		return value{}, nil
	case "time", "span":
		a, b, two := strings.Cut(text, "-")
		if two && kind == "time" {
			return value{}, fmt.Errorf("%q is not a duration", text)
		}
		from, err := time.ParseDuration(a)
		to := from
		if err == nil && two {
			to, err = time.ParseDuration(b)
		}
		if err != nil || from < 0 || to < from {
			return value{}, fmt.Errorf("%q is not a duration", text)
		}
		return value{from: from, to: to}, nil
	}
	if strings.Contains(kind, "|") && !strings.Contains("|"+kind+"|", "|"+text+"|") {
		return value{}, fmt.Errorf("%q is none of %s", text, kind)
	}
	return value{word: text}, nil
}
