package intake

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"encoding/xml"
	"io"
	"path"
	"slices"
	"strings"

	"chunfeng/templates/words"

	"github.com/xuri/excelize/v2"
)

// survey is what a walk through an .xlsx tells before the library opens it.
type survey struct {
	spans map[string]*spans // by the part's name: xl/worksheets/sheet1.xml
	parts map[string]string // a sheet's name to its part
}

// inspect unpacks an .xlsx once without keeping it, so that nothing that the library would hold in memory is larger
// than agreed, and picks up the merged ranges, which the library offers only by loading a whole sheet.
func inspect(name string, data []byte) (*survey, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, words.Refuse("intake.broken_xlsx", name).Because(err)
	}
	s := &survey{spans: map[string]*spans{}, parts: map[string]string{}}
	left, workbook, ranges := int64(maxUnzip), false, 0
	var book, links []byte
	for _, f := range z.File {
		part := strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"))
		switch {
		case part == "mimetype", part == "content.xml":
			return nil, words.Refuse("intake.other_format", name, "ODF")
		case part == "xl/workbook.bin":
			return nil, words.Refuse("intake.other_format", name, "XLSB")
		case part == "word/document.xml":
			return nil, words.Refuse("intake.other_format", name, "DOCX")
		case f.FileInfo().IsDir():
			continue
		}
		if f.UncompressedSize64 > uint64(left) {
			return nil, words.Refuse("intake.bomb", name, maxUnzip>>20)
		}
		if f.Flags&1 != 0 {
			return nil, words.Refuse("intake.password", name)
		}
		rc, err := f.Open()
		if err != nil {
			return nil, words.Refuse("intake.broken_xlsx", name).Because(err)
		}
		// The size in the directory may lie; what really comes out counts.
		body := &io.LimitedReader{R: rc, N: left + 1}
		isSheet := strings.HasPrefix(part, "xl/worksheets/") && strings.HasSuffix(part, ".xml")
		switch part {
		case "xl/workbook.xml":
			workbook = true
			book, err = io.ReadAll(io.LimitReader(body, 4<<20))
		case "xl/_rels/workbook.xml.rels":
			links, err = io.ReadAll(io.LimitReader(body, 4<<20))
		default:
			if !strings.HasSuffix(part, ".xml") {
				break // pictures and the like are counted by size only
			}
			sp := &spans{down: map[int][]span{}, wide: map[int]int{}}
			tags, run := 0, 0
			tags, run, err = sp.scan(body, isSheet)
			ranges += sp.count
			// A sheet's cells are streamed; every other part is decoded whole.
			if !isSheet && tags > maxTags || ranges > maxSpans || run > maxRun {
				_ = rc.Close()
				return nil, words.Refuse("intake.bomb", name, maxUnzip>>20)
			}
			if isSheet {
				sp.sort()
				s.spans[part] = sp
			}
		}
		if err == nil && body.N > 0 {
			_, err = io.Copy(io.Discard, body)
		}
		left = body.N - 1
		_ = rc.Close()
		if left < 0 {
			return nil, words.Refuse("intake.bomb", name, maxUnzip>>20)
		}
		if err != nil {
			return nil, words.Refuse("intake.broken_xlsx", name).Because(err)
		}
	}
	if !workbook {
		return nil, words.Refuse("intake.other_format", name, "ZIP")
	}
	s.index(book, links)
	return s, nil
}

