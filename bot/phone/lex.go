package phone

import "unicode/utf8"

// A group is a row of digits of one script with nothing between them.
type group struct {
	val        uint64 // the digits as a number; of the first 19 when there are more
	start, end int
	n          int // how many digits
	script     script
	sep        separator // what stands between the group before and this one
}

type script uint8

const (
	plain   script = iota // 0-9, full-width and mathematical digits
	circled               // ①, ⑴, ⒈, ❶, 1️⃣: digits, but as often bullets
	hanzi                 // 一二三, 〇, 零, 幺
	hangul                // 일이삼, 공, 영
)

// separator orders what may stand between two groups by how surely it parts them.
type separator uint8

const (
	tight   separator = iota // nothing: only the script changes
	soft                     // spaces, dashes, dots and brackets, at most three
	line                     // a line break
	picture                  // emoji
	hard                     // anything else: the groups do not belong together
)

// queued is how many groups may be looked at together: 0086 and eleven digits apart, and room for one more.
const queued = 20

// scanner cuts a text into groups, on demand and once.
type scanner struct {
	text   string
	pos    int
	q      [queued]group
	n      int
	hasOld bool // a group has been read, so that a separator means something
}

// has reports whether the k-th group from here exists, reading as far as needed.
func (s *scanner) has(k int) bool {
	for s.n <= k {
		if s.n == queued || !s.next(&s.q[s.n]) {
			return false
		}
		s.n++
	}
	return true
}

func (s *scanner) drop(k int) {
	s.n = copy(s.q[:], s.q[k:s.n])
}

