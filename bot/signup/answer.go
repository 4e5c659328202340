package signup

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"chunfeng/store"
	"chunfeng/templates"
	"chunfeng/templates/words"
)

func errNoNumber(reply uint64) error { return words.Refuse("signup.no_number", reply) }

// answer queues a text in the group of a reply, on the account that heard it. It answers false when politeness to the
// group forbids another answer now.
func (r *Registrar) answer(reply store.Reply, d *store.Disposition, text, language string) bool {
	if d.Group == 0 || !r.manners.may(d.Group, time.Now()) {
		return false
	}
	r.manners.spoke(d.Group, time.Now())
	d.Answer = &store.Answer{Group: d.Group, Account: reply.Account, Content: store.Content{Kind: store.Text, Body: []byte(text), Language: language}}
	return true
}

// about is what every answer may name, and the language that it is in.
func (r *Registrar) about(group uint32) (templates.Data, store.Group, error) {
	g, err := r.o.Store.GroupNumber(group)
	return templates.Data{County: g.County, Kept: r.o.Kept}, g, err
}

// acknowledge answers new sign-ups at once, when that is asked for and polite; else they are owed. What repeats a known
// sign-up is not answered again: two accounts may sit in one group, and residents repeat themselves.
func (r *Registrar) acknowledge(reply store.Reply, d store.Disposition) (store.Disposition, error) {
	if r.o.Acknowledge != Each || d.Group == 0 || len(d.Signups) == 0 || !r.manners.may(d.Group, time.Now()) {
		return d, nil
	}
	var people []store.Signup
	for _, n := range d.Signups {
		known, err := r.known(n)
		if err != nil {
			return d, err
		}
		if !known {
			people = append(people, n)
		}
	}
	if len(people) == 0 {
		return d, nil
	}
	text, g, err := r.acknowledgement(d.Group, people)
	if err != nil {
		return d, err
	}
	if r.answer(reply, &d, text, g.Language) {
		d.Answer.Notice, err = r.notice(g)
	}
	return d, err
}

// notice is the consent notice as the acknowledgements of a group say it.
func (r *Registrar) notice(g store.Group) (string, error) {
	return r.o.Templates().Notice(g.Language, templates.Data{County: g.County, Kept: r.o.Kept})
}

// known tells whether the ledger would take a sign-up for one that it has.
func (r *Registrar) known(n store.Signup) (bool, error) {
	of, err := r.o.Store.SignupsByPhone(n.Phone)
	return slices.ContainsFunc(of, func(o store.Signup) bool { return o.Batch == n.Batch && o.Status != store.SignupWithdrawn }), err
}

func (r *Registrar) acknowledgement(group uint32, people []store.Signup) (string, store.Group, error) {
	about, g, err := r.about(group)
	if err != nil {
		return "", g, err
	}
	var told []templates.Person
	for _, n := range people {
		told = append(told, templates.Person{Name: n.Name, Phone: n.Phone.Mask(), Codes: n.Vacancies})
	}
	set := r.o.Templates()
	if len(told) == 1 {
		text, err := set.Acknowledge(g.Language, about, told[0])
		return text, g, err
	}
	parts, err := set.AcknowledgeMany(g.Language, about, told, templates.Limits{Parts: 1})
	if err != nil {
		return "", g, err
	}
	return parts[0].Text, g, nil
}

func (r *Registrar) askNumber(reply store.Reply, d store.Disposition, reading Reading) (store.Disposition, error) {
	if reading.Review == ReviewUnfinished {
		d.State, d.Review = store.ReplyReview, string(reading.Review)
	}
	if d.Group == 0 {
		d.State, d.Review = store.ReplyReview, string(reading.Review)
		return d, nil
	}
	about, g, err := r.about(d.Group)
	if err != nil {
		return d, err
	}
	text, err := r.o.Templates().AskNumber(g.Language, about, templates.Person{Codes: reading.Vacancies})
	if err != nil {
		return d, err
	}
	if !r.answer(reply, &d, text, g.Language) {
		d.State, d.Review = store.ReplyReview, string(cmp.Or(reading.Review, reviewTooMany))
	}
	return d, nil
}

func (r *Registrar) answerWithdrawn(reply store.Reply, d store.Disposition) (store.Disposition, error) {
	if d.Group == 0 {
		return d, nil
	}
	about, g, err := r.about(d.Group)
	if err != nil {
		return d, err
	}
	text, err := r.o.Templates().Withdrawn(g.Language, about, templates.Person{})
	if err != nil {
		return d, err
	}
	r.answer(reply, &d, text, g.Language)
	return d, nil
}

func (r *Registrar) answerOptOut(reply store.Reply, d store.Disposition) (store.Disposition, error) {
	if d.Group == 0 {
		return d, nil
	}
	about, g, err := r.about(d.Group)
	if err != nil {
		return d, err
	}
	text, err := r.o.Templates().OptedOut(g.Language, about)
	if err != nil {
		return d, err
	}
	r.answer(reply, &d, text, g.Language)
	return d, nil
}

// answerQuestion answers what the machine can answer; the rest is for a person.
func (r *Registrar) answerQuestion(reply store.Reply, d store.Disposition, reading Reading, tellings []telling) (store.Disposition, error) {
	person := func(why Review) (store.Disposition, error) {
		d.State, d.Review = store.ReplyReview, string(why)
		return d, nil
	}
	if reading.Topic == TopicOther || reading.Topic == NoTopic {
		return person(reviewQuestion)
	}
	if d.Group == 0 {
		return person(reviewNoGroup)
	}
	about, g, err := r.about(d.Group)
	if err != nil {
		return d, err
	}
	var text string
	switch reading.Topic {
	case TopicHow:
		text, err = r.o.Templates().AskNumber(g.Language, about, templates.Person{Codes: reading.Vacancies})
	case TopicVacancy:
		text, err = r.tellVacancy(about, g, reading.Vacancies)
	default:
		text, err = r.tellList(about, g, tellings)
	}
	if err != nil {
		return d, err
	}
	if !r.answer(reply, &d, text, g.Language) {
		return person(reviewTooMany)
	}
	return d, nil
}

