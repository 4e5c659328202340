package broadcast

import (
	"errors"
	"time"

	"chunfeng/store"
)

// verdict is what is to be done with a delivery whose turn has come: one of skipping it, waiting, waiting for the account,
// or sending content.
type verdict struct {
	skip    store.Reason
	until   time.Time // not before
	account string    // and by this one; empty: by the same
	why     store.Reason
	out     bool // the whole account is out of reach
	content *store.Content
}

// check looks at all that may have changed since the delivery was planned, from the cheapest to the dearest.
func (l *lane) check(d store.Delivery, now time.Time) (v verdict, err error) {
	answer := d.Wave == store.Answers
	var w store.Wave
	if !answer {
		if w, err = l.wave(d.Wave); err != nil {
			return v, err
		}
		if !w.Expires.IsZero() && !now.Before(w.Expires) {
			return verdict{skip: store.ReasonExpired}, nil
		}
	}
	g, err := l.desk.Store.GroupNumber(d.Group)
	switch {
	case err != nil:
		return v, err
	case g.State == store.GroupPaused:
		return verdict{skip: store.ReasonGroupPaused}, nil
	case !answer && g.LeftOut(w.Plan.Template):
		// The answer to an opt-out itself still goes.
		return verdict{skip: store.ReasonOptedOut}, nil
	}
	for _, one := range []func(store.Delivery, time.Time) (verdict, error){l.manners, l.earlier, l.ready, l.daily} {
		if v, err := one(d, now); err != nil || v != (verdict{}) {
			return v, err
		}
	}
	c, err := l.desk.shelf.content(d.Content)
	if err != nil || answer {
		return verdict{content: c}, err
	}
	current, why, err := l.desk.shelf.current(c, w.Plan, now)
	switch {
	case errors.Is(err, store.ErrStorage), errors.Is(err, store.ErrClosed), errors.Is(err, store.ErrDamaged):
		return v, err
	case err != nil:
		return verdict{skip: ReasonRender}, nil
	case why != "":
		return verdict{skip: why}, nil
	}
	return verdict{content: current}, nil
}

func (l *lane) wave(n uint32) (w store.Wave, err error) {
	w, ok := l.waves[n]
	if !ok {
		if w, err = l.desk.Store.WaveNumber(n); err == nil {
			l.waves[n] = w
		}
	}
	return w, err
}

// earlier keeps a post of several messages in order: none goes before the one in front of it, and none without it.
func (l *lane) earlier(d store.Delivery, now time.Time) (v verdict, err error) {
	if d.Wave == store.Answers || d.Part < 2 {
		return v, nil
	}
	p, err := l.desk.Store.Deliveries(d.Wave, store.Filter{Group: d.Group, Part: d.Part - 1, Start: true, Limit: 1})
	if err != nil || len(p.Deliveries) == 0 {
		return v, err
	}
	switch before := p.Deliveries[0]; before.State {
	case store.Planned, store.Sending:
		until := before.After
		if !until.After(now) {
			until = now.Add(time.Second)
		}
		return verdict{until: until, account: before.Account, why: store.ReasonOtherPartLost}, nil
	case store.Skipped:
		// All that it told is taken; what this one tells is not.
		if before.Reason == store.ReasonClosed || before.Reason == store.ReasonExpired {
			return v, nil
		}
		return verdict{skip: store.ReasonOtherPartLost}, nil
	case store.Failed, store.Cancelled, store.Recalled:
		return verdict{skip: store.ReasonOtherPartLost}, nil
	}
	// Unknown: it may stand in the group, and each message can be understood alone.
	return v, nil
}

// ready asks whether the group can be reached, here or through another account.
func (l *lane) ready(d store.Delivery, now time.Time) (v verdict, err error) {
	no := l.sender.Ready(d.Group)
	if no == nil {
		l.outSince = time.Time{}
		return v, nil
	}
	se := &SendError{Reason: store.ReasonNotBound, Temporary: true}
	errors.As(no, &se)
	if se.Signal >= LoggedOut {
		return verdict{out: true}, nil
	}
	why := se.Reason
	if why == "" {
		why = store.ReasonNotBound
	}
	if other, ok := l.desk.other(d.Group, l.account); ok {
		return verdict{until: now, account: other, why: why}, nil
	}
	found := l.record.OnlineSince.Add(l.desk.BindGrace)
	if why == store.ReasonRemoved || !now.Before(found) {
		return verdict{skip: why}, nil
	}
	until := now.Add(max(bindPoll, se.After))
	if until.After(found) {
		until = found
	}
	return verdict{until: until, why: why}, nil
}

// apart is the least time between two broadcasts to a group that may have several a day.
const apart = 4 * time.Hour

// daily keeps to the broadcasts that a group may have in a day, of whichever waves.
func (l *lane) daily(d store.Delivery, now time.Time) (v verdict, err error) {
	limit, zone := l.desk.Planner.GroupDaily, l.desk.Planner.Zone
	if limit <= 0 || d.Wave == store.Answers || l.waves[d.Wave].Test {
		return v, nil
	}
	today := dayStart(now, zone)
	history, err := l.desk.Store.History(d.Group, today)
	if err != nil {
		return v, err
	}
	waves, last := map[uint32]bool{}, time.Time{}
	for _, h := range history {
		if h.Wave == d.Wave || h.State == store.Failed {
			continue
		}
		for _, a := range h.Attempts {
			if a.Outcome == store.NotSent || a.Outcome == store.Refused || a.At.Before(today) {
				continue
			}
			waves[h.Wave] = true
			if a.At.After(last) {
				last = a.At
			}
		}
	}
	switch {
	case len(waves) >= limit:
		return verdict{until: l.quiet.Open(nextDay(now, zone)), why: store.ReasonDailyLimit}, nil
	case len(waves) > 0 && now.Sub(last) < apart:
		return verdict{until: last.Add(apart), why: store.ReasonDailyLimit}, nil
	}
	return v, nil
}
