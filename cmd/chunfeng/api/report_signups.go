package api

import (
	"cmp"
	"slices"
	"strings"

	"chunfeng/store"
)

// SignupReport counts sign-ups by what they are for. One that names vacancies of two industries counts for each, so the
// parts may come to more than the whole; one that names none is under an empty name.
type SignupReport struct {
	Industries []IndustryReport `json:"industries"` // the most first
	Vacancies  []VacancyReport  `json:"vacancies"`  // the most first
}

// IndustryReport is one industry's share, as the workbook names it.
type IndustryReport struct {
	Industry store.Both `json:"industry"`
	Signups  int        `json:"signups"`
	Hired    int        `json:"hired"`
}

// VacancyReport is one vacancy's share.
type VacancyReport struct {
	Code      string             `json:"code"`
	Post      store.Both         `json:"post"`
	Employer  store.Both         `json:"employer"`
	Headcount int                `json:"headcount"` // 0: not said
	State     store.VacancyState `json:"state"`
	Signups   int                `json:"signups"`
	Hired     int                `json:"hired"`
}

// countSignups counts the sign-ups that are meant and that the caller may see, and visits each.
func (a *API) countSignups(of homes, c Caller, meant func(store.Signup) bool, visit func(store.Signup)) (SignupReport, error) {
	vacancies, industries := map[string]*VacancyReport{}, map[store.Both]*IndustryReport{}
	known := map[string]store.Vacancy{}
	err := a.store.EachSignup(func(n store.Signup) bool {
		if !meant(n) || !c.Sees(of.of(n.Group)) {
			return true
		}
		visit(n)
		hired := 0
		if n.Status == store.SignupHired {
			hired = 1
		}
		seen := map[store.Both]bool{}
		for _, code := range n.Vacancies {
			v, ok := known[code]
			if !ok {
				v, _ = a.store.Vacancy(code) // one that was never imported counts under its code alone
				known[code] = v
			}
			one := vacancies[code]
			if one == nil {
				one = &VacancyReport{Code: code, Post: v.Post, Employer: v.Employer, Headcount: v.Headcount, State: v.State}
				vacancies[code] = one
			}
			one.Signups++
			one.Hired += hired
			seen[v.Industry] = true
		}
		if len(n.Vacancies) == 0 {
			seen[store.Both{}] = true
		}
		for i := range seen {
			if industries[i] == nil {
				industries[i] = &IndustryReport{Industry: i}
			}
			industries[i].Signups++
			industries[i].Hired += hired
		}
		return true
	})
	out := SignupReport{Industries: []IndustryReport{}, Vacancies: []VacancyReport{}}
	for _, one := range industries {
		out.Industries = append(out.Industries, *one)
	}
	for _, one := range vacancies {
		out.Vacancies = append(out.Vacancies, *one)
	}
	slices.SortFunc(out.Industries, func(x, y IndustryReport) int {
		return cmp.Or(y.Signups-x.Signups, strings.Compare(x.Industry.Zh+x.Industry.Ko, y.Industry.Zh+y.Industry.Ko))
	})
	slices.SortFunc(out.Vacancies, func(x, y VacancyReport) int {
		return cmp.Or(y.Signups-x.Signups, strings.Compare(x.Code, y.Code))
	})
	return out, err
}
