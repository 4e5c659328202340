package api

import (
	"chunfeng/store"
	"chunfeng/templates/poster"
)

// PosterPage is one picture of what a group would see.
type PosterPage struct {
	Page      int      `json:"page"`
	File      string   `json:"file,omitempty"` // where the command line put it
	Vacancies []string `json:"vacancies"`
	PNG       []byte   `json:"png,omitempty"` // base64 in JSON
}

// poster draws what a group would be told: the group named, else one of nowhere in particular.
func (a *API) poster(r request) (any, error) {
	q := r.URL.Query()
	g, err := a.shownTo(q)
	if err != nil {
		return nil, err
	}
	planner, err := a.Planner()
	if err != nil {
		return nil, err
	}
	d, err := planner.Told(store.Plan{Batch: r.PathValue("id")}, g, a.now())
	if err != nil {
		return nil, err
	}
	pages, err := poster.Draw(d, poster.Options{Language: g.Language, URL: q.Get("url")})
	if err != nil {
		return nil, err
	}
	out := []PosterPage{}
	for i, p := range pages {
		out = append(out, PosterPage{Page: i + 1, Vacancies: p.Codes, PNG: p.PNG})
	}
	return out, nil
}
