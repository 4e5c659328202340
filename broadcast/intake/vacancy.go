package intake

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// vacancyReader turns rows into vacancies. It remembers the employer above, whose cells may be merged or left out.
type vacancyReader struct {
	now      time.Time
	from1904 bool
	pay      payShapes
	dates    dateShapes
	digits   *regexp.Regexp
	table    *table
	items    []store.Vacancy

	sheet  string
	above  map[int]string // the cells of the employer's own columns in the row that named it; nil: none
	filled map[string]rowsText
	sheets []string // of filled, in order
}

// employersOwn are the fields that belong to an employer rather than to a post.
func employersOwn() []Field {
	return []Field{Employer, CountyField, Place, Industry, Contact, Phone}
}

func (v *vacancyReader) read(l *line) {
	if l.sheet != v.sheet {
		v.sheet, v.above = l.sheet, nil
	}
	if !v.sound(l) {
		return
	}
	v.inherit(l)
	employer, post := v.both(l, Employer), v.both(l, Post)
	if empty(employer) {
		v.fault(l, Employer, "intake.employer_missing")
	}
	if empty(post) {
		v.fault(l, Post, "intake.post_missing")
	}
	if empty(employer) || empty(post) {
		return
	}
	one := store.Vacancy{
		Sheet: l.sheet, Row: l.n, Employer: employer, Post: post, State: store.VacancyOpen,
		Place: v.both(l, Place), Industry: v.both(l, Industry), Hours: v.both(l, Hours), Benefits: v.both(l, Benefits),
		Requirements: v.requirements(l), Pay: v.readPay(l),
	}
	one.Headcount = v.headcount(l)
	one.County = v.county(l, one)
	one.Expires = v.expires(l)
	v.reach(l, &one)
	v.tags(l, &one)
	v.items = append(v.items, one)
}

// sound tells that no cell makes the whole row unfit.
func (v *vacancyReader) sound(l *line) bool {
	ok := true
	for f, cs := range l.layout.columns {
		for _, c := range cs {
			s := l.cell(c)
			switch {
			case f == Unread:
			case utf8.RuneCountInString(s) > longest:
				v.table.faults = append(v.table.faults, Fault{l.sheet, l.n, c.name(), words.T("intake.cell_too_long", longest)})
				ok = false
			case formulaError(s):
				v.table.faults = append(v.table.faults, Fault{l.sheet, l.n, c.name(), words.T("intake.formula_error", s)})
				ok = false
			}
		}
	}
	return ok
}

// inherit gives a row that names no employer, or whose employer's cell is merged with the one above, that employer's
// own cells.
func (v *vacancyReader) inherit(l *line) {
	named, merged := false, false
	for _, c := range l.layout.columns[Employer] {
		named = named || l.cell(c) != ""
		merged = merged || l.merged[c.at]
	}
	if l.gap && !merged {
		v.above = nil
	}
	same := named && merged && v.above != nil
	for _, c := range l.layout.columns[Employer] {
		same = same && clean(v.above[c.at]) == clean(l.cell(c))
	}
	if named && !same {
		v.above = map[int]string{}
		for _, f := range employersOwn() {
			for _, c := range l.layout.columns[f] {
				v.above[c.at] = l.cell(c)
			}
		}
		return
	}
	if v.above == nil {
		return
	}
	if !named {
		if v.filled == nil {
			v.filled = map[string]rowsText{}
		}
		if v.filled[l.sheet] == nil {
			v.sheets = append(v.sheets, l.sheet)
		}
		v.filled[l.sheet] = append(v.filled[l.sheet], l.n)
	}
	for _, f := range employersOwn() {
		for _, c := range l.layout.columns[f] {
			if l.cell(c) == "" && v.above[c.at] != "" {
				for len(l.cells) <= c.at {
					l.cells = append(l.cells, "")
				}
				l.cells[c.at] = v.above[c.at]
			}
		}
	}
}

// sayFilled names the rows whose employer was taken from above without a merged cell.
func (v *vacancyReader) sayFilled() {
	for _, s := range v.sheets {
		v.table.doubts = append(v.table.doubts, Doubt{Sheet: s, Text: words.T("intake.employer_filled", v.filled[s])})
	}
}

func (v *vacancyReader) fault(l *line, f Field, key string, args ...any) {
	_, c := l.get(f)
	v.table.faults = append(v.table.faults, Fault{l.sheet, l.n, c.name(), words.T(key, args...)})
}

func (v *vacancyReader) doubt(l *line, c column, key string, args ...any) {
	v.table.doubts = append(v.table.doubts, Doubt{l.sheet, l.n, c.name(), words.T(key, args...)})
}

// both reads a text from all columns of its field.
func (v *vacancyReader) both(l *line, f Field) (b store.Both) {
	cs := l.layout.columns[f]
	for _, c := range cs {
		if s := l.cell(c); s != "" {
			b = add(b, bilingual(number(s), c.ko))
		}
	}
	return b
}

// requirements joins what is asked of people. Gender is not told: the law allows it for few posts only.
func (v *vacancyReader) requirements(l *line) (b store.Both) {
	for _, f := range []Field{Requirements, Age, Education, Experience} {
		one := v.both(l, f)
		if f == Age {
			one = age(one)
		}
		b = store.Both{Zh: join(b.Zh, one.Zh), Ko: join(b.Ko, one.Ko)}
	}
	if s, c := l.get(Gender); s != "" && !strings.ContainsAny(s, "不无") && !strings.Contains(s, "무관") && !strings.Contains(s, "男女") {
		v.doubt(l, c, "intake.gender_left_out", oneLine(s))
	}
	return b
}

