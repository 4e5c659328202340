package api

import (
	"strconv"
	"strings"

	"chunfeng/broadcast/intake"
	"chunfeng/store"
	"chunfeng/templates"
	"chunfeng/templates/words"
)

// CheckReport is the check report of a workbook.
type CheckReport struct {
	Employers int     `json:"employers"`
	Vacancies int     `json:"vacancies"`
	Rows      int     `json:"rows"`
	FileHash  string  `json:"file_hash"`
	Errors    []Fault `json:"errors"`
	Doubts    []Fault `json:"doubts"`
	Known     string  `json:"known,omitempty"` // the batch that this same file already is
}

// Batch is a batch as scripts see it.
type Batch struct {
	store.Batch
	Open    int     `json:"open"` // vacancies that may still be told
	Existed bool    `json:"existed,omitempty"`
	Doubts  []Fault `json:"doubts,omitempty"`
}

// Vacancy is a vacancy as scripts see it: the employer's numbers come masked, and cannot be numbers again.
type Vacancy struct {
	store.Vacancy
	Phones []string `json:"phones,omitempty"`
}

// VacancyChange opens vacancies again, or closes them as filled or withdrawn.
type VacancyChange struct {
	Codes []string           `json:"codes"`
	State store.VacancyState `json:"state"`
	Why   string             `json:"why,omitempty"`
}

func viewVacancies(all []store.Vacancy) []Vacancy {
	out := []Vacancy{}
	for _, one := range all {
		v := Vacancy{Vacancy: one}
		for _, p := range one.Phones {
			v.Phones = append(v.Phones, p.Mask())
		}
		out = append(out, v)
	}
	return out
}

func (a *API) batchRoutes() {
	a.on(Prepare, "POST /v1/batches/read", func(r request) (any, error) {
		v, _, err := a.readBatch(r)
		return v, err
	}).says("Reads a workbook and reports what is wrong or doubtful in it, by row and column. Nothing is stored.").
		asks("name", "the file's name, for what is told of it").takesFile(tables()...).answers(CheckReport{})
	a.on(Prepare, "POST /v1/batches", func(r request) (any, error) { return a.importBatch(r) }).
		says("Imports a workbook as a batch. The same file twice is one batch; a file with faults is refused whole.").
		asks("name", "the file's name, for what is told of it").needs("title", "what people call the batch").
		asks("employers", "how many employers it must have; another number is refused").
		asks("vacancies", "how many vacancies it must have; another number is refused").takesFile(tables()...).answers(Batch{})
	a.on(Read, "GET /v1/batches", func(request) (any, error) {
		all, err := a.store.Batches()
		if err != nil {
			return nil, err
		}
		out := []Batch{}
		for _, b := range all {
			v, err := a.viewBatch(b)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	}).says("Lists the batches.").answers([]Batch{})
	a.on(Read, "GET /v1/batches/{id}", func(r request) (any, error) {
		b, err := a.store.Batch(r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		return a.viewBatch(b)
	}).says("Answers one batch.").answers(Batch{})
	a.on(Approve, "POST /v1/batches/{id}/approve", func(r request) (any, error) {
		b, err := a.store.ApproveBatch(r.PathValue("id"), r.Name)
		if err != nil {
			return nil, err
		}
		return a.viewBatch(b)
	}).says("Approves a batch, so that it may be told.").answers(Batch{})
	a.on(Read, "GET /v1/batches/{id}/preview", func(r request) (any, error) { return a.sample(r) }).
		says("Shows the text that a group would read now.").
		asks("group", "a group's code; else a group of nowhere in particular").
		asks("lang", "instead of the group's language", templates.Korean, templates.Chinese, templates.Both).
		asks("template", "instead of the usual one").asks("parts", "the most messages that it may be split into").answers(Preview{})
	a.on(Read, "GET /v1/batches/{id}/poster", func(r request) (any, error) { return a.poster(r) }).
		says("Draws the pictures that a group would see now.").
		asks("group", "a group's code; else a group of nowhere in particular").
		asks("lang", "instead of the group's language", templates.Korean, templates.Chinese, templates.Both).
		asks("url", "an address for the QR code").asks("pages", "the most pictures that it may take").answers([]PosterPage{})
	a.on(Read, "GET /v1/vacancies", func(r request) (any, error) {
		id := r.URL.Query().Get("batch")
		if _, err := a.store.Batch(id); err != nil {
			return nil, err
		}
		all, err := a.store.Vacancies(id)
		return viewVacancies(all), err
	}).says("Lists a batch's vacancies.").needs("batch", "a batch's id").answers([]Vacancy{})
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
		all, err := a.store.SetVacancy(in.Codes, in.State, in.Why, r.Name)
		return viewVacancies(all), err
	}).says("Opens vacancies again, or closes them as filled or withdrawn.").takes(VacancyChange{}).answers([]Vacancy{})
}

