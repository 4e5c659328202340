package intake

import (
	"strings"

	"chunfeng/templates/words"

	"golang.org/x/text/unicode/norm"
)

// line is a row of data with the layout of its sheet.
type line struct {
	row
	sheet  string
	layout *layout
	gap    bool         // a blank row, or the header, stands before it
	merged map[int]bool // columns whose cell belongs to a merged range of several rows
	about  string       // the sheet's name and its titles
}

// get answers the first cell of a field that is not empty, and its column.
func (l *line) get(f Field) (string, column) {
	cs := l.layout.columns[f]
	for _, c := range cs {
		if s := l.cell(c); s != "" {
			return s, c
		}
	}
	if len(cs) > 0 {
		return "", cs[0]
	}
	return "", column{}
}

func (l *line) cell(c column) string {
	if c.at >= len(l.cells) {
		return ""
	}
	return strings.TrimSpace(l.cells[c.at])
}

// table reads every sheet of a book: finds its header, then hands over its rows of data. found is what it has to say
// about sheets and rows that are not data.
type table struct {
	words   dictionary
	faults  []Fault
	doubts  []Doubt
	headers int // sheets that have one
	seen    int // rows that are not blank, in the whole file
	data    int // rows handed over
	best    layout
}

// read walks a book. row gets each row of data; a refusal ends everything.
func (t *table) read(name string, b *book, data func(*line)) error {
	var without []Fault
	for _, s := range b.sheets {
		if s.hidden {
			t.doubts = append(t.doubts, Doubt{Sheet: s.name, Text: words.T("intake.sheet_hidden")})
			continue
		}
		best, rows, err := t.readSheet(name, s, data)
		if err != nil {
			return err
		}
		if rows == 0 {
			continue
		}
		if best != nil {
			if best.known > t.best.known {
				t.best = *best
			}
			without = append(without, Fault{Sheet: s.name, Text: words.T("intake.sheet_no_header", fieldNames(t.words.missing(*best)))})
			// Three known headers are no accident: this sheet was meant to be read.
			if best.known >= 3 {
				t.faults = append(t.faults, without[len(without)-1])
			} else {
				t.doubts = append(t.doubts, without[len(without)-1])
			}
		}
	}
	if t.headers == 0 {
		return words.Refuse("intake.no_header", shown(name), fieldNames(t.words.missing(t.best)))
	}
	if t.data == 0 {
		return words.Refuse("intake.no_rows", shown(name))
	}
	return nil
}

// readSheet answers the best that could be made of a sheet without a header, or nil when it has one, and how many rows
// that are not blank it has.
func (t *table) readSheet(name string, s sheet, data func(*line)) (best *layout, rows int, err error) {
	var (
		fills           = newFiller(s.spans)
		head            *layout
		previous        *layout
		about           = s.name
		last            int
		deep            bool
		hidden, example rowsText
		notes           rowsText
		over, ours      bool
	)
	best = &layout{}
	err = s.each(func(r row) bool {
		rows++
		if rows == 1 && reportTitle(firstCell(r.cells)) {
			ours = true
			return false
		}
		t.seen++
		if over = t.seen > MaxRows+spareRows; over {
			return false
		}
		merged := fills.fill(&r)
		if head == nil {
			l := t.words.arrange(r.cells)
			if l.known < 2 || len(t.words.missing(l)) > 0 {
				if previous != nil && previous.known > 0 && last == r.n-1 {
					if both := t.words.deepen(previous.clone(), r.cells); both.known > 1 && len(t.words.missing(both)) == 0 {
						l = both
					}
				}
			}
			last = r.n
			if l.known >= 2 && len(t.words.missing(l)) == 0 {
				head, best, deep = &l, nil, true
				t.headers++
				return true
			}
			if l.known > best.known {
				best = &l
			}
			if len(about) < 400 {
				about += " " + firstCell(r.cells)
			}
			previous = &l
			return rows < headerRows
		}
		gap := r.n > last+1
		below := deep && !gap
		last, deep = r.n, false
		switch {
		case t.words.repeats(r.cells):
			if below {
				l := t.words.deepen(*head, r.cells)
				head = &l
				deep = true
			}
			return true
		case r.hidden:
			hidden = append(hidden, r.n)
			return true
		case s.spans.heading(r) || total(r.cells):
			return true
		case remark(r.cells):
			notes = append(notes, r.n)
			return true
		case sample(r.cells):
			example = append(example, r.n)
			return true
		}
		t.data++
		if over = t.data > MaxRows; over {
			return false
		}
		data(&line{row: r, sheet: s.name, layout: head, gap: gap, merged: merged, about: about})
		return true
	})
	if err == nil && over {
		err = words.Refuse("intake.too_many_rows", shown(name), MaxRows)
	}
	if err != nil || ours {
		return nil, 0, err
	}
	if len(hidden) > 0 {
		t.doubts = append(t.doubts, Doubt{Sheet: s.name, Text: words.T("intake.rows_hidden", hidden)})
	}
	if len(example) > 0 {
		t.doubts = append(t.doubts, Doubt{Sheet: s.name, Text: words.T("intake.rows_example", example)})
	}
	if len(notes) > 0 {
		t.doubts = append(t.doubts, Doubt{Sheet: s.name, Text: words.T("intake.rows_note", notes)})
	}
	if head != nil && len(head.unknown) > 0 {
		var names []string
		for _, c := range head.unknown[:min(len(head.unknown), 12)] {
			names = append(names, c.name())
		}
		t.doubts = append(t.doubts, Doubt{Sheet: s.name, Text: words.T("intake.columns_unknown", strings.Join(names, "; "))})
	}
	return best, rows, nil
}

