package words

import "testing"

func TestPreferred(t *testing.T) {
	for _, c := range []struct {
		why, header string
		want        Lang
	}{
		{"a browser of Yanbian", "zh-CN,zh;q=0.9,ko;q=0.8", Chinese},
		{"by weight, not by place", "en;q=0.3,ko-KR;q=0.9", Korean},
		{"the first that we speak", "ja,de;q=0.9,ko;q=0.1", Korean},
		{"one that is refused outright", "zh;q=0,en", English},
		{"none of ours", "ja", English},
		{"nothing", "", English},
		{"rubbish", ";;;q=", English},
	} {
		if got := Preferred(c.header); got != c.want {
			t.Errorf("%s: %q is %s, want %s", c.why, c.header, got, c.want)
		}
	}
}
