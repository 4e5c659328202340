// Package config reads one file, what was set in the console, and the environment into one checked struct.
//
// # Promise
//
// Load answers either a Config whose every value makes sense alone and together with the others, or all faults at once,
// each with the line and column of the file, or the environment variable, where it stands. A key that means nothing is
// a fault: a misspelt gateway must not send a test to the real WeChat. The environment wins over what was set in the
// console, that over the file, the file over the defaults; Origin says for each key which of them it was.
//
// The console sets only what the bureau's own people decide in their daily work; [Settable] lists it and says why. What
// else the ledger may hold is a fault, so that nobody gets further by writing into it.
//
// Every key can be set from the environment: CHUNFENG_ and the key in capitals, two underscores for each dot
// (CHUNFENG_WECHAT__GATEWAY). A list is written with commas. [Reserved] names are not keys.
//
// # Failure cases
//
// A file that cannot be read or is no YAML is one fault. Pacing that is all zero, as fast as the wire allows, is a fault
// unless the gateway is a loopback address and nothing of it was set in the console: a rehearsal ends, what was set stays.
// What is merely unwise, such as a pace above the polite defaults, is a warning and is accepted.
//
// # Caveats
//
// The package imports nothing of this program, so a Fault carries the name of its problem and the arguments, and its
// caller finds the words. YAML's anchors, tags and merge keys are not understood and are faults.
package config

import (
	"bytes"
	"maps"
	"os"
	"time"
	_ "time/tzdata" // a machine without zone files knows Asia/Shanghai too

	_ "embed"

	"filippo.io/age"
)

// Config is everything that can be set. Its zero value is not useful; begin with Default.
type Config struct {
	Listen          string         // console and API over HTTP, HOST:PORT; empty: the socket only
	Zone            *time.Location // of days, quiet hours and schedules
	Gateway         string         // http://HOST:PORT to which every request of the WeChat client goes; empty: WeChat itself
	SecondPerson    bool           // somebody else than who queued a wave must approve it
	Text, Media     Limits         // per account
	WarmUp          bool           // a new account starts with a quarter of its daily limit and has all of it in the fourth week
	Cooldown        []time.Duration
	QuietHours      string         // "20:30-08:30" in Zone; empty: none
	QuietDays       []time.Weekday // nothing is broadcast on these, from Monday on; the calendar's working days aside
	GroupDailyLimit int            // broadcasts a group and day; 0: no limit
	Hold            time.Duration
	ConfirmAfter    time.Duration // how long an accepted message must stay uncontradicted to count as sent
	Acknowledge     string        // each, batched or none
	Retention       time.Duration // how long residents are told that their number is kept
	KeyPeriod       time.Duration // so old a key is replaced and destroyed; 0: only when a person asks
	ConsoleIdle     time.Duration // a person who asked for nothing so long must sign in anew
	ConsoleAbsolute time.Duration // so long after signing in a person must do so anew, whatever was done meanwhile
	SecondFactor    bool          // who signs in proves a second time that it is they, by a code of their telephone
	ConsoleOrigin   string        // "https://wave.example.cn", as people's browsers see the console; empty: Listen
	MetricsToken    string        // the file with the word by which /metrics is read over HTTP; empty: over the socket only
	Alerts          Alerts
	Backup          Backup

	origins map[string]Origin
	set     map[string]string // each key's value as it was written, for Print
	ignored []Fault
}

// Backup says when the daemon makes backups by itself, where to, for whom they are sealed and how long they stay.
type Backup struct {
	Folder     string          // an absolute path; empty: none are made
	Recipients []age.Recipient // at least one where there is a Folder
	At         time.Duration   // the first of a day, since midnight in Zone
	Every      time.Duration   // and so long after it again, until the next day's first; at most a day
	Keep       time.Duration   // older ones are removed; never longer than Retention
	Copies     int             // all but so many are removed; 0: any number
}

// Limits are the pace of one kind of message. A zero limit does not limit.
type Limits struct {
	Every, Spread              time.Duration // the pause between two sends: Every and a random part of Spread
	PerMinute, PerHour, PerDay int
}

// Alerts is whom the program tells by itself that something is wrong, and when. A duration or size of 0 never does.
type Alerts struct {
	Group      string        // the code of a registered group; empty: none
	Webhook    string        // https://…, to which each alert is posted; empty: none
	Command    []string      // a program and its arguments, which gets each alert on its standard input; empty: none
	AccountOut time.Duration // an account is logged out for so long
	Silent     time.Duration // the shortest silence of an account that may be unusual
	Behind     time.Duration // a wave is so much behind its forecast
	Unknown    time.Duration // a delivery is unknown for so long
	DiskFree   int           // less is free on the disk, in MB
	Backup     time.Duration // the newest verified backup is so old
}

