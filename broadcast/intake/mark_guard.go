package intake

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// markable tells whether the sheets of an .xlsx that inspect has passed can be loaded whole: the library makes every row up
// to the last and, in each, every cell up to the last, so that a small file could take all of the memory. Sheets whose rows
// or cells are not in order are not loaded either; no spreadsheet program writes such.
func markable(data []byte) error {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return err
	}
	room := mostMarkCells
	for _, f := range z.File {
		part := strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"))
		if strings.HasSuffix(part, "vbaproject.bin") {
			return errUnmarkable // as .xlsx it would not open, and nobody asked for somebody's macros
		}
		if !strings.HasPrefix(part, "xl/worksheets/") || !strings.HasSuffix(part, ".xml") {
			continue
		}
		rc, err := f.Open()
		if err != nil {
			return err
		}
		room, err = loads(io.LimitReader(rc, maxUnzip), room)
		if err = errors.Join(err, rc.Close()); err != nil {
			return err
		}
	}
	return nil
}

// loads counts down the cells that loading a sheet makes.
func loads(r io.Reader, room int) (left int, err error) {
	b := bufio.NewReaderSize(r, 32<<10)
	row, column := 0, 0
	for {
		piece, err := b.ReadSlice('>')
		if err == io.EOF {
			break
		}
		if err == bufio.ErrBufferFull {
			continue // a text; what is longer than the buffer ends in no tag of ours
		}
		if err != nil {
			return 0, err
		}
		i := bytes.LastIndexByte(piece, '<')
		if i < 0 {
			continue
		}
		tag := piece[i:]
		switch local(tag) {
		case "row":
			n, err := strconv.Atoi(attribute(tag, "r"))
			if err != nil || n <= row || n > mostMarkRows {
				return 0, errUnmarkable
			}
			room -= column
			row, column = n, 0
		case "c":
			column++
			if ref := attribute(tag, "r"); ref != "" {
				x, y, err := excelize.CellNameToCoordinates(ref)
				if err != nil || y != row || x < column {
					return 0, errUnmarkable
				}
				column = x
			}
		}
		if room-column < 0 {
			return 0, errUnmarkable
		}
	}
	return room - column, nil
}

// local is the name of an opening tag without its prefix.
func local(tag []byte) string {
	name := tag[1:]
	if i := bytes.IndexAny(name, " \t\r\n/>"); i >= 0 {
		name = name[:i]
	}
	return string(name[bytes.IndexByte(name, ':')+1:])
}

// attribute answers an attribute's value of a tag.
func attribute(tag []byte, name string) string {
	for _, quote := range []string{`"`, "'"} {
		if _, after, ok := bytes.Cut(tag, []byte(" "+name+"="+quote)); ok {
			value, _, _ := bytes.Cut(after, []byte(quote))
			return string(value)
		}
	}
	return ""
}
