package poster

import (
	"fmt"
	"image"
)

// layHead lays out the band: who speaks, what it is, where and when. A page's number has its place at the right of the
// last line.
func (l *layout) layHead() (block, error) {
	b := block{height: l.px(34)}
	x, width := l.px(margin), l.inner()
	for _, p := range []struct {
		name string
		face *face
		ink  ink
	}{{"bureau", l.lead, quietOnBand}, {"title", l.title, titleOnBand}} {
		if err := l.setPhrase(&b, p.face, p.ink, p.name, l.fields, x, width); err != nil {
			return b, err
		}
	}
	if err := l.setPhrase(&b, l.where, quietOnBand, "where", l.fields, x, width-l.px(120)); err != nil {
		return b, err
	}
	b.height += l.px(30)
	return b, nil
}

// layLead lays out the sentence above the vacancies, which the first page has.
func (l *layout) layLead() (block, error) {
	var b block
	return b, l.setPhrase(&b, l.lead, textOnPage, "lead", l.fields, l.px(margin), l.inner())
}

// layFoot lays out how to sign up, with a page's first code for an example.
func (l *layout) layFoot(example string) (block, error) {
	f := l.fields
	f.Example = example
	b := block{height: l.px(padding)}
	x, width := l.px(padding), l.inner()-2*l.px(padding)
	if l.qr != nil {
		width -= l.qr.side + l.px(padding)
	}
	for _, p := range []struct {
		name string
		face *face
		ink  ink
	}{{"how", l.how, strongOnTint}, {"sign", l.text, textOnTint}, {"example", l.sign, strongOnPanel}, {"more", l.detail, quietOnTint}} {
		in := 0
		if p.name == "example" {
			in = l.px(14)
			// Not image.Rect, which would swap an end that is not known yet.
			b.box = image.Rectangle{Min: image.Pt(x, b.height+in/2), Max: image.Pt(x+width, 0)}
			b.height += in
		}
		if err := l.setPhrase(&b, p.face, p.ink, p.name, f, x+in, width-2*in); err != nil {
			return b, err
		}
		if in > 0 {
			b.box.Max.Y = b.height + in/2
			b.height += in + l.px(4)
		}
	}
	if l.qr != nil {
		scan := block{height: l.px(padding) + l.qr.side + l.px(4)}
		if err := l.setPhrase(&scan, l.detail, quietOnTint, "scan", f, 0, l.qr.side); err != nil {
			return b, err
		}
		for _, t := range scan.lines {
			t.x = l.inner() - l.px(padding) - l.qr.side + (l.qr.side-t.face.width(t.text))/2
			b.lines = append(b.lines, t)
		}
		b.height = max(b.height, scan.height)
	}
	b.height += l.px(padding)
	return b, nil
}

// page draws one page, as tall as what is on it.
func (l *layout) page(n int) (canvas, error) {
	s := l.spans[n]
	foot, err := l.layFoot(l.vacancies[s.from].Code)
	if err != nil {
		return canvas{}, err
	}
	var lead block
	if n == 0 {
		if lead, err = l.layLead(); err != nil {
			return canvas{}, err
		}
		lead.height += l.px(between)
	}
	rows := 0
	for _, r := range l.rows[s.from:s.to] {
		rows += r.heights[r.at(l.level)]
	}
	height := l.head.height + l.px(between) + lead.height + rows + l.px(between) + foot.height + l.px(margin)
	c := newCanvas(l.options.Width, height)

	c.fill(image.Rect(0, 0, l.options.Width, l.head.height), band)
	l.head.draw(c, 0, image.Point{})
	if len(l.spans) > 1 {
		text := fmt.Sprintf("%d / %d", n+1, len(l.spans))
		last := l.head.lines[len(l.head.lines)-1]
		c.text(l.pageNum, text, l.options.Width-l.px(margin)-l.pageNum.width(text), last.y, quietOnBand)
	}
	y := l.head.height + l.px(between)
	lead.draw(c, 0, image.Pt(0, y))
	y += lead.height

	x := l.px(margin)
	c.round(image.Rect(x, y, x+l.inner(), y+rows), l.px(radius), panelOnPage)
	for i := s.from; i < s.to; i++ {
		r := l.rows[i]
		level := r.at(l.level)
		if i > s.from {
			c.fill(image.Rect(x+l.px(padding), y, x+l.inner()-l.px(padding), y+max(l.px(1), 1)), hair)
		}
		r.draw(c, l, l.vacancies[i].Code, level, image.Pt(x, y))
		y += r.heights[level]
	}
	y += l.px(between)
	c.round(image.Rect(x, y, x+l.inner(), y+foot.height), l.px(radius), tintOnPage)
	foot.draw(c, l.px(8), image.Pt(x, y))
	if l.qr != nil {
		l.qr.draw(c, image.Pt(x+l.inner()-l.px(padding)-l.qr.side, y+l.px(padding)))
	}
	return c, nil
}
