package words

import (
	"errors"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var verb = regexp.MustCompile(`%(\[\d+\])?[-+# 0-9.]*[a-zA-Z]`)

func TestParity(t *testing.T) {
	for key, said := range catalogue() {
		for _, l := range Languages() {
			if strings.TrimSpace(said[l]) == "" {
				t.Errorf("%s has no %s text", key, l)
			}
		}
		if len(said) != len(Languages()) {
			t.Errorf("%s has %d languages, want %d", key, len(said), len(Languages()))
		}
		// Arguments may come in another order in another language, but each must be taken once.
		want := verbs(said[English])
		for _, l := range Languages() {
			if got := verbs(said[l]); !slices.Equal(got, want) {
				t.Errorf("%s: %s takes %v, English takes %v", key, l, got, want)
			}
		}
	}
}

// verbs lists a form's verbs by the argument that each takes.
func verbs(form string) []string {
	var out []string
	form = strings.ReplaceAll(form, "%%", "")
	for i, v := range verb.FindAllString(form, -1) {
		if !strings.Contains(v, "[") {
			v = "%[" + string(rune('1'+i)) + "]" + v[1:]
		}
		out = append(out, v)
	}
	slices.Sort(out)
	return out
}

func TestEveryKeyBelongsToItsFile(t *testing.T) {
	names, err := fs.Glob(files, "files/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatal("no catalogue files", err)
	}
	for key := range catalogue() {
		file, _, _ := strings.Cut(key, ".")
		if !slices.Contains(names, path.Join("files", file+".yaml")) {
			t.Errorf("%s: no file %s.yaml", key, file)
		}
	}
}

func TestParticles(t *testing.T) {
	for _, c := range []struct{ in, want, why string }{
		{"파일을(를) 읽을 수 없음", "파일을 읽을 수 없음", "ㄹ is a consonant for 을"},
		{"회사을(를)", "회사를", "no final"},
		{"“연길시”으로(로)", "“연길시”로", "a closing quote is passed over"},
		{"서울으로(로)", "서울로", "ㄹ counts as a vowel for 로"},
		{"3은(는)", "3은", "삼 ends in ㅁ"},
		{"2이(가)", "2가", "이 has no final"},
		{"XLSX을(를)", "XLSX을(를)", "unknown sound: both stay"},
	} {
		if got := Particles(c.in); got != c.want {
			t.Errorf("%q: got %q, want %q: %s", c.in, got, c.want, c.why)
		}
	}
}

func TestUnknownKeyIsShown(t *testing.T) {
	if got := Say(Korean, "no.such", 7); got != "no.such7" && got != "no.such 7" {
		t.Errorf("got %q", got)
	}
}

func TestRefusal(t *testing.T) {
	cause := errors.New("disk on fire")
	err := error(Refuse("words.and_more", 3).Of(Later).Because(cause))
	if !errors.Is(err, cause) || !errors.Is(err, Refuse("words.and_more")) {
		t.Error("a refusal is found by its cause and by its key")
	}
	if got := err.Error(); got != "and 3 more (disk on fire)" {
		t.Errorf("got %q", got)
	}
}
