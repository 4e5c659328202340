package broadcast

import (
	"math"
	"slices"
	"time"

	"chunfeng/store"
)

// Limits is the pace of one kind of message on one account. A zero field does not limit.
type Limits struct {
	Every, Spread              time.Duration // the pause between two sends: Every and a random part of Spread
	PerMinute, PerHour, PerDay int
}

// Unlimited tells whether nothing holds the sends back.
func (l Limits) Unlimited() bool { return l == Limits{} }

// Pacing is how politely an account sends. The defaults are in the configuration; their sources are users' reports of
// what got accounts blocked.
//
// Text holds for every message of the account, pictures and files included: the platform counts them all. Media holds for
// pictures and files on top. Answers to residents keep all pauses and cool-downs and count in the day, but are not held
// by the daily limit, for who asked is waiting; bulk then has that much less.
//
// When WeChat says that it is too often, that class cools down for the next step of Cooldown; then one message goes on
// trial and is watched for Watch before the next. A second time within 24 hours halves the daily limit for three days; a
// third ends the day for that class. What is heard while it already cools down is the same event.
type Pacing struct {
	Text, Media Limits
	WarmUp      bool            // 25, 50, 75 and 100 % of the daily limit in an account's first four weeks
	Cooldown    []time.Duration // after the first, second … signal in a row; empty: as long as the sender asks for
	Watch       time.Duration   // how long the message on trial is watched: wave.confirm_after
	Zone        *time.Location  // of days
}

// instant is a moment on two clocks: steady only moves forward, at the pace of real time; wall is what the clock on the
// wall says, which people and time servers put right. Pauses are measured on the first, days on the second.
type instant struct{ steady, wall time.Time }

// pacer is the arithmetic of one account's pace. It does not wait and reads no clock, and one goroutine uses it at a time.
type pacer struct {
	Pacing
	state store.Pace    // its moments are steady; saved turns them
	drift time.Duration // of the wall clock from the steady one, when it was last saved
	draw  func(spread time.Duration) time.Duration
}

// grace is how much later than its claim a message may have reached the wire: within it a restart waits a whole pause anew.
const grace = time.Minute

func newPacer(p Pacing, saved store.Pace, now instant, draw func(time.Duration) time.Duration) *pacer {
	a := &pacer{Pacing: p, state: saved, draw: draw, drift: now.wall.Sub(now.steady)}
	longest := 24 * time.Hour
	for _, c := range p.Cooldown {
		longest = max(longest, c)
	}
	for _, s := range []*store.Spent{&a.state.Text, &a.state.Media} {
		s.Recent, s.Hits = slices.Clone(s.Recent), slices.Clone(s.Hits)
		shift(s, now.steady.Sub(now.wall))
		// What lies in the future was written by a clock that ran ahead.
		if s.Last.After(now.steady) || !s.Last.IsZero() && now.steady.Sub(s.Last) < time.Duration(s.Gap)*time.Millisecond+grace {
			s.Last = now.steady
		}
		for i := range s.Recent {
			s.Recent[i] = min(s.Recent[i], ceil(now.steady))
		}
		if limit := now.steady.Add(longest); s.CoolingUntil.After(limit) {
			s.CoolingUntil = limit
		}
		if tomorrow := nextDay(now.wall, p.Zone).Format(time.DateOnly); s.Day > tomorrow {
			s.Day = now.wall.In(p.Zone).Format(time.DateOnly)
		}
	}
	return a
}

// shift moves what is remembered from one clock to another.
func shift(s *store.Spent, by time.Duration) {
	if by == 0 {
		return
	}
	for _, t := range []*time.Time{&s.Last, &s.CoolingUntil, &s.HalvedUntil} {
		if !t.IsZero() {
			*t = t.Add(by)
		}
	}
	for i := range s.Recent {
		s.Recent[i] += int64(math.Ceil(by.Seconds()))
	}
	for i := range s.Hits {
		s.Hits[i] = s.Hits[i].Add(by)
	}
}

// saved is what must survive a restart, in wall time.
func (p *pacer) saved(now instant) *store.Pace {
	out := p.state
	p.drift = now.wall.Sub(now.steady)
	for _, s := range []*store.Spent{&out.Text, &out.Media} {
		s.Recent, s.Hits = slices.Clone(s.Recent), slices.Clone(s.Hits)
		shift(s, p.drift)
	}
	return &out
}

// moved answers what must be kept because somebody set the wall clock: what was saved in its old terms would be misread
// after a restart. nil when nobody did.
func (p *pacer) moved(now instant) *store.Pace {
	if by := now.wall.Sub(now.steady) - p.drift; by.Abs() <= time.Second || p.state.Since.IsZero() && len(p.state.Text.Hits)+len(p.state.Media.Hits) == 0 {
		return nil
	}
	return p.saved(now)
}

// Wait says what a lane waits for.
type Wait string

// What lanes wait for.
const (
	WaitNothing Wait = ""
	WaitPace    Wait = "pace"    // the pause between two messages
	WaitCooling Wait = "cooling" // WeChat asked for less
	WaitDay     Wait = "day"     // the day's limit is spent
)

