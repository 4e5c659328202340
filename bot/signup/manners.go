package signup

import (
	"slices"
	"sync"
	"time"

	"chunfeng/store"
)

// manners keeps the machine from talking too much in one group, and remembers whom it still owes an acknowledgement.
// A restart forgets how much was said in the last hour, which costs at most one hour's answers a group once more; what
// is owed is found again in the ledger.
type manners struct {
	gap     time.Duration
	perHour int

	mu    sync.Mutex
	said  map[uint32][]time.Time
	debts map[uint32]*owing
}

type owing struct {
	group   uint32
	account string
	since   time.Time
	signups []uint64
}

func newManners(gap time.Duration, perHour int) *manners {
	return &manners{gap: gap, perHour: perHour, said: map[uint32][]time.Time{}, debts: map[uint32]*owing{}}
}

// next answers when a group may be spoken to again.
func (m *manners) next(group uint32, now time.Time) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	hour := now.Add(-time.Hour)
	said := slices.DeleteFunc(m.said[group], func(t time.Time) bool { return !t.After(hour) })
	if len(said) == 0 {
		delete(m.said, group)
		return now
	}
	m.said[group] = said
	next := said[len(said)-1].Add(m.gap)
	if m.perHour > 0 && len(said) >= m.perHour {
		if t := said[len(said)-m.perHour].Add(time.Hour); t.After(next) {
			next = t
		}
	}
	return next
}

func (m *manners) may(group uint32, now time.Time) bool { return !m.next(group, now).After(now) }

func (m *manners) spoke(group uint32, now time.Time) {
	if m.gap == 0 && m.perHour == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.said[group] = append(m.said[group], now)
}

func (m *manners) owe(n store.Signup, account string, since time.Time) {
	if n.Group == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	o := m.debts[n.Group]
	if o == nil {
		o = &owing{group: n.Group, account: account, since: since}
		m.debts[n.Group] = o
	}
	if !slices.Contains(o.signups, n.Number) {
		o.signups = append(o.signups, n.Number)
	}
}

// owed lists the debts, in the order of groups.
func (m *manners) owed() (out []owing) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, o := range m.debts {
		c := *o
		c.signups = slices.Clone(o.signups)
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b owing) int { return int(int64(a.group) - int64(b.group)) })
	return out
}

// paid forgets the first n of a group's debts.
func (m *manners) paid(group uint32, n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if o := m.debts[group]; o != nil {
		if o.signups = o.signups[min(n, len(o.signups)):]; len(o.signups) == 0 {
			delete(m.debts, group)
		}
	}
}
