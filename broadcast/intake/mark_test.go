package intake

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"chunfeng/templates/words"
)

// marked reads a file, marks it and opens the copy.
func marked(t testing.TB, name string, data []byte, l words.Lang) (*Result, []byte, *excelize.File) {
	t.Helper()
	r, err := ReadBatch(name, data, today())
	if err != nil {
		t.Fatal(err)
	}
	b, err := Mark(name, data, l, r.Faults, r.Doubts)
	if err != nil {
		t.Fatal(err)
	}
	return r, b, opened(t, b)
}

// notes answers the comments of a sheet by cell, with the colour of the cell.
func notes(t testing.TB, f *excelize.File, sheet string) map[string]string {
	t.Helper()
	out := map[string]string{}
	all, err := f.GetComments(sheet)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		out[c.Cell] = colour(t, f, sheet, c.Cell) + " " + noted(c)
	}
	return out
}

func colour(t testing.TB, f *excelize.File, sheet, cell string) string {
	t.Helper()
	id, err := f.GetCellStyle(sheet, cell)
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.GetStyle(id)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Fill.Color) == 0 {
		return "none"
	}
	return s.Fill.Color[0]
}

// faulty has two faults, three doubts, a formula's error and what strangers write.
func faulty() [][]any {
	return [][]any{
		{"企业名称", "岗位", "人数", "工资", "县市"},
		{`<script>alert(1)</script>公司`, "", 3, "4000元/月", "延吉"},
		{"布谷铜勺店", "店员", "一些", "4000元/月", "吉林"},
		{"'=HYPERLINK(\"http://x\")", "店员", 2, "4000元/月", "延吉"},
		{"云朵\u202e石磨馆", "店员", 2, "40元/月", "延吉"},
		{"云朵石磨馆", "#REF!", 2, "4000元/月", "延吉"},
	}
}

func TestMark(t *testing.T) {
	data := sheetOf(t, faulty(), func(f *excelize.File) {
		bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, NumFmt: 4})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(
			f.SetCellStyle("Sheet1", "C3", "C3", bold), f.SetColWidth("Sheet1", "A", "A", 44), f.SetCellFormula("Sheet1", "F2", "SUM(C2:C6)"),
			f.AddComment("Sheet1", excelize.Comment{Author: "李", Cell: "B2", Text: "岗位还没问到"}), f.AddComment("Sheet1", excelize.Comment{Author: "李", Cell: "A3", Text: "老客户"}),
		); err != nil {
			t.Fatal(err)
		}
	})
	r, _, f := marked(t, "a.xlsx", data, words.Chinese)
	if len(r.Faults) != 2 || len(r.Doubts) < 3 {
		t.Fatalf("faults %v, doubts %v", said(r.Faults), said(r.Doubts))
	}
	got := notes(t, f, "Sheet1")
	for cell, want := range map[string]string{
		"B2": "FFC7CE ✕ 错误: 没有岗位名称，请填写或删除该行\n岗位还没问到", "B6": "FFC7CE ✕ 错误: 公式结果为 #REF!，请改正或直接填写数值",
		"C3": "FFEB9C ! 存疑: 无法识别人数“一些”，按“若干”处理", "E3": "FFEB9C ! 存疑: “吉林”不是八县市之一，将面向全州发布",
		"D5": "FFEB9C ! 存疑: “40元/月”不合常情，请核对数字和单位", "A3": "none 老客户",
	} {
		if got[cell] != want {
			t.Errorf("%s is marked %q, want %q", cell, got[cell], want)
		}
		delete(got, cell)
	}
	if len(got) > 0 {
		t.Errorf("also marked: %v", got)
	}
	// The same file: what is not marked is as it was.
	if w, err := f.GetColWidth("Sheet1", "A"); err != nil || w != 44 {
		t.Error("the column's width is lost:", w, err)
	}
	if s, err := f.GetCellFormula("Sheet1", "F2"); err != nil || s != "SUM(C2:C6)" {
		t.Error("the formula is lost:", s, err)
	}
	if id, err := f.GetCellStyle("Sheet1", "C3"); err != nil {
		t.Error(err)
	} else if s, err := f.GetStyle(id); err != nil || !s.Font.Bold || s.NumFmt != 4 {
		t.Error("a marked cell lost its look:", s, err)
	}
	rows, err := f.GetRows("检查结果")
	if err != nil || len(rows) != 3+len(r.Faults)+len(r.Doubts) || rows[1][0] != fmt.Sprintf("错误 2 处：该行不会导入，请改正。存疑 %d 处：请核对。", len(r.Doubts)) {
		t.Errorf("the report is %q: %v", rows, err)
	}
	if d := cmp.Diff([]string{"✕ 错误", "Sheet1", "2", "B 岗位", "没有岗位名称，请填写或删除该行"}, rows[3]); d != "" {
		t.Error(d)
	}
	if ok, to, err := f.GetCellHyperLink("检查结果", "C4"); !ok || to != "'Sheet1'!B2" || err != nil {
		t.Error("the place is no link:", ok, to, err)
	}
}

