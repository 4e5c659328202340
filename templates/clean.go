package templates

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Length counts a text in UTF-16 units, a line break as one. The package comment tells why.
func Length(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// line makes one line of a foreign text: breaks, tabs and rows of spaces become one space; control characters, marks that
// turn the direction of writing, invisible spaces and broken bytes are dropped.
func line(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			gap = b.Len() > 0
			continue
		case r == utf8.RuneError, dropped(r):
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// plain tells whether line would change nothing, for the common case: letters, digits, Chinese, Hangul, single spaces.
func plain(s string) bool {
	before := ' '
	for _, r := range s {
		switch {
		case r == ' ' && before == ' ':
			return false
		case r < ' ' || r == 0x7F || r >= 0x80 && !(r >= 0x4E00 && r <= 0x9FFF) && !(r >= 0xAC00 && r <= 0xD7A3):
			return false
		}
		before = r
	}
	return before != ' ' || s == ""
}

// dropped tells whether a character has no place in a message: controls, and formats but for the joiner that emoji need.
func dropped(r rune) bool {
	const joiner = 0x200D
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != joiner || unicode.Is(unicode.Co, r) ||
		unicode.Is(unicode.Noncharacter_Code_Point, r)
}

// tidy takes spaces off the ends of lines, more than one empty line in a row, and empty lines at both ends. It never
// makes a text longer.
func tidy(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	empty := 0
	for l := range strings.SplitSeq(s, "\n") {
		l = strings.TrimRight(l, " \t\r")
		if l == "" {
			empty++
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\n\n"[:min(empty, 1)+1])
		}
		empty = 0
		b.WriteString(l)
	}
	return b.String()
}

// wholeNumber is the number of digits from which a row of digits is taken for a telephone number that was not masked.
// The longest row that a masked one leaves is four (138****5678).
const wholeNumber = 7

// hideDigits masks what looks like a whole telephone number: all but the first three and the last two of a row of at
// least wholeNumber digits, written with or without spaces, dashes, dots and brackets.
func hideDigits(s string) string {
	runes := []rune(s)
	for i := 0; i < len(runes); {
		if !unicode.IsDigit(runes[i]) {
			i++
			continue
		}
		var row []int
		j := i
		for ; j < len(runes) && (unicode.IsDigit(runes[j]) || strings.ContainsRune(" -.()（）·－", runes[j])); j++ {
			if unicode.IsDigit(runes[j]) {
				row = append(row, j)
			}
		}
		if len(row) >= wholeNumber {
			for _, k := range row[3 : len(row)-2] {
				runes[k] = '*'
			}
		}
		i = j
	}
	return string(runes)
}
