package main

import (
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
)

// groupDoubtful lists the groups of which an account cannot tell which chat they are.
func (c *cli) groupDoubtful() *cobra.Command {
	var account, county string
	cmd := c.command("doubtful", "group_doubtful", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			q := url.Values{"account": {account}, "county": {county}, "limit": {"1000"}}
			all := []api.Doubt{}
			for {
				var page api.DoubtPage
				if err := cl.get(cmd.Context(), "/v1/registry/doubtful", q, &page); err != nil {
					return err
				}
				if all = append(all, page.Doubts...); page.Next == "" {
					break
				}
				q.Set("after", page.Next)
			}
			return c.print(all, func() {
				var rows [][]any
				for _, d := range all {
					var chats []string
					for _, chat := range d.Candidates {
						chats = append(chats, chat.UserName+" "+chat.Name)
					}
					rows = append(rows, []any{d.Account, d.Code, d.Name, c.county(d.County), strings.Join(chats, "; "), d.Elsewhere, because(d.Why)})
				}
				c.table([]string{"account", "code", "name", "county", "chats", "elsewhere", "why"}, rows)
			})
		})
	})
	cmd.Flags().StringVar(&account, "account", "", c.say("flag_account"))
	cmd.Flags().StringVar(&county, "county", "", c.say("flag_county"))
	return cmd
}

// groupDecide says which chat of an account a group is, or that it is none.
func (c *cli) groupDecide() *cobra.Command {
	var account, as, chat, why string
	cmd := c.command("decide CODE", "group_decide", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.GroupDetail
			path := "/v1/groups/" + url.PathEscape(args[0]) + "/bindings/" + url.PathEscape(account)
			if err := cl.post(cmd.Context(), path, nil, api.BindingOrder{As: store.BindingState(as), Chat: chat, Why: why}, &v); err != nil {
				return err
			}
			return c.printGroup(v)
		})
	})
	cmd.Flags().StringVar(&account, "account", "", c.say("flag_account"))
	cmd.Flags().StringVar(&as, "as", "", c.say("flag_binding_as"))
	cmd.Flags().StringVar(&chat, "chat", "", c.say("flag_chat"))
	cmd.Flags().StringVar(&why, "why", "", c.say("flag_why"))
	for _, name := range []string{"account", "as"} {
		_ = cmd.MarkFlagRequired(name)
	}
	return cmd
}

// accountHandOver gives an account's groups to another one, or with --dry-run says what that would do.
func (c *cli) accountHandOver() *cobra.Command {
	var to string
	var dry bool
	cmd := c.command("hand-over NAME", "account_hand_over", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			path := "/v1/accounts/" + url.PathEscape(args[0]) + "/hand-over"
			var v api.HandOver
			err := error(nil)
			if dry {
				err = cl.get(cmd.Context(), path, url.Values{"to": {to}}, &v)
			} else {
				err = cl.post(cmd.Context(), path, nil, api.HandOverOrder{To: to}, &v)
			}
			if err != nil {
				return err
			}
			return c.print(v, func() {
				c.fields("from", v.From, "to", v.To, "state", named{"state", string(v.ToState)}, "groups", v.Groups, "deliveries", v.Deliveries, "on_wire", v.Sending, "not_in", v.Missing)
				if !v.Done {
					c.note("hand_over_tried")
				}
			})
		})
	})
	cmd.Flags().StringVar(&to, "to", "", c.say("flag_hand_over_to"))
	cmd.Flags().BoolVar(&dry, "dry-run", false, c.say("flag_dry_run_hand_over"))
	_ = cmd.MarkFlagRequired("to")
	return cmd
}
