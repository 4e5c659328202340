package templates

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"chunfeng/templates/words"

	"pgregory.net/rapid"
)

var toldCode = regexp.MustCompile(`(?m)^Q\d+`)

// drawVacancy draws a vacancy with texts of any sort and length up to most.
func drawVacancy(t *rapid.T, i, most int) Vacancy {
	text := func(name string, most int) Text {
		s := rapid.StringOfN(rapid.SampledFrom([]rune("가나다 연길招聘岗位，:/-12😀{}")), 0, most, -1)
		return Text{Ko: s.Draw(t, name), Zh: s.Draw(t, name)}
	}
	v := Vacancy{
		Code: fmt.Sprintf("Q%03d", i), Post: text("post", 12), Employer: text("employer", 20), Place: text("place", 20),
		Headcount: rapid.IntRange(0, 500).Draw(t, "headcount"),
		Pay: Pay{Min: rapid.IntRange(0, 9000).Draw(t, "min"), Max: rapid.IntRange(0, 9000).Draw(t, "max"),
			Unit: rapid.SampledFrom([]string{"month", "day", "hour", "year", "piece", ""}).Draw(t, "unit")},
		County: rapid.SampledFrom([]string{"", "yanji", "antu"}).Draw(t, "county"),
		Hours:  text("hours", most), Requirements: text("requirements", most), Benefits: text("benefits", most),
	}
	v.Post.Ko, v.Employer.Zh = "공"+v.Post.Ko, "厂"+v.Employer.Zh
	return v
}

// TestFit draws vacancies and limits, and holds the digest to the package's promise.
func TestFit(t *testing.T) {
	s := set(t)
	rapid.Check(t, func(t *rapid.T) {
		language := rapid.SampledFrom([]string{Korean, Chinese, Both}).Draw(t, "language")
		name := rapid.SampledFrom([]string{digest, list}).Draw(t, "template")
		l := Limits{Parts: rapid.IntRange(1, MaxParts).Draw(t, "parts"), Length: rapid.IntRange(500, MaxLength).Draw(t, "length")}
		n, most := rapid.IntRange(1, 60).Draw(t, "n"), rapid.SampledFrom([]int{0, 20, 300}).Draw(t, "most")
		d := Data{County: "yanji", Total: rapid.IntRange(0, 300).Draw(t, "total")}
		for i := range n {
			d.Vacancies = append(d.Vacancies, drawVacancy(t, i, most))
		}
		parts, err := s.vacancies(name, language, d, l)
		if err != nil {
			t.Fatal(err)
		}
		if len(parts) == 0 || len(parts) > l.Parts {
			t.Fatalf("%d parts of %d", len(parts), l.Parts)
		}
		all := 0
		for n, p := range parts {
			if p.Length != Length(p.Text) || p.Length > l.Length {
				t.Fatalf("part %d has %d units and says %d, the limit is %d", n+1, Length(p.Text), p.Length, l.Length)
			}
			if p.Count == 0 || p.Count != len(p.Codes) || !slices.Equal(toldCode.FindAllString(p.Text, -1), p.Codes) {
				t.Fatalf("part %d tells %v and says %v", n+1, toldCode.FindAllString(p.Text, -1), p.Codes)
			}
			if len(parts) > 1 && !strings.Contains(p.Text, fmt.Sprintf(" %d/%d】", n+1, len(parts))) {
				t.Fatalf("part %d does not say so:\n%s", n+1, p.Text)
			}
			for _, code := range p.Codes {
				if code != d.Vacancies[all].Code {
					t.Fatalf("%s is told where %s should be", code, d.Vacancies[all].Code)
				}
				if !slices.ContainsFunc(blocks(t, s, name, language, d, all), func(b string) bool { return strings.Contains(p.Text, b) }) {
					t.Fatalf("%s is cut:\n%s", code, p.Text)
				}
				all++
			}
		}
		if all == n {
			return
		}
		if len(parts) < l.Parts {
			t.Fatalf("%d of %d told in %d parts, though %d are allowed", all, n, len(parts), l.Parts)
		}
		// Counts are measured at their widest before they are known: three counts of at most three digits each.
		const widest = 9
		least := blocks(t, s, name, language, d, all)[brief]
		if last := parts[len(parts)-1]; last.Length+Length(least)+2 <= l.Length-widest {
			t.Fatalf("%d units are left, and the next vacancy would take %d", l.Length-last.Length, Length(least)+2)
		}
	})
}

// blocks answers what a vacancy looks like at each level of detail.
func blocks(t *rapid.T, s *Set, name, language string, d Data, i int) []string {
	out := make([]string, brief+1)
	for level := range out {
		data, _ := d.Vacancies[i].fields(language, d.County, level)
		var b strings.Builder
		if err := execute(s.parsed[name], "vacancy "+language, data, &b); err != nil {
			t.Fatal(err)
		}
		out[level] = tidy(b.String())
	}
	return out
}