// TestMarkAgain: whoever corrects the marked copy and uploads it finds neither old marks nor the report taken for data.
func TestMarkAgain(t *testing.T) {
	_, b, f := marked(t, "a.xlsx", sheetOf(t, faulty(), nil), words.Korean)
	again, err := ReadBatch("b.xlsx", b, today())
	if err != nil {
		t.Fatal(err)
	}
	first := read(t, "a.xlsx", sheetOf(t, faulty(), nil))
	if d := cmp.Diff(said(first.Faults), said(again.Faults)); d != "" {
		t.Error("the marks changed what is read:", d)
	}
	if d := cmp.Diff(said(first.Doubts), said(again.Doubts)); d != "" {
		t.Error("the marks changed what is read:", d)
	}
	if err := f.SetCellStr("Sheet1", "B2", "焊工"); err != nil {
		t.Fatal(err)
	}
	var mended bytes.Buffer
	if _, err := f.WriteTo(&mended); err != nil {
		t.Fatal(err)
	}
	r, _, f := marked(t, "b.xlsx", mended.Bytes(), words.Chinese)
	if len(r.Faults) != 1 {
		t.Fatal(said(r.Faults))
	}
	got := notes(t, f, "Sheet1")
	if got["B2"] != "" || colour(t, f, "Sheet1", "B2") != "none" || !strings.HasPrefix(got["B6"], "FFC7CE ✕ 错误: 公式") || strings.Contains(got["B6"], "잘못") {
		t.Errorf("marks after the second time: %v", got)
	}
	if list := f.GetSheetList(); !cmp.Equal(list, []string{"Sheet1", "检查结果"}) {
		t.Errorf("sheets after the second time: %q", list)
	}
}

// TestMarkCopies: what cannot be marked itself is written anew, as text.
func TestMarkCopies(t *testing.T) {
	var csv bytes.Buffer
	for _, r := range faulty() {
		fmt.Fprintf(&csv, "%v,%v,%v,%v,%v\n", r...)
	}
	text := strings.ReplaceAll(strings.ReplaceAll(csv.String(), `'=HYPERLINK("http://x")`, `=HYPERLINK(1)`), "布谷", "+布谷")
	backwards := skeleton(t, headRow+`<row r="3"><c r="B3" t="inlineStr"><is><t>店员</t></is></c></row><row r="2"><c r="A2"><v>1</v></c></row>`, "", "")
	far := skeleton(t, headRow+`<row r="900000"><c r="B900000" t="inlineStr"><is><t>店员</t></is></c></row>`, "", "")
	for _, c := range []struct {
		why  string
		data []byte
		key  string
	}{
		{"text", []byte(text), ""},
		{"rows that are not in order", backwards, ""},
		{"a row that lies so far down that all above it would be made", far, "workbook.too_large_to_mark"},
	} {
		r, err := ReadBatch("a.csv", c.data, today())
		if err != nil {
			t.Fatal(c.why, err)
		}
		most, err := peak(func() error {
			_, err := Mark("a.csv", c.data, words.Chinese, r.Faults, r.Doubts)
			return err
		})
		if c.key != "" && !errors.Is(err, words.Refuse(c.key)) || c.key == "" && err != nil {
			t.Errorf("%s: %v, want %q", c.why, err, c.key)
		}
		if most > 128<<20 {
			t.Errorf("%s: took %d MB", c.why, most>>20)
		}
	}
	_, b, f := marked(t, "a.csv", []byte(text), words.Chinese)
	for _, cell := range []string{"A4", "A3"} {
		formula, err := f.GetCellFormula("Sheet1", cell)
		kind, err2 := f.GetCellType("Sheet1", cell)
		if formula != "" || kind != excelize.CellTypeSharedString || err != nil || err2 != nil {
			t.Errorf("%s is a formula %q or of type %v: %v %v", cell, formula, kind, err, err2)
		}
	}
	if v, err := f.GetCellValue("Sheet1", "A4"); err != nil || v != "=HYPERLINK(1)" {
		t.Error(v, err)
	}
	if got := notes(t, f, "Sheet1"); !strings.HasPrefix(got["B2"], "FFC7CE") {
		t.Errorf("marks: %v", got)
	}
	if again, err := ReadBatch("b.xlsx", b, today()); err != nil || len(again.Faults) != 2 {
		t.Errorf("the copy is not read like the text: %v %v", again, err)
	}
}

