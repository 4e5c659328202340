package phone

import (
	"strings"
	"unicode/utf8"
)

// card reports whether the reading is an identity card or a bank card.
func (s *scanner) card(r *reading) bool {
	if r.n < 15 || r.size[0] == 3 && r.n != 18 {
		return false
	}
	switch r.n {
	case 18:
		if bornAt(r.val/pow10[4]) && (r.shape(18) || r.shape(6, 8, 4) || r.shape(6, 4, 4, 4) || r.shape(6, 12) || r.shape(14, 4) ||
			r.shape(3, 3, 8, 4) || r.shape(3, 3, 4, 4, 4) || r.shape(6, 4, 2, 2, 4)) {
			return true
		}
	case 17:
		if c := s.after(r); (c == 'x' || c == 'X') && bornAt(r.val/pow10[3]) {
			return true
		}
	}
	if r.n < 16 || r.val/pow10[r.n-1] < 3 {
		return false
	}
	fours := r.k >= 4
	for i := range r.k - 1 {
		fours = fours && r.size[i] == 4
	}
	return fours && s.last(r) || (r.k == 1 || r.k == 2 && r.size[0] == 6) && luhn(r.val)
}

// bornAt reports whether a region and eight digits of birth, as in an identity card's first fourteen, make sense.
func bornAt(v uint64) bool {
	region, year, month, day := v/pow10[12], v/pow10[4]%pow10[4], v/100%100, v%100
	return region >= 11 && region <= 91 && year >= 1900 && year <= 2099 && month >= 1 && month <= 12 && day >= 1 && day <= 31
}

