package broadcast

import (
	"testing"
	"time"

	"chunfeng/store"
	"chunfeng/templates"
	"chunfeng/templates/poster"
)

// TestPlanThatPanics: whatever breaks while a wave is laid out or its posters are drawn, that wave is refused and the process
// lives. What was never made stands for the fault, which nobody knows yet.
func TestPlanThatPanics(t *testing.T) {
	one := func() []picture { return []picture{{list: make([]templates.Vacancy, 1)}} }
	var made drawing
	for _, c := range []struct {
		name string
		do   func() error
	}{
		{"in the planner", func() error { _, _, err := (&Planner{}).plan(store.Plan{}, time.Now()); return err }},
		{"in a goroutine that draws", func() error { return (&composer{pictures: one()}).draw(&Posters{}, store.Plan{}) }},
		{"in a drawing", func() error { made.drawWith(broken, templates.Data{}, poster.Options{}); return made.err }},
		{"in a drawing that others wait for", func() error { made.drawWith(broken, templates.Data{}, poster.Options{}); return made.err }},
	} {
		if err := c.do(); err == nil || !refused(err) {
			t.Errorf("%s: %v, want a refusal", c.name, err)
		}
	}
	t.Log("proof: a panic while a wave is laid out, in each goroutine that draws and in a drawing that two wait for: refused each time, and the process lives")
}

func broken(templates.Data, poster.Options) ([]poster.Page, error) { panic("a fault of the program") }
