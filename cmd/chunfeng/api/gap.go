package api

import (
	"strconv"
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// Gap is a time in which an account heard nothing.
type Gap struct {
	ID      uint64     `json:"id"`
	Account string     `json:"account"`
	From    *time.Time `json:"from"`
	To      *time.Time `json:"to"`
	Why     string     `json:"why"`
	Groups  []string   `json:"groups"` // to be read by hand
	ReadBy  string     `json:"read_by,omitempty"`
}

func (a *API) viewGap(g store.Gap, names *namer) Gap {
	v := Gap{g.Number, g.Account, a.moment(g.From), a.moment(g.To), g.Why, []string{}, g.ReadBy}
	for _, n := range g.Groups {
		v.Groups = append(v.Groups, names.code(n))
	}
	return v
}

func (a *API) gapRoutes() {
	a.on(Read, "GET /v1/gaps", func(r request) (any, error) {
		all, err := a.store.Gaps(r.URL.Query().Get("all") == "")
		if err != nil {
			return nil, err
		}
		out, names := []Gap{}, a.namer()
		for _, g := range all {
			out = append(out, a.viewGap(g, names))
		}
		return out, nil
	})
	a.on(Answer, "POST /v1/gaps/{id}/read", func(r request) (any, error) {
		n, err := strconv.ParseUint(r.PathValue("id"), 10, 64)
		if err != nil {
			return nil, words.Refuse("store.no_gap", r.PathValue("id")).Of(words.Missing)
		}
		return Done{true}, a.store.ReadGap(n, r.Name)
	})
}