// age says what a bare 18-45 is.
func age(b store.Both) store.Both {
	if b.Zh != "" && b.Ko == "" && !hasScript(b.Zh, isHan) {
		return store.Both{Zh: b.Zh + "岁", Ko: b.Zh + "세"}
	}
	if b.Ko != "" && b.Zh == "" && !hasScript(b.Ko, isHangul) {
		return store.Both{Zh: b.Ko + "岁", Ko: b.Ko + "세"}
	}
	return b
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}

func (v *vacancyReader) readPay(l *line) store.Pay {
	low, lowAt := l.get(PayMin)
	high, highAt := l.get(PayMax)
	text, at := l.get(PayRange)
	switch {
	case text != "":
	case low == "" && high != "":
		text, at = "最高"+clean(number(high)), highAt
	case high == "":
		text, at = number(low), lowAt
	default:
		text, at = between(clean(number(low)), clean(number(high))), lowAt
	}
	if text == "" {
		return store.Pay{}
	}
	pay, strange := v.pay.read(text, at.unit, at.times)
	if strange != payFine {
		v.doubt(l, at, string(strange), pay.Text)
	}
	return pay
}

// between makes one text of two columns' pay: 180元/天 and 220 become 180-220元/天.
func between(low, high string) string {
	const digits = "0123456789."
	from := strings.IndexAny(low, digits)
	if from < 0 {
		return low // 面议
	}
	end := len(low) - len(strings.TrimLeft(low[from:], digits))
	if low[from:end] == high || low == high || strings.ContainsAny(low[end:], digits) || !strings.ContainsAny(high, digits) {
		return low
	}
	return low[:end] + "-" + high + low[end:]
}

func (v *vacancyReader) headcount(l *line) int {
	s, c := l.get(Headcount)
	if s == "" {
		return 0
	}
	n, ok := heads(v.digits, s)
	switch {
	case !ok:
		v.doubt(l, c, "intake.headcount_unreadable", oneLine(s))
	case n > mostHeads:
		v.doubt(l, c, "intake.headcount_unusual", n)
	}
	return n
}

func (v *vacancyReader) county(l *line, one store.Vacancy) string {
	s, c := l.get(CountyField)
	if s != "" {
		code, whole, ok := county(s, true)
		if ok || whole {
			return code
		}
		v.doubt(l, c, "intake.county_unknown", oneLine(s))
		return ""
	}
	for _, text := range []string{one.Place.Zh, one.Place.Ko, one.Employer.Zh, one.Employer.Ko} {
		if code, _, ok := county(text, true); ok {
			return code
		}
	}
	return ""
}

func (v *vacancyReader) expires(l *line) time.Time {
	s, c := l.get(Expires)
	if s == "" {
		return time.Time{}
	}
	day, open, ok := v.dates.day(s, v.now, v.from1904)
	if !ok {
		v.doubt(l, c, "intake.date_unreadable", oneLine(s))
		return time.Time{}
	}
	if open {
		return time.Time{}
	}
	end := day.AddDate(0, 0, 1)
	if !v.now.Before(end) {
		v.doubt(l, c, "intake.date_past", day.Format("2006-01-02"))
	}
	return end
}

func (v *vacancyReader) reach(l *line, one *store.Vacancy) {
	contact, at := l.get(Contact)
	telephone, tel := l.get(Phone)
	var unread, unsure bool
	one.Contact, one.Phones, unread, unsure = reach(contact, telephone)
	if telephone == "" {
		tel = at
	}
	switch {
	case unread:
		v.doubt(l, tel, "intake.phone_unreadable")
	case unsure:
		v.doubt(l, tel, "intake.phone_unsure", phones(one))
	}
	// A number in another text is the employer's too, and a resident may quote it back.
	for _, told := range []struct {
		field Field
		text  store.Both
	}{{Employer, one.Employer}, {Post, one.Post}, {Place, one.Place}, {Hours, one.Hours}, {Requirements, one.Requirements}, {Benefits, one.Benefits}} {
		before := len(one.Phones)
		_, one.Phones, _ = cut(told.text.Zh, one.Phones)
		_, one.Phones, _ = cut(told.text.Ko, one.Phones)
		if len(one.Phones) > before {
			_, c := l.get(told.field)
			v.doubt(l, c, "intake.phone_told")
		}
	}
}

// phones says the numbers that were read, masked.
func phones(one *store.Vacancy) string {
	var out []string
	for _, n := range one.Phones {
		out = append(out, fmt.Sprint(n))
	}
	if len(out) == 0 {
		return "–"
	}
	return strings.Join(out, ", ")
}

// tags takes the tags' own column; else the industry speaks, else what stands above the table.
func (v *vacancyReader) tags(l *line, one *store.Vacancy) {
	if s, _ := l.get(TagsField); s != "" {
		one.Tags = tagList(s)
		return
	}
	for _, text := range []string{one.Industry.Zh + " " + one.Industry.Ko, l.about} {
		if one.Tags = tagsIn(text); len(one.Tags) > 0 {
			return
		}
	}
}
