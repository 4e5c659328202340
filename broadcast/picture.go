package broadcast

import (
	"cmp"
	"net/url"
	"runtime"
	"slices"
	"sync"

	"chunfeng/store"
	"chunfeng/templates"
	"chunfeng/templates/poster"
	"chunfeng/templates/words"
)

// MaxPosterPages is the most pictures that one wave may post in a group. It is politeness: an account sends 80 a day.
const MaxPosterPages = 6

// normalForm fills in what a plan leaves out of its form, and refuses what contradicts it.
func normalForm(plan store.Plan) (store.Plan, error) {
	switch plan.Form {
	case "text":
		plan.Form = store.FormText
	case store.FormText, store.FormPoster, store.FormBoth:
	default:
		return plan, words.Refuse("broadcast.bad_form", string(plan.Form)).Of(words.Usage)
	}
	if !plan.Posters() && (plan.PosterPages != 0 || plan.PosterURL != "") {
		return plan, words.Refuse("broadcast.no_poster").Of(words.Usage)
	}
	if !plan.Texts() && plan.Parts > 1 {
		return plan, words.Refuse("broadcast.no_texts").Of(words.Usage)
	}
	if plan.Posters() && plan.PosterPages == 0 {
		plan.PosterPages = 1
	}
	if plan.PosterPages < 0 || plan.PosterPages > MaxPosterPages {
		return plan, words.Refuse("broadcast.bad_poster_pages", plan.PosterPages, MaxPosterPages).Of(words.Usage)
	}
	if plan.PosterURL != "" {
		u, err := url.Parse(plan.PosterURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return plan, words.Refuse("broadcast.bad_poster_url", plan.PosterURL).Of(words.Usage)
		}
	}
	return plan, nil
}

// mostPictures bounds the posters of one plan: each is drawn (a third of a second) and uploaded by every account whose
// groups get it. Groups beyond get their county's, in the order that takes no heed of tags.
const mostPictures = 500

// picture is a plan's poster for the groups of a language and county whose tags put its vacancies into one order.
type picture struct {
	language, county string
	order            string              // the codes of what concerns its groups, in their order
	list             []templates.Vacancy // what it could tell
	of               int                 // vacancies that concern its groups
	pages            []page
}

// told counts the vacancies on its pages.
func (p picture) told() (n int) {
	for _, one := range p.pages {
		n += len(one.codes)
	}
	return n
}

// name is its name within the plan.
func (p picture) name() string { return p.language + "/" + p.county + "/" + p.order }

// picture answers which poster a group gets, to be drawn later; none when nothing concerns it. It tells the vacancies in
// the order in which the group's text does.
func (c *composer) picture(g store.Group) (int, error) {
	tags, key := orderOf(g)
	if n, ok := c.hung[key]; ok {
		return n, nil
	}
	order := c.concerning(g.County, tags)
	if len(order) == 0 {
		c.hung[key] = none
		return none, nil
	}
	gaps, err := c.gapsIn(g.Language)
	if err != nil {
		return none, err
	}
	p := picture{language: g.Language, county: g.County, order: c.codes(order), list: c.showable(order, gaps), of: len(order)}
	n, ok := c.drawn[p.name()]
	switch {
	case ok:
	case len(c.pictures) >= mostPictures && len(tags) > 0:
		g.Tags = nil
		if n, err = c.picture(g); err != nil {
			return none, err
		}
	default:
		n = len(c.pictures)
		c.drawn[p.name()] = n
		c.pictures = append(c.pictures, p)
	}
	c.hung[key] = n
	return n, nil
}

// showable is what of a list can be shown.
func (c *composer) showable(order []int, gaps map[string]bool) (list []templates.Vacancy) {
	for _, i := range order {
		if !gaps[c.open[i].Code] {
			list = append(list, c.told[i])
		}
	}
	return list
}

// gapsIn finds which vacancies hold characters that no poster in a language can show. They are told in words alone. The
// bureau's own name stands on every page: a character that is missing there is refused.
func (c *composer) gapsIn(language string) (map[string]bool, error) {
	if found, ok := c.gaps[language]; ok {
		return found, nil
	}
	missing, err := poster.Missing(c.data("", c.told), language)
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, g := range missing {
		if g.Code == "" {
			return nil, words.Refuse("poster.no_glyph", missing)
		}
		found[g.Code] = true
		if !slices.Contains(c.missing, g) {
			c.missing = append(c.missing, g)
		}
	}
	c.gaps[language] = found
	return found, nil
}

// draw draws the posters that somebody gets, as many at once as there are processors.
func (c *composer) draw(posters *Posters, plan store.Plan) error {
	var wg sync.WaitGroup
	turns := make(chan struct{}, runtime.GOMAXPROCS(0))
	errs := make([]error, len(c.pictures))
	for i := range c.pictures {
		p := &c.pictures[i]
		if len(p.list) == 0 {
			if !plan.Texts() {
				return words.Refuse("poster.no_glyph", c.missing)
			}
			continue
		}
		wg.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			defer fault(&errs[i])
			p.pages, errs[i] = posters.draw(c.data(p.county, p.list), poster.Options{
				Language: p.language, URL: plan.PosterURL, Pages: plan.PosterPages,
			})
		})
	}
	wg.Wait()
	for i, err := range errs {
		if err != nil {
			return err
		}
		p := c.pictures[i]
		for n, one := range p.pages {
			if !c.seen[one.hash] {
				c.seen[one.hash] = true
				c.contents = append(c.contents, c.shown(one, p.language, p.county, n+1, len(p.pages)))
			}
		}
	}
	return nil
}

// shown is a page as a content.
func (c *composer) shown(p page, language, county string, part, of int) store.Content {
	return store.Content{
		Hash: p.hash, Kind: store.Image, Body: p.body, Vacancies: p.codes, Batch: c.batch.ID, Language: language, County: county,
		Part: part, Of: of,
	}
}

// PosterShare is how much of what concerns its groups is on the poster of a language and county: where tags make several
// of them, on the one that tells least.
type PosterShare struct {
	Language, County string
	Pages            int
	Told, Of         int // vacancies on it, of those that concern its groups
}

// shares lists the posters by county and language.
func (c *composer) shares() (out []PosterShare) {
	for _, p := range c.pictures {
		i := slices.IndexFunc(out, func(o PosterShare) bool { return o.Language == p.language && o.County == p.county })
		if i < 0 {
			out = append(out, PosterShare{p.language, p.county, len(p.pages), p.told(), p.of})
			continue
		}
		out[i].Pages, out[i].Told = max(out[i].Pages, len(p.pages)), min(out[i].Told, p.told())
	}
	slices.SortFunc(out, func(a, b PosterShare) int {
		return cmp.Or(cmp.Compare(a.County, b.County), cmp.Compare(a.Language, b.Language))
	})
	return out
}

// fullest is the poster on which most found no room.
func (c *composer) fullest() (out picture) {
	for _, p := range c.pictures {
		if len(p.list)-p.told() > len(out.list)-out.told() {
			out = p
		}
	}
	return out
}