// TestMarkManyFaults: ten thousand rows that are all wrong are marked in bounded time and memory.
func TestMarkManyFaults(t *testing.T) {
	rows := [][]any{{"企业", "岗位", "人数", "工资", "县市"}}
	for i := range MaxRows {
		rows = append(rows, []any{fmt.Sprintf("企业%d", i), "", "一些", "40元/月", "吉林"})
	}
	data := sheetOf(t, rows, nil)
	r := read(t, "a.xlsx", data)
	if len(r.Faults) != MaxRows {
		t.Fatal(len(r.Faults))
	}
	var out []byte
	start := time.Now()
	most, err := peak(func() (err error) {
		out, err = Mark("a.xlsx", data, words.English, r.Faults, r.Doubts)
		return err
	})
	t.Logf("%d kB marked in %v, %d MB at most", len(data)>>10, time.Since(start).Round(time.Millisecond), most>>20)
	if err != nil || most > 256<<20 {
		t.Fatal(most>>20, err)
	}
	f := opened(t, out)
	report, err := f.GetRows("Check report")
	if err != nil || len(report) < MaxRows || !strings.Contains(report[2][0], "2000") {
		t.Errorf("the report has %d rows: %v", len(report), err)
	}
}

// TestMarkedOpensElsewhere opens marked copies in LibreOffice, which shows what it read.
func TestMarkedOpensElsewhere(t *testing.T) {
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice is not installed; the copies were not opened in it")
	}
	dir := t.TempDir()
	_, b, _ := marked(t, "a.xlsx", sheetOf(t, faulty(), nil), words.Chinese)
	form, err := BatchForm(words.Korean)
	if err != nil {
		t.Fatal(err)
	}
	_, own, _ := marked(t, "office.xlsx", file(t, "office.xlsx"), words.Korean)
	files := map[string][]byte{"marked.xlsx": b, "form.xlsx": form, "office.xlsx": own}
	args := []string{"-env:UserInstallation=file://" + filepath.Join(dir, "profile"), "--headless", "--convert-to", "fods", "--outdir", dir}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, filepath.Join(dir, name))
	}
	if out, err := exec.CommandContext(t.Context(), office, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name, want := range map[string][]string{
		"marked.fods": {"<office:annotation", "没有岗位名称，请填写或删除该行", "&lt;script&gt;alert(1)&lt;/script&gt;公司", `table:name="检查结果"`, "#ffc7ce"},
		"form.fods":   {"회사명 *", "13800000000", "table:content-validation", "연길시"},
		"office.fods": {"<office:annotation", "#ffc7ce", `table:name="검사결과"`},
	} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, w := range want {
			if !strings.Contains(string(b), w) {
				t.Errorf("%s does not show %q", name, w)
			}
		}
	}
}

// FuzzMark: whatever can be read can be marked, or is refused with a sentence, and reads the same afterwards.
func FuzzMark(f *testing.F) {
	f.Add(sheetOf(f, faulty(), nil))
	f.Add(file(f, "office.xlsx"))
	f.Add(file(f, "office-utf8.csv"))
	f.Add([]byte("企业,岗位\n甲,\n,乙\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := ReadBatch("a.xlsx", data, today())
		if err != nil {
			return
		}
		b, err := Mark("a.xlsx", data, words.Korean, r.Faults, r.Doubts)
		var refusal *words.Refusal
		if errors.As(err, &refusal) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		again, err := ReadBatch("a.xlsx", b, today())
		if err != nil || len(again.Faults) != len(r.Faults) || again.Vacancies != r.Vacancies {
			t.Fatalf("%d faults and %d vacancies became %+v, %v", len(r.Faults), r.Vacancies, again, err)
		}
	})
}
