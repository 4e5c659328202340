package main

import (
	"net/url"

	"github.com/spf13/cobra"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
)

func (c *cli) vacancyCommand() *cobra.Command {
	var batch, county, state, find string
	listing := c.command("list", "vacancy_list", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var all []api.Vacancy
			if err := cl.get(cmd.Context(), "/v1/vacancies", url.Values{"batch": {batch}, "county": {county}, "state": {state}, "q": {find}}, &all); err != nil {
				return err
			}
			return c.printVacancies(all)
		})
	})
	listing.Flags().StringVar(&batch, "batch", "", c.say("flag_batch"))
	listing.Flags().StringVar(&county, "county", "", c.say("flag_county"))
	listing.Flags().StringVar(&state, "state", "", c.say("flag_vacancy_state"))
	listing.Flags().StringVar(&find, "find", "", c.say("flag_vacancy_find"))
	_ = listing.MarkFlagRequired("batch")
	move := func(use, key string, to store.VacancyState) *cobra.Command {
		var why string
		cmd := c.command(use+" CODE...", key, cobra.MinimumNArgs(1), func(cmd *cobra.Command, args []string) error {
			return c.withClient(cmd.Context(), func(cl *client) error {
				var all []api.Vacancy
				body := map[string]any{"codes": args, "state": to, "why": why}
				if err := cl.post(cmd.Context(), "/v1/vacancies/state", nil, body, &all); err != nil {
					return err
				}
				return c.printVacancies(all)
			})
		})
		cmd.Flags().StringVar(&why, "why", "", c.say("flag_why"))
		return cmd
	}
	return c.group("vacancy", listing,
		move("fill", "vacancy_fill", store.VacancyFilled),
		move("withdraw", "vacancy_withdraw", store.VacancyWithdrawn),
		move("reopen", "vacancy_reopen", store.VacancyOpen),
	)
}

func (c *cli) printVacancies(all []api.Vacancy) error {
	lang := string(c.lang)
	return c.print(all, func() {
		var rows [][]any
		for _, v := range all {
			rows = append(rows, []any{v.Code, v.Employer.In(lang), v.Post.In(lang), v.Headcount, v.Pay.Text, c.county(v.County), named{"state", string(v.State)}, v.StateWhy})
		}
		c.table([]string{"code", "employer", "post", "headcount", "pay", "county", "state", "why"}, rows)
	})
}
