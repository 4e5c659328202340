package api

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// Finding is one thing that doctor looked at.
type Finding struct {
	Level string `json:"level"` // ok, warn, bad
	What  string `json:"what"`  // a stable word
	Text  string `json:"text"`  // what is wrong and what to do, in the reader's language
}

// findings gathers what is found, in one language.
type findings struct {
	lang words.Lang
	all  []Finding
}

func (f *findings) tell(level, what string, args ...any) {
	f.all = append(f.all, Finding{level, what, words.Say(f.lang, "cmd.doctor_"+what, args...)})
}

// SocketFile is the name of the daemon's socket in the data folder.
const SocketFile = "chunfeng.sock"

// Examine looks at a data folder from outside, as far as that goes without the ledger: who may read what lies there, whose it
// is, and how much room there is.
func Examine(l words.Lang, dir string) []Finding {
	f := findings{lang: l}
	f.files(dir)
	f.room(dir)
	return f.all
}

// files looks at the modes and the owner of what lies in the data folder.
func (f *findings) files(dir string) {
	for _, one := range []struct {
		what, name string
		mode       os.FileMode
	}{
		{"folder", "", 0o700}, {"key", store.KeyFile, 0o600}, {"database", store.DatabaseFile, 0o600}, {"", SocketFile, 0o600}, {"", "chunfeng.yaml", 0o600},
	} {
		path := filepath.Join(dir, one.name)
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist) && one.what == "":
			continue
		case err != nil && one.what == "":
			f.tell("warn", "unreadable", path, err)
			continue
		case err != nil:
			f.tell("bad", one.what+"_missing", path)
			continue
		case info.Mode().Perm()&^one.mode != 0:
			f.tell("warn", "mode", path, fmt.Sprintf("%04o", info.Mode().Perm()), fmt.Sprintf("%04o", one.mode))
		}
		if st, ok := info.Sys().(*syscall.Stat_t); ok && int(st.Uid) != os.Geteuid() {
			f.tell("warn", "owner", path, st.Uid, os.Geteuid())
		}
	}
	if _, err := os.Stat(filepath.Join(dir, store.KeyFile)); err == nil {
		f.tell("ok", "keep_key", filepath.Join(dir, store.KeyFile))
	}
}

// room looks at the disk, against the ledger's size too: a backup of it, and compacting it, want as much again.
func (f *findings) room(dir string) {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return
	}
	free := disk.Bavail * uint64(disk.Bsize)
	least := uint64(1 << 30)
	if info, err := os.Stat(filepath.Join(dir, store.DatabaseFile)); err == nil {
		least = max(least, 2*uint64(info.Size()))
	}
	level := "ok"
	switch {
	case free < 100<<20:
		level = "bad"
	case free < least:
		level = "warn"
	}
	f.tell(level, "disk", free>>20)
}

// diagnose looks at what goes wrong most often, and says in plain words what to do.
func (a *API) diagnose(r request) ([]Finding, error) {
	f := &findings{lang: r.Lang}
	f.files(a.store.Dir())
	f.room(a.store.Dir())
	a.diagnoseProgram(r, f)
	a.diagnoseSettings(f)
	if err := a.diagnoseAccounts(f.tell); err != nil {
		return nil, err
	}
	if err := a.diagnoseWork(r, f); err != nil {
		return nil, err
	}
	return f.all, a.diagnoseLedger(r, f)
}

// diagnoseProgram looks at whether it runs, and whether it may do anything.
func (a *API) diagnoseProgram(r request, f *findings) {
	if why := a.store.Disarmed(); why != nil {
		f.tell("bad", "disarmed", why.Text, words.T("hint."+why.Key))
	}
	if err := a.store.Down(); err != nil {
		f.tell("bad", "down", err.Error())
	}
	if _, err := a.Templates(); err != nil {
		f.tell("bad", "templates", words.SayError(r.Lang, err))
	}
	if a.Running() {
		f.tell("ok", "daemon")
	} else {
		f.tell("warn", "no_daemon")
	}
	if asks := r.URL.Query().Get("version"); asks != "" && asks != a.Version {
		f.tell("warn", "version_other", a.Version, asks)
	} else {
		f.tell("ok", "version", a.Version)
	}
}

