package api

import (
	"strings"

	"chunfeng/broadcast/intake"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// GroupsImported is what an import of the registry did, or would do.
type GroupsImported struct {
	Rows   int     `json:"rows"`
	Taken  bool    `json:"imported"` // false: nothing was stored, for there are errors or it was only tried
	Errors []Fault `json:"errors"`
	Doubts []Fault `json:"doubts"`
	// Changes are the groups that would be new or changed, in the order of the file, the first changesShown of them. They are
	// there only when the import was tried.
	Changes []GroupChange `json:"changes,omitempty"`
	store.Imported
}

// changesShown is how many changes a trial lists; the counts are of all.
const changesShown = 500

// GroupChange is what an import would do to one group.
type GroupChange struct {
	Sheet  string        `json:"sheet,omitempty"`
	Row    int           `json:"row"`
	Code   string        `json:"code"`
	Name   string        `json:"name"` // as the file has it
	County string        `json:"county"`
	New    bool          `json:"new"`
	Fields []FieldChange `json:"fields,omitempty"` // of a known group
}

// FieldChange is one value that an import would replace.
type FieldChange struct {
	Field string `json:"field"` // the header's name, as in an export
	From  string `json:"from"`
	To    string `json:"to"`
}

// importGroups reads a registry and stores it, or with dry_run tells what it would do. A caller of a county may name that
// county's groups alone.
func (a *API) importGroups(r request) (any, error) {
	q := r.URL.Query()
	data, err := r.file()
	if err != nil {
		return nil, err
	}
	read, err := intake.ReadGroups(q.Get("name"), data, intake.Options{Now: a.now()})
	if err != nil {
		return nil, err
	}
	v := GroupsImported{Rows: read.Rows, Errors: viewFaults(r, read.Faults), Doubts: viewFaults(r, read.Doubts)}
	trial, foreign, err := a.tryGroups(r, read)
	if err != nil {
		return nil, err
	}
	v.Errors = append(v.Errors, foreign...)
	if len(v.Errors) > 0 || q.Get("dry_run") != "" {
		v.Imported, v.Changes = trial.Imported, trial.Changes
		return v, nil // all or none: a registry half taken would be believed whole
	}
	if v.Imported, err = a.store.PutGroups(read.Items, r.Name); err != nil {
		return nil, err
	}
	v.Taken = true
	return v, nil
}

// tryGroups holds what was read against the registry. foreign are the rows of counties that are not the caller's.
func (a *API) tryGroups(r request, read *intake.Groups) (v GroupsImported, foreign []Fault, err error) {
	for i, g := range read.Items {
		at := read.At[i]
		old, err := a.store.Group(g.Code)
		known := err == nil
		if err != nil && words.KindOf(err) != words.Missing {
			return v, nil, err
		}
		if !r.Sees(g.County) || known && !r.Sees(old.County) {
			said := words.Say(r.Lang, "page_groups.other_county", g.Code)
			if r.Sees(g.County) {
				// Whose group it is now is not told to whom it does not concern.
				said = words.Say(r.Lang, "page_groups.code_taken", g.Code)
			}
			foreign = append(foreign, Fault{at.Sheet, at.N, string(intake.CountyField), said})
			continue
		}
		c := GroupChange{Sheet: at.Sheet, Row: at.N, Code: g.Code, Name: g.Name, County: g.County, New: !known}
		if known {
			if c.Fields = changed(old, g); len(c.Fields) == 0 {
				v.Unchanged++
				continue
			}
			v.Changed++
		} else {
			v.Added++
		}
		if len(v.Changes) < changesShown {
			v.Changes = append(v.Changes, c)
		}
	}
	return v, foreign, nil
}

// changed lists what an import takes over from the file, where it differs from what is known.
func changed(old, g store.Group) (out []FieldChange) {
	for _, f := range []FieldChange{
		{"name", old.Name, g.Name}, {"county", old.County, g.County}, {"township", old.Township, g.Township}, {"kind", old.Kind, g.Kind},
		{"language", old.Language, g.Language}, {"tags", strings.Join(old.Tags, " "), strings.Join(g.Tags, " ")}, {"account", old.Account, g.Account},
	} {
		if f.From != f.To {
			out = append(out, f)
		}
	}
	return out
}
