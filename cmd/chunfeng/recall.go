package main

import (
	"fmt"
	"net/url"

	"github.com/spf13/cobra"

	"chunfeng/cmd/chunfeng/api"
)

// waveRecall takes back what a wave sent just now. It asks nothing: who needs it has two minutes.
func (c *cli) waveRecall() *cobra.Command {
	return c.command("recall ID", "wave_recall", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.Recalled
			if err := cl.post(cmd.Context(), "/v1/waves/"+url.PathEscape(args[0])+"/recall", nil, nil, &v); err != nil {
				return err
			}
			return c.print(v, func() {
				c.fields("id", v.ID, "state", named{"state", string(v.State)}, "recalled", len(v.Recalled), "not_recalled", len(v.Refused),
					"too_old", v.TooOld, "unknown", v.Unknown)
				var rows [][]any
				for _, one := range v.Refused {
					rows = append(rows, []any{one.ID, one.Group, named{"reason", string(one.Reason)}})
				}
				if len(rows) > 0 {
					fmt.Fprintln(c.out)
					c.table([]string{"id", "group", "reason"}, rows)
				}
			})
		})
	})
}

func (c *cli) deliveryRecall() *cobra.Command {
	return c.command("recall ID", "delivery_recall", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.DeliveryDetail
			if err := cl.post(cmd.Context(), "/v1/deliveries/"+url.PathEscape(args[0])+"/recall", nil, nil, &v); err != nil {
				return err
			}
			return c.printDelivery(v)
		})
	})
}
