package store

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"chunfeng/templates/words"
)

// TemplateVersion is a template of the messages to residents as somebody saved it. Versions are never changed or removed:
// an earlier one is restored by saving its body anew.
type TemplateVersion struct {
	Name   string    `cbor:"1,keyasint" json:"name"`   // the template file's: "digest.tmpl"
	Number uint32    `cbor:"2,keyasint" json:"number"` // from 1 for each name
	Body   string    `cbor:"3,keyasint" json:"body"`
	At     time.Time `cbor:"4,keyasint" json:"at"`
	Who    string    `cbor:"5,keyasint" json:"who"`
	Note   string    `cbor:"6,keyasint,omitempty" json:"note,omitempty"` // what was changed, in the person's words
}

const (
	longestTemplateName = 64
	longestTemplate     = 64 << 10 // as templates themselves are bounded
	longestNote         = 500
)

// templateKey is where the versions of a name lie; its names are such that no zero byte is in them.
func templateKey(name string) key { return key(name).str("\x00") }

// check holds a version against what is allowed. Whether the body is a template is for the caller to know beforehand.
func (v TemplateVersion) check() error {
	name := v.Name != "" && len(v.Name) <= longestTemplateName
	for _, c := range v.Name {
		name = name && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_.", c))
	}
	switch {
	case !name:
		return words.Refuse("store.bad_template_name", v.Name)
	case len(v.Body) > longestTemplate:
		return words.Refuse("store.template_long", v.Name, len(v.Body), longestTemplate)
	case !utf8.ValidString(v.Body):
		return words.Refuse("store.template_bytes", v.Name)
	case len(v.Note) > longestNote || !printable(v.Note):
		return words.Refuse("store.bad_note", longestNote)
	}
	return nil
}

// SaveTemplateVersion keeps a body as the newest version of v.Name. v.Number is the version that it was made from, 0 where
// there was none: when somebody else saved another one meanwhile, this one is refused. Number, At and Who of what it answers
// are the ledger's. A body that the newest version has already is that version.
func (s *Store) SaveTemplateVersion(v TemplateVersion, who string) (saved TemplateVersion, err error) {
	v.Note = strings.TrimSpace(v.Note)
	if err := v.check(); err != nil {
		return saved, err
	}
	err = s.update(housekeeping, func(t *txn) error {
		var last TemplateVersion
		err := t.eachBack(bVersions, templateKey(v.Name), nil, func(k, value []byte) (bool, error) {
			return false, unframe(k, value, &last)
		})
		switch {
		case err != nil:
			return fmt.Errorf("%s %s: %w", bVersions, v.Name, err)
		case last.Number != v.Number:
			return words.Refuse("store.template_changed", v.Name, last.Number, last.Who).Of(words.Conflict)
		case last.Number > 0 && last.Body == v.Body:
			saved = last
			return nil
		}
		saved = v
		saved.Number, saved.At, saved.Who = last.Number+1, now(), who
		if err := t.put(bVersions, templateKey(v.Name).u32(saved.Number), saved); err != nil {
			return err
		}
		return t.audit(who, "template.save", v.Name, strings.TrimSpace(fmt.Sprintf("%d %s", saved.Number, v.Note)))
	})
	return saved, err
}

// TemplateVersions lists the versions of a name, the newest first. There may be none.
func (s *Store) TemplateVersions(name string) (out []TemplateVersion, err error) {
	err = s.view(func(t *txn) error {
		return t.eachBack(bVersions, templateKey(name), nil, func(k, value []byte) (bool, error) {
			var v TemplateVersion
			if err := unframe(k, value, &v); err != nil {
				return false, fmt.Errorf("%s %s: %w", bVersions, k, err)
			}
			out = append(out, v)
			return true, nil
		})
	})
	return out, err
}

// WriteTemplate writes a file of the data folder's own templates, whole and on disk, or not at all.
func (s *Store) WriteTemplate(file string, body []byte) error {
	dir := filepath.Join(s.dir, "templates")
	if err := makeFolder(dir); err != nil {
		return err
	}
	return writeWhole(filepath.Join(dir, filepath.Base(file)), body)
}
