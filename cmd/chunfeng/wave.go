package main

import (
	"net/url"

	"github.com/spf13/cobra"

	"chunfeng/store"
)

func (c *cli) waveCommand() *cobra.Command {
	listing := c.command("list", "wave_list", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var all []waveView
			if err := cl.get(cmd.Context(), "/v1/waves", nil, &all); err != nil {
				return err
			}
			return c.print(all, func() {
				var rows [][]any
				for _, w := range all {
					rows = append(rows, []any{w.ID, w.Batch, named{"state", string(w.State)}, w.At, w.Total, c.tally(w.Tally), w.CreatedBy, w.ApprovedBy})
				}
				c.table([]string{"id", "batch", "state", "at", "total", "tally", "by", "approved_by"}, rows)
			})
		})
	})
	one := func(use, key, method, path string) *cobra.Command {
		return c.command(use+" ID", key, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
			return c.withClient(cmd.Context(), func(cl *client) error {
				var w waveView
				if err := cl.call(cmd.Context(), method, "/v1/waves/"+url.PathEscape(args[0])+path, nil, nil, &w); err != nil {
					return err
				}
				return c.printWave(w)
			})
		})
	}
	return c.group("wave", listing, c.waveApprove(), c.waveRetry(),
		one("show", "wave_show", "GET", ""),
		one("pause", "wave_pause", "POST", "/pause"),
		one("resume", "wave_resume", "POST", "/resume"),
		one("cancel", "wave_cancel", "POST", "/cancel"),
	)
}

func (c *cli) printWave(w waveView) error { return c.print(w, func() { c.layWave(w) }) }

func (c *cli) layWave(w waveView) {
	c.fields("id", w.ID, "batch", w.Batch, "state", named{"state", string(w.State)}, "why", named{"why", w.Why}, "total", w.Total, "tally", c.tally(w.Tally),
		"hash", w.Hash, "at", w.At, "opened_at", w.OpenedAt, "hold_until", w.HoldUntil, "first_at", w.FirstAt, "finished_at", w.FinishedAt,
		"expires", w.Expires, "by", w.CreatedBy, "approved_by", w.ApprovedBy)
}

func (c *cli) waveApprove() *cobra.Command {
	var hash string
	cmd := c.command("approve ID", "wave_approve", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			path := "/v1/waves/" + url.PathEscape(args[0])
			var w waveView
			if err := cl.get(cmd.Context(), path, nil, &w); err != nil {
				return err
			}
			if err := cl.post(cmd.Context(), path+"/approve", nil, map[string]string{"hash": hash}, &w); err != nil {
				return err
			}
			return c.printWave(w)
		})
	})
	cmd.Flags().StringVar(&hash, "hash", "", c.say("flag_hash"))
	return cmd
}

func (c *cli) waveRetry() *cobra.Command {
	var failed bool
	cmd := c.command("retry ID", "wave_retry", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			path := "/v1/waves/" + url.PathEscape(args[0])
			var w waveView
			if err := cl.get(cmd.Context(), path, nil, &w); err != nil {
				return err
			}
			if err := c.confirm(w.Tally[store.Failed]); err != nil {
				return err
			}
			var v retryView
			if err := cl.post(cmd.Context(), path+"/retry", nil, nil, &v); err != nil {
				return err
			}
			return c.print(v, func() {
				c.note("retried", v.Retried)
				c.layWave(v.waveView)
			})
		})
	})
	cmd.Flags().BoolVar(&failed, "failed", false, c.say("flag_failed"))
	_ = cmd.MarkFlagRequired("failed")
	return cmd
}
