package main

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// dayListMost is the largest list of days that is read from standard input, in bytes: four hundred lines are far less.
const dayListMost = 1 << 20

// dayCommand is the calendar: days of rest, and working days swapped for one.
func (c *cli) dayCommand() *cobra.Command {
	listing := c.command("list", "day_list", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var days []store.Day
			if err := cl.get(cmd.Context(), "/v1/days", nil, &days); err != nil {
				return err
			}
			return c.printDays(days, days)
		})
	})
	var file string
	set := c.command("set [DATE[..DATE] rest|work [NAME]]", "day_set", cobra.ArbitraryArgs, func(cmd *cobra.Command, args []string) error {
		text, err := c.dayLines(file, args)
		if err != nil {
			return err
		}
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.DayListed
			if err := cl.post(cmd.Context(), "/v1/days", nil, api.DayList{Text: text}, &v); err != nil {
				return err
			}
			days := make([]store.Day, len(v.Days))
			for i, d := range v.Days {
				days[i] = d.Day
			}
			return c.printDays(v, days)
		})
	})
	set.Flags().StringVar(&file, "file", "", c.say("flag_days"))
	remove := c.command("remove DATE[..DATE]...", "day_remove", cobra.MinimumNArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var left []store.Day
			if err := cl.post(cmd.Context(), "/v1/days/remove", nil, api.DaysRemoval{Dates: args}, &left); err != nil {
				return err
			}
			return c.print(left, func() { c.note("days_removed", strings.Join(args, ", ")) })
		})
	})
	return c.group("day", listing, set, remove)
}

// dayLines is the list that was given: a file's, standard input's, or one line of arguments.
func (c *cli) dayLines(file string, args []string) (string, error) {
	switch {
	case file == "" && len(args) < 2 || file != "" && len(args) > 0:
		return "", words.Refuse("cmd.day_line").Of(words.Usage)
	case file == "":
		return strings.Join(args, " "), nil
	case file == "-":
		b, err := io.ReadAll(io.LimitReader(c.in, dayListMost))
		return string(b), err
	}
	b, err := readFile(file)
	return string(b), err
}

// printDays prints an answer as JSON, or its days as a table.
func (c *cli) printDays(v any, days []store.Day) error {
	return c.print(v, func() {
		var rows [][]any
		for _, d := range days {
			kind := map[bool]string{true: "rest", false: "work"}[d.Rest]
			rows = append(rows, []any{d.Date, kind, d.Name.Zh, d.Name.Ko})
		}
		c.table([]string{"date", "kind", "zh", "ko"}, rows)
	})
}
