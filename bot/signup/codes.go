package signup

import (
	"slices"
	"strings"
	"unicode"
)

// Marks stand for numbers and codes in a draft, one rune each, from the private use area: what is said around a
// number can then be read without its digits.
const (
	phoneMark = 0xE000
	codeMark  = 0xE400
	markRoom  = 0x400
)

func isPhone(r rune) bool { return r >= phoneMark && r < phoneMark+markRoom }
func isCode(r rune) bool  { return r >= codeMark && r < codeMark+markRoom }

// draft is a text being read: folded to one width, its numbers and codes replaced by marks.
type draft struct {
	runes   []rune
	codes   [][]string // what each code mark means: one code, or several (17,18번), or none for an unknown one
	unknown bool       // a code was named that the group was not told
}

// index finds codes among those told.
type index struct {
	told     Told
	numbers  []codeNumber
	prefixes []string // newest first
}

type codeNumber struct {
	prefix string
	n      int
}

func newIndex(told Told) index {
	x := index{told: told, numbers: make([]codeNumber, len(told.Vacancies))}
	for i, v := range told.Vacancies {
		digits := strings.TrimLeftFunc(v.Code, unicode.IsLetter)
		x.numbers[i] = codeNumber{strings.ToUpper(v.Code[:len(v.Code)-len(digits)]), atoi(digits)}
		if p := x.numbers[i].prefix; !slices.Contains(x.prefixes, p) {
			x.prefixes = append(x.prefixes, p)
		}
	}
	return x
}

