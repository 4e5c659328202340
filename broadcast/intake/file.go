package intake

import (
	"bytes"
	"path/filepath"
	"strings"

	"chunfeng/templates/words"
)

// Limits of a file. The bureau's workbooks have some three hundred rows and weigh 60 kB, its registry 2,971 rows and 320 kB.
const (
	MaxBytes   = 16 << 20  // of a file as it lies on the disk
	MaxRows    = 10_000    // of data, in all sheets together
	maxUnzip   = 64 << 20  // of an .xlsx once unpacked
	maxTags    = 1 << 20   // XML tags in a part of an .xlsx that is held in memory whole
	maxSpans   = 100_000   // merged ranges
	maxRun     = 512 << 10 // bytes of one text in an .xlsx: Excel's cells end at 32,767 characters, each up to ten bytes when escaped
	maxCells   = 5_000_000 // cells of a sheet, the empty ones to the left of others too
	maxColumns = 256       // a sheet is read that far to the right
	maxSheets  = 100
	spareRows  = 2_000 // rows that are not blank and not data: titles, headers, totals, notes
)

// row is one row that is not blank.
type row struct {
	n      int // from 1
	hidden bool
	cells  []string // as they lie in the file; trailing empty ones may be missing
}

// sheet is one table of a file. each hands over its rows from the top until the function says no; its error is a
// *words.Refusal.
type sheet struct {
	name   string
	hidden bool
	spans  *spans // nil in a CSV file, which knows no merged cells
	each   func(func(row) bool) error
}

// book is a file that could be opened.
type book struct {
	sheets   []sheet
	from1904 bool // its dates count from 1904, as old Macintosh workbooks do
	close    func()
}

// open tells by its bytes what a file is and opens it; its name is only for the refusal.
func open(name string, data []byte, d dictionary) (*book, error) {
	name = shown(name)
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return nil, words.Refuse("intake.empty_file", name)
	case len(data) > MaxBytes:
		return nil, words.Refuse("intake.too_big", name, MaxBytes>>20)
	case bytes.HasPrefix(data, []byte("PK\x03\x04")), bytes.HasPrefix(data, []byte("PK\x05\x06")):
		return openXLSX(name, data)
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		// A password turns an .xlsx into the old container, with a stream of this name in it.
		if bytes.Contains(data, utf16le("EncryptedPackage")) {
			return nil, words.Refuse("intake.password", name)
		}
		return nil, words.Refuse("intake.old_format", name)
	}
	if foreign := foreignFormat(data); foreign != "" {
		return nil, words.Refuse("intake.other_format", name, foreign)
	}
	return openCSV(name, data, d)
}

// shown is a file's name as a refusal prints it: without folders, and not longer than a line.
func shown(name string) string {
	name = clean(filepath.Base(name))
	if r := []rune(name); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return name
}

// foreignFormat names formats that people take for workbooks.
func foreignFormat(data []byte) string {
	head := strings.ToLower(string(bytes.TrimLeft(data[:min(len(data), 512)], " \t\r\n\xef\xbb\xbf")))
	for _, f := range []struct{ prefix, name string }{
		{"%pdf", "PDF"}, {"\x89png", "PNG"}, {"\xff\xd8\xff", "JPEG"}, {"{\\rtf", "RTF"}, {"rar!", "RAR"}, {"7z\xbc\xaf", "7z"},
		{"<!doctype html", "HTML"}, {"<html", "HTML"}, {"<table", "HTML"}, {"<?xml", "XML"},
	} {
		if strings.HasPrefix(head, f.prefix) {
			return f.name
		}
	}
	return ""
}

func utf16le(s string) []byte {
	var b []byte
	for i := range len(s) {
		b = append(b, s[i], 0)
	}
	return b
}

// clip trims cells, and cuts those that are longer than any cell may be to a length that is still too long, so that
// no later step works on more.
func clip(cells []string) []string {
	cells = cells[:min(len(cells), maxColumns)]
	for i, c := range cells {
		if c = strings.TrimSpace(c); len(c) > 4*(longest+1) {
			c = c[:4*(longest+1)]
		}
		cells[i] = c
	}
	return cells
}

// blank tells that a row has nothing in it.
func blank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}
