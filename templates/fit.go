package templates

import (
	"io"
	"strings"
	"text/template"

	"chunfeng/templates/words"
)

// maxOutput stops a template that writes without end, in bytes: ten times what any message may hold.
const maxOutput = 64 << 10

// bounded is a writer that refuses to grow beyond maxOutput.
type bounded struct{ to *strings.Builder }

func (b bounded) Write(p []byte) (int, error) {
	if b.to.Len()+len(p) > maxOutput {
		return 0, io.ErrShortBuffer
	}
	return b.to.Write(p)
}

func execute(t *template.Template, block string, data any, to *strings.Builder) error {
	return t.ExecuteTemplate(bounded{to}, block, data)
}

// item is one vacancy or one person, rendered at a level of detail.
type item struct {
	text      string
	length    int
	shortened bool
	done      bool
}

// fitting puts a list into as few parts as hold it.
type fitting struct {
	tmpl     *template.Template
	name     string
	language string
	limits   Limits
	fields   Fields
	all      bool // every item has to be told: people are not left out
	count    int
	code     func(i int) string
	data     func(i, level int) (any, bool)
	kind     string // "vacancy" or "person"
	levels   int

	items [brief + 1][]item // rendered when first looked at
	slack int               // units to leave free in each part, after a frame came out longer than it was measured
}

// span is the items of one part.
type span struct{ from, to int }

// look answers an item at a level of detail.
func (f *fitting) look(i, level int) (*item, error) {
	if f.items[level] == nil {
		f.items[level] = make([]item, f.count)
	}
	it := &f.items[level][i]
	if it.done {
		return it, nil
	}
	data, shortened := f.data(i, level)
	var b strings.Builder
	if err := execute(f.tmpl, f.kind+" "+f.language, data, &b); err != nil {
		return nil, fault(f.name, err)
	}
	*it = item{text: b.String(), length: Length(b.String()), shortened: shortened, done: true}
	return it, nil
}

// frame answers the length of a part without its items. The counts that are not known yet are taken at their widest.
func (f *fitting) frame(part, of int, shortened, allTold bool) (int, error) {
	fields := f.fields
	fields.Part, fields.Of, fields.Told, fields.Here = part, of, f.count, f.count
	fields.Hidden = max(fields.Total-f.count, 0)
	if !allTold {
		fields.Hidden = fields.Total
	}
	if shortened {
		fields.Shortened = f.count
	}
	var b strings.Builder
	if err := execute(f.tmpl, f.language, fields, &b); err != nil {
		return 0, fault(f.name, err)
	}
	return Length(b.String()), nil
}

// fit answers the parts for a number of messages and a level of detail. Whether the message has to tell how to get what
// was left out is known only afterwards: where it has to, the items are laid out again with room for that.
func (f *fitting) fit(of, level int, allTold bool) ([]span, []int, error) {
	first, err := f.look(0, level)
	if err != nil {
		return nil, nil, err
	}
	spans, levels, err := f.lay(of, level, first.shortened, allTold)
	if err != nil || first.shortened {
		return spans, levels, err
	}
	for i, own := range levels {
		if f.items[own][i].shortened {
			return f.lay(of, level, true, allTold)
		}
	}
	return spans, levels, nil
}