// next reads the next group.
func (s *scanner) next(g *group) bool {
	text, i := s.text, s.pos
	sep, softs := tight, 0
	if !s.hasOld {
		sep = hard
	}
	for i < len(text) {
		c := text[i]
		if c < utf8.RuneSelf {
			if c-'0' <= 9 {
				break
			}
			i++
			switch {
			case sep == hard:
			case c == ' ' || c == '-' || c == '.' || c == '(' || c == ')' || c == '_' || c == '\t':
				if softs++; softs > 3 {
					sep = hard
				} else {
					sep = max(sep, soft)
				}
			case c == '\n':
				if sep == line {
					sep = hard
				} else {
					sep = max(sep, line)
				}
			case c == '\r':
			default:
				sep = hard
			}
			continue
		}
		if !mayMatter[c] || i+2 >= len(text) {
			sep = hard
			i++
			for i < len(text) && text[i]&0xC0 == 0x80 {
				i++
			}
			continue
		}
		if d, _, _ := digit(text[i:]); d >= 0 {
			break
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		if sep == hard {
			continue
		}
		switch {
		case joiner(r):
		case softRune(r):
			if softs++; softs > 3 {
				sep = hard
			} else {
				sep = max(sep, soft)
			}
		case emoji(r):
			sep = max(sep, picture)
		default:
			sep = hard
		}
	}
	if i >= len(text) {
		s.pos = i
		return false
	}
	d, size, sc := digit(text[i:])
	*g = group{start: i, script: sc, sep: sep}
	s.hasOld = true
	for {
		if g.n < 19 {
			g.val = g.val*10 + uint64(d)
		}
		g.n++
		i += size
		g.end = i
		if i < len(text) && text[i]-'0' <= 9 && (i+1 >= len(text) || text[i+1] < utf8.RuneSelf) {
			// The common case: an ASCII digit that no combining mark follows.
			if sc != plain {
				break
			}
			d, size = int(text[i]-'0'), 1
			continue
		}
		for i+1 < len(text) && (text[i] == 0xE2 || text[i] == 0xEF || text[i] == 0xC2) {
			r, w := utf8.DecodeRuneInString(text[i:])
			if !joiner(r) {
				break
			}
			i += w
		}
		if i >= len(text) {
			break
		}
		next, w, nsc := digit(text[i:])
		if next < 0 || nsc != sc {
			break
		}
		d, size = next, w
	}
	s.pos = g.end
	return true
}

// mayMatter tells by its first byte whether a character beyond ASCII can be a digit or a separator.
var mayMatter = [256]bool{
	0xC2: true, 0xE2: true, 0xE3: true, 0xE4: true, 0xE5: true, 0xE9: true, 0xEF: true, 0xF0: true,
	0xEA: true, 0xEC: true, 0xED: true,
}

// digit returns the digit that s begins with, its length in bytes and its script, or -1.
func digit(s string) (int, int, script) {
	if c := s[0]; c < utf8.RuneSelf {
		if c-'0' > 9 {
			return -1, 0, plain
		}
		// A keycap: the digit, perhaps U+FE0F, and U+20E3.
		if len(s) > 3 && s[1] >= utf8.RuneSelf {
			if s[1:4] == "\u20e3" {
				return int(c - '0'), 4, circled
			}
			if len(s) > 6 && s[1:7] == "\ufe0f\u20e3" {
				return int(c - '0'), 7, circled
			}
		}
		return int(c - '0'), 1, plain
	}
	r, size := utf8.DecodeRuneInString(s)
	switch s[0] {
	case 0xEF:
		if r >= '０' && r <= '９' {
			return int(r - '０'), size, plain
		}
	case 0xF0:
		if r >= 0x1D7CE && r <= 0x1D7FF {
			return int(r-0x1D7CE) % 10, size, plain
		}
		if r >= 0x1FBF0 && r <= 0x1FBF9 {
			return int(r - 0x1FBF0), size, plain
		}
	case 0xE2:
		for _, c := range [...]rune{'①', '⑴', '⒈', '⓵', '❶', '➀', '➊'} {
			if r >= c && r < c+9 {
				return int(r-c) + 1, size, circled
			}
		}
		if r == '⓪' || r == '⓿' {
			return 0, size, circled
		}
	case 0xE3, 0xE4, 0xE5, 0xE9:
		if d := hanziDigit(r); d >= 0 {
			return d, size, hanzi
		}
	case 0xEA, 0xEC, 0xED:
		if d := hangulDigit(r); d >= 0 {
			return d, size, hangul
		}
	}
	return -1, 0, plain
}

func hanziDigit(r rune) int {
	switch r {
	case '〇', '零':
		return 0
	case '一', '幺', '壹':
		return 1
	case '二', '贰':
		return 2
	case '三', '叁':
		return 3
	case '四', '肆':
		return 4
	case '五', '伍':
		return 5
	case '六', '陆':
		return 6
	case '七', '柒':
		return 7
	case '八', '捌':
		return 8
	case '九', '玖':
		return 9
	}
	return -1
}

func hangulDigit(r rune) int {
	switch r {
	case '공', '영':
		return 0
	case '일':
		return 1
	case '이':
		return 2
	case '삼':
		return 3
	case '사':
		return 4
	case '오':
		return 5
	case '육', '륙':
		return 6
	case '칠':
		return 7
	case '팔':
		return 8
	case '구':
		return 9
	}
	return -1
}

// joiner reports marks that show nothing: a number copied from an address book is wrapped in some of them.
func joiner(r rune) bool {
	return r >= 0x200B && r <= 0x200F || r >= 0x202A && r <= 0x202E || r >= 0x2060 && r <= 0x2069 ||
		r == 0xFEFF || r == 0xAD
}

func softRune(r rune) bool {
	switch r {
	case '\u00a0', '\u3000', 'ㅡ', '·', '・', '（', '）', '－', '＿', '．', 'ー', '●', '•':
		return true
	}
	return r >= 0x2000 && r <= 0x200A || r >= 0x2010 && r <= 0x2015 || r == 0x2212 || r == 0x202F
}

func emoji(r rune) bool {
	return r >= 0x1F000 && r <= 0x1FAFF || r >= 0x2600 && r <= 0x27BF || r == 0xFE0F || r == 0x200D ||
		r >= 0x2B00 && r <= 0x2BFF || r == 0x20E3 || r >= 0x231A && r <= 0x23FF
}
