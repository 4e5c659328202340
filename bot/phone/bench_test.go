package phone_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"chunfeng/bot/phone"
	"chunfeng/examples"
)

// A careful regular expression, the peer that Scan is measured against: what one would write without a scanner of
// one's own. One expression with an alternative a kind of number, cards first; digits of every script; what it
// matches is checked against its neighbours in Go, for regexp has no look-around.
var careful = func() *regexp.Regexp {
	const (
		d   = `[0-9０-９①-⑨⓪❶-❾〇零一幺二三四五六七八九공영일이삼사오육칠팔구]`
		key = d + `(?:\x{FE0F}?\x{20E3})?`
		s   = `[ \-.·()（）_－—–ㅡ]{0,3}`
		cut = `(?:[ \-.·()（）_－—–ㅡ]{0,3}|\n|\p{So}\x{FE0F}?)`
	)
	times := func(n int) string { return strings.Repeat(cut+key, n) }
	return regexp.MustCompile(
		`(?P<card>[1-9][0-9]{16}[0-9Xx]|[3-9][0-9]{15,18}|[3-9][0-9]{3}(?: [0-9]{4}){3}(?: [0-9]{1,3})?)` +
			`|(?P<intlkr>[+＋(（]*(?:00)?82` + s + `(?:0?10)` + times(8) + `)` +
			`|(?P<intlcn>[+＋(（]*(?:00)?86` + s + `1[3-9]` + times(9) + `)` +
			`|(?P<foreign>[+＋][1-9](?:[ \-]?[0-9]){7,14})` +
			`|(?P<zeroten>[(（]?(?:010|０１０|공일공)` + times(8) + `)` +
			`|(?P<zeroshort>010[ -]?[0-9]{3,4}[ -]?[0-9]{3,4})` +
			`|(?P<landline>[(（]?0[3-9][0-9]{2}` + s + `[2-8][0-9]{2}` + s + `[0-9]{4}(?:(?:转|-)[0-9]{2,5})?)` +
			`|(?P<hotline>[48]00` + s + `[0-9]{3}` + s + `[0-9]{4})` +
			`|(?P<glued>[A-Za-z][0-9]{1,3}1[3-9][0-9]{9})` +
			`|(?P<long>1[3-9][0-9]{10})` +
			`|(?P<mobile>[1１①❶一幺일](?:\x{FE0F}?\x{20E3})?` + times(10) + `)` +
			`|(?P<short>1[3-9][0-9]{8})` +
			`|(?P<local>[2-8][0-9]{6})`)
}()

type byRegexp struct {
	Number string
	Kind   phone.Kind
}

func scanRegexp(text string) []byRegexp {
	var out []byRegexp
	// Most messages hold too few digits for any number; the expression need not see them.
	if digits, _ := normal(text); len(digits) < 7 {
		return nil
	}
	for at := 0; at < len(text); {
		m := careful.FindStringSubmatchIndex(text[at:])
		if m == nil {
			break
		}
		start, end := at+m[0], at+m[1]
		kind := ""
		for i, name := range careful.SubexpNames() {
			if name != "" && m[2*i] >= 0 {
				kind = name
			}
		}
		f, ok := settle(kind, text, start, end)
		switch {
		case ok:
			out, at = append(out, f), end
		case kind == "card":
			at = end
		default:
			_, size := utf8.DecodeRuneInString(text[start:])
			at = start + size
		}
	}
	return out
}

var (
	usualGroups = regexp.MustCompile(`^(?:11|3 4 4|3 8|7 4|4 4 3|4 3 4|3 3 5|3 5 3|5 6|6 5|3 2 2 4|3 4 2 2)$`)
	otherLabel  = regexp.MustCompile(`(?:QQ|qq|扣扣|订单|单号|编号|群|卡|账|帐|주문|송장|계좌|카드|주민|신분증|代码|验证码|发票|영수증)(?:号码?|번호)?[ :：.=是은는#]*$`)
	localLabel  = regexp.MustCompile(`(?:电话|座机|固话|전화|집전화)[ :：是은는]*$`)
)

