package broadcast

import (
	"time"

	"chunfeng/store"
	"chunfeng/templates"
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

// Told answers what Sample renders, for other forms than a text: each open vacancy that concerns the group, in order.
func (p *Planner) Told(plan store.Plan, g store.Group, at time.Time) (templates.Data, error) {
	c, order, err := p.sample(plan, g, at)
	if err != nil {
		return templates.Data{}, err
	}
	list := make([]templates.Vacancy, len(order))
	for i, n := range order {
		list[i] = c.told[n]
	}
	return c.data(g.County, list), nil
}

// sample gathers what one group would be told: the batch, and the places in its open vacancies of those that concern it.
func (p *Planner) sample(plan store.Plan, g store.Group, at time.Time) (*composer, []int, error) {
	set, err := p.Templates()
	if err != nil {
		return nil, nil, err
	}
	batch, err := p.Store.Batch(plan.Batch)
	if err != nil {
		return nil, nil, err
	}
	if plan, err = normal(plan, batch.ID); err != nil {
		return nil, nil, err
	}
	vacancies, err := p.Store.Vacancies(batch.ID)
	if err != nil {
		return nil, nil, err
	}
	c := newComposer(p, set, plan, batch, vacancies, at)
	if len(c.open) == 0 {
		return nil, nil, words.Refuse("broadcast.no_open_vacancies", batch.ID)
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