func atoi(s string) int {
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' || n > 1e6 {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// find returns the code of a prefix and number; an empty prefix means the newest batch that has the number.
func (x index) find(prefix string, n int) string {
	for i, c := range x.numbers {
		if c.n == n && (prefix == "" || c.prefix == prefix) {
			return x.told.Vacancies[i].Code
		}
	}
	return ""
}

// fold brings a text to one width: full-width forms to ASCII, ideographic blanks to blanks. Private runes, which
// would pass for marks, become blanks.
func fold(s string) []rune {
	out := make([]rune, 0, len(s))
	for _, r := range s {
		switch {
		case r >= 0xFF01 && r <= 0xFF5E:
			r -= 0xFEE0
		case r == '　', r == '\u00a0', r == '\u2005', r == '\t', r >= 0xE000 && r <= 0xF8FF:
			r = ' '
		case r == '；':
			r = ';'
		case r == '\r', r == '\ufe0f', r >= 0x200B && r <= 0x200F:
			continue
		}
		out = append(out, r)
	}
	return out
}

// markCodes replaces every code in d by a mark. bare says whether a line's first or last number may be one.
func (d *draft) markCodes(x index, bare bool) {
	in, out := d.runes, make([]rune, 0, len(d.runes))
	for i := 0; i < len(in); {
		var codes []string
		n, known := 0, false
		switch prev := before(in, i); {
		case letter(in[i]) && (!letter(prev) && !digit(prev) && prev != '_' || i > 0 && len(out) > 0 && isCode(out[len(out)-1])):
			codes, n, known = x.lettered(in[i:])
			// A driving licence has classes that look like codes: 운전 A2, 驾照C1.
			if n == 2 && has(string(in[max(0, i-6):i]), []string{"운전", "면허", "驾", "执照"}) {
				n = 0
			}
		case digit(in[i]) && !digit(prev) && !letter(prev) && !strings.ContainsRune("._/:*¥￥$=&-~", prev):
			codes, n, known = x.counted(in, i)
		}
		if n == 0 {
			out = append(out, in[i])
			i++
			continue
		}
		if known && len(codes) == 0 || slices.Contains(codes, "") {
			d.unknown = true
			codes = slices.DeleteFunc(codes, func(c string) bool { return c == "" })
		}
		if len(d.codes) == markRoom {
			break
		}
		out = append(out, rune(codeMark+len(d.codes)))
		d.codes = append(d.codes, codes)
		i += n
	}
	d.runes = out
	if bare && len(d.codes) == 0 {
		d.markBare(x)
	}
}

// lettered reads A017, a17, A-17, A 17번 at the start of in: the code, "" when it was not told, and its length.
func (x index) lettered(in []rune) ([]string, int, bool) {
	i := 0
	for i < len(in) && i < 3 && letter(in[i]) {
		i++
	}
	prefix := strings.ToUpper(string(in[:i]))
	told := slices.Contains(x.prefixes, prefix)
	gap := i
	if told && gap < len(in) && strings.ContainsRune("-– .#", in[gap]) {
		gap++
	}
	j := gap
	for j < len(in) && digit(in[j]) {
		j++
	}
	n := j - gap
	if n == 0 || n > 4 || i > 2 || j < len(in) && (in[j] == '_' || in[j] == '@' || in[j] == '%') {
		return nil, 0, false
	}
	// Another code may follow at once; any other letter makes it a word.
	if j < len(in) && letter(in[j]) && (j+1 >= len(in) || !digit(in[j+1])) {
		return nil, 0, false
	}
	code := ""
	if told {
		code = x.find(prefix, atoi(string(in[gap:j])))
	} else if i != 1 || n < 2 || n > 3 || j < len(in) && strings.ContainsRune("国路线次高", in[j]) {
		return nil, 0, false
	}
	if j < len(in) && strings.ContainsRune("번호号號", in[j]) {
		j++
	}
	return []string{code}, j, true
}

// counted reads 17번, 17号, 17,18번, 第17个, 编号17 at in[i:].
func (x index) counted(in []rune, i int) ([]string, int, bool) {
	var numbers []int
	j := i
	for {
		k := j
		for k < len(in) && digit(in[k]) {
			k++
		}
		if k == j || k-j > 3 {
			return nil, 0, false
		}
		numbers = append(numbers, atoi(string(in[j:k])))
		j = k
		next := joined(in, j)
		if next == 0 || len(numbers) == 8 {
			break
		}
		j = next
	}
	led := ledBy(in, i)
	k := j
	if k < len(in) && in[k] == ' ' {
		k++
	}
	counter := k < len(in) && strings.ContainsRune("번호号號", in[k])
	switch {
	case counter:
		if dated(in, i) || placed(in[k:]) {
			return nil, 0, false
		}
		j = k + 1
	case led && !measured(in[j:]):
		if j < len(in) && strings.ContainsRune("个個项项条", in[j]) {
			j++
		}
	case len(numbers) > 1 && strings.HasPrefix(string(in[j:min(j+4, len(in))]), "都"):
	default:
		return nil, 0, false
	}
	var codes []string
	for _, n := range numbers {
		code := x.find("", n)
		if code == "" && !counter {
			return nil, 0, false
		}
		codes = append(codes, code)
	}
	return codes, j - i, true
}

// joined returns where the next number of a list begins: 17,18 17、18 17和18 17이랑 18; 0 when the list ends.
func joined(in []rune, j int) int {
	k := j
	for k < len(in) && in[k] == ' ' {
		k++
	}
	for _, word := range [...]string{",", "、", "/", "和", "跟", "与", "及", "이랑", "랑", "하고", "과", "와", "&", "및"} {
		w := []rune(word)
		if k+len(w) < len(in) && slices.Equal(in[k:k+len(w)], w) {
			k += len(w)
			for k < len(in) && in[k] == ' ' {
				k++
			}
			if k < len(in) && digit(in[k]) {
				return k
			}
			return 0
		}
	}
	return 0
}

// ledBy reports a word before the number that makes it a vacancy's: 编号17, 报17, №17, #17.
func ledBy(in []rune, i int) bool {
	w := strings.TrimRight(string(in[max(0, i-8):i]), " :.")
	for _, l := range [...]string{"报", "报名", "编号", "岗位", "应聘", "选", "第", "№", "#", "No", "NO", "no", "번호", "신청"} {
		if strings.HasSuffix(w, l) {
			// A list of fields counts them: 1. 이름 … 3. 번호 17 is one, 17 신청 1명 is not.
			return true
		}
	}
	return false
}

// measured reports a unit behind the number: an age, a day, a sum of money.
func measured(rest []rune) bool {
	for len(rest) > 0 && rest[0] == ' ' {
		rest = rest[1:]
	}
	return len(rest) > 0 && (digit(rest[0]) || letter(rest[0]) || strings.ContainsRune("년월일시분살세명원개인층회층단국대근천만평호째年月日时点分岁人名元块楼路度斤万千天单栋层届周%.:~-+", rest[0]))
}

// dated reports that the number before 号 is a day: 12月1号, 今天17号.
func dated(in []rune, i int) bool {
	w := strings.TrimRight(string(in[max(0, i-5):i]), " ")
	for _, l := range [...]string{"月", "今天", "昨天", "明天", "后天", "前天", "本月", "这个月", "下月", "每月", "周", "-", "到", "至", "路", "栋", "单元", "住"} {
		if strings.HasSuffix(w, l) {
			return true
		}
	}
	return false
}

// placed reports that counter and what follows make a house, a bus or a day of it.
func placed(rest []rune) bool {
	s := string(rest[1:min(len(rest), 8)])
	s = strings.TrimLeft(s, " ")
	for _, l := range [...]string{
		"뻐스", "버스", "째", "선", "지 ", "출구", "집", "동", "실", "차 ", "문앞", "댁", "아빠트", "현관",
		"楼", "路", "线", "院", "门", "单元", "车", "厅", "店", "公交", "以前", "以后", "之前", "之后", "前", "后", "左右", "开始", "晚", "早",
		"上午", "下午", "停", "生日", "发工资", "开会", "馆", "栋", "床",
	} {
		if strings.HasPrefix(s, l) {
			return true
		}
	}
	return false
}

// markBare takes the first or last number of a line with a telephone number in it for a vacancy's: 17 张三 138….
func (d *draft) markBare(x index) {
	for start := 0; start < len(d.runes); {
		end := start
		for end < len(d.runes) && d.runes[end] != '\n' {
			end++
		}
		line := d.runes[start:end]
		if slices.ContainsFunc(line, isPhone) {
			i := 0
			for i < len(line) && strings.ContainsRune(" [(【《", line[i]) {
				i++
			}
			j := i
			for j < len(line) && digit(line[j]) {
				j++
			}
			if n := j - i; n > 0 && n <= 3 && !measured(line[j:]) && !(j < len(line) && strings.ContainsRune(".、)", line[j])) && d.take(x, start+i, start+j) {
				return
			}
			j = len(line)
			for j > 0 && strings.ContainsRune(" .!。])】》", line[j-1]) {
				j--
			}
			i = j
			for i > 0 && digit(line[i-1]) {
				i--
			}
			k := i
			for k > 0 && line[k-1] == ' ' {
				k--
			}
			if n := j - i; n > 0 && n <= 3 && k > 0 && isPhone(line[k-1]) && d.take(x, start+i, start+j) {
				return
			}
		}
		start = end + 1
	}
}

// take replaces a bare number by the mark of its code, if it was told.
func (d *draft) take(x index, i, j int) bool {
	code := x.find("", atoi(string(d.runes[i:j])))
	if code == "" {
		return false
	}
	d.runes = slices.Replace(slices.Clone(d.runes), i, j, rune(codeMark+len(d.codes)))
	d.codes = append(d.codes, []string{code})
	return true
}

// all returns every code named, once each, in order.
func (d *draft) all() []string { return d.codesIn(d.runes) }

func (d *draft) codesIn(runes []rune) []string {
	var all []string
	for _, r := range runes {
		if !isCode(r) {
			continue
		}
		for _, c := range d.codes[r-codeMark] {
			if !slices.Contains(all, c) {
				all = append(all, c)
			}
		}
	}
	return all
}

func before(in []rune, i int) rune {
	if i == 0 {
		return ' '
	}
	return in[i-1]
}

func letter(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' && r < 0x80 }
func digit(r rune) bool  { return r >= '0' && r <= '9' }
