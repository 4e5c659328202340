package api

import (
	"chunfeng/store"
	"chunfeng/templates/words"
)

// DaysChange puts days into the calendar, in the place of those of the same date.
type DaysChange struct {
	Days []store.Day `json:"days"`
}

func (a *API) dayRoutes() {
	a.on(Read, "GET /v1/days", func(request) (any, error) {
		all, err := a.store.Days()
		return list(all), err
	}).says("Lists the calendar's days that are not what their weekday says: holidays, and working days swapped for one.").answers([]store.Day{})
	a.on(Manage, "POST /v1/days", func(r request) (any, error) {
		var in DaysChange
		if err := r.json(&in); err != nil {
			return nil, err
		}
		if err := r.whole(); err != nil {
			return nil, err
		}
		if len(in.Days) == 0 || len(in.Days) > 400 {
			return nil, words.Refuse("cmd.bad_number", "days", len(in.Days)).Of(words.Usage)
		}
		if err := a.store.SetDays(in.Days, r.Name); err != nil {
			return nil, err
		}
		all, err := a.store.Days()
		return list(all), err
	}).says("Puts days into the calendar. Nothing is broadcast on a day of rest.").takes(DaysChange{}).answers([]store.Day{})
	a.on(Manage, "DELETE /v1/days/{date}", func(r request) (any, error) {
		if err := r.whole(); err != nil {
			return nil, err
		}
		if err := a.store.RemoveDay(r.PathValue("date"), r.Name); err != nil {
			return nil, err
		}
		all, err := a.store.Days()
		return list(all), err
	}).says("Takes a day out of the calendar: it is what its weekday says again.").answers([]store.Day{})
}
