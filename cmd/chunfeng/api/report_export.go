package api

import (
	"fmt"

	"chunfeng/broadcast/report"
	"chunfeng/store"
	"chunfeng/templates/place"
	"chunfeng/templates/words"
)

// exportReport answers a report as one table: each part has its name, its header and its rows, and an empty line behind it.
func (a *API) exportReport(r request, name string, rows [][]string) (any, error) {
	form, err := report.ParseForm(r.URL.Query().Get("form"))
	if err != nil {
		return nil, err
	}
	return attachment(name, form, func(yield func([]string, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}), nil
}

// sheet gathers the rows of a report.
type sheet struct {
	lang words.Lang
	out  [][]string
}

// part begins a part of a report, its columns named by keys of the catalogue.
func (s *sheet) part(key string, columns ...string) {
	if len(s.out) > 0 {
		s.out = append(s.out, []string{""})
	}
	s.out = append(s.out, []string{words.Say(s.lang, key)})
	var head []string
	for _, c := range columns {
		head = append(head, words.Say(s.lang, c))
	}
	s.out = append(s.out, head)
}

func (s *sheet) row(cells ...any) {
	var row []string
	for _, c := range cells {
		row = append(row, fmt.Sprint(c))
	}
	s.out = append(s.out, row)
}

// tallied names the states for a header, and answers a tally in their order.
func tallied() (columns []string, cells func(store.Tally) []any) {
	for _, s := range store.States() {
		columns = append(columns, "state."+s.String())
	}
	return columns, func(t store.Tally) (out []any) {
		for _, s := range store.States() {
			out = append(out, t[s])
		}
		return out
	}
}

func (s *sheet) signups(v SignupReport) {
	in := string(s.lang)
	s.part("page_reports.by_industry", "page_reports.industry", "cmd.col_signups", "cmd.col_hired")
	for _, one := range v.Industries {
		s.row(one.Industry.In(in), one.Signups, one.Hired)
	}
	s.part("page_reports.by_vacancy", "page_reports.vacancy", "page_reports.post", "page_signups.employer", "page_reports.headcount", "cmd.col_signups", "cmd.col_hired")
	for _, one := range v.Vacancies {
		s.row(one.Code, one.Post.In(in), one.Employer.In(in), one.Headcount, one.Signups, one.Hired)
	}
}

func (v WaveReport) rows(l words.Lang) [][]string {
	s := &sheet{lang: l}
	states, cells := tallied()
	s.part("page_reports.whole", append([]string{"page_log.wave", "cmd.col_total", "page_reports.reached", "cmd.col_signups"}, states...)...)
	s.row(append([]any{v.ID, v.Total, v.Groups, v.Signups}, cells(v.Tally)...)...)
	s.part("page_reports.by_county", append([]string{"console.county", "cmd.col_total", "page_reports.reached", "cmd.col_signups"}, states...)...)
	for _, c := range v.Counties {
		s.row(append([]any{place.Say(string(l), c.County), c.Total, c.Groups, c.Signups}, cells(c.Tally)...)...)
	}
	s.part("page_reports.by_hour", append([]string{"page_reports.hour"}, states...)...)
	for _, h := range v.Hours {
		s.row(append([]any{h.From.Format("2006-01-02 15:04")}, cells(h.Tally)...)...)
	}
	s.part("page_reports.by_account", append([]string{"page_log.account", "cmd.col_total"}, states...)...)
	for _, one := range v.Accounts {
		s.row(append([]any{one.Account, one.Total}, cells(one.Tally)...)...)
	}
	s.part("page_reports.reasons", "console.state", "page_log.reason", "page_reports.count")
	for _, one := range v.Reasons {
		s.row(words.Say(l, "state."+one.State.String()), words.Say(l, "reason."+string(one.Reason)), one.Count)
	}
	s.signups(v.SignupReport)
	return s.out
}

func (v SeasonReport) rows(l words.Lang) [][]string {
	s := &sheet{lang: l}
	states, cells := tallied()
	s.part("page_reports.whole", "page_reports.groups", "page_reports.reached", "cmd.col_signups", "page_reports.people")
	s.row(v.Groups, v.Reached, v.Signups, v.People)
	s.part("page_reports.by_county", "console.county", "page_reports.groups", "page_reports.bound", "page_reports.reached", "cmd.col_signups")
	for _, c := range v.Counties {
		s.row(place.Say(string(l), c.County), c.Groups, c.Bound, c.Reached, c.Signups)
	}
	s.part("page_reports.by_batch", "page_signups.batch", "page_reports.name", "page_reports.employers", "page_reports.vacancies", "page_reports.open", "page_reports.filled", "cmd.col_signups", "cmd.col_hired")
	for _, b := range v.Batches {
		s.row(b.ID, b.Name, b.Employers, b.Vacancies, b.Open, b.Filled, b.Signups, b.Hired)
	}
	s.part("page_reports.by_wave", append([]string{"page_log.wave", "page_signups.batch", "console.state", "cmd.col_total"}, states...)...)
	for _, w := range v.Waves {
		s.row(append([]any{w.ID, w.Batch, words.Say(l, "state."+string(w.State)), w.Total}, cells(w.Tally)...)...)
	}
	s.part("page_reports.by_day", append([]string{"page_reports.day"}, states...)...)
	for _, d := range v.Days {
		s.row(append([]any{d.From.Format("2006-01-02")}, cells(d.Tally)...)...)
	}
	s.part("page_reports.by_status", "console.state", "page_reports.count")
	for _, status := range SignupStatuses() {
		s.row(words.Say(l, "status."+string(status)), v.Statuses[string(status)])
	}
	s.signups(v.SignupReport)
	return s.out
}
