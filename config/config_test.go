package config

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func load(t *testing.T, text string, env ...string) (*Config, []string, []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, faults, warnings := Load(Options{File: path, Env: env})
	return c, said(faults), said(warnings)
}

func said(faults []Fault) (out []string) {
	for _, f := range faults {
		where := f.Name
		if f.Kind == FromFile {
			where = fmt.Sprintf("%d:%d", f.Line, f.Column)
		}
		out = append(out, where+" "+f.Key+" "+f.Problem)
	}
	return out
}

func TestCommentedFileIsTheDefaults(t *testing.T) {
	c, faults, warnings := load(t, Commented())
	if len(faults)+len(warnings) > 0 {
		t.Fatal(faults, warnings)
	}
	for _, v := range c.Values() {
		if v.Origin != FromFile {
			t.Errorf("%s is not in the commented file", v.Key)
		}
		if want := Default().set[v.Key]; v.Value != want {
			t.Errorf("%s: the file says %q, the default is %q", v.Key, v.Value, want)
		}
	}
	c.origins, c.set = nil, nil
	want := Default()
	want.origins, want.set = nil, nil
	if d := cmp.Diff(want, c, cmp.AllowUnexported(Config{}), cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })); d != "" {
		t.Error(d)
	}
}

// The public key was made for these tests; the private one is nobody's.
const (
	privateKey = "AGE-SECRET-KEY-1QQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQ"
	publicKey  = "age1cu45fqum3hsnxqrrec2qz39724vqnwvcyrn72mqr9xz8yqsn4e0qtq9xdw"
)

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		why, text string
		env       []string
		want      []string
	}{
		{"an empty file is no settings", "", nil, nil},
		{"a file of comments too", "# nothing\n", nil, nil},
		{"a section whose lines are commented out", "wave:\n  # hold: 1m\n", nil, nil},
		{"a misspelt key names its line", "listen: \"\"\nwechat:\n  gatway: http://127.0.0.1:1\n", nil, []string{"3:3 wechat.gatway unknown_key"}},
		{"all faults at once", "timezone: Mars\napproval: maybe\nquiet_hours: noon\ngroup_daily_limit: -1\nwave: {hold: soon}\nnope: 1\n", nil,
			[]string{"1:11 timezone bad_zone", "2:11 approval bad_choice", "3:14 quiet_hours bad_window", "4:20 group_daily_limit bad_number", "5:14 wave.hold bad_duration", "6:1 nope unknown_key"}},
		{"a section where a value stands", "wechat: http://127.0.0.1:1\n", nil, []string{"1:9 wechat no_mapping"}},
		{"a list where a value is wanted", "timezone: [a, b]\n", nil, []string{"1:11 timezone no_scalar"}},
		{"the same key twice", "listen: \"\"\nlisten: \"\"\n", nil, []string{"2:1 listen twice"}},
		{"not YAML", "listen: [\n", nil, []string{"1:9  no_yaml"}},
		{"no mapping at all", "hello\n", nil, []string{"1:1  no_mapping"}},
		{"all zero pacing may not reach WeChat", "pacing: {text: {every: 0, spread: 0, per_minute: 0, per_hour: 0, per_day: 0}}\n", nil, []string{"1:0 pacing.text.every no_pacing"}},
		{"nor another machine", "wechat: {gateway: 'http://10.0.0.7:80'}\npacing: {media: {every: 0s, spread: 0s, per_hour: 0, per_day: 0}}\n", nil, []string{"2:0 pacing.media.every no_pacing"}},
		{"but a simulator here", "wechat: {gateway: 'http://[::1]:80'}\npacing: {text: {every: 0, spread: 0, per_minute: 0, per_hour: 0, per_day: 0}, cooldown: [0s]}\n", nil, nil},
		{"a gateway needs a port", "wechat: {gateway: 'http://127.0.0.1'}\n", nil, []string{"1:19 wechat.gateway bad_gateway"}},
		{"and no path", "wechat: {gateway: 'http://127.0.0.1:1/x'}\n", nil, []string{"1:19 wechat.gateway bad_gateway"}},
		{"a variable that means nothing", "", []string{"CHUNFENG_WECHAT__GATWAY=x", "CHUNFENG_DATA=d", "OTHER=1"}, []string{"CHUNFENG_WECHAT__GATWAY CHUNFENG_WECHAT__GATWAY unknown_variable"}},
		{"a variable with a bad value", "", []string{"CHUNFENG_WAVE__HOLD=soon"}, []string{"CHUNFENG_WAVE__HOLD wave.hold bad_duration"}},
		{"a time that Go would take and nobody means", "wave: {hold: -1m, confirm_after: 99999999h}\n", nil, []string{"1:14 wave.hold bad_duration", "1:34 wave.confirm_after bad_duration"}},
		{"a cool-down of nothing", "pacing: {cooldown: []}\n", nil, []string{"1:0 pacing.cooldown no_cooldown"}},
		{"a weekday that is none", "quiet_days: [saturday, someday]\n", nil, []string{"1:13 quiet_days bad_choice"}},
		{"weekdays in any case and order", "quiet_days: [Sunday, SATURDAY]\n", nil, nil},
		{"none is no quiet at all", "", []string{"CHUNFENG_QUIET_DAYS=none", "CHUNFENG_QUIET_HOURS=none"}, nil},
		{"an origin has no path", "console: {origin: 'https://a.example.cn/wave'}\n", nil, []string{"1:19 console.origin bad_origin"}},
		{"nor another scheme", "console: {origin: 'ftp://a.example.cn'}\n", nil, []string{"1:19 console.origin bad_origin"}},
		{"an idle time that ends a page while it is read", "console: {idle: 0}\n", nil, []string{"1:0 console.idle too_short"}},
		{"an absolute time below the idle one", "console:\n  idle: 2h\n  absolute: 1h\n", nil, []string{"3:0 console.absolute too_short"}},
		{"a backup in the clear is not made by itself", "backup:\n  folder: /b\n", nil, []string{" backup.recipients no_recipient"}},
		{"a folder is meant from everywhere", "backup: {folder: b}\n", nil, []string{"1:18 backup.folder bad_folder"}},
		{"the root is nobody's folder", "backup: {folder: /}\n", nil, []string{"1:18 backup.folder bad_folder"}},
		{"no recipient", "backup: {recipients: [kim]}\n", nil, []string{"1:22 backup.recipients bad_recipient"}},
		{"a private key", "backup: {recipients: [" + privateKey + "]}\n", nil, []string{"1:22 backup.recipients private_key"}},
		{"a backup may not outlive what residents were told", "backup: {folder: /b, recipients: [" + publicKey + "], keep: 91d}\nprivacy: {retention: 90d}\n", nil, []string{"1:0 backup.keep not_between"}},
		{"nor a default's time where nothing ends it", "backup: {folder: /b, recipients: [" + publicKey + "], keep: 181d}\nprivacy: {retention: 0}\n", nil, []string{"1:0 backup.keep not_between"}},
		{"nor is each removed at once", "backup: {folder: /b, recipients: [" + publicKey + "], keep: 0}\n", nil, []string{"1:0 backup.keep not_between"}},
		{"each second is no schedule", "backup: {folder: /b, recipients: [" + publicKey + "], every: 1s}\n", nil, []string{"1:0 backup.every not_between"}},
		{"half past never", "backup: {at: '25:30'}\n", nil, []string{"1:14 backup.at bad_time_of_day"}},
		{"two recipients from the environment", "", []string{"CHUNFENG_BACKUP__FOLDER=/b", "CHUNFENG_BACKUP__RECIPIENTS=" + publicKey + ", " + publicKey}, nil},
		{"listen is an address", "listen: 8080\n", nil, []string{"1:9 listen bad_listen"}},
	} {
		cfg, faults, _ := load(t, c.text, c.env...)
		if d := cmp.Diff(c.want, faults); d != "" {
			t.Errorf("%s: %s", c.why, d)
		}
		if (cfg == nil) != (len(c.want) > 0) {
			t.Errorf("%s: a Config comes exactly when there is no fault", c.why)
		}
	}
}

