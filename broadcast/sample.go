package broadcast

import (
	"slices"
	"time"

	"chunfeng/store"
	"chunfeng/templates/poster"
	"chunfeng/templates/words"
)

// Sample renders what one group would be told of a plan's batch at a moment, whoever else is in the audience and whether
// or not it can be reached. A group without a county stands for nobody in particular and is told every open vacancy, as
// far as they fit.
func (p *Planner) Sample(plan store.Plan, g store.Group, at time.Time) ([]store.Content, error) {
	c, order, err := p.sample(plan, g, at)
	if err != nil {
		return nil, err
	}
	n := c.render(g.Language, g.County, order)
	if n == none {
		return nil, nil
	}
	return c.contents, c.digests[n].err
}

// Concerning counts the open vacancies that concern a group: Sample tells as many of them as fit.
func (p *Planner) Concerning(plan store.Plan, g store.Group, at time.Time) (int, error) {
	_, order, err := p.sample(plan, g, at)
	return len(order), err
}

// Poster draws what one group would be shown, as Sample renders what it would be told: at most so many pages, 0 for as many
// as it takes. missing says why some vacancies are not on it.
func (p *Planner) Poster(plan store.Plan, g store.Group, at time.Time, pages int) (contents []store.Content, missing poster.Gaps, err error) {
	c, order, err := p.sample(plan, g, at)
	if err != nil {
		return nil, nil, err
	}
	gaps, err := c.gapsIn(g.Language)
	if err != nil {
		return nil, nil, err
	}
	drawn, err := p.Posters.draw(c.data(g.County, c.showable(order, gaps)), poster.Options{Language: g.Language, URL: plan.PosterURL, Pages: pages})
	if err != nil {
		return nil, nil, err
	}
	for i, one := range drawn {
		contents = append(contents, c.shown(one, g.Language, g.County, i+1, len(drawn)))
	}
	for _, m := range c.missing {
		if slices.ContainsFunc(order, func(i int) bool { return c.open[i].Code == m.Code }) {
			missing = append(missing, m)
		}
	}
	return contents, missing, nil
}

// Messages is what one group would get of a plan, texts and pictures in the order of sending. Where no vacancy concerns it
// it is refused.
func (p *Planner) Messages(plan store.Plan, g store.Group, at time.Time) (out []store.Content, err error) {
	form, err := normalForm(plan)
	if err != nil {
		return nil, err
	}
	if form.Texts() {
		if out, err = p.Sample(plan, g, at); err != nil {
			return nil, err
		}
		if len(out) == 0 {
			return nil, words.Refuse("broadcast.concerns_nobody", county(g.County))
		}
	}
	if form.Posters() {
		pages, _, err := p.Poster(plan, g, at, form.PosterPages)
		if err != nil {
			return nil, err
		}
		out = append(out, pages...)
	}
	return out, nil
}

// sample gathers what one group would be told: the batch, and the places in its open vacancies of those that concern it.
func (p *Planner) sample(plan store.Plan, g store.Group, at time.Time) (*composer, []int, error) {
	c, _, err := p.gather(plan, at)
	if err != nil {
		return nil, nil, err
	}
	order := c.concerning(g.County, g.Tags)
	if g.County == "" {
		order = order[:0]
		for i := range c.open {
			order = append(order, i)
		}
	}
	return c, order, nil
}