// due is the steady time at which a message may go, and what it waits for when that is later than now.
func (p *pacer) due(kind store.Kind, answer bool, now instant) (at time.Time, why Wait) {
	at = now.steady
	later := func(t time.Time, w Wait) {
		if t.After(at) {
			at, why = t, w
		}
	}
	one := func(s *store.Spent, l Limits) {
		if !s.Last.IsZero() {
			later(s.Last.Add(time.Duration(s.Gap)*time.Millisecond), WaitPace)
		}
		later(window(s.Recent, l.PerMinute, time.Minute), WaitPace)
		later(window(s.Recent, l.PerHour, time.Hour), WaitPace)
		if limit := p.daily(s, l, now); limit > 0 && !answer && p.today(s, now) >= limit {
			later(now.steady.Add(nextDay(now.wall, p.Zone).Sub(now.wall)), WaitDay)
		}
	}
	one(&p.state.Text, p.Text)
	if kind.Media() {
		one(&p.state.Media, p.Media)
	}
	later(p.class(kind).CoolingUntil, WaitCooling)
	return at, why
}

func (p *pacer) class(k store.Kind) *store.Spent {
	if k.Media() {
		return &p.state.Media
	}
	return &p.state.Text
}

// window is when a further send keeps to at most limit sends in any stretch of time.
func window(recent []int64, limit int, stretch time.Duration) time.Time {
	if limit <= 0 || len(recent) < limit {
		return time.Time{}
	}
	return time.Unix(recent[len(recent)-limit], 0).Add(stretch)
}

// ceil rounds up to whole seconds: a limit is never kept a part of a second too short.
func ceil(t time.Time) int64 {
	if t.Nanosecond() > 0 {
		return t.Unix() + 1
	}
	return t.Unix()
}

// today is how many were sent on this day. After a clock was put back the count of the later day goes on.
func (p *pacer) today(s *store.Spent, now instant) int {
	if s.Day < now.wall.In(p.Zone).Format(time.DateOnly) {
		return 0
	}
	return s.Today
}

// daily is the day's limit: less while an account is new, half after a second signal. 0 is none.
func (p *pacer) daily(s *store.Spent, l Limits, now instant) int {
	n := l.PerDay
	if n == 0 {
		return 0
	}
	if p.WarmUp {
		weeks := 0
		if since := p.state.Since; !since.IsZero() {
			weeks = max(0, int(now.wall.Sub(since)/(7*24*time.Hour)))
		}
		n = n * min(weeks+1, 4) / 4
	}
	if now.steady.Before(s.HalvedUntil) {
		n /= 2
	}
	return max(n, 1)
}

// spend counts a message that is about to go, and answers what must be kept with its claim: nil when nothing is limited.
func (p *pacer) spend(kind store.Kind, now instant) *store.Pace {
	s := &p.state
	if p.Text.Unlimited() && p.Media.Unlimited() && s.Text.CoolingUntil.IsZero() && s.Media.CoolingUntil.IsZero() {
		return nil
	}
	if s.Since.IsZero() {
		s.Since = now.wall
	}
	p.count(&s.Text, p.Text, now)
	if kind.Media() {
		p.count(&s.Media, p.Media, now)
	}
	if c := p.class(kind); !c.CoolingUntil.IsZero() {
		// The message on trial: the next one waits until this one was watched.
		c.CoolingUntil = time.Time{}
		if c.Probe {
			c.Probe, c.Gap = false, max(c.Gap, p.Watch.Milliseconds())
		}
	}
	return p.saved(now)
}

func (p *pacer) count(s *store.Spent, l Limits, now instant) {
	s.Last = now.steady
	s.Gap = (l.Every + p.draw(l.Spread)).Milliseconds()
	if most := max(l.PerMinute, l.PerHour); most > 0 {
		s.Recent = append(s.Recent, ceil(now.steady))
		s.Recent = s.Recent[max(0, len(s.Recent)-most):]
	}
	s.Today = p.today(s, now) + 1
	if day := now.wall.In(p.Zone).Format(time.DateOnly); day > s.Day {
		s.Day = day
	}
}

// wired moves the last send on to the moment at which its claim was on disk and it really went.
func (p *pacer) wired(kind store.Kind, now instant) {
	p.state.Text.Last = now.steady
	if kind.Media() {
		p.state.Media.Last = now.steady
	}
}

// hit takes WeChat's sign that a class of messages is too much, and answers what must be kept. asked is how long the
// sender wants to wait at least. third tells that it is the third within 24 hours, which people must hear of.
func (p *pacer) hit(kind store.Kind, asked time.Duration, now instant) (pace *store.Pace, third bool) {
	s := p.class(kind)
	if s.CoolingUntil.After(now.steady) {
		return p.saved(now), false
	}
	if n := len(s.Hits); n > 0 && now.steady.Sub(s.Hits[n-1]) >= 24*time.Hour {
		s.Level = 0
	}
	s.Hits = slices.DeleteFunc(s.Hits, func(t time.Time) bool { return now.steady.Sub(t) >= 24*time.Hour })
	s.Hits = append(s.Hits, now.steady)
	cool := asked
	if n := len(p.Cooldown); n > 0 {
		cool = max(cool, p.Cooldown[min(s.Level, n-1)])
	}
	s.Level++
	s.CoolingUntil, s.Probe = now.steady.Add(cool), true
	switch n := len(s.Hits); {
	case n == 2:
		s.HalvedUntil = now.steady.Add(72 * time.Hour)
	case n >= 3 && len(p.Cooldown) > 0:
		third = true
		if end := now.steady.Add(nextDay(now.wall, p.Zone).Sub(now.wall)); end.After(s.CoolingUntil) {
			s.CoolingUntil = end
		}
	}
	return p.saved(now), third
}
