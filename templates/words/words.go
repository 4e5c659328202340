// Package words holds every sentence that the program says to staff, in Yanbian's Korean, Chinese and English.
//
// It promises that a sentence has the same meaning in each of its three languages and takes the same arguments: the
// parity test walks every key. A key that does not exist is shown as the key itself with its arguments, never as an
// empty string and never as a panic, for a refusal that cannot be read is worse than an ugly one.
//
// Each package that speaks has a file of its own under files/, named after it; a key begins with that name. What
// residents read is not here but in the template files of package templates, which staff may override.
package words

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

// Lang is a language of the console and the command line: the reader's, not a group's.
type Lang string

// The languages in which staff can read the program.
const (
	Korean  Lang = "ko"
	Chinese Lang = "zh"
	English Lang = "en"
)

// Languages lists them in the order in which they are offered.
func Languages() []Lang { return []Lang{Korean, Chinese, English} }

// ParseLang takes "ko", "zh" or "en", and locale names that begin so (ko_KR.UTF-8, zh-CN).
// It answers English and false for anything else.
func ParseLang(s string) (Lang, bool) {
	if len(s) >= 2 && (len(s) == 2 || s[2] == '_' || s[2] == '-' || s[2] == '.') {
		switch l := Lang(s[:2]); l {
		case Korean, Chinese, English:
			return l, true
		}
	}
	return English, false
}

// Localised is whatever can say itself in a language. Arguments of a sentence that are Localised are said in the
// sentence's language.
type Localised interface{ In(Lang) string }

// Text is a sentence not yet said: its key and its arguments.
type Text struct {
	Key  string
	Args []any
}

// T makes a Text.
func T(key string, args ...any) Text { return Text{key, args} }

// In says the text in a language.
func (t Text) In(l Lang) string { return Say(l, t.Key, t.Args...) }

// String says the text in English, for logs.
func (t Text) String() string { return t.In(English) }

//go:embed files/*.yaml
var files embed.FS

// catalogue reads the embedded files once. A file that does not parse is a fault of the build, held by the tests.
var catalogue = sync.OnceValue(func() map[string]map[Lang]string {
	all := map[string]map[Lang]string{}
	names, _ := fs.Glob(files, "files/*.yaml")
	for _, name := range names {
		b, err := files.ReadFile(name)
		if err != nil {
			panic(err)
		}
		one := map[string]map[Lang]string{}
		if err := yaml.Unmarshal(b, &one); err != nil {
			panic(fmt.Errorf("words: %s: %w", name, err))
		}
		for k, v := range one {
			all[k] = v
		}
	}
	return all
})

// Say says the sentence of a key in a language, its arguments put in with fmt's verbs (%s, %d, %[2]s …).
// Korean particles written 을(를), 이(가), 은(는), 와(과), 으로(로) behind an argument are settled by its last sound.
func Say(l Lang, key string, args ...any) string {
	form, ok := catalogue()[key][l]
	if !ok {
		return fmt.Sprint(append([]any{key}, args...)...)
	}
	said := make([]any, len(args))
	for i, a := range args {
		if t, ok := a.(Localised); ok {
			a = t.In(l)
		}
		said[i] = a
	}
	s := form
	if len(said) > 0 {
		s = fmt.Sprintf(form, said...)
	}
	if l == Korean {
		s = Particles(s)
	}
	return s
}

// Names lists what stands behind a prefix in the catalogue, in order: Names("reason.") answers every reason that has words.
func Names(prefix string) (out []string) {
	for k := range catalogue() {
		if name, ok := strings.CutPrefix(k, prefix); ok {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
