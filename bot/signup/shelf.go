package signup

import (
	"slices"
	"sync"
	"time"

	"chunfeng/bot/phone"
	"chunfeng/store"
)

// shelf keeps at hand what answers need again and again: batches with their vacancies, and contents. Both never change
// but for a vacancy's state, which is read anew after a while.
type shelf struct {
	store    *store.Store
	mu       sync.Mutex
	batches  map[string]shelved
	contents map[uint32]store.Content // at most shelfHolds
	emptied  time.Time
}

type shelved struct {
	vacancies []store.Vacancy
	read      time.Time
}

// shelfHolds is how many contents are at hand, and shelfLife for how long: some hundred are told in a fortnight, but each
// acknowledgement is one more, and after its group's last reply nobody asks for it again.
const (
	shelfHolds = 4096
	shelfLife  = 24 * time.Hour
)

// stale is how old the state of a vacancy may be in an answer.
const stale = 10 * time.Second

func newShelf(s *store.Store) *shelf {
	return &shelf{store: s, batches: map[string]shelved{}, contents: map[uint32]store.Content{}}
}

func (s *shelf) vacancies(batch string) ([]store.Vacancy, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b, ok := s.batches[batch]; ok && time.Since(b.read) < stale {
		return b.vacancies, nil
	}
	v, err := s.store.Vacancies(batch)
	if err == nil {
		s.batches[batch] = shelved{v, time.Now()}
	}
	return v, err
}

func (s *shelf) content(n uint32) (store.Content, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.contents[n]; ok {
		return c, nil
	}
	c, err := s.store.Content(n)
	if err == nil {
		c.Body = nil // only what it names is asked for
		if now := time.Now(); len(s.contents) >= shelfHolds || now.Sub(s.emptied) >= shelfLife {
			s.contents, s.emptied = map[uint32]store.Content{}, now
		}
		s.contents[n] = c
	}
	return c, err
}

// telling is one delivery that a group has seen, or may have.
type telling struct {
	delivery store.Delivery
	content  store.Content
}

// tellings lists what a group was lately told, the newest first.
func (s *shelf) tellings(group uint32, since time.Time) (out []telling, err error) {
	if group == 0 {
		return nil, nil
	}
	history, err := s.store.History(group, since)
	if err != nil {
		return nil, err
	}
	for _, d := range history {
		switch d.State {
		case store.Sending, store.Accepted, store.Sent, store.Unknown, store.Recalled:
		default:
			continue
		}
		c, err := s.content(d.Content)
		if err != nil {
			return nil, err
		}
		out = append(out, telling{d, c})
	}
	return out, nil
}

// told puts what a group was told into the interpreter's terms.
func (s *shelf) told(tellings []telling) (t Told, err error) {
	var batches []string
	listed := map[string]bool{}
	for _, x := range tellings {
		if x.content.Batch != "" && !slices.Contains(batches, x.content.Batch) {
			batches = append(batches, x.content.Batch)
		}
		for _, code := range x.content.Vacancies {
			listed[code] = true
		}
	}
	for _, b := range batches {
		vacancies, err := s.vacancies(b)
		if err != nil {
			return t, err
		}
		for _, v := range vacancies {
			t.Vacancies = append(t.Vacancies, ToldVacancy{
				Code:   v.Code,
				Names:  []string{v.Employer.Zh, v.Employer.Ko, v.Post.Zh, v.Post.Ko},
				Phones: append([]phone.Number(nil), v.Phones...),
				Listed: listed[v.Code],
			})
		}
	}
	return t, nil
}

// delivery answers the newest delivery that told of a batch, the zero one when none did.
func newestOf(tellings []telling, batch string) store.Delivery {
	for _, t := range tellings {
		if t.content.Batch == batch {
			return t.delivery
		}
	}
	return store.Delivery{}
}
