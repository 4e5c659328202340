package intake

import (
	"regexp"
	"strconv"
	"strings"

	"chunfeng/store"

	"golang.org/x/text/unicode/norm"
)

// usual answers the bounds, in yuan, within which a pay raises no doubt; zero for a unit that has none. They are wide
// guesses of ours that only ever lead to a question: outside of them a slip of the pen is likelier than such a pay.
func usual(u store.PayUnit) (least, most int) {
	switch u {
	case store.PayMonth:
		return 1000, 50_000
	case store.PayDay:
		return 50, 2_000
	case store.PayHour:
		return 10, 500
	case store.PayYear:
		return 12_000, 1_000_000
	}
	return 0, 0
}

// strangePay is why a pay raises a doubt; "" is none. The strings are keys of the catalogue.
type strangePay string

const (
	payFine       strangePay = ""
	payUnreadable strangePay = "intake.pay_unreadable"
	payNoUnit     strangePay = "intake.pay_no_unit"
	payUnusual    strangePay = "intake.pay_unusual"
	payBackwards  strangePay = "intake.pay_backwards"
)

// payShapes are the regular expressions of pay, compiled once a file.
type payShapes struct {
	amount, behind, before, floor, ceiling, above, below *regexp.Regexp
	thousands, compound                                  *regexp.Regexp
}

// Amounts are at most nine digits; a run of more is a telephone number.
const (
	numberShape = `(\d{1,9}(?:\.\d{1,4})?)(亿|万|萬|만|w|千|천|k)?`
	coinShape   = `(?:元|圆|块钱|块|원|위안|rmb|yuan|cny)?`
)

func newPayShapes() payShapes {
	c := regexp.MustCompile
	return payShapes{
		amount:    c(numberShape + coinShape + `(?:(?:/|每)(?:月|年|天|日|小时|时|월|년|일|시간))?(?:(?:-|~|–|—|―|〜|∼|至|到|에서|부터)+[¥$]?` + numberShape + coinShape + `)?`),
		behind:    c(`^(?:左右|上下|정도|以上|이상|起|\+)?\(?(?:/|每|一|per)?(个月|月|年|天|日|小时|时|h|件|개|건|월|년|일|시간|hour|day|month|year)`),
		before:    c(`(年薪|年收入|月薪|月工资|月收入|月均|日薪|日结|日工资|天薪|时薪|小时工资|계약년봉|년봉|연봉|월급|월로임|월임금|월수입|월|일당|일급|시급|시간당|건당|개당|计件|每小时|每天|每月|每年|每日)(?:[^\d]{0,6})$`),
		floor:     c(`(不低于|不少于|最低|最少|底薪|保底|최저|최소|기본급)[^\d]{0,6}$`),
		ceiling:   c(`(不超过|最高|最多|최고|최대)[^\d]{0,6}$`),
		above:     c(`^[^\d\-~]{0,4}?(以上|이상|起|부터|\+|以内起)`),
		below:     c(`^[^\d\-~]{0,4}?(以下|以内|이하|까지|封顶)`),
		thousands: c(`(\d),(\d{3})\b`),
		compound:  c(`(\d{1,4})(?:万|萬|만|w)(\d{1,4})(千|천)?`),
	}
}

// notPayWords are words behind a number that make it something else: 8小时, 26天, 22岁, 13薪.
func notPayWords() []string {
	return []string{"小时", "시간", "天", "日", "岁", "세", "%", "个月", "개월", "点", "시", "薪", "名", "人", "명", "险", "대보험", "周", "休", "교대"}
}

// read reads what a cell says about pay. unit and times are what its header says; either may be none.
func (p payShapes) read(text string, unit store.PayUnit, times int) (store.Pay, strangePay) {
	pay := store.Pay{Text: strings.NewReplacer("－", "-", "～", "~").Replace(oneLine(number(strings.TrimSpace(text))))}
	s := strings.ToLower(norm.NFKC.String(pay.Text))
	s = strings.Join(strings.Fields(s), "")
	for {
		t := p.thousands.ReplaceAllString(s, "$1$2")
		if t == s {
			break
		}
		s = t
	}
	s = p.compound.ReplaceAllStringFunc(s, p.joined)
	at := p.find(s)
	if at == nil {
		if negotiable(s) {
			pay.Negotiable = true
			return pay, payFine
		}
		return pay, payUnreadable
	}
	low, high := amountOf(s, at, 2), amountOf(s, at, 6)
	lowMany, highMany := multiplier(s, at, 4), multiplier(s, at, 8)
	if high != 0 && lowMany == 1 && highMany > 1 && low < high {
		lowMany = highMany // 4-6千, 5~8万
	}
	low, high = low*float64(lowMany), high*float64(highMany)
	if times > 1 && low < 1000 {
		low, high = low*float64(times), high*float64(times)
	}
	// Nobody offers this much; a run of digits is something else.
	if low >= 1e8 || high >= 1e8 {
		return pay, payUnreadable
	}
	pay.Min, pay.Max = int(low), int(high)
	// 0件, 0.5元/件: no whole yuan is said, and a vacancy that shows "0" misleads.
	if pay.Min == 0 && pay.Max == 0 {
		if negotiable(s) {
			return store.Pay{Text: pay.Text, Negotiable: true}, payFine
		}
		return store.Pay{Text: pay.Text}, payUnreadable
	}
	head, tail := s[:at[0]], s[at[1]:]
	matched := s[at[0]:at[1]]
	if at[6] < 0 {
		pay.Max = pay.Min
		switch {
		case p.ceiling.MatchString(head) || p.below.MatchString(tail):
			pay.Min = 0
		case p.floor.MatchString(head) || p.above.MatchString(tail):
			pay.Max = 0
		}
	}
	pay.Unit = p.unit(head, matched, tail, s, unit)
	return pay, judge(&pay)
}

