package api

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"chunfeng/broadcast/report"
	"chunfeng/store"
	"chunfeng/templates/place"
	"chunfeng/templates/words"
)

// Vacancy is a vacancy as scripts see it: the employer's numbers come masked, and cannot be numbers again.
type Vacancy struct {
	store.Vacancy
	Now    store.VacancyState `json:"now"` // its state by the clock: what ran out is expired, although nobody said so
	Phones []string           `json:"phones,omitempty"`
}

func viewVacancies(all []store.Vacancy, now time.Time) []Vacancy {
	out := []Vacancy{}
	for _, one := range all {
		v := Vacancy{Vacancy: one, Now: stateAt(one, now)}
		for _, p := range one.Phones {
			v.Phones = append(v.Phones, p.Mask())
		}
		out = append(out, v)
	}
	return out
}

// stateAt is a vacancy's state as people see it: what ran out is no longer open, although nobody has said so.
func stateAt(v store.Vacancy, now time.Time) store.VacancyState {
	if v.State == store.VacancyOpen && !v.OpenAt(now) {
		return store.VacancyExpired
	}
	return v.State
}

func (a *API) vacancyRoutes() {
	a.on(Read, "GET /v1/vacancies", func(r request) (any, error) {
		all, err := a.chosenVacancies(r.URL.Query().Get("batch"), r.URL.Query())
		return viewVacancies(all, a.now()), err
	}).says("Lists a batch's vacancies.").needs("batch", "a batch's id").with(vacancyFilter()...).
		asks("after", "a code; the list begins behind it").asks("limit", "the most that are listed").answers([]Vacancy{})
	a.on(Prepare, "POST /v1/vacancies/state", func(r request) (any, error) {
		var in VacancyChange
		if err := r.json(&in); err != nil {
			return nil, err
		}
		switch in.State {
		case store.VacancyOpen, store.VacancyFilled, store.VacancyWithdrawn:
		default:
			return nil, words.Refuse("cmd.bad_choice", "state", in.State, "open, filled, withdrawn").Of(words.Usage)
		}
		if r.County != "" {
			for _, code := range in.Codes {
				v, err := a.store.Vacancy(code)
				if err != nil {
					return nil, err
				}
				if err := r.mayMove(v); err != nil {
					return nil, err
				}
			}
		}
		all, err := a.store.SetVacancy(in.From, in.Codes, in.State, in.Why, r.Name)
		return viewVacancies(all, a.now()), err
	}).says("Opens vacancies again, or closes them as filled or withdrawn.").takes(VacancyChange{}).answers([]Vacancy{})
}

// vacancyFilter are the parameters that choose vacancies of a batch.
func vacancyFilter() []Param {
	return []Param{
		{Name: "county", About: "a county's code or name; all: those that concern the whole prefecture"},
		{Name: "state", About: "their state, by now", OneOf: []string{string(store.VacancyOpen), string(store.VacancyFilled), string(store.VacancyWithdrawn), string(store.VacancyExpired)}},
		{Name: "employer", About: "an employer's name in either language"},
		{Name: "q", About: "a part of the code, the employer, the post or the place"},
	}
}

// VacancyChange opens vacancies again, or closes them as filled or withdrawn.
type VacancyChange struct {
	Codes []string           `json:"codes"`
	State store.VacancyState `json:"state"`          // open, filled or withdrawn
	Why   string             `json:"why,omitempty"`  // is kept with it
	From  store.VacancyState `json:"from,omitempty"` // in which they were seen; in another by now: Conflict
}

// mayMove refuses what is not the caller's county's. Everybody sees every batch; a county's people change what concerns
// that county alone, and the prefecture what concerns several.
func (c Caller) mayMove(v store.Vacancy) error {
	if c.Sees(v.County) {
		return nil
	}
	return words.Refuse("page_batches.other_county", v.Code, countyText(c.County)).Of(words.Forbidden)
}

