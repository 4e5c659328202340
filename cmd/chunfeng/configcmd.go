package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"chunfeng/config"
	"chunfeng/templates/words"
)

// configFaults are all faults of the settings at once.
type configFaults struct{ faults []config.Fault }

// Error implements error.
func (f *configFaults) Error() string { return f.In(words.English) }

// In says every fault, one a line.
func (f *configFaults) In(l words.Lang) string {
	lines := make([]string, len(f.faults))
	for i, one := range f.faults {
		lines[i] = sayFault(l, one)
	}
	if len(lines) == 1 {
		return lines[0]
	}
	return words.Say(l, "config.faults", len(lines)) + "\n  " + strings.Join(lines, "\n  ")
}

// sayFault says where a fault is and what it is.
func sayFault(l words.Lang, f config.Fault) string {
	said := words.Say(l, "config."+f.Problem, append([]any{f.Key}, f.Args...)...)
	switch {
	case f.Kind == config.FromConsole:
		return words.Say(l, "config.from_console") + ": " + said
	case f.Kind == config.FromEnv:
		return f.Name + ": " + said
	case f.Line > 0 && f.Column > 0:
		return fmt.Sprintf("%s:%d:%d: %s", f.Name, f.Line, f.Column, said)
	case f.Line > 0:
		return fmt.Sprintf("%s:%d: %s", f.Name, f.Line, said)
	case f.Name != "":
		return f.Name + ": " + said
	}
	return said
}

// configFile is the file that is in force, and whether it may be missing: --config, else the one in the data folder.
func (c *cli) configFile() (path string, optional bool) {
	if c.file != "" {
		return c.file, false
	}
	return filepath.Join(c.data, "chunfeng.yaml"), true
}

// settings reads the configuration, or says everything that is wrong with it.
func (c *cli) settings() (*config.Config, error) {
	cfg, _, err := c.load() // a command that passes by does not preach: check and serve tell the warnings
	return cfg, err
}

func (c *cli) load() (*config.Config, []config.Fault, error) {
	path, optional := c.configFile()
	cfg, faults, warnings := config.Load(config.Options{File: path, Optional: optional, Env: os.Environ()})
	if len(faults) > 0 {
		return nil, warnings, &configFaults{faults}
	}
	return cfg, warnings, nil
}

func (c *cli) configCommand() *cobra.Command {
	return c.group("config",
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
		c.command("check", "config_check", cobra.NoArgs, func(*cobra.Command, []string) error {
			_, warnings, err := c.load()
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
				return fault{f.Name, f.Line, f.Column, f.Key, f.Problem, sayFault(c.lang, f)}
			}
			var all *configFaults
			if errors.As(err, &all) {
				for _, f := range all.faults {
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
		c.command("print", "config_print", cobra.NoArgs, func(*cobra.Command, []string) error {
			cfg, _, err := c.load()
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
		c.note("warning", sayFault(c.lang, f))
	}
}
