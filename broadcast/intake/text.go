package intake

import (
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"chunfeng/store"

	"golang.org/x/text/unicode/norm"
)

// longest is how many characters a cell may have. One message of WeChat holds about as many in all.
const longest = 500

func isHan(r rune) bool    { return unicode.Is(unicode.Han, r) }
func isHangul(r rune) bool { return unicode.Is(unicode.Hangul, r) }

func hasScript(s string, in func(rune) bool) bool { return strings.IndexFunc(s, in) >= 0 }

// onlyScript keeps the letters of one script.
func onlyScript(s string, in func(rune) bool) string {
	return strings.Map(func(r rune) rune {
		if in(r) {
			return r
		}
		return -1
	}, s)
}

// clean makes a cell's text fit to be told: composed letters, half-width digits and Latin letters, no control or
// invisible characters, lines trimmed. Line breaks stay, for they may part two languages.
func clean(s string) string {
	if plain(s) {
		return s
	}
	s = norm.NFC.String(strings.ToValidUTF8(s, ""))
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\r', r == '\v', r == '\f', r == 0x2028, r == 0x2029:
			return '\n'
		case r == '\t', r == 0xA0, r == 0x3000, unicode.Is(unicode.Zs, r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), r == utf8.RuneError:
			return -1
		case r >= '０' && r <= '９', r >= 'Ａ' && r <= 'Ｚ', r >= 'ａ' && r <= 'ｚ':
			return r - '！' + '!'
		}
		return r
	}, s)
	lines := strings.Split(s, "\n")
	kept := lines[:0]
	for _, l := range lines {
		if l = strings.Join(strings.Fields(l), " "); l != "" {
			kept = append(kept, l)
		}
	}
	return strings.Join(kept, "\n")
}

// plain tells that a cell is printable ASCII without anything to tidy, which most cells of numbers are.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < '!' || s[i] > '~' {
			return false
		}
	}
	return true
}

// oneLine is a cleaned cell on one line.
func oneLine(s string) string { return strings.ReplaceAll(clean(s), "\n", " ") }

// number writes out what a workbook keeps as 1.3912345678E10, and drops a binary fraction's noise. Anything but a
// number stays as it is.
func number(s string) string {
	if !strings.ContainsAny(s, "eE.") || s == "" || s[0] != '-' && (s[0] < '0' || s[0] > '9') || len(s) > 32 {
		return s
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.Abs(v) >= 1e15 {
		return s
	}
	return strconv.FormatFloat(math.Round(v*1e6)/1e6, 'f', -1, 64)
}

// bilingual splits a cell that holds Chinese and Korean: 服务员/복무원, 服务员(복무원), two lines, or 服务员 복무원.
// What has neither script goes to the language of its column.
func bilingual(s string, ko bool) store.Both {
	s = clean(s)
	hangul, han := hasScript(s, isHangul), hasScript(s, isHan)
	flat := strings.ReplaceAll(s, "\n", " ")
	switch {
	case !hangul && (han || !ko):
		return store.Both{Zh: flat}
	case !han:
		return store.Both{Ko: flat}
	}
	var mixed store.Both
	for i, r := range s {
		if !strings.ContainsRune("/／|｜\n", r) {
			continue
		}
		b, ok := halves(s[:i], s[i+utf8.RuneLen(r):])
		if ok && !hasScript(b.Ko, isHan) {
			return b
		}
		// 服务员/조선어(朝鲜语) 가능자 has no better place to be split.
		if ok && empty(mixed) {
			mixed = b
		}
	}
	if !empty(mixed) {
		return mixed
	}
	if body, inner, ok := bracketed(s); ok {
		if b, ok := halves(body, inner); ok {
			return b
		}
	}
	for i, r := range s {
		if r == ' ' {
			if b, ok := halves(s[:i], s[i+1:]); ok && !hasScript(b.Ko, isHan) {
				return b
			}
		}
	}
	// A Korean text with a Chinese word in it is Korean.
	return store.Both{Ko: flat}
}

// halves tells whether of two parts one is Korean and the other Chinese without a Hangul letter.
func halves(a, b string) (store.Both, bool) {
	a, b = strings.Trim(strings.ReplaceAll(a, "\n", " "), " /|"), strings.Trim(strings.ReplaceAll(b, "\n", " "), " /|")
	aKo, bKo := hasScript(a, isHangul), hasScript(b, isHangul)
	switch {
	case !aKo && bKo && hasScript(a, isHan):
		return store.Both{Zh: a, Ko: b}, true
	case aKo && !bKo && hasScript(b, isHan):
		return store.Both{Zh: b, Ko: a}, true
	}
	return store.Both{}, false
}

// bracketed takes 服务员(복무원) apart.
func bracketed(s string) (body, inner string, ok bool) {
	for _, pair := range [][2]string{{"(", ")"}, {"（", "）"}} {
		if !strings.HasSuffix(s, pair[1]) {
			continue
		}
		if i := strings.LastIndex(s, pair[0]); i > 0 {
			return s[:i], strings.TrimSuffix(s[i+len(pair[0]):], pair[1]), true
		}
	}
	return "", "", false
}

// add fills what a text still lacks from another.
func add(b, more store.Both) store.Both {
	if b.Zh == "" {
		b.Zh = more.Zh
	}
	if b.Ko == "" {
		b.Ko = more.Ko
	}
	return b
}

// empty tells that a text says nothing in either language.
func empty(b store.Both) bool { return b.Zh == "" && b.Ko == "" }