func (a *API) viewBatch(b store.Batch) (Batch, error) {
	v := Batch{Batch: b}
	v.CreatedAt, v.ApprovedAt = a.local(b.CreatedAt), a.local(b.ApprovedAt)
	vacancies, err := a.store.Vacancies(b.ID)
	now := a.now()
	for _, one := range vacancies {
		if one.OpenAt(now) {
			v.Open++
		}
	}
	return v, err
}

// readBatch reads an uploaded workbook and looks for near-duplicates among what is already there.
func (a *API) readBatch(r request) (CheckReport, *intake.Result, error) {
	data, err := r.file()
	if err != nil {
		return CheckReport{}, nil, err
	}
	res, err := intake.ReadBatch(r.URL.Query().Get("name"), data, intake.Options{Now: a.now()})
	if err != nil {
		return CheckReport{}, nil, err
	}
	v := CheckReport{Employers: res.Employers, Vacancies: res.Vacancies, Rows: res.Rows, FileHash: res.FileHash}
	batches, err := a.store.Batches()
	if err != nil {
		return v, nil, err
	}
	var known []store.Vacancy
	for _, b := range batches {
		if b.FileHash == res.FileHash {
			v.Known = b.ID
			continue // it would be its own duplicate
		}
		vacancies, err := a.store.Vacancies(b.ID)
		if err != nil {
			return v, nil, err
		}
		known = append(known, vacancies...)
	}
	doubts := res.Doubts
	for _, p := range intake.Duplicates(res.Items, known) {
		if p.B.Code != "" { // those within the file are among its doubts already
			doubts = append(doubts, intake.Doubt{Sheet: p.A.Sheet, Row: p.A.Row, Text: words.T("intake.duplicate", p)})
		}
	}
	v.Errors, v.Doubts = viewFaults(r, res.Faults), viewFaults(r, doubts)
	return v, res, nil
}

func (a *API) importBatch(r request) (any, error) {
	q := r.URL.Query()
	report, res, err := a.readBatch(r)
	if err != nil {
		return nil, err
	}
	if len(res.Faults) > 0 {
		return nil, words.Refuse("cmd.batch_faults", len(res.Faults), q.Get("name"))
	}
	for _, total := range []struct {
		flag string
		is   int
	}{{"employers", report.Employers}, {"vacancies", report.Vacancies}} {
		if q.Get(total.flag) == "" {
			continue
		}
		want, err := strconv.Atoi(q.Get(total.flag))
		if err != nil {
			return nil, words.Refuse("cmd.bad_number", "--expect-"+total.flag, q.Get(total.flag)).Of(words.Usage)
		}
		if want != total.is {
			return nil, words.Refuse("cmd.totals_differ", words.T("cmd.total_"+total.flag), want, total.is)
		}
	}
	title := strings.TrimSpace(q.Get("title"))
	if title == "" {
		return nil, words.Refuse("cmd.batch_name").Of(words.Usage)
	}
	b, existed, err := a.store.AddBatch(store.Batch{
		Name: title, FileName: q.Get("name"), FileHash: res.FileHash, Employers: res.Employers,
	}, res.Items, r.Name)
	if err != nil {
		return nil, err
	}
	v, err := a.viewBatch(b)
	v.Existed, v.Doubts = existed, report.Doubts
	return v, err
}
