package poster

import (
	"sort"

	"chunfeng/templates/words"
)

// paginate chooses the pages and the level of detail: the package comment tells in which order it prefers them.
func (l *layout) paginate() error {
	first, other, err := l.room()
	if err != nil {
		return err
	}
	for i := range l.rows {
		r := &l.rows[i]
		for r.own < brief && r.heights[r.own] > min(first, other) {
			r.own++
		}
		if r.heights[r.own] > min(first, other) {
			return words.Refuse("poster.vacancy_too_tall", l.vacancies[i].Code, l.options.Height)
		}
	}
	n := len(l.fill(brief, first, other, 0))
	for l.level = whole; l.level < brief; l.level++ {
		if len(l.fill(l.level, first, other, 0)) == n {
			break
		}
	}
	// The most that all pages can be short of full, without one more: so the last is not left with a single vacancy.
	less := sort.Search(min(first, other), func(less int) bool { return len(l.fill(l.level, first, other, less)) > n }) - 1
	l.spans = l.fill(l.level, first, other, max(less, 0))
	return nil
}

// fill puts the rows on pages in order, each page as full as it may be but for what it is to be less.
func (l *layout) fill(level, first, other, less int) []span {
	var spans []span
	room := first - less
	s := span{}
	for i, r := range l.rows {
		h := r.heights[r.at(level)]
		if h > room && i > s.from {
			s.to = i
			spans = append(spans, s)
			s.from, room = i, other-less
		}
		room -= h
	}
	s.to = len(l.rows)
	return append(spans, s)
}

// room answers how much height the first and each other page has for vacancies.
func (l *layout) room() (first, other int, err error) {
	// The foot names a page's first code; the widest of all bounds what that takes.
	widest := l.vacancies[0].Code
	for _, v := range l.vacancies {
		if l.chip.width(v.Code) > l.chip.width(widest) {
			widest = v.Code
		}
	}
	foot, err := l.layFoot(widest)
	if err != nil {
		return 0, 0, err
	}
	lead, err := l.layLead()
	if err != nil {
		return 0, 0, err
	}
	other = l.options.Height - l.head.height - 2*l.px(between) - foot.height - l.px(margin)
	first = other - lead.height - l.px(between)
	if first < l.options.Height/4 {
		return 0, 0, words.Refuse("poster.frame_too_tall", l.options.Height)
	}
	return first, other, nil
}
