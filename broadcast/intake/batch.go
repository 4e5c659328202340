package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// Options say what a file cannot: when and where it is read.
type Options struct {
	Now      time.Time      // zero: the clock. It gives dates their year, and tells what has run out
	Location *time.Location // the bureau's; nil: Now's own, or China's standard time with the clock
}

func (o Options) now() time.Time {
	if o.Now.IsZero() {
		o.Now = time.Now()
		if o.Location == nil {
			// Eight hours east of Greenwich, without daylight saving since 1991; a name would need a time zone database.
			o.Location = time.FixedZone("CST", 8*60*60)
		}
	}
	if o.Location == nil {
		return o.Now
	}
	return o.Now.In(o.Location)
}

// Result is a workbook of vacancies as it was understood.
type Result struct {
	FileHash  string          // SHA-256 of the file, in hex
	Employers int             // different ones among Items, whatever way they are spelt
	Vacancies int             // len(Items)
	Rows      int             // rows of data, those with faults too
	Items     []store.Vacancy // open, in the order of the file; without code and batch
	Faults    []Fault         // in the order of the file
	Doubts    []Doubt         // likewise
}

// fileHash is the SHA-256 of a file in hex, by which the same file is known again.
func fileHash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// ReadBatch reads a workbook of vacancies. name is its file name, for messages. An error is a *words.Refusal and
// comes without a Result; rows with faults are no error.
func ReadBatch(name string, data []byte, o Options) (*Result, error) {
	d := newDictionary(vacancyHeadings())
	b, err := open(name, data, d)
	if err != nil {
		return nil, err
	}
	defer b.close()
	t := &table{words: d}
	v := &vacancyReader{
		now: o.now(), from1904: b.from1904, pay: newPayShapes(), dates: newDateShapes(), digits: regexp.MustCompile(`\d{1,6}`), table: t,
	}
	if err := t.read(name, b, v.read); err != nil {
		return nil, err
	}
	v.sayFilled()
	r := &Result{FileHash: fileHash(data), Vacancies: len(v.items), Rows: t.data, Items: v.items, Faults: t.faults, Doubts: t.doubts}
	ids := employerIDs(v.items)
	seen := map[int]bool{}
	for _, id := range ids {
		seen[id] = true
	}
	r.Employers = len(seen)
	r.Doubts = append(r.Doubts, spellings(v.items, ids)...)
	for _, p := range Duplicates(v.items, nil) {
		r.Doubts = append(r.Doubts, Doubt{Sheet: p.A.Sheet, Row: p.A.Row, Text: words.T("intake.duplicate", p)})
	}
	r.order(b)
	return r, nil
}

// order puts faults and doubts in the order of the file.
func (r *Result) order(b *book) { order(b, r.Faults); order(b, r.Doubts) }

func order(b *book, list []Fault) {
	place := map[string]int{}
	for i, s := range b.sheets {
		place[s.name] = i
	}
	slices.SortStableFunc(list, func(x, y Fault) int {
		if d := place[x.Sheet] - place[y.Sheet]; d != 0 {
			return d
		}
		return x.Row - y.Row
	})
}

// spellings names employers that are written in more than one way.
func spellings(items []store.Vacancy, ids []int) []Doubt {
	first := map[int]string{}
	said := map[string]bool{}
	var out []Doubt
	for i, v := range items {
		name := v.Employer.Zh
		if name == "" {
			continue
		}
		was, ok := first[ids[i]]
		switch {
		case !ok:
			first[ids[i]] = name
		case was != name && !said[name]:
			said[name] = true
			out = append(out, Doubt{Sheet: v.Sheet, Row: v.Row, Text: words.T("intake.employer_spelt", name, was)})
		}
	}
	return out
}

// formulaError tells what a spreadsheet program shows for a formula that failed; Err:508 is LibreOffice's way.
func formulaError(cell string) bool {
	if code, ok := strings.CutPrefix(cell, "Err:"); ok {
		return len(code) == 3
	}
	return strings.HasPrefix(cell, "#") && slices.Contains([]string{"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"}, cell)
}
