package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version and commit are set by the linker (-X main.version=…); a plain go build leaves the Go toolchain's own stamps.
var version, commit string

type versionView struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Go      string `json:"go"`
}

func thisVersion() versionView {
	v := versionView{version, commit, runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		if v.Version == "" {
			v.Version = info.Main.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && v.Commit == "" {
				v.Commit = s.Value
			}
		}
	}
	if v.Version == "" {
		v.Version = "(devel)"
	}
	return v
}

func (c *cli) versionCommand() *cobra.Command {
	return c.command("version", "version", cobra.NoArgs, func(*cobra.Command, []string) error {
		v := thisVersion()
		return c.print(v, func() { fmt.Fprintf(c.out, "chunfeng %s %s %s\n", v.Version, v.Commit, v.Go) })
	})
}
