package store_test

import (
	"strings"
	"testing"

	"chunfeng/store"
	"chunfeng/store/storetest"
)

func TestTemplateVersions(t *testing.T) {
	s := storetest.Open(t)
	save := func(number uint32, body, note, who string) store.TemplateVersion {
		t.Helper()
		v, err := s.SaveTemplateVersion(store.TemplateVersion{Name: "digest.tmpl", Number: number, Body: body, Note: note}, who)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if all, err := s.TemplateVersions("digest.tmpl"); err != nil || len(all) != 0 {
		t.Fatal(all, err)
	}
	first := save(0, "one", " 인사말 ", "kim")
	if first.Number != 1 || first.Who != "kim" || first.At.IsZero() || first.Note != "인사말" {
		t.Errorf("%+v", first)
	}
	if got, want := newest(t, s), "kim template.save digest.tmpl 1 인사말"; got != want {
		t.Errorf("the trail says %q, want %q", got, want)
	}
	save(1, "two", "", "li")
	if v := save(2, "two", "nothing new", "kim"); v.Number != 2 || v.Who != "li" {
		t.Errorf("the same body became version %d", v.Number)
	}
	_, err := s.SaveTemplateVersion(store.TemplateVersion{Name: "digest.tmpl", Number: 1, Body: "mine"}, "kim")
	refusedAs(t, err, "store.template_changed", "made from version 1 while version 2 was saved")
	save(2, "one", "restored", "kim")
	if _, err := s.SaveTemplateVersion(store.TemplateVersion{Name: "digest.tmpl2", Body: "other"}, "kim"); err != nil {
		t.Fatal("a name that begins like another one:", err)
	}
	all, err := s.TemplateVersions("digest.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	var bodies []string
	for _, v := range all {
		bodies = append(bodies, v.Body)
	}
	if got := strings.Join(bodies, " "); got != "one two one" || all[0].Number != 3 {
		t.Errorf("versions %q, the newest is %d", got, all[0].Number)
	}
	for _, c := range []struct {
		why, key string
		v        store.TemplateVersion
	}{
		{"a path", "store.bad_template_name", store.TemplateVersion{Name: "../digest.tmpl"}},
		{"no name", "store.bad_template_name", store.TemplateVersion{}},
		{"a book", "store.template_long", store.TemplateVersion{Name: "list.tmpl", Body: strings.Repeat("x", 64<<10+1)}},
		{"bytes that are no text could not be read back", "store.template_bytes", store.TemplateVersion{Name: "list.tmpl", Body: "\xff"}},
		{"a note of two lines", "store.bad_note", store.TemplateVersion{Name: "list.tmpl", Note: "a\nb"}},
	} {
		_, err := s.SaveTemplateVersion(c.v, "kim")
		refusedAs(t, err, c.key, c.why)
	}
}
