package api

import (
	"strconv"
	"strings"
	"time"

	"chunfeng/bot/phone"
	"chunfeng/bot/signup"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// Told is one message that a group was to get.
type Told struct {
	Delivery
	Kind store.Kind `json:"kind"`
	At   *time.Time `json:"at"` // of the last try; none while it was not tried
}

// GroupHistory is what a group was to be told: the newest wave first, within a wave in the order of its parts, the answers
// to its residents last.
type GroupHistory struct {
	Deliveries []Told `json:"deliveries"`
	Next       string `json:"next,omitempty"` // the query's after of the page behind
}

// GroupReplies is what came back from a group and is kept, the newest first, telephone numbers masked. Noise is left out.
type GroupReplies struct {
	Replies []ReplyDetail `json:"replies"`
	Next    string        `json:"next,omitempty"` // the query's before of the page behind; a page may be short, even empty, before the end
}

// GroupSignups is who signed up in a group, the newest first, numbers masked.
type GroupSignups struct {
	Signups []Signup `json:"signups"`
	Next    string   `json:"next,omitempty"` // the query's before of the page behind
}

// historyLimit is how many entries a page of a group's history holds that does not say how many; historyMost at most.
const (
	historyLimit = 50
	historyMost  = 200
)

// signupsOfReplies is how many of a group's sign-ups are looked at to name those that a reply became.
const signupsOfReplies = 2000

func (a *API) historyRoutes() {
	a.on(Read, "GET /v1/groups/{code}/deliveries", func(r request) (any, error) { return a.groupDeliveries(r) }).
		says("Lists what a group was to be told, the newest wave first, a page at a time.").
		asks("limit", "the most entries of the page, at most 200").asks("after", "the next of the page before").answers(GroupHistory{})
	a.on(Read, "GET /v1/groups/{code}/replies", func(r request) (any, error) { return a.groupReplies(r) }).
		says("Lists what came back from a group, the newest first, a page at a time.").
		asks("limit", "the most entries of the page, at most 200").asks("before", "the next of the page before").answers(GroupReplies{})
	a.on(Read, "GET /v1/groups/{code}/signups", func(r request) (any, error) { return a.groupSignups(r) }).
		says("Lists who signed up in a group, the newest first, a page at a time.").
		asks("limit", "the most entries of the page, at most 200").asks("before", "the next of the page before").answers(GroupSignups{})
}

// historyPage is what every page of a group's history begins with: the group, and how many entries are asked for.
func (a *API) historyPage(r request) (g store.Group, limit int, err error) {
	if g, err = a.groupFor(r); err != nil {
		return g, 0, err
	}
	limit, err = numberOf(r.URL.Query(), "limit", historyLimit, historyMost)
	return g, limit, err
}

func (a *API) groupDeliveries(r request) (any, error) {
	g, limit, err := a.historyPage(r)
	if err != nil {
		return nil, err
	}
	page, err := a.store.Log(store.LogFilter{Group: g.Number, Answers: true, Limit: limit, Cursor: r.URL.Query().Get("after")})
	if err != nil {
		return nil, err
	}
	out, v := GroupHistory{Deliveries: []Told{}, Next: page.Next}, a.deliveryViewer()
	for _, row := range page.Rows {
		one, err := v.view(row)
		if err != nil {
			return nil, err
		}
		told := Told{Delivery: one, Kind: row.Delivery.Kind}
		if told.Kind == "" {
			told.Kind = store.Text
		}
		if n := len(row.Delivery.Attempts); n > 0 {
			told.At = a.moment(row.Delivery.Attempts[n-1].At)
		}
		out.Deliveries = append(out.Deliveries, told)
	}
	return out, nil
}

// before reads where a page of numbered things ends, with or without the letter that people see before the number.
func before(s, letter string) (uint64, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(strings.ToUpper(s), letter), 10, 64)
	if err != nil {
		return 0, words.Refuse("cmd.bad_number", "before", s).Of(words.Usage)
	}
	return n, nil
}

func (a *API) groupReplies(r request) (any, error) {
	g, limit, err := a.historyPage(r)
	if err != nil {
		return nil, err
	}
	end, err := before(r.URL.Query().Get("before"), "R")
	if err != nil {
		return nil, err
	}
	all, next, err := a.store.GroupReplies(g.Number, end, max(limit, 1))
	if err != nil {
		return nil, err
	}
	of, err := a.store.SignupsOfGroup(g.Number, signupsOfReplies)
	if err != nil {
		return nil, err
	}
	signups := map[uint64][]string{}
	for _, n := range of {
		signups[n.Reply] = append(signups[n.Reply], n.ID)
	}
	out, names := GroupReplies{Replies: []ReplyDetail{}}, a.namer()
	if next > 0 {
		out.Next = replyID(next)
	}
	for _, one := range all {
		d := ReplyDetail{Reply: a.viewReply(one, names), HandledAt: a.moment(one.Handled), Signups: list(signups[one.Number])}
		if in, err := signup.Decode(one.Raw, ""); len(one.Raw) > 0 && err == nil {
			d.Text = phone.Hide(in.Text)
			if in.Quote != nil {
				d.Quote = phone.Hide(in.Quote.Text)
			}
		}
		out.Replies = append(out.Replies, d)
	}
	return out, nil
}

func (a *API) groupSignups(r request) (any, error) {
	g, limit, err := a.historyPage(r)
	if err != nil {
		return nil, err
	}
	end, err := before(r.URL.Query().Get("before"), "N")
	if err != nil {
		return nil, err
	}
	limit = max(limit, 1)
	all, err := a.store.GroupSignups(g.Number, end, limit+1)
	if err != nil {
		return nil, err
	}
	out, t := GroupSignups{Signups: []Signup{}}, a.tracer()
	if len(all) > limit {
		all = all[:limit]
		out.Next = all[limit-1].ID
	}
	for _, n := range all {
		out.Signups = append(out.Signups, a.viewSignup(n, t, false))
	}
	return out, nil
}
