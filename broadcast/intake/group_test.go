package intake

import (
	"errors"
	"testing"

	"chunfeng/store"
	"chunfeng/templates/words"

	"github.com/google/go-cmp/cmp"
)

func TestReadGroups(t *testing.T) {
	want := []store.Group{
		{Code: "YJ0001", Name: "进学街道民安社区招工群", County: "yanji", Township: "进学街道", Kind: "urban", Language: "zh", Tags: []string{"food", "cafe"}, Account: "a01", State: store.GroupActive},
		{Code: "LJ0002", Name: "로두구진 하룡촌 주민방", County: "longjing", Township: "老头沟镇", Kind: "rural", Language: "ko", State: store.GroupActive},
		{Code: "AT-3", Name: "亮兵镇便民群", County: "antu", Language: "both", State: store.GroupActive},
	}
	for _, c := range []struct{ why, data string }{
		{"English headers", "code,name,county,township,kind,language,tags,account\nYJ0001,进学街道民安社区招工群,延吉市,进学街道,urban,zh,food cafe,a01\nLJ0002,로두구진 하룡촌 주민방,longjing,老头沟镇,rural,ko,,\nAT-3,亮兵镇便民群,安图,,,both,,\n"},
		{"Chinese headers and words, another order", "县市,编码,群名称,乡镇街道,城乡,语言,标签,账号\n延吉,yj0001,进学街道民安社区招工群,进学街道,城镇,中文,餐饮、咖啡,A01\n龙井市,LJ0002,로두구진 하룡촌 주민방,老头沟镇,农村,朝文,,\n安图县,ＡＴ－３,亮兵镇便民群,,,双语,,\n"},
		{"Korean headers and words", "코드;그룹명;현시;가두;종류;언어;꼬리표;계정\nYJ0001;进学街道民安社区招工群;연길시;进学街道;도시;한어;음식/카페;a01\nLJ0002;로두구진 하룡촌 주민방;룡정;老头沟镇;농촌;조선어;;\nAT-3;亮兵镇便民群;안도현;;;이중언어;;\n"},
	} {
		r, err := ReadGroups("r.csv", []byte(c.data), today())
		if err != nil {
			t.Errorf("%s: %v", c.why, err)
			continue
		}
		if d := cmp.Diff(want, r.Items); d != "" || len(r.Faults)+len(r.Doubts) > 0 {
			t.Errorf("%s: %s %v %v", c.why, d, said(r.Faults), said(r.Doubts))
		}
	}
}

func TestFaultyRegistry(t *testing.T) {
	r, err := ReadGroups("r.csv", []byte("code,name,county,language,account\n"+
		"G1,甲群,延吉,zh,a01\n"+
		"g1,乙群,延吉,zh,a01\n"+
		",丙群,延吉,zh,a01\n"+
		"G4,,长春,ru,a01\n"+
		"G5,丁群,延边,,a01\n"+
		"G 6/7,戊群,,zh,a01\n"+
		"G7,甲群,图们,,a01\n"+
		"G8,甲群,图们,,a02\n"), today())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{
		"row 3, column A code: the code G1 is already in row 2; give one of the groups another",
		"row 4, column A code: no code; give the group one",
		"row 5, column B name: no group name; write it as WeChat shows it",
		"row 5, column C county: “长春” is none of the eight counties and cities",
		"row 5, column D language: “ru” is no language; write ko, zh or both",
		"row 6, column C county: “延边” is none of the eight counties and cities",
		"row 7, column A code: “7” is no code: use letters, digits, - _ . and at most 32 characters",
		"row 7, column C county: no county or city; write one of the eight",
	}, said(r.Faults)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{
		"rows that give no language; such groups get both: 6, 8, 9",
		"row 8, column B name: the name “甲群” is already in row 2 for the same account; only a pairing phrase can tell the two apart",
	}, said(r.Doubts)); d != "" {
		t.Error(d)
	}
	if len(r.Items) != 3 || r.Rows != 8 {
		t.Errorf("%d groups of %d rows", len(r.Items), r.Rows)
	}
	if _, err := ReadGroups("r.csv", []byte("code,name\n1,2\n"), today()); !errors.Is(err, words.Refuse("intake.no_header")) {
		t.Errorf("a registry without counties: %v", err)
	}
}
