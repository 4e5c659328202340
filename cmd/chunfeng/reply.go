package main

import (
	"fmt"
	"net/url"

	"github.com/spf13/cobra"

	"chunfeng/cmd/chunfeng/api"
)

func (c *cli) replyCommand() *cobra.Command {
	show := c.command("show ID", "reply_show", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.ReplyDetail
			if err := cl.get(cmd.Context(), "/v1/replies/"+url.PathEscape(args[0]), nil, &v); err != nil {
				return err
			}
			return c.printReply(v)
		})
	})
	return c.group("reply", c.replyList(), show, c.replyDecide())
}

func (c *cli) printReply(v api.ReplyDetail) error {
	return c.print(v, func() {
		c.fields("id", v.ID, "at", v.At, "account", v.Account, "group", v.Group, "sender", v.Sender, "kind", named{"intent", v.Kind},
			"state", named{"state", string(v.State)}, "review", named{"review", v.Review}, "by", v.DecidedBy, "note", v.Note, "signups", v.Signups)
		if v.Quote != "" {
			fmt.Fprintf(c.out, "\n「%s」\n", v.Quote)
		}
		if v.Text != "" {
			fmt.Fprintf(c.out, "\n%s\n", v.Text)
		}
	})
}

func (c *cli) replyList() *cobra.Command {
	var review bool
	cmd := c.command("list", "reply_list", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			all, err := c.replies(cmd, cl, review)
			if err != nil {
				return err
			}
			return c.print(all, func() {
				var rows [][]any
				for _, v := range all {
					rows = append(rows, []any{v.ID, v.At, v.Group, v.Account, named{"intent", v.Kind}, named{"state", string(v.State)}, named{"review", v.Review}})
				}
				c.table([]string{"id", "at", "group", "account", "kind", "state", "review"}, rows)
			})
		})
	})
	cmd.Flags().BoolVar(&review, "review", false, c.say("flag_review"))
	return cmd
}

// replies gathers every page. WeChat's own notices and echoes are left out: no resident said them.
func (c *cli) replies(cmd *cobra.Command, cl *client, review bool) ([]api.Reply, error) {
	out := []api.Reply{}
	q := url.Values{}
	if review {
		q.Set("review", "1")
	}
	for {
		var page []api.Reply
		if err := cl.get(cmd.Context(), "/v1/replies", q, &page); err != nil {
			return nil, err
		}
		for _, v := range page {
			if v.State != "notice" {
				out = append(out, v)
			}
		}
		if len(page) < api.PageLimit {
			return out, nil
		}
		q.Set("before", page[len(page)-1].ID)
	}
}

func (c *cli) replyDecide() *cobra.Command {
	var as, phone, name, note string
	var vacancies []string
	cmd := c.command("decide ID", "reply_decide", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.ReplyDetail
			body := map[string]any{"as": as, "phone": phone, "name": name, "vacancies": vacancies, "note": note}
			if err := cl.post(cmd.Context(), "/v1/replies/"+url.PathEscape(args[0])+"/decide", nil, body, &v); err != nil {
				return err
			}
			return c.printReply(v)
		})
	})
	f := cmd.Flags()
	f.StringVar(&as, "as", "", c.say("flag_decide_as"))
	f.StringVar(&phone, "phone", "", c.say("flag_phone"))
	f.StringVar(&name, "name", "", c.say("flag_person_name"))
	f.StringSliceVar(&vacancies, "vacancy", nil, c.say("flag_vacancy"))
	f.StringVar(&note, "note", "", c.say("flag_note"))
	return cmd
}
