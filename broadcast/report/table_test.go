package report

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// table yields rows, and at last an error when there is one.
func table(rows [][]string, end error) Rows {
	return func(yield func([]string, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
		if end != nil {
			yield(nil, end)
		}
	}
}

func TestTableIsReadBackAsItWas(t *testing.T) {
	rows := [][]string{{"编码", "그룹명"}, {"YJ-001", "연길 \"일자리\", 1"}, {"13844331234567890", "两\n行"}}
	for i := range 150 { // more than decide the widths
		rows = append(rows, []string{fmt.Sprintf("G%03d", i), ""})
	}
	for _, form := range []Form{CSV, XLSX} {
		var b bytes.Buffer
		if err := WriteTable(&b, form, "群", table(rows, nil)); err != nil {
			t.Fatal(form, err)
		}
		var got [][]string
		if form == CSV {
			if !bytes.HasPrefix(b.Bytes(), []byte("\xEF\xBB\xBF编码,")) || !strings.Contains(b.String(), "\r\n") {
				t.Errorf("no byte order mark or no CR LF: %q", b.String()[:40])
			}
			continue
		}
		f, err := excelize.OpenReader(&b)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if got, err = f.GetRows("群"); err != nil {
			t.Fatal(err)
		}
		for i := range got {
			for len(got[i]) < 2 {
				got[i] = append(got[i], "")
			}
		}
		if d := cmp.Diff(rows, got); d != "" {
			t.Error(d)
		}
	}
}

func TestFormulasStayText(t *testing.T) {
	for _, c := range []struct{ in, want, why string }{
		{"=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")", "a formula"},
		{"+8613844331234", "'+8613844331234", "a plus begins one too"},
		{"-1", "'-1", "a minus too"},
		{"@SUM(A1)", "'@SUM(A1)", "as old programs wrote them"},
		{"\tx", "'\tx", "a tab hides what follows"},
		{"\rx", "'\rx", "so does a line end"},
		{"\u202egnp.exe\u2066", "\ufffdgnp.exe\ufffd", "what would have a row read backwards"},
		{"a=b", "a=b", "within a text it means nothing"},
		{"", "", "nothing"},
	} {
		if got := plain(c.in); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
		var b bytes.Buffer
		if err := WriteTable(&b, CSV, "", table([][]string{{"x", c.in}}, nil)); err != nil {
			t.Fatal(err)
		}
		if c.want != c.in && strings.Contains(b.String(), ","+c.in) {
			t.Errorf("%s: %q is written as it is", c.why, c.in)
		}
	}
}

func TestCSVByteForByte(t *testing.T) {
	var b bytes.Buffer
	if err := WriteTable(&b, CSV, "", table([][]string{{"name"}, {"=HYPERLINK(\"x\")"}, {"정상, \"따옴표\""}, {"\tx"}}, nil)); err != nil {
		t.Fatal(err)
	}
	want := "\uFEFFname\r\n\"'=HYPERLINK(\"\"x\"\")\"\r\n\"정상, \"\"따옴표\"\"\"\r\n'\tx\r\n"
	if b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

func TestBrokenTableIsAnError(t *testing.T) {
	broke := errors.New("broke")
	for _, form := range []Form{CSV, XLSX} {
		if err := WriteTable(&bytes.Buffer{}, form, "", table([][]string{{"a"}}, broke)); !errors.Is(err, broke) {
			t.Error(form, err)
		}
		if err := WriteTable(&bytes.Buffer{}, form, "", table(nil, nil)); err != nil {
			t.Error("an empty table:", form, err)
		}
	}
	if _, err := ParseForm("pdf"); err == nil {
		t.Error("a form that there is not")
	}
	if f, err := ParseForm("XLSX"); err != nil || f != XLSX {
		t.Error(f, err)
	}
}
