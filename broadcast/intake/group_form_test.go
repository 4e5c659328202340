package intake

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// TestGroupFormIsRead fills the form in with what its drop-downs offer, and reads it.
func TestGroupFormIsRead(t *testing.T) {
	for _, l := range words.Languages() {
		b, err := GroupForm(l)
		if err != nil {
			t.Fatal(err)
		}
		f := opened(t, b)
		sheet := f.GetSheetName(0)
		if v, err := f.GetDataValidations(sheet); err != nil || len(v) != 8 {
			t.Errorf("%s: %d columns have a hint: %v", l, len(v), err)
		}
		// An empty form is refused for having no rows, and not taken for one group.
		if _, err := ReadGroups("form.xlsx", b, Options{Now: time.Now()}); err == nil {
			t.Errorf("%s: the example was taken for a group", l)
		}
		county, kind, language := formChoices(CountyField, l), formChoices(Kind, l), formChoices(Language, l)
		row := []string{"YJ-001", "北山就业群", county[3], "北山街道", kind[1], language[2], "餐饮 护理", "a01"}
		if err := f.SetSheetRow(sheet, "A3", &row); err != nil {
			t.Fatal(err)
		}
		var filled bytes.Buffer
		if _, err := f.WriteTo(&filled); err != nil {
			t.Fatal(err)
		}
		got, err := ReadGroups("form.xlsx", filled.Bytes(), Options{Now: time.Now()})
		if err != nil || len(got.Faults) > 0 || len(got.Items) != 1 {
			t.Fatalf("%s: %v %+v", l, err, got)
		}
		want := store.Group{Code: "YJ-001", Name: "北山就业群", County: "hunchun", Township: "北山街道", Kind: "rural", Language: "both", Tags: []string{"food", "care"}, Account: "a01", State: store.GroupActive}
		if d := cmp.Diff(want, got.Items[0]); d != "" {
			t.Errorf("%s: %s", l, d)
		}
		if !slices.Equal(got.At, []Row{{sheet, 3}}) {
			t.Errorf("%s: %v", l, got.At)
		}
		if len(got.Doubts) != 1 || !strings.Contains(got.Doubts[0].Text.In(words.English), "2") {
			t.Errorf("%s: doubts %+v, want the example alone", l, got.Doubts)
		}
	}
}
