package broadcast

import (
	"errors"
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// heed does what a signal asks for.
func (l *lane) heed(s Signal, kind store.Kind, sendErr error) error {
	if s > TooOften {
		l.desk.Signalled(l.account, s) // tooOften tells of itself: a notice in a chat comes there too
	}
	switch s {
	case TooOften:
		var se *SendError
		errors.As(sendErr, &se)
		_, err := l.tooOften(kind, se.After)
		return err
	case LoggedOut:
		l.notBefore = time.Now().Add(afterLogout)
		l.outSince = time.Now()
	case Forbidden:
		l.forbidden = time.Now()
		l.outSince = l.forbidden
		l.desk.Event(Event{Account: l.account, Alert: true, What: words.T("broadcast.forbidden", l.account), Err: sendErr})
	}
	return nil
}

// tooOften has a class of messages cool down, and answers until when.
func (l *lane) tooOften(kind store.Kind, asked time.Duration) (until time.Time, err error) {
	l.desk.Signalled(l.account, TooOften)
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	pace, third := l.pacer.hit(kind, asked, now)
	pace.Account = l.account
	until = now.wall.Add(l.pacer.class(kind).CoolingUntil.Sub(now.steady))
	key := "broadcast.cooling"
	if third {
		key = "broadcast.third_signal"
	}
	l.desk.Event(Event{Account: l.account, Alert: third, What: words.T(key, l.account, until.In(l.pacer.Zone).Format("2006-01-02 15:04"))})
	return until, l.desk.Store.SavePace(*pace)
}
