package console

import (
	"net/http"
	"net/url"

	"chunfeng/broadcast/intake"
	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/place"
)

// batchRoutes are the batches: the workbook to begin with, its upload and check, and each batch with what it tells.
func (c *Console) batchRoutes() {
	c.page("GET /batches", api.Read, func(w http.ResponseWriter, r *request) error { return c.showBatches(w, r, nil) })
	c.page("GET /batches/template", api.Read, func(w http.ResponseWriter, r *request) error {
		return api.Copy(w, r.Request, c.API, r.Caller, "/v1/batches/template", nil)
	})
	c.checkRoutes()
	c.page("GET /batches/{id}", api.Read, func(w http.ResponseWriter, r *request) error { return c.showBatch(w, r, nil) })
	c.page("POST /batches/{id}/approve", api.Approve, c.approveBatch)
	c.page("POST /batches/{id}/vacancies", api.Prepare, c.moveVacancy)
	c.page("GET /batches/{id}/export", api.Read, func(w http.ResponseWriter, r *request) error {
		q := fieldsOf(r.URL.Query(), append(vacancyFields(), "form")...)
		return api.Copy(w, r.Request, c.API, r.Caller, "/v1/batches/"+seg(r.PathValue("id"))+"/export", q)
	})
	c.page("GET /batches/{id}/duplicates", api.Read, c.showDuplicates)
	c.previewRoutes()
}

// batches is what the list of batches shows.
type batches struct {
	Batches []api.Batch // the newest first
	Waiting string      // the name of the person's file that waits to be confirmed
	Limit   int         // of a file, in bytes
}

func (c *Console) showBatches(w http.ResponseWriter, r *request, refused error) error {
	all, err := get[[]api.Batch](c, r, "/v1/batches", nil)
	if err != nil {
		return err
	}
	p := batches{Limit: intake.MaxBytes}
	for i := range all {
		p.Batches = append(p.Batches, all[len(all)-1-i])
	}
	if file, ok := c.uploads.last(r.User.Name, forBatches); ok && r.Caller.May(api.Prepare) {
		p.Waiting = file.name
	}
	if refused != nil {
		return c.showError(w, r, "batches", "batches", r.say("console.nav_batches"), p, refused)
	}
	return c.show(w, r, "batches", "batches", r.say("console.nav_batches"), p)
}

// vacancyFields are what a batch's vacancies can be filtered by. They stand in the address.
func vacancyFields() []string { return []string{"q", "county", "state", "employer"} }

// vacanciesShown is how many vacancies stand on a page. The bureau's largest batch has 286.
const vacanciesShown = 100

// employersChosen is up to how many employers there is a choice of them; among more one searches.
const employersChosen = 300

// batchPage is what the page of one batch shows.
type batchPage struct {
	api.Batch
	Tab       string
	Rows      []vacancyRow
	Filter    url.Values
	Counties  []place.County
	States    []store.VacancyState
	Employers []store.Both
	First     string // the address of the first page
	Further   string // of the next; empty at the end
	Deep      bool   // not the first page
	XLSX, CSV string
	Query     string // the filter as it stands in the address, for the form to come back to
	Own       bool   // the person imported it, so that somebody else must approve it
}

// vacancyRow is one vacancy with what the person may do to it.
type vacancyRow struct {
	api.Vacancy
	Until string // its last day, as 2006-01-02
	May   bool
}

