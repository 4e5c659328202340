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
	for _, p := range []struct {
		name   string
		limits Limits
	}{{"pacing.text", c.Text}, {"pacing.media", c.Media}} {
		if blamed := c.fromConsole(p.name); p.limits.Unlimited() && (!loopback(c.Gateway) || blamed != "") {
			if blamed == "" {
				blamed = p.name + ".every"
			}
			l.faults = append(l.faults, c.about(blamed, "no_pacing", p.name))
		}
	}
	if bare := len(c.Cooldown) == 0 || slices.Contains(c.Cooldown, 0); bare && (!loopback(c.Gateway) || c.fromConsole("pacing.cooldown") != "") {
		l.faults = append(l.faults, c.about("pacing.cooldown", "no_cooldown"))
	}
	polite := Default()
	for _, name := range c.Quicker(polite) {
		// What was set in the console is there when the gateway is WeChat again.
		if !loopback(c.Gateway) || c.origins[name].Kind == FromConsole {
			l.warn(name, "quicker", c.set[name], polite.set[name])
		}
	}
	l.signedIn()
	if strings.HasPrefix(c.Alerts.Webhook, "http:") && !loopback(c.Alerts.Webhook) {
		l.warn("alerts.webhook", "webhook_clear", hideWebhook(c.Alerts.Webhook))
	}
	l.backups()
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
	if !c.SecondFactor && c.Listen != "" && (c.Gateway == "" || !loopback(c.Gateway)) {
		l.warn("console.second_factor", "second_off", c.set["console.second_factor"])
	}
	// Passwords would cross the network in clear.
	if strings.HasPrefix(c.ConsoleOrigin, "http:") && !loopback(c.ConsoleOrigin) {
		l.warn("console.origin", "console_clear", c.ConsoleOrigin)
	} else if c.Listen != "" && c.ConsoleOrigin == "" && !loopback("http://"+c.Listen) {
		l.warn("listen", "console_clear", "http://"+c.Listen)
	}
}

// keptAtMost is how long backups may be kept where retention is not limited: as long as it is by default.
const keptAtMost = 180 * 24 * time.Hour

// backups holds the keys of backups against each other and against what residents were told: who was erased lives on in
// older backups until these are gone.
func (l *loader) backups() {
	c := l.c
	if c.Backup.Folder == "" {
		return
	}
	most, written := c.Retention, c.set["privacy.retention"]
	if most == 0 {
		most, written = keptAtMost, "180d"
	}
	fault := func(key, problem string, args ...any) { l.faults = append(l.faults, c.about(key, problem, args...)) }
	if len(c.Backup.Recipients) == 0 {
		fault("backup.recipients", "no_recipient")
	}
	if c.Backup.Every < time.Minute || c.Backup.Every > 24*time.Hour {
		fault("backup.every", "not_between", c.set["backup.every"], "1m", "24h")
	}
	if c.Backup.Keep < time.Hour || c.Backup.Keep > most {
		fault("backup.keep", "not_between", c.set["backup.keep"], "1h", written)
	}
}

// about makes a fault of a key where its value was set.
func (c *Config) about(name, problem string, args ...any) Fault {
	return Fault{Origin: c.origins[name], Key: name, Problem: problem, Args: args}
}

func (l *loader) warn(name, problem string, args ...any) {
	l.warnings = append(l.warnings, l.c.about(name, problem, args...))
}

// fromConsole answers the first key of a section, or the key itself, that was set in the console; empty when none was.
func (c *Config) fromConsole(section string) string {
	for _, k := range keys() {
		if (k.name == section || strings.HasPrefix(k.name, section+".")) && c.origins[k.name].Kind == FromConsole {
			return k.name
		}
	}
	return ""
}

// Quicker lists the keys by which more is sent, or sooner, than by another configuration, in the order of the commented
// file. Against Default it lists what is above the polite pace, which is accepted: who sets it may know better.
func (c *Config) Quicker(than *Config) (out []string) {
	more := func(name string, is, was int) {
		if is > was && was > 0 || is == 0 && was > 0 {
			out = append(out, name)
		}
	}
	shorter := func(name string, is, was time.Duration) {
		if is < was {
			out = append(out, name)
		}
	}
	for _, p := range []struct {
		name    string
		is, was Limits
	}{{"pacing.text", c.Text, than.Text}, {"pacing.media", c.Media, than.Media}} {
		shorter(p.name+".every", p.is.Every, p.was.Every)
		shorter(p.name+".spread", p.is.Spread, p.was.Spread)
		more(p.name+".per_minute", p.is.PerMinute, p.was.PerMinute)
		more(p.name+".per_hour", p.is.PerHour, p.was.PerHour)
		more(p.name+".per_day", p.is.PerDay, p.was.PerDay)
	}
	if than.WarmUp && !c.WarmUp {
		out = append(out, "pacing.warm_up")
	}
	if rests(c.Cooldown, than.Cooldown) {
		out = append(out, "pacing.cooldown")
	}
	more("group_daily_limit", c.GroupDailyLimit, than.GroupDailyLimit)
	return out
}

// rests tells whether one of the rests is shorter than another list's. The last of a list is that of all further ones.
func rests(is, was []time.Duration) bool {
	at := func(steps []time.Duration, i int) time.Duration {
		if len(steps) == 0 {
			return 0
		}
		return steps[min(i, len(steps)-1)]
	}
	for i := range max(len(is), len(was)) {
		if at(is, i) < at(was, i) {
			return true
		}
	}
	return false
}