func TestWarnings(t *testing.T) {
	_, faults, warnings := load(t, "pacing: {text: {every: 5s, per_day: 900}, media: {per_hour: 0}}\nwechat: {gateway: 'http://10.0.0.7:80'}\n")
	want := []string{"1:0 pacing.text.every quicker", "1:0 pacing.text.per_day quicker", "1:0 pacing.media.per_hour quicker", "2:0 wechat.gateway gateway_elsewhere"}
	if d := cmp.Diff(want, warnings); d != "" || len(faults) > 0 {
		t.Error(d, faults)
	}
	if _, _, warnings := load(t, "pacing: {text: {every: 60s, per_day: 10}}\n"); len(warnings) > 0 {
		t.Error("slower than the default is no reason to warn:", warnings)
	}
}

func TestPasswordsInClear(t *testing.T) {
	for _, c := range []struct {
		why, text string
		want      []string
	}{
		{"this machine only", "listen: 127.0.0.1:80\n", nil},
		{"every address, no TLS that is known of", "listen: :8080\n", []string{"1:0 listen console_clear"}},
		{"behind TLS", "listen: :8080\nconsole: {origin: 'https://a.example.cn'}\n", nil},
		{"an origin without TLS", "console: {origin: 'http://a.example.cn'}\n", []string{"1:0 console.origin console_clear"}},
		{"nothing listens", "listen: ''\n", nil},
	} {
		_, faults, warnings := load(t, c.text)
		if d := cmp.Diff(c.want, warnings); d != "" || len(faults) > 0 {
			t.Errorf("%s: %s %v", c.why, d, faults)
		}
	}
}

