package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/words"
)

func (c *cli) checkCommand() *cobra.Command {
	return c.command("check", "check", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v store.Checked
			if err := cl.get(cmd.Context(), "/v1/check", nil, &v); err != nil {
				return err
			}
			for _, b := range v.Broken {
				if !c.json {
					c.note("broken", b)
				}
			}
			if err := c.print(v, func() {
				c.fields("waves", v.Waves, "deliveries", v.Deliveries, "replies", v.Replies, "signups", v.Signups)
				if v.OK {
					fmt.Fprintln(c.out, c.say("check_fine"))
				}
			}); err != nil {
				return err
			}
			if !v.OK {
				return words.Refuse("cmd.check_broken", len(v.Broken))
			}
			return nil
		})
	})
}

func (c *cli) doctorCommand() *cobra.Command {
	return c.command("doctor", "doctor", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var all []api.Finding
			if err := cl.get(cmd.Context(), "/v1/doctor", nil, &all); err != nil {
				return err
			}
			bad := 0
			for _, f := range all {
				if f.Level == "bad" {
					bad++
				}
			}
			if err := c.print(all, func() {
				for _, f := range all {
					fmt.Fprintf(c.out, "%s\t%s\n", c.say("level_"+f.Level), f.Text)
				}
			}); err != nil {
				return err
			}
			if bad > 0 {
				return words.Refuse("cmd.doctor_found", bad)
			}
			return nil
		})
	})
}
