package intake

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// opened is a workbook, open until the test ends.
func opened(t testing.TB, b []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// filledForm is the form with rows below its example, and without the example where rows begin in its place.
func filledForm(t testing.TB, l words.Lang, from string, rows ...[]any) []byte {
	t.Helper()
	b, err := BatchForm(l)
	if err != nil {
		t.Fatal(err)
	}
	f := opened(t, b)
	for _, r := range rows {
		if err := f.SetSheetRow(f.GetSheetName(0), from, &r); err != nil {
			t.Fatal(err)
		}
		column, n, err := excelize.CellNameToCoordinates(from)
		if err != nil {
			t.Fatal(err)
		}
		if from, err = excelize.CoordinatesToCellName(column, n+1); err != nil {
			t.Fatal(err)
		}
	}
	out, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestBatchFormIsRead fills the form in with what its drop-downs offer, in each language, and reads it.
func TestBatchFormIsRead(t *testing.T) {
	for _, l := range words.Languages() {
		counties, industries := formColumn{field: CountyField}.choices(l), formColumn{field: Industry}.choices(l)
		full := []any{
			"海兰江食品有限公司", "해란강식품유한회사", "焊工", "용접공", 3, "4500-6000元/月", counties[4], "龙井市海兰路7号/룡정시 해란로 7호", industries[0],
			"8:00-17:00", "18-45岁/18-45세", "包吃住/숙식제공", "朴女士", "13912345678", time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC),
		}
		more := []any{nil, nil, "质检员/질검원", nil, nil, "面议"}
		bare := []any{"云朵石磨馆", nil, "服务员/복무원", nil, nil, "面议", counties[8]}
		r := read(t, "form.xlsx", filledForm(t, l, "A4", full, more, bare))
		if len(r.Faults) > 0 || len(r.Items) != 3 || r.Employers != 2 {
			t.Fatalf("%s: %d employers, %v, faults %v", l, r.Employers, r.Items, said(r.Faults))
		}
		got := r.Items[0]
		if len(got.Phones) != 1 || got.Phones[0].RevealNational() != "13912345678" {
			t.Errorf("%s: telephone %v", l, got.Phones)
		}
		got.Phones = nil
		want := store.Vacancy{
			Sheet: words.Say(l, "workbook.form_sheet"), Row: 4, Employer: store.Both{Zh: "海兰江食品有限公司", Ko: "해란강식품유한회사"},
			Post: store.Both{Zh: "焊工", Ko: "용접공"}, Headcount: 3, Pay: store.Pay{Min: 4500, Max: 6000, Unit: store.PayMonth, Text: "4500-6000元/月"},
			County: "longjing", Place: store.Both{Zh: "龙井市海兰路7号", Ko: "룡정시 해란로 7호"}, Industry: bilingual(industries[0], false), Hours: store.Both{Zh: "8:00-17:00"},
			Requirements: store.Both{Zh: "18-45岁", Ko: "18-45세"}, Benefits: store.Both{Zh: "包吃住", Ko: "숙식제공"}, Contact: "朴女士",
			Tags: []string{"manufacturing"}, Expires: time.Date(2027, 1, 1, 0, 0, 0, 0, today().Now.Location()), State: store.VacancyOpen,
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", l, d)
		}
		if v := r.Items[1]; v.Employer != want.Employer || v.County != "longjing" {
			t.Errorf("%s: the second row is %+v, not of the employer above", l, v)
		}
		if v := r.Items[2]; v.County != "" || v.Post != (store.Both{Zh: "服务员", Ko: "복무원"}) || len(v.Tags) > 0 {
			t.Errorf("%s: the third row is %+v; nothing above the table may tag it", l, v)
		}
		var keys []string
		for _, d := range r.Doubts {
			keys = append(keys, d.Text.Key)
		}
		slices.Sort(keys)
		if d := cmp.Diff([]string{"intake.employer_filled", "intake.rows_example"}, keys); d != "" {
			t.Errorf("%s: the example that was left in must be told, and nothing else is odd: %v", l, said(r.Doubts))
		}
	}
}

// TestBatchFormAlone: the form as it was downloaded holds nothing to import, and whoever writes over the example has it taken.
func TestBatchFormAlone(t *testing.T) {
	for _, l := range words.Languages() {
		if _, err := ReadBatch("form.xlsx", filledForm(t, l, "A4"), today()); !errors.Is(err, words.Refuse("intake.no_rows")) {
			t.Errorf("%s: %v, want a refusal for there being no rows", l, err)
		}
		r := read(t, "form.xlsx", filledForm(t, l, "A3", []any{"海兰江食品有限公司", "해란강식품유한회사", "焊工", "용접공"}))
		if len(r.Items) != 1 || r.Items[0].Row != 3 || r.Items[0].Contact != "金女士" {
			t.Errorf("%s: a row written over the example is %+v", l, r.Items)
		}
	}
}

// TestBatchFormLooks holds the form to what a spreadsheet program needs to help.
func TestBatchFormLooks(t *testing.T) {
	for _, l := range words.Languages() {
		b, err := BatchForm(l)
		if err != nil {
			t.Fatal(err)
		}
		f := opened(t, b)
		sheet := f.GetSheetName(0)
		panes, err := f.GetPanes(sheet)
		if err != nil || !panes.Freeze || panes.YSplit != 2 {
			t.Errorf("%s: the header is not frozen: %+v %v", l, panes, err)
		}
		all, err := f.GetDataValidations(sheet)
		if err != nil || len(all) != len(batchColumns()) {
			t.Fatalf("%s: %d columns have a hint: %v", l, len(all), err)
		}
		lists := 0
		for _, v := range all {
			if v.Type == "list" {
				lists++
			}
			// Excel's own limits; beyond them it calls the file damaged.
			if len([]rune(*v.PromptTitle)) > 32 || len([]rune(*v.Prompt)) > 255 || len([]rune(v.Formula1)) > 257 {
				t.Errorf("%s: %s: a hint or list is longer than Excel allows", l, v.Sqref)
			}
		}
		if lists != 2 {
			t.Errorf("%s: %d drop-downs", l, lists)
		}
		for i, c := range batchColumns() {
			if c.field != Phone {
				continue
			}
			at, _ := excelize.ColumnNumberToName(i + 1)
			id, err := f.GetCellStyle(sheet, at+"900")
			if err != nil {
				t.Fatal(err)
			}
			if s, err := f.GetStyle(id); err != nil || s.NumFmt != textFormat {
				t.Errorf("%s: telephone numbers are not text: %+v %v", l, s, err)
			}
		}
		rows, err := f.GetRows(sheet)
		if err != nil || len(rows) != 3 {
			t.Fatal(rows, err)
		}
		for _, head := range rows[1] {
			if zh, ko, ok := strings.Cut(head, "\n"); !ok || !hasScript(zh, isHan) || !hasScript(ko, isHangul) {
				t.Errorf("%s: the header %q is not in both languages", l, head)
			}
		}
	}
}
