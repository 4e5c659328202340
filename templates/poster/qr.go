package poster

import (
	"image"

	"chunfeng/templates/words"

	"rsc.io/qr"
)

// code is a QR code at its size.
type code struct {
	bits  *qr.Code
	scale int // pixels a module
	side  int // pixels in all, with the quiet zone
}

// quiet is the white around a code, in modules: four on each side, as the standard wants it.
const quiet = 4

// encodeURL makes the QR code, or none without a URL. A module is at least four pixels wide, two on a telephone's screen;
// a URL that needs more than about two fifths of the width at that size is refused.
func (l *layout) encodeURL() (*code, error) {
	if l.options.URL == "" {
		return nil, nil
	}
	bits, err := qr.Encode(l.options.URL, qr.M)
	if err != nil {
		return nil, words.Refuse("poster.url_too_long", len(l.options.URL)).Because(err)
	}
	modules := bits.Size + 2*quiet
	scale := max(l.px(200)/modules, l.px(4))
	if modules*scale > l.px(300) {
		return nil, words.Refuse("poster.url_too_long", len(l.options.URL))
	}
	return &code{bits, scale, modules * scale}, nil
}

// draw draws the code with its quiet zone.
func (q *code) draw(c canvas, at image.Point) {
	c.fill(image.Rect(0, 0, q.side, q.side).Add(at), white)
	for y := range q.bits.Size {
		for x := range q.bits.Size {
			if q.bits.Black(x, y) {
				m := at.Add(image.Pt((x+quiet)*q.scale, (y+quiet)*q.scale))
				c.fill(image.Rect(0, 0, q.scale, q.scale).Add(m), black)
			}
		}
	}
}
