package api

import (
	"strconv"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// PosterPage is one picture of what a group would see.
type PosterPage struct {
	Page      int      `json:"page"`
	File      string   `json:"file,omitempty"` // where the command line put it
	Vacancies []string `json:"vacancies"`
	PNG       []byte   `json:"png,omitempty"`     // base64 in JSON
	Missing   string   `json:"missing,omitempty"` // on the first page: which characters keep which vacancies off the poster
}

// poster draws what a group would be told: the group named, else one of nowhere in particular.
func (a *API) poster(r request) ([]PosterPage, error) {
	planner, g, err := a.shownTo(r)
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	pages := 0
	if s := q.Get("pages"); s != "" {
		if pages, err = strconv.Atoi(s); err != nil || pages < 1 {
			return nil, words.Refuse("cmd.bad_number", "--poster-pages", s).Of(words.Usage)
		}
	}
	plan := store.Plan{Batch: r.PathValue("id"), Form: store.FormPoster, PosterURL: q.Get("url")}
	drawn, missing, err := planner.Poster(plan, g, a.now(), pages)
	if err != nil {
		return nil, err
	}
	out := []PosterPage{}
	for _, c := range drawn {
		out = append(out, PosterPage{Page: c.Part, Vacancies: list(c.Vacancies), PNG: c.Body})
	}
	if len(missing) > 0 {
		out[0].Missing = words.Say(r.Lang, "broadcast.poster_gaps", missing)
	}
	return out, nil
}
