package api

import (
	"time"

	"chunfeng/store"
)

// Schedule is a recurring order as scripts see it.
type Schedule struct {
	ID         string     `json:"id"`
	Batch      string     `json:"batch"`
	State      string     `json:"state"`
	Hash       string     `json:"hash"`
	Cron       string     `json:"cron"`
	Zone       string     `json:"zone"`
	Plan       Choices    `json:"plan"`
	Last       *time.Time `json:"last"` // the last occurrence that was dealt with
	Next       *time.Time `json:"next"`
	CreatedAt  *time.Time `json:"created_at"`
	CreatedBy  string     `json:"created_by"`
	ApprovedBy string     `json:"approved_by,omitempty"`
}

func (a *API) viewSchedule(s store.Schedule) Schedule {
	v := Schedule{
		ID: s.ID, Batch: s.Plan.Batch, State: s.State, Hash: s.Hash, Cron: s.Cron, Zone: s.Zone, Plan: viewChoices(s.Plan), Last: a.moment(s.Last),
		CreatedAt: a.moment(s.CreatedAt), CreatedBy: s.CreatedBy, ApprovedBy: s.ApprovedBy,
	}
	if s.Cron != "" && s.State != "ended" && s.State != "cancelled" {
		if times, err := a.next(s.Cron, a.zoneOf(s), s.Plan.Missed); err == nil {
			v.Next = a.moment(times[0])
		}
	}
	return v
}

// ScheduleDetail is a recurring order with its next times and what the caller may do with it now.
type ScheduleDetail struct {
	Schedule
	Upcoming []time.Time `json:"upcoming"`
	Deeds    []Deed      `json:"deeds"`
}

func (a *API) scheduleRoutes() {
	a.on(Read, "GET /v1/schedules", func(r request) (any, error) {
		all, err := a.store.Schedules()
		out := []Schedule{}
		for _, s := range all {
			if s.Cron != "" { // the others became a wave when they were queued
				out = append(out, a.scheduleFor(r.Caller, s))
			}
		}
		return out, err
	}).says("Lists the recurring orders.").answers([]Schedule{})
	a.on(Read, "GET /v1/schedules/{id}", func(r request) (any, error) {
		s, err := a.store.Schedule(r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		out := ScheduleDetail{a.scheduleFor(r.Caller, s), []time.Time{}, a.scheduleDeeds(r.Caller, s)}
		if out.Next != nil {
			out.Upcoming, err = a.next(s.Cron, a.zoneOf(s), s.Plan.Missed)
		}
		return out, err
	}).says("Answers one recurring order with its next times.").answers(ScheduleDetail{})
	a.on(Read, "GET /v1/schedules/{id}/forecast", func(r request) (any, error) {
		s, err := a.store.Schedule(r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		times, err := a.next(s.Cron, a.zoneOf(s), s.Plan.Missed)
		if err != nil {
			return nil, err
		}
		out, err := a.planOf(r, s.Plan, times[0], s.ID)
		out.Upcoming = times
		return out, err
	}).says("Works out what a recurring order would send the next time.").answers(Plan{})
	a.on(Read, "GET /v1/schedules/{id}/history", func(r request) (any, error) {
		s, err := a.store.Schedule(r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		return a.historyOf(s.ID, "schedule.", s.CreatedAt)
	}).says("Lists what was done to a recurring order, the newest first.").answers([]PastDeed{})
	a.on(Approve, "POST /v1/schedules/{id}/approve", func(r request) (any, error) {
		var in Approval
		if err := r.json(&in); err != nil {
			return nil, err
		}
		s, err := a.movedSchedule(r)
		if err != nil {
			return nil, err
		}
		if s, err = a.approveSchedule(s, in.Hash, r.Name); err != nil {
			return nil, err
		}
		return a.viewSchedule(s), nil
	}).fresh().says("Approves a recurring order for the hash that was seen.").takes(Approval{}).answers(Schedule{})
	a.on(Control, "POST /v1/schedules/{id}/cancel", func(r request) (any, error) {
		s, err := a.movedSchedule(r)
		if err != nil {
			return nil, err
		}
		if s, err = a.store.SetSchedule(s.ID, "cancelled", "", r.Name); err != nil {
			return nil, err
		}
		return a.viewSchedule(s), nil
	}).says("Cancels a recurring order.").answers(Schedule{})
}

// movedSchedule answers a recurring order that the caller may move.
func (a *API) movedSchedule(r request) (store.Schedule, error) {
	s, err := a.store.Schedule(r.PathValue("id"))
	if err == nil {
		err = a.whole(r.Caller, s.ID, s.Plan)
	}
	return s, err
}

// scheduleFor is a recurring order as a caller sees it.
func (a *API) scheduleFor(c Caller, s store.Schedule) Schedule {
	v := a.viewSchedule(s)
	v.Plan = a.choicesFor(c, v.Plan)
	return v
}

// scheduleDeeds lists what a caller may do with a recurring order now.
func (a *API) scheduleDeeds(c Caller, s store.Schedule) []Deed {
	out := []Deed{}
	if a.whole(c, s.ID, s.Plan) != nil {
		return out
	}
	if s.State == "draft" && c.May(Approve) && (!a.Config().SecondPerson || s.CreatedBy != c.Name) {
		out = append(out, DeedApprove)
	}
	if (s.State == "draft" || s.State == "approved") && c.May(Control) {
		out = append(out, DeedCancel)
	}
	return out
}

// zoneOf is the time zone in which a recurring order was meant.
func (a *API) zoneOf(s store.Schedule) *time.Location {
	if zone, err := time.LoadLocation(s.Zone); err == nil {
		return zone
	}
	return a.Config().Zone
}
