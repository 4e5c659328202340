package console

import (
	"fmt"
	"time"

	"chunfeng/templates/words"
)

// dates writes moments as people of a language do, in the bureau's time zone. It takes a time.Time or a *time.Time; no
// moment is a dash.
type dates struct {
	lang words.Lang
	zone func() *time.Location
}

func (d dates) at(v any) (time.Time, bool) {
	var t time.Time
	switch v := v.(type) {
	case time.Time:
		t = v
	case *time.Time:
		if v == nil {
			return t, false
		}
		t = *v
	}
	return t.In(d.zone()), !t.IsZero()
}

// date writes the day with its weekday: 2026年11月22日 星期日, 2026년 11월 22일 일요일, Sunday, 22 November 2026.
func (d dates) date(v any) string {
	t, ok := d.at(v)
	if !ok {
		return "–"
	}
	switch d.lang {
	case words.Chinese:
		return fmt.Sprintf("%d年%d月%d日 星期%s", t.Year(), t.Month(), t.Day(), [...]string{"日", "一", "二", "三", "四", "五", "六"}[t.Weekday()])
	case words.Korean:
		return fmt.Sprintf("%d년 %d월 %d일 %s요일", t.Year(), t.Month(), t.Day(), [...]string{"일", "월", "화", "수", "목", "금", "토"}[t.Weekday()])
	}
	return t.Format("Monday, 2 January 2006")
}

// day writes the day shortly: 11月22日, 11월 22일, 22 Nov; with the year where it is not this one.
func (d dates) day(v any) string {
	t, ok := d.at(v)
	if !ok {
		return "–"
	}
	form := map[words.Lang]string{words.Chinese: "1月2日", words.Korean: "1월 2일", words.English: "2 Jan"}[d.lang]
	if t.Year() != time.Now().In(d.zone()).Year() {
		form = map[words.Lang]string{words.Chinese: "2006年1月2日", words.Korean: "2006년 1월 2일", words.English: "2 Jan 2006"}[d.lang]
	}
	return t.Format(form)
}

// stamp writes day and time, shortly: without the day for today, without the year for this year.
func (d dates) stamp(v any) string {
	t, ok := d.at(v)
	if !ok {
		return "–"
	}
	now := time.Now().In(d.zone())
	clock := t.Format("15:04:05")
	switch {
	case t.Year() == now.Year() && t.YearDay() == now.YearDay():
		return clock
	case d.lang == words.Chinese && t.Year() == now.Year():
		return fmt.Sprintf("%d月%d日 %s", t.Month(), t.Day(), clock)
	case d.lang == words.Chinese:
		return fmt.Sprintf("%d年%d月%d日 %s", t.Year(), t.Month(), t.Day(), clock)
	case d.lang == words.Korean && t.Year() == now.Year():
		return fmt.Sprintf("%d월 %d일 %s", t.Month(), t.Day(), clock)
	case d.lang == words.Korean:
		return fmt.Sprintf("%d년 %d월 %d일 %s", t.Year(), t.Month(), t.Day(), clock)
	case t.Year() == now.Year():
		return t.Format("2 Jan ") + clock
	}
	return t.Format("2 Jan 2006 ") + clock
}

// month writes a month with its year: 2026年11月, 2026년 11월, November 2026.
func (d dates) month(v any) string {
	t, ok := d.at(v)
	switch {
	case !ok:
		return "–"
	case d.lang == words.Chinese:
		return fmt.Sprintf("%d年%d月", t.Year(), t.Month())
	case d.lang == words.Korean:
		return fmt.Sprintf("%d년 %d월", t.Year(), t.Month())
	}
	return t.Format("January 2006")
}

// clock writes the time of day.
func (d dates) clock(v any) string {
	t, ok := d.at(v)
	if !ok {
		return "–"
	}
	return t.Format("15:04")
}

// iso writes a moment for the datetime attribute; empty for none.
func (d dates) iso(v any) string {
	t, ok := d.at(v)
	if !ok {
		return ""
	}
	return t.Format(time.RFC3339)
}

// lasting says a length of time that is written as 2m0s: in minutes, or in seconds where it is no whole number of them.
func lasting(l words.Lang, written string) string {
	d, err := time.ParseDuration(written)
	switch {
	case written == "":
		return "–"
	case err != nil:
		return written
	case d%time.Minute != 0:
		return words.Say(l, "page_waves.seconds", number(int(d.Seconds())))
	}
	return words.Say(l, "page_waves.minutes", number(int(d.Minutes())))
}
