package intake

import (
	"strings"

	"chunfeng/store"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/unicode/norm"
)

// headerRows is how far down a sheet the header may stand. Title rows above it are few; a table that begins lower is
// more likely another table.
const headerRows = 30

// column is one column whose header is known.
type column struct {
	field Field
	at    int           // from 0
	head  string        // as written
	ko    bool          // its header says that it holds Korean
	unit  store.PayUnit // its header says what pay is for
	times int           // its header says 千元 or 万元: what the numbers are multiplied by; else 1
}

// name is the column as people find it: letter and header.
func (c column) name() string {
	letter, err := excelize.ColumnNumberToName(c.at + 1)
	if err != nil {
		letter = "?"
	}
	if c.head == "" {
		return letter
	}
	return letter + " " + c.head
}

// layout is a sheet's columns by field.
type layout struct {
	columns map[Field][]column
	unknown []column // headers that nobody knows
	known   int
}

// dictionary finds a field by its normalised header.
type dictionary struct {
	fields   map[string]Field
	required []Heading
}

func newDictionary(headings []Heading) dictionary {
	d := dictionary{fields: map[string]Field{}}
	for _, h := range headings {
		if h.Required {
			d.required = append(d.required, h)
		}
		for _, names := range [][]string{h.Zh, h.Ko, h.En} {
			for _, n := range names {
				d.fields[headerKey(n)] = h.Field
			}
		}
	}
	return d
}

// headerKey is a header without what does not matter.
func headerKey(s string) string {
	s = strings.ToLower(norm.NFKC.String(s))
	return strings.Map(func(r rune) rune {
		switch {
		case r <= ' ', r == 0xA0, r == '*', r == ':', r == '·', r == '_', r == '.', r == '、', r == '★', r == '※', r == 0xFEFF, r == 0x200B:
			return -1
		}
		return r
	}, s)
}

// field finds what a header means: whole, without brackets, then by its parts in each language.
func (d dictionary) field(head string) (Field, bool) {
	// A header is a few words; the bound keeps a wall of text from being taken apart.
	if len(head) > 120 {
		return "", false
	}
	whole := norm.NFKC.String(head)
	bare := withoutBrackets(whole)
	tries := []string{whole, bare}
	tries = append(tries, strings.FieldsFunc(bare, func(r rune) bool { return strings.ContainsRune("/|\n,、", r) })...)
	tries = append(tries, onlyScript(bare, isHan), onlyScript(bare, isHangul))
	for _, t := range tries {
		if f, ok := d.fields[headerKey(t)]; ok {
			return f, true
		}
	}
	return "", false
}

// withoutBrackets drops what stands in round or square brackets.
func withoutBrackets(s string) string {
	var b strings.Builder
	depth := 0
	for _, r := range s {
		switch r {
		case '(', '[', '【', '〔':
			depth++
		case ')', ']', '】', '〕':
			depth = max(0, depth-1)
		default:
			if depth == 0 {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

// arrange reads a row as a header.
func (d dictionary) arrange(cells []string) layout {
	l := layout{columns: map[Field][]column{}}
	for i, raw := range cells {
		head := oneLine(raw)
		if head == "" {
			continue
		}
		c := column{at: i, head: head, times: 1}
		f, ok := d.field(raw)
		if !ok {
			l.unknown = append(l.unknown, c)
			continue
		}
		c.field = f
		c.ko = hasScript(head, isHangul) && !hasScript(head, isHan) || strings.ContainsAny(head, "朝鲜韩") || strings.Contains(head, "조선") || strings.Contains(head, "한글")
		c.unit = unitIn(headUnit(head))
		if strings.Contains(head, "千元") || strings.Contains(head, "천원") {
			c.times = 1000
		} else if strings.Contains(head, "万元") || strings.Contains(head, "만원") {
			c.times = 10000
		}
		l.columns[f] = append(l.columns[f], c)
		l.known++
	}
	l.settleTreatment()
	return l
}

// settleTreatment decides what 待遇 and 대우 mean here.
func (l *layout) settleTreatment() {
	cs := l.columns[treatment]
	if len(cs) == 0 {
		return
	}
	delete(l.columns, treatment)
	f := PayRange
	if len(l.columns[PayRange])+len(l.columns[PayMin]) > 0 {
		f = Benefits
	}
	for i := range cs {
		cs[i].field = f
	}
	l.columns[f] = append(l.columns[f], cs...)
}

// missing lists the required fields that the layout lacks.
func (d dictionary) missing(l layout) []Heading {
	var out []Heading
	for _, h := range d.required {
		if len(l.columns[h.Field]) == 0 {
			out = append(out, h)
		}
	}
	return out
}

// repeats tells whether a row below the header is a second row of it, or the header printed again: everything in it
// is a header.
func (d dictionary) repeats(cells []string) bool {
	seen := 0
	for _, c := range cells {
		if strings.TrimSpace(c) == "" {
			continue
		}
		if _, ok := d.field(c); !ok {
			return false
		}
		seen++
	}
	return seen >= 2
}

// deepen takes a second header row into the layout: below a header that spans several columns its cells say more.
func (d dictionary) deepen(l layout, cells []string) layout {
	below := d.arrange(cells)
	taken := map[int]Field{}
	for f, cs := range l.columns {
		for _, c := range cs {
			taken[c.at] = f
		}
	}
	for f, cs := range below.columns {
		for _, c := range cs {
			was, ok := taken[c.at]
			if ok && was == f {
				continue
			}
			if ok {
				l.drop(was, c.at)
			} else {
				l.known++
			}
			l.columns[f] = append(l.columns[f], c)
		}
	}
	kept := l.unknown[:0]
	for _, u := range l.unknown {
		if !below.has(u.at) {
			kept = append(kept, u)
		}
	}
	l.unknown = kept
	return l
}

func (l *layout) drop(f Field, at int) {
	var kept []column
	for _, c := range l.columns[f] {
		if c.at != at {
			kept = append(kept, c)
		}
	}
	l.columns[f] = kept
}

func (l layout) has(at int) bool {
	for _, cs := range l.columns {
		for _, c := range cs {
			if c.at == at {
				return true
			}
		}
	}
	return false
}
