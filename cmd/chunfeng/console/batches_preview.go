package console

import (
	"bytes"
	"image/png"
	"net/http"
	"net/url"
	"slices"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/templates"
)

// previewRoutes show a batch as residents would see it.
func (c *Console) previewRoutes() {
	c.page("GET /batches/{id}/preview", api.Read, c.showPreview)
	c.page("GET /batches/{id}/poster", api.Read, c.showPoster)
	c.page("GET /batches/{id}/poster/{page}", api.Read, func(w http.ResponseWriter, r *request) error {
		path := "/v1/batches/" + seg(r.PathValue("id")) + "/poster/" + seg(r.PathValue("page"))
		return api.Copy(w, r.Request, c.API, r.Caller, path, fieldsOf(r.URL.Query(), "group", "lang", "url"))
	})
}

// shownFor is for whom a preview is made, and how another one is chosen.
type shownFor struct {
	batchPage
	Group  *api.GroupDetail // nil: nobody in particular
	Search groupSearch
	Choice url.Values // what else was chosen, to be kept while a group is
}

// shownFor reads for whom a preview is asked. What is refused comes back beside what can be shown all the same.
func (c *Console) shownFor(r *request, tab string, choices ...string) (p shownFor, refused, err error) {
	q := r.URL.Query()
	if p.batchPage, err = c.batch(r, tab); err != nil {
		return p, nil, err
	}
	p.Choice = fieldsOf(q, choices...)
	code := q.Get("group")
	if p.Search, err = c.findGroups(r, groupSearch{Text: q.Get("find"), To: pathOf("/batches", []string{p.ID, tab}), Keep: p.Choice}); err != nil {
		return p, nil, err
	}
	if found := p.Search.Groups; len(found) == 1 && !p.Search.More {
		code = found[0].Code
	}
	if code == "" {
		return p, nil, nil
	}
	g, refused := get[api.GroupDetail](c, r, "/v1/groups/"+seg(code), nil)
	if refused == nil {
		p.Group = &g
	} else if !known(refused) {
		return p, nil, refused
	}
	return p, refused, nil
}

// query is what asks for the same again.
func (p shownFor) query() url.Values {
	q := fieldsOf(p.Choice, "template", "parts", "lang", "url")
	if p.Group != nil {
		q.Set("group", p.Group.Code)
	}
	return q
}

// batchPreview is what the preview shows: the message in each language.
type batchPreview struct {
	shownFor
	Texts     []previewText
	Templates []string
	Parts     []int // the choices
}

// previewText is the message in one language.
type previewText struct {
	api.Preview
	Own  bool // the language in which the group gets it
	Told int  // vacancies in all its parts
	Why  string
}

func (c *Console) showPreview(w http.ResponseWriter, r *request) error {
	s, refused, err := c.shownFor(r, "preview", "template", "parts")
	if err != nil {
		return err
	}
	p := batchPreview{shownFor: s}
	for n := range templates.MaxParts {
		p.Parts = append(p.Parts, n+1)
	}
	if p.Templates, err = get[[]string](c, r, "/v1/waves/templates", nil); err != nil {
		return err
	}
	own := templates.Both
	if p.Group != nil && p.Group.Language != "" {
		own = p.Group.Language
	}
	for _, lang := range []string{templates.Korean, templates.Chinese, templates.Both} {
		q := p.query()
		q.Set("lang", lang)
		v, err := get[api.Preview](c, r, "/v1/batches/"+seg(p.ID)+"/preview", q)
		text := previewText{Preview: v, Own: p.Group != nil && lang == own}
		text.Language = lang
		switch {
		case err != nil && !known(err):
			return err
		case err != nil:
			text.Why = api.ProblemOf(err, r.Caller.Lang).Text
		}
		for _, part := range v.Parts {
			text.Told += len(part.Vacancies)
		}
		p.Texts = append(p.Texts, text)
	}
	// The group's own language comes first.
	slices.SortStableFunc(p.Texts, func(a, b previewText) int {
		switch {
		case a.Own == b.Own:
			return 0
		case a.Own:
			return -1
		}
		return 1
	})
	if refused != nil {
		return c.showError(w, r, "batches", "batch-preview", p.title(r), p, refused)
	}
	return c.show(w, r, "batches", "batch-preview", p.title(r), p)
}

// batchPoster is what the page of the poster shows.
type batchPoster struct {
	shownFor
	Lang    string
	Pages   []posterPicture
	Missing string // which characters keep which vacancies off it
}

// posterPicture is one page of a poster.
type posterPicture struct {
	api.PosterPage
	Path          string
	Width, Height int // pixels, so that the page does not jump when it comes
}

func (c *Console) showPoster(w http.ResponseWriter, r *request) error {
	s, refused, err := c.shownFor(r, "poster", "lang", "url")
	if err != nil {
		return err
	}
	p := batchPoster{shownFor: s, Lang: s.Choice.Get("lang")}
	q := p.query()
	if p.Group == nil && p.Lang == "" {
		p.Lang = templates.Both
	}
	pages, err := get[[]api.PosterPage](c, r, "/v1/batches/"+seg(p.ID)+"/poster", q)
	if err != nil && !known(err) {
		return err
	}
	if refused == nil {
		refused = err
	}
	for _, one := range pages {
		v := posterPicture{PosterPage: one, Path: withQuery(pathOf("/batches", []string{p.ID, "poster", number(one.Page)}), q)}
		if size, err := png.DecodeConfig(bytes.NewReader(one.PNG)); err == nil {
			v.Width, v.Height = size.Width, size.Height
		}
		if one.Missing != "" {
			p.Missing = one.Missing
		}
		v.PNG = nil
		p.Pages = append(p.Pages, v)
	}
	if refused != nil {
		return c.showError(w, r, "batches", "batch-poster", p.title(r), p, refused)
	}
	return c.show(w, r, "batches", "batch-poster", p.title(r), p)
}
