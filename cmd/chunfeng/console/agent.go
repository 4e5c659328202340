package console

import "strings"

// browserName says shortly which browser and machine a User-Agent speaks of, for people who look whether a sign-in is
// theirs; the whole text when it is none that is known here.
func browserName(agent string) string {
	name := ""
	for _, b := range []struct{ mark, name string }{
		{"MicroMessenger/", "WeChat"}, {"QQBrowser/", "QQ"}, {"Edg/", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Version/", "Safari"},
	} {
		if _, after, ok := strings.Cut(agent, b.mark); ok {
			version, _, _ := strings.Cut(after, ".")
			name = b.name + " " + clip(version, 6)
			break
		}
	}
	if name == "" {
		return agent
	}
	for _, m := range []struct{ mark, name string }{{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"Linux", "Linux"}} {
		if strings.Contains(agent, m.mark) {
			return name + ", " + m.name
		}
	}
	return name
}
