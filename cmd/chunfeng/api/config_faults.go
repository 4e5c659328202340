package api

import (
	"fmt"
	"strings"

	"chunfeng/config"
	"chunfeng/templates/words"
)

// ConfigFaults are all faults of the configuration at once.
type ConfigFaults struct{ Faults []config.Fault }

// Error implements error.
func (f *ConfigFaults) Error() string { return f.In(words.English) }

// In says every fault, one a line.
func (f *ConfigFaults) In(l words.Lang) string {
	lines := make([]string, len(f.Faults))
	for i, one := range f.Faults {
		lines[i] = SayFault(l, one)
	}
	if len(lines) == 1 {
		return lines[0]
	}
	return words.Say(l, "config.faults", len(lines)) + "\n  " + strings.Join(lines, "\n  ")
}

// SayFault says where a fault of the configuration is and what it is.
func SayFault(l words.Lang, f config.Fault) string {
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