// clone copies a layout so that a trial does not change it.
func (l layout) clone() layout {
	out := layout{columns: map[Field][]column{}, known: l.known, unknown: append([]column{}, l.unknown...)}
	for f, cs := range l.columns {
		out.columns[f] = append([]column{}, cs...)
	}
	return out
}

// fieldNames says the first name of each field in the reader's language.
type fieldNames []Heading

// In implements words.Localised.
func (f fieldNames) In(l words.Lang) string {
	var out []string
	for _, h := range f {
		switch l {
		case words.Korean:
			out = append(out, h.Ko[0])
		case words.Chinese:
			out = append(out, h.Zh[0])
		default:
			out = append(out, h.En[0])
		}
	}
	return strings.Join(out, ", ")
}

func firstCell(cells []string) string {
	for _, c := range cells {
		if c = oneLine(c); c != "" {
			if r := []rune(c); len(r) > 80 {
				return string(r[:80])
			}
			return c
		}
	}
	return ""
}

// heading tells that a row is one cell spread over several columns: a section's title or a note.
func (s *spans) heading(r row) bool {
	return s != nil && s.wide[r.n] >= 3 && filled(r.cells) == 1
}

func filled(cells []string) (n int) {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			n++
		}
	}
	return n
}

// total tells that a row sums the rows above it.
func total(cells []string) bool {
	s := strings.ToLower(strings.Join(strings.Fields(norm.NFKC.String(firstCell(cells))), ""))
	for _, w := range []string{"合计", "总计", "小计", "共计", "累计", "합계", "총계", "소계", "total", "subtotal", "sum"} {
		rest, ok := strings.CutPrefix(s, w)
		if !ok {
			continue
		}
		// 合计, 合计:, 合计167个, 合计/합계 – but not a firm whose name begins so (总计算机店).
		rest = strings.TrimLeft(rest, ":/(")
		if rest == "" || rest[0] >= '0' && rest[0] <= '9' || strings.HasPrefix(rest, "합계") || strings.HasPrefix(rest, "合计") || strings.HasPrefix(rest, "total") {
			return true
		}
	}
	return s == "계" || s == "계:" || s == "合" || s == "总"
}

// remark tells that a row with one cell only is a note or a section's title.
func remark(cells []string) bool {
	if filled(cells) != 1 {
		return false
	}
	s := norm.NFKC.String(firstCell(cells))
	if strings.HasPrefix(s, "※") || strings.HasPrefix(s, "*") || len([]rune(s)) > 60 {
		return true
	}
	for _, w := range []string{"注", "备注", "说明", "填表说明", "填报单位", "填表人", "制表人", "审核人", "联系人", "비고", "주", "주의", "참고", "작성자", "note", "Note", "NOTE"} {
		// 注: and 注1 are notes, 注塑工 is a trade.
		if rest, ok := strings.CutPrefix(s, w); ok && (rest == "" || strings.IndexAny(rest, ":1234567890.)") == 0) {
			return true
		}
	}
	// 一、制造业 is a section's title where cells are not merged, as in a CSV file.
	head, _, ok := strings.Cut(s, "、")
	return ok && head != "" && strings.Trim(head, "一二三四五六七八九十") == ""
}

// sample tells that a row shows how to fill the form.
func sample(cells []string) bool {
	looked := 0
	for _, c := range cells {
		if c = norm.NFKC.String(strings.TrimSpace(c)); c == "" {
			continue
		}
		for _, w := range []string{"例:", "例)", "(例)", "示例", "样例", "范例", "举例", "예:", "예)", "(예)", "예시", "례:", "례)", "례시", "(례)", "example", "Example", "e.g."} {
			if strings.HasPrefix(c, w) {
				return true
			}
		}
		if c == "例" || c == "예" || c == "례" {
			return true
		}
		if looked++; looked == 2 {
			return false
		}
	}
	return false
}
