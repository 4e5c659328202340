package templates

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	"chunfeng/templates/words"
)

// Source is the text of one template as it lies in its file.
type Source struct {
	Name    string // without the extension
	Text    string // that is in force
	Builtin string // the built-in one; empty for a further digest
	Own     bool   // it comes from the overrides
	Err     error  // why the overrides' file cannot be read; Text is empty then
}

// Sources lists the built-in templates and those of the overrides, sorted by name. Whether they are any good is for Load to
// say: it answers them also when one is not.
func Sources(overrides fs.FS) ([]Source, error) {
	byName := map[string]Source{}
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
			one := byName[name]
			one.Name = name
			one.Text, one.Err = readSource(from, e.Name())
			if from == inner {
				one.Builtin = one.Text
			} else {
				one.Own = true
			}
			byName[name] = one
		}
	}
	var out []Source
	for _, one := range byName {
		out = append(out, one)
	}
	slices.SortFunc(out, func(a, b Source) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// ReadSource answers the text of one file of the overrides, by the template's name. The error is fs.ErrNotExist where there is none,
// else a *words.Refusal.
func ReadSource(overrides fs.FS, name string) (string, error) {
	return readSource(overrides, name+extension)
}

func readSource(from fs.FS, file string) (string, error) {
	// What is too big is not read: somebody may have put anything there.
	info, err := fs.Stat(from, file)
	if err == nil && info.Size() > maxFile {
		return "", words.Refuse("templates.too_big", file, maxFile>>10).Of(words.Settings)
	}
	b, err := fs.ReadFile(from, file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fs.ErrNotExist
	}
	if err != nil {
		return "", words.Refuse("templates.unreadable", file).Of(words.Settings).Because(err)
	}
	return checked(file, b)
}

// checked answers a file's text in the form in which all are kept: Notepad writes a byte order mark and ends its lines with
// two characters, and so do forms of a browser.
func checked(file string, b []byte) (string, error) {
	switch {
	case len(b) > maxFile:
		return "", words.Refuse("templates.too_big", file, maxFile>>10).Of(words.Settings)
	case !utf8.Valid(b):
		return "", words.Refuse("templates.not_utf8", file).Of(words.Settings)
	}
	return Normal(string(b)), nil
}

// Normal is a text in the form in which templates are kept and compared: lines end with one character.
func Normal(text string) string {
	return strings.ReplaceAll(strings.TrimPrefix(text, "\uFEFF"), "\r\n", "\n")
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
