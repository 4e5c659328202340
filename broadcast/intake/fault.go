package intake

import (
	"fmt"

	"chunfeng/templates/words"
)

// Fault is something wrong in one place of a file: its row was not taken.
type Fault struct {
	Sheet  string // as the workbook calls it; "" in a CSV file
	Row    int    // from 1, as a spreadsheet program shows it; 0: the whole sheet
	Column string // its letter and its header: "C 岗位"; "": the whole row
	Text   words.Text
}

// Doubt has the form of a Fault, but what it is about was taken, or left out on purpose.
type Doubt = Fault

// In says the place and the fault in the reader's language.
func (f Fault) In(l words.Lang) string {
	said := f.Text.In(l)
	switch {
	case f.Row > 0 && f.Column != "":
		said = words.Say(l, "intake.at_cell", f.Row, f.Column, said)
	case f.Row > 0:
		said = words.Say(l, "intake.at_row", f.Row, said)
	}
	if f.Sheet != "" {
		said = words.Say(l, "intake.at_sheet", f.Sheet, said)
	}
	return said
}

// String says the fault in English, for logs.
func (f Fault) String() string { return f.In(words.English) }

// rowsText says a few row numbers and how many more there are.
type rowsText []int

// In implements words.Localised.
func (r rowsText) In(l words.Lang) string {
	const most = 8
	s := ""
	for i, n := range r {
		if i == most {
			return s + " " + words.Say(l, "words.and_more", len(r)-most)
		}
		if i > 0 {
			s += ", "
		}
		s += fmt.Sprint(n)
	}
	return s
}
