package main

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/templates/words"
)

func (c *cli) signupCommand() *cobra.Command {
	return c.group("signup", c.signupList(), c.signupShow(), c.signupStatus(), c.signupCorrect(), c.signupExport(), c.subjectErase("erase"))
}

// signupFlags are the flags that choose sign-ups.
func (c *cli) signupFlags(cmd *cobra.Command) func() url.Values {
	f := cmd.Flags()
	wave := f.String("wave", "", c.say("flag_wave"))
	batch := f.String("batch", "", c.say("flag_batch"))
	group := f.String("group", "", c.say("flag_group_code"))
	employer := f.String("employer", "", c.say("flag_employer"))
	return func() url.Values {
		return url.Values{"wave": {*wave}, "batch": {*batch}, "group": {*group}, "employer": {*employer}}
	}
}

func (c *cli) signupList() *cobra.Command {
	var q func() url.Values
	cmd := c.command("list", "signup_list", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var all []api.Signup
			if err := cl.get(cmd.Context(), "/v1/signups", q(), &all); err != nil {
				return err
			}
			return c.print(all, func() {
				var rows [][]any
				for _, v := range all {
					rows = append(rows, []any{v.ID, v.At, v.Group, v.Name, v.Phone, v.Vacancies, v.Batch, v.Wave, v.Reply, named{"status", string(v.Status)}})
				}
				c.table([]string{"id", "at", "group", "name", "phone", "vacancies", "batch", "wave", "reply", "status"}, rows)
			})
		})
	})
	q = c.signupFlags(cmd)
	return cmd
}

func (c *cli) printSignup(v api.SignupDetail) error {
	return c.print(v, func() {
		c.fields("id", v.ID, "at", v.At, "group", v.Group, "name", v.Name, "phone", v.Phone, "vacancies", v.Vacancies, "batch", v.Batch,
			"wave", v.Wave, "delivery", v.Delivery, "reply", v.Reply, "status", named{"status", string(v.Status)}, "note", v.Note, "updated_at", v.UpdatedAt)
		if v.Text != "" {
			fmt.Fprintf(c.out, "\n%s\n", v.Text)
		}
	})
}

func (c *cli) signupShow() *cobra.Command {
	var reveal bool
	var purpose string
	cmd := c.command("show ID", "signup_show", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		if reveal && strings.TrimSpace(purpose) == "" {
			return words.Refuse("cmd.needs_purpose").Of(words.Usage)
		}
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.SignupDetail
			path := "/v1/signups/" + url.PathEscape(args[0])
			var err error
			if reveal {
				err = cl.post(cmd.Context(), path+"/reveal", nil, map[string]string{"purpose": purpose}, &v)
			} else {
				err = cl.get(cmd.Context(), path, nil, &v)
			}
			if err != nil {
				return err
			}
			return c.printSignup(v)
		})
	})
	cmd.Flags().BoolVar(&reveal, "reveal", false, c.say("flag_reveal"))
	cmd.Flags().StringVar(&purpose, "purpose", "", c.say("flag_purpose"))
	return cmd
}

func (c *cli) signupStatus() *cobra.Command {
	var note string
	cmd := c.command("status ID STATUS", "signup_status", cobra.ExactArgs(2), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.SignupDetail
			body := map[string]string{"status": args[1], "note": note}
			if err := cl.post(cmd.Context(), "/v1/signups/"+url.PathEscape(args[0])+"/status", nil, body, &v); err != nil {
				return err
			}
			return c.printSignup(v)
		})
	})
	cmd.Flags().StringVar(&note, "note", "", c.say("flag_note"))
	return cmd
}

func (c *cli) signupExport() *cobra.Command {
	var in api.Handover
	var q func() url.Values
	cmd := c.command("export FILE", "signup_export", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		if strings.TrimSpace(in.Purpose) == "" {
			return words.Refuse("cmd.needs_purpose").Of(words.Usage)
		}
		return c.withClient(cmd.Context(), func(cl *client) error {
			var all []api.Signup
			if err := cl.post(cmd.Context(), "/v1/signups/export", q(), in, &all); err != nil {
				return err
			}
			rows := [][]string{{"id", "at", "group", "name", "phone", "vacancies", "batch", "wave", "reply", "status", "note"}}
			for _, v := range all {
				rows = append(rows, []string{v.ID, c.cell(v.At), v.Group, v.Name, v.Phone, strings.Join(v.Vacancies, " "), v.Batch, v.Wave, v.Reply, string(v.Status), v.Note})
			}
			return c.export(args[0], rows)
		})
	})
	q = c.signupFlags(cmd)
	cmd.Flags().StringVar(&in.Purpose, "purpose", "", c.say("flag_purpose"))
	cmd.Flags().StringVar(&in.Recipient, "recipient", "", c.say("flag_recipient"))
	return cmd
}