func (r *Registrar) tellVacancy(about templates.Data, g store.Group, codes []string) (string, error) {
	for _, code := range codes {
		v, err := r.o.Store.Vacancy(code)
		if err == nil && v.OpenAt(time.Now()) {
			return r.o.Templates().Vacancy(g.Language, about, tell(v, r.o.Zone), templates.Limits{})
		}
	}
	return r.o.Templates().NoneFound(g.Language, about, codes)
}

// tellList lists the open vacancies of the newest batch that the group was told of, its own county's first.
func (r *Registrar) tellList(about templates.Data, g store.Group, tellings []telling) (string, error) {
	batch := batchesOf(nil, tellings)[0]
	var open []store.Vacancy
	if batch != "" {
		all, err := r.shelf.vacancies(batch)
		if err != nil {
			return "", err
		}
		for _, v := range all {
			if v.OpenAt(time.Now()) {
				open = append(open, v)
			}
		}
	}
	if len(open) == 0 {
		return r.o.Templates().NoneFound(g.Language, about, nil)
	}
	slices.SortStableFunc(open, func(a, b store.Vacancy) int { return nearness(a, g) - nearness(b, g) })
	about.Total = len(open)
	for _, v := range open {
		about.Vacancies = append(about.Vacancies, tell(v, r.o.Zone))
	}
	parts, err := r.o.Templates().List(g.Language, about, templates.Limits{})
	if err != nil {
		return "", err
	}
	return parts[0].Text, nil
}

// nearness orders vacancies for a group: its county, then the whole prefecture, then the other counties.
func nearness(v store.Vacancy, g store.Group) int {
	switch v.County {
	case g.County:
		return 0
	case "":
		return 1
	}
	return 2
}

// tell puts a vacancy into the templates' terms.
func tell(v store.Vacancy, zone *time.Location) templates.Vacancy {
	text := func(b store.Both) templates.Text { return templates.Text{Ko: b.Ko, Zh: b.Zh} }
	out := templates.Vacancy{
		Code: v.Code, Employer: text(v.Employer), Post: text(v.Post), Headcount: v.Headcount, County: v.County,
		Pay:   templates.Pay{Min: v.Pay.Min, Max: v.Pay.Max, Unit: string(v.Pay.Unit), Negotiable: v.Pay.Negotiable, Text: v.Pay.Text},
		Place: text(v.Place), Industry: text(v.Industry), Hours: text(v.Hours), Requirements: text(v.Requirements), Benefits: text(v.Benefits),
	}
	if !v.Expires.IsZero() {
		// Expires is the end of the last day, which in another zone may be the next.
		out.Until = templates.DateOf(v.Expires.In(zone).Add(-time.Second))
	}
	return out
}

// recallOwed picks up the sign-ups of the last day that were never acknowledged.
func (r *Registrar) recallOwed() error {
	if r.o.Acknowledge == None {
		return nil
	}
	since := time.Now().Add(-24 * time.Hour)
	var owed []store.Signup
	err := r.o.Store.EachSignup(func(n store.Signup) bool {
		if n.Notice == "" && n.At.After(since) && n.Status == store.SignupNew && n.Group != 0 {
			owed = append(owed, n)
		}
		return true
	})
	if err != nil {
		return err
	}
	for _, n := range owed {
		reply, err := r.o.Store.Reply(n.Reply)
		if err != nil {
			return fmt.Errorf("sign-up %s: %w", n.ID, err)
		}
		r.manners.owe(n, reply.Account, n.At)
	}
	return nil
}

// acknowledgeOwed sends the acknowledgements whose time has come, those of a group together, and answers when the next
// is due.
func (r *Registrar) acknowledgeOwed(now time.Time) (next time.Time, err error) {
	for _, o := range r.manners.owed() {
		due := r.manners.next(o.group, now)
		if r.o.Acknowledge == Batched {
			if gathered := o.since.Add(r.o.Gather); gathered.After(due) {
				due = gathered
			}
		}
		if due.After(now) {
			next = sooner(next, due)
			continue
		}
		if err := r.acknowledgeGroup(o, now); err != nil {
			return next, err
		}
	}
	return next, nil
}

// together is the most people that one acknowledgement names.
const together = 8

func (r *Registrar) acknowledgeGroup(o owing, now time.Time) error {
	var people []store.Signup
	numbers := o.signups[:min(len(o.signups), together)]
	for _, number := range numbers {
		n, err := r.o.Store.Signup(fmt.Sprint(number))
		if err != nil {
			return err
		}
		if n.Status != store.SignupWithdrawn && n.Notice == "" {
			people = append(people, n)
		}
	}
	if len(people) > 0 {
		text, g, err := r.acknowledgement(o.group, people)
		if err != nil {
			return err
		}
		notice, err := r.notice(g)
		if err != nil {
			return err
		}
		a := store.Answer{Group: o.group, Account: o.account, Notice: notice,
			Content: store.Content{Kind: store.Text, Body: []byte(text), Language: g.Language}}
		for _, n := range people {
			a.Signups = append(a.Signups, n.Number)
		}
		if err := r.o.Store.AddAnswer(a, people[0].Reply); err != nil {
			return err
		}
		r.manners.spoke(o.group, now)
	}
	r.manners.paid(o.group, len(numbers))
	return nil
}
