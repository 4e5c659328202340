package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"chunfeng/broadcast/report"
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
	if err := writeFile(path, func(f *os.File) error { return report.WriteTable(f, form, "", all) }); err != nil {
		return words.Refuse("cmd.not_written", path).Because(err)
	}
	v := exported{path, len(rows) - 1}
	return c.print(v, func() { fmt.Fprintln(c.out, c.say("exported", v.Rows, v.File)) })
}

// writeFile writes a file so that it is there whole, on disk, or not at all.
func writeFile(path string, write func(*os.File) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err := write(f); err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
