package api

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// dateForm is how a date is kept.
const dateForm = time.DateOnly

// What a list may hold: the State Council's notice names some forty days; a span is a holiday, not a season.
const (
	mostListed   = 400
	mostSpan     = 60
	mostNameSize = 100 // of a name, in bytes, as the ledger keeps it
)

// DayFaults are the lines of a list of days that cannot be taken, by their number from 1.
type DayFaults map[int]words.Text

// Error implements error.
func (f DayFaults) Error() string { return f.In(words.English) }

// In says every fault, one a line.
func (f DayFaults) In(l words.Lang) string {
	var lines []string
	for _, n := range slices.Sorted(maps.Keys(f)) {
		lines = append(lines, words.Say(l, "api.day_line", n, f[n].In(l)))
	}
	return strings.Join(lines, "\n")
}

// Fields says each fault by the number of its line.
func (f DayFaults) Fields(l words.Lang) map[string]string {
	out := map[string]string{}
	for n, one := range f {
		out[strconv.Itoa(n)] = one.In(l)
	}
	return out
}

// The words by which people say what a day is.
var (
	restWords = []string{"rest", "off", "holiday", "休", "休息", "放假", "假", "휴식", "휴식일", "쉼", "휴일"}
	workWords = []string{"work", "working", "班", "上班", "工作", "工作日", "调休上班", "근무", "근무일", "출근"}
)

// gaps are what may stand between the parts of a line.
const gaps = " \t\u3000,，;；"

// parseDays reads a list of days, one a line: a date, or two for a span; what it is; and its name.
//
//	2027-02-05..2027-02-12 rest 春节 / 음력설
//	2027年2月14日 上班 调休
//
// The name's Chinese and Korean parts are told by their letters, or by a stroke between them. Empty lines, and those that
// begin with #, say nothing. Every line that cannot be taken is among the faults. It takes time and memory in the text's
// proportion, and never more than mostListed days.
func parseDays(text string) (days []ListedDay, faults DayFaults) {
	faults = DayFaults{}
	lineOf := map[string]int{}
	for i, line := range strings.Split(strings.TrimPrefix(text, "\uFEFF"), "\n") {
		n := i + 1
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if len(faults) >= mostListed {
			break // whoever pasted a book has read enough
		}
		from, to, rest, ok := cutSpan(line)
		switch {
		case !ok:
			faults[n] = words.T("api.day_no_date", cut(line))
			continue
		case to.Before(from) || to.Sub(from) >= mostSpan*24*time.Hour:
			faults[n] = words.T("api.day_span", mostSpan)
			continue
		}
		kind, name := strings.TrimLeft(rest, gaps), ""
		if at := strings.IndexAny(kind, gaps); at >= 0 {
			kind, name = kind[:at], kind[at:]
		}
		kind = strings.ToLower(kind)
		day := store.Day{Rest: slices.Contains(restWords, kind), Name: nameOf(name)}
		switch {
		case !day.Rest && !slices.Contains(workWords, kind):
			faults[n] = words.T("api.day_kind", cut(kind))
			continue
		case len(day.Name.Zh) > mostNameSize || len(day.Name.Ko) > mostNameSize || strings.ContainsFunc(day.Name.Zh+day.Name.Ko, unicode.IsControl) || !utf8.ValidString(name):
			faults[n] = words.T("api.day_name", mostNameSize)
			continue
		}
		for d := from; !d.After(to); d = d.AddDate(0, 0, 1) {
			day.Date = d.Format(dateForm)
			if other, twice := lineOf[day.Date]; twice {
				faults[n] = words.T("api.day_twice", day.Date, other)
				break
			}
			lineOf[day.Date] = n
			days = append(days, ListedDay{Day: day, Line: n})
		}
		if len(days) > mostListed {
			return nil, DayFaults{n: words.T("api.days_many", mostListed)}
		}
	}
	if len(days) == 0 && len(faults) == 0 {
		return nil, DayFaults{1: words.T("api.no_days")}
	}
	slices.SortFunc(days, func(a, b ListedDay) int { return cmp.Compare(a.Date, b.Date) })
	return days, faults
}

// cut shortens what is quoted of a line.
func cut(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// A date as people of the prefecture write it, and what stands between two of them.
var (
	writtenDate = regexp.MustCompile(`^(\d{4})(?:-|/|\.|年|년 ?)(\d{1,2})(?:-|/|\.|月|월 ?)(\d{1,2})(?:日|일)?`)
	between     = regexp.MustCompile(`^\s*(?:\.\.|–|—|~|～|至|到|부터|-)\s*`)
)

func cutDate(s string) (at time.Time, rest string, ok bool) {
	m := writtenDate.FindStringSubmatch(s)
	if m == nil {
		return at, s, false
	}
	rest = s[len(m[0]):]
	if rest != "" && rest[0] >= '0' && rest[0] <= '9' {
		return at, s, false // 2027-02-051
	}
	year, _ := strconv.Atoi(m[1])
	month, _ := strconv.Atoi(m[2])
	day, _ := strconv.Atoi(m[3])
	at = time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return at, rest, at.Year() == year && int(at.Month()) == month && at.Day() == day && year >= 2000 && year <= 2099
}

// cutSpan takes a date, or two with something between, off the front.
func cutSpan(s string) (from, to time.Time, rest string, ok bool) {
	if from, rest, ok = cutDate(s); !ok {
		return from, from, rest, false
	}
	to = from
	if m := between.FindString(rest); m != "" {
		if to, rest, ok = cutDate(rest[len(m):]); !ok {
			return from, to, rest, false
		}
	}
	return from, to, strings.TrimPrefix(rest, "까지"), true
}

// parseSpan reads a date or a span of at most mostSpan days, and nothing besides.
func parseSpan(s string) (from, to time.Time, ok bool) {
	from, to, rest, ok := cutSpan(strings.TrimSpace(s))
	return from, to, ok && rest == "" && !to.Before(from) && to.Sub(from) < mostSpan*24*time.Hour
}

// nameOf takes a name apart: what stands after a stroke is Korean, or what is written in Hangul.
func nameOf(s string) store.Both {
	s = strings.Trim(s, gaps)
	zh, ko, both := strings.Cut(s, "/")
	zh, ko = strings.TrimSpace(zh), strings.TrimSpace(ko)
	hangul := func(s string) bool {
		return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Hangul, r) })
	}
	switch {
	case both && hangul(zh) && !hangul(ko):
		return store.Both{Zh: ko, Ko: zh}
	case both:
		return store.Both{Zh: zh, Ko: ko}
	case hangul(zh):
		return store.Both{Ko: zh}
	}
	return store.Both{Zh: zh}
}
