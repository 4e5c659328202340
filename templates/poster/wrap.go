package poster

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// How willing a line is to end behind a byte of a text. A higher one that fits is taken before a lower one that fits more.
const (
	never    uint8 = iota // inside a character, a row of digits, a code
	inNumber              // at a separator inside a number that is wider than a line
	inWord                // between two characters of a word that is wider than a line
	byRule                // where UAX #14 allows it, inside such a word
	willing               // where a reader expects it
)

// number is what is read as one: digits with what people put between them (4500~6000, 09:00-18:00, 138 4433 1234,
// (0433) 251-2345, +86 138…), and a code's letters before them (A017, B-12).
var number = regexp.MustCompile(`(?:[A-Za-z]{1,4}-?|[+＋])?[(（]?\p{Nd}+(?:[)）]?[ \-.,:~～/–—·]?[(（]?\p{Nd}+)*`)

// breaks tells for each byte of a text how willing a line is to end before it.
func breaks(s string) []uint8 {
	at := make([]uint8, len(s)+1)
	rest, state := s, -1
	for len(rest) > 0 {
		_, rest, _, state = uniseg.FirstLineSegmentInString(rest, state)
		at[len(s)-len(rest)] = byRule
	}
	rest, state = s, -1
	for len(rest) > 0 {
		_, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		at[len(s)-len(rest)] = max(at[len(s)-len(rest)], inWord)
	}
	korean := inKorean(s)
	for i := 1; i < len(s); i++ {
		if at[i] != byRule {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(s[:i])
		after, _ := utf8.DecodeRuneInString(s[i:])
		// A unit stays with its number: 6000 元 is torn apart by the rule alone.
		unit := unicode.IsDigit(before) && unicode.Is(unicode.Han, after)
		if unicode.IsSpace(before) || !korean[i] && !unit {
			at[i] = willing
		}
	}
	for _, n := range number.FindAllStringIndex(s, -1) {
		for i := n[0] + 1; i < n[1]; i++ {
			before, _ := utf8.DecodeLastRuneInString(s[:i])
			if at[i] != never && !unicode.IsDigit(before) && !unicode.IsLetter(before) {
				at[i] = inNumber
			} else {
				at[i] = never
			}
		}
	}
	at[len(s)] = willing
	return at
}

// inKorean tells for each byte of a text whether it is in a word, as spaces bound it, that has Hangul in it.
func inKorean(s string) []bool {
	in := make([]bool, len(s))
	for start := 0; start < len(s); {
		end := start + strings.IndexByte(s[start:]+" ", ' ')
		if strings.ContainsFunc(s[start:end], func(r rune) bool { return unicode.Is(unicode.Hangul, r) }) {
			for i := start; i < end; i++ {
				in[i] = true
			}
		}
		start = end + 1
	}
	return in
}

// wrap breaks a text into lines of at most width pixels. It answers false when something that may not be cut is wider.
func (f *face) wrap(s string, width int) (lines []string, ok bool) {
	s = strings.TrimSpace(s)
	at := breaks(s)
	for start := 0; start < len(s); {
		var best [willing + 1]int // the furthest break of each willingness that fits
		w, solid := 0, 0          // solid is the width without the spaces at the end, which may hang over
		for i := start; i < len(s); {
			r, n := utf8.DecodeRuneInString(s[i:])
			w += f.measured(r).advance
			i += n
			if !unicode.IsSpace(r) {
				solid = w
			}
			if solid > width {
				break
			}
			best[at[i]] = i
		}
		end := 0
		for k := willing; k > never && end == 0; k-- {
			end = best[k]
		}
		if end == 0 {
			return nil, false
		}
		lines = append(lines, strings.TrimRightFunc(s[start:end], unicode.IsSpace))
		for start = end; start < len(s) && s[start] == ' '; start++ {
		}
	}
	return lines, true
}
