package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"

	"github.com/spf13/cobra"

	"chunfeng/cmd/chunfeng/api"
)

func (c *cli) deliveryCommand() *cobra.Command {
	show := c.command("show ID", "delivery_show", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.DeliveryDetail
			if err := cl.get(cmd.Context(), "/v1/deliveries/"+url.PathEscape(args[0]), nil, &v); err != nil {
				return err
			}
			return c.printDelivery(v)
		})
	})
	return c.group("delivery", c.deliveryList(), show, c.deliveryResolve(), c.deliveryRecall(), c.deliveryExport())
}

// deliveryFilter are the flags that choose deliveries.
type deliveryFilter struct {
	wave, state, group, account, reason, from, to string
	counties                                      []string
}

func (c *cli) deliveryFlags(cmd *cobra.Command) *deliveryFilter {
	var f deliveryFilter
	cmd.Flags().StringVar(&f.wave, "wave", "", c.say("flag_wave"))
	cmd.Flags().StringVar(&f.state, "state", "", c.say("flag_state"))
	cmd.Flags().StringVar(&f.group, "group", "", c.say("flag_group_code"))
	cmd.Flags().StringVar(&f.account, "account", "", c.say("flag_account"))
	cmd.Flags().StringVar(&f.reason, "reason", "", c.say("flag_reason"))
	cmd.Flags().StringSliceVar(&f.counties, "county", nil, c.say("flag_county"))
	cmd.Flags().StringVar(&f.from, "from", "", c.say("flag_from"))
	cmd.Flags().StringVar(&f.to, "to", "", c.say("flag_to"))
	return &f
}

// eachDelivery visits what the filter chooses: the newest wave first, and the answers to residents last. Pages come one by
// one, so that a million deliveries never lie in memory.
func (c *cli) eachDelivery(ctx context.Context, cl *client, f deliveryFilter, visit func(api.Delivery) error) error {
	q := url.Values{
		"wave": {f.wave}, "state": {f.state}, "group": {f.group}, "account": {f.account}, "reason": {f.reason}, "county": f.counties, "from": {f.from}, "to": {f.to}, "answers": {"1"},
	}
	for {
		var page api.DeliveryPage
		if err := cl.get(ctx, "/v1/deliveries", q, &page); err != nil {
			return err
		}
		for _, d := range page.Deliveries {
			if err := visit(d); err != nil {
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
		q.Set("after", page.Next)
	}
}

func (c *cli) deliveryList() *cobra.Command {
	var f *deliveryFilter
	cmd := c.command("list", "delivery_list", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			if c.json {
				return c.streamList(func(one func(any) error) error {
					return c.eachDelivery(cmd.Context(), cl, *f, func(d api.Delivery) error { return one(d) })
				})
			}
			var rows [][]any
			err := c.eachDelivery(cmd.Context(), cl, *f, func(d api.Delivery) error {
				rows = append(rows, []any{d.ID, d.Group, d.Part, d.Account, named{"state", d.State.String()}, named{"reason", string(d.Reason)}, d.Attempts, d.ServerID, d.UpdatedAt})
				return nil
			})
			if err != nil {
				return err
			}
			c.table([]string{"id", "group", "part", "account", "state", "reason", "attempts", "server_id", "updated_at"}, rows)
			return nil
		})
	})
	f = c.deliveryFlags(cmd)
	return cmd
}

// streamList writes a list as one JSON value, an element at a time.
func (c *cli) streamList(each func(one func(any) error) error) error {
	n := 0
	err := each(func(v any) error {
		b, err := json.Marshal(v)
		if err != nil {
			return err
		}
		lead := ",\n"
		if n == 0 {
			lead = "[\n"
		}
		n++
		_, err = io.WriteString(c.out, lead+string(b))
		return err
	})
	switch {
	case err != nil:
		return err // what is on standard output is no JSON value then, and must not look like one
	case n == 0:
		_, err = io.WriteString(c.out, "[]\n")
	default:
		_, err = io.WriteString(c.out, "\n]\n")
	}
	return err
}

func (c *cli) printDelivery(v api.DeliveryDetail) error {
	return c.print(v, func() {
		c.fields("id", v.ID, "group", v.Group, "part", v.Part, "account", v.Account, "state", named{"state", v.State.String()},
			"reason", named{"reason", string(v.Reason)}, "note", v.Note, "not_before", v.NotBefore, "server_id", v.ServerID,
			"content_hash", v.ContentHash, "vacancies", v.Vacancies, "reply", v.Reply, "updated_at", v.UpdatedAt)
		var rows [][]any
		for _, t := range v.Tries {
			rows = append(rows, []any{t.ClientID, t.Account, t.At, t.Ended, named{"outcome", t.Outcome.String()}, named{"reason", string(t.Reason)}, t.ServerID, t.Detail})
		}
		if len(rows) > 0 {
			c.table([]string{"client_id", "account", "at", "ended", "outcome", "reason", "server_id", "detail"}, rows)
		}
		if v.Text != "" {
			fmt.Fprintf(c.out, "\n%s\n", v.Text)
		}
	})
}

func (c *cli) deliveryResolve() *cobra.Command {
	var as, why string
	cmd := c.command("resolve ID", "delivery_resolve", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.DeliveryDetail
			body := map[string]string{"as": as, "why": why}
			if err := cl.post(cmd.Context(), "/v1/deliveries/"+url.PathEscape(args[0])+"/resolve", nil, body, &v); err != nil {
				return err
			}
			return c.printDelivery(v)
		})
	})
	cmd.Flags().StringVar(&as, "as", "", c.say("flag_as"))
	cmd.Flags().StringVar(&why, "why", "", c.say("flag_why"))
	return cmd
}

func (c *cli) deliveryExport() *cobra.Command {
	var f *deliveryFilter
	cmd := c.command("export FILE", "delivery_export", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			rows := [][]string{{"id", "wave", "group", "part", "account", "state", "reason", "attempts", "server_id", "content_hash", "updated_at"}}
			err := c.eachDelivery(cmd.Context(), cl, *f, func(d api.Delivery) error {
				rows = append(rows, []string{d.ID, d.Wave, d.Group, fmt.Sprint(d.Part), d.Account, d.State.String(), string(d.Reason), fmt.Sprint(d.Attempts),
					d.ServerID, d.ContentHash, c.cell(d.UpdatedAt)})
				return nil
			})
			if err != nil {
				return err
			}
			return c.export(args[0], rows)
		})
	})
	f = c.deliveryFlags(cmd)
	return cmd
}