// index finds each sheet's part. Where it cannot, the sheet merely has no merged cells.
func (s *survey) index(book, links []byte) {
	var w struct {
		Sheets []struct {
			Name string     `xml:"name,attr"`
			Any  []xml.Attr `xml:",any,attr"`
		} `xml:"sheets>sheet"`
	}
	var l struct {
		Links []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if xml.Unmarshal(book, &w) != nil || xml.Unmarshal(links, &l) != nil {
		return
	}
	target := map[string]string{}
	for _, r := range l.Links {
		t := strings.ToLower(r.Target)
		if !strings.HasPrefix(t, "/") {
			t = path.Join("xl", t)
		}
		target[r.ID] = strings.TrimPrefix(t, "/")
	}
	for _, sh := range w.Sheets {
		for _, a := range sh.Any {
			if a.Name.Local == "id" && target[a.Value] != "" {
				s.parts[sh.Name] = target[a.Value]
			}
		}
	}
}

// span is one merged range's rows in its first column.
type span struct{ from, to int }

// spans are a sheet's merged ranges.
type spans struct {
	down  map[int][]span // by first column, from 0: those of several rows
	wide  map[int]int    // by row: how many columns its widest range of one row has
	count int
}

// scan reads XML as it comes, counts its tags, measures its longest text (roughly, in bytes) and, in a sheet, picks up
// its mergeCell elements.
func (s *spans) scan(r io.Reader, isSheet bool) (tags, longest int, err error) {
	b := bufio.NewReaderSize(r, 32<<10)
	run := 0
	for {
		piece, err := b.ReadSlice('>')
		run += len(piece)
		longest = max(longest, run)
		// A text longer than the buffer holds no whole tag before its end, and a mergeCell is short.
		if err == bufio.ErrBufferFull {
			continue
		}
		if len(piece) > 0 {
			tags++
		}
		run = 0
		if i := bytes.LastIndexByte(piece, '<'); isSheet && i >= 0 && bytes.Contains(piece[i:], []byte("mergeCell ")) {
			s.take(piece[i:])
		}
		if err == io.EOF {
			return tags, longest, nil
		}
		if err != nil {
			return tags, longest, err
		}
	}
}

func (s *spans) take(tag []byte) {
	_, after, ok := bytes.Cut(tag, []byte(`ref="`))
	if !ok {
		return
	}
	ref, _, _ := bytes.Cut(after, []byte{'"'})
	a, b, ok := strings.Cut(string(ref), ":")
	if !ok {
		return
	}
	c1, r1, err1 := excelize.CellNameToCoordinates(a)
	c2, r2, err2 := excelize.CellNameToCoordinates(b)
	if err1 != nil || err2 != nil || c1 > maxColumns || c2 < c1 || r2 < r1 {
		return
	}
	s.count++
	if r2 > r1 {
		s.down[c1-1] = append(s.down[c1-1], span{r1, r2})
	} else {
		s.wide[r1] = max(s.wide[r1], c2-c1+1)
	}
}

func (s *spans) sort() {
	for _, list := range s.down {
		slices.SortFunc(list, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	}
}

// filler gives the cells below the first of a merged range its value, row after row.
type filler struct {
	s     *spans
	next  map[int]int    // by column: the first span that is not behind us
	held  map[int]string // by column: the value of the span that began at since
	since map[int]int
}

func newFiller(s *spans) *filler {
	return &filler{s: s, next: map[int]int{}, held: map[int]string{}, since: map[int]int{}}
}

// fill writes the values into r and tells which of its columns belong to a range of several rows. Rows must come in
// order.
func (f *filler) fill(r *row) (merged map[int]bool) {
	if f.s == nil {
		return nil
	}
	for col, list := range f.s.down {
		i := f.next[col]
		for i < len(list) && list[i].to < r.n {
			i++
		}
		f.next[col] = i
		if i == len(list) || r.n < list[i].from {
			continue
		}
		if merged == nil {
			merged = map[int]bool{}
		}
		merged[col] = true
		for len(r.cells) <= col {
			r.cells = append(r.cells, "")
		}
		switch {
		case r.n == list[i].from || strings.TrimSpace(r.cells[col]) != "":
			f.held[col], f.since[col] = r.cells[col], list[i].from
		case f.since[col] == list[i].from:
			r.cells[col] = f.held[col]
		}
	}
	return merged
}