// prefecture is the county of a filter for vacancies that concern all of them.
const prefecture = "all"

// chosenVacancies answers a batch's vacancies as a query filters them: county (or "all": those that name none), state,
// employer, q (in code, employer, post or place), after (a code) and limit.
func (a *API) chosenVacancies(batch string, q url.Values) ([]store.Vacancy, error) {
	if _, err := a.store.Batch(batch); err != nil {
		return nil, err
	}
	county := q.Get("county")
	if county != prefecture {
		var err error
		if county, err = countyCode(county); err != nil {
			return nil, err
		}
	}
	state, err := only(q, "state", string(store.VacancyOpen), string(store.VacancyFilled), string(store.VacancyWithdrawn), string(store.VacancyExpired))
	if err != nil {
		return nil, err
	}
	limit, err := numberOf(q, "limit", 0, 1<<30)
	if err != nil {
		return nil, err
	}
	all, err := a.store.Vacancies(batch)
	if err != nil {
		return nil, err
	}
	after, employer, text, now := strings.ToUpper(q.Get("after")), folded(q.Get("employer")), folded(q.Get("q")), a.now()
	out := []store.Vacancy{}
	for _, v := range all {
		switch {
		case after != "" && v.Code <= after,
			county == prefecture && v.County != "", county != "" && county != prefecture && v.County != county,
			state != "" && stateAt(v, now) != store.VacancyState(state),
			employer != "" && folded(v.Employer.Zh) != employer && folded(v.Employer.Ko) != employer,
			text != "" && !strings.Contains(folded(strings.Join([]string{v.Code, v.Employer.Zh, v.Employer.Ko, v.Post.Zh, v.Post.Ko, v.Place.Zh, v.Place.Ko}, "\n")), text):
			continue
		}
		if out = append(out, v); limit > 0 && len(out) == limit {
			break
		}
	}
	return out, nil
}

// exportBatch streams a batch's vacancies with their states, as a query filters them. Numbers are masked: it is for
// looking and counting, and a workbook to import is the one that was imported.
func (a *API) exportBatch(r request) (any, error) {
	q := r.URL.Query()
	form := report.XLSX
	if name := q.Get("form"); name != "" {
		var err error
		if form, err = report.ParseForm(name); err != nil {
			return nil, err
		}
	}
	b, err := a.store.Batch(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	all, err := a.chosenVacancies(b.ID, q)
	if err != nil {
		return nil, err
	}
	rows := func(yield func([]string, error) bool) {
		var head []string
		for _, c := range []string{
			"code", "state", "why", "employer", "employer_ko", "post", "post_ko", "headcount", "pay", "county", "place", "place_ko", "industry", "hours", "requirements", "benefits",
			"contact", "phone", "deadline",
		} {
			head = append(head, words.Say(r.Lang, "page_batches.field_"+c))
		}
		if !yield(head, nil) {
			return
		}
		for _, v := range viewVacancies(all, a.now()) {
			heads, day := "", ""
			if v.Headcount > 0 {
				heads = fmt.Sprint(v.Headcount)
			}
			if !v.Expires.IsZero() {
				day = a.local(v.Expires).Add(-time.Second).Format(time.DateOnly)
			}
			county := words.Say(r.Lang, "page_batches.whole_prefecture")
			if v.County != "" {
				county = place.Say(string(r.Lang), v.County)
			}
			lang := string(r.Lang)
			if !yield([]string{
				v.Code, words.Say(r.Lang, "state."+string(v.Now)), v.StateWhy, v.Employer.Zh, v.Employer.Ko, v.Post.Zh, v.Post.Ko, heads, v.Pay.Text, county,
				v.Place.Zh, v.Place.Ko, v.Industry.In(lang), v.Hours.In(lang), v.Requirements.In(lang), v.Benefits.In(lang), v.Contact, strings.Join(v.Phones, " "), day,
			}, nil) {
				return
			}
		}
	}
	return attachment("batch-"+b.ID, form, rows), nil
}
