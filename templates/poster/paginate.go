package poster

import "chunfeng/templates/words"

// paginate chooses the pages and the level of detail: the package comment tells in which order it prefers them.
func (l *layout) paginate() error {
	first, other, err := l.measure()
	if err != nil {
		return err
	}
	fewest := len(l.fill(brief, first, other))
	if most := l.options.Pages; most > 0 && fewest > most {
		// Each page now tells that there is more, which takes its own room.
		l.fields.Hidden = l.fields.Total
		if first, other, err = l.measure(); err != nil {
			return err
		}
		l.curtail(l.holding(most, first, other))
		fewest = len(l.fill(brief, first, other))
	}
	for l.level = whole; ; l.level++ {
		if l.spans = l.fill(l.level, first, other); len(l.spans) == fewest {
			return nil
		}
	}
}

// measure answers the room of the pages, and finds for each row the least level at which it fits one.
func (l *layout) measure() (first, other int, err error) {
	if first, other, err = l.room(); err != nil {
		return 0, 0, err
	}
	for i := range l.rows {
		r := &l.rows[i]
		for r.own < brief && r.heights[r.own] > min(first, other) {
			r.own++
		}
		if r.heights[r.own] > min(first, other) {
			return 0, 0, words.Refuse("poster.vacancy_too_tall", l.vacancies[i].Code, l.options.Height)
		}
	}
	return first, other, nil
}

// holding answers how many rows, from the first on, a number of pages holds at the least detail.
func (l *layout) holding(pages, first, other int) int {
	n := 0
	for page := range pages {
		left := other
		if page == 0 {
			left = first
		}
		for ; n < len(l.rows); n++ {
			r := l.rows[n]
			if left -= r.heights[r.at(brief)]; left < 0 {
				break
			}
		}
	}
	return n
}

// curtail leaves out all vacancies but the first n, and has the pages say so.
func (l *layout) curtail(n int) {
	l.rows, l.vacancies = l.rows[:n], l.vacancies[:n]
	l.fields.Told, l.fields.Here, l.fields.Hidden = n, n, l.fields.Total-n
}

// fill puts the rows on pages in order: on as few as hold them, and of all such ways on pages as evenly full as can be,
// so that the last is not left with a single vacancy. Evenly is the least sum of the squares of what stays empty.
func (l *layout) fill(level, first, other int) []span {
	type way struct{ pages, squares, to int } // from a row on; to is where its first page ends
	best := make([]way, len(l.rows)+1)
	for from := len(l.rows) - 1; from >= 0; from-- {
		left := other
		if from == 0 {
			left = first
		}
		for to := from + 1; to <= len(l.rows); to++ {
			r := l.rows[to-1]
			if left -= r.heights[r.at(level)]; left < 0 {
				break
			}
			w := way{best[to].pages + 1, best[to].squares + left*left, to}
			if b := best[from]; b.pages == 0 || w.pages < b.pages || w.pages == b.pages && w.squares < b.squares {
				best[from] = w
			}
		}
	}
	var spans []span
	for from := 0; from < len(l.rows); from = best[from].to {
		spans = append(spans, span{from, best[from].to})
	}
	return spans
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
