package words

import "strings"

// particles lists the Korean particles that depend on the sound before them: as written, behind a consonant, behind a
// vowel. 으로(로) counts a final ㄹ as a vowel.
var particles = []struct{ written, consonant, vowel string }{
	{"을(를)", "을", "를"},
	{"이(가)", "이", "가"},
	{"은(는)", "은", "는"},
	{"과(와)", "과", "와"},
	{"와(과)", "과", "와"},
	{"으로(로)", "으로", "로"},
}

// Particles replaces each written pair by the form that the sound before it asks for. Where that sound is not
// known (a Latin letter, a Chinese character) the pair stays, as careful Korean prints it.
func Particles(s string) string {
	for _, p := range particles {
		for from := 0; ; {
			i := strings.Index(s[from:], p.written)
			if i < 0 {
				break
			}
			i += from
			form := p.written
			if final, known := finalSound(s[:i]); known {
				form = p.vowel
				if final != 0 && !(final == rieul && p.vowel == "로") {
					form = p.consonant
				}
			}
			s = s[:i] + form + s[i+len(p.written):]
			from = i + len(form)
		}
	}
	return s
}

// rieul is the place of ㄹ among the 28 finals of a Hangul syllable.
const rieul = 8

// finalSound answers the final consonant of the last sound of s (0: none), closing quotes and brackets passed over.
func finalSound(s string) (final int, known bool) {
	r := []rune(strings.TrimRight(s, " \"'”’»)】》"))
	if len(r) == 0 {
		return 0, false
	}
	switch c := r[len(r)-1]; {
	case c >= 0xAC00 && c <= 0xD7A3:
		return int(c-0xAC00) % 28, true
	case c >= '0' && c <= '9':
		// Read in Sino-Korean: 령 일 이 삼 사 오 륙 칠 팔 구.
		return [10]int{21, 8, 0, 16, 0, 0, 1, 8, 8, 0}[c-'0'], true
	}
	return 0, false
}
