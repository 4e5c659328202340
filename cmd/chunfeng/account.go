package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/mdp/qrterminal/v3"
	"github.com/spf13/cobra"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/words"
)

func (c *cli) accountCommand() *cobra.Command {
	var county string
	add := c.command("add NAME", "account_add", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.Account
			if err := cl.post(cmd.Context(), "/v1/accounts", nil, map[string]string{"name": args[0], "county": county}, &v); err != nil {
				return err
			}
			return c.printAccount(v)
		})
	})
	add.Flags().StringVar(&county, "county", "", c.say("flag_county"))
	list := c.command("list", "account_list", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var all []api.Account
			if err := cl.get(cmd.Context(), "/v1/accounts", nil, &all); err != nil {
				return err
			}
			return c.print(all, func() {
				var rows [][]any
				for _, v := range all {
					rows = append(rows, []any{v.Name, named{"state", string(v.State)}, v.Groups, against(v.SentToday, v.Text.PerDay), v.CoolingUntil, v.LastInboundAt, c.health(v.Health), because(v.Why)})
				}
				c.table([]string{"name", "state", "groups", "sent_today", "cooling_until", "last_inbound_at", "health", "why"}, rows)
			})
		})
	})
	one := func(use, key, method, path string) *cobra.Command {
		return c.command(use+" NAME", key, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
			return c.withClient(cmd.Context(), func(cl *client) error {
				var v api.Account
				if err := cl.call(cmd.Context(), method, "/v1/accounts/"+url.PathEscape(args[0])+path, nil, nil, &v); err != nil {
					return err
				}
				return c.printAccount(v)
			})
		})
	}
	remove := c.command("remove NAME", "account_remove", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.Account
			if err := cl.call(cmd.Context(), "DELETE", "/v1/accounts/"+url.PathEscape(args[0]), nil, nil, &v); err != nil {
				return err
			}
			return c.print(v, func() { c.note("account_removed", v.Name) })
		})
	})
	return c.group("account", add, list, c.loginCommand(), c.accountHandOver(),
		one("show", "account_show", "GET", ""),
		one("pause", "account_pause", "POST", "/pause"),
		one("resume", "account_resume", "POST", "/resume"),
		remove,
	)
}

func (c *cli) printAccount(v api.Account) error {
	return c.print(v, func() {
		c.fields("name", v.Name, "state", named{"state", string(v.State)}, "since", v.Since, "why", because(v.Why), "county", c.county(v.County), "nick_name", v.NickName,
			"groups", v.Groups, "quarantined", v.Quarantined, "sent_today", against(v.SentToday, v.Text.PerDay), "sent_hour", against(v.Text.Hour, v.Text.PerHour),
			"media_today", against(v.Media.Today, v.Media.PerDay), "cooling_until", v.CoolingUntil,
			"last_inbound_at", v.LastInboundAt, "online_since", v.OnlineSince, "added_at", v.AddedAt, "health", c.health(v.Health))
		for _, r := range v.Health.Reasons {
			c.note("health_reason", r.Points, r.Text)
		}
	})
}

// against is a number against its cap, where there is one.
func against(n, limit int) any {
	if limit == 0 {
		return n
	}
	return fmt.Sprintf("%d / %d", n, limit)
}

// health is an account's health in a word, with its points.
func (c *cli) health(h api.Health) string {
	return fmt.Sprintf("%s %d", words.Say(c.lang, "page_accounts.health_"+h.Word), h.Score)
}

// loginCommand shows what must be scanned. On a terminal it stays and shows each new code until the account is online;
// elsewhere, and with --json or --png, it answers once.
func (c *cli) loginCommand() *cobra.Command {
	var png string
	cmd := c.command("login NAME", "account_login", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			shown := ""
			for {
				var v api.Login
				if err := cl.post(cmd.Context(), "/v1/accounts/"+url.PathEscape(args[0])+"/login", nil, nil, &v); err != nil {
					return err
				}
				if png != "" && len(v.PNG) > 0 {
					if err := os.WriteFile(png, v.PNG, 0o600); err != nil {
						return words.Refuse("cmd.not_written", png).Because(err)
					}
				}
				if c.json {
					return c.print(v, nil)
				}
				online := v.State == store.AccountOnline || v.State == store.AccountCooling
				switch {
				case online:
					c.note("is_online", v.Account)
					return nil
				case v.URL != shown:
					shown = v.URL
					if c.terminal {
						qrterminal.GenerateHalfBlock(v.URL, qrterminal.L, c.out)
					}
					fmt.Fprintln(c.out, v.URL)
					c.note("scan_it", v.Account)
				}
				if !c.terminal {
					return nil
				}
				select {
				case <-cmd.Context().Done():
					return errors.Join(errStopped)
				case <-time.After(time.Second):
				}
			}
		})
	})
	cmd.Flags().StringVar(&png, "png", "", c.say("flag_png_qr"))
	return cmd
}
