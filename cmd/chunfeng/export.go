package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/xuri/excelize/v2"

	"chunfeng/templates/words"
)

// export writes a table, its first row the headers, to a file of the form that its name ends in: .csv (UTF-8 with a byte
// order mark, as spreadsheet programs want it) or .xlsx. A cell that a spreadsheet program would take for a formula is
// written as text. The file is there whole or not at all.
func (c *cli) export(path string, rows [][]string) error {
	var b bytes.Buffer
	var err error
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".csv":
		err = writeCSV(&b, rows)
	case ".xlsx":
		err = writeXLSX(&b, rows)
	default:
		return words.Refuse("cmd.export_form", path).Of(words.Usage)
	}
	if err == nil {
		err = writeFile(path, func(f *os.File) error { _, err := f.Write(b.Bytes()); return err })
	}
	if err != nil {
		return words.Refuse("cmd.not_written", path).Because(err)
	}
	v := exported{path, len(rows) - 1}
	return c.print(v, func() { fmt.Fprintln(c.out, c.say("exported", v.Rows, v.File)) })
}

func writeCSV(b *bytes.Buffer, rows [][]string) error {
	b.WriteString("\uFEFF")
	w := csv.NewWriter(b)
	w.UseCRLF = true
	for _, r := range rows {
		safe := make([]string, len(r))
		for i, v := range r {
			safe[i] = plain(v)
		}
		if err := w.Write(safe); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// plain puts an apostrophe before what a spreadsheet program would run as a formula: the text came from strangers.
func plain(v string) string {
	if v != "" && strings.ContainsRune("=+-@\t\r", rune(v[0])) {
		return "'" + v
	}
	return v
}

func writeXLSX(b *bytes.Buffer, rows [][]string) error {
	f := excelize.NewFile()
	defer f.Close()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	text, err := f.NewStyle(&excelize.Style{NumFmt: 49}) // "@": text, so that a long number is not rounded
	if err != nil {
		return err
	}
	for i, r := range rows {
		cells := make([]any, len(r))
		for j, v := range r {
			// A string cell is never a formula in this format; the apostrophe guards who saves it as CSV.
			cells[j] = excelize.Cell{StyleID: text, Value: plain(v)}
		}
		if err := w.SetRow(fmt.Sprintf("A%d", i+1), cells); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err = f.WriteTo(b)
	return err
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
