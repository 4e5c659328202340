package templates

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"text/template"
	"unicode/utf8"

	"chunfeng/templates/words"
)

//go:embed files/*.tmpl
var builtin embed.FS

// extension ends the name of every template's file.
const extension = ".tmpl"

// maxFile is the largest template file that is read, in bytes. The largest built-in one is a twentieth of it.
const maxFile = 64 << 10

// Set is a set of templates that passed every check. It never changes and may be used by many goroutines.
type Set struct {
	parsed map[string]*template.Template // by name, without the extension
	hashes map[string]string
}

// Load parses the built-in templates and those that override or join them, and checks all of them on sample data. The
// overrides may be nil, and their folder need not exist. The error is a *words.Refusal of the kind Settings that names
// the file, the line where there is one, and what to do.
func Load(overrides fs.FS) (*Set, error) {
	files, err := read(overrides)
	if err != nil {
		return nil, err
	}
	s := &Set{parsed: map[string]*template.Template{}, hashes: map[string]string{}}
	for name, text := range files {
		t, err := parseFile(name, text, functions())
		if err != nil {
			return nil, err
		}
		s.parsed[name] = t
		sum := sha256.Sum256([]byte(text))
		s.hashes[name] = hex.EncodeToString(sum[:])
	}
	for _, name := range s.Names() {
		if err := s.check(name, files[name]); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Names lists the templates, sorted.
func (s *Set) Names() []string {
	names := make([]string, 0, len(s.parsed))
	for name := range s.parsed {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Digests lists the templates that Digest takes: "digest" and whatever the overrides add.
func (s *Set) Digests() []string {
	return slices.DeleteFunc(s.Names(), func(name string) bool { return kindOf(name).list != "vacancy" || isAnswer(name) })
}

// Hash answers the version of a template: the SHA-256 of its text in hex, or "" for a name that does not exist. It is
// part of what an approval binds.
func (s *Set) Hash(name string) string { return s.hashes[name] }

// NoticeVersion names the words of the consent notice, to be kept with each sign-up that was shown them.
func (s *Set) NoticeVersion() string { return s.hashes[consent][:12] }

// read answers the templates' texts by name, overrides in the place of built-in ones.
func read(overrides fs.FS) (map[string]string, error) {
	files := map[string]string{}
	inner, err := fs.Sub(builtin, "files")
	if err != nil {
		return nil, err
	}
	for _, from := range []fs.FS{inner, overrides} {
		if from == nil {
			continue
		}
		entries, err := fs.ReadDir(from, ".")
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, words.Refuse("templates.unreadable", ".").Of(words.Settings).Because(err)
		}
		for _, e := range entries {
			name, ok := strings.CutSuffix(e.Name(), extension)
			// Editors leave hidden files beside the one that they edit.
			if !ok || e.IsDir() || strings.HasPrefix(name, ".") {
				continue
			}
			b, err := fs.ReadFile(from, e.Name())
			switch {
			case err != nil:
				return nil, words.Refuse("templates.unreadable", e.Name()).Of(words.Settings).Because(err)
			case len(b) > maxFile:
				return nil, words.Refuse("templates.too_big", e.Name(), maxFile>>10).Of(words.Settings)
			case !utf8.Valid(b):
				return nil, words.Refuse("templates.not_utf8", e.Name()).Of(words.Settings)
			}
			// Notepad writes a byte order mark and ends its lines with two characters.
			text := strings.TrimPrefix(string(b), "\uFEFF")
			files[name] = strings.ReplaceAll(text, "\r\n", "\n")
		}
	}
	return files, nil
}

// functions are what templates may call beside those of text/template.
func functions() template.FuncMap {
	return template.FuncMap{
		"particle": func(word, particle string) string { return words.Particles(word + particle) },
	}
}

func parseFile(name, text string, funcs template.FuncMap) (*template.Template, error) {
	t, err := template.New(name + extension).Option("missingkey=error").Funcs(funcs).Parse(text)
	if err != nil {
		return nil, fault(name, err)
	}
	return t, nil
}

// BuiltIn answers the text of the built-in template of a name, and whether there is one.
func BuiltIn(name string) (text string, ok bool) {
	b, err := builtin.ReadFile("files/" + name + extension)
	return string(b), err == nil
}