// diagnoseSettings looks at the configuration in force.
func (a *API) diagnoseSettings(f *findings) {
	c := a.Config()
	now := a.now()
	f.tell("ok", "zone", c.Zone, now.Format("2006-01-02 15:04 -07:00"))
	if c.Gateway != "" {
		f.tell("warn", "gateway", c.Gateway)
	}
	for _, one := range c.Ignored() {
		f.tell("bad", "setting", one.Key, words.T("config."+one.Problem, append([]any{one.Key}, one.Args...)...))
	}
	if host, _, err := net.SplitHostPort(c.Listen); err == nil && !strings.HasPrefix(c.ConsoleOrigin, "https://") {
		ip := net.ParseIP(host)
		if !(host == "localhost" || ip != nil && ip.IsLoopback()) {
			f.tell("bad", "listen_clear", c.Listen)
		}
	}
	if path := c.MetricsToken; path != "" {
		switch info, err := os.Stat(path); {
		case err != nil:
			f.tell("bad", "unreadable", path, err)
		case info.Mode().Perm()&0o077 != 0:
			f.tell("warn", "mode", path, fmt.Sprintf("%04o", info.Mode().Perm()), "0600")
		case info.Size() < 20:
			f.tell("bad", "token_short", path)
		}
	}
	al := c.Alerts
	if al.Group == "" && al.Webhook == "" && len(al.Command) == 0 {
		f.tell("warn", "no_alerts")
	}
	if al.Group != "" {
		if _, err := a.store.Group(al.Group); err != nil {
			f.tell("bad", "alert_group", al.Group)
		}
	}
	if len(al.Command) > 0 {
		if info, err := os.Stat(al.Command[0]); err != nil || info.IsDir() || info.Mode().Perm()&0o111 == 0 {
			f.tell("bad", "alert_command", al.Command[0])
		}
	}
}

// diagnoseWork looks at what waits for a person.
func (a *API) diagnoseWork(r request, f *findings) error {
	gaps, err := a.store.Gaps(true)
	if err != nil {
		return err
	}
	if len(gaps) > 0 {
		f.tell("warn", "gaps", len(gaps))
	}
	if n, err := a.reviewCount(r.Caller); err != nil {
		return err
	} else if n > 0 {
		f.tell("warn", "review", n)
	}
	waves, err := a.store.Waves(false)
	if err != nil {
		return err
	}
	for _, w := range waves {
		if n := w.Counts[store.Unknown]; n > 0 {
			f.tell("warn", "unknown", w.ID, n)
		}
		if w.Stopped && w.State == store.WavePaused {
			f.tell("warn", "stopped", w.ID)
		}
	}
	alerts, err := a.alerts(r, true)
	for _, one := range alerts {
		switch one.What {
		case "silent", "behind": // what else is told here is told already
			f.tell("warn", "alert", one.Text)
		}
	}
	return err
}

// clockSlack is how much earlier than the ledger's last line the clock may be: two machines' clocks are never the same.
const clockSlack = 2 * time.Minute

// diagnoseLedger looks at the clock, the newest backup, and the whole of the ledger, which takes about a second for a million
// deliveries.
func (a *API) diagnoseLedger(r request, f *findings) error {
	last, err := a.store.LastNoted()
	if err != nil {
		return err
	}
	if back := time.Until(last); back > clockSlack {
		f.tell("bad", "clock_back", a.local(last).Format("2006-01-02 15:04"), back.Round(time.Minute))
	}
	if err := a.diagnoseBackups(r, f.tell); err != nil {
		return err
	}
	c, err := a.store.Check(r.Context())
	switch {
	case r.Context().Err() != nil:
		return err
	case err != nil:
		f.tell("bad", "check", err)
	case !c.OK:
		f.tell("bad", "check", c.Broken[0])
	default:
		f.tell("ok", "checked", c.Deliveries, c.Replies)
	}
	return nil
}

func (a *API) diagnoseAccounts(tell func(level, what string, args ...any)) error {
	all, err := a.store.Accounts()
	if err != nil {
		return err
	}
	if len(all) == 0 {
		tell("warn", "no_accounts")
	}
	views, err := a.viewAccounts(request{}, all)
	if err != nil {
		return err
	}
	for _, v := range views {
		switch {
		case v.State == store.AccountStopped:
			tell("bad", "account_stopped", v.Name, v.Why)
		case v.State == store.AccountWaitingScan:
			tell("warn", "account_scan", v.Name)
		case v.State != store.AccountOnline && v.State != store.AccountPaused && a.Running():
			tell("warn", "account_offline", v.Name, words.T("state."+string(v.State)), v.Why)
		}
		if v.Quarantined > 0 {
			tell("warn", "quarantined", v.Name, v.Quarantined)
		}
	}
	bound, err := a.bound()
	if err != nil {
		return err
	}
	groups, reached := 0, 0
	err = a.store.EachGroup(func(g store.Group) bool {
		groups++
		if bound.has(g.Number) {
			reached++
		}
		return true
	})
	switch {
	case err != nil:
		return err
	case groups == 0:
		tell("warn", "no_groups")
	case reached < groups:
		tell("warn", "unbound", groups-reached, groups)
	default:
		tell("ok", "all_bound", groups)
	}
	return nil
}
