package poster

import (
	"image"
	"strings"

	"chunfeng/templates"
	"chunfeng/templates/words"
)

// The levels of detail, as in a digest: at each one more of a vacancy's lines is left out, from below.
const (
	whole = iota
	noBenefits
	noRequirements
	brief
	detailLevels
)

// row is one vacancy laid out in full, and how much of it each level shows.
type row struct {
	block   block
	heights [detailLevels]int
	lines   [detailLevels]int
	own     int // the least level at which it fits a page
}

// at answers the level at which a row is shown where the others are at a level.
func (r row) at(level int) int { return max(level, r.own) }

// layRows lays out every vacancy.
func (l *layout) layRows() error {
	for _, v := range l.vacancies {
		l.chips = max(l.chips, l.chip.width(v.Code))
	}
	l.chips += 2 * l.px(12)
	l.rows = make([]row, len(l.vacancies))
	for i, v := range l.vacancies {
		if l.chip.width(v.Code) > l.px(180) {
			return words.Refuse("poster.code_too_wide", excerpt(v.Code))
		}
		if err := l.layRow(&l.rows[i], i); err != nil {
			return err
		}
	}
	return nil
}

// layRow lays out a vacancy beside its code: the post with how many are sought, the pay at the right where there is room,
// the employer and place, then the details, the dearest last.
func (l *layout) layRow(r *row, i int) error {
	v := l.vacancies[i]
	// as answers a text of the vacancy in all the forms that setBoth needs.
	as := func(of func(templates.VacancyFields) string) told {
		t := told{both: of(v)}
		if l.apart != nil {
			t.ko, t.zh = of(l.apart[i][0]), of(l.apart[i][1])
		}
		return t
	}
	x := l.px(padding) + l.chips + l.px(18)
	width := l.inner() - l.px(padding) - x
	b := &r.block
	b.height = l.px(rowSpace)
	within := func(column string, err error) error {
		if err != nil {
			return words.Refuse("poster.too_wide_in", v.Code, words.T("poster.col_"+column)).Because(err)
		}
		return nil
	}
	post := as(func(v templates.VacancyFields) string { return v.Post })
	if err := l.setBoth(b, l.post, textOnPanel, post, x, width); err != nil {
		return within("post", err)
	}
	used, base := width, 0
	if n := len(b.lines); n > 0 {
		used, base = l.post.width(b.lines[n-1].text), b.lines[n-1].y
	}
	if w := l.text.width(v.Headcount); used+l.px(14)+w <= width {
		b.lines = append(b.lines, line{l.text, quietOnPanel, v.Headcount, x + used + l.px(14), base})
		used += l.px(14) + w
	} else {
		b.lines = append(b.lines, line{l.text, quietOnPanel, v.Headcount, x, b.height + l.text.ascent})
		used, base = w, b.height+l.text.ascent
		b.height += l.text.leading
	}
	// In both languages few would find room at the right: better the same place for all.
	if w := l.pay.width(v.Pay); l.apart == nil && used+l.px(24)+w <= width {
		b.lines = append(b.lines, line{l.pay, payOnPanel, v.Pay, x + width - w, base})
	} else if err := l.set(b, l.pay, payOnPanel, v.Pay, x, width); err != nil {
		return within("pay", err)
	}
	// Employer and place share a line where they fit it; a line that breaks inside an address is harder to read than two.
	where := []told{as(func(v templates.VacancyFields) string { return v.Employer }), as(func(v templates.VacancyFields) string { return v.Place })}
	if joined := where[0].both + " · " + where[1].both; where[0].both != "" && where[1].both != "" && l.text.width(joined) <= width {
		where = []told{{both: joined}}
	}
	for _, t := range where {
		if err := l.setBoth(b, l.text, textOnPanel, t, x, width); err != nil {
			return within("employer", err)
		}
	}
	r.mark(brief, l.px(rowSpace))
	for _, d := range []struct {
		name  string
		of    func(templates.VacancyFields) string
		level int
	}{
		{"hours", func(v templates.VacancyFields) string { return v.Hours }, noRequirements},
		{"requirements", func(v templates.VacancyFields) string { return v.Requirements }, noBenefits},
		{"benefits", func(v templates.VacancyFields) string { return v.Benefits }, whole},
	} {
		t, err := l.labelled(d.name, as(d.of))
		if err == nil {
			err = l.setBoth(b, l.detail, quietOnPanel, t, x, width)
		}
		if err != nil {
			return within(d.name, err)
		}
		r.mark(d.level, l.px(rowSpace))
	}
	return nil
}

// labelled puts a detail's label before its text, in each language its own.
func (l *layout) labelled(name string, t told) (told, error) {
	if t.both == "" {
		return t, nil
	}
	same := t.ko == t.zh
	for _, one := range []struct {
		text     *string
		language string
	}{{&t.both, l.options.Language}, {&t.ko, templates.Korean}, {&t.zh, templates.Chinese}} {
		said, err := phrase(name, one.language, *one.text)
		if err != nil {
			return t, err
		}
		*one.text = strings.Join(said, " ")
	}
	if same {
		t.ko, t.zh = t.both, t.both
	}
	return t, nil
}

// mark notes that a level shows what has been set so far.
func (r *row) mark(level, below int) {
	r.lines[level], r.heights[level] = len(r.block.lines), r.block.height+below
}

// draw draws a vacancy at a level, its panel's upper left corner at a point.
func (r row) draw(c canvas, l *layout, code string, level int, at image.Point) {
	chip := image.Rect(0, 0, l.chips, l.chip.leading).Add(at).Add(image.Pt(l.px(padding), l.px(rowSpace)+(l.post.leading-l.chip.leading)/2))
	c.round(chip, l.px(8), chipOnPanel)
	x := chip.Min.X + (l.chips-l.chip.width(code))/2
	c.text(l.chip, code, x, chip.Min.Y+l.chip.ascent, codeOnChip)
	block{lines: r.block.lines[:r.lines[level]]}.draw(c, 0, at)
}
