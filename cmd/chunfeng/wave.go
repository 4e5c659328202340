package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"chunfeng/broadcast"
	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/words"
)

func (c *cli) waveCommand() *cobra.Command {
	return c.group("wave", c.wavePlan(), c.waveTest(), c.waveQueue(), c.waveApprove(), c.waveList(), c.waveShow(), c.waveRetry(),
		c.waveWatch(), c.waveStop(), c.waveRecall(), c.waveVerb("pause", "wave_pause"), c.waveVerb("resume", "wave_resume"), c.waveVerb("cancel", "wave_cancel"),
		c.waveAudience(), c.waveCalendar(), c.waveTexts(), c.waveHistory(),
	)
}

// isSchedule tells a schedule's id (S3) from a wave's (2026-012).
func isSchedule(id string) bool { return strings.HasPrefix(strings.ToUpper(id), "S") }

// wavePath is where the API keeps what an id names.
func wavePath(id string) string {
	if isSchedule(id) {
		return "/v1/schedules/" + url.PathEscape(id)
	}
	return "/v1/waves/" + url.PathEscape(id)
}

// orderFlags are the flags that say what is sent to whom and when.
func (c *cli) orderFlags(cmd *cobra.Command) *api.Order {
	var o api.Order
	f := cmd.Flags()
	f.StringVar(&o.At, "at", "", c.say("flag_at"))
	f.StringVar(&o.Template, "template", "", c.say("flag_template"))
	f.IntVar(&o.Parts, "parts", 1, c.say("flag_parts"))
	f.StringVar(&o.Form, "form", "text", c.say("flag_form"))
	f.StringVar(&o.PosterURL, "poster-url", "", c.say("flag_qr_url"))
	f.IntVar(&o.PosterPages, "poster-pages", 0, c.say("flag_poster_pages", broadcast.MaxPosterPages))
	c.audienceFlags(cmd, &o.Audience)
	f.StringVar(&o.Hold, "hold", "", c.say("flag_hold"))
	f.IntVar(&o.Canary, "canary", 0, c.say("flag_canary"))
	f.StringVar(&o.Observe, "observe", "", c.say("flag_observe"))
	f.StringVar((*string)(&o.Missed), "missed", "", c.say("flag_missed"))
	f.StringVar(&o.Cron, "cron", "", c.say("flag_cron"))
	cmd.MarkFlagsMutuallyExclusive("at", "cron")
	return &o
}

func (c *cli) wavePlan() *cobra.Command {
	var o *api.Order
	cmd := c.command("plan BATCH", "wave_plan", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		o.Batch = args[0]
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.Plan
			if err := cl.post(cmd.Context(), "/v1/waves/plan", nil, o, &v); err != nil {
				return err
			}
			return c.print(v, func() { c.layPlan(v) })
		})
	})
	o = c.orderFlags(cmd)
	return cmd
}

func (c *cli) waveQueue() *cobra.Command {
	var o *api.Order
	cmd := c.command("queue BATCH", "wave_queue", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		o.Batch = args[0]
		return c.withClient(cmd.Context(), func(cl *client) error {
			if !c.yes {
				var v api.Plan
				if err := cl.post(cmd.Context(), "/v1/waves/plan", nil, o, &v); err != nil {
					return err
				}
				if c.asks {
					c.layPlan(v)
				}
				if err := c.confirm(v.Reached); err != nil {
					return err
				}
				o.Expect = v.Reached
			}
			if o.Cron != "" {
				var s api.QueuedSchedule
				if err := cl.post(cmd.Context(), "/v1/waves", nil, o, &s); err != nil {
					return err
				}
				return c.print(s, func() { c.laySchedule(s.Schedule); c.tellApproval(s.State, s.ID, s.Hash) })
			}
			var w api.QueuedWave
			if err := cl.post(cmd.Context(), "/v1/waves", nil, o, &w); err != nil {
				return err
			}
			return c.print(w, func() {
				c.layWave(w.Wave)
				for _, text := range w.Forecast.Warnings {
					c.note("warning", text)
				}
				c.tellApproval(string(w.State), w.ID, w.Hash)
			})
		})
	})
	o = c.orderFlags(cmd)
	return cmd
}

