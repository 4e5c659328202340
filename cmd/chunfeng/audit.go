package main

import (
	"fmt"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/templates/words"
)

// auditCommand reads the audit trail, and holds it against itself.
func (c *cli) auditCommand() *cobra.Command {
	return c.group("audit", c.auditList(), c.auditVerify())
}

func (c *cli) auditList() *cobra.Command {
	var who, what, on, from, to string
	var limit int
	cmd := c.command("list", "audit_list", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		if limit < 0 {
			return words.Refuse("cmd.bad_number", "--limit", limit).Of(words.Usage)
		}
		return c.withClient(cmd.Context(), func(cl *client) error {
			all := []api.AuditEvent{}
			q := url.Values{}
			for name, v := range map[string]string{"who": who, "what": what, "on": on, "from": from, "to": to} {
				if v != "" {
					q.Set(name, v)
				}
			}
			for {
				page := api.PageLimit
				if limit > 0 {
					page = min(page, limit-len(all))
				}
				q.Set("limit", strconv.Itoa(page))
				var v api.AuditPage
				if err := cl.get(cmd.Context(), "/v1/audit", q, &v); err != nil {
					return err
				}
				all = append(all, v.Events...)
				if v.Next == "" || limit > 0 && len(all) >= limit {
					break
				}
				q.Set("after", v.Next)
			}
			return c.print(all, func() {
				var rows [][]any
				for _, e := range all {
					rows = append(rows, []any{e.Number, e.At, e.Who, e.Text, e.On, e.Detail})
				}
				c.table([]string{"number", "at", "who", "what", "on", "detail"}, rows)
			})
		})
	})
	f := cmd.Flags()
	f.StringVar(&who, "who", "", c.say("flag_audit_who"))
	f.StringVar(&what, "what", "", c.say("flag_audit_what"))
	f.StringVar(&on, "on", "", c.say("flag_audit_on"))
	f.StringVar(&from, "from", "", c.say("flag_audit_from"))
	f.StringVar(&to, "to", "", c.say("flag_audit_to"))
	f.IntVar(&limit, "limit", 50, c.say("flag_audit_limit"))
	return cmd
}

func (c *cli) auditVerify() *cobra.Command {
	return c.command("verify", "audit_verify", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.AuditVerdict
			if err := cl.get(cmd.Context(), "/v1/audit/verify", nil, &v); err != nil {
				return err
			}
			if err := c.print(v, func() {
				if v.OK {
					fmt.Fprintln(c.out, c.say("audit_whole", v.Lines, v.Last, v.Hash))
				}
			}); err != nil {
				return err
			}
			if !v.OK {
				return words.Refuse("cmd.audit_broken", v.Text)
			}
			return nil
		})
	})
}
