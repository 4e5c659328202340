package broadcast

import (
	"maps"
	"slices"
	"strings"

	"chunfeng/store"
	"chunfeng/templates"
	"chunfeng/templates/place"
	"chunfeng/templates/words"
)

// Audience brings a filter into the form in which it is kept and compared: counties by their codes, however they were
// written, each list sorted and without doubles. A county or language that does not exist is refused.
func Audience(a store.Audience) (store.Audience, error) {
	for _, list := range []*[]string{&a.Counties, &a.Townships, &a.Kinds, &a.Languages, &a.Tags, &a.Groups} {
		var out []string
		for _, s := range *list {
			if s = strings.TrimSpace(s); s != "" {
				out = append(out, s)
			}
		}
		*list = out
	}
	for i, name := range a.Counties {
		c, ok := place.Find(name)
		if !ok {
			var known []string
			for _, c := range place.All() {
				known = append(known, c.Code)
			}
			return a, unknown("county", name, known)
		}
		a.Counties[i] = c.Code
	}
	languages := []string{templates.Both, templates.Korean, templates.Chinese}
	for i, l := range a.Languages {
		if a.Languages[i] = strings.ToLower(l); !slices.Contains(languages, a.Languages[i]) {
			return a, unknown("language", l, languages)
		}
	}
	for _, list := range []*[]string{&a.Counties, &a.Townships, &a.Kinds, &a.Languages, &a.Tags, &a.Groups} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return a, nil
}

// listed is how many of the known names a refusal lists.
const listed = 20

func unknown(what, name string, known []string) error {
	var list any = strings.Join(known, ", ")
	if len(known) > listed {
		list = strings.Join(known[:listed], ", ") + " …"
	}
	return words.Refuse("broadcast.unknown_"+what, name, list).Of(words.Missing)
}

// EachIn visits the registered groups of an audience, in the order of their import, whatever their state. A name in it that
// no group has is refused when all were visited, as a plan refuses it.
func EachIn(s *store.Store, a store.Audience, visit func(store.Group)) error {
	a, err := Audience(a)
	if err != nil {
		return err
	}
	f := newFilter(a)
	err = s.EachGroup(func(g store.Group) bool {
		if f.matches(g) {
			visit(g)
		}
		return true
	})
	if err != nil {
		return err
	}
	return f.missing()
}

// Match answers what tells whether a group is in an audience, which must be in its form.
func Match(a store.Audience) func(store.Group) bool { return newFilter(a).matches }

// filter is an audience ready to be asked, which notes what of it the registry knows.
type filter struct {
	counties []string // none: all; names of others are not told
	fields   []field
}

type field struct {
	what string
	of   func(store.Group) []string
	want map[string]bool // whether it was seen in the registry
	have map[string]bool // what else was seen, for the refusal; bounded
}

func newFilter(a store.Audience) *filter {
	// A county without groups is no mistake: its name was held against the table of counties.
	f := &filter{counties: a.Counties}
	add := func(what string, list []string, of func(store.Group) []string) {
		if len(list) == 0 {
			return
		}
		want := map[string]bool{}
		for _, s := range list {
			want[s] = false
		}
		f.fields = append(f.fields, field{what, of, want, map[string]bool{}})
	}
	add("township", a.Townships, func(g store.Group) []string { return []string{g.Township} })
	add("kind", a.Kinds, func(g store.Group) []string { return []string{g.Kind} })
	add("", a.Languages, func(g store.Group) []string { return []string{g.Language} })
	add("tag", a.Tags, func(g store.Group) []string { return g.Tags })
	add("group", a.Groups, func(g store.Group) []string { return []string{g.Code} })
	return f
}

// matches tells whether a group is in the audience.
func (f *filter) matches(g store.Group) bool {
	in := len(f.counties) == 0 || slices.Contains(f.counties, g.County)
	here := in
	for _, one := range f.fields {
		any := false
		for _, v := range one.of(g) {
			if _, ok := one.want[v]; ok {
				one.want[v], any = true, true
			} else if here && v != "" && len(one.have) < 200 {
				one.have[v] = true
			}
		}
		in = in && any
	}
	return in
}

// missing refuses a name that no registered group has. It is asked when every group was looked at.
func (f *filter) missing() error {
	for _, one := range f.fields {
		for _, name := range slices.Sorted(maps.Keys(one.want)) {
			if !one.want[name] && one.what != "" {
				known := slices.Sorted(maps.Keys(one.have))
				for n, seen := range one.want {
					if seen {
						known = append(known, n)
					}
				}
				slices.Sort(known)
				return unknown(one.what, name, known)
			}
		}
	}
	return nil
}
