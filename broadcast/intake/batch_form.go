package intake

import (
	"bytes"
	"fmt"

	"github.com/xuri/excelize/v2"

	"chunfeng/templates/place"
	"chunfeng/templates/words"
)

// batchFormRows is how far down the form's columns have drop-downs and hints. The bureau's batches have some three hundred
// rows.
const batchFormRows = 2000

// formColumn is one column of the form for vacancies.
type formColumn struct {
	field  Field
	ko     bool // holds the Korean name alone
	hint   string
	sample string
	width  float64
}

// batchColumns are the form's columns, in the order in which a clerk knows the answers. The example is marked as one in
// its first two cells, by which ReadBatch leaves it out.
func batchColumns() []formColumn {
	return []formColumn{
		{Employer, false, "employer", "示例：春风示范食品厂", 28},
		{Employer, true, "employer_ko", "례: 춘풍시범식품공장", 26},
		{Post, false, "post", "包装工", 16},
		{Post, true, "post_ko", "포장공", 16},
		{Headcount, false, "headcount", "5", 8},
		{PayRange, false, "pay", "4000-5000元/月", 18},
		{CountyField, false, "county", "", 12},
		{Place, false, "place", "延吉市示范路1号", 28},
		{Industry, false, "industry", "", 14},
		{Hours, false, "hours", "8:00-17:00", 16},
		{Requirements, false, "requirements", "18-50岁/18-50세", 26},
		{Benefits, false, "benefits", "包午餐/점심 제공", 22},
		{Contact, false, "contact", "金女士", 12},
		{Phone, false, "phone", "13800000000", 18},
		{Expires, false, "expires", "2026-12-31", 14},
	}
}

// title is a column's header: a Chinese and a Korean one that are known, with a star where one is required.
func (c formColumn) title(h Heading) string {
	switch star := map[bool]string{true: " *"}[h.Required && !c.ko]; {
	case c.ko:
		return h.Zh[0] + "（朝文）\n" + h.Ko[0] + "（조선문）"
	default:
		return h.Zh[0] + star + "\n" + h.Ko[0] + star
	}
}

// choices are the values that a column's drop-down offers; all of them are understood, and so is much else.
func (c formColumn) choices(l words.Lang) (out []string) {
	switch c.field {
	case CountyField:
		for _, one := range place.All() {
			out = append(out, one.Full(string(l)))
		}
		out = append(out, map[bool]string{true: "전주", false: "全州"}[l == words.Korean])
	case Industry:
		for _, t := range tagWords() {
			for _, w := range t.words {
				if hasScript(w, isHangul) == (l == words.Korean) {
					out = append(out, w)
					break
				}
			}
		}
	}
	return out
}

// BatchForm makes the workbook that staff fill in with vacancies: headers in Chinese and Korean that ReadBatch knows, an
// example that it names and leaves out, drop-downs, telephone numbers kept as text, and a hint at each column in the
// reader's language.
func BatchForm(l words.Lang) ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	m := &formMaker{f: f, sheet: words.Say(l, "workbook.form_sheet"), lang: l}
	m.keep(f.SetSheetName("Sheet1", m.sheet))
	known := map[Field]Heading{}
	for _, h := range Headers() {
		known[h.Field] = h
	}
	yes, a4, one, asMany, landscape := true, 9, 1, 0, "landscape"
	columns := batchColumns()
	m.styles()
	for i, c := range columns {
		m.column(i+1, c, known[c.field])
	}
	last := m.letter(len(columns))
	m.keep(f.SetCellStr(m.sheet, "A1", words.Say(l, "workbook.form_how")))
	m.keep(f.MergeCell(m.sheet, "A1", last+"1"))
	m.keep(f.SetCellStyle(m.sheet, "A1", last+"1", m.how))
	m.keep(f.SetRowHeight(m.sheet, 1, 24))
	m.keep(f.SetRowHeight(m.sheet, 2, 34))
	// The names stay in view to the left as well: the table is wider than a screen.
	m.keep(f.SetPanes(m.sheet, &excelize.Panes{Freeze: true, XSplit: 1, YSplit: 2, TopLeftCell: "B3", ActivePane: "bottomRight"}))
	m.keep(f.SetSheetProps(m.sheet, &excelize.SheetPropsOptions{FitToPage: &yes}))
	m.keep(f.SetPageLayout(m.sheet, &excelize.PageLayoutOptions{Size: &a4, Orientation: &landscape, FitToWidth: &one, FitToHeight: &asMany}))
	var b bytes.Buffer
	if m.err == nil {
		_, m.err = f.WriteTo(&b)
	}
	return b.Bytes(), m.err
}

