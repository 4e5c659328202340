package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"chunfeng/cmd/chunfeng/alert"
	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// watch makes what looks for trouble and tells people.
func (a *App) watch() *alert.Watch {
	return alert.New(alert.Options{
		Store: a.store, Log: a.log, Config: a.settings, Accounts: a.seenAccounts, Left: a.left, Backup: a.lastBackup, Noticed: a.metrics.Notice,
	})
}

// seenAccounts are the accounts as they are now. Over a ledger that may be a copy none is to log in.
func (a *App) seenAccounts() (out []alert.Account, ok bool) {
	all, err := a.store.Accounts()
	if err != nil || a.store.Disarmed() != nil {
		return nil, false
	}
	a.mu.Lock()
	var began time.Time
	if a.live != nil {
		began = a.live.began
	}
	a.mu.Unlock()
	for _, one := range all {
		v := alert.Account{Account: one, Now: one.State, Since: began}
		if v.Now == store.AccountOnline {
			v.Now = store.AccountOffline // so it was left by the program before this one
		}
		if m := a.crewMember(one.Name); m != nil {
			s := m.account.State()
			v.Now, v.LastHeard, v.Unheard = s.State, s.LastHeard, s.Unheard
			if s.Since.After(began) {
				v.Since = s.Since // nobody can have been logged in before the program began
			}
		}
		out = append(out, v)
	}
	return out, true
}

// left answers how long a wave still needs, 0 when nobody knows.
func (a *App) left(wave string) time.Duration {
	d := a.dispatcher()
	if d == nil {
		return 0
	}
	p, err := d.Progress(wave)
	if err != nil {
		return 0
	}
	return p.Left
}

// testAlert tries every road.
func (a *App) testAlert(ctx context.Context) (out []api.AlertTried) {
	for _, one := range a.watch().Test(ctx) {
		v := api.AlertTried{Road: one.Road, OK: one.Err == nil, Took: one.Took.Seconds()}
		if one.Err != nil {
			v.Why = one.Err.Error()
		}
		out = append(out, v)
	}
	return out
}

// alertCommand shows what the program itself warns of.
func (c *cli) alertCommand() *cobra.Command {
	var all bool
	listing := c.command("list", "alert_list", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			q := url.Values{}
			if all {
				q.Set("all", "1")
			}
			var alerts []api.Alert
			if err := cl.get(cmd.Context(), "/v1/alerts", q, &alerts); err != nil {
				return err
			}
			return c.print(alerts, func() {
				var rows [][]any
				for _, v := range alerts {
					var told []string
					for _, n := range v.Notices {
						switch {
						case n.Failed != "":
							told = append(told, fmt.Sprintf("%s(%d✗)", n.Road, n.Tries))
						case n.Done != nil:
							told = append(told, n.Road)
						}
					}
					rows = append(rows, []any{v.ID, v.What, v.On, v.Since, v.Cleared, v.Text, strings.Join(told, " ")})
				}
				c.table([]string{"id", "what", "on", "since", "cleared", "sentence", "notified"}, rows)
			})
		})
	})
	listing.Flags().BoolVar(&all, "all", false, c.say("flag_alert_all"))
	test := c.command("test", "alert_test", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var tried []api.AlertTried
			if err := cl.post(cmd.Context(), "/v1/alerts/test", nil, nil, &tried); err != nil {
				return err
			}
			failed := 0
			for _, v := range tried {
				if !v.OK {
					failed++
				}
			}
			if err := c.print(tried, func() {
				var rows [][]any
				for _, v := range tried {
					rows = append(rows, []any{v.Road, v.OK, fmt.Sprintf("%.1f", v.Took), v.Why})
				}
				c.table([]string{"road", "notified", "took", "why"}, rows)
			}); err != nil {
				return err
			}
			if failed > 0 {
				return words.Refuse("cmd.alert_failed", failed, len(tried))
			}
			return nil
		})
	})
	return c.group("alert", listing, test)
}
