package place

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

func TestFind(t *testing.T) {
	for _, c := range []struct{ in, want, why string }{
		{"yanji", "yanji", "the code"},
		{"Yanji", "yanji", "as a person writes it"},
		{"ＹＡＮＪＩ", "yanji", "typed with a Chinese keyboard"},
		{"延吉", "yanji", "Chinese"},
		{"延吉市", "yanji", "Chinese with its rank"},
		{"연길", "yanji", "Korean"},
		{"연길시", "yanji", "Korean with its rank"},
		{" 延 吉 市 ", "yanji", "a justified table cell"},
		{norm.NFD.String("연길시"), "yanji", "Hangul in parts, as some file systems keep it"},
		{"룡정시", "longjing", "Yanbian's spelling"},
		{"용정", "longjing", "South Korea's spelling"},
		{"汪清县", "wangqing", "a county, not a city"},
		{"안도현", "antu", "a county, not a city"},
		{"汪清市", "", "there is no such city"},
		{"延边", "", "the whole prefecture is no county"},
		{"吉林", "", "another city"},
		{"", "", "nothing"},
		{"　", "", "a wide space"},
	} {
		got, ok := Find(c.in)
		if ok != (c.want != "") || got.Code != c.want {
			t.Errorf("Find(%q) = %q, %v, want %q: %s", c.in, got.Code, ok, c.want, c.why)
		}
	}
}

func TestTable(t *testing.T) {
	if n := len(All()); n != 8 {
		t.Fatalf("%d counties and cities, want 8", n)
	}
	seen := map[string]bool{}
	for _, c := range All() {
		if got, ok := ByCode(c.Code); !ok || got != c {
			t.Errorf("ByCode(%q) = %v, %v", c.Code, got, ok)
		}
		city := strings.HasSuffix(c.ZhFull, "市")
		if city != strings.HasSuffix(c.KoFull, "시") || !city && !(strings.HasSuffix(c.ZhFull, "县") && strings.HasSuffix(c.KoFull, "현")) {
			t.Errorf("%s: %s and %s are not of one rank", c.Code, c.ZhFull, c.KoFull)
		}
		for _, name := range []string{c.Code, c.Zh, c.Ko} {
			if seen[name] {
				t.Errorf("%s stands twice", name)
			}
			seen[name] = true
		}
		if c.Name("ko") != c.Ko || c.Name("zh") != c.Zh || c.Full("ko") != c.KoFull || c.Full("zh") != c.ZhFull {
			t.Errorf("%s: a name in the wrong language", c.Code)
		}
	}
	if _, ok := ByCode("Yanji"); ok {
		t.Error("a code is exact")
	}
}