func settle(kind, text string, start, end int) (byRegexp, bool) {
	before, behind := text[:start], text[end:]
	prev, _ := utf8.DecodeLastRuneInString(before)
	next, _ := utf8.DecodeRuneInString(behind)
	first, _ := utf8.DecodeRuneInString(text[start:])
	last, _ := utf8.DecodeLastRuneInString(text[start:end])
	digits, groups := normal(text[start:end])
	if kind == "card" {
		return byRegexp{}, false
	}
	if prev >= '0' && prev <= '9' && first < 0x80 || next >= '0' && next <= '9' && last < 0x80 ||
		prev == '@' || prev == '*' || prev == '_' || prev == '.' && strings.ContainsAny(before[:len(before)-1], "0123456789") && kind == "local" ||
		next == '@' || next == '*' || next == '元' || next == '원' {
		return byRegexp{}, false
	}
	if before != "" && (prev|0x20 >= 'a' && prev|0x20 <= 'z') && prev < 0x80 {
		i := len(before)
		for i > 0 && before[i-1]|0x20 >= 'a' && before[i-1]|0x20 <= 'z' {
			i--
		}
		if w := strings.ToLower(before[i:]); w != "tel" && w != "vx" && w != "wx" && (len(w) < 2 || kind != "mobile") {
			return byRegexp{}, false
		}
	}
	if otherLabel.MatchString(before) || strings.Contains(before[strings.LastIndexAny(before, " \n")+1:], "://") && (prev == '/' || prev == '=') {
		return byRegexp{}, false
	}
	hangul := regexpHangul.MatchString(text)
	switch kind {
	case "intlkr":
		return byRegexp{"+82" + digits[len(digits)-10:], phone.MobileKR}, true
	case "intlcn":
		return byRegexp{"+86" + digits[len(digits)-11:], phone.MobileCN}, true
	case "foreign":
		return byRegexp{"+" + digits, phone.Foreign}, true
	case "zeroten":
		if groups == "3 4 4" || hangul || !strings.ContainsAny(digits[3:4], "568") {
			return byRegexp{"+82" + digits[1:], phone.MobileKR}, true
		}
		return byRegexp{"+86" + digits[1:], phone.LandlineCN}, true
	case "zeroshort":
		return byRegexp{"", phone.Unfinished}, len(digits) == 10
	case "landline":
		return byRegexp{"+86" + digits[1:11], phone.LandlineCN}, true
	case "hotline":
		return byRegexp{"+86" + digits, phone.HotlineCN}, len(digits) == 10
	case "mobile":
		if digits[1] < '3' {
			return byRegexp{}, false
		}
		ones := strings.Count(groups, "1") == 11 && len(groups) == 21
		if groups != "11" && !ones && !usualGroups.MatchString(groups) && strings.Count(groups, " ") > 5 {
			return byRegexp{}, false
		}
		return byRegexp{"+86" + digits, phone.MobileCN}, true
	case "glued":
		return byRegexp{"+86" + digits[len(digits)-11:], phone.MobileCN}, true
	case "local":
		return byRegexp{"+86433" + digits, phone.LandlineCN}, localLabel.MatchString(before)
	}
	return byRegexp{"", phone.Unfinished}, true
}

var regexpHangul = regexp.MustCompile(`\p{Hangul}`)

// normal returns the digits of s and the sizes of its groups.
func normal(s string) (digits, groups string) {
	var b strings.Builder
	var sizes []int
	open := false
	for _, r := range s {
		d := -1
		switch {
		case r >= '0' && r <= '9':
			d = int(r - '0')
		case r >= '０' && r <= '９':
			d = int(r - '０')
		case r >= '①' && r <= '⑨':
			d = int(r-'①') + 1
		case r >= '❶' && r <= '❾':
			d = int(r-'❶') + 1
		case r == '⓪' || r == '〇' || r == '零' || r == '공' || r == '영':
			d = 0
		case r == '幺':
			d = 1
		case r == 0xFE0F || r == 0x20E3:
			continue
		default:
			if i := strings.IndexRune("一二三四五六七八九", r); i >= 0 {
				d = i/3 + 1
			} else if i := strings.IndexRune("일이삼사오육칠팔구", r); i >= 0 {
				d = i/3 + 1
			}
		}
		if d < 0 {
			open = false
			continue
		}
		if !open {
			sizes, open = append(sizes, 0), true
		}
		sizes[len(sizes)-1]++
		b.WriteByte(byte('0' + d))
	}
	return b.String(), strings.Trim(fmt.Sprint(sizes), "[]")
}

// messages reads the texts of the labelled file, its places filled in.
func messages(tb testing.TB) []string {
	tb.Helper()
	replies, err := examples.ReadReplies()
	if err != nil {
		tb.Fatal(err)
	}
	fill := strings.NewReplacer("{code}", "A017", "{code2}", "A018", "{n}", "17", "{n2}", "18", "{employer_phone}", "0433-2519900",
		"{employer}", "해란강식품", "{post}", "포장공")
	var all []string
	for _, l := range replies {
		all = append(all, fill.Replace(l.Text))
	}
	return all
}

// TestRegexpAgrees holds the benchmark's two sides to one result on the labelled file.
func TestRegexpAgrees(t *testing.T) {
	for _, text := range messages(t) {
		var got []byRegexp
		for _, f := range phone.Scan(text) {
			got = append(got, byRegexp{f.Number.Reveal(), f.Kind})
		}
		if d := cmp.Diff(got, scanRegexp(text)); d != "" {
			t.Errorf("%q (-scan +regexp):\n%s", text, d)
		}
	}
}

// BenchmarkScan compares the scanner with the regular expression on the labelled file, in turns, and reports the
// median of the rounds' ratios.
func BenchmarkScan(b *testing.B) {
	texts := messages(b)
	var ratios []float64
	var ours, theirs time.Duration
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		for _, text := range texts {
			phone.Scan(text)
		}
		mid := time.Now()
		for _, text := range texts {
			scanRegexp(text)
		}
		a, c := mid.Sub(start), time.Since(mid)
		ours, theirs = ours+a, theirs+c
		ratios = append(ratios, float64(c)/float64(a))
	}
	slices.Sort(ratios)
	n := float64(len(texts) * len(ratios))
	b.ReportMetric(ratios[len(ratios)/2], "times-quicker")
	b.ReportMetric(float64(ours.Nanoseconds())/n, "scan-ns/msg")
	b.ReportMetric(float64(theirs.Nanoseconds())/n, "regexp-ns/msg")
}

// BenchmarkScanChatter measures the message without a number, which most are.
func BenchmarkScanChatter(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		phone.Scan("오늘 날씨가 이렇게 추운데 다들 건강하십니까? 明天一起去公园走走吧，一二三四五六七")
	}
}