// formMaker writes the form and keeps the first error.
type formMaker struct {
	f                     *excelize.File
	sheet                 string
	lang                  words.Lang
	how, head, text, grey int
	days, greyDays        int
	err                   error
}

func (m *formMaker) keep(err error) {
	if m.err == nil {
		m.err = err
	}
}

func (m *formMaker) letter(n int) string {
	s, err := excelize.ColumnNumberToName(n)
	m.keep(err)
	return s
}

func (m *formMaker) style(s excelize.Style) int {
	id, err := m.f.NewStyle(&s)
	m.keep(err)
	return id
}

// textFormat keeps what is typed as it was typed: a long number loses no digit.
const textFormat = 49

func (m *formMaker) styles() {
	day := "yyyy-mm-dd"
	grey := &excelize.Font{Italic: true, Color: "6B7280"}
	m.how = m.style(excelize.Style{NumFmt: textFormat, Alignment: &excelize.Alignment{Vertical: "center"}})
	m.head = m.style(excelize.Style{
		NumFmt: textFormat, Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DDE6F0"}},
		Alignment: &excelize.Alignment{WrapText: true, Vertical: "center", Horizontal: "center"},
		Border:    []excelize.Border{{Type: "bottom", Style: 1, Color: "8A97A6"}, {Type: "right", Style: 1, Color: "C3CCD6"}},
	})
	m.text = m.style(excelize.Style{NumFmt: textFormat, Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}})
	m.days = m.style(excelize.Style{CustomNumFmt: &day})
	m.grey, m.greyDays = m.style(excelize.Style{NumFmt: textFormat, Font: grey}), m.style(excelize.Style{CustomNumFmt: &day, Font: grey})
}

// column writes one column: its header, its example, its form and what helps to fill it in.
func (m *formMaker) column(n int, c formColumn, h Heading) {
	at := m.letter(n)
	cells, grey := m.text, m.grey
	if c.field == Expires {
		cells, grey = m.days, m.greyDays
	}
	sample, choices := c.sample, c.choices(m.lang)
	if sample == "" && len(choices) > 0 {
		sample = choices[0]
	}
	m.keep(m.f.SetColStyle(m.sheet, at, cells))
	m.keep(m.f.SetColWidth(m.sheet, at, at, c.width))
	m.keep(m.f.SetCellStr(m.sheet, at+"2", c.title(h)))
	m.keep(m.f.SetCellStyle(m.sheet, at+"2", at+"2", m.head))
	m.keep(m.f.SetCellStr(m.sheet, at+"3", sample))
	m.keep(m.f.SetCellStyle(m.sheet, at+"3", at+"3", grey))
	v := excelize.NewDataValidation(true)
	v.Sqref = fmt.Sprintf("%s3:%s%d", at, at, batchFormRows)
	name, hint := h.Zh[0]+" · "+h.Ko[0], words.Say(m.lang, "workbook.form_"+c.hint)
	v.SetInput(name, hint)
	// A hint, no lock: other spellings are understood too.
	switch {
	case len(choices) > 0:
		m.keep(v.SetDropList(choices))
		v.SetError(excelize.DataValidationErrorStyleInformation, name, hint)
	case c.field == Headcount:
		m.keep(v.SetRange(1, mostHeads, excelize.DataValidationTypeWhole, excelize.DataValidationOperatorBetween))
		v.SetError(excelize.DataValidationErrorStyleInformation, name, words.Say(m.lang, "workbook.form_not_a_number"))
	}
	m.keep(m.f.AddDataValidation(m.sheet, v))
}
