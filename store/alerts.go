package store

import (
	"fmt"
	"slices"
	"time"

	"chunfeng/templates/words"
)

// Alert is something that somebody must know, from when it was raised until it was cleared.
type Alert struct {
	Number  uint64    `cbor:"1,keyasint" json:"id"`
	What    string    `cbor:"2,keyasint" json:"what"`              // a stable word: account_out, disk
	On      string    `cbor:"3,keyasint,omitempty" json:"on"`      // the account or the wave that it is about; empty: the whole
	Key     string    `cbor:"9,keyasint" json:"-"`                 // of the catalogue: its sentence
	Args    []string  `cbor:"4,keyasint,omitempty" json:"-"`       // what its sentence mentions
	Since   time.Time `cbor:"5,keyasint" json:"since"`             // since when it is so
	Raised  time.Time `cbor:"6,keyasint" json:"raised_at"`         // when it was noticed
	Cleared time.Time `cbor:"7,keyasint,omitzero" json:"-"`        // zero: it still is so
	Notices []Notice  `cbor:"8,keyasint,omitempty" json:"notices"` // who is told of it, in the order in which they are
}

// Open tells whether what it is about still is so.
func (a Alert) Open() bool { return a.Cleared.IsZero() }

// The roads by which people are told.
const (
	RoadGroup   = "group"   // a message to a registered group of staff
	RoadWebhook = "webhook" // posted to an address
	RoadCommand = "command" // given to a program
)

// Notice is one telling of an alert by one road.
type Notice struct {
	Road    string    `cbor:"1,keyasint" json:"road"`                       // webhook, command, group
	Cleared bool      `cbor:"2,keyasint,omitempty" json:"cleared"`          // it tells that it is over
	Tries   int       `cbor:"3,keyasint,omitempty" json:"tries"`            //
	After   time.Time `cbor:"4,keyasint,omitzero" json:"-"`                 // the next try, not before
	Done    time.Time `cbor:"5,keyasint,omitzero" json:"-"`                 // when it was told, or given up; zero: it waits
	Failed  string    `cbor:"6,keyasint,omitempty" json:"failed,omitempty"` // why the last try failed
}

// Text is the alert's sentence.
func (a Alert) Text() words.Text {
	args := make([]any, len(a.Args))
	for i, v := range a.Args {
		args[i] = v
	}
	return words.T(a.Key, args...)
}

// keptAlerts is how many alerts that are over are kept; beyond it the oldest are forgotten.
const keptAlerts = 500

// RaiseAlert notes that something is so that somebody must know, once: while an alert of the same kind about the same thing
// is open, that one is answered and nothing is changed.
func (s *Store) RaiseAlert(a Alert) (out Alert, fresh bool, err error) {
	err = s.update(housekeeping, func(t *txn) error {
		fresh = false
		all, err := records[Alert](t, bAlerts, nil)
		if err != nil {
			return err
		}
		for _, one := range all {
			if one.Open() && one.What == a.What && one.On == a.On {
				out = one
				return nil
			}
		}
		if err := t.forgetAlerts(all); err != nil {
			return err
		}
		n, err := t.next(bAlerts)
		if err != nil {
			return err
		}
		out, fresh = a, true
		if out.Number, out.Cleared = n, (time.Time{}); out.Raised.IsZero() {
			out.Raised = now()
		}
		t.wakes()
		return t.put(bAlerts, k64(n), out)
	})
	return out, fresh, err
}

// ClearAlert notes that what an alert was about is over since a time, and who is to be told of that. An alert that is cleared
// already is left as it is.
func (s *Store) ClearAlert(number uint64, at time.Time, notices []Notice) (out Alert, err error) {
	err = s.update(housekeeping, func(t *txn) error {
		if out, err = t.alert(number); err != nil || !out.Open() {
			return err
		}
		out.Cleared = at
		out.Notices = append(out.Notices, notices...)
		t.wakes()
		return t.put(bAlerts, k64(number), out)
	})
	return out, err
}

