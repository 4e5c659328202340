package api

import (
	"slices"
	"strings"
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// Signup is a sign-up as scripts see it. Phone is masked unless it was revealed to somebody with a purpose.
type Signup struct {
	ID        string             `json:"id"`
	At        *time.Time         `json:"at"`
	Group     string             `json:"group"`
	Name      string             `json:"name"`
	Phone     string             `json:"phone"`
	Vacancies []string           `json:"vacancies"`
	Batch     string             `json:"batch"`
	Wave      string             `json:"wave"`
	Reply     string             `json:"reply"`
	Status    store.SignupStatus `json:"status"`
	Delivery  string             `json:"delivery,omitempty"` // the delivery that it answers
	Note      string             `json:"note,omitempty"`
	UpdatedAt *time.Time         `json:"updated_at"`
}

func (a *API) signupRoutes() {
	a.on(Read, "GET /v1/signups", func(r request) (any, error) { return a.listSignups(r, false) })
	a.on(Reveal, "POST /v1/signups/export", func(r request) (any, error) {
		purpose := strings.TrimSpace(r.URL.Query().Get("purpose"))
		if purpose == "" {
			return nil, words.Refuse("cmd.needs_purpose").Of(words.Usage)
		}
		if err := a.store.Revealed("export", purpose, r.Name); err != nil {
			return nil, err
		}
		return a.listSignups(r, true)
	})
	a.on(Read, "GET /v1/signups/{id}", func(r request) (any, error) {
		n, err := a.store.Signup(r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		return a.viewSignup(n, a.tracer(), false), nil
	})
	a.on(Reveal, "POST /v1/signups/{id}/reveal", func(r request) (any, error) {
		var in struct{ Purpose string }
		if err := r.json(&in); err != nil {
			return nil, err
		}
		if strings.TrimSpace(in.Purpose) == "" {
			return nil, words.Refuse("cmd.needs_purpose").Of(words.Usage)
		}
		n, err := a.store.Signup(r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		// Logged before it is shown: what cannot be logged is not shown.
		if err := a.store.Revealed(n.ID, in.Purpose, r.Name); err != nil {
			return nil, err
		}
		return a.viewSignup(n, a.tracer(), true), nil
	})
	a.on(Answer, "POST /v1/signups/{id}/status", func(r request) (any, error) {
		var in struct {
			Status store.SignupStatus
			Note   string
		}
		if err := r.json(&in); err != nil {
			return nil, err
		}
		if !slices.Contains(signupStatuses(), in.Status) {
			var known []string
			for _, s := range signupStatuses() {
				known = append(known, string(s))
			}
			return nil, words.Refuse("cmd.bad_choice", "status", in.Status, strings.Join(known, ", ")).Of(words.Usage)
		}
		n, err := a.store.SetSignup(r.PathValue("id"), in.Status, in.Note, r.Name)
		if err != nil {
			return nil, err
		}
		return a.viewSignup(n, a.tracer(), false), nil
	})
}

func signupStatuses() []store.SignupStatus {
	return []store.SignupStatus{store.SignupNew, store.SignupCalled, store.SignupRefused, store.SignupInterview, store.SignupHired, store.SignupUnfit, store.SignupWithdrawn}
}

// tracer answers the names of what a sign-up is traced to, each read once.
type tracer struct {
	*namer
	waves map[uint32]string
}

func (a *API) tracer() *tracer { return &tracer{a.namer(), map[uint32]string{}} }

func (t *tracer) wave(n uint32) string {
	if n == store.Answers {
		return ""
	}
	id, ok := t.waves[n]
	if !ok {
		if w, err := t.a.store.WaveNumber(n); err == nil {
			id = w.ID
		}
		t.waves[n] = id
	}
	return id
}

func (a *API) viewSignup(n store.Signup, t *tracer, reveal bool) Signup {
	v := Signup{
		ID: n.ID, At: a.moment(n.At), Group: t.code(n.Group), Name: n.Name, Vacancies: list(n.Vacancies), Batch: n.Batch,
		Wave: t.wave(n.Wave), Reply: replyID(n.Reply), Status: n.Status, Note: n.Note, UpdatedAt: a.moment(n.Updated),
	}
	if v.Wave != "" {
		v.Delivery = store.DeliveryID(v.Wave, n.Seq)
	}
	switch {
	case n.Phone.IsZero():
	case reveal:
		v.Phone = n.Phone.RevealNational()
	default:
		v.Phone = n.Phone.Mask()
	}
	return v
}

func (a *API) listSignups(r request, reveal bool) (any, error) {
	q := r.URL.Query()
	group, err := a.groupNumber(q.Get("group"))
	if err != nil {
		return nil, err
	}
	wave := uint32(0)
	if id := q.Get("wave"); id != "" {
		w, err := a.store.Wave(id)
		if err != nil {
			return nil, err
		}
		wave = w.Number
	}
	batch := strings.ToUpper(q.Get("batch"))
	if batch != "" {
		if _, err := a.store.Batch(batch); err != nil {
			return nil, err
		}
	}
	out, t := []Signup{}, a.tracer()
	err = a.store.EachSignup(func(n store.Signup) bool {
		if (group == 0 || n.Group == group) && (wave == 0 || n.Wave == wave) && (batch == "" || n.Batch == batch) {
			out = append(out, a.viewSignup(n, t, reveal))
		}
		return true
	})
	return out, err
}