func luhn(v uint64) bool {
	sum := uint64(0)
	for i := 0; v > 0; i++ {
		d := v % 10
		v /= 10
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// after returns the byte behind the reading, or 0.
func (s *scanner) after(r *reading) byte {
	if end := s.q[r.k-1].end; end < len(s.text) {
		return s.text[end]
	}
	return 0
}

// open moves start back over the plus sign and the bracket that belong to the number.
func (s *scanner) open(start int) int {
	for start > 0 {
		switch r, size := utf8.DecodeLastRuneInString(s.text[:start]); r {
		case '+', '＋', '(', '（':
			start -= size
		default:
			return start
		}
	}
	return start
}

func (s *scanner) plusBefore(start int) bool {
	return strings.HasSuffix(s.text[:start], "+") || strings.HasSuffix(s.text[:start], "＋")
}

func (s *scanner) bracketed(g group) bool {
	before, behind := s.text[:g.start], s.text[g.end:]
	return (strings.HasSuffix(before, "(") || strings.HasSuffix(before, "（")) &&
		(strings.HasPrefix(behind, ")") || strings.HasPrefix(behind, "）"))
}

func (s *scanner) codeLetterBefore(start int) bool {
	return start > 0 && letter(s.text[start-1]) && (start == 1 || !letter(s.text[start-2]))
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// finish looks at what surrounds the number. It returns false when the digits mean something else; it may add a
// doubt, and takes in an extension.
func (s *scanner) finish(f *Found, r *reading) bool {
	before, behind := s.text[:f.Start], s.text[f.End:]
	if n := len(before); n > 0 && f.Start == s.q[0].start {
		switch c := before[n-1]; {
		case c-'0' <= 9:
			f.Doubt = DoubtGlued
		case letter(c) || c == '_':
			i := n
			for i > 0 && (letter(before[i-1]) || before[i-1] == '_' || before[i-1] == '-' || before[i-1]-'0' <= 9) {
				i--
			}
			if !telephoneLabel(before[i:]) {
				if strings.Contains(before[i:], "_") || !f.Kind.Mobile() || n-i == 1 {
					return false
				}
				f.Doubt = DoubtGlued
			}
		case c == '@' || c == '*' || c == '$' || c == '=' || c == '#':
			return false
		case c == '/' && inAddress(before):
			return false
		}
		if currencyBefore(before) {
			return false
		}
	}
	if behind != "" {
		switch c := behind[0]; {
		case c == '@' || c == '*' || c == '%':
			return false
		case letter(c):
			if len(behind) > 1 && (c|0x20 == 'x' || c|0x20 == 'e') && f.Kind == LandlineCN {
				break
			}
			if f.Kind == Unfinished {
				return false
			}
			f.Doubt = DoubtGlued
		}
		if amountBehind(behind) {
			return false
		}
	}
	if otherNumberBefore(before, f.Kind == Unfinished) {
		return false
	}
	if f.Doubt == "" || f.Doubt == DoubtPrefix {
		if r.sep == line || r.sep == picture {
			f.Doubt = DoubtSplit
		} else if s.trailing(r) {
			f.Doubt = DoubtTrailing
		}
	}
	if f.Kind == LandlineCN || f.Kind == HotlineCN {
		f.End += extension(behind)
	}
	return true
}

// trailing reports whether four more digits follow in the style of the number.
func (s *scanner) trailing(r *reading) bool {
	if r.k < 3 || !s.has(r.k) {
		return false
	}
	next := s.q[r.k]
	return next.sep == soft && next.n == 4 && (!s.has(r.k+1) || s.q[r.k+1].sep == hard) && !amountBehind(s.text[next.end:])
}

// extension returns the length of an extension at the beginning of s: 转801, -801, 分机 801, 내선 801, ext 801.
func extension(s string) int {
	rest := strings.TrimLeft(s, " ,，(（")
	label := ""
	for _, l := range [...]string{"转接", "转", "轉", "分机", "内线", "내선", "구내", "ext.", "ext", "EXT", "x"} {
		if strings.HasPrefix(rest, l) {
			label = l
			break
		}
	}
	dash := label == "" && len(rest) == len(s) && strings.HasPrefix(s, "-")
	if dash {
		label = "-"
	}
	if label == "" {
		return 0
	}
	rest = strings.TrimLeft(rest[len(label):], " :：")
	n := 0
	for n < len(rest) && rest[n]-'0' <= 9 {
		n++
	}
	if n == 0 || n > 5 || dash && (n < 2 || n > 4) {
		return 0
	}
	return len(s) - len(rest) + n
}

// window returns the last n bytes of s, cut at a character.
func window(s string, n int) string {
	if len(s) <= n {
		return s
	}
	s = s[len(s)-n:]
	for s != "" && !utf8.RuneStart(s[0]) {
		s = s[1:]
	}
	return s
}

func telephoneLabel(word string) bool {
	switch strings.ToLower(word) {
	case "tel", "phone", "mobile", "mob", "mp", "hp", "ph", "p", "call", "t", "m", "cell", "wx", "vx", "v", "wechat", "weixin", "no", "te", "h":
		return true
	}
	return false
}

// telephoneBefore reports a word for telephone shortly before start: without it seven digits are any number.
func (s *scanner) telephoneBefore(start int) bool {
	w := strings.TrimRight(window(s.text[:start], 30), " :：.是은는-")
	for _, l := range [...]string{"电话", "座机", "固话", "전화", "전화번호", "TEL", "Tel", "tel", "电话号码", "家电", "联系方式", "号码", "번호"} {
		if strings.HasSuffix(w, l) {
			return l != "号码" && l != "번호"
		}
	}
	return false
}

func (s *scanner) beijingBefore(start int) bool {
	w := window(s.text[:start], 60)
	for _, l := range [...]string{"北京", "座机", "固话", "传真", "베이징", "북경"} {
		if strings.Contains(w, l) {
			return true
		}
	}
	return false
}

// otherNumberBefore reports a word that says whose number this is: not a telephone's.
func otherNumberBefore(before string, weak bool) bool {
	w := strings.TrimRight(window(before, 48), " :：.=是은는#号码為为")
	w = strings.TrimSuffix(strings.TrimSuffix(w, "번호"), " ")
	for _, l := range [...]string{"QQ", "qq", "扣扣", "Q", "订单", "单号", "运单", "快递单", "流水", "编号", "学号", "工号", "群", "身份证",
		"卡", "帐", "账", "银行卡", "주문", "송장", "운송장", "계좌", "카드", "주민", "신분증", "사업자", "代码", "验证码", "인증", "发票", "영수증",
		"order", "Order", "ID", "id"} {
		if strings.HasSuffix(w, l) {
			return true
		}
	}
	return weak && (strings.HasSuffix(w, "微信") || strings.HasSuffix(w, "위챗") || strings.HasSuffix(w, "¥"))
}

func currencyBefore(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r == '¥' || r == '￥' || r == '₩' || r == '＄'
}

func amountBehind(s string) bool {
	for _, u := range [...]string{"元", "块", "원", "위안", "％", " 元", " 원", " 위안"} {
		if strings.HasPrefix(s, u) {
			return true
		}
	}
	return false
}

func inAddress(before string) bool {
	i := strings.LastIndexAny(before, " \n\t")
	w := before[i+1:]
	return strings.Contains(w, "://") || strings.Contains(w, "www.") || strings.Contains(w, ".com") || strings.Contains(w, ".cn")
}

func hasHangul(s string) bool {
	for _, r := range s {
		if r >= 0xAC00 && r <= 0xD7A3 || r >= 0x3131 && r <= 0x318E {
			return true
		}
	}
	return false
}
