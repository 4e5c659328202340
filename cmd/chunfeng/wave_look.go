package main

import (
	"fmt"
	"net/url"

	"github.com/spf13/cobra"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
)

// audienceFlags are the flags that choose groups.
func (c *cli) audienceFlags(cmd *cobra.Command, a *store.Audience) {
	f := cmd.Flags()
	f.StringSliceVar(&a.Counties, "county", nil, c.say("flag_county"))
	f.StringSliceVar(&a.Townships, "township", nil, c.say("flag_township"))
	f.StringSliceVar(&a.Kinds, "kind", nil, c.say("flag_kind"))
	f.StringSliceVar(&a.Languages, "language", nil, c.say("flag_group_lang"))
	f.StringSliceVar(&a.Tags, "tag", nil, c.say("flag_tag"))
	f.StringSliceVar(&a.Groups, "group", nil, c.say("flag_group_code"))
}

// waveAudience counts the groups that the flags of a wave choose, or lists them.
func (c *cli) waveAudience() *cobra.Command {
	var a store.Audience
	var names bool
	cmd := c.command("audience", "wave_audience", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		q := url.Values{"county": a.Counties, "township": a.Townships, "kind": a.Kinds, "language": a.Languages, "tag": a.Tags, "group": a.Groups, "limit": {fmt.Sprint(api.PageLimit)}}
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.AudienceCount
			if err := cl.get(cmd.Context(), "/v1/audience", q, &v); err != nil {
				return err
			}
			for page := v; names && page.More; v.List = append(v.List, page.List...) {
				q.Set("after", fmt.Sprint(page.Next))
				page = api.AudienceCount{}
				if err := cl.get(cmd.Context(), "/v1/audience", q, &page); err != nil {
					return err
				}
			}
			if v.More, v.Next = false, 0; !names {
				v.List = []api.Group{}
			}
			return c.print(v, func() { c.layAudience(v) })
		})
	})
	c.audienceFlags(cmd, &a)
	cmd.Flags().BoolVar(&names, "list", false, c.say("flag_list_groups"))
	return cmd
}

func (c *cli) layAudience(v api.AudienceCount) {
	var rows [][]any
	if len(v.List) > 0 {
		for _, g := range v.List {
			rows = append(rows, []any{g.Code, g.Name, c.county(g.County), g.Township, named{"language", g.Language}, named{"state", string(g.State)}, g.Bound})
		}
		c.table([]string{"code", "name", "county", "township", "language", "state", "bound"}, rows)
		return
	}
	c.fields("groups", v.Groups, "unbound", v.Unbound, "paused", v.Paused, "opted_out", v.OptedOut)
	fmt.Fprintln(c.out)
	for _, one := range v.Counties {
		rows = append(rows, []any{c.county(one.County), one.Groups, one.Languages["ko"], one.Languages["zh"], one.Languages["both"], one.Unbound})
	}
	c.table([]string{"county", "groups", "lang_ko", "lang_zh", "lang_both", "unbound"}, rows)
}

// waveCalendar shows what goes out in a month, and where groups would get more than they may.
func (c *cli) waveCalendar() *cobra.Command {
	return c.command("calendar [MONTH]", "wave_calendar", cobra.MaximumNArgs(1), func(cmd *cobra.Command, args []string) error {
		q := url.Values{}
		if len(args) == 1 {
			q.Set("month", args[0])
		}
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.Calendar
			if err := cl.get(cmd.Context(), "/v1/calendar", q, &v); err != nil {
				return err
			}
			return c.print(v, func() {
				var rows [][]any
				for _, d := range v.Days {
					for _, e := range d.Events {
						rows = append(rows, []any{d.Date, e.ID, e.Batch, named{"state", e.State}, e.At, e.Groups, e.Shared, e.Over})
					}
				}
				c.table([]string{"day", "id", "batch", "state", "at", "groups", "shared", "over_limit"}, rows)
			})
		})
	})
}

// waveTexts shows the distinct messages of a wave.
func (c *cli) waveTexts() *cobra.Command {
	return c.command("texts ID", "wave_texts", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var all []api.WaveText
			if err := cl.get(cmd.Context(), wavePath(args[0])+"/texts", nil, &all); err != nil {
				return err
			}
			return c.print(all, func() {
				for i, one := range all {
					if i > 0 {
						fmt.Fprintln(c.out)
					}
					c.fields("county", c.county(one.County), "language", named{"language", one.Language}, "part", fmt.Sprintf("%d/%d", one.Part, one.Of), "groups", one.Groups, "hash", one.Hash)
					if one.Text != "" {
						fmt.Fprintf(c.out, "\n%s\n", one.Text)
					}
				}
			})
		})
	})
}

// waveHistory shows what was done to a wave or a recurring order.
func (c *cli) waveHistory() *cobra.Command {
	return c.command("history ID", "wave_history", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var all []api.PastDeed
			if err := cl.get(cmd.Context(), wavePath(args[0])+"/history", nil, &all); err != nil {
				return err
			}
			return c.print(all, func() {
				var rows [][]any
				for _, d := range all {
					rows = append(rows, []any{d.At, d.Who, d.What, d.Detail})
				}
				c.table([]string{"at", "by", "deed", "detail"}, rows)
			})
		})
	})
}
