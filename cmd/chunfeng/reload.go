package main

import (
	"context"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/config"
	"chunfeng/templates"
	"chunfeng/templates/words"
)

// kept is what was set in the console, by key.
func (a *App) kept() (map[string]string, error) {
	all, err := a.store.Settings()
	out := make(map[string]string, len(all))
	for _, s := range all {
		out[s.Key] = s.Value
	}
	return out, err
}

// load reads the file, what was set in the console, and the environment. What was set in the console and is a fault now is
// left out and among the warnings: who changed the file meanwhile must not find that nothing starts any more.
func (a *App) load() (*config.Config, []config.Fault, error) {
	o := a.from
	var err error
	if o.Console, err = a.kept(); err != nil {
		return nil, nil, err
	}
	c, faults, warnings := config.LoadKept(o)
	if len(faults) > 0 {
		return nil, warnings, &api.ConfigFaults{Faults: faults}
	}
	for _, f := range c.Ignored() {
		warnings = append(warnings, ignored(f))
	}
	return c, warnings, nil
}

// ignored is the warning of a kept value that is left out.
func ignored(f config.Fault) config.Fault {
	return config.Fault{Origin: f.Origin, Key: f.Key, Problem: "ignored", Args: []any{words.T("config."+f.Problem, append([]any{f.Key}, f.Args...)...)}}
}

// try reads the configuration as it would be with these values set in the console, and changes nothing.
func (a *App) try(console map[string]string) (*config.Config, []config.Fault) {
	o := a.from
	o.Console = console
	c, faults, _ := config.Load(o)
	return c, faults
}

// Reload puts the configuration and the data folder's templates in force as they are now, or changes nothing. What works
// by them ends after the send in hand and begins anew; accounts stay logged in. It answers the keys that wait for the next
// start, and what is unwise. A daemon that stops refuses.
func (a *App) Reload(ctx context.Context) (later []string, warnings []config.Fault, err error) {
	a.mu.Lock()
	v := a.live
	a.mu.Unlock()
	if v != nil {
		if err := v.take(); err != nil {
			return nil, nil, err
		}
		defer v.give()
	}
	// Read only now: of two reloads the later one has the later settings.
	cfg, warnings, err := a.load()
	if err != nil {
		return nil, nil, err
	}
	set, err := templates.Load(a.overrides())
	if err != nil {
		return nil, nil, err
	}
	if v != nil {
		if err := v.shift.end(ctx); err != nil {
			a.log.Warn().Err(err).Msg("a send in hand did not end in time; its outcome is unknown")
		}
	}
	a.mu.Lock()
	was := a.config
	if v != nil && cfg.Gateway != was.Gateway {
		// The accounts hold on to the server that they are logged in to.
		later = append(later, "wechat.gateway")
		cfg.Gateway = was.Gateway
	}
	if cfg.Listen != was.Listen {
		later = append(later, "listen")
	}
	a.config, a.texts, a.reader = cfg, set, nil
	a.mu.Unlock()
	if v == nil {
		return nil, warnings, nil
	}
	return later, warnings, a.begin(v)
}
