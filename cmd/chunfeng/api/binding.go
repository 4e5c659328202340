package api

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// Doubt is a group of which an account cannot tell which chat it is, with both sides.
type Doubt struct {
	Account    string       `json:"account"`
	Code       string       `json:"code"`
	Name       string       `json:"name"` // as it is registered
	County     string       `json:"county"`
	Township   string       `json:"township"`
	Language   string       `json:"language"`
	Pairing    string       `json:"pairing"`
	Names      []string     `json:"names"` // under which the group was known before, without spaces and case, the newest first
	Members    int          `json:"members"`
	MembersAt  *time.Time   `json:"members_at"` // when it had so many
	Why        string       `json:"why"`        // a key of the catalogue and its arguments
	Since      *time.Time   `json:"since"`
	Candidates []store.Chat `json:"candidates"`          // the chats that it may be
	Elsewhere  string       `json:"elsewhere,omitempty"` // an account that knows the group for certain
}

// DoubtPage is a page of the doubtful bindings, by account and in the order of import.
type DoubtPage struct {
	Doubts []Doubt `json:"doubts"`
	Total  int     `json:"total"`          // of the caller's, on all pages
	Next   string  `json:"next,omitempty"` // the query's after of the page behind
}

// BindingOrder is a person's decision about which chat of an account a group is.
type BindingOrder struct {
	As   store.BindingState `json:"as"`   // bound: it is Chat. gone: it is none that the account is in
	Chat string             `json:"chat"` // the id of a chat; empty: the only candidate
	Why  string             `json:"why"`
}

func (a *API) bindingRoutes() {
	a.on(Read, "GET /v1/registry/doubtful", func(r request) (any, error) { return a.listDoubts(r) }).
		says("Lists the groups of which an account cannot tell which chat they are, with both sides, a page at a time.").
		asks("county", "a county's code, or its name in any language").asks("account", "an account").asks("group", "a group's code").
		asks("after", "the next of the page before").asks("limit", "the most that are listed").answers(DoubtPage{})
	a.on(Decide, "GET /v1/accounts/{name}/chats", func(r request) (any, error) {
		one, err := a.accountFor(r, false)
		if err != nil {
			return nil, err
		}
		all, err := a.store.Chats(one.Name)
		return list(all), err
	}).says("Lists the chats that an account sees and that are no registered group, the first thousand.").answers([]store.Chat{})
	a.on(Decide, "POST /v1/groups/{code}/bindings/{name}", func(r request) (any, error) {
		var in BindingOrder
		if err := r.json(&in); err != nil {
			return nil, err
		}
		if in.Why = strings.TrimSpace(in.Why); in.Why == "" {
			return nil, words.Refuse("cmd.needs_why").Of(words.Usage)
		}
		g, err := a.groupFor(r)
		if err != nil {
			return nil, err
		}
		one, err := a.accountFor(r, false)
		if err != nil {
			return nil, err
		}
		if _, err := a.store.DecideBinding(store.Decision{Account: one.Name, Group: g.Number, As: in.As, Chat: in.Chat, Who: r.Name, Why: in.Why}); err != nil {
			return nil, err
		}
		return a.detailGroup(g)
	}).says("Decides which chat of an account a group is, or that it is none.").takes(BindingOrder{}).answers(GroupDetail{})
}

// doubtsLimit is how many doubts a page holds that does not say how many; each is a decision that takes reading.
const doubtsLimit = 20

func (a *API) listDoubts(r request) (any, error) {
	q := r.URL.Query()
	county, err := countyCode(q.Get("county"))
	if err != nil {
		return nil, err
	}
	limit, err := numberOf(q, "limit", doubtsLimit, PageLimit)
	if err != nil {
		return nil, err
	}
	account, number, _ := strings.Cut(q.Get("after"), "/")
	n, err := strconv.ParseUint(cmp.Or(number, "0"), 10, 32)
	if err != nil {
		return nil, words.Refuse("cmd.bad_number", "after", q.Get("after")).Of(words.Usage)
	}
	all, err := a.store.DoubtfulBindings()
	if err != nil {
		return nil, err
	}
	out := DoubtPage{Doubts: []Doubt{}}
	last := ""
	for _, d := range all {
		if !r.Sees(d.Group.County) || county != "" && d.Group.County != county ||
			q.Get("account") != "" && d.Account != q.Get("account") || q.Get("group") != "" && d.Group.Code != groupCode(q.Get("group")) {
			continue
		}
		out.Total++
		if cmp.Or(cmp.Compare(d.Account, account), cmp.Compare(d.Group.Number, uint32(n))) <= 0 {
			continue
		}
		if len(out.Doubts) == max(limit, 1) {
			out.Next = last
			continue
		}
		last = fmt.Sprintf("%s/%d", d.Account, d.Group.Number)
		out.Doubts = append(out.Doubts, Doubt{
			d.Account, d.Group.Code, d.Group.Name, d.Group.County, d.Group.Township, d.Group.Language, d.Group.Pairing, list(d.Names), d.Members,
			a.moment(d.MembersAt), d.Binding.Why, a.moment(d.Binding.At), list(d.Candidates), d.Elsewhere,
		})
	}
	return out, nil
}