// SayAlert queues what is said of an alert in the staff's group and notes that it was, in one commit: a crash neither
// swallows it nor says it twice. What was said already is not said again.
func (s *Store) SayAlert(number uint64, cleared bool, said Answer) error {
	return s.update(housekeeping, func(t *txn) error {
		a, err := t.alert(number)
		if err != nil {
			return err
		}
		i := a.notice(RoadGroup, cleared)
		if i < 0 || !a.Notices[i].Done.IsZero() {
			return nil
		}
		if err := t.addAnswer(said, 0); err != nil {
			return err
		}
		n := &a.Notices[i]
		n.Tries, n.Done, n.Failed = n.Tries+1, now(), ""
		return t.put(bAlerts, k64(number), a)
	})
}

// notice finds the place of a notice, -1 where there is none.
func (a Alert) notice(road string, cleared bool) int {
	return slices.IndexFunc(a.Notices, func(n Notice) bool { return n.Road == road && n.Cleared == cleared })
}

// NoteAlert notes how a try to tell of an alert ended.
func (s *Store) NoteAlert(number uint64, n Notice) error {
	return s.update(housekeeping, func(t *txn) error {
		a, err := t.alert(number)
		if err != nil {
			return err
		}
		i := a.notice(n.Road, n.Cleared)
		if i < 0 {
			return notFound("alert", fmt.Sprint(number))
		}
		a.Notices[i] = n
		return t.put(bAlerts, k64(number), a)
	})
}

func (t *txn) alert(number uint64) (a Alert, err error) {
	err = t.need(bAlerts, k64(number), &a, "alert", fmt.Sprint(number))
	return a, err
}

// forgetAlerts drops the oldest of those that are over.
func (t *txn) forgetAlerts(all []Alert) error {
	over := 0
	for _, a := range slices.Backward(all) {
		if a.Open() {
			continue
		}
		if over++; over > keptAlerts {
			if err := t.del(bAlerts, k64(a.Number)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Alerts lists the alerts, the newest first; open ones only if asked.
func (s *Store) Alerts(open bool) (out []Alert, err error) {
	err = s.view(func(t *txn) error {
		all, err := records[Alert](t, bAlerts, nil)
		for _, a := range slices.Backward(all) {
			if a.Open() || !open {
				out = append(out, a)
			}
		}
		return err
	})
	return out, err
}

// alerts holds that of each kind about each thing one alert at most is open.
func (k *checker) alerts() error {
	all, err := records[Alert](k.t, bAlerts, nil)
	if err != nil {
		return nil // told by sums
	}
	open := map[[2]string]uint64{}
	for _, a := range all {
		if !a.Open() {
			continue
		}
		if n := open[[2]string{a.What, a.On}]; n != 0 {
			k.broken("the alerts %d and %d are both open about %s %s", n, a.Number, a.What, a.On)
		}
		open[[2]string{a.What, a.On}] = a.Number
	}
	return nil
}

// HeardDay is one day of an account's hearing: for each hour of it the longest time that nothing had been heard, in
// minutes; 0: it was not listened to in that hour.
type HeardDay struct {
	Date  string     `cbor:"1,keyasint"` // 2006-01-02, in the bureau's time zone
	Hours [24]uint16 `cbor:"2,keyasint"`
}

type hearing struct {
	Days []HeardDay `cbor:"1,keyasint"`
}

// keptHearing is how many days of an account's hearing are kept.
const keptHearing = 28

// Hearing answers an account's hearing, the oldest day first.
func (s *Store) Hearing(account string) ([]HeardDay, error) {
	var h hearing
	err := s.view(func(t *txn) error { _, err := t.get(bHearing, key(account), &h); return err })
	return h.Days, err
}

// SaveHearing keeps an account's hearing, at most the newest four weeks of it.
func (s *Store) SaveHearing(account string, days []HeardDay) error {
	if account == "" {
		return words.Refuse("store.no_account", account).Of(words.Missing)
	}
	days = days[max(0, len(days)-keptHearing):]
	return s.update(housekeeping, func(t *txn) error { return t.put(bHearing, key(account), hearing{days}) })
}
