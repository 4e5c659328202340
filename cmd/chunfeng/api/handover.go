package api

import (
	"chunfeng/store"
	"chunfeng/templates/words"
)

// HandOver is what handing an account's groups to another one would do, or did.
type HandOver struct {
	From       string             `json:"from"`
	To         string             `json:"to"`
	ToState    store.AccountState `json:"to_state"`
	Groups     int                `json:"groups"`
	Deliveries int                `json:"deliveries"` // planned ones that go with them
	Sending    int                `json:"sending"`    // on the wire: they stay and end as they end
	Missing    int                `json:"missing"`    // groups that the other account is not in: they stay
	NotIn      []GroupName        `json:"not_in"`     // those, the first thousand
	Done       bool               `json:"done"`
}

// HandOverOrder is the order to hand over. Groups and Deliveries say what was shown to whoever orders it; what is another
// number by now is refused. Leave them out to hand over whatever there is.
type HandOverOrder struct {
	To         string `json:"to"`
	Groups     *int   `json:"groups,omitempty"`
	Deliveries *int   `json:"deliveries,omitempty"`
}

func (a *API) handOverRoutes() {
	a.on(Decide, "GET /v1/accounts/{name}/hand-over", func(r request) (any, error) {
		p, err := a.planHandOver(r, r.URL.Query().Get("to"))
		if err != nil {
			return nil, err
		}
		return a.viewHandOver(p), nil
	}).says("Tells what handing an account's groups to another one would do.").needs("to", "the account that would get them").answers(HandOver{})
	a.on(Decide, "POST /v1/accounts/{name}/hand-over", func(r request) (any, error) {
		var in HandOverOrder
		if err := r.json(&in); err != nil {
			return nil, err
		}
		p, err := a.planHandOver(r, in.To)
		if err != nil {
			return nil, err
		}
		v := a.viewHandOver(p)
		if in.Groups != nil && *in.Groups != v.Groups || in.Deliveries != nil && *in.Deliveries != v.Deliveries {
			return nil, words.Refuse("page_accounts.hand_over_changed", v.Groups, v.Deliveries).Of(words.Conflict)
		}
		if v.Groups, v.Deliveries, err = a.store.HandOver(v.From, v.To, r.Name); err != nil {
			return nil, err
		}
		v.Done = true
		return v, nil
	}).says("Hands an account's groups, and what is planned for them, to another account that is in them.").takes(HandOverOrder{}).answers(HandOver{})
}

// planHandOver works out a hand-over. An account's groups lie in several counties, so nobody of one county orders it.
func (a *API) planHandOver(r request, to string) (p store.HandOverPlan, err error) {
	if _, err := a.accountFor(r, false); err != nil {
		return p, err
	}
	if r.County != "" {
		return p, words.Refuse("page_accounts.hand_over_prefecture").Of(words.Forbidden)
	}
	return a.store.PlanHandOver(r.PathValue("name"), to)
}

func (a *API) viewHandOver(p store.HandOverPlan) HandOver {
	v := HandOver{
		From: p.From.Name, To: p.To.Name, ToState: a.accountState(p.To, a.cooling(p.To.Name)), Groups: p.Groups, Deliveries: p.Deliveries,
		Sending: p.Sending, Missing: p.Missing, NotIn: []GroupName{},
	}
	for _, g := range p.NotIn {
		v.NotIn = append(v.NotIn, GroupName{g.Code, g.Name, g.County, g.Township})
	}
	return v
}
