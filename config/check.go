package config

import (
	"slices"
	"strings"
	"time"
)

// check holds the values against each other. It looks at what could be read, so that one bad value does not hide the
// next fault.
func (l *loader) check() {
	c := l.c
	if !loopback(c.Gateway) {
		for _, p := range []struct {
			name   string
			limits Limits
		}{{"pacing.text", c.Text}, {"pacing.media", c.Media}} {
			if p.limits.Unlimited() {
				l.faults = append(l.faults, c.about(p.name+".every", "no_pacing", p.name))
			}
		}
		if len(c.Cooldown) == 0 || slices.Contains(c.Cooldown, 0) {
			l.faults = append(l.faults, c.about("pacing.cooldown", "no_cooldown"))
		}
		l.compare(Default())
	}
	l.signedIn()
	if c.Gateway != "" && !loopback(c.Gateway) {
		// Logins and messages go there in clear.
		l.warn("wechat.gateway", "gateway_elsewhere", c.Gateway)
	}
}

// shortest is the least time that a person stays signed in: in less nobody reads a page to its end.
const shortest = time.Minute

// signedIn holds the console's keys against each other.
func (l *loader) signedIn() {
	c := l.c
	switch {
	case c.ConsoleIdle < shortest:
		l.faults = append(l.faults, c.about("console.idle", "too_short", c.set["console.idle"], "1m"))
	case c.ConsoleAbsolute < c.ConsoleIdle:
		l.faults = append(l.faults, c.about("console.absolute", "too_short", c.set["console.absolute"], c.set["console.idle"]))
	}
	// Passwords would cross the network in clear.
	if strings.HasPrefix(c.ConsoleOrigin, "http:") && !loopback(c.ConsoleOrigin) {
		l.warn("console.origin", "console_clear", c.ConsoleOrigin)
	} else if c.Listen != "" && c.ConsoleOrigin == "" && !loopback("http://"+c.Listen) {
		l.warn("listen", "console_clear", "http://"+c.Listen)
	}
}

// about makes a fault of a key where its value was set.
func (c *Config) about(name, problem string, args ...any) Fault {
	return Fault{Origin: c.origins[name], Key: name, Problem: problem, Args: args}
}

func (l *loader) warn(name, problem string, args ...any) {
	l.warnings = append(l.warnings, l.c.about(name, problem, args...))
}

// compare warns of every pace that is quicker than the polite default. It is accepted: who sets it may know better.
func (l *loader) compare(polite *Config) {
	quicker := func(name string, is, usual int) {
		if is > usual || is == 0 && usual > 0 {
			l.warn(name, "quicker", l.c.set[name], polite.set[name])
		}
	}
	shorter := func(name string, is, usual time.Duration) {
		if is < usual {
			l.warn(name, "quicker", l.c.set[name], polite.set[name])
		}
	}
	for _, p := range []struct {
		name      string
		is, usual Limits
	}{{"pacing.text", l.c.Text, polite.Text}, {"pacing.media", l.c.Media, polite.Media}} {
		if p.is.Unlimited() {
			continue // already a fault
		}
		shorter(p.name+".every", p.is.Every, p.usual.Every)
		shorter(p.name+".spread", p.is.Spread, p.usual.Spread)
		quicker(p.name+".per_minute", p.is.PerMinute, p.usual.PerMinute)
		quicker(p.name+".per_hour", p.is.PerHour, p.usual.PerHour)
		quicker(p.name+".per_day", p.is.PerDay, p.usual.PerDay)
	}
	for i, step := range l.c.Cooldown {
		if i < len(polite.Cooldown) && step < polite.Cooldown[i] {
			l.warn("pacing.cooldown", "quicker", l.c.set["pacing.cooldown"], polite.set["pacing.cooldown"])
			break
		}
	}
	quicker("group_daily_limit", l.c.GroupDailyLimit, polite.GroupDailyLimit)
}
