package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// manCommand prints the manual page that the package installs: one for all commands, in the language of --lang.
func (c *cli) manCommand() *cobra.Command {
	cmd := c.command("man", "man", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return manual(c.out, cmd.Root())
	})
	cmd.Hidden = true
	return cmd
}

// manual writes every command that is not hidden, with its flags, as a manual page in roff.
func manual(out io.Writer, root *cobra.Command) (err error) {
	say := func(format string, args ...any) {
		if err == nil {
			_, err = fmt.Fprintf(out, format+"\n", args...)
		}
	}
	// No date: two builds of one version are the same bytes.
	say(`.TH CHUNFENG 1 "" "chunfeng %s"`, roff(thisVersion().Version))
	say(".SH NAME\nchunfeng \\- %s", roff(root.Short))
	say(".SH SYNOPSIS\n.B chunfeng\n[\\fIflags\\fR] \\fIcommand\\fR ...")
	say(".SH COMMANDS")
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		for _, sub := range cmd.Commands() {
			if sub.Hidden || sub.Name() == "help" || sub.Name() == "completion" {
				continue
			}
			if sub.Runnable() && !sub.HasSubCommands() || strings.Contains(sub.Use, " ") {
				say(".TP\n.B %s\n%s", roff(sub.UseLine()), roff(sub.Short))
				sub.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) { flagLine(say, f) })
			}
			walk(sub)
		}
	}
	walk(root)
	say(".SH OPTIONS")
	root.PersistentFlags().VisitAll(func(f *pflag.Flag) {
		say(".TP\n.B \\-\\-%s\n%s", roff(f.Name), roff(f.Usage))
	})
	say(".SH EXIT STATUS\n.nf\n0   done\n1   failed or refused\n2   usage\n75  try later\n78  configuration\n.fi")
	say(".SH FILES\n.nf\n/etc/chunfeng/chunfeng.yaml\n/var/lib/chunfeng\n/usr/share/doc/chunfeng/operations.md\n.fi")
	return err
}

func flagLine(say func(string, ...any), f *pflag.Flag) {
	if f.Hidden || f.Name == "help" {
		return
	}
	say(".br\n\\fB\\-\\-%s\\fR  %s", roff(f.Name), roff(f.Usage))
}

// roff takes away what roff would read as its own.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, "\n", " ").Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}
