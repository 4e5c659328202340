package api

import (
	"slices"

	"chunfeng/broadcast/intake"
	"chunfeng/store"
)

// Pair is two vacancies that look like one.
type Pair struct {
	A       Vacancy        `json:"a"` // of the workbook or batch that was asked about
	B       Vacancy        `json:"b"` // an earlier row of the same workbook, or a vacancy of a batch
	Known   bool           `json:"known"`
	Differs []intake.Field `json:"differs"` // in what they differ all the same
	Message string         `json:"message"` // where B is, said in the reader's language
}

func (a *API) viewPairs(r request, all []intake.Pair) []Pair {
	out, now := []Pair{}, a.now()
	for _, p := range all {
		both := viewVacancies([]store.Vacancy{p.A, p.B}, now)
		out = append(out, Pair{both[0], both[1], p.Known, differs(p.A, p.B), p.In(r.Lang)})
	}
	return out
}

// differs lists the fields in which two vacancies differ, in the order of a workbook's columns.
func differs(a, b store.Vacancy) []intake.Field {
	out := []intake.Field{}
	for _, f := range []struct {
		field intake.Field
		same  bool
	}{
		{intake.Employer, a.Employer == b.Employer}, {intake.Post, a.Post == b.Post}, {intake.Headcount, a.Headcount == b.Headcount}, {intake.PayRange, a.Pay == b.Pay},
		{intake.CountyField, a.County == b.County}, {intake.Place, a.Place == b.Place}, {intake.Industry, a.Industry == b.Industry}, {intake.Hours, a.Hours == b.Hours},
		{intake.Requirements, a.Requirements == b.Requirements}, {intake.Benefits, a.Benefits == b.Benefits}, {intake.Contact, a.Contact == b.Contact},
		{intake.Phone, slices.Equal(a.Phones, b.Phones)}, {intake.Expires, a.Expires.Equal(b.Expires)},
	} {
		if !f.same {
			out = append(out, f.field)
		}
	}
	return out
}

// batchDuplicates finds a batch's vacancies that look like others: of any other batch, or earlier ones of its own.
func (a *API) batchDuplicates(r request) (any, error) {
	b, err := a.store.Batch(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	batches, err := a.store.Batches()
	if err != nil {
		return nil, err
	}
	var own, others []store.Vacancy
	for _, one := range batches {
		vacancies, err := a.store.Vacancies(one.ID)
		if err != nil {
			return nil, err
		}
		if one.ID == b.ID {
			own = vacancies
		} else {
			others = append(others, vacancies...)
		}
	}
	return a.viewPairs(r, intake.Duplicates(own, others)), nil
}