// tellApproval says what is to be done with a draft.
func (c *cli) tellApproval(state, id, hash string) {
	if state == string(store.WaveDraft) {
		c.note("approve_it", id, hash)
	}
}

// spent says how much of a day's limit is spent; nothing where there is none.
func spent(today, limit int) string {
	if limit == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", today, limit)
}

func (c *cli) layPlan(v api.Plan) {
	c.fields("batch", v.Batch, "groups", v.Groups, "reached", v.Reached, "messages", v.Deliveries, "texts", v.Texts, "unbound", v.Unbound,
		"start", v.Start, "finish", v.Finish, "days", v.Days, "expires", v.Expires, "hash", v.Hash)
	var rows [][]any
	if len(v.Posters) > 0 {
		for _, p := range v.Posters {
			rows = append(rows, []any{c.county(p.County), named{"language", p.Language}, p.Pages, p.Told, p.Of})
		}
		fmt.Fprintln(c.out)
		c.table([]string{"county", "language", "pages", "told", "vacancies"}, rows)
	}
	rows = nil
	for _, one := range v.Counties {
		rows = append(rows, []any{c.county(one.County), one.Groups, one.Finish})
	}
	fmt.Fprintln(c.out)
	c.table([]string{"county", "groups", "finish"}, rows)
	rows = nil
	for _, one := range v.Accounts {
		rows = append(rows, []any{
			one.Account, one.Groups, one.Messages, one.Backlog, spent(one.SentToday, one.DayLimit), one.Pictures,
			spent(one.PicturesToday, one.PictureLimit), one.Finish,
		})
	}
	fmt.Fprintln(c.out)
	c.table([]string{"account", "groups", "messages", "backlog", "sent_today", "pictures", "pictures_today", "finish"}, rows)
	rows = nil
	for reason, n := range v.Skipped {
		rows = append(rows, []any{named{"state", "skipped"}, named{"reason", string(reason)}, n})
	}
	if len(rows) > 0 {
		fmt.Fprintln(c.out)
		c.table([]string{"state", "reason", "count"}, rows)
	}
	rows = nil
	for _, one := range v.Collisions {
		rows = append(rows, []any{one.Day, one.ID, named{"state", one.State}, one.Groups})
	}
	if len(rows) > 0 {
		fmt.Fprintln(c.out)
		c.table([]string{"day", "id", "state", "shared"}, rows)
	}
	for _, w := range v.Warnings {
		c.note("warning", w)
	}
}

func (c *cli) waveList() *cobra.Command {
	var schedules bool
	cmd := c.command("list", "wave_list", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var recurring []api.Schedule
			if err := cl.get(cmd.Context(), "/v1/schedules", nil, &recurring); err != nil {
				return err
			}
			if c.json && schedules {
				return c.print(recurring, nil)
			}
			var all []api.Wave
			if err := cl.get(cmd.Context(), "/v1/waves", nil, &all); err != nil {
				return err
			}
			return c.print(all, func() {
				var rows [][]any
				for _, w := range all {
					rows = append(rows, []any{w.ID, w.Batch, named{"state", string(w.State)}, w.At, w.Total, c.tally(w.Tally), w.CreatedBy, w.ApprovedBy})
				}
				if !schedules {
					c.table([]string{"id", "batch", "state", "at", "total", "tally", "by", "approved_by"}, rows)
				}
				rows = nil
				for _, s := range recurring {
					rows = append(rows, []any{s.ID, s.Batch, named{"state", s.State}, s.Cron, s.Next, s.CreatedBy, s.ApprovedBy})
				}
				if len(rows) > 0 || schedules {
					c.table([]string{"id", "batch", "state", "cron", "next", "by", "approved_by"}, rows)
				}
			})
		})
	})
	cmd.Flags().BoolVar(&schedules, "schedules", false, c.say("flag_schedules"))
	return cmd
}

func (c *cli) waveShow() *cobra.Command {
	return c.command("show ID", "wave_show", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error { return c.waveCall(cmd.Context(), cl, "GET", args[0], "", nil) })
	})
}

// waveVerb makes a command that moves a wave; only cancelling makes sense for a schedule.
func (c *cli) waveVerb(verb, key string) *cobra.Command {
	return c.command(verb+" ID", key, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			return c.waveCall(cmd.Context(), cl, "POST", args[0], "/"+verb, nil)
		})
	})
}

