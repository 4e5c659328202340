package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"chunfeng/store"
	"chunfeng/templates/poster"
	"chunfeng/templates/words"
)

// posterPage is one picture of what a group would see.
type posterPage struct {
	Page      int      `json:"page"`
	File      string   `json:"file,omitempty"` // where the command line put it
	Vacancies []string `json:"vacancies"`
	PNG       []byte   `json:"png,omitempty"` // base64 in JSON
}

// poster draws what a group would be told: the group named, else one of nowhere in particular.
func (a *App) poster(r request) (any, error) {
	q := r.URL.Query()
	g, err := a.shownTo(q)
	if err != nil {
		return nil, err
	}
	planner, err := a.planner()
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
	out := []posterPage{}
	for i, p := range pages {
		out = append(out, posterPage{Page: i + 1, Vacancies: p.Codes, PNG: p.PNG})
	}
	return out, nil
}

// writePoster asks for a poster and writes its pages to a file and, beside it, to files of the same name with -2, -3 …
// before the ending.
func (c *cli) writePoster(ctx context.Context, cl *client, batch string, q url.Values, file string) error {
	var pages []posterPage
	if err := cl.get(ctx, "/v1/batches/"+url.PathEscape(batch)+"/poster", q, &pages); err != nil {
		return err
	}
	for i := range pages {
		p := &pages[i]
		p.File = file
		if p.Page > 1 {
			ext := filepath.Ext(file)
			p.File = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(file, ext), p.Page, ext)
		}
		if err := writeFile(p.File, func(f *os.File) error { _, err := f.Write(p.PNG); return err }); err != nil {
			return words.Refuse("cmd.not_written", p.File).Because(err)
		}
		p.PNG = nil
	}
	return c.print(pages, func() {
		for _, p := range pages {
			fmt.Fprintln(c.out, c.say("poster_page", p.File, p.Page, len(pages), len(p.Vacancies)))
		}
	})
}
