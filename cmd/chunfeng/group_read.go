package main

import (
	"fmt"
	"net/url"

	"github.com/spf13/cobra"

	"chunfeng/cmd/chunfeng/api"
)

// groupCoverage shows by county, and by township if asked, how many groups can be written to now, and why the others not.
func (c *cli) groupCoverage() *cobra.Command {
	var townships bool
	cmd := c.command("coverage", "group_coverage", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.CoverageReport
			if err := cl.get(cmd.Context(), "/v1/registry/coverage", nil, &v); err != nil {
				return err
			}
			return c.print(v, func() {
				columns := []string{"county", "township", "groups", "bound", "quarantined"}
				for _, r := range api.Reaches() {
					columns = append(columns, "reach_"+string(r))
				}
				all := v.Counties
				if townships {
					all = v.Townships
				}
				var rows [][]any
				for _, one := range append(all, v.Total) {
					name := c.county(one.County)
					if one.County == "" {
						name = c.say("all")
					}
					row := []any{name, one.Township, one.Groups, one.Bound, one.Doubtful}
					for _, r := range api.Reaches() {
						row = append(row, one.Reach[r])
					}
					rows = append(rows, row)
				}
				c.table(columns, rows)
			})
		})
	})
	cmd.Flags().BoolVar(&townships, "townships", false, c.say("flag_townships"))
	return cmd
}

// groupHistory shows what a group was sent and what came back, the newest first.
func (c *cli) groupHistory() *cobra.Command {
	var limit int
	cmd := c.command("history CODE", "group_history", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v struct {
				api.GroupHistory
				Replies []api.ReplyDetail `json:"replies"`
				Signups []api.Signup      `json:"signups"`
			}
			base, q := "/v1/groups/"+url.PathEscape(args[0]), url.Values{"limit": {fmt.Sprint(limit)}}
			if err := cl.get(cmd.Context(), base+"/deliveries", q, &v.GroupHistory); err != nil {
				return err
			}
			var replies api.GroupReplies
			if err := cl.get(cmd.Context(), base+"/replies", q, &replies); err != nil {
				return err
			}
			var signups api.GroupSignups
			if err := cl.get(cmd.Context(), base+"/signups", q, &signups); err != nil {
				return err
			}
			v.Replies, v.Signups = replies.Replies, signups.Signups
			return c.print(v, func() {
				var rows [][]any
				for _, d := range v.Deliveries {
					rows = append(rows, []any{d.ID, d.Part, named{"kind", string(d.Kind)}, named{"state", d.State.String()}, named{"reason", string(d.Reason)}, d.Account, d.At})
				}
				c.table([]string{"delivery", "part", "kind", "state", "reason", "account", "at"}, rows)
				rows = nil
				for _, r := range v.Replies {
					rows = append(rows, []any{r.ID, r.At, r.Sender, named{"intent", r.Kind}, named{"state", string(r.State)}, r.Text})
				}
				c.table([]string{"reply", "at", "sender", "kind", "state", "texts"}, rows)
				rows = nil
				for _, n := range v.Signups {
					rows = append(rows, []any{n.ID, n.At, n.Name, n.Phone, n.Vacancies, named{"status", string(n.Status)}})
				}
				c.table([]string{"id", "at", "name", "phone", "vacancies", "status"}, rows)
			})
		})
	})
	cmd.Flags().IntVar(&limit, "limit", 50, c.say("flag_limit"))
	return cmd
}