func (c *Console) showBatch(w http.ResponseWriter, r *request, refused error) error {
	q := fieldsOf(r.URL.Query(), vacancyFields()...)
	if refused != nil {
		q, _ = url.ParseQuery(r.PostForm.Get("back"))
		q = fieldsOf(q, vacancyFields()...)
	}
	p, err := c.batch(r, "vacancies")
	if err != nil {
		return err
	}
	p.Filter, p.Counties, p.Query = q, place.All(), q.Encode()
	p.States = []store.VacancyState{store.VacancyOpen, store.VacancyFilled, store.VacancyWithdrawn, store.VacancyExpired}
	path := "/batches/" + seg(p.ID)
	p.First, p.XLSX, p.CSV = withQuery(path, q), withQuery(path+"/export", q, "form", "xlsx"), withQuery(path+"/export", q, "form", "csv")
	if p.Employers, err = c.employers(r, p.ID); err != nil {
		return err
	}
	ask := fieldsOf(r.URL.Query(), append(vacancyFields(), "after")...)
	if refused != nil {
		ask = fieldsOf(q, vacancyFields()...)
	}
	p.Deep = ask.Get("after") != ""
	ask.Set("batch", p.ID)
	ask.Set("limit", vacanciesAsked)
	all, err := get[[]api.Vacancy](c, r, "/v1/vacancies", ask)
	if err != nil && !known(err) {
		return err
	}
	if refused == nil {
		refused = err
	}
	if len(all) > vacanciesShown {
		all = all[:vacanciesShown]
		p.Further = withQuery(path, q, "after", all[len(all)-1].Code)
	}
	for _, v := range all {
		p.Rows = append(p.Rows, c.vacancyRow(r, v))
	}
	if refused != nil {
		r.URL = &url.URL{Path: path, RawQuery: p.Query} // the address that a form was sent to shows nothing by itself
		return c.showError(w, r, "batches", "batch", p.title(r), p, refused)
	}
	return c.show(w, r, "batches", "batch", p.title(r), p)
}

// vacanciesAsked is one more than are shown, which tells whether there are more.
const vacanciesAsked = "101"

// batch asks for a batch.
func (c *Console) batch(r *request, tab string) (p batchPage, err error) {
	p.Tab = tab
	p.Batch, err = get[api.Batch](c, r, "/v1/batches/"+seg(r.PathValue("id")), nil)
	p.Own = p.State == store.BatchDraft && p.CreatedBy == r.Caller.Name && c.Config().SecondPerson
	return p, err
}

func (p batchPage) title(r *request) string { return p.ID + " " + p.Name }

func (c *Console) vacancyRow(r *request, v api.Vacancy) vacancyRow {
	row := vacancyRow{Vacancy: v, May: r.Caller.May(api.Prepare) && r.Caller.Sees(v.County)}
	if !v.Expires.IsZero() {
		// It is kept as the moment at which it ends.
		row.Until = v.Expires.In(c.Config().Zone).AddDate(0, 0, -1).Format("2006-01-02")
	}
	return row
}

// employers lists a batch's employers in the order of the workbook, none where there are too many to choose from.
func (c *Console) employers(r *request, batch string) (out []store.Both, err error) {
	all, err := get[[]api.Vacancy](c, r, "/v1/vacancies", url.Values{"batch": {batch}})
	seen := map[store.Both]bool{}
	for _, v := range all {
		if !seen[v.Employer] {
			seen[v.Employer] = true
			out = append(out, v.Employer)
		}
	}
	if len(out) > employersChosen {
		out = nil
	}
	return out, err
}

// withQuery adds a filter to a path, and more names with their values.
func withQuery(path string, q url.Values, more ...string) string {
	all := url.Values{}
	for name, values := range q {
		all[name] = values
	}
	for i := 0; i+1 < len(more); i += 2 {
		if more[i+1] != "" {
			all.Set(more[i], more[i+1])
		}
	}
	if len(all) == 0 {
		return path
	}
	return path + "?" + all.Encode()
}

func (c *Console) approveBatch(w http.ResponseWriter, r *request) error {
	b, err := post[api.Batch](c, r, "/v1/batches/"+seg(r.PathValue("id"))+"/approve", nil)
	if err != nil {
		return c.showBatch(w, r, err)
	}
	if b.ApprovedBy == r.Caller.Name {
		c.tell(r, r.say("page_batches.approved_now", b.ID))
	} else {
		c.tell(r, r.say("page_batches.approved_before", b.ID, b.ApprovedBy))
	}
	return c.back(w, r, "/batches/"+seg(b.ID))
}