// lay answers the parts for a number of messages and a level of detail, each filled in order with what fits whole.
// Its last span ends before f.count when not all could be told. An item that no part holds, even alone, is told with less
// detail than the others, and refused when that does not help.
func (f *fitting) lay(of, level int, shortened, allTold bool) ([]span, []int, error) {
	levels := make([]int, 0, f.count)
	var spans []span
	i := 0
	for part := 1; part <= of && i < f.count; part++ {
		taken, err := f.frame(part, of, shortened, allTold)
		if err != nil {
			return nil, nil, err
		}
		taken += f.slack
		room := f.limits.Length - taken
		s := span{i, i}
		for ; i < f.count; i++ {
			own := level
			it, err := f.look(i, own)
			for err == nil && it.length > room && own+1 < f.levels {
				own++
				it, err = f.look(i, own)
			}
			if err != nil {
				return nil, nil, err
			}
			if taken+it.length > f.limits.Length {
				if s.to == s.from {
					return nil, nil, words.Refuse("templates.vacancy_too_long", f.code(i), f.limits.Length)
				}
				break
			}
			taken += it.length
			levels = append(levels, own)
			s.to++
		}
		spans = append(spans, s)
	}
	// All fit into one part less, but only because the last one carries what the others do not: the way to ask and the
	// way out. It gets the last item to carry them with.
	if n := len(spans); i == f.count && n == of-1 && spans[n-1].to-spans[n-1].from > 1 {
		spans[n-1].to--
		spans = append(spans, span{f.count - 1, f.count})
	}
	return spans, levels, nil
}

// plan chooses how many messages, and how much detail: the package comment tells in which order it prefers them.
func (f *fitting) plan() ([]span, []int, error) {
	complete := func(spans []span) bool { return len(spans) > 0 && spans[len(spans)-1].to == f.count }
	least := f.levels - 1
	for of := 1; of <= f.limits.Parts; of++ {
		if spans, _, err := f.fit(of, least, true); err != nil {
			return nil, nil, err
		} else if !complete(spans) {
			continue
		}
		for level := whole; level <= least; level++ {
			spans, levels, err := f.fit(of, level, true)
			if err != nil {
				return nil, nil, err
			}
			if complete(spans) && len(spans) == of {
				return spans, levels, nil
			}
		}
	}
	if f.all {
		return nil, nil, words.Refuse("templates.too_many", f.count, f.limits.Parts, f.limits.Length)
	}
	return f.fit(f.limits.Parts, least, false)
}

// parts renders the parts.
func (f *fitting) parts() ([]Part, error) {
	// A frame may come out longer than it was measured if its template does odd things with the counts; each round
	// leaves as much room as the last one lacked.
	const rounds = 4
	for range rounds {
		spans, levels, err := f.plan()
		if err != nil {
			return nil, err
		}
		parts, over, err := f.render(spans, levels)
		if err != nil {
			return nil, err
		}
		if over <= 0 {
			return parts, nil
		}
		f.slack += over
	}
	return nil, words.Refuse("templates.frame_too_long", f.name+extension, f.limits.Length)
}

// render writes the parts out, and answers by how much the longest is too long.
func (f *fitting) render(spans []span, levels []int) (parts []Part, over int, err error) {
	fields := f.fields
	fields.Of, fields.Told = len(spans), len(levels)
	fields.Hidden = max(fields.Total-fields.Told, 0)
	for i, level := range levels {
		if f.items[level][i].shortened {
			fields.Shortened++
		}
	}
	for n, s := range spans {
		var listed strings.Builder
		p := Part{Count: s.to - s.from, Codes: make([]string, 0, s.to-s.from)}
		for i := s.from; i < s.to; i++ {
			listed.WriteString(f.items[levels[i]][i].text)
			if code := f.code(i); code != "" {
				p.Codes = append(p.Codes, code)
			}
		}
		fields.Part, fields.Here = n+1, p.Count
		// A resident who sees this part alone finds the example in it.
		if len(p.Codes) > 0 {
			fields.Example = p.Codes[0]
		}
		if f.kind == "person" {
			fields.People = listed.String()
		} else {
			fields.Vacancies = listed.String()
		}
		var b strings.Builder
		if err := execute(f.tmpl, f.language, fields, &b); err != nil {
			return nil, 0, fault(f.name, err)
		}
		p.Text = tidy(b.String())
		p.Length = Length(p.Text)
		over = max(over, p.Length-f.limits.Length)
		parts = append(parts, p)
	}
	return parts, over, nil
}
