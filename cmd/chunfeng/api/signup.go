package api

import (
	"strconv"
	"strings"
	"time"

	"chunfeng/broadcast/report"
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
	County    string             `json:"county"`
}

// SignupDetail is a sign-up with the message that it came from, telephone numbers in it masked.
type SignupDetail struct {
	Signup
	Text       string   `json:"text"`
	Quote      string   `json:"quote,omitempty"`
	Also       []string `json:"also"`                  // further replies that said the same
	Notice     string   `json:"notice,omitempty"`      // the hash of the consent notice that the person was shown
	NoticeText string   `json:"notice_text,omitempty"` // its words
}

func (a *API) signupRoutes() {
	a.on(Read, "GET /v1/signups", func(r request) (any, error) { return a.listSignups(r, false) }).
		says("Lists the sign-ups that are meant, numbers masked: all of them, the oldest first, or with limit so many, the newest first.").
		with(signupParams()...).answers([]Signup{})
	a.on(Reveal, "POST /v1/signups/export", func(r request) (any, error) { return a.exportSignups(r) }).fresh().
		says("Gives the sign-ups that are meant with their numbers in full, as a list or with form as a table. Who asks, and what for, is logged first.").
		with(signupParams()...).asks("form", "a table for the employer in this form of file, instead of JSON", string(report.CSV), string(report.XLSX)).
		takes(Handover{}).answers([]Signup{}).streams(tables()...)
	a.on(Read, "GET /v1/signups/{id}", func(r request) (any, error) {
		n, err := a.findSignup(r)
		if err != nil {
			return nil, err
		}
		return a.detailSignup(n, false)
	}).says("Answers one sign-up with the message that it came from, numbers masked.").answers(SignupDetail{})
	a.on(Reveal, "POST /v1/signups/{id}/reveal", func(r request) (any, error) {
		var in Handover
		if err := r.json(&in); err != nil {
			return nil, err
		}
		if err := in.check(); err != nil {
			return nil, err
		}
		n, err := a.findSignup(r)
		if err != nil {
			return nil, err
		}
		// Logged before it is shown: what cannot be logged is not shown.
		if err := a.store.Revealed(n.ID, in.String(), r.Name, n.Number); err != nil {
			return nil, err
		}
		return a.detailSignup(n, true)
	}).fresh().says("Answers one sign-up with its number in full. Who asks, and what for, is logged first.").takes(Handover{}).answers(SignupDetail{})
	a.on(Answer, "POST /v1/signups/{id}/status", func(r request) (any, error) {
		var in SignupChange
		if err := r.json(&in); err != nil {
			return nil, err
		}
		if err := knownStatus(in.Status); err != nil {
			return nil, err
		}
		n, err := a.findSignup(r)
		if err != nil {
			return nil, err
		}
		if n, err = a.store.SetSignup(n.ID, in.Status, in.Note, r.Name); err != nil {
			return nil, err
		}
		return a.detailSignup(n, false)
	}).says("Notes how far a sign-up has come.").takes(SignupChange{}).answers(SignupDetail{})
}

// findSignup answers the sign-up that a request names, as if it were not there when the caller may not see its group.
func (a *API) findSignup(r request) (store.Signup, error) {
	n, err := a.store.Signup(r.PathValue("id"))
	if err != nil {
		return n, err
	}
	return n, a.seesGroup(r.Caller, n.Group, words.Refuse("store.no_signup", r.PathValue("id")).Of(words.Missing))
}

// seesGroup answers what is given when the caller may not see a group.
func (a *API) seesGroup(c Caller, group uint32, missing error) error {
	if c.County == "" {
		return nil
	}
	if group == 0 {
		return hide(missing)
	}
	g, err := a.store.GroupNumber(group)
	if err == nil && !c.Sees(g.County) {
		err = hide(missing)
	}
	return err
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
		County: t.county(n.Group), ID: n.ID, At: a.moment(n.At), Group: t.code(n.Group), Name: n.Name, Vacancies: list(n.Vacancies), Batch: n.Batch,
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

func (a *API) detailSignup(n store.Signup, reveal bool) (SignupDetail, error) {
	d := SignupDetail{Signup: a.viewSignup(n, a.tracer(), reveal), Also: []string{}, Notice: n.Notice}
	for _, o := range n.Others {
		d.Also = append(d.Also, replyID(o))
	}
	if n.Notice != "" {
		c, _, err := a.store.Consent(n.Notice)
		if err != nil {
			return d, err
		}
		d.NoticeText = c.Text
	}
	one, err := a.store.Reply(n.Reply)
	if err != nil {
		return d, err
	}
	d.Text, d.Quote = spoken(one, !reveal)
	return d, nil
}

// signupNumber is a sign-up's number in the ledger, by its id.
func signupNumber(id string) (uint64, error) {
	n, err := strconv.ParseUint(strings.TrimPrefix(id, "N"), 10, 64)
	if err != nil {
		return 0, words.Refuse("store.no_signup", id).Of(words.Missing)
	}
	return n, nil
}