func TestQuietDays(t *testing.T) {
	c, faults, _ := load(t, "quiet_days: [sunday, Saturday, sunday]\n")
	if len(faults) > 0 || !cmp.Equal(c.QuietDays, []time.Weekday{time.Saturday, time.Sunday}) {
		t.Error(c.QuietDays, faults, "want Saturday and Sunday: the week begins on Monday")
	}
}

func TestEnvironmentWins(t *testing.T) {
	c, faults, _ := load(t, "wave: {hold: 5m}\nquiet_hours: \"\"\n", "CHUNFENG_WAVE__HOLD=1d2h", "CHUNFENG_PACING__COOLDOWN=1h, 2d")
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if c.Hold != 26*time.Hour || c.QuietHours != "" || !cmp.Equal(c.Cooldown, []time.Duration{time.Hour, 48 * time.Hour}) {
		t.Errorf("%+v", c)
	}
	for _, v := range c.Values() {
		want := map[string]Kind{"wave.hold": FromEnv, "pacing.cooldown": FromEnv, "quiet_hours": FromFile}[v.Key]
		if want == "" {
			want = FromDefault
		}
		if v.Origin != want {
			t.Errorf("%s comes from %s, want %s", v.Key, v.Origin, want)
		}
	}
}

func TestConsole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(path, []byte("wave: {hold: 5m, confirm_after: 3m}\ngroup_daily_limit: 4\napproval: none\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, faults, warnings := Load(Options{File: path, Env: []string{"CHUNFENG_WAVE__HOLD=7m"},
		Console: map[string]string{"wave.hold": "6m", "group_daily_limit": "3", "approval": "second_person", "quiet_days": "sunday", "quiet_hours": "none"}})
	if len(faults) > 0 {
		t.Fatal(said(faults))
	}
	if c.Hold != 7*time.Minute || c.ConfirmAfter != 3*time.Minute || c.GroupDailyLimit != 3 || !c.SecondPerson || c.QuietHours != "" || len(c.QuietDays) != 1 {
		t.Errorf("the environment goes over the console, the console over the file: %+v", c)
	}
	if d := cmp.Diff([]string{" group_daily_limit quicker"}, said(warnings)); d != "" {
		t.Error(d)
	}
	want := map[string]Kind{"wave.hold": FromEnv, "wave.confirm_after": FromFile, "group_daily_limit": FromConsole, "timezone": FromDefault}
	for _, v := range c.Values() {
		if want[v.Key] != "" && v.Origin != want[v.Key] {
			t.Errorf("%s comes from %s, want %s", v.Key, v.Origin, want[v.Key])
		}
	}
	_, faults, _ = Load(Options{Console: map[string]string{"wave.hold": "soon", "quiet_hours": "noon", "listen": ":80", "privacy.retention": "1d", "console.idle": "9d",
		"wechat.gateway": "http://127.0.0.1:1", "timezone": "UTC", "approval": "none", "wave.hodl": "1m"}})
	if d := cmp.Diff([]string{" approval not_loosened", " console.idle not_from_console", " listen not_from_console", " privacy.retention not_from_console",
		" quiet_hours bad_window", " timezone not_from_console", " wave.hodl unknown_key", " wave.hold bad_duration", " wechat.gateway not_from_console"}, said(faults)); d != "" {
		t.Error(d)
	}
	fast := map[string]string{}
	for _, k := range []string{"every", "spread", "per_minute", "per_hour", "per_day"} {
		fast["pacing.text."+k] = "0"
	}
	if _, faults, _ := Load(Options{Console: fast}); cmp.Diff([]string{" pacing.text.every no_pacing"}, said(faults)) != "" {
		t.Error("what is a fault in the file is one from the console:", said(faults))
	}
}

