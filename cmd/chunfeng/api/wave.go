package api

import (
	"strings"
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
	Groups     int             `json:"groups"` // that were to get it when it was opened; 0 before
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
	Test       bool            `json:"test,omitempty"` // what staff wanted to look at in one group
}

func (a *API) viewWave(w store.Wave) Wave {
	v := Wave{
		ID: w.ID, Batch: w.Plan.Batch, State: w.State, Why: w.Why, Hash: w.Hash, Total: w.Total, Groups: w.Groups, Tally: w.View(),
		OpenedAt: a.moment(w.OpenedAt), FinishedAt: a.moment(w.FinishedAt), At: a.moment(w.At), Schedule: w.Schedule,
		CreatedAt: a.moment(w.CreatedAt), CreatedBy: w.CreatedBy, ApprovedAt: a.moment(w.ApprovedAt), ApprovedBy: w.ApprovedBy,
		HoldUntil: a.moment(w.HoldUntil), FirstAt: a.moment(w.FirstAt), Expires: a.moment(w.Expires), Stopped: w.Stopped, Test: w.Test,
	}
	if v.Groups == 0 {
		v.Groups = w.Total // of before groups were counted
	}
	if w.Number != store.Answers {
		chosen := viewChoices(w.Plan)
		v.Plan = &chosen
	}
	return v
}

// WaveDetail is a wave with what the caller may do with it now.
type WaveDetail struct {
	Wave
	Deeds []Deed `json:"deeds"`
}

// waveLimit is the most waves in one page of a listing that asks for pages.
const waveLimit = 200

