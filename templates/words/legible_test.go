package words

import (
	"testing"
	"unicode"
)

func TestLegible(t *testing.T) {
	for _, c := range []struct{ in, want, why string }{
		{"연길 延吉 A001", "연길 延吉 A001", "our own languages"},
		{"“报名” – 报名…", "“报名” – 报名…", "signs whose bytes begin alike"},
		{"가족\u200d", "가족\u200d", "a joiner turns nothing"},
		{"\u202egnp.exe\u2066", "\ufffdgnp.exe\ufffd", "a name that reads backwards"},
		{"\u061c1\u200f2", "\ufffd1\ufffd2", "marks of a direction"},
		{"", "", "nothing"},
	} {
		if got := Legible(c.in); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
	for _, r := range unicode.Bidi_Control.R16 {
		for at := rune(r.Lo); at <= rune(r.Hi); at += rune(r.Stride) {
			if got := Legible("a" + string(at) + "b"); got != "a\ufffdb" {
				t.Errorf("%U stays: %q", at, got)
			}
		}
	}
}
