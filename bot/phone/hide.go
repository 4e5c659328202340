package phone

import (
	"strings"
	"unicode"
)

// Hide masks every telephone number in a text, however it is written, and the middle of every other long run of digits with
// it: half a number, an identity card. What staff write about somebody goes through it before it is kept or shown.
func Hide(text string) string {
	var b strings.Builder
	from := 0
	for _, f := range Scan(text) {
		b.WriteString(text[from:f.Start])
		b.WriteString(f.Number.Mask())
		from = f.End
	}
	b.WriteString(text[from:])
	return hideRuns(b.String())
}

// hideRuns stars the middle of every run of seven and more digits, of whatever script.
func hideRuns(s string) string {
	r := []rune(s)
	for i := 0; i < len(r); {
		j := i
		for j < len(r) && unicode.IsDigit(r[j]) {
			j++
		}
		if j-i >= 7 {
			for k := i + 3; k < j-2; k++ {
				r[k] = '*'
			}
		}
		i = max(j, i+1)
	}
	return string(r)
}
