package api

import (
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// Wave is a wave as scripts see it.
type Wave struct {
	ID         string          `json:"id"`
	Batch      string          `json:"batch"`
	State      store.WaveState `json:"state"`
	Why        string          `json:"why,omitempty"`
	Hash       string          `json:"hash"`
	Total      int             `json:"total"`
	Tally      store.Tally     `json:"tally"`
	OpenedAt   *time.Time      `json:"opened_at"`
	FinishedAt *time.Time      `json:"finished_at"`
	At         *time.Time      `json:"at"`
	Schedule   string          `json:"schedule,omitempty"`
	Plan       *Choices        `json:"plan,omitempty"`
	CreatedAt  *time.Time      `json:"created_at"`
	CreatedBy  string          `json:"created_by"`
	ApprovedAt *time.Time      `json:"approved_at"`
	ApprovedBy string          `json:"approved_by,omitempty"`
	HoldUntil  *time.Time      `json:"hold_until"`
	FirstAt    *time.Time      `json:"first_at"`
	Expires    *time.Time      `json:"expires"`
	Stopped    bool            `json:"stopped,omitempty"`
}

func (a *API) viewWave(w store.Wave) Wave {
	v := Wave{
		ID: w.ID, Batch: w.Plan.Batch, State: w.State, Why: w.Why, Hash: w.Hash, Total: w.Total, Tally: w.View(),
		OpenedAt: a.moment(w.OpenedAt), FinishedAt: a.moment(w.FinishedAt), At: a.moment(w.At), Schedule: w.Schedule,
		CreatedAt: a.moment(w.CreatedAt), CreatedBy: w.CreatedBy, ApprovedAt: a.moment(w.ApprovedAt), ApprovedBy: w.ApprovedBy,
		HoldUntil: a.moment(w.HoldUntil), FirstAt: a.moment(w.FirstAt), Expires: a.moment(w.Expires), Stopped: w.Stopped,
	}
	if w.Number != store.Answers {
		chosen := viewChoices(w.Plan)
		v.Plan = &chosen
	}
	return v
}

func (a *API) waveRoutes() {
	a.on(Read, "GET /v1/waves", func(r request) (any, error) {
		all, err := a.store.Waves(false)
		if err != nil {
			return nil, err
		}
		if r.URL.Query().Get("answers") != "" {
			answers, err := a.store.WaveNumber(store.Answers)
			if err != nil {
				return nil, err
			}
			all = append(all, answers)
		}
		out := []Wave{}
		for _, w := range all {
			out = append(out, a.viewWave(w))
		}
		return out, nil
	})
	a.on(Prepare, "POST /v1/waves/plan", func(r request) (any, error) {
		var o Order
		if err := r.json(&o); err != nil {
			return nil, err
		}
		v, err := a.forecast(o)
		if err != nil {
			return nil, err
		}
		return a.viewPlan(r, v), nil
	})
	a.on(Queue, "POST /v1/waves", func(r request) (any, error) {
		var o Order
		if err := r.json(&o); err != nil {
			return nil, err
		}
		return a.queue(r, o)
	})
	a.on(Read, "GET /v1/schedules", func(request) (any, error) {
		all, err := a.store.Schedules()
		out := []Schedule{}
		for _, s := range all {
			if s.Cron != "" { // the others became a wave when they were queued
				out = append(out, a.viewSchedule(s))
			}
		}
		return out, err
	})
	a.on(Read, "GET /v1/schedules/{id}", func(r request) (any, error) {
		s, err := a.store.Schedule(r.PathValue("id"))
		return a.viewSchedule(s), err
	})
	a.on(Approve, "POST /v1/schedules/{id}/approve", func(r request) (any, error) {
		var in struct{ Hash string }
		if err := r.json(&in); err != nil {
			return nil, err
		}
		s, err := a.approveSchedule(r.PathValue("id"), in.Hash, r.Name)
		return a.viewSchedule(s), err
	})
	a.on(Control, "POST /v1/schedules/{id}/cancel", func(r request) (any, error) {
		s, err := a.store.SetSchedule(r.PathValue("id"), "cancelled", "", r.Name)
		return a.viewSchedule(s), err
	})
	a.on(Read, "GET /v1/waves/{id}/forecast", func(r request) (any, error) {
		w, err := a.store.Wave(r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		planner, err := a.Planner()
		if err != nil {
			return nil, err
		}
		v, err := planner.Plan(w.Plan, w.At)
		if err != nil {
			return nil, err
		}
		return a.viewPlan(r, v), nil
	})
	a.on(Read, "GET /v1/waves/{id}", func(r request) (any, error) {
		w, err := a.store.Wave(r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		return a.viewWave(w), nil
	})
	verb := func(right Right, name string, do func(r request, id string) (store.Wave, error)) {
		a.on(right, "POST /v1/waves/{id}/"+name, func(r request) (any, error) {
			w, err := do(r, r.PathValue("id"))
			if err != nil {
				return nil, err
			}
			return a.viewWave(w), nil
		})
	}
	verb(Approve, "approve", func(r request, id string) (store.Wave, error) {
		var in struct{ Hash string }
		if err := r.json(&in); err != nil {
			return store.Wave{}, err
		}
		return a.approveWave(id, in.Hash, r.Name)
	})
	verb(Control, "pause", func(r request, id string) (store.Wave, error) {
		return a.store.MoveWave(id, store.WavePaused, "cmd.by_person", r.Name)
	})
	verb(Control, "resume", func(r request, id string) (store.Wave, error) {
		return a.resumeWave(id, r.Name)
	})
	verb(Control, "cancel", func(r request, id string) (store.Wave, error) {
		return a.store.CancelWave(id, "cmd.by_person", r.Name)
	})
	a.on(Control, "POST /v1/waves/{id}/stop", func(r request) (any, error) { return a.stop(r, r.PathValue("id")) })
	a.on(Control, "POST /v1/stop", func(r request) (any, error) { return a.stop(r, "") })
	a.on(Read, "GET /v1/waves/{id}/progress", func(r request) (any, error) { return a.progress(r.PathValue("id")) })
	a.on(Queue, "POST /v1/waves/{id}/retry", func(r request) (any, error) {
		n, err := a.store.RetryFailed(r.PathValue("id"), r.Name)
		if err != nil {
			return nil, err
		}
		w, err := a.store.Wave(r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		return Retried{a.viewWave(w), n}, nil
	})
}

// resumeWave lets a wave go on: into its hold where that is not over.
func (a *API) resumeWave(id, who string) (store.Wave, error) {
	if d := a.Dispatcher(); d != nil {
		return d.Resume(id, who)
	}
	w, err := a.store.Wave(id)
	if err != nil {
		return w, err
	}
	to := store.WaveRunning
	if w.HoldUntil.After(time.Now()) {
		to = store.WaveHolding
	}
	return a.store.MoveWave(id, to, "", who)
}

// Stopped is what an emergency stop did.
type Stopped struct {
	Waves    []string `json:"waves"`
	Recalled int      `json:"recalled"`
	Refused  []string `json:"refused"`  // deliveries inside the two minutes that were not taken back
	Standing int      `json:"standing"` // messages that stand in groups, or may
}

// stop holds a wave, or every one that runs, and takes back what can be. Without a daemon nothing is being sent and
// nothing can be taken back: the waves are held all the same.
func (a *API) stop(r request, id string) (any, error) {
	out := Stopped{Waves: []string{}, Refused: []string{}}
	if d := a.Dispatcher(); d != nil {
		report, err := d.EmergencyStop(r.Context(), id, r.Name)
		if err != nil {
			return nil, err
		}
		out.Waves, out.Recalled, out.Standing = list(report.Waves), report.Recalled, report.Standing
		t := a.tracer()
		for _, one := range report.Refused {
			out.Refused = append(out.Refused, store.DeliveryID(t.wave(one.Wave), one.Seq))
		}
		return out, nil
	}
	ids := []string{id}
	if id == "" {
		ids = nil
		active, err := a.store.Waves(true)
		if err != nil {
			return nil, err
		}
		for _, w := range active {
			if w.State == store.WaveRunning || w.State == store.WaveHolding {
				ids = append(ids, w.ID)
			}
		}
	}
	for _, id := range ids {
		w, err := a.store.StopWave(id, "broadcast.emergency", r.Name)
		if err != nil {
			return nil, err
		}
		out.Waves = append(out.Waves, w.ID)
		out.Standing += w.Counts[store.Accepted] + w.Counts[store.Sent] + w.Counts[store.Unknown]
	}
	return out, nil
}

// Progress is how far a wave came.
type Progress struct {
	Wave
	Done      int            `json:"done"`
	PerMinute float64        `json:"per_minute"`
	Left      float64        `json:"seconds_left"` // at the polite pace; 0: done or not known
	Lanes     []LaneProgress `json:"lanes"`
	Daemon    bool           `json:"daemon"`
}

type LaneProgress struct {
	Account   string      `json:"account"`
	Done      int         `json:"done"`
	Total     int         `json:"total"`
	Tally     store.Tally `json:"tally"`
	PerMinute float64     `json:"per_minute"`
	Left      float64     `json:"seconds_left"`
	State     string      `json:"state,omitempty"`
	For       string      `json:"for,omitempty"`
	Until     *time.Time  `json:"until,omitempty"`
}

func (a *API) progress(id string) (Progress, error) {
	d := a.Dispatcher()
	if d == nil {
		w, err := a.store.Wave(id)
		if err != nil {
			return Progress{}, err
		}
		return Progress{Wave: a.viewWave(w), Done: w.Total - w.Counts[store.Planned] - w.Counts[store.Sending], Lanes: []LaneProgress{}}, nil
	}
	p, err := d.Progress(id)
	if err != nil {
		return Progress{}, err
	}
	out := Progress{Wave: a.viewWave(p.Wave), Done: p.Done, PerMinute: p.PerMinute, Left: p.Left.Seconds(), Lanes: []LaneProgress{}, Daemon: true}
	for _, l := range p.Lanes {
		out.Lanes = append(out.Lanes, LaneProgress{
			l.Account, l.Done, l.Total, l.Counts, l.PerMinute, l.Left.Seconds(), string(l.Status.State), string(l.Status.For), a.moment(l.Status.Until),
		})
	}
	return out, nil
}

// Retried is a wave and how many of its deliveries are tried again.
type Retried struct {
	Wave
	Retried int `json:"retried"`
}

// approveWave approves a wave for the hash that was seen. What is already approved for the same hash, and what began
// since, is approved: a script may say so twice.
func (a *API) approveWave(id, hash, who string) (store.Wave, error) {
	if hash == "" {
		return store.Wave{}, words.Refuse("cmd.needs_hash").Of(words.Usage)
	}
	w, err := a.store.Wave(id)
	if err != nil {
		return w, err
	}
	if w.Hash == hash && w.State != store.WaveDraft && w.State != store.WaveCancelled {
		return w, nil
	}
	return a.store.ApproveWave(id, hash, who, a.Config().SecondPerson)
}
