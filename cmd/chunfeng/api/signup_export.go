package api

import (
	"fmt"
	"strings"

	"chunfeng/broadcast/report"
	"chunfeng/templates/place"
	"chunfeng/templates/words"
)

// Handover says to whom full numbers are given, and what for. Both are in the audit trail before a number is in the answer.
type Handover struct {
	Purpose   string `json:"purpose"`
	Recipient string `json:"recipient,omitempty"` // the employer; empty: the bureau itself
}

func (h Handover) check() error {
	if strings.TrimSpace(h.Purpose) == "" {
		return words.Refuse("cmd.needs_purpose").Of(words.Usage)
	}
	return nil
}

func (h Handover) String() string {
	if h.Recipient == "" {
		return h.Purpose
	}
	return h.Purpose + " → " + h.Recipient
}

// exportSignups gives full numbers away: as a list, or with form as a table for the employer.
func (a *API) exportSignups(r request) (any, error) {
	var in Handover
	if err := r.json(&in); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	all, err := a.listSignups(r, true)
	if err != nil {
		return nil, err
	}
	form := report.Form("")
	if s := r.URL.Query().Get("form"); s != "" {
		if form, err = report.ParseForm(s); err != nil {
			return nil, err
		}
	}
	numbers := make([]uint64, 0, len(all))
	for _, n := range all {
		number, err := signupNumber(n.ID)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, number)
	}
	if err := a.store.Revealed("export", fmt.Sprintf("%s (%d)", in, len(all)), r.Name, numbers...); err != nil {
		return nil, err
	}
	if form == "" {
		return all, nil
	}
	rows := func(yield func([]string, error) bool) {
		var head []string
		for _, c := range []string{"id", "at", "name", "phone", "vacancies", "posts", "group", "county", "status", "note"} {
			head = append(head, words.Say(r.Lang, "cmd.col_"+c))
		}
		if !yield(head, nil) {
			return
		}
		posts := map[string]string{}
		for _, n := range all {
			var said []string
			for _, code := range n.Vacancies {
				if _, ok := posts[code]; !ok {
					posts[code] = code
					if v, err := a.store.Vacancy(code); err == nil {
						posts[code] = v.Post.In(string(r.Lang))
					}
				}
				said = append(said, posts[code])
			}
			row := []string{n.ID, n.At.Format("2006-01-02 15:04"), n.Name, n.Phone, strings.Join(n.Vacancies, " "), strings.Join(said, "; "), n.Group, place.Say(string(r.Lang), n.County),
				words.Say(r.Lang, "status."+string(n.Status)), n.Note}
			if !yield(row, nil) {
				return
			}
		}
	}
	return attachment("signups", form, rows), nil
}
