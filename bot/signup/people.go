package signup

import (
	"slices"
	"strings"
)

// assign makes people of the numbers: each with the name and the codes on its line or on its side. A number given
// twice is one person. Codes of the quoted message are bind's affair.
func (r *reply) assign() []Person {
	if len(r.people) == 0 {
		return nil
	}
	names, codes := r.stretches()
	own := make([][]string, len(r.people))
	given := false
	for i, s := range codes {
		own[i] = r.codesIn(r.runes[s.from:s.to])
		given = given || len(own[i]) > 0
	}
	for i := range own {
		switch {
		case len(own[i]) > 0:
		case !given:
			// What stands on nobody's line is everybody's.
			own[i] = r.all()
		case i == 0:
			own[i] = own[slices.IndexFunc(own, func(c []string) bool { return len(c) > 0 })]
		default:
			own[i] = own[i-1]
		}
	}
	var people []Person
	last := ""
	for i, p := range r.people {
		// A second number without a name of its own is the same person's.
		if name := r.nameNear(names[i].from, names[i].to, p.at); name != "" {
			last = name
		}
		j := slices.IndexFunc(people, func(q Person) bool { return q.Phone == p.number })
		if j < 0 {
			people = append(people, Person{Name: last, Phone: p.number, Vacancies: slices.Clone(own[i])})
			continue
		}
		for _, c := range own[i] {
			if !slices.Contains(people[j].Vacancies, c) {
				people[j].Vacancies = append(people[j].Vacancies, c)
			}
		}
	}
	// So is a first number whose name only stands behind the next.
	for i := len(people) - 2; i >= 0; i-- {
		if people[i].Name == "" {
			people[i].Name = people[i+1].Name
		}
	}
	return people
}

type stretch struct{ from, to int }

// stretches gives each number the part of the text that holds its name, and the part that holds its codes.
func (r *reply) stretches() (names, codes []stretch) {
	n := len(r.people)
	if n == 1 {
		whole := []stretch{{0, len(r.runes)}}
		return whole, whole
	}
	for i := 0; i < n; {
		// The numbers from i to j-1 share a line.
		from, to := r.line(r.people[i].at)
		j := i + 1
		for j < n && r.people[j].at < to {
			j++
		}
		// What describes a number stands before it in one message and behind it in another; the side of the
		// first one tells which.
		first := r.people[i].at
		names = append(names, sides(r.people[i:j], from, to, len(r.names(from, first)) > 0)...)
		codes = append(codes, sides(r.people[i:j], from, to, slices.ContainsFunc(r.runes[from:first], isCode))...)
		i = j
	}
	return names, codes
}

// line returns the bounds of the line around at; a semicolon ends one as well.
func (r *reply) line(at int) (from, to int) {
	stop := func(c rune) bool { return c == '\n' || c == ';' }
	for from = at; from > 0 && !stop(r.runes[from-1]); from-- {
	}
	for to = at; to < len(r.runes) && !stop(r.runes[to]); to++ {
	}
	return from, to
}

// sides cuts a line between the numbers on it: before each of them, or behind. One alone has the whole line.
func sides(people []spoken, from, to int, ahead bool) []stretch {
	if len(people) == 1 {
		return []stretch{{from, to}}
	}
	out := make([]stretch, len(people))
	for i, p := range people {
		switch {
		case ahead && i == 0:
			out[i] = stretch{from, p.at}
		case ahead:
			out[i] = stretch{people[i-1].at + 1, p.at}
		case i+1 < len(people):
			out[i] = stretch{p.at + 1, people[i+1].at}
		default:
			out[i] = stretch{p.at + 1, to}
		}
	}
	return out
}

// bind gives people without a vacancy those of the quoted message, or else the only one that the group's message
// listed. It reports whether the quoted message had several.
func (r *reply) bind(people []Person) (several bool) {
	if r.unknown {
		return false
	}
	for i := range people {
		switch p := &people[i]; {
		case len(p.Vacancies) > 0:
		case len(r.quoted) > 0:
			p.Vacancies, several = slices.Clone(r.quoted), len(r.quoted) > 1
		case len(r.listed) == 1:
			p.Vacancies = slices.Clone(r.listed)
		}
	}
	return several
}

// dropRefused takes out the codes that are named only to be refused (不是A017是A018, A017 말고 A018), as long as
// another one is left, and reports whether there were any.
func (r *reply) dropRefused() bool {
	dropped := false
	for i, c := range r.runes {
		if !isCode(c) || len(r.all()) < 2 {
			continue
		}
		ahead := strings.TrimRight(string(r.runes[max(0, i-4):i]), " ")
		behind := strings.TrimLeft(string(r.runes[i+1:min(len(r.runes), i+7)]), " 은는를을")
		if hasSuffix(ahead, "不是", "不要", "不去", "取消", "不报") || hasPrefix(behind, "취소", "말고", "빼고", "아니", "取消", "不去", "不要", "不报") {
			r.runes[i], dropped = ' ', true
		}
	}
	return dropped
}

func hasSuffix(s string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.HasSuffix(s, w) })
}

func hasPrefix(s string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(s, w) })
}
