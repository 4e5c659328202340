package store

import (
	"slices"
	"strings"
	"time"

	"chunfeng/templates/words"
)

// Day is a date of the calendar that is not what its weekday says: a holiday, or a working day swapped for one.
type Day struct {
	Date string `cbor:"1,keyasint" json:"date"`           // 2006-01-02, in the bureau's time zone
	Rest bool   `cbor:"2,keyasint,omitempty" json:"rest"` // nothing is broadcast; false: broadcasts go out although quiet_days says otherwise
	Name Both   `cbor:"3,keyasint,omitzero" json:"name"`  // 추석, 调休
}

// check holds a day against what is allowed. Years beyond 1999–2099 are slips of the pen.
func (d Day) check() error {
	at, err := time.Parse(time.DateOnly, d.Date)
	if err != nil || at.Year() < 2000 || at.Year() > 2099 {
		return words.Refuse("store.bad_day", d.Date)
	}
	for _, name := range []string{d.Name.Zh, d.Name.Ko} {
		if len(name) > longestLabel || !printable(name) {
			return words.Refuse("store.bad_day_name", d.Date, name)
		}
	}
	return nil
}

// said is a day as the audit trail tells it.
func (d Day) said() string {
	kind := map[bool]string{true: "rest", false: "work"}[d.Rest]
	if name := d.Name.In("ko"); name != "" {
		return kind + " " + name
	}
	return kind
}

// SetDays puts days into the calendar, over what it said of them before. All or none; a date twice is refused.
func (s *Store) SetDays(days []Day, who string) error {
	days = slices.Clone(days)
	slices.SortFunc(days, func(a, b Day) int { return strings.Compare(a.Date, b.Date) })
	for i, d := range days {
		if err := d.check(); err != nil {
			return err
		}
		if i > 0 && d.Date == days[i-1].Date {
			return words.Refuse("store.day_twice", d.Date)
		}
	}
	return s.update(housekeeping, func(t *txn) error {
		for _, d := range days {
			var was Day
			found, err := t.get(bDays, key(d.Date), &was)
			if err != nil {
				return err
			}
			if found && was == d {
				continue
			}
			if err := t.put(bDays, key(d.Date), d); err != nil {
				return err
			}
			if err := t.audit(who, "day.set", d.Date, d.said()); err != nil {
				return err
			}
			t.wakes()
		}
		return nil
	})
}

// RemoveDays makes dates what their weekdays say, all or none. One that is not in the calendar is refused.
func (s *Store) RemoveDays(dates []string, who string) error {
	return s.update(housekeeping, func(t *txn) error {
		for _, date := range dates {
			var was Day
			if err := t.need(bDays, key(date), &was, "day", date); err != nil {
				return err
			}
			if err := t.del(bDays, key(date)); err != nil {
				return err
			}
			if err := t.audit(who, "day.remove", date, was.said()); err != nil {
				return err
			}
			t.wakes()
		}
		return nil
	})
}

// Days lists the calendar's days by date.
func (s *Store) Days() (out []Day, err error) {
	err = s.view(func(t *txn) error { out, err = records[Day](t, bDays, nil); return err })
	return out, err
}
