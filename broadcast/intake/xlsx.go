package intake

import (
	"bytes"
	"fmt"

	"chunfeng/templates/words"

	"github.com/xuri/excelize/v2"
)

// openXLSX opens a workbook behind the guard. Its sheets are streamed, never loaded.
func openXLSX(name string, data []byte) (b *book, err error) {
	// The library reads bytes that anybody may have made; a fault of its own must not end the program.
	defer func() {
		if p := recover(); p != nil {
			b, err = nil, words.Refuse("intake.broken_xlsx", name).Because(fmt.Errorf("%v", p))
		}
	}()
	s, err := inspect(name, data)
	if err != nil {
		return nil, err
	}
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: maxUnzip, UnzipXMLSizeLimit: maxUnzip,
	})
	if err != nil {
		return nil, words.Refuse("intake.broken_xlsx", name).Because(err)
	}
	b = &book{close: func() { _ = f.Close() }}
	if props, err := f.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		b.from1904 = *props.Date1904
	}
	list := f.GetSheetList()
	if len(list) > maxSheets {
		b.close()
		return nil, words.Refuse("intake.too_many_sheets", name, len(list), maxSheets)
	}
	for _, title := range list {
		visible, err := f.GetSheetVisible(title)
		b.sheets = append(b.sheets, sheet{
			name: title, hidden: err == nil && !visible, spans: s.spans[s.parts[title]],
			each: func(yield func(row) bool) error { return eachRow(f, name, title, yield) },
		})
	}
	return b, nil
}

// eachRow streams a sheet's rows that are not blank.
func eachRow(f *excelize.File, name, title string, yield func(row) bool) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = words.Refuse("intake.broken_sheet", name, title).Because(fmt.Errorf("%v", p))
		}
	}()
	rows, err := f.Rows(title)
	if err != nil {
		return words.Refuse("intake.broken_sheet", name, title).Because(err)
	}
	defer func() { _ = rows.Close() }()
	cellsSeen, bytesSeen := 0, 0
	for n := 1; rows.Next(); n++ {
		hidden := rows.GetRowOpts().Hidden
		cells, err := rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return words.Refuse("intake.broken_sheet", name, title).Because(err)
		}
		// A lone value at the far right makes the library fill 16,384 cells with nothing, and each
		// cell that points at a shared text gets a copy of it.
		cellsSeen += len(cells)
		for _, c := range cells {
			bytesSeen += len(c)
		}
		if cellsSeen > maxCells || bytesSeen > maxUnzip {
			return words.Refuse("intake.bomb", name, maxUnzip>>20)
		}
		cells = clip(cells)
		if blank(cells) {
			continue
		}
		if !yield(row{n: n, hidden: hidden, cells: cells}) {
			return nil
		}
	}
	if err := rows.Error(); err != nil {
		return words.Refuse("intake.broken_sheet", name, title).Because(err)
	}
	return nil
}
