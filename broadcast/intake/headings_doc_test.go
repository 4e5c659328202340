package intake

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the tables of docs/workbook.md anew; then read them")

// TestWorkbookDocument holds the tables of headers in docs/workbook.md against those that are really known, so that staff
// are never told of a header that is refused, nor kept from one that works.
func TestWorkbookDocument(t *testing.T) {
	const path = "../../docs/workbook.md"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got := string(b)
	want := got
	for _, table := range []struct {
		name string
		rows []Heading
	}{{"vacancies", vacancyHeadings()}, {"groups", GroupHeaders()}} {
		before, rest, ok := strings.Cut(want, "<!-- headers of "+table.name+": generated -->\n")
		_, after, closed := strings.Cut(rest, "<!-- end -->\n")
		if !ok || !closed {
			t.Fatalf("%s has no place for the headers of %s", path, table.name)
		}
		want = before + "<!-- headers of " + table.name + ": generated -->\n" + headingTable(table.rows) + "<!-- end -->\n" + after
	}
	if *update && want != got {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(strings.Split(got, "\n"), strings.Split(want, "\n")); diff != "" {
		t.Errorf("%s does not tell the headers that are known; run go test ./broadcast/intake -run WorkbookDocument -update:\n%s", path, diff)
	}
}

// TestDocumentedHeaders holds each listed header, as it is printed, against the reader: it must mean its field, and in no
// table may one header mean two.
func TestDocumentedHeaders(t *testing.T) {
	for name, rows := range map[string][]Heading{"vacancies": vacancyHeadings(), "groups": GroupHeaders()} {
		d := newDictionary(rows)
		for _, h := range rows {
			for _, head := range slices.Concat(h.Zh, h.Ko, h.En) {
				if f, ok := d.field(head); !ok || f != h.Field {
					t.Errorf("%s: the header %q is listed for %q and read as %q", name, head, h.Field, f)
				}
			}
		}
	}
}

// headingTable prints headings as the document has them.
func headingTable(rows []Heading) string {
	var b strings.Builder
	b.WriteString("| field | 中文 | 한국어 | English |\n|---|---|---|---|\n")
	for _, h := range rows {
		field := string(h.Field)
		if h.Required {
			field = "**" + field + "** (required)"
		}
		if h.Field == Unread {
			field += " (known, not read)"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", field, strings.Join(h.Zh, ", "), strings.Join(h.Ko, ", "), strings.Join(h.En, ", "))
	}
	return b.String()
}
