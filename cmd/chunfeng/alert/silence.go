package alert

import (
	"math"
	"time"

	"chunfeng/store"
)

// ear is what is known of how an account hears.
type ear struct {
	days  []store.HeardDay // the oldest first
	read  bool             // the ledger was asked for them
	dirty bool
	saved time.Time

	heard time.Time             // when the silence began that goes on
	run   map[string][24]uint16 // what that silence was at each hour so far, by day: it teaches when it ends by itself
	told  bool                  // it is told of: it teaches nothing
}

// keepEvery is how often what was learned is written; a crash forgets so much at most.
const keepEvery = 10 * time.Minute

// How many days of an account must be known before its own history counts, and how much longer than that a silence must be.
const (
	daysKnown    = 5
	weekendKnown = 3
	longerBy     = 1.5
)

// loginBrings is how soon after a login a sign of life is only that of the login.
const loginBrings = 5 * time.Second

// unheardSends is how many sends must have been accepted in a silence before it counts where nothing is known of the account.
const unheardSends = 3

// silence looks whether an account has heard nothing for as long as is unusual for it at this hour, and learns.
func (w *Watch) silence(v *verdict, a Account, now time.Time) {
	e := w.ears[a.Name]
	if e == nil {
		e = &ear{run: map[string][24]uint16{}, saved: now}
		w.ears[a.Name] = e
	}
	if !e.read {
		days, err := w.o.Store.Hearing(a.Name)
		if err != nil {
			v.unsure(Silent, a.Name)
			return
		}
		e.days, e.read = days, true
	}
	if a.Paused || a.Now != store.AccountOnline || a.LastHeard.IsZero() {
		e.forget()
		if !a.Paused {
			v.unsure(Silent, a.Name)
		}
		return
	}
	c := w.o.Config()
	local := now.In(c.Zone)
	w.mu.Lock()
	told := w.open[topic{Silent, a.Name}]
	w.mu.Unlock()
	if told != nil && (!a.LastHeard.After(told.Raised) || a.LastHeard.Sub(a.OnlineSince) < loginBrings) {
		// Neither a later hour nor a new login is a sign of life.
		e.told = true
		v.unsure(Silent, a.Name)
		return
	}
	if a.LastHeard.After(e.heard) {
		e.learn()
		e.heard = a.LastHeard
	}
	quiet := now.Sub(a.LastHeard)
	usual, known := e.usual(local)
	least := max(c.Alerts.Silent, time.Duration(longerBy*float64(usual)))
	if quiet >= least && (known || a.Unheard >= unheardSends) {
		e.told = true
		v.is(Silent, a.Name, a.LastHeard, "silent", a.Label(), int(quiet.Minutes()), int(usual.Minutes()))
		return
	}
	e.note(local, quiet)
}

// note notes how long the present silence is at an hour.
func (e *ear) note(local time.Time, quiet time.Duration) {
	date := local.Format(time.DateOnly)
	hours := e.run[date]
	minutes := uint16(min(math.Ceil(quiet.Minutes())+1, math.MaxUint16)) // 0 is an hour without an ear
	hours[local.Hour()] = max(hours[local.Hour()], minutes)
	e.run[date] = hours
}

// forget drops the present silence: a log-out is no silence.
func (e *ear) forget() {
	clear(e.run)
	e.told = false
}

// learn takes the silence that has just ended into what is known.
func (e *ear) learn() {
	if !e.told {
		for date, hours := range e.run {
			e.add(date, hours)
		}
	}
	e.forget()
}

func (e *ear) add(date string, hours [24]uint16) {
	e.dirty = true
	i := len(e.days)
	for ; i > 0 && e.days[i-1].Date >= date; i-- {
		if e.days[i-1].Date == date {
			for h, m := range hours {
				e.days[i-1].Hours[h] = max(e.days[i-1].Hours[h], m)
			}
			return
		}
	}
	e.days = append(e.days[:i:i], append([]store.HeardDay{{Date: date, Hours: hours}}, e.days[i:]...)...)
	if n := len(e.days); n > 28 {
		e.days = e.days[n-28:]
	}
}

// usual answers the longest silence at this hour and the one before it on days like this one. known is false where too
// little is known of the account.
func (e *ear) usual(local time.Time) (longest time.Duration, known bool) {
	today := local.Format(time.DateOnly)
	like, all := e.days[:0:0], e.days[:0:0]
	for _, d := range e.days {
		at, err := time.Parse(time.DateOnly, d.Date)
		if err != nil || d.Date == today {
			continue
		}
		all = append(all, d)
		if weekend(at) == weekend(local) {
			like = append(like, d)
		}
	}
	least := daysKnown
	if weekend(local) {
		least = weekendKnown
	}
	if len(like) < least {
		if like = all; len(all) < daysKnown {
			return 0, false
		}
	}
	var most uint16
	listened := 0
	for _, d := range like {
		h := d.Hours[local.Hour()]
		if h > 0 {
			listened++
		}
		most = max(most, h, d.Hours[(local.Hour()+23)%24])
	}
	// At an hour at which it was seldom listened to nothing is known.
	if listened < weekendKnown {
		return 0, false
	}
	return time.Duration(most) * time.Minute, true
}

func weekend(t time.Time) bool { return t.Weekday() == time.Saturday || t.Weekday() == time.Sunday }

// keepEars writes what was learned, now and then, and at the end.
func (w *Watch) keepEars(atOnce bool) {
	now := time.Now()
	for name, e := range w.ears {
		if !e.dirty || !atOnce && now.Sub(e.saved) < keepEvery {
			continue
		}
		days := append([]store.HeardDay(nil), e.days...)
		if w.ledger(func() error { return w.o.Store.SaveHearing(name, days) }) == nil {
			e.dirty, e.saved = false, now
		}
	}
}