// Unlimited tells whether nothing holds the sends back.
func (l Limits) Unlimited() bool { return l == Limits{} }

// Origin says where a value comes from.
type Origin struct {
	Kind Kind
	Name string // the file's path or the environment variable; empty for the console
	Line int    // in the file, from 1
}

// Kind is a kind of origin.
type Kind string

// The kinds of origin.
const (
	FromDefault Kind = "default"
	FromFile    Kind = "file"
	FromConsole Kind = "console"
	FromEnv     Kind = "env"
)

// Fault is one thing that is wrong, or as a warning unwise.
type Fault struct {
	Origin
	Column  int
	Key     string // "pacing.text.every"; empty when the file as a whole is meant
	Problem string // a stable word: unknown_key, bad_duration …
	Args    []any  // what the sentence about it mentions, beside the key
}

// Options of Load.
type Options struct {
	File     string            // its path; empty: no file
	Optional bool              // the file need not exist
	Console  map[string]string // what the ledger keeps: values by key, as they were written in the console
	Env      []string          // as os.Environ gives it
}

// Default answers the defaults: polite, in the bureau's time zone, with approval by a second person.
func Default() *Config {
	c := &Config{origins: map[string]Origin{}, set: map[string]string{}}
	for _, k := range keys() {
		if problem, args := k.read(c, k.fallback); problem != "" {
			// Held by a test; the table is part of this program.
			panic("config: the default of " + k.name + ": " + problem + " " + sprint(args))
		}
		c.set[k.name], c.origins[k.name] = k.fallback, Origin{Kind: FromDefault}
	}
	return c
}

// Load reads and checks. The Config is nil when there are faults; warnings come either way.
func Load(o Options) (c *Config, faults, warnings []Fault) {
	l := loader{c: Default(), index: index()}
	if o.File != "" {
		b, err := os.ReadFile(o.File)
		switch {
		case err == nil:
			l.file(o.File, bytes.TrimPrefix(b, []byte("\uFEFF")))
		case os.IsNotExist(err) && o.Optional:
		default:
			l.fault(Fault{Origin: Origin{Kind: FromFile, Name: o.File}, Problem: "unreadable", Args: []any{err.Error()}})
		}
	}
	l.console(o.Console)
	l.env(o.Env)
	l.check()
	if len(l.faults) > 0 {
		return nil, l.faults, l.warnings
	}
	return l.c, nil, l.warnings
}

// LoadKept is Load for a program that has to go on: what the ledger keeps and is a fault, by itself or against a file that
// was changed since, is left out. [Config.Ignored] tells what was.
func LoadKept(o Options) (c *Config, faults, warnings []Fault) {
	kept := maps.Clone(o.Console)
	o.Console = kept
	var ignored []Fault
	for {
		c, faults, warnings = Load(o)
		var left []Fault
		for _, f := range faults {
			if _, is := kept[f.Key]; is && f.Kind == FromConsole {
				left = append(left, f)
				delete(kept, f.Key)
			}
		}
		if len(left) == 0 {
			break
		}
		ignored = append(ignored, left...)
	}
	if c != nil {
		c.ignored = ignored
	}
	return c, faults, warnings
}

// Ignored lists what the ledger keeps and LoadKept left out, each with what is wrong with it.
func (c *Config) Ignored() []Fault { return c.ignored }

// Value is one key as it is in force.
type Value struct {
	Key     string `json:"key"`
	Value   string `json:"value"`
	Origin  Kind   `json:"origin"`
	From    string `json:"from,omitempty"` // the file's path or the environment variable
	Line    int    `json:"line,omitempty"`
	Default string `json:"default"`
}

// Values lists every key in the order of the commented file.
func (c *Config) Values() []Value {
	var out []Value
	for _, k := range keys() {
		o, shown := c.origins[k.name], c.set[k.name]
		if k.secret != nil {
			shown = k.secret(shown)
		}
		out = append(out, Value{k.name, shown, o.Kind, o.Name, o.Line, k.fallback})
	}
	return out
}

//go:embed chunfeng.yaml
var commented string

// Commented is a file with every key, its default and what it means.
func Commented() string { return commented }
