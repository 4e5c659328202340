package poster

import (
	"image"

	"chunfeng/templates"
	"chunfeng/templates/words"
)

// line is one line of text, set at a place relative to the block that it belongs to.
type line struct {
	face *face
	ink  ink
	text string
	x, y int // the pen on the baseline
}

// layout is a poster before it is drawn: what stands where.
type layout struct {
	options   Options
	fields    templates.Fields
	vacancies []templates.VacancyFields
	apart     [][2]templates.VacancyFields // the same in Korean and in Chinese, where the poster is in both

	title, post, pay, sign, how, chip  *face // bold
	where, lead, text, detail, pageNum *face // regular

	rows  []row
	chips int // the width of the column of codes
	head  block
	qr    *code
	spans []span
	level int
}

// block is lines with a height, and at most one box behind them.
type block struct {
	lines  []line
	height int
	box    image.Rectangle // white behind some of the lines; empty: none
}

// told is a text in the poster's language; for both, also in each, the same twice where there is only one.
type told struct{ both, ko, zh string }

// span is the rows of one page, from the first to before the last.
type span struct{ from, to int }

// The measures of a poster of MinWidth, in pixels.
const (
	margin   = 32 // that nothing but the band reaches into
	padding  = 24 // between a panel's edge and its text
	between  = 24 // two blocks
	rowSpace = 18 // above and below a vacancy
	radius   = 14
)

func (l *layout) px(n int) int { return scaled(n, l.options.Width) }

// inner is the width of a panel.
func (l *layout) inner() int { return l.options.Width - 2*l.px(margin) }

// read puts what is asked for into words, without placing any.
func read(d templates.Data, o Options) (*layout, error) {
	d = clean(d)
	l := &layout{options: o}
	var err error
	if l.fields, err = d.In(o.Language); err != nil {
		return nil, err
	}
	for _, v := range d.Vacancies {
		l.vacancies = append(l.vacancies, v.In(o.Language, d.County))
		if o.Language == templates.Both {
			l.apart = append(l.apart, [2]templates.VacancyFields{v.In(templates.Korean, d.County), v.In(templates.Chinese, d.County)})
		}
	}
	return l, nil
}

// lay checks what is asked for and places all of it.
func lay(d templates.Data, o Options) (*layout, error) {
	o, err := o.checked()
	if err != nil {
		return nil, err
	}
	l, err := read(d, o)
	if err != nil {
		return nil, err
	}
	if len(l.vacancies) == 0 {
		return nil, words.Refuse("poster.no_vacancies")
	}
	if g := l.missing(); len(g) > 0 {
		return nil, words.Refuse("poster.no_glyph", g)
	}
	for _, f := range []struct {
		face **face
		bold bool
		size int
	}{
		{&l.title, true, 54}, {&l.post, true, 31}, {&l.pay, true, 29}, {&l.sign, true, 28}, {&l.how, true, 30}, {&l.chip, true, 26},
		{&l.where, false, 28}, {&l.lead, false, 27}, {&l.text, false, 26}, {&l.detail, false, 24}, {&l.pageNum, false, 28},
	} {
		parsed := regular()
		if f.bold {
			parsed = bold()
		}
		if *f.face, err = newFace(parsed, l.px(f.size)); err != nil {
			return nil, err
		}
	}
	if l.qr, err = l.encodeURL(); err != nil {
		return nil, err
	}
	if l.head, err = l.layHead(); err != nil {
		return nil, err
	}
	if err := l.layRows(); err != nil {
		return nil, err
	}
	return l, l.paginate()
}

// set adds a text to a block, broken to a width.
func (l *layout) set(b *block, f *face, with ink, text string, x, width int) error {
	lines, ok := f.wrap(text, width)
	if !ok {
		return words.Refuse("poster.too_wide", excerpt(text))
	}
	for _, s := range lines {
		b.lines = append(b.lines, line{f, with, s, x, b.height + f.ascent})
		b.height += f.leading
	}
	return nil
}

// setBoth adds a text of both languages: in one line where it fits, else each language in lines of its own.
func (l *layout) setBoth(b *block, f *face, with ink, t told, x, width int) error {
	if t.ko == t.zh || f.width(t.both) <= width {
		return l.set(b, f, with, t.both, x, width)
	}
	if err := l.set(b, f, with, t.ko, x, width); err != nil {
		return err
	}
	return l.set(b, f, with, t.zh, x, width)
}

// setPhrase adds a phrase to a block.
func (l *layout) setPhrase(b *block, f *face, with ink, name string, data any, x, width int) error {
	texts, err := phrase(name, l.options.Language, data)
	if err != nil {
		return err
	}
	for _, t := range texts {
		if err := l.set(b, f, with, t, x, width); err != nil {
			return err
		}
	}
	return nil
}

// excerpt is enough of a text to find it by.
func excerpt(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// draw sets a block's lines with its upper left corner at a point.
func (b block) draw(c canvas, boxRadius int, at image.Point) {
	if !b.box.Empty() {
		c.round(b.box.Add(at), boxRadius, panelOnTint)
	}
	for _, t := range b.lines {
		c.text(t.face, t.text, at.X+t.x, at.Y+t.y, t.ink)
	}
}

// codes names the vacancies of a page.
func (l *layout) codes(page int) []string {
	s := l.spans[page]
	codes := make([]string, 0, s.to-s.from)
	for _, v := range l.vacancies[s.from:s.to] {
		codes = append(codes, v.Code)
	}
	return codes
}