func TestSettable(t *testing.T) {
	want := []string{"approval", "pacing.text.every", "pacing.text.spread", "pacing.text.per_minute", "pacing.text.per_hour", "pacing.text.per_day",
		"pacing.media.every", "pacing.media.spread", "pacing.media.per_minute", "pacing.media.per_hour", "pacing.media.per_day", "pacing.warm_up",
		"pacing.cooldown", "quiet_hours", "quiet_days", "group_daily_limit", "wave.hold", "wave.confirm_after", "replies.acknowledge"}
	if d := cmp.Diff(want, Settable()); d != "" {
		t.Error("a new key is not for the console unless somebody decides so:", d)
	}
}

func TestFileMissing(t *testing.T) {
	gone := filepath.Join(t.TempDir(), "none.yaml")
	if _, faults, _ := Load(Options{File: gone, Optional: true}); len(faults) > 0 {
		t.Error("an optional file need not be there", faults)
	}
	if _, faults, _ := Load(Options{File: gone}); len(faults) != 1 || faults[0].Problem != "unreadable" {
		t.Error("a file that was named must be there", faults)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(Commented()))
	for _, s := range []string{"a: &x [1]\nb: *x", "? [1]\n: 2", "wave: !!binary aGk=", "<<: {listen: x}", "---\n---\nlisten: x", "\xff\xfe", "listen: |\n  x", "pacing:\n cooldown:\n - 1h\n - {}"} {
		f.Add([]byte(s))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(dir, "c.yaml")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		c, faults, _ := Load(Options{File: path})
		if (c == nil) == (len(faults) == 0) {
			t.Fatal("neither a Config nor a fault, or both")
		}
		if c != nil && (c.Zone == nil || c.Hold < 0 || !c.Loopback() && c.Text.Unlimited()) {
			t.Fatalf("accepted: %+v", c)
		}
		for _, fault := range faults {
			if fault.Problem == "" || strings.Contains(fault.Problem, " ") {
				t.Fatalf("%+v", fault)
			}
		}
	})
}

func FuzzEnv(f *testing.F) {
	for _, v := range Default().Values() {
		f.Add(variable(v.Key), v.Value)
	}
	f.Add("CHUNFENG_PACING__TEXT__EVERY", "-1s")
	f.Add("CHUNFENG_", "=")
	f.Add("CHUNFENG_PACING____TEXT", "x")
	f.Fuzz(func(t *testing.T, name, value string) {
		c, faults, _ := Load(Options{Env: []string{name + "=" + value, "PATH=/bin", "CHUNFENG"}})
		if (c == nil) == (len(faults) == 0) {
			t.Fatal("neither a Config nor a fault, or both")
		}
		if c != nil && (c.Zone == nil || c.Hold < 0 || !c.Loopback() && c.Text.Unlimited()) {
			t.Fatalf("%s=%s is accepted: %+v", name, value, c)
		}
	})
}

func FuzzConsole(f *testing.F) {
	for _, v := range Default().Values() {
		f.Add(v.Key, v.Value)
	}
	f.Add("quiet_days", "saturday,,  SUNDAY")
	f.Add("console.origin", "https://[::1]:9")
	f.Fuzz(func(t *testing.T, name, value string) {
		c, faults, _ := Load(Options{Console: map[string]string{name: value}})
		if (c == nil) == (len(faults) == 0) {
			t.Fatal("neither a Config nor a fault, or both")
		}
		for _, fault := range faults {
			if fault.Kind != FromConsole || fault.Key != name && !strings.HasPrefix(fault.Key, "pacing.") {
				t.Fatalf("%+v", fault)
			}
		}
		if c != nil && (!slices.Contains(Settable(), name) || !c.SecondPerson || c.Listen != Default().Listen || c.Gateway != "" || c.Retention != Default().Retention) {
			t.Fatalf("%s = %q was taken: %+v", name, value, c)
		}
	})
}

