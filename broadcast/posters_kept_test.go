package broadcast

import (
	"fmt"
	"sync"
	"testing"

	"chunfeng/templates"
	"chunfeng/templates/poster"
)

func TestPostersAreKept(t *testing.T) {
	data := func(n int) templates.Data {
		return templates.Data{Total: 9, Vacancies: []templates.Vacancy{{Code: fmt.Sprintf("A%03d", n), Post: templates.Text{Zh: "厨师"}}}}
	}
	o := poster.Options{Language: templates.Chinese}
	p := NewPosters(1 << 20)
	var wg sync.WaitGroup
	drawn := make([][]page, 8)
	for i := range drawn {
		wg.Go(func() {
			var err error
			if drawn[i], err = p.draw(data(0), o); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, d := range drawn {
		if len(d) != 1 || &d[0] != &drawn[0][0] {
			t.Fatal("eight callers at once got more than one drawing")
		}
	}
	other := o
	other.URL = "https://jiuye.example.cn"
	if d, err := p.draw(data(0), other); err != nil || d[0].hash == drawn[0][0].hash {
		t.Error("another address has the same poster", err)
	}
	// Room for three: the one that was asked for longest ago goes.
	size := len(drawn[0][0].body)
	p = NewPosters(3*size + size/2)
	first, _ := p.draw(data(1), o)
	p.draw(data(2), o)
	p.draw(data(3), o)
	p.draw(data(1), o)
	p.draw(data(4), o)
	if again, _ := p.draw(data(1), o); &again[0] != &first[0] {
		t.Error("what was asked for a moment ago is gone")
	}
	if len(p.kept) != 3 || len(p.order) != 3 || p.bytes > p.most {
		t.Errorf("%d kept in %d bytes, of %d", len(p.kept), p.bytes, p.most)
	}
	if _, err := p.draw(templates.Data{}, o); err == nil || len(p.kept) != 3 {
		t.Errorf("a refusal is kept: %v", err)
	}
	if d, err := (*Posters)(nil).draw(data(0), o); err != nil || len(d) != 1 {
		t.Error(err)
	}
}
