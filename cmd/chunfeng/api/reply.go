package api

import (
	"errors"
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
	GroupName string           `json:"group_name"`
	County    string           `json:"county"`
}

// ReplyDetail is a reply with its words, telephone numbers in them masked.
type ReplyDetail struct {
	Reply
	Text      string     `json:"text"`
	Quote     string     `json:"quote,omitempty"`
	HandledAt *time.Time `json:"handled_at"`
	Signups   []string   `json:"signups"`
}

// ReplyDecision is what a person makes of a doubtful reply.
type ReplyDecision struct {
	As        string   `json:"as" enum:"signup,withdrawal,opt_out,question,noise"`
	Phone     string   `json:"phone,omitempty"` // whose sign-up it is, as people write numbers
	Name      string   `json:"name,omitempty"`
	Vacancies []string `json:"vacancies,omitempty"` // codes
	Note      string   `json:"note,omitempty"`
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
		out, names := []Reply{}, a.namer()
		return out, a.eachReply(r, r.URL.Query().Get("review") != "", func(one store.Reply) bool {
			out = append(out, a.viewReply(one, names))
			return len(out) < PageLimit
		})
	}).says("Lists the replies, the newest first, at most 1,000.").asks("review", "only those that a person should look at", "1").
		asks("before", "the id of the last reply of the page before").answers([]Reply{})
	a.on(Answer, "GET /v1/review", func(r request) (any, error) {
		page := ReviewPage{Replies: []ReplyDetail{}}
		var failed error
		err := a.eachReply(r, true, func(one store.Reply) bool {
			if len(page.Replies) == reviewPage {
				page.Before = page.Replies[reviewPage-1].ID
				return false
			}
			d, err := a.detailReply(one.Number, false)
			page.Replies, failed = append(page.Replies, d), err
			return err == nil
		})
		return page, errors.Join(err, failed)
	}).says("Lists the replies that wait for a person with their words, the newest first, a page at a time.").
		asks("before", "the before of the page before").answers(ReviewPage{})
	a.on(Read, "GET /v1/replies/{id}", func(r request) (any, error) {
		n, err := a.findReply(r)
		if err != nil {
			return nil, err
		}
		return a.detailReply(n, false)
	}).says("Answers one reply with its words, numbers masked.").answers(ReplyDetail{})
	a.on(Reveal, "POST /v1/replies/{id}/reveal", func(r request) (any, error) {
		var in Handover
		if err := r.json(&in); err != nil {
			return nil, err
		}
		if err := in.check(); err != nil {
			return nil, err
		}
		n, err := a.findReply(r)
		if err != nil {
			return nil, err
		}
		d, err := a.detailReply(n, true)
		if err != nil {
			return nil, err
		}
		var of []uint64
		for _, id := range d.Signups {
			number, err := signupNumber(id)
			if err != nil {
				return nil, err
			}
			of = append(of, number)
		}
		// Logged before it is shown: what cannot be logged is not shown.
		return d, a.store.Revealed(replyID(n), in.String(), r.Name, of...)
	}).fresh().says("Answers one reply with its words as they were written. Who asks, and what for, is logged first.").takes(Handover{}).answers(ReplyDetail{})
	a.on(Answer, "POST /v1/replies/{id}/decide", func(r request) (any, error) { return a.decideReply(r) }).
		says("Decides what a doubtful reply means.").takes(ReplyDecision{}).answers(ReplyDetail{})
}

// ReviewPage is a page of the replies that wait for a person, the newest first, with their words.
type ReviewPage struct {
	Replies []ReplyDetail `json:"replies"`
	Before  string        `json:"before"` // the next page begins behind this reply; empty at the end
}

// reviewPage is how many doubtful replies stand on a page.
const reviewPage = 20

// eachReply visits the replies that the caller may see, the newest first, before the one that the request names.
func (a *API) eachReply(r request, review bool, visit func(store.Reply) bool) error {
	before := uint64(0)
	if b := r.URL.Query().Get("before"); b != "" {
		n, err := replyNumber(b)
		if err != nil {
			return err
		}
		before = n
	}
	county := a.store.County()
	for {
		page, err := a.store.Replies(review, before, PageLimit)
		if err != nil {
			return err
		}
		for _, one := range page {
			before = one.Number
			if !r.Sees(county(one.Group)) {
				continue
			}
			if !visit(one) {
				return nil
			}
		}
		if len(page) < PageLimit {
			return nil
		}
	}
}

// findReply answers the number of the reply that a request names, as if it were not there when the caller may not see its
// group. Nobody of a county sees what came from a group that is not known.
func (a *API) findReply(r request) (uint64, error) {
	n, err := replyNumber(r.PathValue("id"))
	if err != nil {
		return 0, err
	}
	one, err := a.store.Reply(n)
	if err != nil {
		return 0, err
	}
	return n, a.seesGroup(r.Caller, one.Group, words.Refuse("store.no_reply", r.PathValue("id")).Of(words.Missing))
}

func (a *API) viewReply(one store.Reply, names *namer) Reply {
	return Reply{
		replyID(one.Number), a.moment(one.At), one.Account, names.code(one.Group), one.Sender, one.Intent, one.State, one.Review, one.Decided, one.Note,
		names.group(one.Group).Name, names.county(one.Group),
	}
}

func (a *API) detailReply(n uint64, reveal bool) (ReplyDetail, error) {
	one, err := a.store.Reply(n)
	if err != nil {
		return ReplyDetail{}, err
	}
	v := ReplyDetail{Reply: a.viewReply(one, a.namer()), HandledAt: a.moment(one.Handled), Signups: []string{}}
	v.Text, v.Quote = spoken(one, !reveal)
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

// spoken answers what a reply says, with every number masked unless somebody may see it.
func spoken(one store.Reply, mask bool) (text, quote string) {
	if len(one.Raw) == 0 {
		return "", ""
	}
	in, err := signup.Decode(one.Raw, "")
	if err != nil {
		return "", "" // the raw message may hold a number that nothing would mask
	}
	text = in.Text
	if in.Quote != nil {
		quote = in.Quote.Text
	}
	if mask {
		text, quote = phone.Hide(text), phone.Hide(quote)
	}
	return text, quote
}

// decideReply carries out what a person makes of a doubtful reply.
func (a *API) decideReply(r request) (any, error) {
	var in ReplyDecision
	if err := r.json(&in); err != nil {
		return nil, err
	}
	n, err := a.findReply(r)
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
	return a.detailReply(n, false)
}
