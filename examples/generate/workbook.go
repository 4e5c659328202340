package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// book writes one workbook; the first error stops all further writing and is answered by bytes.
type book struct {
	f        *excelize.File
	sheet    string
	row      int
	title    int
	header   int
	wrap     int
	date     int
	center   int
	firstOne bool
	err      error
}

func newBook() *book {
	b := &book{f: excelize.NewFile(), firstOne: true}
	b.title = b.style(&excelize.Style{Font: &excelize.Font{Bold: true, Size: 16}, Alignment: &excelize.Alignment{Horizontal: "center"}})
	b.header = b.style(&excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{Horizontal: "center", WrapText: true}})
	b.wrap = b.style(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"}})
	b.date = b.style(&excelize.Style{CustomNumFmt: ptr("yyyy/m/d"), Alignment: &excelize.Alignment{Vertical: "center"}})
	b.center = b.style(&excelize.Style{Alignment: &excelize.Alignment{Vertical: "center", Horizontal: "center"}})
	return b
}

func ptr[T any](v T) *T { return &v }

func (b *book) style(s *excelize.Style) int {
	id, err := b.f.NewStyle(s)
	b.keep(err)
	return id
}

func (b *book) keep(err error) {
	if b.err == nil {
		b.err = err
	}
}

// open begins a sheet; the first takes the place of the sheet that a new workbook has.
func (b *book) open(name string) {
	b.sheet, b.row = name, 0
	if b.firstOne {
		b.firstOne = false
		b.keep(b.f.SetSheetName("Sheet1", name))
		return
	}
	_, err := b.f.NewSheet(name)
	b.keep(err)
}

// put writes one row; values that are times become dates.
func (b *book) put(values ...any) {
	b.row++
	for i, v := range values {
		if v == nil {
			continue
		}
		cell, err := excelize.CoordinatesToCellName(i+1, b.row)
		b.keep(err)
		style := b.wrap
		if _, ok := v.(time.Time); ok {
			style = b.date
		}
		b.keep(b.f.SetCellValue(b.sheet, cell, v))
		b.keep(b.f.SetCellStyle(b.sheet, cell, cell, style))
	}
}

// span writes one value over the first n columns of a new row.
func (b *book) span(n, style int, v string) {
	b.put(v)
	b.merge(1, b.row, n, b.row)
	b.keep(b.f.SetCellStyle(b.sheet, "A"+fmt.Sprint(b.row), "A"+fmt.Sprint(b.row), style))
}

func (b *book) merge(c1, r1, c2, r2 int) {
	from, err := excelize.CoordinatesToCellName(c1, r1)
	b.keep(err)
	to, err := excelize.CoordinatesToCellName(c2, r2)
	b.keep(err)
	b.keep(b.f.MergeCell(b.sheet, from, to))
}

func (b *book) heads(names ...string) {
	values := make([]any, len(names))
	for i, n := range names {
		values[i] = n
	}
	b.put(values...)
	end, err := excelize.CoordinatesToCellName(len(names), b.row)
	b.keep(err)
	b.keep(b.f.SetCellStyle(b.sheet, "A"+fmt.Sprint(b.row), end, b.header))
	last, err := excelize.ColumnNumberToName(len(names))
	b.keep(err)
	b.keep(b.f.SetColWidth(b.sheet, "B", last, 18))
}

func (b *book) bytes() ([]byte, error) {
	if b.err != nil {
		return nil, b.err
	}
	buf, err := b.f.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return buf.Bytes(), b.f.Close()
}

// fullWidth turns digits and a hyphen into their full-width forms, as an input method leaves them.
func fullWidth(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '-' {
			return r - '!' + '！'
		}
		return r
	}, s)
}

// explain writes the sheet that only explains how to fill the form.
func (b *book) explain() {
	b.open("填表说明")
	b.put("1. 每个岗位填一行；同一企业的单元格可以合并。")
	b.put("2. 工资面议的请写“面议”。")
	b.put("3. 회사명과 직종은 조선문으로도 적어주십시오.")
}