// joined writes out an amount in two units: 1만2천, 1万2 and 1万2000 are 12000. What is none stays.
func (p payShapes) joined(s string) string {
	m := p.compound.FindStringSubmatch(s)
	many, _ := strconv.Atoi(m[1])
	rest, _ := strconv.Atoi(m[2])
	switch {
	case len(m[2]) == 1: // with or without the word for a thousand
		rest *= 1000
	case m[3] != "" || len(m[2]) < 4:
		return s
	}
	return strconv.Itoa(many*10_000 + rest)
}

// find answers the first amount that can be pay.
func (p payShapes) find(s string) []int {
	for from := 0; from < len(s); {
		at := p.amount.FindStringSubmatchIndex(s[from:])
		if at == nil {
			return nil
		}
		for i := range at {
			if at[i] >= 0 {
				at[i] += from
			}
		}
		if !p.other(s, at) {
			return at
		}
		from = at[1]
	}
	return nil
}

// other tells that a number is not pay: hours, days, ages, a longer run of digits.
func (p payShapes) other(s string, at []int) bool {
	end := at[1]
	if end < len(s) && s[end] >= '0' && s[end] <= '9' || at[0] > 0 && (s[at[0]-1] >= '0' && s[at[0]-1] <= '9' || s[at[0]-1] == ':') {
		return true
	}
	if end < len(s) && s[end] == ':' {
		return true
	}
	last := s[end-1]
	if last < '0' || last > '9' {
		return false // it has a coin or a unit of its own
	}
	for _, w := range notPayWords() {
		if strings.HasPrefix(s[end:], w) {
			return true
		}
	}
	return false
}

func amountOf(s string, at []int, group int) float64 {
	if at[group] < 0 {
		return 0
	}
	v, err := strconv.ParseFloat(s[at[group]:at[group+1]], 64)
	if err != nil {
		return 0
	}
	return v
}

func multiplier(s string, at []int, group int) int {
	if at[group] < 0 {
		return 1
	}
	switch s[at[group]:at[group+1]] {
	case "千", "천", "k":
		return 1000
	case "亿":
		return 100_000_000
	}
	return 10_000
}

// negotiable tells that a pay is to be talked over.
func negotiable(s string) bool {
	for _, w := range []string{"面议", "面谈", "面洽", "议", "待定", "协商", "협의", "면담", "면의", "상담", "미정", "negotiab"} {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// unit finds what the pay is for: by the words next to the number, the header, then words anywhere.
func (p payShapes) unit(head, matched, tail, all string, fromHeader store.PayUnit) store.PayUnit {
	if i := strings.IndexAny(matched, "/每"); i >= 0 {
		if u := unitIn(matched[i:]); u != "" {
			return u
		}
	}
	if m := p.behind.FindStringSubmatch(tail); m != nil {
		if u := unitIn("/" + m[1]); u != "" {
			return u
		}
	}
	if m := p.before.FindStringSubmatch(head); m != nil {
		if u := unitIn(m[1]); u != "" {
			return u
		}
	}
	if fromHeader != "" {
		return fromHeader
	}
	// 每天8小时 says how long a day is.
	return unitIn(strings.NewReplacer("每天", "", "每日", "").Replace(all))
}

// unitIn finds a unit's word in a text.
func unitIn(s string) store.PayUnit {
	for _, u := range []struct {
		unit  store.PayUnit
		words []string
	}{
		{store.PayYear, []string{"年薪", "年收入", "/年", "每年", "년봉", "연봉", "/년", "/year", "annual"}},
		{store.PayHour, []string{"时薪", "小时工资", "/小时", "每小时", "/时", "/시간", "시급", "시간당", "/h", "hourly", "/个小时"}},
		{store.PayDay, []string{"日薪", "日结", "天薪", "日工资", "/天", "/日", "每天", "每日", "일당", "일급", "/일", "/day", "daily"}},
		{store.PayMonth, []string{"月薪", "月工资", "月收入", "月均", "/月", "/个月", "每月", "월급", "월로임", "월임금", "월수입", "/월", "월", "/month", "monthly", "月"}},
		{store.PayPiece, []string{"计件", "/件", "每件", "건당", "개당", "/개", "/건", "piece"}},
	} {
		for _, w := range u.words {
			if strings.Contains(s, w) {
				return u.unit
			}
		}
	}
	return ""
}

// headUnit is a pay column's header as unitIn reads it: 工资(元/天), 月薪, 시급.
func headUnit(head string) string {
	return strings.Join(strings.Fields(strings.ToLower(norm.NFKC.String(head))), "")
}

// judge fills in what goes without saying and tells what looks odd.
func judge(p *store.Pay) strangePay {
	if p.Min > 0 && p.Max > 0 && p.Min > p.Max {
		return payBackwards
	}
	most := max(p.Min, p.Max)
	if p.Unit == "" {
		// Without a word for it a list's pay is a month's; below a thousand it can be a day's or an hour's.
		if most < 1000 {
			return payNoUnit
		}
		p.Unit = store.PayMonth
	}
	least, highest := usual(p.Unit)
	if highest > 0 && (most < least || most > highest || p.Min > 0 && p.Min < least) {
		return payUnusual
	}
	return payFine
}
