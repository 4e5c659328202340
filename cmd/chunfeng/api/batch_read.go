package api

import (
	"cmp"
	"strconv"
	"strings"
	"unicode"

	"chunfeng/broadcast/intake"
	"chunfeng/store"
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
	Pairs     []Pair  `json:"pairs"`           // near-duplicates; each is among the doubts too
	Known     string  `json:"known,omitempty"` // the batch that this same file already is
}

// reading is a workbook as it was understood, held against what is there.
type reading struct {
	*intake.Result
	name   string
	data   []byte
	faults []intake.Fault
	doubts []intake.Fault
	pairs  []intake.Pair
	known  string
}

func (a *API) viewReading(r request, v reading) CheckReport {
	return CheckReport{
		Employers: v.Employers, Vacancies: v.Vacancies, Rows: v.Rows, FileHash: v.FileHash, Known: v.known,
		Errors: viewFaults(r, v.faults), Doubts: viewFaults(r, v.doubts), Pairs: a.viewPairs(r, v.pairs),
	}
}

// readBatch reads an uploaded workbook and looks for near-duplicates among what is already there. What is not in the
// caller's county is a fault of its row.
func (a *API) readBatch(r request) (v reading, err error) {
	v.name = tidy(r.URL.Query().Get("name"))
	if v.data, err = r.file(); err != nil {
		return v, err
	}
	if v.Result, err = a.readWorkbook(v.name, v.data); err != nil {
		return v, err
	}
	batches, err := a.store.Batches()
	if err != nil {
		return v, err
	}
	var known []store.Vacancy
	for _, b := range batches {
		if b.FileHash == v.FileHash {
			v.known = b.ID
			continue // it would be its own duplicate
		}
		vacancies, err := a.store.Vacancies(b.ID)
		if err != nil {
			return v, err
		}
		known = append(known, vacancies...)
	}
	v.faults, v.doubts = v.Faults, v.Doubts
	for _, one := range v.Items {
		if !r.Sees(one.County) {
			v.faults = append(v.faults, intake.Fault{Sheet: one.Sheet, Row: one.Row, Text: words.T("page_batches.not_your_county", countyText(r.County))})
		}
	}
	v.pairs = intake.Duplicates(v.Items, known)
	for _, p := range v.pairs {
		if p.Known { // those within the file are among its doubts already
			v.doubts = append(v.doubts, intake.Doubt{Sheet: p.A.Sheet, Row: p.A.Row, Text: words.T("intake.duplicate", p)})
		}
	}
	return v, nil
}

// readWorkbook reads a workbook, one at a time.
func (a *API) readWorkbook(name string, data []byte) (*intake.Result, error) {
	a.workbooks.Lock()
	defer a.workbooks.Unlock()
	return intake.ReadBatch(name, data, intake.Options{Now: a.now()})
}

// markBatch answers the workbook with its faults and doubts marked in it.
func (a *API) markBatch(r request) (any, error) {
	v, err := a.readBatch(r)
	if err != nil {
		return nil, err
	}
	a.workbooks.Lock()
	defer a.workbooks.Unlock()
	b, err := intake.Mark(v.name, v.data, r.Lang, v.faults, v.doubts)
	if err != nil {
		return nil, err
	}
	return workbook("checked", words.Say(r.Lang, "workbook.marked_file", cmp.Or(batchName(v.name), "batch")), b), nil
}

// longestTitle is how many characters a batch's name may have: it stands in tables.
const longestTitle = 100

// tidy is a name without what cannot be seen and could turn the text around it.
func tidy(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))), " ")
}

func (a *API) importBatch(r request) (any, error) {
	q := r.URL.Query()
	read, err := a.readBatch(r)
	if err != nil {
		return nil, err
	}
	if len(read.faults) > 0 {
		return nil, words.Refuse("cmd.batch_faults", len(read.faults), q.Get("name"))
	}
	for _, total := range []struct {
		flag string
		is   int
	}{{"employers", read.Employers}, {"vacancies", read.Vacancies}} {
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
	title := tidy(q.Get("title"))
	if len([]rune(title)) > longestTitle {
		return nil, words.Refuse("page_batches.name_long", longestTitle).Of(words.Usage)
	}
	if title == "" {
		return nil, words.Refuse("cmd.batch_name").Of(words.Usage)
	}
	b, existed, err := a.store.AddBatch(store.Batch{
		Name: title, FileName: tidy(q.Get("name")), FileHash: read.FileHash, Employers: read.Employers,
	}, read.Items, r.Name)
	if err != nil {
		return nil, err
	}
	v, err := a.viewBatch(b)
	v.Existed, v.Doubts = existed, viewFaults(r, read.doubts)
	return v, err
}
