package intake

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// dateShapes are the regular expressions of dates, compiled once a file.
type dateShapes struct{ full, compact, short, western, clock *regexp.Regexp }

func newDateShapes() dateShapes {
	c := regexp.MustCompile
	return dateShapes{
		full:    c(`(?:^|[^\d])((?:19|20)\d{2})(?:[-/.年년])(\d{1,2})(?:[-/.月월])(\d{1,2})(?:[日일号.]|[^\d]|$)`),
		compact: c(`^((?:19|20)\d{2})(\d{2})(\d{2})$`),
		clock:   c(`[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?$`),
		western: c(`^(\d{1,2})[/.-](\d{1,2})[/.-]((?:19|20)\d{2})$`),
		short:   c(`(?:^|[^\d./-])(\d{1,2})[-/.月월](\d{1,2})(?:[日일号.]|[^\d]|$)`),
	}
}

// The serial numbers that a date cell may hold: 1990 to 2099 in the calendar that counts from 1900.
const (
	firstSerial = 32874
	lastSerial  = 73050
)

// day reads a day: a date cell's serial number, or text such as 2026-03-31, 2026年3月31日, 3월 31일, 20260331. Of two
// days (3.1-3.31) the last counts. A day without a year is the one nearest to now. open is a text that sets no day
// (长期, 상시). The day is answered as its beginning in now's zone.
func (d dateShapes) day(text string, now time.Time, from1904 bool) (day time.Time, open, ok bool) {
	s := d.clock.ReplaceAllString(norm.NFKC.String(number(strings.TrimSpace(text))), "")
	s = strings.Join(strings.Fields(s), "")
	if v, err := strconv.ParseFloat(s, 64); err == nil {
		n := int(v)
		if from1904 {
			n += 1462
		}
		if n >= firstSerial && n <= lastSerial {
			// Day 1 is 1900-01-01, and the calendar has a 29 February 1900 that never was.
			return time.Date(1899, 12, 30+n, 0, 0, 0, 0, now.Location()), false, true
		}
	}
	if m := d.compact.FindStringSubmatch(s); m != nil {
		return civil(m[1], m[2], m[3], now)
	}
	if m := d.western.FindStringSubmatch(s); m != nil {
		// 12/31/2026 and 31/12/2026 can only be one day; 3/4/2026 can be two, and is not guessed at.
		if m[1] != m[2] {
			us, _, usOK := civil(m[3], m[1], m[2], now)
			eu, _, euOK := civil(m[3], m[2], m[1], now)
			if usOK != euOK {
				if usOK {
					return us, false, true
				}
				return eu, false, true
			}
			return time.Time{}, false, false
		}
		return civil(m[3], m[1], m[2], now)
	}
	if at := lastMatch(d.full, s); at != nil {
		year := s[at[2]:at[3]]
		// 2026.3.1-3.31 and 2026年3月1日至3月31日: the year holds for the second day too.
		if m := d.short.FindStringSubmatch(strings.TrimLeft(s[at[7]:], "日일号.-~–—至到까지")); m != nil {
			if day, open, ok = civil(year, m[1], m[2], now); ok {
				return day, open, ok
			}
		}
		return civil(year, s[at[4]:at[5]], s[at[6]:at[7]], now)
	}
	if at := lastMatch(d.short, s); at != nil {
		return nearest(s[at[2]:at[3]], s[at[4]:at[5]], now)
	}
	for _, w := range []string{"长期", "常年", "招满", "招到", "不限", "随时", "장기", "상시", "채용시", "채용될", "수시", "open", "untilfilled"} {
		if strings.Contains(strings.ToLower(s), w) {
			return time.Time{}, true, true
		}
	}
	return time.Time{}, false, false
}

func lastMatch(re *regexp.Regexp, s string) []int {
	all := re.FindAllStringSubmatchIndex(s, 8)
	if len(all) == 0 {
		return nil
	}
	return all[len(all)-1]
}

// civil makes a day that exists.
func civil(year, month, day string, now time.Time) (time.Time, bool, bool) {
	y, _ := strconv.Atoi(year)
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(day)
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, now.Location())
	if t.Month() != time.Month(m) || t.Day() != d || m == 0 {
		return time.Time{}, false, false
	}
	return t, false, true
}

// nearest gives a day its year: the one that brings it closest to now.
func nearest(month, day string, now time.Time) (best time.Time, open, ok bool) {
	for y := now.Year() - 1; y <= now.Year()+1; y++ {
		t, _, fits := civil(strconv.Itoa(y), month, day, now)
		if fits && (!ok || t.Sub(now).Abs() < best.Sub(now).Abs()) {
			best, ok = t, true
		}
	}
	return best, false, ok
}
