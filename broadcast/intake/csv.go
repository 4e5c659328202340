package intake

import (
	"bytes"
	"encoding/csv"
	"io"
	"slices"
	"unicode/utf8"

	"chunfeng/templates/words"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// openCSV opens text: its encoding and what parts its cells are found from its bytes.
func openCSV(name string, data []byte, d dictionary) (*book, error) {
	text, ok := decode(data)
	if !ok {
		return nil, words.Refuse("intake.no_text", name)
	}
	// A lone carriage return ended lines on old Macintoshes, and encoding/csv does not know it.
	if bytes.IndexByte(text, '\n') < 0 {
		text = bytes.ReplaceAll(text, []byte{'\r'}, []byte{'\n'})
	}
	comma := separator(text, d)
	each := func(yield func(row) bool) error { return eachRecord(text, comma, yield) }
	return &book{sheets: []sheet{{each: each}}, close: func() {}}, nil
}

// decode turns text into UTF-8: by its byte order mark, else by what its bytes can be. ok is false when it is no text.
func decode(data []byte) (text []byte, ok bool) {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		text = data[3:]
		return text, utf8.Valid(text) && bytes.IndexByte(text, 0) < 0
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		return utf16(data, unicode.LittleEndian, unicode.UseBOM)
	}
	if bytes.IndexByte(data, 0) >= 0 {
		// Text in UTF-16 has a zero byte beside each Latin letter, digit and line end: at odd places when the low
		// byte comes first.
		var zeros [2]int
		for i, b := range data[:min(len(data), 4096)] {
			if b == 0 {
				zeros[i%2]++
			}
		}
		switch {
		case zeros[1] > 8*zeros[0]:
			return utf16(data, unicode.LittleEndian, unicode.IgnoreBOM)
		case zeros[0] > 8*zeros[1]:
			return utf16(data, unicode.BigEndian, unicode.IgnoreBOM)
		}
		return nil, false
	}
	if utf8.Valid(data) {
		return data, true
	}
	text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(data)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return nil, false
	}
	return text, true
}

func utf16(data []byte, e unicode.Endianness, b unicode.BOMPolicy) ([]byte, bool) {
	text, err := unicode.UTF16(e, b).NewDecoder().Bytes(data)
	return text, err == nil && bytes.IndexByte(text, 0) < 0 && !bytes.ContainsRune(text, utf8.RuneError)
}

// separator finds what parts the cells: that under which the most headers make sense.
func separator(text []byte, d dictionary) rune {
	// The header stands near the top; the bound keeps three trials cheap.
	top := text[:min(len(text), 64<<10)]
	best, most := ',', 0
	for _, comma := range []rune{',', '\t', ';'} {
		known, rows := 0, 0
		_ = eachRecord(top, comma, func(r row) bool {
			rows++
			known = max(known, d.arrange(r.cells).known)
			return rows < headerRows
		})
		if known > most {
			best, most = comma, known
		}
	}
	return best
}

// eachRecord reads records with their rows as a spreadsheet program counts them: a quoted line break does not begin a
// row, an empty line does.
func eachRecord(text []byte, comma rune, yield func(row) bool) error {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord, r.ReuseRecord = comma, true, -1, true
	n, linesBefore, from := 0, 0, int64(0)
	for {
		cells, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return words.Refuse("intake.bad_csv", n+1).Because(err)
		}
		line, _ := r.FieldPos(0)
		n += line - linesBefore // 1, and one more for each empty line that was passed over
		end := r.InputOffset()
		linesBefore += bytes.Count(text[from:end], []byte{'\n'})
		from = end
		if blank(cells) {
			continue
		}
		if !yield(row{n: n, cells: clip(slices.Clone(cells))}) {
			return nil
		}
	}
}
