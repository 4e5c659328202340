package templates

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
	"text/template"
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
// the file, the line where there is one, and what to do. It takes milliseconds, whatever the files hold.
func Load(overrides fs.FS) (*Set, error) { return Try(overrides, nil) }

// Try is Load with some texts in the place of what lies in files, by the template's name: whether they may be saved.
func Try(overrides fs.FS, texts map[string]string) (*Set, error) {
	files := map[string]string{}
	sources, err := Sources(overrides)
	if err != nil {
		return nil, err
	}
	for _, one := range sources {
		if _, replaced := texts[one.Name]; !replaced && one.Err != nil {
			return nil, one.Err
		}
		files[one.Name] = one.Text
	}
	for name, text := range texts {
		if files[name], err = checked(name+extension, []byte(text)); err != nil {
			return nil, err
		}
	}
	s := &Set{parsed: map[string]*template.Template{}, hashes: map[string]string{}}
	for name, text := range files {
		t, err := parseFile(name, text, textFunctions())
		if err == nil {
			err = checkBounds(name, t)
		}
		if err != nil {
			return nil, err
		}
		s.parsed[name] = t
		s.hashes[name] = hashOf(text)
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

// Notice answers the words of the consent notice as an acknowledgement in a language carries them, to be kept with each
// sign-up that was shown them.
func (s *Set) Notice(language string, d Data) (string, error) {
	f, err := s.answerFields(language, d, true)
	return f.Consent, err
}

// TellsConsent tells whether a digest template itself carries the consent notice, in every language.
func (s *Set) TellsConsent(name string) bool {
	for _, language := range []string{Korean, Chinese, Both} {
		var b strings.Builder
		f := Fields{Total: 1, Told: 1, Here: 1, Part: 1, Of: 1, Example: "x", Vacancies: "x", Consent: sampleConsent}
		if s.parsed[name] == nil || execute(s.parsed[name], language, f, &b) != nil || !strings.Contains(b.String(), sampleConsent) {
			return false
		}
	}
	return true
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
