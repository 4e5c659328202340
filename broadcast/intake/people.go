package intake

import (
	"regexp"
	"strconv"
	"strings"

	"chunfeng/bot/phone"

	"golang.org/x/text/unicode/norm"
)

// mostHeads is how many people one post may plausibly look for; more is a doubt.
const mostHeads = 2000

// heads reads how many people are wanted. Of a range the larger counts; 若干 and 약간명 are 0. ok is false when the
// text is neither.
func heads(digits *regexp.Regexp, text string) (n int, ok bool) {
	s := strings.Join(strings.Fields(norm.NFKC.String(number(strings.TrimSpace(text)))), "")
	for _, d := range digits.FindAllString(s, 4) {
		v, err := strconv.Atoi(d)
		if err != nil {
			return 0, false
		}
		n = max(n, v)
	}
	if n > 0 || strings.Trim(s, "0") == "" {
		return n, true
	}
	for _, w := range []string{"若干", "数名", "多名", "多人", "不限", "多", "약간", "여러", "몇", "무제한", "수명", "several", "many"} {
		if strings.Contains(strings.ToLower(s), w) {
			return 0, true
		}
	}
	return 0, false
}

// reach reads the contact and telephone cells together: staff write either into both. person keeps no number.
// unread is the telephone cell's part that is no number; unsure tells that a number was read with a doubt.
func reach(contact, telephone string) (person string, numbers []phone.Number, unread, unsure bool) {
	person, numbers, unsure = cut(oneLine(contact), nil)
	telephone = oneLine(number(strings.TrimSpace(telephone)))
	if telephone == "" {
		return person, numbers, false, unsure
	}
	before := len(numbers)
	left, numbers, doubt := cut(telephone, numbers)
	if len(numbers) == before {
		// A bare local number, or a landline whose first 0 a spreadsheet ate.
		for _, try := range []string{telephone, "0" + telephone} {
			if n, err := phone.Parse(try); err == nil {
				return person, append(numbers, n), false, unsure || try != telephone
			}
		}
		return person, numbers, true, unsure
	}
	if person == "" {
		person = left
	}
	return person, numbers, false, unsure || doubt
}

// cut takes the numbers out of a text.
func cut(s string, numbers []phone.Number) (rest string, _ []phone.Number, unsure bool) {
	var b strings.Builder
	from := 0
	for _, f := range phone.Scan(s) {
		if f.Kind == phone.Unfinished || f.Number.IsZero() {
			unsure = true
		} else {
			known := false
			for _, n := range numbers {
				known = known || n.Equal(f.Number)
			}
			if !known {
				numbers = append(numbers, f.Number)
			}
			unsure = unsure || f.Doubt != "" && f.Doubt != phone.DoubtForeign
		}
		b.WriteString(s[from:f.Start])
		from = f.End
	}
	b.WriteString(s[from:])
	rest = strings.Join(strings.FieldsFunc(b.String(), func(r rune) bool { return r == ' ' || strings.ContainsRune("/,，、;；:：()（）|", r) }), " ")
	for _, label := range []string{"电话", "联系电话", "手机", "전화", "련락처", "tel", "Tel", "TEL"} {
		if rest == label {
			rest = ""
		}
	}
	// Digits that were not understood as a number may be one all the same, and Contact is not sealed.
	if digits := strings.Count(strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return 'd'
		}
		return r
	}, rest), "d"); digits >= 5 {
		rest, unsure = "", true
	}
	return rest, numbers, unsure
}
