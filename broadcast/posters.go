package broadcast

import (
	"crypto/sha256"
	"encoding/json"
	"slices"
	"sync"

	"chunfeng/store"
	"chunfeng/templates"
	"chunfeng/templates/poster"
)

// Posters draws posters and keeps what it drew, for a wave is planned when somebody asks what it would be, when it is
// queued, approved and opened, and a page takes some 30 ms each time. It is safe for any number of callers; two who want
// the same at once wait for one drawing. A nil *Posters keeps nothing.
type Posters struct {
	mu    sync.Mutex
	most  int // bytes that are kept
	bytes int
	kept  map[[sha256.Size]byte]*drawing
	order [][sha256.Size]byte // of kept, the one that was asked for last at the end
}

// NewPosters makes a Posters that keeps at most so many bytes of pictures.
func NewPosters(bytes int) *Posters {
	return &Posters{most: bytes, kept: map[[sha256.Size]byte]*drawing{}}
}

// page is one drawn picture.
type page struct {
	hash  string // of its content
	body  []byte
	codes []string
}

// drawing is a poster in the making, or made.
type drawing struct {
	once  sync.Once
	pages []page
	err   error
}

func (g *drawing) draw(d templates.Data, o poster.Options) { g.drawWith(poster.Draw, d, o) }

func (g *drawing) drawWith(draw func(templates.Data, poster.Options) ([]poster.Page, error), d templates.Data, o poster.Options) {
	g.once.Do(func() {
		defer fault(&g.err) // inside: who comes later must not find an empty poster
		var drawn []poster.Page
		if drawn, g.err = draw(d, o); g.err != nil {
			return
		}
		for _, p := range drawn {
			g.pages = append(g.pages, page{store.HashContent(store.Image, "", p.PNG), p.PNG, p.Codes})
		}
	})
}

func (g *drawing) size() (n int) {
	for _, p := range g.pages {
		n += len(p.body)
	}
	return n
}

// draw answers the pages of a poster. They are shared: nobody changes them.
func (p *Posters) draw(d templates.Data, o poster.Options) ([]page, error) {
	if p == nil {
		g := &drawing{}
		g.draw(d, o)
		return g.pages, g.err
	}
	b, err := json.Marshal(struct {
		Data    templates.Data
		Options poster.Options
	}{d, o})
	if err != nil {
		return nil, err
	}
	key := sha256.Sum256(b)
	p.mu.Lock()
	g, found := p.kept[key]
	if !found {
		g = &drawing{}
		p.kept[key] = g
	} else if i := slices.Index(p.order, key); i >= 0 {
		p.order = append(slices.Delete(p.order, i, i+1), key)
	}
	p.mu.Unlock()
	g.draw(d, o)
	if !found {
		p.keep(key, g)
	}
	return g.pages, g.err
}

// keep counts what was just drawn, and drops what nobody asked for longest. A refusal is not kept.
func (p *Posters) keep(key [sha256.Size]byte, g *drawing) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if g.err != nil {
		delete(p.kept, key)
		return
	}
	p.bytes += g.size()
	p.order = append(p.order, key)
	for p.bytes > p.most && len(p.order) > 0 {
		p.bytes -= p.kept[p.order[0]].size()
		delete(p.kept, p.order[0])
		p.order = p.order[1:]
	}
}
