package templates

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chunfeng/templates/words"
)

func TestShowEveryTemplate(t *testing.T) {
	s := set(t)
	for _, name := range s.Names() {
		for _, language := range []string{Korean, Chinese, Both} {
			parts, err := s.Show(name, language, Sample(Date{2026, 11, 22}, 180), Limits{Parts: 2})
			if err != nil || len(parts) == 0 {
				t.Errorf("%s %s: %v", name, language, err)
			}
			for _, p := range parts {
				if p.Text == "" || p.Length != Length(p.Text) || strings.Contains(p.Text, "<no value>") {
					t.Errorf("%s %s: %+v", name, language, p)
				}
			}
		}
	}
	if _, err := s.Show("nothing", Korean, Data{}, Limits{}); words.KindOf(err) != words.Missing {
		t.Error(err)
	}
}

func TestSources(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{"digest.tmpl": "\uFEFFa\r\nb", "gig.tmpl": "\xff", "big.tmpl": strings.Repeat("x", maxFile+1), "notes.txt": "x", ".hidden.tmpl": "x"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	all, err := Sources(os.DirFS(folder))
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]Source{}
	for _, one := range all {
		by[one.Name] = one
	}
	if len(by) != 12 {
		t.Errorf("%d sources", len(by))
	}
	if d := by["digest"]; d.Text != "a\nb" || !d.Own || !strings.Contains(d.Builtin, "招聘信息") || d.Err != nil {
		t.Errorf("%+v", d)
	}
	if d := by["list"]; d.Own || d.Text != d.Builtin {
		t.Errorf("%+v", d)
	}
	if by["gig"].Err == nil || by["big"].Err == nil || by["gig"].Builtin != "" {
		t.Error("what cannot be read is not told")
	}
	// A broken file can be replaced by a good text, and by no other.
	good := changed(t, "digest.tmpl", "招聘信息", "零工信息")
	for _, name := range []string{"gig.tmpl", "big.tmpl"} {
		if _, err := Try(os.DirFS(folder), map[string]string{"digest": good}); err == nil {
			t.Error("another file is broken, and nobody is told")
		}
		if err := os.Remove(filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Try(os.DirFS(folder), map[string]string{"digest": good}); err != nil {
		t.Error(err)
	}
	if _, err := Try(os.DirFS(folder), map[string]string{"digest": "x"}); err == nil {
		t.Error("a broken text may be saved")
	}
	if _, err := Load(os.DirFS(folder)); err == nil {
		t.Error("Try changed something")
	}
}
