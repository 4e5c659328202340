package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// writePoster asks for a poster and writes its pages to a file and, beside it, to files of the same name with -2, -3 …
// before the ending.
func (c *cli) writePoster(ctx context.Context, cl *client, batch string, q url.Values, file string) error {
	var pages []api.PosterPage
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
		if err := store.WriteFile(p.File, func(f *os.File) error { _, err := f.Write(p.PNG); return err }); err != nil {
			return words.Refuse("cmd.not_written", p.File).Because(err)
		}
		p.PNG = nil
	}
	if len(pages) > 0 && pages[0].Missing != "" {
		c.note("warning", pages[0].Missing)
	}
	return c.print(pages, func() {
		for _, p := range pages {
			fmt.Fprintln(c.out, c.say("poster_page", p.File, p.Page, len(pages), len(p.Vacancies)))
		}
	})
}
