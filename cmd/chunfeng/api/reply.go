package api

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"chunfeng/bot/phone"
	"chunfeng/bot/signup"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// Reply is a reply as scripts see it.
type Reply struct {
	ID        string           `json:"id"`
	At        *time.Time       `json:"at"`
	Account   string           `json:"account"`
	Group     string           `json:"group"`
	Sender    string           `json:"sender"`
	Kind      string           `json:"kind"` // its intent; empty while it is new
	State     store.ReplyState `json:"state"`
	Review    string           `json:"review,omitempty"` // why a person should look
	DecidedBy string           `json:"decided_by,omitempty"`
	Note      string           `json:"note,omitempty"`
}

// ReplyDetail is a reply with its words, telephone numbers in them masked.
type ReplyDetail struct {
	Reply
	Text      string     `json:"text"`
	Quote     string     `json:"quote,omitempty"`
	HandledAt *time.Time `json:"handled_at"`
	Signups   []string   `json:"signups"`
}

// replyID is a reply's id for people.
func replyID(n uint64) string { return fmt.Sprintf("R%d", n) }

func replyNumber(id string) (uint64, error) {
	n, err := strconv.ParseUint(strings.TrimLeft(id, "Rr"), 10, 64)
	if err != nil {
		return 0, words.Refuse("store.no_reply", id).Of(words.Missing)
	}
	return n, nil
}

func (a *API) replyRoutes() {
	a.on(Read, "GET /v1/replies", func(r request) (any, error) {
		q := r.URL.Query()
		before := uint64(0)
		if b := q.Get("before"); b != "" {
			n, err := replyNumber(b)
			if err != nil {
				return nil, err
			}
			before = n
		}
		all, err := a.store.Replies(q.Get("review") != "", before, PageLimit)
		if err != nil {
			return nil, err
		}
		out, names := []Reply{}, a.namer()
		for _, one := range all {
			out = append(out, a.viewReply(one, names))
		}
		return out, nil
	})
	a.on(Read, "GET /v1/replies/{id}", func(r request) (any, error) {
		n, err := replyNumber(r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		return a.detailReply(n)
	})
	a.on(Answer, "POST /v1/replies/{id}/decide", func(r request) (any, error) { return a.decideReply(r) })
}

func (a *API) viewReply(one store.Reply, names *namer) Reply {
	return Reply{
		replyID(one.Number), a.moment(one.At), one.Account, names.code(one.Group), one.Sender, one.Intent, one.State, one.Review, one.Decided, one.Note,
	}
}

func (a *API) detailReply(n uint64) (ReplyDetail, error) {
	one, err := a.store.Reply(n)
	if err != nil {
		return ReplyDetail{}, err
	}
	v := ReplyDetail{Reply: a.viewReply(one, a.namer()), HandledAt: a.moment(one.Handled), Signups: []string{}}
	if len(one.Raw) > 0 {
		// What cannot be decoded is shown as having no words: the raw message may hold a number that nothing would mask.
		if in, err := signup.Decode(one.Raw, ""); err == nil {
			v.Text = masked(in.Text)
			if in.Quote != nil {
				v.Quote = masked(in.Quote.Text)
			}
		}
	}
	if one.Group != 0 {
		of, err := a.store.SignupsOfGroup(one.Group, 500)
		if err != nil {
			return v, err
		}
		for _, s := range of {
			if s.Reply == n {
				v.Signups = append(v.Signups, s.ID)
			}
		}
	}
	return v, nil
}

// masked hides every telephone number in a text, and every other long run of digits with it.
func masked(text string) string {
	var b strings.Builder
	from := 0
	for _, f := range phone.Scan(text) {
		b.WriteString(text[from:f.Start])
		b.WriteString(f.Number.Mask())
		from = f.End
	}
	b.WriteString(text[from:])
	return hideRuns(b.String())
}

// hideRuns stars the middle of every run of seven and more digits: half a number, an identity card.
func hideRuns(s string) string {
	r := []rune(s)
	for i := 0; i < len(r); {
		j := i
		for j < len(r) && r[j] >= '0' && r[j] <= '9' {
			j++
		}
		if j-i >= 7 {
			for k := i + 3; k < j-2; k++ {
				r[k] = '*'
			}
		}
		i = max(j, i+1)
	}
	return string(r)
}

// decideReply carries out what a person makes of a doubtful reply.
func (a *API) decideReply(r request) (any, error) {
	var in struct {
		As        string
		Phone     string
		Name      string
		Vacancies []string
		Note      string
	}
	if err := r.json(&in); err != nil {
		return nil, err
	}
	n, err := replyNumber(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	intents := map[string]signup.Intent{"signup": signup.Signup, "withdrawal": signup.Withdrawal, "opt_out": signup.OptOut, "question": signup.Question, "noise": signup.Noise}
	as, ok := intents[in.As]
	if !ok {
		return nil, words.Refuse("cmd.bad_choice", "--as", in.As, "signup, withdrawal, opt_out, question, noise").Of(words.Usage)
	}
	c := signup.Decision{As: as, Note: in.Note}
	for _, code := range in.Vacancies {
		v, err := a.store.Vacancy(code)
		if err != nil {
			return nil, err
		}
		c.Vacancies = append(c.Vacancies, v.Code)
	}
	if in.Phone != "" {
		number, err := phone.Parse(in.Phone)
		if err != nil {
			return nil, words.Refuse("cmd.bad_phone").Of(words.Usage)
		}
		c.People = []signup.Person{{Name: in.Name, Phone: number, Vacancies: c.Vacancies}}
	}
	registrar, err := a.Registrar()
	if err != nil {
		return nil, err
	}
	if _, err := registrar.Decide(n, c, r.Name); err != nil {
		return nil, err
	}
	return a.detailReply(n)
}
