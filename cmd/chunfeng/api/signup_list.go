package api

import (
	"slices"
	"strconv"
	"strings"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// signupParams say which sign-ups are meant.
func signupParams() []Param {
	return []Param{
		{Name: "wave", About: "the id of the wave that they answer"},
		{Name: "batch", About: "a batch's id"},
		{Name: "group", About: "a group's code"},
		{Name: "county", About: "a county's code, or its name in any language"},
		{Name: "status", About: "how far they have come", OneOf: statusNames()},
		{Name: "vacancy", About: "a vacancy's code"},
		{Name: "employer", About: "as a workbook names it in either language"},
		{Name: "limit", About: "so many of them, from 1 to 1,000, the newest first"},
		{Name: "before", About: "with limit: the id of the last sign-up of the page before"},
	}
}

// signupFilter chooses sign-ups by the query, for pages before the one that is named.
func (a *API) signupFilter(r request) (keep func(store.Signup) bool, before uint64, err error) {
	q := r.URL.Query()
	group, err := a.groupNumber(q.Get("group"))
	if err != nil {
		return nil, 0, err
	}
	wave := uint32(0)
	if id := q.Get("wave"); id != "" {
		w, err := a.store.Wave(id)
		if err != nil {
			return nil, 0, err
		}
		wave = w.Number
	}
	batch := strings.ToUpper(q.Get("batch"))
	if batch != "" {
		if _, err := a.store.Batch(batch); err != nil {
			return nil, 0, err
		}
	}
	var codes []string // nil: any
	if code := strings.ToUpper(strings.TrimSpace(q.Get("vacancy"))); code != "" {
		v, err := a.store.Vacancy(code)
		if err != nil {
			return nil, 0, err
		}
		codes = []string{v.Code}
	}
	if name := strings.TrimSpace(q.Get("employer")); name != "" {
		if codes, err = a.codesOf(batch, name, codes); err != nil {
			return nil, 0, err
		}
	}
	county, err := countyCode(q.Get("county"))
	if err != nil {
		return nil, 0, err
	}
	status := store.SignupStatus(q.Get("status"))
	if status != "" {
		if err := knownStatus(status); err != nil {
			return nil, 0, err
		}
	}
	if id := q.Get("before"); id != "" {
		n, err := a.store.Signup(id)
		if err != nil {
			return nil, 0, err
		}
		before = n.Number
	}
	var counties homes
	if county != "" || r.County != "" {
		if counties, err = a.counties(); err != nil {
			return nil, 0, err
		}
	}
	return func(n store.Signup) bool {
		return (group == 0 || n.Group == group) && (wave == 0 || n.Wave == wave) && (batch == "" || n.Batch == batch) && (status == "" || n.Status == status) &&
			(county == "" || counties.of(n.Group) == county) && (r.County == "" || counties.of(n.Group) == r.County) &&
			(codes == nil || slices.ContainsFunc(n.Vacancies, func(code string) bool { return slices.Contains(codes, code) }))
	}, before, nil
}

// codesOf answers the codes of an employer's vacancies, of one batch or of all; those among some where some are given.
func (a *API) codesOf(batch, employer string, among []string) ([]string, error) {
	batches, err := a.store.Batches()
	if err != nil {
		return nil, err
	}
	out := []string{}
	for _, b := range batches {
		if batch != "" && b.ID != batch {
			continue
		}
		all, err := a.store.Vacancies(b.ID)
		if err != nil {
			return nil, err
		}
		for _, v := range all {
			if (v.Employer.Zh == employer || v.Employer.Ko == employer) && (among == nil || slices.Contains(among, v.Code)) {
				out = append(out, v.Code)
			}
		}
	}
	return out, nil
}

// listSignups lists sign-ups: all of them, the oldest first, or with limit so many, the newest first.
func (a *API) listSignups(r request, reveal bool) ([]Signup, error) {
	keep, before, err := a.signupFilter(r)
	if err != nil {
		return nil, err
	}
	out, t := []Signup{}, a.tracer()
	limit := 0
	if s := r.URL.Query().Get("limit"); s != "" {
		if limit, err = strconv.Atoi(s); err != nil || limit < 1 || limit > PageLimit {
			return nil, words.Refuse("cmd.bad_number", "limit", s).Of(words.Usage)
		}
		return out, a.store.EachSignupBack(before, func(n store.Signup) bool {
			if keep(n) {
				out = append(out, a.viewSignup(n, t, reveal))
			}
			return len(out) < limit
		})
	}
	err = a.store.EachSignup(func(n store.Signup) bool {
		if keep(n) {
			out = append(out, a.viewSignup(n, t, reveal))
		}
		return len(out) <= listMost
	})
	if err == nil && len(out) > listMost {
		return nil, words.Refuse("api.list_long", listMost)
	}
	return out, err
}
