package console

import (
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strings"
	"time"

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
		"now":     time.Now,
		"in": func(seconds float64) time.Time {
			return time.Now().Add(time.Duration(seconds * float64(time.Second))).Truncate(time.Minute)
		},

		"zone":     func() string { return zone().String() },
		"day":      d.day,
		"statuses": api.SignupStatuses,
		"settled":  func(t store.Tally) int { return t[store.Sent] + t[store.Accepted] + t[store.Recalled] },
		"failed":   func() store.State { return store.Failed },
		"unknown":  func() store.State { return store.Unknown },
		"skipped":  func() store.State { return store.Skipped },
		"cron":     func(spec string) string { return cronText(l, spec) },
		"audience": func(v api.Choices) []string { return audienceText(l, v) },
		"kind":     func(name string) string { return named(l, "kind.", name) },
		"month":    d.month,
		"lasting":  func(written string) string { return lasting(l, written) },
		"has":      func(all []string, one string) bool { return slices.Contains(all, one) },

		"deliveryClass": deliveryClass,
		"tallyBar":      tallyBar,

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
