package poster

import (
	"bytes"

	"chunfeng/templates"
	"chunfeng/templates/words"
)

// Page is one picture.
type Page struct {
	PNG   []byte
	Codes []string // the vacancies on it, in order
}

// Options is what a poster depends on besides its Data.
type Options struct {
	Language string // templates.Korean, Chinese or Both
	URL      string // what the QR code leads to; empty: no QR code
	Width    int    // pixels; 0: MinWidth, the width of a telephone's screen twice over
	Height   int    // the most that a page may have, in pixels; 0: in proportion to the width, 2000 for MinWidth
	Pages    int    // the most pages: what does not fit is left out from behind, and each page says so; 0: as many as it takes
}

// The bounds of Options.Width. The least is what keeps 24 pixels for the smallest letters, 12 on a telephone's screen;
// the most keeps a page under 20 MB while it is drawn.
const (
	MinWidth = 750
	MaxWidth = 2250
)

// minHeight and maxHeight bound Options.Height, for MinWidth. A page of less has no room for a vacancy in both languages
// beside its frame.
const (
	minHeight = 1200
	maxHeight = 4000
	useHeight = 2000
)

// checked answers the options with the defaults put in, or refuses them.
func (o Options) checked() (Options, error) {
	if o.Width == 0 {
		o.Width = MinWidth
	}
	if o.Width < MinWidth || o.Width > MaxWidth {
		return o, words.Refuse("poster.width", o.Width, MinWidth, MaxWidth).Of(words.Usage)
	}
	if o.Height == 0 {
		o.Height = scaled(useHeight, o.Width)
	}
	if least, most := scaled(minHeight, o.Width), scaled(maxHeight, o.Width); o.Height < least || o.Height > most {
		return o, words.Refuse("poster.height", o.Height, least, most).Of(words.Usage)
	}
	if o.Pages < 0 {
		return o, words.Refuse("poster.pages", o.Pages).Of(words.Usage)
	}
	return o, nil
}

// scaled turns a length for MinWidth into one for a width.
func scaled(n, width int) int { return (n*width + MinWidth/2) / MinWidth }

// Draw draws the vacancies of d, on as many pages as they need or are allowed.
func Draw(d templates.Data, o Options) ([]Page, error) {
	l, err := lay(d, o)
	if err != nil {
		return nil, err
	}
	pages := make([]Page, len(l.spans))
	var buf bytes.Buffer
	for i := range l.spans {
		c, err := l.page(i)
		if err != nil {
			return nil, err
		}
		buf.Reset()
		if err := c.encode(&buf); err != nil {
			return nil, err
		}
		pages[i] = Page{PNG: bytes.Clone(buf.Bytes()), Codes: l.codes(i)}
	}
	return pages, nil
}

// Missing lists the characters of d that the fonts cannot show in a language, each once a vacancy and column. A caller that
// can do without those vacancies leaves them out of what it hands to Draw.
func Missing(d templates.Data, language string) (Gaps, error) {
	l, err := read(d, Options{Language: language})
	if err != nil {
		return nil, err
	}
	return l.missing(), nil
}
