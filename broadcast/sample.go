package broadcast

import (
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// Sample renders what one group would be told of a plan's batch at a moment, whoever else is in the audience and whether
// or not it can be reached. A group without a county stands for nobody in particular and is told every open vacancy, as
// far as they fit.
func (p *Planner) Sample(plan store.Plan, g store.Group, at time.Time) ([]store.Content, error) {
	set, err := p.Templates()
	if err != nil {
		return nil, err
	}
	batch, err := p.Store.Batch(plan.Batch)
	if err != nil {
		return nil, err
	}
	if plan, err = normal(plan, batch.ID); err != nil {
		return nil, err
	}
	vacancies, err := p.Store.Vacancies(batch.ID)
	if err != nil {
		return nil, err
	}
	c := newComposer(p, set, plan, batch, vacancies, at)
	if len(c.open) == 0 {
		return nil, words.Refuse("broadcast.no_open_vacancies", batch.ID)
	}
	order := c.concerning(g.County, g.Tags)
	if g.County == "" {
		order = order[:0]
		for i := range c.open {
			order = append(order, i)
		}
	}
	n := c.render(g.Language, g.County, order)
	if n == none {
		return nil, nil
	}
	return c.contents, c.digests[n].err
}