func TestTooLong(t *testing.T) {
	s := set(t)
	d := example(4)
	d.Vacancies[1].Benefits = Text{Zh: strings.Repeat("包", 5000)}
	parts, err := s.Digest("digest", Chinese, d, Limits{Parts: 2})
	if err != nil {
		t.Fatal(err)
	}
	if got := parts[0].Text; len(parts) != 1 || !strings.Contains(got, "A002") || strings.Contains(got, "包包") {
		t.Errorf("a text that no message holds is left out whole:\n%s", got)
	}
	if got := parts[0].Text; !strings.Contains(got, "包吃住") || !strings.Contains(got, "详情") {
		t.Errorf("the others keep theirs, and residents learn how to get it:\n%s", got)
	}
	d.Vacancies[1].Employer = Text{Zh: strings.Repeat("司", 5000)}
	_, err = s.Digest("digest", Chinese, d, Limits{Parts: 2})
	if !errors.Is(err, words.Refuse("templates.vacancy_too_long")) || !strings.Contains(err.Error(), "A002") {
		t.Errorf("got %v, want a refusal that names A002", err)
	}
	if _, err = s.Vacancy(Chinese, d, d.Vacancies[1], Limits{}); !errors.Is(err, words.Refuse("templates.vacancy_too_long")) {
		t.Errorf("got %v", err)
	}
	if _, err = s.Digest("digest", Chinese, example(1), Limits{Length: 60}); err == nil {
		t.Error("a message of 60 characters holds no digest")
	}
}

// TestFrameThatGrows has a template whose frame comes out longer than it was measured, for it looks at the counts.
func TestFrameThatGrows(t *testing.T) {
	text := changed(t, "digest.tmpl", "居民朋友们，大家好！", `{{if lt .Here 40}}`+strings.Repeat("很", 120)+`{{end}}`)
	s, err := Load(with("digest.tmpl", text))
	if err != nil {
		t.Fatal(err)
	}
	parts, err := s.Digest("digest", Chinese, example(60), Limits{})
	if err != nil || parts[0].Length > MaxLength || parts[0].Count == 0 {
		t.Errorf("%v %v", parts, err)
	}
}

// TestLastPartCarriesMore walks the lengths at which all items fit into the first part but for what the last part has to
// carry: none of them may be refused, and none told without it.
func TestLastPartCarriesMore(t *testing.T) {
	s := set(t)
	for n := 2; n <= 30; n += 4 {
		d := Data{}
		for i := range n {
			d.Vacancies = append(d.Vacancies, Vacancy{Code: fmt.Sprintf("A%03d", i), Post: Text{Zh: "工"}, Employer: Text{Zh: "厂"}})
		}
		for length := 150; length <= 500; length++ {
			parts, err := s.List(Chinese, d, Limits{Parts: MaxParts, Length: length})
			if err != nil {
				t.Fatalf("%d vacancies, %d units: %v", n, length, err)
			}
			told := 0
			for _, p := range parts {
				told += p.Count
			}
			if last := parts[len(parts)-1]; told != n || !strings.Contains(last.Text, "报名") {
				t.Fatalf("%d units: %d of %d told, the last part is\n%s", length, told, n, last.Text)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	s := set(t)
	for _, c := range []struct {
		name, language string
		data           Data
		l              Limits
		key            string
	}{
		{"nosuch", Korean, example(1), Limits{}, "templates.no_template"},
		{"list", Korean, example(1), Limits{}, "templates.no_template"},
		{"acknowledge", Korean, example(1), Limits{}, "templates.no_template"},
		{"digest", "en", example(1), Limits{}, "templates.language"},
		{"digest", "", example(1), Limits{}, "templates.language"},
		{"digest", Korean, Data{}, Limits{}, "templates.no_vacancies"},
		{"digest", Korean, example(1), Limits{Parts: MaxParts + 1}, "templates.parts"},
		{"digest", Korean, example(1), Limits{Parts: -1}, "templates.parts"},
		{"digest", Korean, example(1), Limits{Length: MaxLength + 1}, "templates.length"},
		{"digest", Korean, example(1), Limits{Length: -1}, "templates.length"},
	} {
		_, err := s.Digest(c.name, c.language, c.data, c.l)
		if !errors.Is(err, words.Refuse(c.key)) {
			t.Errorf("%s %s %v: got %v, want %s", c.name, c.language, c.l, err, c.key)
		}
	}
	var many []Person
	for range 200 {
		many = append(many, Person{Name: "리춘화", Phone: "138****5678"})
	}
	if _, err := s.AcknowledgeMany(Korean, Data{}, many, Limits{}); !errors.Is(err, words.Refuse("templates.too_many")) {
		t.Errorf("got %v: nobody may be left out in silence", err)
	}
	parts, err := s.AcknowledgeMany(Korean, Data{}, many, Limits{Parts: 9})
	count := 0
	for _, p := range parts {
		count += p.Count
		if !strings.Contains(p.Text, "취소") || strings.Count(p.Text, "138****5678") != p.Count {
			t.Errorf("each part carries the notice and its people:\n%s", p.Text)
		}
	}
	if err != nil || count != len(many) || len(parts) < 2 {
		t.Errorf("%d of %d told in %d parts: %v", count, len(many), len(parts), err)
	}
	if _, err := s.AcknowledgeMany(Korean, Data{}, nil, Limits{}); !errors.Is(err, words.Refuse("templates.nobody")) {
		t.Error("nobody to acknowledge is refused, not told")
	}
}

// BenchmarkDigest renders one group's share of a large batch, as planning a wave does for each language, county and tags.
func BenchmarkDigest(b *testing.B) {
	s := set(b)
	for _, n := range []int{20, 286} {
		for _, language := range []string{Korean, Chinese, Both} {
			for _, parts := range []int{1, 3} {
				b.Run(fmt.Sprintf("vacancies=%d/%s/parts=%d", n, language, parts), func(b *testing.B) {
					d := example(n)
					b.ReportAllocs()
					for b.Loop() {
						if _, err := s.Digest("digest", language, d, Limits{Parts: parts}); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}
