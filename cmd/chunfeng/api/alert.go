package api

import (
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// Alert is something that the program itself tells people about.
type Alert struct {
	ID      uint64        `json:"id"`
	What    string        `json:"what"` // account_out, silent, behind, unknown, disk, backup, storage_down or disarmed
	On      string        `json:"on"`   // the account or the wave that it is about; empty: the whole
	Text    string        `json:"text"`
	Since   *time.Time    `json:"since"`
	Raised  *time.Time    `json:"raised_at"`
	Cleared *time.Time    `json:"cleared_at"` // null: it still is so
	Notices []AlertNotice `json:"notices"`    // in the order in which people are told
}

// AlertNotice is how people are told of an alert by one road.
type AlertNotice struct {
	Road    string     `json:"road"`    // group, webhook or command
	Cleared bool       `json:"cleared"` // it tells that it is over
	Tries   int        `json:"tries"`
	Done    *time.Time `json:"done_at"`          // when it was told, or given up; null: it is still tried
	Failed  string     `json:"failed,omitempty"` // why the last try failed, in English
}

// AlertTried is how a test of the alerts went by one road.
type AlertTried struct {
	Road string  `json:"road"` // group, webhook or command
	OK   bool    `json:"ok"`   // of the group: its message is planned, and a lane sends it
	Took float64 `json:"took"` // in seconds
	Why  string  `json:"why,omitempty"`
}

func (a *API) alertRoutes() {
	a.on(Read, "GET /v1/alerts", func(r request) (any, error) { return a.alerts(r, r.URL.Query().Get("all") == "") }).
		says("Lists what the program itself warns of, the newest first.").asks("all", "those that are over, too", "1").answers([]Alert{})
	a.on(Manage, "POST /v1/alerts/test", func(r request) (any, error) {
		out := list(a.TestAlert(r.Context()))
		if len(out) == 0 {
			return nil, words.Refuse("api.no_alert_road").Of(words.Conflict)
		}
		return out, a.store.Note(r.Name, "alert.test", "", "")
	}).says("Tells that it is a test by every road that alerts take, once each, and waits for how that ends.").answers([]AlertTried{})
}

// alerts lists those that concern the caller: an account of another county does not.
func (a *API) alerts(r request, open bool) ([]Alert, error) {
	all, err := a.store.Alerts(open)
	if err != nil {
		return nil, err
	}
	mine, err := a.alertsFor(r.Caller)
	if err != nil {
		return nil, err
	}
	out := []Alert{}
	for _, one := range all {
		if !mine(one) {
			continue
		}
		v := Alert{ID: one.Number, What: one.What, On: one.On, Text: one.Text().In(r.Lang), Since: a.moment(one.Since), Raised: a.moment(one.Raised), Cleared: a.moment(one.Cleared), Notices: []AlertNotice{}}
		for _, n := range one.Notices {
			v.Notices = append(v.Notices, AlertNotice{n.Road, n.Cleared, n.Tries, a.moment(n.Done), n.Failed})
		}
		out = append(out, v)
	}
	return out, nil
}

// alertsFor tells of an alert whether it concerns a caller.
func (a *API) alertsFor(c Caller) (mine func(store.Alert) bool, err error) {
	if c.County == "" {
		return func(store.Alert) bool { return true }, nil
	}
	accounts, err := a.store.Accounts()
	other := map[string]bool{}
	for _, one := range accounts {
		other[one.Name] = !c.seesAccount(one)
	}
	return func(one store.Alert) bool {
		return (one.What != "account_out" && one.What != "silent") || !other[one.On]
	}, err
}

// alertsNeed puts on the page of the day what nothing else there tells of.
func (a *API) alertsNeed(c Caller, need func(what, on string, count int, why string, since time.Time)) error {
	all, err := a.store.Alerts(true)
	if err != nil {
		return err
	}
	mine, err := a.alertsFor(c)
	if err != nil {
		return err
	}
	for _, one := range all {
		switch one.What {
		case "account_out", "silent", "behind", "disk", "backup":
			if mine(one) {
				need("alert_"+one.What, one.On, 1, "", one.Since)
			}
		}
	}
	return nil
}
