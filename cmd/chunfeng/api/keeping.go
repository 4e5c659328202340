package api

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// Finding is one thing that doctor looked at.
type Finding struct {
	Level string `json:"level"` // ok, warn, bad
	What  string `json:"what"`  // a stable word
	Text  string `json:"text"`
}

func (a *API) keepingRoutes() {
	a.on(Keep, "GET /v1/check", func(r request) (any, error) {
		c, err := a.store.Check(r.Context())
		c.Broken = list(c.Broken)
		return c, err
	}).says("Recounts the whole ledger against its laws.").answers(store.Checked{})
	a.on(Keep, "POST /v1/arm", func(r request) (any, error) {
		if err := a.Arm(r.Name); err != nil {
			return nil, err
		}
		return Done{true}, nil
	}).says("Has a ledger send that may be a copy: whoever asks has made sure that no other one sends.").answers(Done{})
	a.on(Read, "GET /v1/doctor", func(r request) (any, error) { return a.diagnose(r) }).
		says("Looks at what goes wrong most often, and says what to do.").answers([]Finding{})
}

// diagnose looks at what goes wrong most often, and says in plain words what to do.
func (a *API) diagnose(r request) ([]Finding, error) {
	out := []Finding{}
	tell := func(level, what string, args ...any) {
		out = append(out, Finding{level, what, words.Say(r.Lang, "cmd.doctor_"+what, args...)})
	}
	for _, f := range []struct {
		what, path string
		mode       os.FileMode
	}{{"key", filepath.Join(a.store.Dir(), store.KeyFile), 0o600}, {"database", filepath.Join(a.store.Dir(), store.DatabaseFile), 0o600}, {"folder", a.store.Dir(), 0o700}} {
		info, err := os.Stat(f.path)
		switch {
		case err != nil:
			tell("bad", f.what+"_missing", f.path)
		case info.Mode().Perm()&^f.mode != 0:
			tell("warn", "mode", f.path, fmt.Sprintf("%04o", info.Mode().Perm()), fmt.Sprintf("%04o", f.mode))
		}
	}
	tell("ok", "keep_key", filepath.Join(a.store.Dir(), store.KeyFile))
	var disk syscall.Statfs_t
	if err := syscall.Statfs(a.store.Dir(), &disk); err == nil {
		free := disk.Bavail * uint64(disk.Bsize) >> 20
		level := "ok"
		if free < 1024 {
			level = "warn"
		}
		if free < 100 {
			level = "bad"
		}
		tell(level, "disk", free)
	}
	if why := a.store.Disarmed(); why != nil {
		tell("bad", "disarmed", why.Text)
	}
	if err := a.store.Down(); err != nil {
		tell("bad", "down", err.Error())
	}
	if err := a.diagnoseBackups(r, tell); err != nil {
		return nil, err
	}
	if _, err := a.Templates(); err != nil {
		tell("bad", "templates", words.SayError(r.Lang, err))
	}
	if a.Running() {
		tell("ok", "daemon")
	} else {
		tell("warn", "no_daemon")
	}
	if cfg := a.Config(); cfg.Gateway != "" {
		tell("warn", "gateway", cfg.Gateway)
	}
	for _, f := range a.Config().Ignored() {
		tell("bad", "setting", f.Key, words.T("config."+f.Problem, append([]any{f.Key}, f.Args...)...))
	}
	if err := a.diagnoseAccounts(tell); err != nil {
		return nil, err
	}
	gaps, err := a.store.Gaps(true)
	if err != nil {
		return nil, err
	}
	if len(gaps) > 0 {
		tell("warn", "gaps", len(gaps))
	}
	if n, err := a.reviewCount(r.Caller); err != nil {
		return nil, err
	} else if n > 0 {
		tell("warn", "review", n)
	}
	waves, err := a.store.Waves(false)
	if err != nil {
		return nil, err
	}
	for _, w := range waves {
		if n := w.Counts[store.Unknown]; n > 0 {
			tell("warn", "unknown", w.ID, n)
		}
		if w.Stopped && w.State == store.WavePaused {
			tell("warn", "stopped", w.ID)
		}
	}
	return out, nil
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
		if bound[g.Number] {
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
