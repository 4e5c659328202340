package api

import (
	"context"
	"strconv"
	"strings"
	"time"

	"chunfeng/bot/phone"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// AuditEvent is one line of the audit trail: who did what to which thing, and when.
type AuditEvent struct {
	Number uint64     `json:"number"`
	At     *time.Time `json:"at"`
	Who    string     `json:"who"`  // empty: the program by itself
	What   string     `json:"what"` // a stable name: wave.approve
	Text   string     `json:"text"` // the same in plain words
	On     string     `json:"on"`
	Detail string     `json:"detail"` // numbers masked
}

// AuditPage is a part of the audit trail, the newest line first.
type AuditPage struct {
	Events []AuditEvent `json:"events"`
	Next   string       `json:"next,omitempty"` // the page behind begins there; empty: nothing older is meant
}

// AuditVerdict is what a verification of the audit trail found. Last and hash are worth writing down elsewhere: a whole
// data folder put back from an earlier copy is whole in itself.
type AuditVerdict struct {
	OK      bool   `json:"ok"`
	Lines   int    `json:"lines"` // that follow each other, from the first on
	Last    uint64 `json:"last"`
	Hash    string `json:"hash"`
	Line    uint64 `json:"line,omitempty"`    // where it is broken
	Problem string `json:"problem,omitempty"` // damaged, missing, changed, cut, behind or no_end
	Text    string `json:"text,omitempty"`    // the same in plain words
}

// auditTime bounds a verification: a million lines take about two seconds.
const auditTime = 30 * time.Second

func (a *API) auditRoutes() {
	a.on(Oversee, "GET /v1/audit", func(r request) (any, error) { return a.listAudit(r) }).
		says("Lists who did what, the newest first.").
		asks("who", "a person's name, in any case").asks("what", "how the deed's name begins: wave. or wave.approve").
		asks("on", "what it was done to, in any case: a wave's id, a group's code").
		asks("from", "a day, or a time as orders take it").asks("to", "a day, which counts whole, or a time before which it was").
		asks("limit", "lines a page, at most 1000").asks("after", "next of the page before").answers(AuditPage{})
	a.on(Oversee, "GET /v1/audit/verify", func(r request) (any, error) { return a.verifyAudit(r) }).
		says("Holds every line of the audit trail against the one before, and tells the first place that is not as it was written.").answers(AuditVerdict{})
}

func (a *API) listAudit(r request) (any, error) {
	if err := r.whole(); err != nil {
		return nil, err
	}
	q := r.URL.Query()
	f := store.EventFilter{Who: strings.TrimSpace(q.Get("who")), What: strings.TrimSpace(q.Get("what")), On: strings.TrimSpace(q.Get("on")), Limit: 50}
	var err error
	if s := q.Get("limit"); s != "" {
		if f.Limit, err = strconv.Atoi(s); err != nil || f.Limit < 1 || f.Limit > PageLimit {
			return nil, words.Refuse("cmd.bad_number", "limit", s).Of(words.Usage)
		}
	}
	if s := q.Get("after"); s != "" {
		if f.Before, err = strconv.ParseUint(s, 10, 64); err != nil || f.Before == 0 {
			return nil, words.Refuse("cmd.bad_number", "after", s).Of(words.Usage)
		}
	}
	if f.Since, err = a.parseDay("from", q.Get("from"), 0); err != nil {
		return nil, err
	}
	if f.Until, err = a.parseDay("to", q.Get("to"), 1); err != nil {
		return nil, err
	}
	page, err := a.store.Events(f)
	if err != nil {
		return nil, err
	}
	out := AuditPage{Events: []AuditEvent{}}
	for _, e := range page.Events {
		out.Events = append(out.Events, AuditEvent{e.Number, a.moment(e.At), e.Who, e.What, eventText(r.Lang, e.What), phone.HideNumbers(e.On), phone.Hide(e.Detail)})
	}
	if page.More {
		out.Next = strconv.FormatUint(page.Next, 10)
	}
	return out, nil
}

// parseDay takes a day, to which days are added, or a moment as people write it; nothing is the zero time.
func (a *API) parseDay(name, s string, days int) (time.Time, error) {
	if s = strings.TrimSpace(s); s == "" {
		return time.Time{}, nil
	}
	if day, err := time.ParseInLocation(time.DateOnly, s, a.Config().Zone); err == nil {
		return day.AddDate(0, 0, days), nil
	}
	return a.parseTime(name, s)
}

// eventText says the name of a deed in plain words. Several changes of a person are told one after another; a name that an
// older or newer version wrote and this one does not know is told as it is.
func eventText(l words.Lang, what string) string {
	if said := words.Say(l, "event."+what); said != "event."+what {
		return said
	}
	if parts, ok := strings.CutPrefix(what, "user."); ok {
		var out []string
		for part := range strings.SplitSeq(parts, "_") {
			out = append(out, words.Say(l, "event.user."+part))
		}
		if all := strings.Join(out, words.Say(l, "event.and")); !strings.Contains(all, "event.") {
			return all
		}
	}
	return what
}

func (a *API) verifyAudit(r request) (any, error) {
	if err := r.whole(); err != nil {
		return nil, err
	}
	// It reads the whole trail: one person after another.
	if !a.verifying.TryLock() {
		return nil, words.Refuse("api.verifying").Of(words.TooMany)
	}
	defer a.verifying.Unlock()
	ctx, cancel := context.WithTimeout(r.Context(), auditTime)
	defer cancel()
	v, err := a.store.VerifyAudit(ctx)
	if err != nil {
		return nil, err
	}
	out := AuditVerdict{OK: v.OK, Lines: v.Lines, Last: v.Last, Hash: v.Hash}
	if v.Break != nil {
		out.Line, out.Problem, out.Text = v.Break.Line, string(v.Break.Problem), v.Break.In(r.Lang)
	}
	return out, nil
}
