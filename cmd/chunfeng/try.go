package main

import (
	"fmt"
	"net/url"

	"github.com/spf13/cobra"

	"chunfeng/broadcast"
	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// waveTest has staff look at what a wave would say: in a group, whose residents read it, or in an account's own file
// helper.
func (c *cli) waveTest() *cobra.Command {
	var t api.Trial
	var account string
	cmd := c.command("test BATCH", "wave_test", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		t.Batch = args[0]
		return c.withClient(cmd.Context(), func(cl *client) error {
			if account != "" {
				return c.prove(cmd, cl, account, t)
			}
			if t.Group == "" || t.Language != "" || t.County != "" {
				return words.Refuse("cmd.test_group").Of(words.Usage)
			}
			if err := c.confirm(1); err != nil {
				return err
			}
			var w api.QueuedWave
			if err := cl.post(cmd.Context(), "/v1/waves/test", nil, t, &w); err != nil {
				return err
			}
			return c.print(w, func() {
				c.layWave(w.Wave)
				for _, text := range w.Forecast.Warnings {
					c.note("warning", text)
				}
			})
		})
	})
	f := cmd.Flags()
	f.StringVar(&t.Group, "group", "", c.say("flag_test_group"))
	f.StringVar(&account, "account", "", c.say("flag_test_account"))
	f.StringVar(&t.Language, "language", "", c.say("flag_test_language"))
	f.StringVar(&t.County, "county", "", c.say("flag_test_county"))
	f.StringVar(&t.Template, "template", "", c.say("flag_template"))
	f.IntVar(&t.Parts, "parts", 1, c.say("flag_parts"))
	f.StringVar(&t.Form, "form", "text", c.say("flag_form"))
	f.StringVar(&t.PosterURL, "poster-url", "", c.say("flag_qr_url"))
	f.IntVar(&t.PosterPages, "poster-pages", 0, c.say("flag_poster_pages", broadcast.MaxPosterPages))
	return cmd
}

// prove sends a proof, and fails when one of its messages did not arrive.
func (c *cli) prove(cmd *cobra.Command, cl *client, account string, t api.Trial) error {
	var p api.Proof
	if err := cl.post(cmd.Context(), "/v1/accounts/"+url.PathEscape(account)+"/proof", nil, t, &p); err != nil {
		return err
	}
	err := c.print(p, func() {
		var rows [][]any
		for _, m := range p.Messages {
			rows = append(rows, []any{m.Kind, fmt.Sprintf("%d/%d", m.Part, m.Of), named{"state", m.State.String()}, named{"reason", string(m.Reason)}, m.ServerID})
		}
		c.table([]string{"kind", "part", "state", "reason", "server_id"}, rows)
	})
	if err != nil {
		return err
	}
	if last := p.Messages[len(p.Messages)-1]; last.State != store.Accepted {
		return words.Refuse("cmd.proof_failed", account, words.T("reason."+string(last.Reason)))
	}
	return nil
}
