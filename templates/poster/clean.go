package poster

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"chunfeng/templates"
	"chunfeng/templates/words"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"
)

// clean answers the data in the form that the fonts are asked for: composed, and without the signs that choose between
// looks of a character, for there is one look here. The caller's slice is left alone.
func clean(d templates.Data) templates.Data {
	one := func(s *string) {
		*s = strings.Map(func(r rune) rune {
			const joiner = 0x200D
			if r == joiner || unicode.Is(unicode.Variation_Selector, r) {
				return -1
			}
			return r
		}, norm.NFC.String(*s))
	}
	both := func(t *templates.Text) { one(&t.Ko); one(&t.Zh) }
	both(&d.Bureau)
	d.Vacancies = slices.Clone(d.Vacancies)
	for i := range d.Vacancies {
		v := &d.Vacancies[i]
		one(&v.Code)
		one(&v.Pay.Text)
		for _, t := range []*templates.Text{&v.Employer, &v.Post, &v.Place, &v.Hours, &v.Requirements, &v.Benefits} {
			both(t)
		}
	}
	return d
}

// Gap is a character that the fonts cannot show, and where it comes from.
type Gap struct {
	Char   rune
	Code   string // the vacancy's; empty: the bureau's name
	Column string // the last part of a key poster.col_…
}

// Gaps says itself in the reader's language.
type Gaps []Gap

// mostGaps is how many are named one by one: staff correct a few, and a whole column of them is another file.
const mostGaps = 8

// In implements words.Localised.
func (g Gaps) In(l words.Lang) string {
	var all []string
	for _, one := range g[:min(len(g), mostGaps)] {
		said := fmt.Sprintf("“%c” (U+%04X), ", one.Char, one.Char) + words.Say(l, "poster.col_"+one.Column)
		if one.Code != "" {
			said += " " + one.Code
		}
		all = append(all, said)
	}
	if n := len(g) - mostGaps; n > 0 {
		all = append(all, words.Say(l, "poster.more_gaps", n))
	}
	return strings.Join(all, "; ")
}

// missing lists the characters of the data that the fonts cannot show, each once a column.
func (l *layout) missing() Gaps {
	var found Gaps
	var buf sfnt.Buffer
	known := map[rune]bool{}
	look := func(code, column, s string) {
		for _, r := range s {
			ok, asked := known[r]
			if !asked {
				ok = has(&buf, r)
				known[r] = ok
			}
			if g := (Gap{r, code, column}); !ok && !slices.Contains(found, g) {
				found = append(found, g)
			}
		}
	}
	look("", "bureau", l.fields.Bureau)
	for _, v := range l.vacancies {
		look(v.Code, "code", v.Code)
		look(v.Code, "post", v.Post)
		look(v.Code, "employer", v.Employer)
		look(v.Code, "place", v.Place)
		look(v.Code, "pay", v.Pay)
		look(v.Code, "hours", v.Hours)
		look(v.Code, "requirements", v.Requirements)
		look(v.Code, "benefits", v.Benefits)
	}
	return found
}
