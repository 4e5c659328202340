package intake

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"chunfeng/templates/words"

	"github.com/xuri/excelize/v2"
)

// archive makes a zip of parts.
func archive(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, body := range parts {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRefusals(t *testing.T) {
	var locked bytes.Buffer
	f := excelize.NewFile()
	if err := f.Write(&locked, excelize.Options{Password: "x"}); err != nil {
		t.Fatal(err)
	}
	whole := sheetOf(t, [][]any{{"企业", "岗位"}, {"布谷铜勺店", "店员"}}, nil)
	rows := func(n int) []byte {
		return []byte("企业,岗位\n" + strings.Repeat("布谷铜勺店,店员\n", n))
	}
	for _, c := range []struct {
		key  string
		data []byte
		why  string
	}{
		{"intake.empty_file", nil, "no bytes"},
		{"intake.empty_file", []byte("\r\n \n"), "white space"},
		{"intake.too_big", bytes.Repeat([]byte("a,b\n"), MaxBytes/4+1), "a file larger than the limit"},
		{"intake.password", locked.Bytes(), "a password"},
		{"intake.old_format", file(t, "office.xls"), ".xls by LibreOffice"},
		{"intake.other_format", file(t, "office.ods"), ".ods by LibreOffice"},
		{"intake.other_format", []byte("<html><table><tr><td>企业</td></tr></table></html>"), "HTML that calls itself .xls"},
		{"intake.other_format", []byte("%PDF-1.7 ..."), "PDF"},
		{"intake.other_format", archive(t, map[string]string{"a.txt": "hello"}), "some zip"},
		{"intake.no_text", []byte("\x00\x01\x02\x00\x00\xff\xfe\x80"), "bytes"},
		{"intake.no_text", []byte("\xef\xbb\xbf企业,岗位\n\xff\xff"), "marked as UTF-8, but it is not"},
		{"intake.broken_xlsx", whole[:len(whole)/2], "cut off"},
		{"intake.bomb", archive(t, map[string]string{"xl/workbook.xml": "<a/>", "xl/worksheets/sheet1.xml": strings.Repeat(" ", maxUnzip+1)}), "a zip bomb of spaces"},
		{"intake.bomb", archive(t, map[string]string{"xl/workbook.xml": "<a/>", "xl/media/1.png": strings.Repeat(" ", maxUnzip/2+1), "xl/media/2.png": strings.Repeat(" ", maxUnzip/2+1)}), "two halves of a bomb"},
		{"intake.bomb", archive(t, map[string]string{"xl/workbook.xml": "<a/>", "xl/sharedStrings.xml": strings.Repeat("<si/>", maxTags+1)}), "a bomb of empty tags, which grow in memory"},
		{"intake.bomb", skeleton(t, headRow, strings.Repeat(`<mergeCell ref="A1:A2"/>`, maxSpans+1), ""), "more merged ranges than anybody made"},
		{"intake.bomb", archive(t, map[string]string{"xl/workbook.xml": "<a/>", "xl/sharedStrings.xml": "<si><t>" + strings.Repeat("长", maxRun/3+1) + "</t></si>"}), "one text that every cell could point at"},
		{"intake.too_many_rows", rows(MaxRows + 1), "one row too many"},
		{"intake.too_many_rows", rows(100_000), "100,000 rows"},
		{"intake.no_header", []byte("甲,乙\n1,2\n"), "no header"},
		{"intake.no_header", []byte("企业,工资,电话\n布谷铜勺店,4000,\n"), "no post"},
		{"intake.no_rows", []byte("企业,岗位\n合计,0\n"), "nothing below the header"},
	} {
		r, err := ReadBatch("a/表.xlsx", c.data, today())
		var refusal *words.Refusal
		if !errors.As(err, &refusal) || refusal.Key != c.key || r != nil {
			t.Errorf("%s: got %v, want %s", c.why, err, c.key)
			continue
		}
		for _, l := range words.Languages() {
			if s := refusal.In(l); !strings.Contains(s, "表.xlsx") || strings.Contains(s, "a/") || strings.Contains(s, "%!") {
				t.Errorf("%s in %s: %s", c.why, l, s)
			}
		}
	}
	if _, err := ReadBatch("a.csv", rows(MaxRows), today()); err != nil {
		t.Errorf("as many rows as allowed: %v", err)
	}
}

// A directory that lies about a part's size is found out by what really comes out of it.
func TestLyingArchive(t *testing.T) {
	data := archive(t, map[string]string{"xl/workbook.xml": "<a/>", "xl/worksheets/sheet1.xml": strings.Repeat(" ", 1<<20)})
	// The central directory's record of the uncompressed size: 4 bytes, little-endian.
	at := bytes.LastIndex(data, []byte{0, 0, 0x10, 0})
	if at < 0 {
		t.Fatal("size not found")
	}
	data[at+2] = 0
	_, err := ReadBatch("a.xlsx", data, today())
	if !errors.Is(err, words.Refuse("intake.broken_xlsx")) {
		t.Errorf("got %v", err)
	}
}

func TestSheetWithoutHeader(t *testing.T) {
	two := sheetOf(t, [][]any{{"企业", "岗位"}, {"布谷铜勺店", "店员"}}, func(f *excelize.File) {
		for i, rows := range [][][]any{{{"说明"}, {"请逐行填写"}}, {{"企业", "人数", "工资"}, {"云朵石磨馆", 2, 4000}}, {}} {
			name := fmt.Sprintf("S%d", i)
			if _, err := f.NewSheet(name); err != nil {
				t.Fatal(err)
			}
			for j, r := range rows {
				if err := f.SetSheetRow(name, fmt.Sprintf("A%d", j+1), &r); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
	r := read(t, "a.xlsx", two)
	if got := fmt.Sprint(said(r.Doubts), said(r.Faults)); got != "[sheet “S0”, not read, for it has no header row with employer, post] [sheet “S1”, not read, for it has no header row with post]" {
		t.Errorf("notes are a doubt, a table without its post a fault, an empty sheet nothing: %s", got)
	}
}

func TestHiddenCells(t *testing.T) {
	data := sheetOf(t, [][]any{{"企业", "岗位"}, {"布谷铜勺店", "店员"}, {"云朵石磨馆", "厨师"}, {nil, "店长"}}, func(f *excelize.File) {
		if err := errors.Join(f.MergeCell("Sheet1", "A3", "A4"), f.SetRowVisible("Sheet1", 3, false)); err != nil {
			t.Fatal(err)
		}
	})
	r := read(t, "a.xlsx", data)
	if got := fmt.Sprint(briefs(r.Items)); len(r.Items) != 2 || !strings.Contains(got, "4 Sheet1|云朵石磨馆|店长") {
		t.Errorf("a hidden row still gives its merged cell's value to the rows below: %s", got)
	}
	if len(r.Doubts) != 1 || r.Doubts[0].Text.Key != "intake.rows_hidden" {
		t.Errorf("got %v", said(r.Doubts))
	}
}
