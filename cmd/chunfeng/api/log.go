package api

import (
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"chunfeng/broadcast/report"
	"chunfeng/store"
	"chunfeng/templates/place"
	"chunfeng/templates/words"
)

// logParams say which deliveries are meant.
func logParams() []Param {
	return []Param{
		{Name: "wave", About: "a wave's id"},
		{Name: "county", About: "a county's code, or its name in any language", Many: true},
		{Name: "group", About: "a group's code"},
		{Name: "account", About: "an account's name"},
		{Name: "state", About: "the state that they are in", OneOf: stateNames()},
		{Name: "reason", About: "the reason of that state"},
		{Name: "from", About: "when they last changed at the earliest: a day, or a time as orders take it"},
		{Name: "to", About: "when they last changed: a day, which counts whole, or a time before which it was"},
		{Name: "answers", About: "the answers to residents, too", OneOf: []string{"1"}},
	}
}

// logFilter reads which deliveries are meant, and for pages limit and after (the cursor).
func (a *API) logFilter(r request) (f store.LogFilter, err error) {
	q := r.URL.Query()
	f = store.LogFilter{Wave: strings.TrimSpace(q.Get("wave")), Answers: q.Get("answers") != "", Account: q.Get("account"), Reason: store.Reason(q.Get("reason")), Limit: PageLimit, Cursor: q.Get("after")}
	for _, name := range q["county"] {
		if name == "" {
			continue
		}
		code, err := countyCode(name)
		if err != nil {
			return f, err
		}
		f.Counties = append(f.Counties, code)
	}
	if r.County != "" {
		// Another county's name in the question finds nothing, as its groups would.
		asked := f.Counties
		f.Counties = []string{r.County}
		if len(asked) > 0 && !slices.Contains(asked, r.County) {
			f.Counties = []string{}
		}
	}
	if f.Group, err = a.groupNumber(q.Get("group")); err != nil {
		return f, err
	}
	if name := q.Get("state"); name != "" {
		s, ok := store.ParseState(name)
		if !ok {
			return f, words.Refuse("cmd.bad_choice", "state", name, strings.Join(stateNames(), ", ")).Of(words.Usage)
		}
		f.State = &s
	}
	if s := q.Get("limit"); s != "" {
		if f.Limit, err = strconv.Atoi(s); err != nil || f.Limit < 1 || f.Limit > PageLimit {
			return f, words.Refuse("cmd.bad_number", "limit", s).Of(words.Usage)
		}
	}
	if f.From, err = a.parseDay("from", q.Get("from"), 0); err != nil {
		return f, err
	}
	f.To, err = a.parseDay("to", q.Get("to"), 1)
	return f, err
}

// stateNames are the names of all states.
func stateNames() (out []string) {
	for _, s := range store.States() {
		out = append(out, s.String())
	}
	return out
}

func (a *API) listDeliveries(r request) (any, error) {
	f, err := a.logFilter(r)
	if err != nil {
		return nil, err
	}
	page, err := a.store.Log(f)
	if err != nil {
		return nil, err
	}
	out := DeliveryPage{Deliveries: []Delivery{}, Next: page.Next, Cut: page.Cut}
	v := a.deliveryViewer()
	for _, row := range page.Rows {
		one, err := v.view(row)
		if err != nil {
			return nil, err
		}
		out.Deliveries = append(out.Deliveries, one)
	}
	return out, nil
}

// eachDelivery visits what a filter chooses, a page at a time: nothing of the ledger is held while a row is used.
func (a *API) eachDelivery(f store.LogFilter) iter.Seq2[Delivery, error] {
	return func(yield func(Delivery, error) bool) {
		v := a.deliveryViewer()
		for {
			page, err := a.store.Log(f)
			if err != nil {
				yield(Delivery{}, err)
				return
			}
			for _, row := range page.Rows {
				if one, err := v.view(row); !yield(one, err) || err != nil {
					return
				}
			}
			if f.Cursor = page.Next; page.Next == "" {
				return
			}
		}
	}
}

// exportDeliveries writes the log as a table, in words of the caller's language.
func (a *API) exportDeliveries(r request) (any, error) {
	f, err := a.logFilter(r)
	if err != nil {
		return nil, err
	}
	f.Cursor = ""
	form, err := report.ParseForm(r.URL.Query().Get("form"))
	if err != nil {
		return nil, err
	}
	say := func(prefix, key string) string {
		if key == "" {
			return ""
		}
		return words.Say(r.Lang, prefix+"."+key)
	}
	rows := func(yield func([]string, error) bool) {
		var head []string
		for _, c := range []string{"id", "wave", "group", "name", "county", "part", "account", "state", "reason", "attempts", "server_id", "content_hash", "updated_at"} {
			head = append(head, words.Say(r.Lang, "cmd.col_"+c))
		}
		if !yield(head, nil) {
			return
		}
		for d, err := range a.eachDelivery(f) {
			row := []string{d.ID, d.Wave, d.Group, d.GroupName, place.Say(string(r.Lang), d.County), fmt.Sprint(d.Part), d.Account, say("state", d.State.String()), say("reason", string(d.Reason)),
				fmt.Sprint(d.Attempts), d.ServerID, d.ContentHash, d.UpdatedAt.Format("2006-01-02 15:04:05")}
			if !yield(row, err) {
				return
			}
		}
	}
	return attachment("deliveries", form, rows), nil
}

// attachment is an answer that a browser saves as a file.
func attachment(name string, form report.Form, rows report.Rows) stream {
	return func(w http.ResponseWriter) error {
		w.Header().Set("Content-Type", form.MediaType())
		w.Header().Set("Content-Disposition", `attachment; filename="`+name+"."+string(form)+`"; filename*=UTF-8''`+url.PathEscape(name+"."+string(form)))
		return report.WriteTable(w, form, "", rows)
	}
}