func TestQuicker(t *testing.T) {
	for _, c := range []struct{ why, before, after, want string }{
		{"nothing changed", "", "", ""},
		{"slower", "", "pacing: {text: {every: 60s, per_minute: 1}, cooldown: [1h, 2h, 4h, 6h, 24h]}\ngroup_daily_limit: 1\n", ""},
		{"each limit by itself", "", "pacing: {text: {every: 1s, spread: 0, per_minute: 4, per_hour: 121, per_day: 401}}\n",
			"pacing.text.every pacing.text.spread pacing.text.per_minute pacing.text.per_hour pacing.text.per_day"},
		{"no limit is the quickest", "", "pacing: {media: {per_hour: 0}}\ngroup_daily_limit: 0\n", "pacing.media.per_hour group_daily_limit"},
		{"any limit is slower than none", "", "pacing: {media: {per_minute: 1}}\n", ""},
		{"no warming up", "", "pacing: {warm_up: false}\n", "pacing.warm_up"},
		{"fewer rests, the last of which is repeated", "", "pacing: {cooldown: [30m]}\n", "pacing.cooldown"},
		{"more rests of the same lengths", "", "pacing: {cooldown: [30m, 1h, 2h, 6h, 12h, 12h]}\n", ""},
		{"back towards the default", "pacing: {text: {per_minute: 9}}\n", "pacing: {text: {per_minute: 5}}\n", ""},
	} {
		before, faults, _ := load(t, c.before)
		after, more, _ := load(t, c.after)
		if len(faults)+len(more) > 0 {
			t.Fatal(faults, more)
		}
		if got := strings.Join(after.Quicker(before), " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}

func TestLoadKept(t *testing.T) {
	zero := "pacing: {text: {every: 0, spread: 0, per_minute: 0, per_hour: 0, per_day: 0}}\nwechat: {gateway: 'http://127.0.0.1:1'}\n"
	for _, c := range []struct {
		why, file string
		kept      map[string]string
		ignored   []string
		want      map[string]string
	}{
		{"all of it is good", "", map[string]string{"wave.hold": "5m", "quiet_days": "sunday"}, nil, map[string]string{"wave.hold": "5m", "quiet_days": "sunday"}},
		{"one is not, the others are taken", "", map[string]string{"wave.hold": "soon", "quiet_days": "sunday"}, []string{" wave.hold bad_duration"}, map[string]string{"wave.hold": "2m", "quiet_days": "sunday"}},
		{"a key that a later version does not know, and one that is not the console's", "listen: ''\n", map[string]string{"pace": "9", "listen": ":80"}, []string{" listen not_from_console", " pace unknown_key"}, map[string]string{"listen": ""}},
		{"approval is not loosened", "", map[string]string{"approval": "none"}, []string{" approval not_loosened"}, map[string]string{"approval": "second_person"}},
		{"together with the file it would be no pace at all", zero, map[string]string{"pacing.text.per_day": "0"}, []string{" pacing.text.per_day no_pacing"}, map[string]string{"pacing.text.per_day": "0"}},
		{"nor is that taken for a simulator", "wechat: {gateway: 'http://127.0.0.1:1'}\n", map[string]string{"pacing.cooldown": "0s"}, []string{" pacing.cooldown no_cooldown"}, map[string]string{"pacing.cooldown": "30m, 1h, 2h, 6h, 12h"}},
	} {
		path := filepath.Join(t.TempDir(), "c.yaml")
		if err := os.WriteFile(path, []byte(c.file), 0o600); err != nil {
			t.Fatal(err)
		}
		o := Options{File: path, Console: c.kept}
		cfg, faults, _ := LoadKept(o)
		if len(faults) > 0 {
			t.Errorf("%s: %v", c.why, faults)
			continue
		}
		if d := cmp.Diff(c.ignored, said(cfg.Ignored())); d != "" {
			t.Errorf("%s: %s", c.why, d)
		}
		for key, want := range c.want {
			if cfg.set[key] != want {
				t.Errorf("%s: %s is %q, want %q", c.why, key, cfg.set[key], want)
			}
		}
		if _, faults, _ := Load(o); len(faults) != len(c.ignored) {
			t.Errorf("%s: Load finds %v", c.why, said(faults))
		}
	}
	if _, faults, _ := LoadKept(Options{Env: []string{"CHUNFENG_WAVE__HOLD=soon"}, Console: map[string]string{"wave.hold": "5m"}}); len(faults) != 1 {
		t.Error("a fault of the environment is one still:", faults)
	}
}
