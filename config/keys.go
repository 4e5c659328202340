package config

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// key is one setting: its name, its default as a person would write it, and how a written value is taken.
type key struct {
	name     string
	fallback string
	list     bool                        // a sequence in the file
	secret   func(written string) string // what of the value may be shown; nil: all of it
	read     func(c *Config, written string) (problem string, args []any)
}

// keys is the table of everything that can be set, in the order of the commented file.
func keys() []key {
	text := func(c *Config) *Limits { return &c.Text }
	media := func(c *Config) *Limits { return &c.Media }
	return []key{
		{name: "listen", fallback: "127.0.0.1:8080", read: readListen},
		{name: "console.origin", fallback: "", read: readOrigin},
		duration("console.idle", "30m", func(c *Config) *time.Duration { return &c.ConsoleIdle }),
		duration("console.absolute", "12h", func(c *Config) *time.Duration { return &c.ConsoleAbsolute }),
		{name: "console.second_factor", fallback: "required", read: readSecondFactor},
		{name: "timezone", fallback: "Asia/Shanghai", read: readZone},
		{name: "wechat.gateway", fallback: "", read: readGateway},
		{name: "approval", fallback: "second_person", read: readApproval},
		duration("pacing.text.every", "15s", func(c *Config) *time.Duration { return &text(c).Every }),
		duration("pacing.text.spread", "20s", func(c *Config) *time.Duration { return &text(c).Spread }),
		count("pacing.text.per_minute", "3", func(c *Config) *int { return &text(c).PerMinute }),
		count("pacing.text.per_hour", "120", func(c *Config) *int { return &text(c).PerHour }),
		count("pacing.text.per_day", "400", func(c *Config) *int { return &text(c).PerDay }),
		duration("pacing.media.every", "60s", func(c *Config) *time.Duration { return &media(c).Every }),
		duration("pacing.media.spread", "20s", func(c *Config) *time.Duration { return &media(c).Spread }),
		count("pacing.media.per_minute", "0", func(c *Config) *int { return &media(c).PerMinute }),
		count("pacing.media.per_hour", "20", func(c *Config) *int { return &media(c).PerHour }),
		count("pacing.media.per_day", "80", func(c *Config) *int { return &media(c).PerDay }),
		truth("pacing.warm_up", "true", func(c *Config) *bool { return &c.WarmUp }),
		{name: "pacing.cooldown", fallback: "30m, 1h, 2h, 6h, 12h", list: true, read: readCooldown},
		{name: "quiet_hours", fallback: "20:30-08:30", read: readQuiet},
		{name: "quiet_days", fallback: "", list: true, read: readQuietDays},
		count("group_daily_limit", "1", func(c *Config) *int { return &c.GroupDailyLimit }),
		duration("wave.hold", "2m", func(c *Config) *time.Duration { return &c.Hold }),
		duration("wave.confirm_after", "90s", func(c *Config) *time.Duration { return &c.ConfirmAfter }),
		{name: "replies.acknowledge", fallback: "each", read: readAcknowledge},
		duration("privacy.retention", "180d", func(c *Config) *time.Duration { return &c.Retention }),
		duration("privacy.key_period", "0", func(c *Config) *time.Duration { return &c.KeyPeriod }),
		{name: "metrics.token_file", fallback: "", read: readTokenFile},
		{name: "alerts.group", fallback: "", read: func(c *Config, s string) (string, []any) { c.Alerts.Group = s; return "", nil }},
		{name: "alerts.webhook", fallback: "", read: readWebhook, secret: hideWebhook},
		{name: "alerts.command", fallback: "", list: true, read: readCommand},
		duration("alerts.account_out", "10m", func(c *Config) *time.Duration { return &c.Alerts.AccountOut }),
		duration("alerts.silent", "45m", func(c *Config) *time.Duration { return &c.Alerts.Silent }),
		duration("alerts.behind", "1h", func(c *Config) *time.Duration { return &c.Alerts.Behind }),
		duration("alerts.unknown", "2h", func(c *Config) *time.Duration { return &c.Alerts.Unknown }),
		count("alerts.disk_free", "1024", func(c *Config) *int { return &c.Alerts.DiskFree }),
		duration("alerts.backup", "3d", func(c *Config) *time.Duration { return &c.Alerts.Backup }),
		{name: "backup.folder", fallback: "", read: readFolder},
		{name: "backup.recipients", fallback: "", list: true, read: readRecipients},
		{name: "backup.at", fallback: "03:30", read: readTimeOfDay},
		duration("backup.every", "24h", func(c *Config) *time.Duration { return &c.Backup.Every }),
		duration("backup.keep", "30d", func(c *Config) *time.Duration { return &c.Backup.Keep }),
		count("backup.copies", "0", func(c *Config) *int { return &c.Backup.Copies }),
	}
}

