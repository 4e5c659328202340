package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"chunfeng/broadcast/report"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// export writes a table, its first row the headers, to a file of the form that its name ends in: .csv (UTF-8 with a byte
// order mark, as spreadsheet programs want it) or .xlsx. A cell that a spreadsheet program would take for a formula is
// written as text. The file is there whole or not at all.
func (c *cli) export(path string, rows [][]string) error {
	form, err := report.ParseForm(strings.TrimPrefix(filepath.Ext(path), "."))
	if err != nil {
		return words.Refuse("cmd.export_form", path).Of(words.Usage)
	}
	all := func(yield func([]string, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
	if err := store.WriteFile(path, func(f *os.File) error { return report.WriteTable(f, form, "", all) }); err != nil {
		return words.Refuse("cmd.not_written", path).Because(err)
	}
	v := exported{path, len(rows) - 1}
	return c.print(v, func() { fmt.Fprintln(c.out, c.say("exported", v.Rows, v.File)) })
}
