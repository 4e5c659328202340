package broadcast

import (
	"sync"
	"time"

	"chunfeng/store"
	"chunfeng/templates"
	"chunfeng/templates/poster"
)

// shelf keeps at hand what lanes need for every message: contents, and the state of the vacancies that they tell.
type shelf struct {
	planner *Planner

	mu       sync.Mutex
	contents map[uint32]*store.Content
	bytes    int
	emptied  time.Time
	batches  map[string]*shelved
	amended  map[string]uint32 // number and what it is less → number of the amended content
}

// shelved is a batch's vacancies as they were a moment ago.
type shelved struct {
	batch     store.Batch
	vacancies []store.Vacancy
	at        map[string]int // by code
	read      time.Time
}

const (
	fresh   = time.Second // for how long the state of vacancies is taken as known
	roomy   = 64 << 20    // bytes of contents at hand, pictures among them
	besides = 1 << 10     // bytes that a content takes beside its body, about

	shelfLife = 24 * time.Hour // what is still needed of an older wave is read again
)

func newShelf(p *Planner) *shelf {
	return &shelf{planner: p, contents: map[uint32]*store.Content{}, batches: map[string]*shelved{}, amended: map[string]uint32{}}
}

func (s *shelf) content(n uint32) (*store.Content, error) {
	s.mu.Lock()
	c := s.contents[n]
	s.mu.Unlock()
	if c != nil {
		return c, nil
	}
	read, err := s.planner.Store.Content(n)
	if err != nil {
		return nil, err
	}
	if read.Private {
		return &read, nil // it is for one group, once: at hand it would be in the way, for good
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	size, now := len(read.Body)+besides, time.Now()
	if s.bytes += size; s.bytes > roomy || now.Sub(s.emptied) >= shelfLife {
		s.contents, s.amended, s.bytes, s.emptied = map[uint32]*store.Content{}, map[string]uint32{}, size, now
	}
	s.contents[n] = &read
	return &read, nil
}

// batch answers a batch with its vacancies, at most a second old.
func (s *shelf) batch(id string) (*shelved, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if b := s.batches[id]; b != nil && now.Sub(b.read) < fresh {
		return b, nil
	}
	b := &shelved{at: map[string]int{}, read: now}
	var err error
	if b.batch, err = s.planner.Store.Batch(id); err != nil {
		return nil, err
	}
	if b.vacancies, err = s.planner.Store.Vacancies(id); err != nil {
		return nil, err
	}
	for i, v := range b.vacancies {
		b.at[v.Code] = i
	}
	s.batches[id] = b
	return b, nil
}

// current answers a content as it may be sent now: itself, or amended without the vacancies that are no longer open. why
// is not empty when none of them is.
func (s *shelf) current(c *store.Content, plan store.Plan, now time.Time) (out *store.Content, why store.Reason, err error) {
	if c.Batch == "" || len(c.Vacancies) == 0 {
		return c, "", nil
	}
	b, err := s.batch(c.Batch)
	if err != nil {
		return nil, "", err
	}
	var open []store.Vacancy
	closed, ranOut := "", true
	for _, code := range c.Vacancies {
		i, ok := b.at[code]
		if !ok {
			continue
		}
		v := b.vacancies[i]
		if v.OpenAt(now) {
			open = append(open, v)
			continue
		}
		closed += " " + code
		ranOut = ranOut && (v.State == store.VacancyOpen || v.State == store.VacancyExpired)
	}
	switch {
	case closed == "":
		return c, "", nil
	case len(open) == 0 && ranOut:
		return nil, store.ReasonExpired, nil
	case len(open) == 0:
		return nil, store.ReasonClosed, nil
	}
	out, err = s.amend(c, plan, b, open, closed, now)
	return out, "", err
}

// amend renders a message again without what was closed. A part of a longer post, and a page of a poster, becomes a message
// of its own. A page takes some 30 ms to draw, once for all lanes: no pause between two pictures is as short.
func (s *shelf) amend(c *store.Content, plan store.Plan, b *shelved, open []store.Vacancy, closed string, now time.Time) (*store.Content, error) {
	key := c.Hash + closed
	s.mu.Lock()
	n := s.amended[key]
	s.mu.Unlock()
	if n != 0 {
		return s.content(n)
	}
	list := make([]templates.Vacancy, len(open))
	for i, v := range open {
		list[i] = tell(v, s.planner.Zone)
	}
	again := s.rewrite
	if c.Kind == store.Image {
		again = s.redraw
	}
	amended, err := again(c, plan, b, list, now)
	if err != nil {
		return nil, err
	}
	amended.Amends = c.Number
	numbers, err := s.planner.Store.PutContents([]store.Content{amended})
	if err != nil {
		return nil, err
	}
	n = numbers[amended.Hash]
	s.mu.Lock()
	s.amended[key] = n
	s.mu.Unlock()
	return s.content(n)
}

func (s *shelf) rewrite(c *store.Content, _ store.Plan, b *shelved, list []templates.Vacancy, now time.Time) (out store.Content, err error) {
	set, err := s.planner.Templates()
	if err != nil {
		return out, err
	}
	with := newComposer(s.planner, set, store.Plan{Template: c.Template, Parts: 1}, b.batch, b.vacancies, now)
	parts, err := set.Digest(c.Template, c.Language, with.data(c.County, list), templates.Limits{Parts: 1})
	if err != nil {
		return out, err
	}
	return with.content(parts[0], c.Language, c.County, 1, 1), nil
}

// roomier is the height of an amended page, in pixels: it holds what its page held, and the sentence above it that only
// the first page of a poster has.
const roomier = 2400

func (s *shelf) redraw(c *store.Content, plan store.Plan, b *shelved, list []templates.Vacancy, now time.Time) (out store.Content, err error) {
	with := newComposer(s.planner, nil, plan, b.batch, b.vacancies, now)
	pages, err := s.planner.Posters.draw(with.data(c.County, list), poster.Options{
		Language: c.Language, URL: plan.PosterURL, Pages: 1, Height: roomier,
	})
	if err != nil {
		return out, err
	}
	return with.shown(pages[0], c.Language, c.County, 1, 1), nil
}
