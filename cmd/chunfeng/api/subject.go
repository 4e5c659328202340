package api

import (
	"slices"
	"strings"
	"time"

	"chunfeng/bot/phone"
	"chunfeng/bot/signup"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// SubjectAsk names a person by the number, and says what somebody does there for.
type SubjectAsk struct {
	Phone   string `json:"phone"` // as people write numbers
	Purpose string `json:"purpose"`
}

// SubjectErasure asks that a person be erased.
type SubjectErasure struct {
	SubjectAsk
	DryRun  bool   `json:"dry_run,omitempty"` // only count what would be erased
	Confirm string `json:"confirm,omitempty"` // the last four digits of the number, typed once more
}

// SubjectErased is what an erasure found, or would find.
type SubjectErased struct {
	store.Erased
	DryRun   bool           `json:"dry_run,omitempty"`
	Handed   []SubjectShown `json:"handed"`   // to whom the number was given: what they hold cannot be erased from here
	Backups  string         `json:"backups"`  // what backups still hold, and until when
	Phone    string         `json:"phone"`    // masked
	Statuses map[string]int `json:"statuses"` // how many sign-ups stood how
}

// Subject is a copy of everything that is kept about one person. Telephone numbers of others in the messages are masked.
type Subject struct {
	Phone    string           `json:"phone"`
	At       *time.Time       `json:"at"`        // when the copy was made
	KeptDays int              `json:"kept_days"` // for which a sign-up is kept
	ErasedAt *time.Time       `json:"erased_at"` // when the number was last erased at the person's wish; what is below came since
	Signups  []SubjectSignup  `json:"signups"`   // the oldest first
	Messages []SubjectMessage `json:"messages"`  // further messages that hold the number
	Notices  []SubjectNotice  `json:"notices"`   // the words by which the person was told what becomes of the number
	Shown    []SubjectShown   `json:"shown"`     // who saw the number, or was given it
}

// SubjectSignup is a sign-up as its person may see it.
type SubjectSignup struct {
	Signup
	Text         string     `json:"text"`
	Quote        string     `json:"quote,omitempty"`
	Notice       string     `json:"notice,omitempty"`
	Acknowledged *time.Time `json:"acknowledged"` // when the acknowledgement with the notice was sent; null: it was not
}

// SubjectMessage is a message that holds the number and is no sign-up's.
type SubjectMessage struct {
	Reply string     `json:"reply"`
	At    *time.Time `json:"at"`
	Group string     `json:"group"`
	Text  string     `json:"text"`
}

// SubjectNotice is a consent notice by its hash. Text is empty for one of before notices were kept.
type SubjectNotice struct {
	Hash string `json:"hash"`
	Text string `json:"text"`
}

// SubjectShown is that somebody saw a number or was given it.
type SubjectShown struct {
	Signup  string     `json:"signup"`
	At      *time.Time `json:"at"`
	Who     string     `json:"who"`
	Purpose string     `json:"purpose"` // with the recipient, where it was handed on
}

// SignupCorrection puts right what a sign-up says of a person. What is left out stays.
type SignupCorrection struct {
	Name      *string  `json:"name,omitempty"`
	Phone     *string  `json:"phone,omitempty"`
	Vacancies []string `json:"vacancies,omitempty"`
	Why       string   `json:"why"` // who asked for it
}

func (a *API) subjectRoutes() {
	a.on(Privacy, "POST /v1/subject/export", func(r request) (any, error) {
		var in SubjectAsk
		if err := r.json(&in); err != nil {
			return nil, err
		}
		p, err := in.read(r.Caller)
		if err != nil {
			return nil, err
		}
		return a.exportSubject(p, in.Purpose, r.Name)
	}).fresh().says("Answers a copy of everything that is kept about one person. Who asks, and what for, is logged first.").takes(SubjectAsk{}).answers(Subject{})
	a.on(Privacy, "POST /v1/subject/erase", func(r request) (any, error) {
		var in SubjectErasure
		if err := r.json(&in); err != nil {
			return nil, err
		}
		p, err := in.read(r.Caller)
		if err != nil {
			return nil, err
		}
		return a.eraseSubject(r, p, in)
	}).fresh().says("Erases one person everywhere: sign-ups, messages, acknowledgements. What was handed out is listed, for it cannot be fetched back.").
		takes(SubjectErasure{}).answers(SubjectErased{})
	a.on(Answer, "POST /v1/signups/{id}/correct", func(r request) (any, error) { return a.correctSignup(r) }).
		says("Puts right a sign-up's name, number or vacancies.").takes(SignupCorrection{}).answers(SignupDetail{})
	a.on(Read, "GET /v1/notices/{hash}", func(r request) (any, error) {
		c, found, err := a.store.Consent(r.PathValue("hash"))
		if err == nil && !found {
			err = words.Refuse("subject.no_such_notice", r.PathValue("hash")).Of(words.Missing)
		}
		c.Since = a.local(c.Since)
		return c, err
	}).says("Answers the words of a consent notice by the hash that stands on a sign-up.").answers(store.ConsentNotice{})
}

// read takes the number and the purpose. A person's sign-ups are looked for in the whole prefecture, so nobody of one county
// may ask.
func (in SubjectAsk) read(c Caller) (phone.Number, error) {
	if err := (Handover{Purpose: in.Purpose}).check(); err != nil {
		return phone.Number{}, err
	}
	if c.County != "" {
		return phone.Number{}, words.Refuse("subject.whole_prefecture").Of(words.Forbidden)
	}
	p, err := phone.Parse(in.Phone)
	if err != nil {
		return p, words.Refuse("subject.no_number").Of(words.Usage)
	}
	return p, nil
}

func (a *API) exportSubject(p phone.Number, purpose, who string) (Subject, error) {
	out := Subject{
		Phone: p.RevealNational(), At: a.moment(time.Now()), KeptDays: int(a.Config().Retention / (24 * time.Hour)),
		Signups: []SubjectSignup{}, Messages: []SubjectMessage{}, Notices: []SubjectNotice{}, Shown: []SubjectShown{},
	}
	of, err := a.store.SignupsByPhone(p)
	if err != nil {
		return out, err
	}
	var ids []string
	var numbers []uint64
	for _, n := range of {
		ids, numbers = append(ids, n.ID), append(numbers, n.Number)
	}
	// Logged before it is told: what cannot be logged is not told.
	if err := a.store.Revealed(strings.Join(ids, " "), "subject: "+purpose, who, numbers...); err != nil {
		return out, err
	}
	erased, err := a.store.ErasedAt(p)
	if err != nil {
		return out, err
	}
	out.ErasedAt = a.moment(erased)
	t, known := a.tracer(), map[uint64]bool{}
	for _, n := range of {
		one, err := a.subjectSignup(n, p, t)
		if err != nil {
			return out, err
		}
		out.Signups = append(out.Signups, one)
		for _, reply := range append([]uint64{n.Reply}, n.Others...) {
			known[reply] = len(n.Others) == 0 || reply == n.Reply
		}
		if n.Notice != "" && !slices.ContainsFunc(out.Notices, func(s SubjectNotice) bool { return s.Hash == n.Notice }) {
			c, _, err := a.store.Consent(n.Notice)
			if err != nil {
				return out, err
			}
			out.Notices = append(out.Notices, SubjectNotice{n.Notice, c.Text})
		}
	}
	if out.Shown, err = a.shown(of); err != nil {
		return out, err
	}
	holds := signup.Holds(p)
	err = a.store.EachMessage(func(r store.Reply) bool {
		if !known[r.Number] && holds(r.Raw) {
			text, _ := spoken(r, false)
			out.Messages = append(out.Messages, SubjectMessage{replyID(r.Number), a.moment(r.At), t.code(r.Group), hideOthers(text, p)})
		}
		return true
	})
	return out, err
}

func (a *API) subjectSignup(n store.Signup, p phone.Number, t *tracer) (SubjectSignup, error) {
	v := SubjectSignup{Signup: a.viewSignup(n, t, true), Notice: n.Notice}
	reply, err := a.store.Reply(n.Reply)
	if err != nil {
		return v, err
	}
	text, quote := spoken(reply, false)
	v.Text, v.Quote = hideOthers(text, p), hideOthers(quote, p)
	if n.Ack == 0 {
		return v, nil
	}
	d, err := a.store.Delivery(store.DeliveryID("answers", n.Ack))
	if err == nil && (d.State == store.Sent || d.State == store.Accepted) {
		v.Acknowledged = a.moment(d.Updated)
	}
	return v, err
}

// hideOthers masks every number in a text but one: a copy for one person tells nothing of others.
func hideOthers(text string, but phone.Number) string {
	var b strings.Builder
	from := 0
	for _, f := range phone.Scan(text) {
		if f.Number.Equal(but) {
			b.WriteString(phone.Hide(text[from:f.Start]))
			b.WriteString(text[f.Start:f.End])
			from = f.End
		}
	}
	b.WriteString(phone.Hide(text[from:]))
	return b.String()
}

// shown lists who saw the numbers of sign-ups or was given them.
func (a *API) shown(of []store.Signup) ([]SubjectShown, error) {
	out := []SubjectShown{}
	for _, n := range of {
		lines, err := a.store.Shown(n.Number)
		if err != nil {
			return out, err
		}
		for _, e := range lines {
			out = append(out, SubjectShown{n.ID, a.moment(e.At), e.Who, e.Detail})
		}
	}
	return out, nil
}

func (a *API) eraseSubject(r request, p phone.Number, in SubjectErasure) (SubjectErased, error) {
	out := SubjectErased{DryRun: in.DryRun, Phone: p.Mask(), Backups: words.Say(r.Lang, "subject.backups"), Statuses: map[string]int{}}
	of, err := a.store.SignupsByPhone(p)
	if err != nil {
		return out, err
	}
	for _, n := range of {
		out.Statuses[string(n.Status)]++
	}
	if out.Handed, err = a.shown(of); err != nil {
		return out, err
	}
	order := store.Erasure{Phone: p, Holds: signup.Holds(p), Who: r.Name, Why: in.Purpose}
	if in.DryRun {
		out.Signups = len(of)
		return out, a.store.EachMessage(func(r store.Reply) bool {
			if order.Holds(r.Raw) {
				out.Messages++
			}
			return true
		})
	}
	if typed := strings.TrimSpace(in.Confirm); typed == "" || len(typed) < 4 || !strings.HasSuffix(p.Reveal(), typed) {
		return out, words.Refuse("subject.other_digits").Of(words.Usage)
	}
	out.Erased, err = a.store.Erase(order)
	return out, err
}

func (a *API) correctSignup(r request) (any, error) {
	var in SignupCorrection
	if err := r.json(&in); err != nil {
		return nil, err
	}
	if strings.TrimSpace(in.Why) == "" {
		return nil, words.Refuse("subject.needs_why").Of(words.Usage)
	}
	n, err := a.findSignup(r)
	if err != nil {
		return nil, err
	}
	c := store.Correction{Name: in.Name}
	if in.Phone != nil {
		p, err := phone.Parse(*in.Phone)
		if err != nil {
			return nil, words.Refuse("subject.no_number").Of(words.Usage)
		}
		c.Phone = &p
	}
	for _, code := range in.Vacancies {
		v, err := a.store.Vacancy(strings.ToUpper(strings.TrimSpace(code)))
		if err != nil {
			return nil, err
		}
		if v.Batch != n.Batch {
			return nil, words.Refuse("subject.other_batch", v.Code, n.Batch).Of(words.Conflict)
		}
		c.Vacancies = append(c.Vacancies, v.Code)
	}
	if n, err = a.store.CorrectSignup(n.ID, c, in.Why, r.Name); err != nil {
		return nil, err
	}
	return a.detailSignup(n, false)
}
