package intake

import (
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"chunfeng/templates/words"
)

// markWriter marks an open workbook.
type markWriter struct {
	f      *excelize.File
	lang   words.Lang
	styles map[restyle]int
}

// restyle is a style with another fill.
type restyle struct {
	style int
	fill  string
}

// forget takes away what an earlier Mark put into the workbook: its comments, its colours and its report.
func (w *markWriter) forget() error {
	for _, sheet := range w.f.GetSheetList() {
		if title, err := w.f.GetCellValue(sheet, "A1"); err == nil && reportTitle(title) {
			if err := w.f.DeleteSheet(sheet); err != nil {
				return err
			}
			continue
		}
		comments, err := w.f.GetComments(sheet)
		if err != nil {
			return err
		}
		for _, c := range comments {
			if c.Author != markAuthor {
				continue
			}
			if err := w.f.DeleteComment(sheet, c.Cell); err != nil {
				return err
			}
			if err := w.fill(sheet, c.Cell, noFill); err != nil {
				return err
			}
		}
	}
	return nil
}

// write marks the cells.
func (w *markWriter) write(m marks) error {
	for _, sheet := range m.sheets() {
		comments, err := w.f.GetComments(sheet)
		if err != nil {
			return err
		}
		before := map[string]string{}
		for _, c := range comments {
			before[c.Cell] = noted(c)
		}
		for _, one := range m.list {
			if one.sheet != sheet {
				continue
			}
			fill := doubtFill
			if one.fault {
				fill = faultFill
			}
			if err := w.fill(sheet, one.cell, fill); err != nil {
				return err
			}
			text := strings.Join(one.texts, "\n")
			if was := before[one.cell]; was != "" {
				// What somebody else noted there stays.
				if err := w.f.DeleteComment(sheet, one.cell); err != nil {
					return err
				}
				text += "\n" + was
			}
			lines := len([]rune(text))/20 + strings.Count(text, "\n") + 2
			if err := w.f.AddComment(sheet, excelize.Comment{
				Author: markAuthor, Cell: one.cell, Text: text, Width: 280, Height: uint(min(20*lines, 400)),
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// noted is the text of a comment, in one or in parts.
func noted(c excelize.Comment) string {
	text := c.Text
	for _, p := range c.Paragraph {
		text += p.Text
	}
	return strings.TrimSpace(text)
}

// fill colours a cell and leaves the rest of its look. noFill takes away only the colours of marks.
func (w *markWriter) fill(sheet, cell, colour string) error {
	id, err := w.f.GetCellStyle(sheet, cell)
	if err != nil {
		return err
	}
	k := restyle{id, colour}
	to, ok := w.styles[k]
	if !ok {
		s, err := w.f.GetStyle(id)
		if err != nil {
			return err
		}
		marked := len(s.Fill.Color) > 0 && (strings.HasSuffix(s.Fill.Color[0], faultFill) || strings.HasSuffix(s.Fill.Color[0], doubtFill))
		switch {
		case colour != noFill:
			s.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
		case marked:
			s.Fill = excelize.Fill{}
		}
		if to, err = w.f.NewStyle(s); err != nil {
			return err
		}
		w.styles[k] = to
	}
	return w.f.SetCellStyle(sheet, cell, cell, to)
}

// report adds the sheet that lists everything, each place a link.
func (w *markWriter) report(m marks, copied bool) error {
	sheet := w.title()
	if _, err := w.f.NewSheet(sheet); err != nil {
		return err
	}
	t := &formMaker{f: w.f, sheet: sheet, lang: w.lang}
	t.styles()
	link := t.style(excelize.Style{NumFmt: textFormat, Font: &excelize.Font{Color: "0A4F8A", Underline: "single"}})
	say := func(key string, args ...any) string { return words.Say(w.lang, "workbook."+key, args...) }
	n := 0
	line := func(style int, cells ...string) {
		n++
		for i, c := range cells {
			at := fmt.Sprintf("%s%d", t.letter(i+1), n)
			t.keep(w.f.SetCellStr(sheet, at, c))
			t.keep(w.f.SetCellStyle(sheet, at, at, style))
		}
	}
	line(t.how, say("report_title"))
	line(t.how, say("report_counts", len(m.faults), len(m.doubts)))
	if m.left {
		line(t.how, say("report_unmarked", mostMarks))
	}
	if copied {
		line(t.how, say("report_copied"))
	}
	line(t.head, say("col_what"), say("col_sheet"), say("col_row"), say("col_column"), say("col_message"))
	head := n
	for i, list := range [][]Fault{m.faults, m.doubts} {
		for _, f := range list {
			row := ""
			if f.Row > 0 {
				row = fmt.Sprint(f.Row)
			}
			line(t.text, []string{"✕ ", "! "}[i]+say([]string{"fault", "doubt"}[i]), f.Sheet, row, f.Column, f.Text.In(w.lang))
			if f.Row < 1 || n > mostMarks {
				continue
			}
			on, at := f.Sheet, fmt.Sprintf("C%d", n)
			if on == "" {
				on = "Sheet1"
			}
			letter, _, _ := strings.Cut(f.Column, " ")
			if letter == "" {
				letter = "A"
			}
			t.keep(w.f.SetCellHyperLink(sheet, at, fmt.Sprintf("'%s'!%s%d", strings.ReplaceAll(on, "'", "''"), letter, f.Row), "Location"))
			t.keep(w.f.SetCellStyle(sheet, at, at, link))
		}
	}
	for i, width := range []float64{12, 16, 8, 20, 80} {
		t.keep(w.f.SetColWidth(sheet, t.letter(i+1), t.letter(i+1), width))
	}
	t.keep(w.f.SetPanes(sheet, &excelize.Panes{Freeze: true, YSplit: head, TopLeftCell: fmt.Sprintf("A%d", head+1), ActivePane: "bottomLeft"}))
	return t.err
}

// title is a name for the report that no sheet has.
func (w *markWriter) title() string {
	name := words.Say(w.lang, "workbook.report_sheet")
	for n := 2; ; n++ {
		if i, err := w.f.GetSheetIndex(name); err != nil || i < 0 {
			return name
		}
		name = fmt.Sprintf("%s %d", words.Say(w.lang, "workbook.report_sheet"), n)
	}
}

// reportTitle tells that a cell is the title of a report.
func reportTitle(cell string) bool {
	for _, l := range words.Languages() {
		if strings.TrimSpace(cell) == words.Say(l, "workbook.report_title") {
			return true
		}
	}
	return false
}
