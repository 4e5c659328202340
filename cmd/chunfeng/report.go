package main

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/place"
)

func (c *cli) reportCommand() *cobra.Command {
	wave := c.command("wave ID", "report_wave", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.WaveReport
			if err := cl.get(cmd.Context(), "/v1/reports/wave/"+url.PathEscape(args[0]), nil, &v); err != nil {
				return err
			}
			return c.print(v, func() { c.layWaveReport(v) })
		})
	})
	season := c.command("season", "report_season", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.SeasonReport
			if err := cl.get(cmd.Context(), "/v1/reports/season", nil, &v); err != nil {
				return err
			}
			return c.print(v, func() { c.laySeason(v) })
		})
	})
	return c.group("report", wave, season)
}

// county is a county's name for people.
func (c *cli) county(code string) string {
	if one, ok := place.ByCode(code); ok && c.lang != "en" {
		return one.Name(string(c.lang))
	}
	return code
}

// tally says the states that occur, in the order of a delivery's life.
func (c *cli) tally(t store.Tally) string {
	var parts []string
	for _, s := range store.States() {
		if t[s] > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", named{"state", s.String()}.in(c.lang), t[s]))
		}
	}
	return strings.Join(parts, " · ")
}

func (c *cli) layWaveReport(v api.WaveReport) {
	c.layWave(v.Wave)
	c.fields("groups_reached", v.Groups, "signups", v.Signups)
	fmt.Fprintln(c.out)
	var rows [][]any
	for _, one := range v.Counties {
		rows = append(rows, []any{c.county(one.County), one.Total, one.Groups, c.tally(one.Tally), one.Signups})
	}
	c.table([]string{"county", "total", "groups_reached", "tally", "signups"}, rows)
	rows = nil
	for _, one := range v.Accounts {
		rows = append(rows, []any{one.Account, one.Total, c.tally(one.Tally), one.FirstAt, one.LastAt})
	}
	if len(rows) > 0 {
		fmt.Fprintln(c.out)
		c.table([]string{"account", "total", "tally", "first_at", "last_at"}, rows)
	}
	rows = nil
	for _, one := range v.Reasons {
		rows = append(rows, []any{named{"state", one.State.String()}, named{"reason", string(one.Reason)}, one.Count})
	}
	if len(rows) > 0 {
		fmt.Fprintln(c.out)
		c.table([]string{"state", "reason", "count"}, rows)
	}
	c.layHours("hour", "2006-01-02 15:04", v.Hours)
	c.laySignupReport(v.SignupReport)
}

// layHours shows what was settled when.
func (c *cli) layHours(column, form string, all []api.HourReport) {
	var rows [][]any
	for _, h := range all {
		rows = append(rows, []any{h.From.Format(form), c.tally(h.Tally)})
	}
	if len(rows) > 0 {
		fmt.Fprintln(c.out)
		c.table([]string{column, "tally"}, rows)
	}
}

// laySignupReport shows what people signed up for.
func (c *cli) laySignupReport(v api.SignupReport) {
	var rows [][]any
	for _, one := range v.Industries {
		rows = append(rows, []any{one.Industry.In(string(c.lang)), one.Signups, one.Hired})
	}
	if len(rows) > 0 {
		fmt.Fprintln(c.out)
		c.table([]string{"industry", "signups", "hired"}, rows)
	}
	rows = nil
	for _, one := range v.Vacancies {
		rows = append(rows, []any{one.Code, one.Post.In(string(c.lang)), one.Employer.In(string(c.lang)), one.Headcount, one.Signups, one.Hired})
	}
	if len(rows) > 0 {
		fmt.Fprintln(c.out)
		c.table([]string{"vacancy", "post", "employer", "headcount", "signups", "hired"}, rows)
	}
}

func (c *cli) laySeason(v api.SeasonReport) {
	c.fields("groups", v.Groups, "groups_reached", v.Reached, "tally", c.tally(v.Tally), "answers", c.tally(v.Answers), "signups", v.Signups, "people", v.People,
		"gaps", v.Gaps, "review", v.Review)
	fmt.Fprintln(c.out)
	var rows [][]any
	for _, b := range v.Batches {
		rows = append(rows, []any{b.ID, b.Name, b.Employers, b.Vacancies, b.Open, b.Filled, b.Signups, b.Hired})
	}
	c.table([]string{"id", "name", "employers", "vacancies", "open", "filled", "signups", "hired"}, rows)
	fmt.Fprintln(c.out)
	rows = nil
	for _, one := range v.Counties {
		rows = append(rows, []any{c.county(one.County), one.Groups, one.Bound, one.Reached, one.Signups})
	}
	c.table([]string{"county", "groups", "bound", "groups_reached", "signups"}, rows)
	fmt.Fprintln(c.out)
	rows = nil
	for _, w := range v.Waves {
		rows = append(rows, []any{w.ID, w.Batch, named{"state", string(w.State)}, w.Total, c.tally(w.Tally), w.FinishedAt})
	}
	c.table([]string{"wave", "batch", "state", "total", "tally", "finished_at"}, rows)
	c.layHours("day", "2006-01-02", v.Days)
	c.laySignupReport(v.SignupReport)
}