// waveCall asks for a wave or a schedule and shows what comes back.
func (c *cli) waveCall(ctx context.Context, cl *client, method, id, verb string, body any) error {
	if isSchedule(id) {
		var s api.Schedule
		if err := cl.call(ctx, method, wavePath(id)+verb, nil, body, &s); err != nil {
			return err
		}
		return c.print(s, func() { c.laySchedule(s) })
	}
	var w api.Wave
	if err := cl.call(ctx, method, wavePath(id)+verb, nil, body, &w); err != nil {
		return err
	}
	return c.print(w, func() { c.layWave(w) })
}

func (c *cli) laySchedule(s api.Schedule) {
	c.fields("id", s.ID, "batch", s.Batch, "state", named{"state", s.State}, "cron", s.Cron, "next", s.Next, "last", s.Last, "hash", s.Hash,
		"by", s.CreatedBy, "approved_by", s.ApprovedBy)
}

// only says yes, and nothing where it would say no.
func (c *cli) only(is bool) string {
	if !is {
		return ""
	}
	return c.say("yes")
}

func (c *cli) layWave(w api.Wave) {
	c.fields("id", w.ID, "batch", w.Batch, "state", named{"state", string(w.State)}, "test", c.only(w.Test), "why", because(w.Why), "total", w.Total, "tally", c.tally(w.Tally),
		"hash", w.Hash, "at", w.At, "opened_at", w.OpenedAt, "hold_until", w.HoldUntil, "first_at", w.FirstAt, "finished_at", w.FinishedAt,
		"expires", w.Expires, "by", w.CreatedBy, "approved_by", w.ApprovedBy)
}

func (c *cli) waveApprove() *cobra.Command {
	var hash string
	cmd := c.command("approve ID", "wave_approve", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			if !c.yes && !isSchedule(args[0]) {
				var v api.Plan
				if err := cl.get(cmd.Context(), wavePath(args[0])+"/forecast", nil, &v); err != nil {
					return err
				}
				if c.asks {
					c.layPlan(v)
				}
				if err := c.confirm(v.Reached); err != nil {
					return err
				}
			}
			return c.waveCall(cmd.Context(), cl, "POST", args[0], "/approve", map[string]string{"hash": hash})
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
			var w api.Wave
			if err := cl.get(cmd.Context(), path, nil, &w); err != nil {
				return err
			}
			if w.Tally[store.Failed] == 0 {
				return words.Refuse("cmd.nothing_failed", w.ID)
			}
			if err := c.confirm(w.Tally[store.Failed]); err != nil {
				return err
			}
			var v api.Retried
			if err := cl.post(cmd.Context(), path+"/retry", nil, map[string]int{"failed": w.Tally[store.Failed]}, &v); err != nil {
				return err
			}
			return c.print(v, func() {
				c.note("retried", v.Retried)
				c.layWave(v.Wave)
			})
		})
	})
	cmd.Flags().BoolVar(&failed, "failed", false, c.say("flag_failed"))
	_ = cmd.MarkFlagRequired("failed")
	return cmd
}

// waveStop is the emergency stop. It asks nothing: who needs it has no time.
func (c *cli) waveStop() *cobra.Command {
	var all bool
	cmd := c.command("stop [ID]", "wave_stop", cobra.MaximumNArgs(1), func(cmd *cobra.Command, args []string) error {
		path := "/v1/stop"
		switch {
		case len(args) == 1 && !all:
			path = wavePath(args[0]) + "/stop"
		case len(args) == 1:
			return words.Refuse("cmd.one_or_all").Of(words.Usage)
		}
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.Stopped
			if err := cl.post(cmd.Context(), path, nil, nil, &v); err != nil {
				return err
			}
			return c.print(v, func() {
				c.fields("waves", v.Waves, "recalled", v.Recalled, "not_recalled", len(v.Refused), "standing", v.Standing)
				for _, id := range v.Refused {
					fmt.Fprintln(c.out, id)
				}
			})
		})
	})
	cmd.Flags().BoolVar(&all, "all", false, c.say("flag_all_waves"))
	return cmd
}
