package api

import (
	"chunfeng/store"
	"chunfeng/templates/words"
)

// DayList is a list of days: as people write or paste it, or day by day.
type DayList struct {
	Text  string      `json:"text,omitempty"`  // one day or span of days a line: 2027-02-05..2027-02-12 rest 春节
	Days  []store.Day `json:"days,omitempty"`  // in the place of the text
	Check bool        `json:"check,omitempty"` // only tell what would come of it
}

// DayListed is what a list of days says.
type DayListed struct {
	Days   []ListedDay       `json:"days"`   // by date
	Faults map[string]string `json:"faults"` // by the number of the line; where there is one, nothing is stored
}

// ListedDay is a day of a list, beside what the calendar says of it.
type ListedDay struct {
	store.Day
	Line int        `json:"line,omitempty"` // of the text
	Was  *store.Day `json:"was"`            // what the calendar says now; null for nothing
}

// DaysRemoval names days and spans of days, as 2027-02-05 or 2027-02-05..2027-02-12, to be taken out of the calendar.
type DaysRemoval struct {
	Dates []string `json:"dates"`
}

func (a *API) dayRoutes() {
	a.on(Read, "GET /v1/days", func(request) (any, error) {
		all, err := a.store.Days()
		return list(all), err
	}).says("Lists the calendar's days that are not what their weekday says: holidays, and working days swapped for one.").answers([]store.Day{})
	a.on(Manage, "POST /v1/days", func(r request) (any, error) { return a.setDays(r) }).
		says("Puts a list of days into the calendar, all or none, or tells what is wrong with which line. Nothing is broadcast on a day of rest.").
		takes(DayList{}).answers(DayListed{})
	a.on(Manage, "POST /v1/days/remove", func(r request) (any, error) { return a.removeDays(r) }).
		says("Takes days out of the calendar: they are what their weekdays say again. All, or none.").takes(DaysRemoval{}).answers([]store.Day{})
}

func (a *API) setDays(r request) (out DayListed, err error) {
	var in DayList
	if err := r.json(&in); err != nil {
		return out, err
	}
	if err := r.whole(); err != nil {
		return out, err
	}
	days, faults := []ListedDay{}, DayFaults{}
	if len(in.Days) == 0 {
		days, faults = parseDays(in.Text)
	} else if len(in.Days) > mostListed {
		return out, words.Refuse("api.days_many", mostListed).Of(words.Usage)
	}
	for _, d := range in.Days {
		days = append(days, ListedDay{Day: d})
	}
	if len(faults) > 0 && !in.Check {
		return out, faults
	}
	out = DayListed{Days: []ListedDay{}, Faults: faults.Fields(r.Lang)}
	now, err := a.store.Days()
	if err != nil {
		return out, err
	}
	var set []store.Day
	for _, d := range days {
		for _, was := range now {
			if was.Date == d.Date {
				d.Was = &was
			}
		}
		set, out.Days = append(set, d.Day), append(out.Days, d)
	}
	if in.Check {
		return out, nil
	}
	return out, a.store.SetDays(set, r.Name)
}

func (a *API) removeDays(r request) (any, error) {
	var in DaysRemoval
	if err := r.json(&in); err != nil {
		return nil, err
	}
	if err := r.whole(); err != nil {
		return nil, err
	}
	var dates []string
	for _, one := range in.Dates {
		from, to, ok := parseSpan(one)
		if !ok {
			return nil, words.Refuse("store.bad_day", one).Of(words.Usage)
		}
		for d := from; !d.After(to); d = d.AddDate(0, 0, 1) {
			dates = append(dates, d.Format(dateForm))
		}
	}
	if len(dates) == 0 {
		return nil, words.Refuse("api.no_days").Of(words.Usage)
	}
	if err := a.store.RemoveDays(dates, r.Name); err != nil {
		return nil, err
	}
	all, err := a.store.Days()
	return list(all), err
}
