package config

import (
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"filippo.io/age"
)

// longest is the longest duration that can be set: ten years. Longer ones are slips of the pen.
const longest = 3660 * 24 * time.Hour

// parseDuration takes Go's durations and days ("180d", "1d12h"), none of them negative. "0" is none at all.
func parseDuration(s string) (time.Duration, bool) {
	if s == "0" {
		return 0, true
	}
	var days time.Duration
	if n, rest, ok := strings.Cut(s, "d"); ok {
		v, err := strconv.Atoi(n)
		if err != nil || v < 0 || v > int(longest/(24*time.Hour)) {
			return 0, false
		}
		days = time.Duration(v) * 24 * time.Hour
		if rest == "" {
			return days, true
		}
		s = rest
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 || d > longest {
		return 0, false
	}
	return days + d, true
}

// parseCount takes a whole number that is not negative.
func parseCount(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 0 && n <= 1_000_000_000
}

func readListen(c *Config, s string) (string, []any) {
	if s != "" {
		host, port, err := net.SplitHostPort(s)
		n, numErr := strconv.Atoi(port)
		if err != nil || numErr != nil || n < 0 || n > 65535 || strings.ContainsAny(host, " /") {
			return "bad_listen", []any{s}
		}
	}
	c.Listen = s
	return "", nil
}

func readZone(c *Config, s string) (string, []any) {
	// LoadLocation takes "" for UTC and "Local" for whatever the machine is set to: neither is a decision.
	zone, err := time.LoadLocation(s)
	if err != nil || s == "" || s == "Local" {
		return "bad_zone", []any{s}
	}
	c.Zone = zone
	return "", nil
}

func readGateway(c *Config, s string) (string, []any) {
	if s == "" {
		c.Gateway = ""
		return "", nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" || u.Hostname() == "" || u.Port() == "" || u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		return "bad_gateway", []any{s}
	}
	c.Gateway = "http://" + u.Host
	return "", nil
}

// loopback tells whether a gateway never leaves this machine.
func loopback(gateway string) bool {
	u, err := url.Parse(gateway)
	if err != nil || gateway == "" {
		return false
	}
	if u.Hostname() == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.IsLoopback()
}

// Loopback tells whether the gateway is an address of this machine: then nothing reaches WeChat.
func (c *Config) Loopback() bool { return loopback(c.Gateway) }

func readApproval(c *Config, s string) (string, []any) {
	switch s {
	case "second_person":
		c.SecondPerson = true
	case "none":
		c.SecondPerson = false
	default:
		return "bad_choice", []any{s, "second_person, none"}
	}
	return "", nil
}

func readAcknowledge(c *Config, s string) (string, []any) {
	switch s {
	case "each", "batched", "none":
		c.Acknowledge = s
		return "", nil
	}
	return "bad_choice", []any{s, "each, batched, none"}
}

func readCooldown(c *Config, s string) (string, []any) {
	var steps []time.Duration
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		d, ok := parseDuration(part)
		if !ok {
			return "bad_duration", []any{part}
		}
		steps = append(steps, d)
	}
	c.Cooldown = steps
	return "", nil
}

// none is how an empty value is written where an empty one would mean that nothing was set.
const none = "none"

func readQuiet(c *Config, s string) (string, []any) {
	if s == none {
		s = ""
	}
	if s != "" {
		from, to, ok := strings.Cut(s, "-")
		a, errA := time.Parse("15:04", strings.TrimSpace(from))
		b, errB := time.Parse("15:04", strings.TrimSpace(to))
		if !ok || errA != nil || errB != nil || a.Equal(b) {
			return "bad_window", []any{s}
		}
		s = a.Format("15:04") + "-" + b.Format("15:04")
	}
	c.QuietHours = s
	return "", nil
}

// week begins on Monday, as it does for the bureau.
func week() []time.Weekday {
	return []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}
}

func readQuietDays(c *Config, s string) (string, []any) {
	named := map[time.Weekday]bool{}
	for part := range strings.SplitSeq(s, ",") {
		part = strings.TrimSpace(part)
		if part == "" || strings.TrimSpace(s) == none {
			continue
		}
		i := slices.IndexFunc(week(), func(d time.Weekday) bool { return strings.EqualFold(d.String(), part) })
		if i < 0 {
			return "bad_choice", []any{part, "monday, tuesday, wednesday, thursday, friday, saturday, sunday"}
		}
		named[week()[i]] = true
	}
	c.QuietDays = nil
	for _, d := range week() {
		if named[d] {
			c.QuietDays = append(c.QuietDays, d)
		}
	}
	return "", nil
}

func readOrigin(c *Config, s string) (string, []any) {
	if s == "" {
		c.ConsoleOrigin = ""
		return "", nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		return "bad_origin", []any{s}
	}
	c.ConsoleOrigin = u.Scheme + "://" + strings.ToLower(u.Host)
	return "", nil
}

func readTokenFile(c *Config, s string) (string, []any) {
	if s != "" && !filepath.IsAbs(s) {
		return "not_absolute", []any{s}
	}
	c.MetricsToken = s
	return "", nil
}

func readWebhook(c *Config, s string) (string, []any) {
	if s != "" {
		u, err := url.Parse(s)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
			return "bad_webhook", nil // not shown: it may hold a secret
		}
	}
	c.Alerts.Webhook = s
	return "", nil
}

// hideWebhook leaves of an address what is no secret: many services put theirs into the path.
func hideWebhook(s string) string {
	u, err := url.Parse(s)
	if err != nil || s == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host + "/…"
}

func readCommand(c *Config, s string) (string, []any) {
	c.Alerts.Command = nil
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			c.Alerts.Command = append(c.Alerts.Command, part)
		}
	}
	if len(c.Alerts.Command) > 0 && !filepath.IsAbs(c.Alerts.Command[0]) {
		return "not_absolute", []any{c.Alerts.Command[0]}
	}
	return "", nil
}
func readFolder(c *Config, s string) (string, []any) {
	// From where the daemon was started would be another folder each time.
	if s != "" && (!filepath.IsAbs(s) || filepath.Clean(s) == "/") {
		return "bad_folder", []any{s}
	}
	if c.Backup.Folder = s; s != "" {
		c.Backup.Folder = filepath.Clean(s)
	}
	return "", nil
}

func readRecipients(c *Config, s string) (string, []any) {
	c.Backup.Recipients = nil
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		// A private key that was pasted here is not repeated in a message that is logged.
		if strings.HasPrefix(strings.ToUpper(part), "AGE-SECRET-KEY-") {
			return "private_key", nil
		}
		to, err := age.ParseRecipients(strings.NewReader(part))
		if err != nil || len(to) != 1 {
			return "bad_recipient", []any{part}
		}
		c.Backup.Recipients = append(c.Backup.Recipients, to...)
	}
	return "", nil
}

func readTimeOfDay(c *Config, s string) (string, []any) {
	at, err := time.Parse("15:04", s)
	if err != nil {
		return "bad_time_of_day", []any{s}
	}
	c.Backup.At = time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute
	return "", nil
}

func readSecondFactor(c *Config, s string) (string, []any) {
	switch s {
	case "required", "off":
		c.SecondFactor = s == "required"
		return "", nil
	}
	return "bad_choice", []any{s, "required, off"}
}
