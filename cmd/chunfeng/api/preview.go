package api

import (
	"strconv"
	"strings"

	"chunfeng/broadcast"
	"chunfeng/store"
	"chunfeng/templates"
	"chunfeng/templates/words"
)

// Preview is what one group would read.
type Preview struct {
	Batch    string        `json:"batch"`
	Group    string        `json:"group,omitempty"`
	Language string        `json:"language"`
	Limit    int           `json:"limit"`
	Parts    []PreviewPart `json:"parts"`
	// Concerned is how many open vacancies concern the group; what the parts do not tell of them did not fit.
	Concerned int `json:"concerned"`
}

type PreviewPart struct {
	Part      int      `json:"part"`
	Text      string   `json:"text"`
	Length    int      `json:"length"`
	Vacancies []string `json:"vacancies"`
	Hash      string   `json:"hash"`
}

// shownFor are the parameters that tell for whom something is shown.
func shownFor() []Param {
	return []Param{
		{Name: "group", About: "a group's code; else a group of nowhere in particular"},
		{Name: "lang", About: "instead of the group's language", OneOf: []string{templates.Korean, templates.Chinese, templates.Both}},
	}
}

// shownTo answers the planner and the group that something is shown for: the one named, else one of nowhere in particular,
// in the language asked for, else in its own, else in both. A group of another county is refused as if there were none.
func (a *API) shownTo(r request) (*broadcast.Planner, store.Group, error) {
	q := r.URL.Query()
	g := store.Group{Language: templates.Both}
	if code := q.Get("group"); code != "" {
		var err error
		if g, err = a.seenGroup(r.Caller, code); err != nil {
			return nil, g, err
		}
	}
	lang, err := only(q, "lang", templates.Korean, templates.Chinese, templates.Both)
	if err != nil {
		return nil, g, err
	}
	if lang != "" {
		g.Language = lang
	}
	planner, err := a.Planner()
	return planner, g, err
}

// preview shows what a group would read, and how many of the open vacancies concern it.
func (a *API) preview(r request) (any, error) {
	planner, g, err := a.shownTo(r)
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	parts := 0
	if s := q.Get("parts"); s != "" {
		if parts, err = strconv.Atoi(s); err != nil {
			return nil, words.Refuse("cmd.bad_number", "--parts", s).Of(words.Usage)
		}
	}
	plan := store.Plan{Batch: r.PathValue("id"), Template: q.Get("template"), Parts: parts}
	contents, err := planner.Sample(plan, g, a.now())
	if err != nil {
		return nil, err
	}
	v := Preview{Batch: strings.ToUpper(plan.Batch), Group: g.Code, Language: g.Language, Limit: templates.MaxLength, Parts: []PreviewPart{}}
	for _, c := range contents {
		text := string(c.Body)
		v.Parts = append(v.Parts, PreviewPart{c.Part, text, templates.Length(text), list(c.Vacancies), c.Hash})
	}
	v.Concerned, err = planner.Concerning(plan, g, a.now())
	return v, err
}