func (a *API) waveRoutes() {
	a.on(Read, "GET /v1/waves", func(r request) (any, error) { return a.listWaves(r) }).
		says("Lists the waves that are meant, the newest first.").asks("state", "the state that they are in; active: not at their end", append([]string{"active"}, waveStates()...)...).
		asks("batch", "a batch's id").asks("who", "the name of a person who queued or approved them").
		asks("limit", "the most waves, at most 200; nothing said: all").asks("before", "the id of the last wave of the page before").
		asks("answers", "the standing wave of answers to residents, too", "1").answers([]Wave{})
	a.on(Read, "GET /v1/waves/templates", func(request) (any, error) {
		set, err := a.Templates()
		if err != nil {
			return nil, err
		}
		return list(set.Digests()), nil
	}).says("Lists the templates that a wave can be sent with.").answers([]string{})
	a.on(Prepare, "POST /v1/waves/plan", func(r request) (any, error) {
		var o Order
		if err := r.json(&o); err != nil {
			return nil, err
		}
		return a.forecast(r, o)
	}).says("Works out what an order would send, to whom and until when. Nothing is stored or sent.").takes(Order{}).answers(Plan{})
	a.on(Queue, "POST /v1/waves", func(r request) (any, error) {
		var o Order
		if err := r.json(&o); err != nil {
			return nil, err
		}
		return a.queue(r, o)
	}).says("Queues a wave, or a recurring order when it has a cron. It is sent once somebody else approved its hash.").
		takes(Order{}).answers(QueuedWave{}, QueuedSchedule{})
	a.on(Read, "GET /v1/waves/{id}/forecast", func(r request) (any, error) {
		w, err := a.store.Wave(r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		return a.planOf(r, w.Plan, w.At, w.ID)
	}).says("Works out a queued wave anew.").answers(Plan{})
	a.on(Read, "GET /v1/waves/{id}", func(r request) (any, error) {
		w, err := a.store.Wave(r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		return WaveDetail{a.waveFor(r.Caller, w), a.deeds(r.Caller, w)}, nil
	}).says("Answers one wave with what the caller may do with it now.").answers(WaveDetail{})
	verb := func(right Right, name, says string, do func(r request, w store.Wave) (store.Wave, error)) {
		a.on(right, "POST /v1/waves/{id}/"+name, func(r request) (any, error) {
			w, err := a.moved(r)
			if err != nil {
				return nil, err
			}
			if w, err = do(r, w); err != nil {
				return nil, err
			}
			return a.viewWave(w), nil
		}).says(says).answers(Wave{})
	}
	a.on(Approve, "POST /v1/waves/{id}/approve", func(r request) (any, error) {
		var in Approval
		if err := r.json(&in); err != nil {
			return nil, err
		}
		if in.Hash == "" {
			return nil, words.Refuse("cmd.needs_hash").Of(words.Usage)
		}
		w, err := a.moved(r)
		if err != nil {
			return nil, err
		}
		if w, err = a.approveWave(w, in.Hash, r.Name); err != nil {
			return nil, err
		}
		return a.viewWave(w), nil
	}).fresh().says("Approves a wave for the hash that was seen. Who queued it may not, where a second person must.").takes(Approval{}).answers(Wave{})
	verb(Control, "pause", "Holds a wave until it is resumed.", func(r request, w store.Wave) (store.Wave, error) {
		return a.store.MoveWave(w.ID, store.WavePaused, "cmd.by_person", r.Name)
	})
	verb(Control, "resume", "Lets a wave go on, into its hold where that is not over.", func(r request, w store.Wave) (store.Wave, error) { return a.resumeWave(w, r.Name) })
	verb(Control, "cancel", "Cancels what of a wave was not sent yet.", func(r request, w store.Wave) (store.Wave, error) {
		return a.store.CancelWave(w.ID, "cmd.by_person", r.Name)
	})
	a.on(Control, "POST /v1/waves/{id}/stop", func(r request) (any, error) {
		w, err := a.moved(r)
		if err != nil {
			return nil, err
		}
		return a.stop(r, w.ID)
	}).says("Holds a wave at once and takes back what can be.").answers(Stopped{})
	a.on(Control, "GET /v1/stop", func(r request) (any, error) { return a.viewStoppable(r.Caller) }).
		says("Answers which waves an emergency stop of everything would hold now.").answers(Stoppable{})
	a.on(Control, "POST /v1/stop", func(r request) (any, error) { return a.stopAll(r) }).
		says("Holds every wave at once and takes back what can be.").answers(Stopped{})
	a.on(Read, "GET /v1/waves/{id}/progress", func(r request) (any, error) { return a.progress(r.Caller, r.PathValue("id")) }).
		says("Answers how far a wave came, and what each account does.").answers(Progress{})
	a.on(Read, "GET /v1/waves/{id}/texts", func(r request) (any, error) { return a.waveTexts(r) }).
		says("Lists the distinct messages of a wave, exactly as they are sent.").answers([]WaveText{})
	a.on(Read, "GET /v1/waves/{id}/texts/{hash}", func(r request) (any, error) { return a.waveContent(r) }).
		says("Gives one of the messages of a wave, exactly as it is sent.").streams("image/png", "text/plain")
	a.on(Read, "GET /v1/waves/{id}/pictures/{hash}", func(r request) (any, error) { return a.wavePicture(r) }).
		says("Answers a picture of a wave by its hash, as it is sent.").streams("image/png")
	a.on(Read, "GET /v1/waves/{id}/history", func(r request) (any, error) { return a.waveHistory(r) }).
		says("Lists what was done to a wave, the newest first.").answers([]PastDeed{})
	a.on(Queue, "POST /v1/waves/{id}/retry", func(r request) (any, error) {
		var in Retry
		if err := r.json(&in); err != nil {
			return nil, err
		}
		w, err := a.moved(r)
		if err != nil {
			return nil, err
		}
		return a.retryWave(w, in.Failed, r.Name)
	}).says("Has everything that failed tried again.").takes(Retry{}).answers(Retried{})
}

// waveFor is a wave as a caller sees it: groups of other counties are not named, only counted.
func (a *API) waveFor(c Caller, w store.Wave) Wave {
	v := a.viewWave(w)
	if v.Plan != nil {
		*v.Plan = a.choicesFor(c, *v.Plan)
	}
	return v
}

// choicesFor takes the names of other counties' groups out of what somebody chose.
func (a *API) choicesFor(c Caller, v Choices) Choices {
	if c.County == "" || len(v.Audience.Groups) == 0 {
		return v
	}
	var own []string
	for _, code := range v.Audience.Groups {
		if g, err := a.store.Group(code); err == nil && c.Sees(g.County) {
			own = append(own, code)
		}
	}
	v.OtherGroups = len(v.Audience.Groups) - len(own)
	v.Audience.Groups = own
	return v
}

// listWaves lists waves, the newest first: of a state (active: not at its end), a batch, and a person who queued or
// approved. before is the id behind which a page begins; without a limit the page has all.
func (a *API) listWaves(r request) ([]Wave, error) {
	q := r.URL.Query()
	state, err := only(q, "state", append([]string{"active"}, waveStates()...)...)
	if err != nil {
		return nil, err
	}
	limit, err := numberOf(q, "limit", 0, waveLimit)
	if err != nil {
		return nil, err
	}
	all, err := a.store.Waves(state == "active")
	if err != nil {
		return nil, err
	}
	if q.Get("answers") != "" {
		answers, err := a.store.WaveNumber(store.Answers)
		if err != nil {
			return nil, err
		}
		all = append(all, answers)
	}
	from := uint32(0)
	if id := q.Get("before"); id != "" {
		w, err := a.store.Wave(id)
		if err != nil {
			return nil, err
		}
		from = w.Number
	}
	batch, who := strings.TrimSpace(q.Get("batch")), strings.TrimSpace(q.Get("who"))
	out := []Wave{}
	for _, w := range all {
		switch {
		case from != 0 && w.Number >= from,
			state != "" && state != "active" && string(w.State) != state,
			batch != "" && !strings.EqualFold(w.Plan.Batch, batch),
			who != "" && !strings.EqualFold(w.CreatedBy, who) && !strings.EqualFold(w.ApprovedBy, who):
			continue
		}
		if out = append(out, a.waveFor(r.Caller, w)); len(out) == limit {
			break
		}
	}
	return out, nil
}

// waveStates names the states of a wave, in the order of its life.
func waveStates() (out []string) {
	for _, s := range []store.WaveState{
		store.WaveDraft, store.WaveApproved, store.WaveHolding, store.WaveRunning, store.WavePaused, store.WaveFinished, store.WaveFailures, store.WaveCancelled,
	} {
		out = append(out, string(s))
	}
	return out
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

func (a *API) progress(c Caller, id string) (Progress, error) {
	d := a.Dispatcher()
	if d == nil {
		w, err := a.store.Wave(id)
		if err != nil {
			return Progress{}, err
		}
		return Progress{Wave: a.waveFor(c, w), Done: w.Total - w.Counts[store.Planned] - w.Counts[store.Sending], Lanes: []LaneProgress{}}, nil
	}
	p, err := d.Progress(id)
	if err != nil {
		return Progress{}, err
	}
	out := Progress{Wave: a.waveFor(c, p.Wave), Done: p.Done, PerMinute: p.PerMinute, Left: p.Left.Seconds(), Lanes: []LaneProgress{}, Daemon: true}
	for _, l := range p.Lanes {
		out.Lanes = append(out.Lanes, LaneProgress{
			l.Account, l.Done, l.Total, l.Counts, l.PerMinute, l.Left.Seconds(), string(l.Status.State), string(l.Status.For), a.moment(l.Status.Until),
		})
	}
	return out, nil
}

// Retry has what failed sent again.
type Retry struct {
	Failed *int `json:"failed,omitempty"` // how many were seen to have failed: another number is refused; left out: whatever it is
}

// Retried is a wave and how many of its deliveries are tried again.
type Retried struct {
	Wave
	Retried int `json:"retried"`
}
