package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/xuri/excelize/v2"

	"chunfeng/templates/words"
)

// Form is a form of file, named as its ending without the dot.
type Form string

// The forms in which tables are written.
const (
	CSV  Form = "csv"  // UTF-8 with a byte order mark, as spreadsheet programs want it, and lines that end in CR LF
	XLSX Form = "xlsx" // one sheet, every cell text, the header in view while one scrolls
)

// ParseForm takes the name of a form in any case; any other is a Usage refusal.
func ParseForm(name string) (Form, error) {
	switch f := Form(strings.ToLower(name)); f {
	case CSV, XLSX:
		return f, nil
	}
	return "", words.Refuse("report.form", name).Of(words.Usage)
}

// MediaType is the form's type on the web.
func (f Form) MediaType() string {
	if f == XLSX {
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "text/csv; charset=utf-8"
}

// Rows are the rows of a table, the first one its header. A pair with an error ends the table.
type Rows = iter.Seq2[[]string, error]

// WriteTable writes a table. sheet names the sheet of a workbook; empty is "Sheet1".
func WriteTable(w io.Writer, form Form, sheet string, rows Rows) error {
	if form == XLSX {
		return writeXLSX(w, sheet, rows)
	}
	return writeCSV(w, rows)
}

func writeCSV(w io.Writer, rows Rows) error {
	if _, err := io.WriteString(w, "\uFEFF"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	for r, err := range rows {
		if err != nil {
			return err
		}
		safe := make([]string, len(r))
		for i, v := range r {
			safe[i] = plain(v)
		}
		if err := out.Write(safe); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// plain puts an apostrophe before what a spreadsheet program would run as a formula, and a mark in the place of what would turn
// the direction of a row: the text came from strangers.
func plain(v string) string {
	v = words.Legible(v)
	if v != "" && strings.ContainsRune("=+-@\t\r", rune(v[0])) {
		return "'" + v
	}
	return v
}

// widest is how wide a column is made at most, in characters, and narrowest at least.
const (
	widest    = 48
	narrowest = 9
)

// looked is how many rows decide how wide the columns are.
const looked = 100

func writeXLSX(w io.Writer, sheet string, rows Rows) error {
	f := excelize.NewFile()
	defer f.Close()
	if sheet == "" {
		sheet = "Sheet1"
	}
	if err := f.SetSheetName("Sheet1", sheet); err != nil {
		return err
	}
	out, err := f.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	text, err := f.NewStyle(&excelize.Style{NumFmt: 49}) // "@": text, so that a long number is not rounded
	if err != nil {
		return err
	}
	head, err := f.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DDE6F0"}}})
	if err != nil {
		return err
	}
	t := &workbookTable{out: out, text: text, head: head}
	for r, err := range rows {
		if err == nil {
			err = t.add(r)
		}
		if err != nil {
			return err
		}
	}
	if err := t.begin(); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	_, err = f.WriteTo(w)
	return err
}

// workbookTable holds the first rows back until it knows how wide the columns must be, which the format wants first.
type workbookTable struct {
	out        *excelize.StreamWriter
	text, head int
	waiting    [][]string
	begun      bool
	n          int
}

func (t *workbookTable) add(r []string) error {
	if t.begun {
		return t.write(r)
	}
	if t.waiting = append(t.waiting, r); len(t.waiting) < looked {
		return nil
	}
	return t.begin()
}

func (t *workbookTable) begin() error {
	if t.begun {
		return nil
	}
	t.begun = true
	var widths []int
	for _, r := range t.waiting {
		for i, v := range r {
			if i == len(widths) {
				widths = append(widths, narrowest)
			}
			widths[i] = min(max(widths[i], breadth(v)+2), widest)
		}
	}
	for i, n := range widths {
		if err := t.out.SetColWidth(i+1, i+1, float64(n)); err != nil {
			return err
		}
	}
	if err := t.out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	for _, r := range t.waiting {
		if err := t.write(r); err != nil {
			return err
		}
	}
	t.waiting = nil
	return nil
}

func (t *workbookTable) write(r []string) error {
	t.n++
	style := t.text
	if t.n == 1 {
		style = t.head
	}
	cells := make([]any, len(r))
	for i, v := range r {
		// A string cell is never a formula in this format; the apostrophe guards who saves it as CSV.
		cells[i] = excelize.Cell{StyleID: style, Value: plain(v)}
	}
	return t.out.SetRow(fmt.Sprintf("A%d", t.n), cells)
}

// breadth is how much room a text takes: Chinese and Hangul take two columns.
func breadth(s string) (n int) {
	for _, r := range s {
		if n++; r >= 0x1100 {
			n++
		}
	}
	return n
}
