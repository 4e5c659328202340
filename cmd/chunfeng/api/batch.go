package api

import (
	"net/http"
	"net/url"
	"strings"

	"chunfeng/broadcast/intake"
	"chunfeng/broadcast/report"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// Batch is a batch as scripts see it.
type Batch struct {
	store.Batch
	Open      int     `json:"open"`      // vacancies that may still be told
	Filled    int     `json:"filled"`    // that found their people
	Withdrawn int     `json:"withdrawn"` // that the employer took back
	Expired   int     `json:"expired"`   // that ran out
	Existed   bool    `json:"existed,omitempty"`
	Doubts    []Fault `json:"doubts,omitempty"`
}

func (a *API) batchRoutes() {
	a.on(Read, "GET /v1/batches/template", func(r request) (any, error) { return a.batchForm(r) }).
		says("Answers an empty workbook to be filled in with vacancies, in the language of whoever asks.").streams(mediaType(report.XLSX))
	a.on(Prepare, "POST /v1/batches/read", func(r request) (any, error) {
		v, err := a.readBatch(r)
		if err != nil {
			return nil, err
		}
		return a.viewReading(r, v), nil
	}).says("Reads a workbook and reports what is wrong or doubtful in it, by row and column. Nothing is stored.").
		with(fileName()).takesFile(tables()...).answers(CheckReport{})
	a.on(Prepare, "POST /v1/batches/marked", func(r request) (any, error) { return a.markBatch(r) }).
		says("Reads a workbook and answers it with its faults and doubts marked in their cells. Nothing is stored.").
		with(fileName()).takesFile(tables()...).streams(mediaType(report.XLSX))
	a.on(Prepare, "POST /v1/batches", func(r request) (any, error) { return a.importBatch(r) }).
		says("Imports a workbook as a batch. The same file twice is one batch; a file with faults is refused whole.").
		with(fileName()).needs("title", "what people call the batch").
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
	}).says("Lists the batches in the order of their import.").answers([]Batch{})
	a.on(Read, "GET /v1/batches/{id}", func(r request) (any, error) {
		b, err := a.store.Batch(r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		return a.viewBatch(b)
	}).says("Answers one batch.").answers(Batch{})
	a.on(Approve, "POST /v1/batches/{id}/approve", func(r request) (any, error) { return a.approveBatch(r) }).fresh().
		says("Approves a batch, so that it may be told.").answers(Batch{})
	a.on(Read, "GET /v1/batches/{id}/duplicates", func(r request) (any, error) { return a.batchDuplicates(r) }).
		says("Lists a batch's vacancies that look like others: of any other batch, or earlier ones of its own.").answers([]Pair{})
	a.on(Read, "GET /v1/batches/{id}/export", func(r request) (any, error) { return a.exportBatch(r) }).
		says("Answers a batch's vacancies with their states as a table. Telephone numbers are masked.").with(vacancyFilter()...).exports()
	a.on(Read, "GET /v1/batches/{id}/preview", func(r request) (any, error) { return a.preview(r) }).
		says("Shows the text that a group would read now.").with(shownFor()...).
		asks("template", "instead of the usual one").asks("parts", "the most messages that it may be split into").answers(Preview{})
	a.on(Read, "GET /v1/batches/{id}/poster", func(r request) (any, error) { return a.poster(r) }).
		says("Draws the pictures that a group would see now.").with(shownFor()...).
		asks("url", "an address for the QR code").asks("pages", "the most pictures that it may take").answers([]PosterPage{})
	a.on(Read, "GET /v1/batches/{id}/poster/{page}", func(r request) (any, error) { return a.posterPage(r) }).
		says("Draws one of the pictures that a group would see now.").with(shownFor()...).
		asks("url", "an address for the QR code").asks("pages", "the most pictures that it may take").streams("image/png")
	a.vacancyRoutes()
}

// fileName is the parameter that tells what an uploaded file is called.
func fileName() Param { return Param{Name: "name", About: "the file's name, for what is told of it"} }

// batchForm answers the workbook to fill in.
func (a *API) batchForm(r request) (any, error) {
	b, err := intake.BatchForm(r.Lang)
	if err != nil {
		return nil, err
	}
	return workbook("vacancies-form", words.Say(r.Lang, "workbook.form_file"), b), nil
}

// workbook is a finished .xlsx that a browser saves: under its own name, or under the plain one where it cannot.
func workbook(plain, name string, data []byte) stream {
	return func(w http.ResponseWriter) error {
		w.Header().Set("Content-Type", report.XLSX.MediaType())
		w.Header().Set("Content-Disposition", `attachment; filename="`+plain+`.xlsx"; filename*=UTF-8''`+url.PathEscape(name+".xlsx"))
		_, err := w.Write(data)
		return err
	}
}

// approveBatch approves a batch for sending. Somebody else than who imported it must, where the configuration asks for a
// second person; the owner of the data folder stands above that. Who belongs to a county approves what concerns it alone.
func (a *API) approveBatch(r request) (any, error) {
	b, err := a.store.Batch(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if b.State != store.BatchApproved {
		if a.Config().SecondPerson && r.Role != "" && b.CreatedBy == r.Name {
			return nil, words.Refuse("page_batches.same_person", b.ID).Of(words.Forbidden)
		}
		all, err := a.store.Vacancies(b.ID)
		if err != nil {
			return nil, err
		}
		for _, v := range all {
			if err := r.mayMove(v); err != nil {
				return nil, err
			}
		}
	}
	if b, err = a.store.ApproveBatch(b.ID, r.Name); err != nil {
		return nil, err
	}
	return a.viewBatch(b)
}

func (a *API) viewBatch(b store.Batch) (Batch, error) {
	v := Batch{Batch: b}
	v.CreatedAt, v.ApprovedAt = a.local(b.CreatedAt), a.local(b.ApprovedAt)
	vacancies, err := a.store.Vacancies(b.ID)
	now := a.now()
	for _, one := range vacancies {
		switch stateAt(one, now) {
		case store.VacancyOpen:
			v.Open++
		case store.VacancyFilled:
			v.Filled++
		case store.VacancyWithdrawn:
			v.Withdrawn++
		case store.VacancyExpired:
			v.Expired++
		}
	}
	return v, err
}

// batchName is the name of an uploaded file without its ending, for the name of a copy.
func batchName(file string) string {
	if i := strings.LastIndexByte(file, '.'); i > 0 {
		return file[:i]
	}
	return file
}
