package templates

import "strconv"

// payUnits are the units of pay: before the sum in Korean and in both, behind it in Chinese.
func payUnit(unit string) (ko, zh, both string) {
	switch unit {
	case "month":
		return "월 ", "/月", "월(月) "
	case "day":
		return "일당 ", "/天", "일당(天) "
	case "hour":
		return "시간당 ", "/小时", "시간당(小时) "
	case "year":
		return "년 ", "/年", "년(年) "
	case "piece":
		return "건당 ", "/件", "건당(件) "
	}
	return "", "", ""
}

// in puts the pay into words.
func (p Pay) in(language string) string {
	if p.Min <= 0 && p.Max <= 0 {
		if text := line(p.Text); text != "" && !p.Negotiable {
			return text
		}
		return Text{Ko: "면담 결정", Zh: "面议"}.in(language)
	}
	low, high := max(p.Min, 0), max(p.Max, 0)
	if high > 0 && low > high {
		low, high = high, low
	}
	sum, from, upTo := strconv.Itoa(low), false, false
	switch {
	case high == 0:
		from = true
	case low == 0:
		sum, upTo = strconv.Itoa(high), true
	case low < high && language == Chinese:
		sum += "-" + strconv.Itoa(high)
	case low < high:
		sum += "~" + strconv.Itoa(high)
	}
	ko, zh, both := payUnit(p.Unit)
	switch {
	case language == Chinese && from:
		return sum + "元" + zh + "起"
	case language == Chinese && upTo:
		return "最高" + sum + "元" + zh
	case language == Chinese:
		return sum + "元" + zh
	case language == Both:
		return both + sum + "원(元)" + pick(from, " 이상(起)") + pick(upTo, " 이하(以内)")
	}
	return ko + sum + "원" + pick(from, " 이상") + pick(upTo, " 이하")
}

// pick answers s if it is asked for.
func pick(asked bool, s string) string {
	if asked {
		return s
	}
	return ""
}

// headcount puts a number of people into words; 0 is "several".
func headcount(language string, n int) string {
	switch {
	case n <= 0 && language == Korean:
		return "약간명"
	case n <= 0 && language == Chinese:
		return "若干人"
	case n <= 0:
		return "약간명(若干)"
	case language == Korean:
		return strconv.Itoa(n) + "명"
	case language == Chinese:
		return strconv.Itoa(n) + "人"
	}
	return strconv.Itoa(n) + "명(人)"
}