func index() map[string]key {
	m := map[string]key{}
	for _, k := range keys() {
		m[k.name] = k
	}
	return m
}

// Settable lists the keys that may be set in the console, in the order of the commented file.
//
// They are what the bureau's people decide from week to week: how quickly, when and how often is sent, and how residents
// are answered. A mistake in them sends later, or earlier with a warning, and is undone on the same page. Of approval the
// console takes second_person alone: whoever steals one admin's session must not do away with the second person.
//
// Not among them, for they are the decision of who owns the machine and its file: listen, console.* and wechat.gateway
// (a browser could lock everybody out, keep sessions open for ever, or send logins elsewhere), timezone (it moves every
// schedule), and privacy.retention (less erases people at once and for good; more breaks what residents were told) with
// privacy.key_period (each turn of the key makes plain backups of before unreadable but for who kept the old key file),
// metrics.* and alerts.* (a program that is run and an address that is told are the machine's, and a thief would first
// silence them), and backup.* (a browser could have everything sealed for its own key, or have no backups made).
func Settable() []string {
	var out []string
	for _, k := range keys() {
		if settable(k.name) {
			out = append(out, k.name)
		}
	}
	return out
}

func settable(name string) bool {
	section, _, _ := strings.Cut(name, ".")
	return slices.Contains([]string{"approval", "pacing", "quiet_hours", "quiet_days", "group_daily_limit", "wave", "replies"}, section)
}

// Reserved are the environment variables that begin like a key's and are something else.
func Reserved() []string {
	return []string{"CHUNFENG_DATA", "CHUNFENG_CONFIG", "CHUNFENG_LANG", "CHUNFENG_USER"}
}

// variable is the environment variable of a key.
func variable(name string) string {
	return "CHUNFENG_" + strings.ToUpper(strings.ReplaceAll(name, ".", "__"))
}

func duration(name, fallback string, at func(*Config) *time.Duration) key {
	return key{name: name, fallback: fallback, read: func(c *Config, written string) (string, []any) {
		d, ok := parseDuration(written)
		if !ok {
			return "bad_duration", []any{written}
		}
		*at(c) = d
		return "", nil
	}}
}

func count(name, fallback string, at func(*Config) *int) key {
	return key{name: name, fallback: fallback, read: func(c *Config, written string) (string, []any) {
		n, ok := parseCount(written)
		if !ok {
			return "bad_number", []any{written}
		}
		*at(c) = n
		return "", nil
	}}
}

func truth(name, fallback string, at func(*Config) *bool) key {
	return key{name: name, fallback: fallback, read: func(c *Config, written string) (string, []any) {
		switch strings.ToLower(written) {
		case "true", "yes", "on":
			*at(c) = true
		case "false", "no", "off":
			*at(c) = false
		default:
			return "bad_choice", []any{written, "true, false"}
		}
		return "", nil
	}}
}

func sprint(args []any) string { return fmt.Sprint(args...) }
