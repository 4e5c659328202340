package templates

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// FuzzPrintf holds printf to its own estimate: whatever a template's author writes, no more text is made than was told
// beforehand.
func FuzzPrintf(f *testing.F) {
	for _, seed := range []string{"%s", "%999d%%", "%[1]q%[2]x", "%#v %+q", "%.999f", "%!", "%", "%é", "% x", "%#U%c", "%[9]s%z", "%0999.999e", "%v%v%v", "%]%F", "%0%%0700A"} {
		f.Add(seed, "박씨 \xff\U0010ffff", 1e308)
	}
	f.Fuzz(func(t *testing.T, format, text string, number float64) {
		args := []any{text, number, complex(number, number), 7, Fields{Vacancies: text}}
		most, err := printfMost(format, args)
		if err != nil || most > 1<<20 {
			return
		}
		if made := len(fmt.Sprintf(format, args...)); made > most {
			t.Errorf("%q makes %d bytes, told were %d", format, made, most)
		}
	})
}

// TestHeaviestTemplate plans the largest batch of the season with a template that does as much as the bounds let it, in
// every language: that stays a matter of seconds.
func TestHeaviestTemplate(t *testing.T) {
	heavy := `{{$x := "` + strings.Repeat("x", 480) + `"}}` + strings.Repeat(`{{$x = print $x $x}}`, 6) + strings.Repeat(`{{$y := html $x}}`, 40) +
		strings.Repeat(`{{if eq 1 2}}{{end}}`, 300)
	s, err := Load(with("digest.tmpl", changed(t, "digest.tmpl", "{{.Pay}}", heavy+"{{.Pay}}")))
	if err != nil {
		t.Fatal(err)
	}
	d := Sample(Date{2026, 11, 22}, 180)
	for i := range 286 {
		v := d.Vacancies[i%4]
		v.Code = fmt.Sprintf("B%03d", i)
		d.Vacancies = append(d.Vacancies, v)
	}
	start := time.Now()
	if _, err := s.Digest("digest", Korean, d, Limits{Parts: 3}); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("it took %v", took)
	} else {
		t.Logf("a digest of %d vacancies with a template at its bounds takes %v", len(d.Vacancies), took.Round(time.Millisecond))
	}
}
