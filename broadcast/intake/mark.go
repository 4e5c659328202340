package intake

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"chunfeng/templates/words"
)

// How much is marked. A sheet is loaded whole to be marked, at some 300 bytes a cell.
const (
	mostMarks     = 2_000   // marked cells; the report lists all faults
	mostMarkCells = 400_000 // of the sheets that are marked, the empty ones to the left of others too
	mostMarkRows  = 60_000  // of a sheet
)

// The colours of marked cells; a mark also says in words what it is.
const (
	faultFill = "FFC7CE"
	doubtFill = "FFEB9C"
	noFill    = ""
)

// markAuthor signs the comments, by which an earlier copy's are known again.
const markAuthor = "chunfeng"

// Mark answers a workbook with its faults and doubts in their places: each cell coloured and with a comment, and a sheet
// that lists them all, in the reader's language. The result is always .xlsx. A workbook that was marked before loses the
// marks of that time. What is no plain .xlsx (text, macros, a sheet that nobody's program writes) is written anew, values
// only, as text. A *words.Refusal is for what ReadBatch refuses, and for more cells than can be marked.
//
// The faults' places must be those of this file, as ReadBatch told them.
func Mark(name string, data []byte, l words.Lang, faults, doubts []Fault) ([]byte, error) {
	marks := gather(l, faults, doubts)
	if out, err := markItself(data, l, marks); err == nil {
		return out, nil
	}
	return markCopy(name, data, l, marks)
}

// mark is what is said of one cell.
type mark struct {
	sheet string
	cell  string // "C7"
	fault bool   // else only doubts
	texts []string
}

// marks are all marks, and what they were gathered from.
type marks struct {
	faults, doubts []Fault
	list           []*mark // in the order of the faults, then of the doubts
	left           bool    // there were more than are marked
}

// gather puts what is said of one cell together. What is about a whole row is said at its first cell; what is about a
// sheet stands in the report alone.
func gather(l words.Lang, faults, doubts []Fault) marks {
	m := marks{faults: faults, doubts: doubts}
	at := map[[2]string]*mark{}
	for i, list := range [][]Fault{faults, doubts} {
		for _, f := range list {
			if f.Row < 1 || f.Row > excelize.TotalRows {
				continue
			}
			letter, _, _ := strings.Cut(f.Column, " ")
			if _, err := excelize.ColumnNameToNumber(letter); err != nil {
				letter = "A"
			}
			k := [2]string{f.Sheet, fmt.Sprintf("%s%d", letter, f.Row)}
			one := at[k]
			if one == nil {
				if m.left = len(m.list) == mostMarks; m.left {
					break
				}
				one = &mark{sheet: k[0], cell: k[1]}
				at[k] = one
				m.list = append(m.list, one)
			}
			one.fault = one.fault || i == 0
			one.texts = append(one.texts, []string{"✕ ", "! "}[i]+words.Say(l, []string{"workbook.fault", "workbook.doubt"}[i])+": "+f.Text.In(l))
		}
	}
	return m
}

// sheets lists the sheets with marks.
func (m marks) sheets() (out []string) {
	for _, one := range m.list {
		if !slices.Contains(out, one.sheet) {
			out = append(out, one.sheet)
		}
	}
	return out
}

// errUnmarkable is a workbook that is not marked itself.
var errUnmarkable = errors.New("not a workbook that can be marked itself")

// markItself marks the file that was given.
func markItself(data []byte, l words.Lang, m marks) (out []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errUnmarkable, p)
		}
	}()
	if !bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		return nil, errUnmarkable
	}
	if _, err := inspect("", data); err != nil {
		return nil, err
	}
	if err := markable(data); err != nil {
		return nil, err
	}
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true, UnzipSizeLimit: maxUnzip, UnzipXMLSizeLimit: maxUnzip})
	if err != nil {
		return nil, err
	}
	defer f.Close()
	w := &markWriter{f: f, lang: l, styles: map[restyle]int{}}
	if err := errors.Join(w.forget(), w.write(m), w.report(m, false)); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	_, err = f.WriteTo(&b)
	return b.Bytes(), err
}

// markCopy writes the values into a new workbook and marks that.
func markCopy(name string, data []byte, l words.Lang, m marks) ([]byte, error) {
	b, err := open(name, data, newDictionary(vacancyHeadings()))
	if err != nil {
		return nil, err
	}
	defer b.close()
	f := excelize.NewFile()
	defer f.Close()
	text, err := f.NewStyle(&excelize.Style{NumFmt: textFormat})
	if err != nil {
		return nil, err
	}
	cells := 0
	for i, s := range b.sheets {
		title := s.name
		if title == "" {
			title = "Sheet1" // text has no sheets; its faults name none
		}
		if i == 0 {
			err = f.SetSheetName("Sheet1", title)
		} else {
			_, err = f.NewSheet(title)
		}
		if err == nil && s.hidden {
			err = f.SetSheetVisible(title, false)
		}
		if err != nil {
			return nil, words.Refuse("workbook.too_large_to_mark", shown(name)).Because(err)
		}
		var failed error
		err = s.each(func(r row) bool {
			if cells += len(r.cells); cells > mostMarkCells || r.n > mostMarkRows {
				failed = words.Refuse("workbook.too_large_to_mark", shown(name))
				return false
			}
			failed = copyRow(f, title, r, text)
			return failed == nil
		})
		if err = errors.Join(err, failed); err != nil {
			return nil, err
		}
	}
	for _, one := range m.list {
		if one.sheet == "" {
			one.sheet = "Sheet1"
		}
	}
	w := &markWriter{f: f, lang: l, styles: map[restyle]int{}}
	if err := errors.Join(w.write(m), w.report(m, true)); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	_, err = f.WriteTo(&out)
	return out.Bytes(), err
}

// copyRow writes a row's values as text: what begins with = is no formula there.
func copyRow(f *excelize.File, sheet string, r row, text int) error {
	for i, v := range r.cells {
		if v == "" {
			continue
		}
		at, err := excelize.CoordinatesToCellName(i+1, r.n)
		if err == nil {
			err = errors.Join(f.SetCellStr(sheet, at, clean(v)), f.SetCellStyle(sheet, at, at, text))
		}
		if err != nil {
			return err
		}
	}
	if r.hidden {
		return f.SetRowVisible(sheet, r.n, false)
	}
	return nil
}
