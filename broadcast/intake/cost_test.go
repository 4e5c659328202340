package intake

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"

	"chunfeng/templates/words"
)

// skeleton is an archive that the library opens, around the XML of one sheet and its shared strings.
func skeleton(t testing.TB, rows, merges, strs string) []byte {
	t.Helper()
	const ns = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	const rel = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	const pkg = `http://schemas.openxmlformats.org/package/2006/`
	const kind = `application/vnd.openxmlformats-officedocument.spreadsheetml.`
	return archive(t, map[string]string{
		"[Content_Types].xml":        `<Types xmlns="` + pkg + `content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="` + kind + `sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="` + kind + `worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="` + kind + `sharedStrings+xml"/></Types>`,
		"_rels/.rels":                `<Relationships xmlns="` + pkg + `relationships"><Relationship Id="r1" Type="` + rel + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook ` + ns + ` xmlns:r="` + rel + `"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships xmlns="` + pkg + `relationships"><Relationship Id="rId1" Type="` + rel + `/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="` + rel + `/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
		"xl/sharedStrings.xml":       `<sst ` + ns + `>` + strs + `</sst>`,
		"xl/worksheets/sheet1.xml":   `<worksheet ` + ns + `><sheetData>` + rows + `</sheetData><mergeCells>` + merges + `</mergeCells></worksheet>`,
	})
}

const headRow = `<row r="1"><c r="A1" t="inlineStr"><is><t>企业</t></is></c><c r="B1" t="inlineStr"><is><t>岗位</t></is></c></row>`

// Files that are small and would cost much: each ends in a refusal or a reading without the machine's memory.
func TestCostlyWorkbooks(t *testing.T) {
	far := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `<row r="%d"><c r="XFD%d"><v>1</v></c></row>`, i+2, i+2)
		}
		return b.String()
	}
	for _, c := range []struct {
		why  string
		data []byte
		key  string
	}{
		{"100,000 rows whose only cell is the last that there can be", skeleton(t, headRow+far(100_000), "", ""), "intake.bomb"},
		{"the last row that there can be", skeleton(t, headRow+`<row r="1048576"><c r="A1048576"><v>1</v></c><c r="B1048576"><v>2</v></c></row>`, "", ""), ""},
		{"300,000 empty rows", skeleton(t, headRow+strings.Repeat(`<row/>`, 300_000), "", ""), "intake.no_rows"},
		{"a row of 300,000 cells", skeleton(t, headRow+`<row>`+strings.Repeat(`<c><v>1</v></c>`, 300_000)+`</row>`, "", ""), ""},
		{"200,000 strings", skeleton(t, headRow+`<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>199999</v></c></row>`, "", strings.Repeat(`<si><t>甲</t></si>`, 200_000)), ""},
		{"a long text in every row", skeleton(t, headRow+strings.Repeat(`<row><c t="s"><v>0</v></c><c t="s"><v>0</v></c></row>`, 9000), "", `<si><t>`+strings.Repeat("长", 100_000)+`</t></si>`), "intake.bomb"},
		{"a merged range as large as a sheet", skeleton(t, headRow+`<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>1</v></c></row>`, `<mergeCell ref="A2:XFD1048576"/>`, ""), ""},
	} {
		most, err := peak(func() error {
			_, err := ReadBatch("a.xlsx", c.data, today())
			return err
		})
		if c.key == "" && err != nil || c.key != "" && !errors.Is(err, words.Refuse(c.key)) {
			t.Errorf("%s: got %v, want %q", c.why, err, c.key)
		}
		t.Logf("%s: a file of %d kB took %d MB", c.why, len(c.data)>>10, most>>20)
		if most > 256<<20 {
			t.Errorf("%s: %d MB", c.why, most>>20)
		}
	}
	left, err := os.ReadDir(os.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range left {
		if strings.HasPrefix(e.Name(), "excelize-") {
			t.Errorf("%s was left behind", e.Name())
		}
	}
}

// peak answers how much the heap held at most while f ran, beyond what it held before: what is in use and what the
// collector had not yet taken.
func peak(f func() error) (most int64, err error) {
	held := func() int64 {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(sample)
		return int64(sample[0].Value.Uint64())
	}
	runtime.GC()
	before := held()
	stop, done := make(chan struct{}), make(chan int64)
	go func() {
		most := int64(0)
		for {
			select {
			case <-stop:
				done <- most
				return
			default:
				most = max(most, held())
				runtime.Gosched()
			}
		}
	}()
	err = f()
	close(stop)
	return <-done - before, err
}
