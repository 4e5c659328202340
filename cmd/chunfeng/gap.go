package main

import (
	"net/url"

	"github.com/spf13/cobra"

	"chunfeng/cmd/chunfeng/api"
)

// gapCommand shows when an account heard nothing, and which groups must be read by hand.
func (c *cli) gapCommand() *cobra.Command {
	var all bool
	listing := c.command("list", "gap_list", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			q := url.Values{}
			if all {
				q.Set("all", "1")
			}
			var gaps []api.Gap
			if err := cl.get(cmd.Context(), "/v1/gaps", q, &gaps); err != nil {
				return err
			}
			return c.print(gaps, func() {
				var rows [][]any
				for _, g := range gaps {
					rows = append(rows, []any{g.ID, g.Account, g.From, g.To, because(g.Why), len(g.Groups), g.ReadBy})
				}
				c.table([]string{"id", "account", "from", "to", "why", "groups", "by"}, rows)
			})
		})
	})
	listing.Flags().BoolVar(&all, "all", false, c.say("flag_all"))
	read := c.command("read ID", "gap_read", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.Done
			if err := cl.post(cmd.Context(), "/v1/gaps/"+url.PathEscape(args[0])+"/read", nil, nil, &v); err != nil {
				return err
			}
			return c.print(v, func() { c.note("gap_read", args[0]) })
		})
	})
	return c.group("gap", listing, read)
}
