package main

import (
	"errors"

	"github.com/spf13/cobra"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// compactCommand works on the folder itself: a daemon that holds it would have to stop for as long anyway.
func (c *cli) compactCommand() *cobra.Command {
	return c.command("compact", "compact", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		if err := foreign(c.data); err != nil {
			return err
		}
		v, err := store.Compact(cmd.Context(), c.data)
		switch {
		case errors.Is(err, store.ErrInUse):
			return words.Refuse("backup.compact_held", c.data).Of(words.Later).Because(err)
		case err != nil:
			return err
		}
		return c.print(v, func() { c.note("compacted", v.Before, v.After) })
	})
}
