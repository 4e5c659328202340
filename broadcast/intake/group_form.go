package intake

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/xuri/excelize/v2"

	"chunfeng/templates/place"
	"chunfeng/templates/words"
)

// formRows is how many rows of a form have drop-downs: more than the prefecture has groups.
const formRows = 5000

// GroupForm makes the workbook that staff fill in with a registry of groups: headers in Chinese and Korean that ReadGroups
// knows, an example that it leaves out, drop-downs and a hint at each column, in the reader's language.
func GroupForm(l words.Lang) ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	sheet := words.Say(l, "intake.form_groups_sheet")
	if err := f.SetSheetName("Sheet1", sheet); err != nil {
		return nil, err
	}
	text, err := f.NewStyle(&excelize.Style{NumFmt: 49, Alignment: &excelize.Alignment{Vertical: "center"}})
	if err != nil {
		return nil, err
	}
	head, err := f.NewStyle(&excelize.Style{
		NumFmt: 49, Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DDE6F0"}},
		Alignment: &excelize.Alignment{WrapText: true, Vertical: "center", Horizontal: "center"},
	})
	if err != nil {
		return nil, err
	}
	grey, err := f.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Italic: true, Color: "6B7280"}})
	if err != nil {
		return nil, err
	}
	n := 0
	for _, h := range GroupHeaders() {
		hint := "intake.form_group_" + string(h.Field)
		if h.Field == Unread {
			continue
		}
		n++
		letter, err := excelize.ColumnNumberToName(n)
		if err != nil {
			return nil, err
		}
		title := h.Zh[0] + "\n" + h.Ko[0]
		if h.Required {
			title = h.Zh[0] + " *\n" + h.Ko[0] + " *"
		}
		for _, step := range []func() error{
			func() error { return f.SetColStyle(sheet, letter, text) },
			func() error { return f.SetColWidth(sheet, letter, letter, float64(formWidth(h.Field))) },
			func() error { return f.SetCellStr(sheet, letter+"1", title) },
			func() error { return f.SetCellStyle(sheet, letter+"1", letter+"1", head) },
			func() error { return f.SetCellStr(sheet, letter+"2", words.Say(l, hint+"_example")) },
			func() error { return f.SetCellStyle(sheet, letter+"2", letter+"2", grey) },
		} {
			if err := step(); err != nil {
				return nil, err
			}
		}
		v := excelize.NewDataValidation(true)
		v.Sqref = fmt.Sprintf("%s2:%s%d", letter, letter, formRows)
		v.SetInput(h.Zh[0]+" · "+h.Ko[0], words.Say(l, hint))
		if choices := formChoices(h.Field, l); len(choices) > 0 {
			if err := v.SetDropList(choices); err != nil {
				return nil, err
			}
			// Other spellings are understood too: a hint, no lock.
			v.SetError(excelize.DataValidationErrorStyleInformation, h.Zh[0]+" · "+h.Ko[0], words.Say(l, hint))
		}
		if err := f.AddDataValidation(sheet, v); err != nil {
			return nil, err
		}
	}
	if err := f.SetRowHeight(sheet, 1, 34); err != nil {
		return nil, err
	}
	if err := f.SetPanes(sheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// formWidth is how wide a column of the form is, in characters.
func formWidth(f Field) int {
	switch f {
	case Name:
		return 36
	case TagsField:
		return 24
	}
	return 16
}

// formChoices are the values that a column's drop-down offers.
func formChoices(f Field, l words.Lang) (out []string) {
	switch f {
	case CountyField:
		for _, c := range place.All() {
			out = append(out, c.Full(string(l)))
		}
	case Kind:
		if out = []string{"城镇", "农村"}; l == words.Korean {
			out = []string{"도시", "농촌"}
		}
	case Language:
		if out = []string{"汉语", "朝鲜语", "双语"}; l == words.Korean {
			out = []string{"한어", "조선어", "쌍어"}
		}
	}
	return slices.Clip(out)
}
