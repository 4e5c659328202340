package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/config"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// configFile is the file that is in force, and whether it may be missing: --config, else the one in the data folder.
func (c *cli) configFile() (path string, optional bool) {
	if c.file != "" {
		return c.file, false
	}
	return filepath.Join(c.data, "chunfeng.yaml"), true
}

// settings reads the configuration without what was set in the console, or says everything that is wrong with it.
func (c *cli) settings() (*config.Config, error) {
	cfg, _, err := c.load() // a command that passes by does not preach: check and serve tell the warnings
	return cfg, err
}

// written is where settings are written: the file and the environment.
func (c *cli) written() config.Options {
	path, optional := c.configFile()
	return config.Options{File: path, Optional: optional, Env: os.Environ()}
}

// load reads the file and the environment, without what was set in the console.
func (c *cli) load() (*config.Config, []config.Fault, error) {
	cfg, faults, warnings := config.Load(c.written())
	if len(faults) > 0 {
		return nil, warnings, &api.ConfigFaults{Faults: faults}
	}
	return cfg, warnings, nil
}

// inForce reads the configuration with what the ledger keeps, where there is a ledger.
func (c *cli) inForce(ctx context.Context) (*config.Config, []config.Fault, error) {
	cfg, warnings, err := c.load()
	if err != nil {
		return nil, warnings, err
	}
	if _, missing := os.Stat(filepath.Join(c.data, store.DatabaseFile)); missing != nil {
		return cfg, warnings, nil
	}
	o := c.written()
	o.Console = map[string]string{}
	err = c.withClient(ctx, func(cl *client) error {
		var v api.Settings
		err := cl.get(ctx, "/v1/settings", nil, &v)
		for _, s := range v.Values {
			if s.Kept != "" {
				o.Console[s.Key] = s.Kept
			}
		}
		return err
	})
	if err != nil {
		return nil, warnings, err
	}
	cfg, faults, warnings := config.LoadKept(o)
	if len(faults) > 0 {
		return nil, warnings, &api.ConfigFaults{Faults: faults}
	}
	for _, f := range cfg.Ignored() {
		warnings = append(warnings, ignored(f))
	}
	return cfg, warnings, nil
}

// configChange sets keys in the ledger, as the console does.
func (c *cli) configChange(cmd *cobra.Command, set map[string]string) error {
	return c.withClient(cmd.Context(), func(cl *client) error {
		var v api.SettingsChanged
		if err := cl.post(cmd.Context(), "/v1/settings", nil, api.SettingsChange{Set: set, Confirm: c.yes}, &v); err != nil {
			var p *api.Problem
			if errors.As(err, &p) && p.Key == "api.settings_quicker" {
				return words.Refuse("cmd.config_quicker", p.Text)
			}
			return err
		}
		for _, w := range v.Warnings {
			c.note("warning", w)
		}
		return c.print(v, func() {
			for key := range set {
				for _, s := range v.Values {
					if s.Key == key {
						c.note("config_is", s.Key, s.Value, words.T("config.from_"+string(s.Origin)))
					}
				}
			}
		})
	})
}

func (c *cli) configCommand() *cobra.Command {
	return c.group("config",
		c.command("set KEY VALUE", "config_set", cobra.ExactArgs(2), func(cmd *cobra.Command, args []string) error {
			if strings.TrimSpace(args[1]) == "" {
				return words.Refuse("cmd.config_empty", args[0]).Of(words.Usage)
			}
			return c.configChange(cmd, map[string]string{args[0]: args[1]})
		}),
		c.command("unset KEY", "config_unset", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
			return c.configChange(cmd, map[string]string{args[0]: ""})
		}),
		c.command("init", "config_init", cobra.NoArgs, func(*cobra.Command, []string) error {
			path, _ := c.configFile()
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				return words.Refuse("cmd.not_written", path).Because(err)
			}
			f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
			if errors.Is(err, fs.ErrExist) {
				return words.Refuse("cmd.file_exists", path).Of(words.Conflict)
			}
			if err == nil {
				_, err = f.WriteString(config.Commented())
				err = errors.Join(err, f.Close())
			}
			if err != nil {
				return words.Refuse("cmd.not_written", path).Because(err)
			}
			return c.print(map[string]string{"file": path}, func() { fmt.Fprintln(c.out, path) })
		}),
		c.command("check", "config_check", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
			_, warnings, err := c.inForce(cmd.Context())
			type fault struct {
				File    string `json:"file,omitempty"`
				Line    int    `json:"line,omitempty"`
				Column  int    `json:"column,omitempty"`
				Key     string `json:"key,omitempty"`
				Problem string `json:"problem"`
				Text    string `json:"text"`
			}
			answer := struct {
				OK       bool    `json:"ok"`
				Faults   []fault `json:"faults"`
				Warnings []fault `json:"warnings"`
			}{err == nil, []fault{}, []fault{}}
			view := func(f config.Fault) fault {
				return fault{f.Name, f.Line, f.Column, f.Key, f.Problem, api.SayFault(c.lang, f)}
			}
			var all *api.ConfigFaults
			if errors.As(err, &all) {
				for _, f := range all.Faults {
					answer.Faults = append(answer.Faults, view(f))
				}
			}
			for _, f := range warnings {
				answer.Warnings = append(answer.Warnings, view(f))
			}
			c.warn(warnings)
			if printed := c.print(answer, func() {
				if err == nil {
					fmt.Fprintln(c.out, c.say("config_fine"))
				}
			}); printed != nil {
				return printed
			}
			return err
		}),
		c.command("print", "config_print", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
			cfg, _, err := c.inForce(cmd.Context())
			if err != nil {
				return err
			}
			values := cfg.Values()
			return c.print(values, func() {
				var rows [][]any
				for _, v := range values {
					from := words.Say(c.lang, "config.from_"+string(v.Origin))
					if v.Line > 0 {
						from = fmt.Sprintf("%s:%d", v.From, v.Line)
					} else if v.From != "" {
						from = v.From
					}
					rows = append(rows, []any{v.Key, v.Value, from})
				}
				c.table([]string{"key", "value", "from"}, rows)
			})
		}),
	)
}

// warn tells what is accepted and unwise.
func (c *cli) warn(warnings []config.Fault) {
	for _, f := range warnings {
		c.note("warning", api.SayFault(c.lang, f))
	}
}
