package poster

import (
	_ "embed"
	"image"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

//go:embed fonts/NotoSansCJKsc-Regular-GB2312-hangul.otf
var regularFile []byte

//go:embed fonts/NotoSansCJKsc-Bold-GB2312-hangul.otf
var boldFile []byte

// regular and bold are parsed once. A file that does not parse is a fault of the build, held by the tests. A parsed font
// never changes: each caller brings its own buffers.
var (
	regular = sync.OnceValue(func() *sfnt.Font { return parse(regularFile) })
	bold    = sync.OnceValue(func() *sfnt.Font { return parse(boldFile) })
)

func parse(file []byte) *sfnt.Font {
	f, err := opentype.Parse(file)
	if err != nil {
		panic("poster: " + err.Error())
	}
	return f
}

// glyph is a character drawn once: its coverage in levels, where it sits by the pen, and how far the pen moves.
type glyph struct {
	bounds  image.Rectangle // relative to the pen on the baseline
	mask    []uint8         // rows of coverage, 0 to levels-1
	shift   int             // of the pen before it, so that nothing reaches left of the character's own place
	advance int             // from one character's place to the next
	drawn   bool            // mask is there; a character that is only measured has none
}

// face is a weight at a size. It keeps the characters it has drawn, so it serves one caller at a time.
type face struct {
	font    *sfnt.Font
	face    font.Face
	size    int
	leading int // from one baseline to the next
	ascent  int // from the top of a line to its baseline
	glyphs  map[rune]*glyph
}

// newFace makes a face. Lines are 1.45 of the size apart: Chinese and Hangul fill their squares, and need more between
// lines than Latin does.
func newFace(f *sfnt.Font, size int) (*face, error) {
	// With 72 dots an inch a point is a pixel.
	ff, err := opentype.NewFace(f, &opentype.FaceOptions{Size: float64(size), DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return nil, err
	}
	leading := size * 29 / 20
	// The squares reach from 0.88 above the baseline to 0.12 below.
	ascent := (leading-size)/2 + size*22/25
	return &face{font: f, face: ff, size: size, leading: leading, ascent: ascent, glyphs: map[rune]*glyph{}}, nil
}

// measured answers a character with its place, in whole pixels: at these sizes the rounding is not seen, and a character
// looks the same wherever it stands. Its place holds all of it, also what a j has to the left of its pen.
func (f *face) measured(r rune) *glyph {
	g := f.glyphs[r]
	if g == nil {
		bounds, advance, _ := f.face.GlyphBounds(r)
		left := max(0, -bounds.Min.X.Floor())
		g = &glyph{shift: left, advance: left + max(advance.Round(), bounds.Max.X.Ceil())}
		f.glyphs[r] = g
	}
	return g
}

// drawn answers a character with its mask.
func (f *face) drawn(r rune) *glyph {
	g := f.measured(r)
	if g.drawn {
		return g
	}
	g.drawn = true
	bounds, mask, at, _, ok := f.face.Glyph(fixed.Point26_6{}, r)
	if !ok || bounds.Empty() {
		return g
	}
	g.bounds, g.mask = bounds, make([]uint8, bounds.Dx()*bounds.Dy())
	alpha, isAlpha := mask.(*image.Alpha)
	for y := range bounds.Dy() {
		for x := range bounds.Dx() {
			var a uint32
			if isAlpha {
				a = uint32(alpha.AlphaAt(at.X+x, at.Y+y).A)
			} else {
				_, _, _, a = mask.At(at.X+x, at.Y+y).RGBA()
				a >>= 8
			}
			g.mask[y*bounds.Dx()+x] = uint8((a*(levels-1) + 127) / 255)
		}
	}
	return g
}

// width measures a text on one line.
func (f *face) width(s string) int {
	w := 0
	for _, r := range s {
		w += f.measured(r).advance
	}
	return w
}

// has tells whether both weights can show a character: either may be called for.
func has(buf *sfnt.Buffer, r rune) bool {
	for _, f := range []*sfnt.Font{regular(), bold()} {
		if i, err := f.GlyphIndex(buf, r); err != nil || i == 0 {
			return false
		}
	}
	return true
}
