package poster

import (
	"image"
	"image/color"
	"image/png"
	"io"
)

// levels is how many steps there are from a ground to what is drawn on it. Sixteen look smooth on a telephone, and leave
// room for all colours in one byte a pixel.
const levels = 16

// ink is a colour on a ground: the place of the ground in the palette, followed by the steps up to the colour.
type ink uint8

// The inks. Text on the band and on the panels holds a contrast of at least 4.5 to 1, by test.
const (
	titleOnBand ink = iota * levels
	quietOnBand
	textOnPage
	textOnPanel
	quietOnPanel
	payOnPanel
	codeOnChip
	textOnTint
	quietOnTint
	strongOnTint
	strongOnPanel
	panelOnPage
	tintOnPage
	chipOnPanel
	panelOnTint
	inkEnd
)

// The flat colours: grounds without a step towards anything.
const (
	page  = ink(textOnPage)
	band  = ink(titleOnBand)
	panel = ink(textOnPanel)
	tint  = ink(textOnTint)
	hair  = inkEnd
	white = inkEnd + 1
	black = inkEnd + 2
)

// palette is the colours of all inks: a dark blue of official notices, one red for the pay, greys between.
func palette() color.Palette {
	rgb := func(v uint32) color.RGBA { return color.RGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 0xFF} }
	const (
		bandColour, pageColour, panelColour, tintColour = 0x17406D, 0xF1F4F7, 0xFFFFFF, 0xE3ECF5
		textColour, quietColour, payColour              = 0x1A222B, 0x4A5765, 0x9E2F12
	)
	pairs := map[ink][2]uint32{ // ground, colour
		titleOnBand: {bandColour, 0xFFFFFF}, quietOnBand: {bandColour, 0xD8E4F1},
		textOnPage:  {pageColour, textColour},
		textOnPanel: {panelColour, textColour}, quietOnPanel: {panelColour, quietColour}, payOnPanel: {panelColour, payColour},
		codeOnChip: {tintColour, bandColour},
		textOnTint: {tintColour, textColour}, quietOnTint: {tintColour, quietColour}, strongOnTint: {tintColour, bandColour},
		strongOnPanel: {panelColour, bandColour}, panelOnTint: {tintColour, panelColour},
		panelOnPage: {pageColour, panelColour}, tintOnPage: {pageColour, tintColour}, chipOnPanel: {panelColour, tintColour},
	}
	p := make(color.Palette, int(black)+1)
	for i, pair := range pairs {
		from, to := rgb(pair[0]), rgb(pair[1])
		for n := range levels {
			mix := func(a, b uint8) uint8 { return uint8((int(a)*(levels-1-n) + int(b)*n + (levels-1)/2) / (levels - 1)) }
			p[int(i)+n] = color.RGBA{mix(from.R, to.R), mix(from.G, to.G), mix(from.B, to.B), 0xFF}
		}
	}
	p[hair], p[white], p[black] = rgb(0xDDE3EA), rgb(0xFFFFFF), rgb(0x000000)
	return p
}

// canvas is a page in the making.
type canvas struct{ img *image.Paletted }

func newCanvas(width, height int) canvas {
	c := canvas{image.NewPaletted(image.Rect(0, 0, width, height), palette())}
	c.fill(c.img.Rect, page)
	return c
}

// fill paints a rectangle flat.
func (c canvas) fill(r image.Rectangle, with ink) {
	r = r.Intersect(c.img.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := c.img.Pix[c.img.PixOffset(r.Min.X, y):][:r.Dx()]
		for x := range row {
			row[x] = uint8(with)
		}
	}
}

// round paints a rectangle with round corners in an ink's colour upon its ground.
func (c canvas) round(r image.Rectangle, radius int, with ink) {
	c.fill(r, with+levels-1)
	const sub = 4 // samples across a pixel: as many as there are levels
	for y := range radius {
		for x := range radius {
			in := 0
			for s := range sub * sub {
				// Twice the sample's distance from the centre, in samples, so that it stays whole.
				dx := 2*(radius-x)*sub - 2*(s%sub) - 1
				dy := 2*(radius-y)*sub - 2*(s/sub) - 1
				if dx*dx+dy*dy <= 4*radius*radius*sub*sub {
					in++
				}
			}
			value := uint8(with) + uint8(in*(levels-1)/(sub*sub))
			for _, p := range [...]image.Point{
				{r.Min.X + x, r.Min.Y + y}, {r.Max.X - 1 - x, r.Min.Y + y},
				{r.Min.X + x, r.Max.Y - 1 - y}, {r.Max.X - 1 - x, r.Max.Y - 1 - y},
			} {
				if p.In(c.img.Rect) {
					c.img.SetColorIndex(p.X, p.Y, value)
				}
			}
		}
	}
}

// text sets one line, its pen at x on the baseline y.
func (c canvas) text(f *face, s string, x, y int, with ink) {
	for _, r := range s {
		g := f.drawn(r)
		width := g.bounds.Dx()
		for j := range g.bounds.Dy() {
			for i, level := range g.mask[j*width : (j+1)*width] {
				p := image.Pt(x+g.shift+g.bounds.Min.X+i, y+g.bounds.Min.Y+j)
				if level > 0 && p.In(c.img.Rect) {
					c.img.SetColorIndex(p.X, p.Y, uint8(with)+level)
				}
			}
		}
		x += g.advance
	}
}

// encode writes the page as a PNG.
func (c canvas) encode(w io.Writer) error {
	return (&png.Encoder{CompressionLevel: png.DefaultCompression}).Encode(w, c.img)
}
