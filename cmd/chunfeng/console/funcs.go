package console

import (
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strings"
	"time"

	"chunfeng/bot"
	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/place"
	"chunfeng/templates/words"
)

// funcs are what templates may call, in one language and in the bureau's time zone.
func funcs(l words.Lang, zone func() *time.Location, a *assets) template.FuncMap {
	d := dates{l, zone}
	return template.FuncMap{
		"t":       func(key string, args ...any) string { return words.Say(l, key, args...) },
		"say":     func(t words.Localised) string { return t.In(l) },
		"asset":   a.url,
		"browser": browserName,
		"date":    d.date,
		"stamp":   d.stamp,
		"clock":   d.clock,
		"iso":     d.iso,
		"num":     number,
		"mb":      func(bytes int) int { return bytes >> 20 },
		"now":     time.Now,
		"in": func(seconds float64) time.Time {
			return time.Now().Add(time.Duration(seconds*float64(time.Second)) + time.Minute - 1).Truncate(time.Minute) // never before it
		},

		"zone":     func() string { return zone().String() },
		"day":      d.day,
		"statuses": api.SignupStatuses,
		"calendarDay": func(date string) string {
			t, err := time.ParseInLocation(time.DateOnly, date, zone())
			if err != nil {
				return date
			}
			return d.date(t)
		},
		"settled":  func(t store.Tally) int { return t[store.Sent] + t[store.Accepted] + t[store.Recalled] },
		"failed":   func() store.State { return store.Failed },
		"unknown":  func() store.State { return store.Unknown },
		"skipped":  func() store.State { return store.Skipped },
		"cron":     func(spec string) string { return cronText(l, spec) },
		"audience": func(v api.Choices) []string { return audienceText(l, v) },
		"kind":     func(name string) string { return named(l, "kind.", name) },
		"named":    func(prefix, name string) string { return named(l, prefix, name) },
		"meaning":  func(key string) string { return strings.TrimPrefix(named(l, "setting.", key+"_means"), key+"_means") },
		"textname": func(name string) string { return textName(l, name) },
		"month":    d.month,
		"picture":  pictureOf,
		"lasting":  func(written string) string { return lasting(l, written) },
		"has":      func(all []string, one string) bool { return slices.Contains(all, one) },

		"deliveryClass": deliveryClass,
		"tallyBar":      tallyBar,
		"reachClass":    reachClass,
		"reachBar":      reachBar,
		"registryPath":  registryPath,
		"bindingClass":  bindingClass,
		"accountClass":  accountClass,
		"capWhy":        func(u api.Used, week int) string { return capWhy(l, u, week) },
		"ago":           func(at *time.Time) string { return ago(l, time.Now(), at) },
		"why":           func(s string) string { return bot.ReadWhy(s).In(l) },
		"stateWhy":      func(s string) string { return stateWhy(l, s) },
		"langOf":        langOf,
		"sender":        sender,

		"share":   share,
		"county":  func(code string) string { return place.Say(string(l), code) },
		"place":   func(path string, parts ...string) string { return pathOf(path, parts) },
		"dict":    dict,
		"percent": func(f float64) string { return fmt.Sprintf("%.0f %%", f*100) },
		"join":    strings.Join,
		"list":    func(all ...string) []string { return all },
		"lower":   strings.ToLower,
		"add":     func(a, b int) int { return a + b },
	}
}

// stateWhy says why a group is not written to: what a person wrote, or the reply by which it opted out, as the ledger
// notes it.
func stateWhy(l words.Lang, s string) string {
	if id, ok := strings.CutPrefix(s, "reply "); ok {
		return words.Say(l, "page_groups.by_reply", id)
	}
	return s
}

// sender is the name of whoever wrote a reply; empty where only the session's own name for that person is known.
func sender(name string) string {
	if strings.HasPrefix(name, "@") {
		return ""
	}
	return name
}

// langOf is the language of a name in a group of one language; empty where it may be either.
func langOf(language string) string {
	if language == "ko" || language == "zh" {
		return language
	}
	return ""
}

// number writes a whole number with thin groups of thousands, as all three languages read it.
func number(n any) string {
	s := fmt.Sprint(n)
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// share answers how many per cent a part is of a whole; 0 of nothing.
func share(part, whole int) string {
	if whole == 0 {
		return "0"
	}
	return fmt.Sprintf("%.4g", 100*float64(part)/float64(whole))
}

// pathOf joins segments to a path, each escaped.
func pathOf(path string, parts []string) string {
	for _, p := range parts {
		path = strings.TrimSuffix(path, "/") + "/" + url.PathEscape(p)
	}
	return path
}

// dict makes a map of pairs, for templates within templates.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict takes pairs, %d values were given", len(pairs))
	}
	out := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		out[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return out, nil
}
