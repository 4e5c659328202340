package main

import (
	"net/http"
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// waveView is a wave as scripts see it.
type waveView struct {
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
	Plan       *store.Plan     `json:"plan,omitempty"`
	CreatedAt  *time.Time      `json:"created_at"`
	CreatedBy  string          `json:"created_by"`
	ApprovedAt *time.Time      `json:"approved_at"`
	ApprovedBy string          `json:"approved_by,omitempty"`
	HoldUntil  *time.Time      `json:"hold_until"`
	FirstAt    *time.Time      `json:"first_at"`
	Expires    *time.Time      `json:"expires"`
	Stopped    bool            `json:"stopped,omitempty"`
}

func (a *App) viewWave(w store.Wave) waveView {
	v := waveView{
		ID: w.ID, Batch: w.Plan.Batch, State: w.State, Why: w.Why, Hash: w.Hash, Total: w.Total, Tally: w.View(),
		OpenedAt: a.moment(w.OpenedAt), FinishedAt: a.moment(w.FinishedAt), At: a.moment(w.At), Schedule: w.Schedule,
		CreatedAt: a.moment(w.CreatedAt), CreatedBy: w.CreatedBy, ApprovedAt: a.moment(w.ApprovedAt), ApprovedBy: w.ApprovedBy,
		HoldUntil: a.moment(w.HoldUntil), FirstAt: a.moment(w.FirstAt), Expires: a.moment(w.Expires), Stopped: w.Stopped,
	}
	if w.Number != store.Answers {
		v.Plan = &w.Plan
	}
	return v
}

func (a *App) waveRoutes(mux *http.ServeMux) {
	a.handle(mux, "GET /v1/waves", func(r request) (any, error) {
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
		out := []waveView{}
		for _, w := range all {
			out = append(out, a.viewWave(w))
		}
		return out, nil
	})
	a.handle(mux, "GET /v1/waves/{id}", func(r request) (any, error) {
		w, err := a.store.Wave(r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		return a.viewWave(w), nil
	})
	verb := func(name string, do func(r request, id string) (store.Wave, error)) {
		a.handle(mux, "POST /v1/waves/{id}/"+name, func(r request) (any, error) {
			w, err := do(r, r.PathValue("id"))
			if err != nil {
				return nil, err
			}
			return a.viewWave(w), nil
		})
	}
	verb("approve", func(r request, id string) (store.Wave, error) {
		var in struct{ Hash string }
		if err := r.json(&in); err != nil {
			return store.Wave{}, err
		}
		return a.approveWave(id, in.Hash, r.who)
	})
	verb("pause", func(r request, id string) (store.Wave, error) {
		return a.store.MoveWave(id, store.WavePaused, "by_person", r.who)
	})
	verb("resume", func(r request, id string) (store.Wave, error) {
		return a.store.MoveWave(id, store.WaveRunning, "", r.who)
	})
	verb("cancel", func(r request, id string) (store.Wave, error) {
		return a.store.CancelWave(id, "by_person", r.who)
	})
	a.handle(mux, "POST /v1/waves/{id}/retry", func(r request) (any, error) {
		n, err := a.store.RetryFailed(r.PathValue("id"), r.who)
		if err != nil {
			return nil, err
		}
		w, err := a.store.Wave(r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		return retryView{a.viewWave(w), n}, nil
	})
}

// retryView is a wave and how many of its deliveries are tried again.
type retryView struct {
	waveView
	Retried int `json:"retried"`
}

// approveWave approves a wave for the hash that was seen. What is already approved for the same hash, and what began
// since, is approved: a script may say so twice.
func (a *App) approveWave(id, hash, who string) (store.Wave, error) {
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
	return a.store.ApproveWave(id, hash, who, a.settings().SecondPerson)
}
