package console

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"chunfeng/templates/words"
)

// weekly matches a time of day on days of the week, and monthly on a day of the month, as the form makes them: what people
// wrote otherwise is shown as they wrote it.
var (
	weekly  = regexp.MustCompile(`^([0-9]{1,2}) ([0-9]{1,2}) \* \* (\*|[0-7](?:,[0-7])*|1-5)$`)
	monthly = regexp.MustCompile(`^([0-9]{1,2}) ([0-9]{1,2}) ([0-9]{1,2}) \* \*$`)
)

// cronText says a recurring time in plain words. What it cannot say it shows as it is written.
func cronText(l words.Lang, spec string) string {
	clock := func(m []string) string {
		minute, _ := strconv.Atoi(m[1])
		hour, _ := strconv.Atoi(m[2])
		return fmt.Sprintf("%02d:%02d", hour, minute)
	}
	spec = strings.Join(strings.Fields(spec), " ")
	if m := monthly.FindStringSubmatch(spec); m != nil {
		return words.Say(l, "page_waves.every_month", strings.TrimLeft(m[3], "0"), clock(m))
	}
	m := weekly.FindStringSubmatch(spec)
	if m == nil {
		return spec
	}
	days := map[string]bool{}
	for _, d := range strings.Split(strings.Replace(m[3], "1-5", "1,2,3,4,5", 1), ",") {
		if d == "0" {
			d = "7"
		}
		days[d] = true
	}
	if m[3] == "*" || len(days) == 7 {
		return words.Say(l, "page_waves.every_day", clock(m))
	}
	var names []string
	for _, d := range weekdays() {
		if days[d] {
			names = append(names, words.Say(l, "page_waves.day_"+d))
		}
	}
	return words.Say(l, "page_waves.every_week", strings.Join(names, words.Say(l, "page_waves.and")), clock(m))
}

// weekdays numbers the days of the week from Monday, 1 to 7.
func weekdays() []string { return []string{"1", "2", "3", "4", "5", "6", "7"} }

// weeklyCron is the recurring time of a time of day on days of the week.
func weeklyCron(days []string, clock string) (string, error) {
	t, err := time.Parse("15:04", clock)
	if err != nil {
		return "", words.Refuse("page_waves.no_clock").Of(words.Usage)
	}
	var chosen []string
	for _, d := range weekdays() {
		if slices.Contains(days, d) {
			chosen = append(chosen, d)
		}
	}
	switch len(chosen) {
	case 0:
		return "", words.Refuse("page_waves.no_day").Of(words.Usage)
	case 7:
		chosen = []string{"*"}
	}
	return fmt.Sprintf("%d %d * * %s", t.Minute(), t.Hour(), strings.Replace(strings.Join(chosen, ","), "7", "0", 1)), nil
}

// monthlyCron is the recurring time of a time of day on a day of the month.
func monthlyCron(day, clock string) (string, error) {
	t, err := time.Parse("15:04", clock)
	if err != nil {
		return "", words.Refuse("page_waves.no_clock").Of(words.Usage)
	}
	n, err := strconv.Atoi(day)
	if err != nil || n < 1 || n > 31 {
		return "", words.Refuse("page_waves.no_monthday").Of(words.Usage)
	}
	return fmt.Sprintf("%d %d %d * *", t.Minute(), t.Hour(), n), nil
}
