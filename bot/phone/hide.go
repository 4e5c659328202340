package phone

import (
	"strings"
	"unicode"
)

// Hide masks every telephone number in a text, however it is written, and the middle of every other long run of digits with
// it: half a number, an identity card. What staff write about somebody goes through it before it is kept or shown. A hash
// stays as it is: whoever reads that a plan was approved must be able to hold its hash against the plan's.
func Hide(text string) string {
	var b strings.Builder
	for text != "" {
		from, to := hash(text)
		b.WriteString(hideRuns(HideNumbers(text[:from])))
		b.WriteString(text[from:to])
		text = text[to:]
	}
	return b.String()
}

// HideNumbers masks every telephone number in a text and leaves all other digits: for ids and names of things, which a
// person looks up by them.
func HideNumbers(text string) string {
	var b strings.Builder
	from := 0
	for _, f := range Scan(text) {
		b.WriteString(text[from:f.Start])
		b.WriteString(f.Number.Mask())
		from = f.End
	}
	b.WriteString(text[from:])
	return b.String()
}

// The lengths of the hashes that the program writes: SHA-256 in hexadecimal, whole and cut short; and how many of their
// characters must be letters. With three letters a short one has no room for a mobile number, and of 64 random characters
// fewer than eight are letters twice in a million times.
const (
	hashWhole, wholeLetters = 64, 8
	hashShort, shortLetters = 12, 3
)

// hash finds the first hash in a text, as a word of its own. Where there is none, both are the text's end.
func hash(text string) (from, to int) {
	word := func(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }
	for from < len(text) {
		if !word(text[from]) {
			from++
			continue
		}
		hex, letters := true, 0
		for to = from; to < len(text) && word(text[to]); to++ {
			letter := text[to] >= 'a' && text[to] <= 'f'
			if letter {
				letters++
			}
			hex = hex && (letter || text[to] >= '0' && text[to] <= '9')
		}
		if n := to - from; hex && (n == hashWhole && letters >= wholeLetters || n == hashShort && letters >= shortLetters) {
			return from, to
		}
		from = to
	}
	return len(text), len(text)
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
